"""Stage A of the mask: CUDA's launches and qualifiers, compilers' attributes and known attribute macros become blanks.

What is left is C++ for the grammar, as long as the source and with its line breaks, so every position holds for both.
Directive lines stay as they are: a masked `#define __noinline__ …` would be an error that was not there.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from migrate.model import Launch, Span
from migrate.parse.directives import Directives
from migrate.parse.keywords import BLANKED, CUDA_QUALIFIERS, WITH_ARGUMENTS
from migrate.parse.view import BLANK, View, words
from migrate.parse.words import occurrences

if TYPE_CHECKING:
    from collections.abc import Iterable

    from migrate.parse.macros import Learned

_NAME = re.compile(rb"[A-Za-z_\x80-\xff][\w\x80-\xff]*")
_ATTRIBUTE = re.compile(rb"\[\[(?:[\w:,\s\"]|\([^()]{0,200}\)){1,400}\]\]")
#: A macro without a body but with blanks behind its name: the grammar takes the next line for its body.
_EMPTY_DEFINE = re.compile(
    rb"#[ \t]*define[ \t]+\w+(?:\([^()\n]*\))?([ \t\\])(?:[ \t\\]|(?<=\\)\r?\n)*(?<!\\)(?:\r?\n|\Z)"
)
#: What may follow an attribute: a name, a bracket, the end of a declaration, a declarator, `->`, a string, a directive.
_AFTER = re.compile(rb"[\s\\]*(?:[\w\x80-\xff(){};*&~\"#:]|->|\[\[|\Z)(?<!\w::)")
_BRACKET = re.compile(rb"[()]")
_BLANKS = frozenset(b" \t\r\n\f\v\\")

#: More names than this are looked up word by word: each costs a search of the text.
_MANY = 200
#: Arguments nested deeper than this are none.
_DEEPEST = 12
#: How far the arguments of a qualifier may reach, in bytes.
REACH = 2000


class Masked(NamedTuple):
    """The text for the grammar and the qualifiers that were taken out of it."""

    text: bytes  # as long as the view, same line breaks
    qualifiers: list[tuple[Span, bytes]]  # CUDA's own and learned ones that say where code runs; without arguments


def stage_a(view: View, launches: Iterable[Launch], learned: Learned) -> bytes:
    """The text of *view* as plain C++, see `mask`."""
    return mask(view, launches, learned).text


def qualifiers(view: View, learned: Learned) -> list[tuple[Span, bytes]]:
    """The qualifiers that stage A blanks, see `Masked`."""
    return mask(view, (), learned).qualifiers


def mask(
    view: View,
    launches: Iterable[Launch],
    learned: Learned,
    said: set[bytes] | None = None,
    directives: Directives | None = None,
) -> Masked:
    """The text of *view* without launches, qualifiers and attributes, in time linear in its length.

    *said* are the words of the view or of its source, *directives* those of the view, where the caller has them
    already.
    """
    text = view.text
    if said is None:
        said = words(text)
    names = said & BLANKED
    names |= said & learned.attributes
    names |= said & learned.with_arguments
    found: list[tuple[Span, bytes]] = []
    out: bytearray | None = None
    if names or b"[[" in text:
        out = bytearray(text)
        found = _blank_names(text, out, names, learned, Directives(text) if directives is None else directives)
    for launch in launches:
        out = bytearray(text) if out is None else out
        start, end = launch.chevrons
        out[start:end] = text[start:end].translate(BLANK)
    if b"define" in said:
        for define in _EMPTY_DEFINE.finditer(text):
            out = bytearray(text) if out is None else out
            out[define.start(1)] = 59
    return Masked(text if out is None else bytes(out), found)


def _places(text: bytes, names: set[bytes]) -> list[tuple[int, bytes]]:
    """Where *names* and `[[` stand in *text*, sorted; a search a name is quicker than one expression for all."""
    if len(names) > _MANY:
        found = [(name.start(), name[0]) for name in _NAME.finditer(text) if name[0] in names]
    else:
        found = [(start, name) for name in names for start in occurrences(text, name)]
    at = text.find(b"[[")
    while at >= 0:
        found.append((at, b"[["))
        at = text.find(b"[[", at + 2)
    found.sort()
    return found


def _blank_names(
    text: bytes, out: bytearray, names: set[bytes], learned: Learned, directives: Directives
) -> list[tuple[Span, bytes]]:
    """Blanks *names* and `[[attributes]]` in *out* outside directives; the qualifiers among them."""
    found: list[tuple[Span, bytes]] = []
    side = (learned.device | learned.host) & names
    side |= CUDA_QUALIFIERS & names
    with_arguments = (learned.with_arguments | WITH_ARGUMENTS) & names
    done = 0
    for start, name in _places(text, names):
        if start < done or directives.at(start) is not None:
            continue
        end = start + len(name)
        if name == b"[[":
            attribute = _ATTRIBUTE.match(text, start)
            if attribute is None:
                continue
            end = attribute.end()
        elif name in with_arguments:
            end = _end_of_arguments(text, end)
        elif name not in BLANKED and not _is_attribute(text, start, end, side=name in side):
            continue
        out[start:end] = text[start:end].translate(BLANK)
        done = end
        if name in side:
            found.append((Span(start, start + len(name)), name))
    return found


def _end_of_arguments(text: bytes, end: int) -> int:
    """The end of the parentheses that follow *end*, *end* itself when there are none or they do not close in reach."""
    opening = end
    while opening < len(text) and text[opening] in _BLANKS:
        opening += 1
    if text[opening : opening + 1] != b"(":
        return end
    depth = 0
    for bracket in _BRACKET.finditer(text, opening, opening + REACH):
        depth += 1 if bracket[0] == b"(" else -1
        if depth == 0:
            return bracket.end()
        if depth > _DEEPEST:
            break
    return end


def _is_attribute(text: bytes, start: int, end: int, *, side: bool) -> bool:
    """Whether the macro stands where an attribute may: an operand, a type or a name that is given a value is none.

    Projects use one name for an empty setting in one file and for a type in the next (`#define FP8`,
    `using FP8 = …`), so only macros with a *side* may stand before a parenthesis (`[=] HD (int i)`).
    """
    after = _AFTER.match(text, end)
    if after is None:
        return False
    while start and text[start - 1] in _BLANKS:
        start -= 1
    before = text[start - 1 : start]
    if after[0][-1:] == b"(" and not side:
        return before == b"]" or text[start - 2 : start] == b"if"
    if after[0][-1:] == b")":
        return before not in (b",", b"(")
    return before not in (b"<", b"=", b".") and text[start - 2 : start] != b"::"
