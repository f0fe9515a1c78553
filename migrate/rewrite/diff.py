"""A patch that `git apply` takes, made from edits: a large file costs what its changes cost.

Works on bytes: line ends, encodings and a missing last line end come out as they are.
"""

from __future__ import annotations

from bisect import bisect_right
from itertools import accumulate
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from migrate.model import Edit

#: Lines shown before and after a change, as git shows them.
CONTEXT = 3

_MISSING_END = b"\\ No newline at end of file\n"


class _Change(NamedTuple):
    """Old lines replaced by new ones; line numbers are 0-based, half-open."""

    start: int
    end: int
    lines: list[bytes]


def patch(path: str, old: bytes, edits: Sequence[Edit], new_path: str = "") -> bytes:
    """The patch of one file.

    Args:
        path: as people type it, with "/"; may hold bytes that are no UTF-8 as surrogates.
        old: the file's bytes.
        edits: sorted, not overlapping.
        new_path: where the file is called otherwise afterwards.

    Returns:
        b"" when nothing changes.
    """
    renamed = bool(new_path) and new_path != path
    before, after = _quoted("a/", path), _quoted("b/", new_path or path)
    hunks = b"".join(_hunks(old, edits))
    if not hunks and not renamed:
        return b""
    head = b"diff --git " + before + b" " + after + b"\n"
    if renamed:
        head += b"rename from " + _quoted("", path) + b"\nrename to " + _quoted("", new_path) + b"\n"
    if not hunks:
        return head
    return head + b"--- " + before + b"\n+++ " + after + b"\n" + hunks


def _quoted(prefix: str, path: str) -> bytes:
    """A path as git writes it in a patch: in double quotes with C escapes when it holds anything unusual."""
    raw = (prefix + path.lstrip("/")).encode("utf-8", "surrogateescape")
    if all(32 <= byte < 127 and byte not in b'"\\' for byte in raw):
        return raw
    out = bytearray(b'"')
    for byte in raw:
        if byte in b'"\\':
            out += b"\\" + bytes([byte])
        elif 32 <= byte < 127:
            out.append(byte)
        else:
            out += b"\\%03o" % byte
    return bytes(out + b'"')


def _hunks(old: bytes, edits: Sequence[Edit]) -> Iterator[bytes]:
    """The hunks of a patch, changes that are near each other in one."""
    lines = _split(old)
    changes = list(_changes(old, lines, edits))
    shift = 0
    first = 0
    while first < len(changes):
        last = first
        while last + 1 < len(changes) and changes[last + 1].start - changes[last].end <= 2 * CONTEXT:
            last += 1
        group = changes[first : last + 1]
        yield _hunk(lines, group, shift)
        shift += sum(len(change.lines) - (change.end - change.start) for change in group)
        first = last + 1


def _changes(old: bytes, lines: list[bytes], edits: Sequence[Edit]) -> Iterator[_Change]:
    """Edits as changes of whole lines, in order; those on one line or on neighbouring ones are one change."""
    starts = list(accumulate(map(len, lines), initial=0))
    count = len(lines)
    open_end = bool(lines) and not lines[-1].endswith(b"\n")

    def line_of(offset: int) -> int:
        """The line an offset lies in; behind the last line end there is none, its number is *count*."""
        line = bisect_right(starts, offset) - 1
        return count - 1 if open_end and line == count else line

    index = 0
    while index < len(edits):
        start = line_of(edits[index].start)
        end = start
        pieces: list[bytes] = []
        position = starts[start]
        while index < len(edits) and (not pieces or line_of(edits[index].start) <= end):
            edit = edits[index]
            pieces += (old[position : edit.start], edit.text)
            position = edit.end
            end = max(end, min(count, line_of(edit.end) + 1))
            index += 1
        pieces.append(old[position : starts[end]])
        new = _split(b"".join(pieces))
        # Whole lines were taken; those at either end that did not change are given back.
        while start < end and new and lines[start] == new[0]:
            start += 1
            new.pop(0)
        while start < end and new and lines[end - 1] == new[-1]:
            end -= 1
            new.pop()
        if start < end or new:
            yield _Change(start, end, new)


def _split(text: bytes) -> list[bytes]:
    """Lines with their ends; only LF ends a line, as in git."""
    pieces = text.split(b"\n")
    lines = [piece + b"\n" for piece in pieces[:-1]]
    return [*lines, pieces[-1]] if pieces[-1] else lines


def _hunk(lines: list[bytes], group: list[_Change], shift: int) -> bytes:
    start = max(0, group[0].start - CONTEXT)
    end = min(len(lines), group[-1].end + CONTEXT)
    body: list[bytes] = []
    old_count = end - start
    new_count = old_count
    position = start
    for change in group:
        body += [_shown(b" ", line) for line in lines[position : change.start]]
        body += [_shown(b"-", line) for line in lines[change.start : change.end]]
        body += [_shown(b"+", line) for line in change.lines]
        new_count += len(change.lines) - (change.end - change.start)
        position = change.end
    body += [_shown(b" ", line) for line in lines[position:end]]
    old_start = start + 1 if old_count else start
    new_start = start + shift + 1 if new_count else start + shift
    head = f"@@ -{_range(old_start, old_count)} +{_range(new_start, new_count)} @@\n".encode()
    return head + b"".join(body)


def _range(start: int, count: int) -> str:
    return f"{start}" if count == 1 else f"{start},{count}"


def _shown(sign: bytes, line: bytes) -> bytes:
    if line.endswith(b"\n"):
        return sign + line
    return sign + line + b"\n" + _MISSING_END
