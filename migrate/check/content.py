"""The text behind findings: content keys, fingerprints and ends of places, without line numbers.

A content key is a digest of the line's bytes without any blanks, so moving or indenting code changes none. A
fingerprint is made of id, name, content key and the finding's ordinal among its equals in the file: neither lines above
nor the file's name are in it, so an alert stays the same alert.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from migrate.hashes import blake2b
from migrate.paths import plain_path
from migrate.source import Source, read

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from migrate.check.findings import Finding


def with_content(found: Iterable[Finding], given: Mapping[str, bytes] | None = None) -> list[Finding]:
    """*found* with keys, fingerprints and ends; positions of parse gaps too, which a scan has as offsets only.

    Args:
        found: findings, those of one file together.
        given: bytes of files that cannot be read again, by path: standard input.
    """
    given = given or {}
    done: list[Finding] = []
    path, source = "", Source(b"")
    seen: dict[tuple[str, str, str], int] = {}
    for finding in found:
        if finding.path != path:
            path, seen = finding.path, {}
            source = Source(_bytes(path, given))
        line, column = finding.line, finding.column
        if not line:
            line, column = source.position(min(finding.start, len(source.data)))
        key = _key(source, line)
        occurrence = seen[finding.id, finding.name, key] = seen.get((finding.id, finding.name, key), 0) + 1
        print_ = _digest(
            "\0".join((finding.id, finding.name, key, str(occurrence))).encode("utf-8", "backslashreplace"), 16
        )
        done.append(
            finding._replace(
                line=line,
                column=column,
                key=key,
                occurrence=occurrence,
                fingerprint=print_,
                end=_end(source, finding, line, column),
            )
        )
    return done


def _bytes(path: str, given: Mapping[str, bytes]) -> bytes:
    """The file's bytes; nothing when it went away since."""
    data = given.get(path)
    if data is not None:
        return data
    try:
        return read(plain_path(path), 0)
    except (OSError, ValueError):
        return b""


def _key(source: Source, line: int) -> str:
    """The content key of a line, 12 hexadecimal digits; a line that is not there has that of an empty one."""
    starts = source.starts
    if not 0 < line <= len(starts):
        return _digest(b"", 6)
    start = starts[line - 1] or len(source.bom)
    end = starts[line] if line < len(starts) else len(source.data)
    return _digest(b"".join(source.data[start:end].split()), 6)


def _end(source: Source, finding: Finding, line: int, column: int) -> tuple[int, int]:
    """Line and column after the place's last character; (0, 0) where it takes several lines or has none."""
    text = source.data[finding.start : finding.start + finding.length]
    if not text or b"\n" in text or b"\r" in text:
        return (0, 0)
    return line, column + (len(text) if text.isascii() else len(text.decode(source.encoding, "replace")))


def _digest(data: bytes, size: int) -> str:
    return blake2b(data, digest_size=size).hexdigest()


def unique(prints: Iterable[str]) -> Iterator[str]:
    """*prints* made different from each other for forges that take equal ones for one finding: equals are numbered."""
    seen: dict[str, int] = {}
    for one in prints:
        seen[one] = seen.get(one, 0) + 1
        yield one if seen[one] == 1 else _digest(f"{one}\0{seen[one]}".encode(), 16)
