"""Kernel launches: `kernel<<<grid, block, shared, stream>>>(arguments)`, found in the text: no C++ tree holds them.

The rule is that of clang's CUDA lexer (starts and ends agreed on all launches of 1,853 public files): a `<<<` opens,
the first `>>>` outside brackets closes. No walk passes the next `<<<`, so hostile text is read in linear time.
"""

from __future__ import annotations

import re

from migrate.model import Launch, Span
from migrate.parse.brackets import NAME_BYTES

_OPENING = re.compile(rb"<<<+")
_INSIDE = re.compile(rb"[()\[\]{},;]|>>>|<<<")
_BRACKETS = re.compile(rb"[()\[\]{}]|<<<")
_ANGLES = re.compile(rb"[()\[\]{},<>]")
_BLANKS = b" \t\r\n\f\v\\"
_AFTER = re.compile(rb"[\s\\]*\(")

#: How far a configuration or its arguments may reach, in bytes; the longest public one has under 2,000.
REACH = 4000


def find_launches(view_text: bytes) -> list[Launch]:
    """Every launch in *view_text* (see `view`), in order, those in `#define` bodies and untaken `#if` branches too."""
    launches: list[Launch] = []
    if b"<<<" not in view_text:
        return launches
    floor = 0
    for opening in _OPENING.finditer(view_text):
        start, inside = opening.span()
        if inside - start != 3 or start < floor:
            continue
        callee, name = _callee(view_text, floor, start)
        if view_text[name.start : name.end].rpartition(b"::")[2].strip() == b"operator":
            continue
        floor = inside
        found = _configuration(view_text, inside)
        if found is None:
            continue
        end, configuration = found
        arguments = _arguments(view_text, end)
        launches.append(Launch(Span(start, end), callee, name, configuration, arguments))
        floor = end
    return launches


def _configuration(text: bytes, inside: int) -> tuple[int, tuple[Span, ...]] | None:
    """The end of the `>>>` that closes and the arguments before it, None when nothing closes."""
    depth = 0
    cuts = [inside]
    for token in _INSIDE.finditer(text, inside, inside + REACH):
        what = token[0]
        if what in b"([{":
            depth += 1
        elif what in b")]}":
            depth -= 1
            if depth < 0:
                return None
        elif what == b"<<<":
            return None
        elif depth:
            continue
        elif what == b",":
            cuts.append(token.end())
        elif what == b";":
            return None
        else:
            close = token.start()
            if len(cuts) > 4:
                cuts = _cut_outside_angles(text, inside, close)
            ends = [cut - 1 for cut in cuts[1:]] + [close]
            return token.end(), tuple(_trim(text, start, end) for start, end in zip(cuts, ends, strict=True))
    return None


def _cut_outside_angles(text: bytes, start: int, end: int) -> list[int]:
    """Where arguments begin when `<` is read as a bracket: more than four means that a `f<a, b>` was cut."""
    depth = 0
    cuts = [start]
    for token in _ANGLES.finditer(text, start, end):
        if token[0] in b"([{<":
            depth += 1
        elif token[0] in b")]}>":
            depth -= 1
        elif depth == 0:
            cuts.append(token.end())
    return cuts


def _arguments(text: bytes, end: int) -> Span:
    """The inside of the parentheses after the configuration, empty at *end* when there are none."""
    opening = _AFTER.match(text, end)
    if opening is None:
        return Span(end, end)
    depth = 1
    for token in _BRACKETS.finditer(text, opening.end(), opening.end() + 2 * REACH):
        if token[0] == b"<<<":
            break
        depth += 1 if token[0] in b"([{" else -1
        if depth == 0:
            return _trim(text, opening.end(), token.start())
    return Span(end, end)


def _callee(text: bytes, floor: int, end: int) -> tuple[Span, Span]:
    """What is launched: its name with template arguments and without; the name is empty when a macro makes it."""
    end = _skip_back(text, floor, end)
    start = end
    name_end = end
    if start > floor and text[start - 1] == 62:
        start = name_end = _skip_back(text, floor, _open_angle(text, floor, start))
    elif start > floor and text[start - 1] in b")]":
        start = _skip_back(text, floor, _open_bracket(text, floor, start))
        name_end = -1
    start = _name_start(text, floor, start)
    while start > floor + 1 and text[start : start + 2] == b"::" and text[start - 1] == 62:
        opened = _open_angle(text, floor, start)
        before = _name_start(text, floor, opened)
        if before == opened:
            break
        start = before
    if name_end < 0:
        return Span(start, end), Span(start, start)
    return Span(start, end), Span(start, max(start, name_end))


def _name_start(text: bytes, floor: int, end: int) -> int:
    """Where the qualified name that ends at *end* begins, *end* itself without one; `##` joins names in a macro."""
    start = end
    while start > floor:
        byte = text[start - 1]
        if byte in NAME_BYTES:
            start -= 1
        elif text[max(floor, start - 2) : start] in (b"::", b"->", b"##"):
            start -= 2
        elif (
            byte == 46
            and start < end
            and start - 1 > floor
            and (text[start - 2] in NAME_BYTES or text[start - 2] in b")]")
        ):
            start -= 1
        else:
            break
    return start


def _open_angle(text: bytes, floor: int, end: int) -> int:
    """The `<` that the `>` before *end* closes; brackets inside count, `->` does not; *end* when there is none."""
    floor = max(floor, end - REACH)
    depth = 0
    round_depth = 0
    position = end
    while position > floor:
        position -= 1
        byte = text[position]
        if byte in b")]}":
            round_depth += 1
        elif byte in b"([{":
            round_depth -= 1
            if round_depth < 0:
                return end
        elif round_depth:
            continue
        elif byte == 62:
            if text[position - 1] != 45:
                depth += 1
        elif byte == 60:
            depth -= 1
            if depth == 0:
                return position
        elif byte == 59:
            return end
    return end


def _open_bracket(text: bytes, floor: int, end: int) -> int:
    """The bracket that the one before *end* closes; *end* when there is none."""
    floor = max(floor, end - REACH)
    depth = 0
    position = end
    while position > floor:
        position -= 1
        byte = text[position]
        if byte in b")]}":
            depth += 1
        elif byte in b"([{":
            depth -= 1
            if depth == 0:
                return position
    return end


def _skip_back(text: bytes, floor: int, end: int) -> int:
    """*end* moved before the blanks and line joints that precede it."""
    while end > floor and text[end - 1] in _BLANKS:
        end -= 1
    return end


def _trim(text: bytes, start: int, end: int) -> Span:
    """The span without blanks and line joints at its ends."""
    while start < end and text[start] in _BLANKS:
        start += 1
    while start < end and text[end - 1] in _BLANKS:
        end -= 1
    return Span(start, end)
