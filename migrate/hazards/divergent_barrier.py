"""Barriers that some threads never reach: behind an early return, or inside a branch on the thread's index."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from migrate import lazy
from migrate.hazards.hazard import Hazard

if TYPE_CHECKING:
    from collections.abc import Iterator

    from migrate.hazards.code import Code, Function
    from migrate.parse.uses import Found

_BARRIER = lazy.pattern(rb"\b__syncthreads\s*\(")
_IF = lazy.pattern(rb"if(?<!\wif)\s*\(([^{};]{1,200}?)\)\s*(?:\{\s*)?return\s*;")
_BRANCH = lazy.pattern(rb"if(?<!\wif)\s*\(([^{};]{1,200}?)\)\s*\{")
_THREAD = lazy.pattern(rb"\bthreadIdx\s*\.\s*[xyz]")
_MOST = 4000


def find(code: Code) -> Iterator[Found]:
    """In each kernel the first early return before a barrier, and the first barrier inside such a branch."""
    text = code.text
    for function in code.device_functions:
        last = text.rfind(b"__syncthreads", function.body, function.end)
        if last < 0 or b"host" in function.side.encode():
            continue
        for match in _IF.finditer(text, function.body, last):
            if _by_thread(code, match[1]):
                yield code.found(
                    match.start(), match.end(1) + 1, "divergent-barrier/early-return", "return before __syncthreads"
                )
                break
        place = _inside_branch(code, function)
        if place is not None:
            yield code.found(
                place,
                place + len(b"__syncthreads"),
                "divergent-barrier/branch",
                "__syncthreads in a branch on threadIdx",
            )


def _by_thread(code: Code, condition: bytes) -> bool:
    return _THREAD.search(condition) is not None or not code.thread_names.isdisjoint(re.findall(rb"\b\w+\b", condition))


def _inside_branch(code: Code, function: Function) -> int | None:
    """The first barrier inside the braces of an `if` that compares the thread's index, None without one."""
    text = code.text
    for branch in _BRANCH.finditer(text, function.body, function.end):
        if not _by_thread(code, branch[1]):
            continue
        depth = 1
        for brace in re.finditer(rb"[{}]", text[branch.end() : min(function.end, branch.end() + _MOST)]):
            depth += 1 if brace[0] == b"{" else -1
            if depth == 0:
                barrier = _BARRIER.search(text, branch.end(), branch.end() + brace.start())
                if barrier is not None:
                    return barrier.start()
                break
    return None


HAZARD = Hazard("divergent-barrier", "MIG433", frozenset({b"__syncthreads"}), find, ("early-return", "branch"))
