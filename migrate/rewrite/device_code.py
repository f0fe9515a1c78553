"""Device code in a source: its functions with a device qualifier, found in the view from bytes alone."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from migrate.model import Span
from migrate.parse.words import close_angle, close_round

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from migrate.parse.directives import Directive, Directives

#: The macro that device code is kept under.
KEPT = "MIGRATE_CUDA_KERNELS"

#: `__aicore__` is what a safe fix makes of `__device__`.
_QUALIFIER = re.compile(rb"\b__(?:global|device|host|aicore)__\b")
_BOUND = re.compile(rb"[;{}]|\b(?:public|private|protected)[ \t]*:(?!:)")
_TOKEN = re.compile(rb"[(){};]")
_WORD = re.compile(rb"\s*\w")
_LAST_WORD = re.compile(rb"([A-Za-z_]\w*)\s*(\Z)")
_ATTRIBUTES = frozenset({b"alignas", b"decltype", b"noexcept", b"attribute", b"requires", b"explicit"})
#: How far a declaration's beginning is looked for, in bytes.
_REACH = 4000


class Device(NamedTuple):
    """One function with a device qualifier: its text from the first byte to after `}` or `;`."""

    start: int
    end: int
    name: bytes
    parameters: Span  # between its parentheses
    template: Span  # `template <…>`, empty without
    kernel: bool
    shared: bool  # for the host as well
    kept: bool  # under the macro already
    qualifiers: tuple[Span, ...]


def devices(view: bytes, directives: Directives) -> Iterator[Device]:
    """Every function of *view* with a device qualifier whose beginning and end are plain, in order."""
    done = 0
    for found in _QUALIFIER.finditer(view):
        if found.start() < done or directives.at(found.start()) is not None:
            continue
        device = _device(view, directives, found.start(), done)
        if device is not None:
            done = device.end
            yield device


def _device(view: bytes, directives: Directives, at: int, floor: int) -> Device | None:
    floor = max(floor, at - _REACH, directives.last_end(at))
    start = max((found.end() for found in _BOUND.finditer(view, floor, at)), default=floor)
    start += len(view[start:at]) - len(view[start:at].lstrip())
    template = Span(start, start)
    inner = re.compile(rb"template\s*<").match(view, start)
    if inner is not None:
        close = close_angle(view, inner.end() - 1, _REACH)
        if not 0 < close <= at:
            return None
        template = Span(start, close)
    if re.search(rb"[=(\[\])#]", re.sub(rb"__\w+\s*\([^()]*\)|alignas\s*\([^()]*\)", b"", view[template.end : at])):
        return None  # a lambda, a parameter, an attribute
    parsed = _signature(view, at)
    if parsed is None:
        return None
    name, parameters, end = parsed
    words = [Span(*found.span()) for found in _QUALIFIER.finditer(view, template.end, parameters.start)]
    said = {view[word.start : word.end] for word in words}
    shared = b"__host__" in said
    if _splits_condition(directives, start, end):
        return None
    kept = KEPT in directives.condition(start)
    return Device(start, end, name, parameters, template, b"__global__" in said, shared, kept, tuple(words))


def _signature(view: bytes, at: int) -> tuple[bytes, Span, int] | None:
    """A function's name, parameters and end, from a qualifier before them; None for a variable and what is unclear."""
    name, parameters, position = b"", None, at
    operator = False
    while (token := _TOKEN.search(view, position)) is not None:
        what, position = token[0], token.end()
        if what == b"(":
            word = _LAST_WORD.search(view, max(at, token.start() - 200), token.start())
            close = close_round(view, token.start())
            if close < 0:
                return None
            if parameters is None:
                operator_call = word is not None and word[1] == b"operator" and not view[position : close - 1].strip()
                before = view[max(at, token.start() - 40) : token.start()]
                operator = operator or operator_call or re.search(rb"\boperator\W+\Z", before) is not None
                attribute = word is not None and (
                    word[1].startswith(b"__")
                    or (word[1].isupper() and bool(_WORD.match(view, close)))
                    or word[1] in _ATTRIBUTES
                )
                if not operator_call and not attribute and (word is not None or operator):
                    name, parameters = (b"" if operator or word is None else word[1]), Span(position, close - 1)
            position = close
        elif what == b";":
            return (name, parameters, position) if parameters is not None else None
        elif what == b"{":
            if parameters is None:
                return None
            end = _close(view, position)
            if end < 0:
                return None
            head = view[parameters.end + 1 : token.start()].rstrip()
            if re.match(rb"\s*:(?!:)", head) and re.search(rb"[\w>]\Z", head):
                position = end  # a member's initializer
                continue
            return name, parameters, end
        else:
            return None
    return None


def _close(view: bytes, position: int) -> int:
    """After the `}` of the block that *position* stands in; -1 when there is none."""
    depth = 1
    for brace in re.compile(rb"[{}]").finditer(view, position):
        depth += 1 if brace[0] == b"{" else -1
        if depth == 0:
            return brace.end()
    return -1


def _splits_condition(directives: Directives, start: int, end: int) -> bool:
    """Whether an `#if` begins or ends between, but not both: then the range is no whole."""
    depth = 0
    for directive in between(directives.all, start, end):
        if directive.word in ("if", "ifdef", "ifndef"):
            depth += 1
        elif directive.word == "endif":
            depth -= 1
        elif depth == 0 and directive.word in ("else", "elif", "elifdef", "elifndef"):
            return True
        if depth < 0:
            return True
    return depth != 0


def between(directives: Sequence[Directive], start: int, end: int) -> Iterator[Directive]:
    """Those of *directives* that begin in [start, end)."""
    return (directive for directive in directives if start <= directive.start < end)
