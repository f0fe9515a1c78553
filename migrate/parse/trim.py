"""A masked text without the blocks that nobody asks about: the grammar's time goes where names must be judged.

A block is blank when it holds no place that the tree must judge, and when it is the body of a function or of a
statement in one: what the function is called and where it ends is still there to read. Class and namespace bodies
stay. A file whose braces do not pair, in all branches of its `#if`s, is left as it is.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from typing import TYPE_CHECKING

from migrate.parse.view import BLANK

if TYPE_CHECKING:
    from collections.abc import Sequence

    from migrate.parse.directives import Directive

_BRACE = re.compile(rb"[{}]")
#: What stands before the `{` of a function: its parameters, then perhaps words about them.
_FUNCTION = re.compile(rb"\)\s*(?:(?:const|noexcept|override|final|mutable|volatile|&)\s*)*(?:->[\w:<>,\s*&]*)?\Z")
_HOLDER = re.compile(rb"\b(?:namespace|class|struct|union|extern)\b")
_STATEMENT = re.compile(rb"(?:\)|\belse|\bdo|[;{}])\s*\Z")
#: Blocks shorter than this are not worth a cut.
_SHORTEST = 24

_IN_HOLDER, _IN_FUNCTION, _OPAQUE = 0, 1, 2


def trim(masked: bytes, needed: Sequence[int], directives: Sequence[Directive]) -> bytes:
    """*masked* with every block blank that holds none of the sorted offsets *needed*; same length and line breaks."""
    spans = _blocks(masked, needed, directives)
    if not spans:
        return masked
    parts = []
    position = 0
    for start, end in spans:
        parts.append(masked[position:start])
        # An empty statement: with nothing inside, `T f(A a) {};` reads as a variable and its value.
        parts.append(masked[start:end].translate(BLANK).replace(b" ", b";", 1))
        position = end
    parts.append(masked[position:])
    return b"".join(parts)


def _blocks(masked: bytes, needed: Sequence[int], directives: Sequence[Directive]) -> list[tuple[int, int]]:
    """The insides of the blocks to blank, in order and apart; nothing for a text whose braces do not pair."""
    found: list[tuple[int, int]] = []
    stack: list[tuple[int, int, int]] = []  # start of the inside, what it is in, depth of conditions
    conditions: list[int] = []  # depth of braces at each open #if
    level = _IN_HOLDER
    boundary = 0  # where the text after the last brace or directive begins
    upcoming = 0
    following = directives[0].start if directives else len(masked)
    skip = 0
    for brace in _BRACE.finditer(masked):
        at = brace.start()
        if at < skip:
            continue
        if at > following:
            while at > following:
                directive = directives[upcoming]
                skip = directive.end
                if not _balanced(directive.word, conditions, len(stack)):
                    return []
                upcoming += 1
                following = directives[upcoming].start if upcoming < len(directives) else len(masked)
            boundary = max(boundary, skip) if level == _IN_HOLDER and skip <= at else boundary
            if at < skip:
                continue
        if masked[at] == 123:
            stack.append((at + 1, level, len(conditions)))
            if level == _IN_HOLDER:
                level = _kind(masked[max(boundary, masked.rfind(b";", boundary, at) + 1) : at])
            elif level == _IN_FUNCTION and not _STATEMENT.search(masked, max(0, at - 40), at):
                stack[-1] = (-1, level, len(conditions))
        else:
            if not stack:
                return []
            start, outer, depth = stack.pop()
            if depth != len(conditions):
                return []
            if (
                level == _IN_FUNCTION
                and start >= 0
                and at - start >= _SHORTEST
                and ((index := bisect_left(needed, start)) >= len(needed) or needed[index] >= at)
            ):
                while found and found[-1][0] >= start:
                    found.pop()
                found.append((start, at))
            level = outer
        boundary = at + 1
    for directive in directives[upcoming:]:
        if not _balanced(directive.word, conditions, len(stack)):
            return []
    return found if not stack and not conditions else []


def _balanced(word: str, conditions: list[int], depth: int) -> bool:
    """Follows one directive; False when the branch that it ends has opened or closed a brace for good."""
    if word in ("if", "ifdef", "ifndef"):
        conditions.append(depth)
        return True
    if word in ("elif", "else", "elifdef", "elifndef"):
        return bool(conditions) and conditions[-1] == depth
    if word == "endif":
        return bool(conditions) and conditions.pop() == depth
    return True


def _kind(head: bytes) -> int:
    """What a `{` at the level of declarations opens, from the text of its declaration."""
    if _FUNCTION.search(head):
        return _IN_FUNCTION
    if _HOLDER.search(head):
        return _IN_HOLDER
    return _OPAQUE
