"""Warp-synchronous code: a reduction in volatile shared memory whose last steps have no barrier between them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from migrate.hazards.hazard import Hazard
from migrate.hazards.widths import where_not_cuda
from migrate.model import Note

if TYPE_CHECKING:
    from collections.abc import Iterator

    from migrate.hazards.code import Code
    from migrate.hazards.facts import Facts, Verdict
    from migrate.parse.uses import Found

#: `s[tid] += s[tid + 16]; s[tid] += s[tid + 8];` with an optional `if` around each step.
_STEP = re.compile(
    rb"(\w+)\s*\[[^\]]{1,60}\]\s*(?:\+|\*|&|\||)=\s*[^;{}]{0,80}?\b\1\s*\[[^\]]{0,60}\+\s*(?:32|16)u?\s*\][^;]*;"
)
_NEXT = re.compile(
    rb"\s*(?:\}?\s*if\s*\([^()]*\)\s*\{?\s*)?(\w+)\s*\[[^\]]{1,60}\]\s*(?:\+|\*|&|\||)=\s*[^;{}]{0,80}?\[[^\]]{0,60}\+\s*(?:16|8)u?\s*\]"
)

_TEXT = Note(
    "steps of 32 and 16 without a barrier hold only while a warp of 32 runs in step; here it has {lanes} lanes ({chips}) and nothing states that they do: put __syncwarp or __syncthreads between the steps",
    "跨度 32、16 的各步之间没有同步，只有在 32 线程的 warp 锁步执行时才成立；这里 warp 有 {lanes} 个线程（{chips}），且没有锁步的保证：应在各步之间加 __syncwarp 或 __syncthreads",
)


def find(code: Code) -> Iterator[Found]:
    """The first of two reduction steps that follow each other without a barrier."""
    taken = 0
    for match in _STEP.finditer(code.text):
        if (
            match.start() >= taken
            and (following := _NEXT.match(code.text, match.end())) is not None
            and following[1] == match[1]
        ):
            if "device" in code.side_at(match.start()):
                taken = match.end() + 600
                yield code.found(match.start(), match.end(), "lockstep/reduction")


def judge(detail: str, name: str, facts: Facts) -> Verdict | None:  # noqa: ARG001
    """A hazard where a warp is not the 32 lanes that such code counts on."""
    return where_not_cuda(facts, _TEXT)


HAZARD = Hazard("lockstep", "MIG430", frozenset({b"volatile", b"__shared__"}), find, ("reduction",), judge)
