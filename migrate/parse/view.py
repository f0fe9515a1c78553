"""The view of a source: comments and the insides of literals are blank, everything else stands where it stood.

Whatever looks for CUDA in a text looks in the view, so a launch in a log message or an API name in a comment is never
seen. Blanking keeps the length, every line break and every backslash before a line break (a `#define` goes on behind
a comment). Every search goes on where the last one ended, so hostile text is read in linear time.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from typing import NamedTuple

from migrate import lazy
from migrate.model import Span

#: Blanks everything but line breaks.
BLANK = bytes(byte if byte in b"\r\n" else 32 for byte in range(256))

#: Keeps the bytes of identifiers, blanks the rest; bytes above 127 belong to names as in every compiler.
_NAMES = bytes(byte if byte > 127 or chr(byte).isalnum() or byte == 95 else 32 for byte in range(256))

_LINE_COMMENT = re.compile(rb"//[^\\\n]*(?:\\(?:\r?\n)?[^\\\n]*|\n[ \t]*//[^\\\n]*)*")
_STRING = re.compile(rb'"[^"\\\n]*(?:\\(?:\r?\n|[^\r])?[^"\\\n]*)*"?')
#: A character literal is a few bytes on one line, so that apostrophes in prose seldom make one.
_CHARACTER = lazy.pattern(rb"'(?:[^'\\\n]|\\[^\n]){1,12}'")
_INCLUDE = re.compile(rb"[ \t]*#[ \t]*(?:include|include_next|import)[ \t]*(?:<[^>\n]*)?\Z")
#: The same up to an opening quote.
_INCLUDED = re.compile(rb'#[ \t]*(?:include|include_next|import)[ \t]*"')
_RAW_OPENING = lazy.pattern(rb'"([^()\\\s"]{0,16})\(')
_RAW_CLOSING = lazy.pattern(rb'\)([^()\\\s"]{0,16})"')
_CONTINUATION = lazy.pattern(rb"\\(?=\r?\n)")
_NAME_BEFORE = lazy.pattern(rb"[\w\x80-\xff]*\Z")

_RAW_PREFIXES = frozenset((b"R", b"LR", b"uR", b"UR", b"u8R"))
#: How far before a path `#include` may stand, in bytes.
_INCLUDE_REACH = 200


class View(NamedTuple):
    """A source without comments and without the insides of literals; positions are those of the source."""

    text: bytes  # as long as the source, same line breaks
    literals: tuple[Span, ...]  # insides of string literals, in order; those of #include are no literals
    comments: tuple[tuple[int, int], ...]  # start and end of each comment, consecutive `//` lines are one


def words(text: bytes) -> set[bytes]:
    """The distinct names and numbers of *text*, the cheapest answer to "does it say this anywhere?"."""
    return set(text.translate(_NAMES).split())


def blank(text: bytes) -> bytes:
    """*text* as blanks that keep line breaks and the backslashes that join lines."""
    blanks = text.translate(BLANK)
    if b"\\\n" in text or b"\\\r\n" in text:
        kept = bytearray(blanks)
        for joint in _CONTINUATION.finditer(text):
            kept[joint.start()] = 92
        return bytes(kept)
    return blanks


def make_view(source: bytes) -> View:
    """The view of *source*, in time linear in its length whatever it holds."""
    size = len(source)
    out = bytearray(source)
    literals: list[tuple[int, int]] = []
    comments: list[tuple[int, int]] = []
    closings: dict[bytes, list[int]] | None = None
    if source.startswith(b"\xef\xbb\xbf"):
        out[:3] = b"   "
    paths = {path.end() - 1 for path in _INCLUDED.finditer(source)} if b"#" in source else set()
    raw = b'R"' in source
    joined = b"\\\n" in source or b"\\\r\n" in source
    find, line_comment, string = source.find, _LINE_COMMENT.match, _STRING.match
    # The next place of each kind: `find` runs at memory speed, and no byte is searched twice for the same kind.
    line = block = quote = apostrophe = -1
    end = 0
    while True:
        if line < end and (line := find(b"//", end)) < 0:
            line = size
        if block < end and (block := find(b"/*", end)) < 0:
            block = size
        if quote < end and (quote := find(b'"', end)) < 0:
            quote = size
        if apostrophe < end and (apostrophe := find(b"'", end)) < 0:
            apostrophe = size
        start = min(line, block, quote, apostrophe)
        if start == size:
            break
        if start == line:
            end = line_comment(source, start).end()  # type: ignore[union-attr]
            if source[start - 1 : start].strip() and _is_include(source, start):
                end = start + 2  # `#include <a//b.h>`
                continue
            comments.append((start, end))
            out[start:end] = blank(source[start:end]) if joined else source[start:end].translate(BLANK)
        elif start == quote:
            if raw and source[start - 1 : start] == b"R" and (opening := _raw_opening(source, start)):
                closings = _raw_closings(source) if closings is None else closings
                end = opening.end()
                ends = closings.get(opening[1], [])
                index = bisect_left(ends, end)
                if index < len(ends):
                    start, end = end, ends[index]
                    literals.append((start, end))
                    out[start:end] = source[start:end].translate(BLANK)
                    end += len(opening[1]) + 2
                continue
            end = string(source, start).end()  # type: ignore[union-attr]
            if end - start < 2 or source[end - 1] != 34:
                continue  # no closing quote on this line: prose in #error or #if 0
            if start in paths and _is_include(source, start):
                continue
            start, inside = start + 1, end - 1
            literals.append((start, inside))
            out[start:inside] = blank(source[start:inside]) if joined else source[start:inside].translate(BLANK)
        elif start == block:
            end = find(b"*/", start + 2) + 2
            if end < 2:
                end = size
            comments.append((start, end))
            out[start:end] = _blank_block(source, start, end)
        else:
            end = start + 1
            if (character := _CHARACTER.match(source, start)) and not _is_digit_separator(source, start):
                end = character.end()
                out[start + 1 : end - 1] = source[start + 1 : end - 1].translate(BLANK)
    return View(bytes(out), tuple(map(Span._make, literals)), tuple(comments))


def _is_include(source: bytes, start: int) -> bool:
    """Whether *start* is the opening quote of an `#include`, or inside its angle brackets."""
    reach = max(0, start - _INCLUDE_REACH)
    before = source[max(reach, source.rfind(b"\n", reach, start) + 1) : start]
    return b"#" in before and _INCLUDE.match(before) is not None


def _raw_opening(source: bytes, quote: int) -> re.Match[bytes] | None:
    """The opening of a raw string whose *quote* follows an R, None when the R ends another name (`PRIuPTR"("`)."""
    before = _NAME_BEFORE.search(source, max(0, quote - 5), quote)
    if before is None or before[0] not in _RAW_PREFIXES:
        return None
    return _RAW_OPENING.match(source, quote)


def _raw_closings(source: bytes) -> dict[bytes, list[int]]:
    """Where raw strings could end, by delimiter: one pass, so that openings without an end cost nothing."""
    closings: dict[bytes, list[int]] = {}
    for closing in _RAW_CLOSING.finditer(source):
        closings.setdefault(closing[1], []).append(closing.start())
    return closings


def _blank_block(source: bytes, start: int, end: int) -> bytes:
    """Blanks for a block comment; one that begins in a directive joins its lines, as the preprocessor does."""
    blanks = blank(source[start:end])
    if b"\n" not in blanks:
        return blanks
    line = source.rfind(b"\n", 0, start) + 1
    if source[line : line + 200].lstrip().startswith(b"#"):
        return re.sub(rb"[ \\](\r?\n)", rb"\\\1", blanks)
    return blanks


def _is_digit_separator(source: bytes, quote: int) -> bool:
    """Whether the `'` at *quote* stands inside a number such as `1'000` or `0xFF'FF`."""
    before = _NAME_BEFORE.search(source, max(0, quote - 32), quote)
    return before is not None and before[0][:1].isdigit()
