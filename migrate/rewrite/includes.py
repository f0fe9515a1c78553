"""Includes: each CUDA header replaced once by the target's, and the target's main header put in where a file needs it.

nvcc includes `cuda_runtime.h` into every CUDA source by itself; other compilers do not, so a file that relied on it
gets the target's header written in: behind `#pragma once` or the include guard, else before the first include.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from migrate.model import Edit, Fix

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from migrate.parse.directives import Directive, Directives

#: Words of directives that name a file.
INCLUDING = ("include", "include_next", "import")


class Include(NamedTuple):
    """One `#include` of a file."""

    directive: Directive
    start: int  # of the name, inside its quotes or brackets
    end: int
    name: str
    condition: str


def find(view: bytes, directives: Directives) -> Iterator[Include]:
    """Every include of *view* whose name stands there in quotes or angle brackets."""
    for directive in directives.all:
        if directive.word not in INCLUDING:
            continue
        rest = view[directive.body : directive.end]
        stripped = rest.lstrip(b" \t\\\r\n")
        opening = stripped[:1]
        if opening not in (b'"', b"<"):
            continue
        close = stripped.find(b'"' if opening == b'"' else b">", 1)
        if close > 0:
            start = directive.end - len(stripped) + 1
            name = stripped[1:close].decode("utf-8", "surrogateescape")
            yield Include(directive, start, start + close - 1, name, directives.condition(directive.start))


class Replaced(NamedTuple):
    """What became of a file's includes."""

    fixes: dict[int, Fix]  # by start of the include's name
    headers: set[str]  # names of the headers the file includes afterwards


def replace(source: bytes, includes: list[Include], answers: Mapping[int, tuple[str, str]]) -> Replaced:
    """Fixes for the includes that have an answer.

    A second include of one header goes as a whole line where the first is seen whenever the second would be.

    Args:
        source: the file's bytes.
        includes: all of the file's, in order.
        answers: start of an include's name → (the target's header, fix level); "" as header takes the line out.
    """
    fixes: dict[int, Fix] = {}
    headers: set[str] = set()
    seen: dict[str, list[str]] = {}  # header → conditions under which it is included
    kept = {include.name for include in includes if include.start not in answers}
    for include in includes:
        new, level = answers.get(include.start, (include.name, ""))
        again = any(_implies(include.condition, condition) for condition in seen.get(new, ()))
        if include.start in answers:
            if not new or again or (new in kept and _kept_before(includes, new, include)):
                fixes[include.start] = Fix((_line(source, include),), level)
            elif new != include.name:
                fixes[include.start] = Fix(
                    (Edit(include.start, include.end, new.encode("utf-8", "surrogateescape")),), level
                )
        if new:
            headers.add(new)
            seen.setdefault(new, []).append(include.condition)
    return Replaced(fixes, headers)


def _kept_before(includes: list[Include], name: str, include: Include) -> bool:
    """Whether the header stands in the file already, further down but unconditionally."""
    return any(other.name == name and _implies(include.condition, other.condition) for other in includes)


def _implies(condition: str, earlier: str) -> bool:
    """Whether whatever stands under *condition* also sees what stands under *earlier*."""
    return earlier in ("", condition) or condition.startswith(f"{earlier} && ")


def _line(source: bytes, include: Include) -> Edit:
    """The edit that takes the whole line of an include out; a comment behind it goes too."""
    start = source.rfind(b"\n", 0, include.directive.start) + 1
    end = source.find(b"\n", include.directive.end)
    end = len(source) if end < 0 else end + 1
    if b"*/" in source[start : include.directive.start] or b"/*" in source[include.directive.end : end]:
        # Part of a longer comment: only the directive goes.
        start, end = include.directive.start, include.end + 1
    return Edit(start, end, b"")


def insertion(source: bytes, view: bytes, directives: Directives, header: str) -> Edit:
    """The edit that includes *header* where it is seen first.

    Order of places: behind the `#define` of an include guard or `#pragma once`, whichever comes later at the top of the
    file; before the first include, outside every condition; behind the comment the file begins with.
    """
    newline = b"\r\n" if b"\r\n" in source[:4096] else b"\n"
    line = f"#include <{header}>".encode()
    guard = _guard_end(view, directives)
    if guard is not None:
        end = source.find(b"\n", guard)
        if end < 0:
            return Edit(len(source), len(source), newline + line + newline)
        return Edit(end + 1, end + 1, line + newline)
    depth = 0
    outer = 0
    for directive in directives.all:
        if directive.word in ("if", "ifdef", "ifndef"):
            if depth == 0:
                outer = directive.start
            depth += 1
        elif directive.word == "endif":
            depth = max(0, depth - 1)
        elif directive.word in INCLUDING:
            at = directive.start if depth == 0 else outer
            start = max(source.rfind(b"\n", 0, at) + 1, 3 if source.startswith(b"\xef\xbb\xbf") else 0)
            return Edit(start, start, line + newline)
    at = _top(source, view)
    return Edit(at, at, line + newline)


def _guard_end(view: bytes, directives: Directives) -> int | None:
    """Where what guards a header ends: behind `#pragma once`, or the `#ifndef X` and the `#define X` that follows it.

    A `#pragma once` before the guard ends it; where one stands between the guard's two lines, the first of them does.
    """
    position = 0
    asked: Directive | None = None
    for directive in directives.all[:3]:
        if view[position : directive.start].strip():
            break
        position = directive.end
        if directive.word == "pragma" and view[directive.body : directive.end].split()[:1] == [b"once"]:
            return asked.end if asked is not None else directive.end
        if directive.word == "ifndef" and asked is None:
            asked = directive
        elif directive.word == "define" and asked is not None:
            return directive.end if directive.name == view[asked.body : asked.end].strip() else None
        else:
            break
    return None


def _top(source: bytes, view: bytes) -> int:
    """Behind the byte order mark and the comment a file begins with, where a blank line ends it."""
    start = 3 if source.startswith(b"\xef\xbb\xbf") else 0
    code = len(view) - len(view.lstrip())
    comment = source[start:code]
    for gap in (b"\n\n", b"\r\n\r\n"):
        at = comment.rfind(gap)
        if at >= 0 and not view[start : start + at].strip() and _outside_comment(comment[:at]):
            return start + at + len(gap)
    return start


def _outside_comment(text: bytes) -> bool:
    return text.rfind(b"/*") <= text.rfind(b"*/")
