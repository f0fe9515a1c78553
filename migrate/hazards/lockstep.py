"""Warp-synchronous code: a reduction in volatile shared memory whose last steps have no barrier between them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from migrate import lazy
from migrate.hazards.hazard import Hazard
from migrate.hazards.widths import where_not_cuda
from migrate.model import Note

if TYPE_CHECKING:
    from collections.abc import Iterator

    from migrate.hazards.code import Code
    from migrate.hazards.facts import Facts, Verdict
    from migrate.parse.uses import Found

#: The second half of a step, `… + 32];`; the first is read back from there.
_HALF = lazy.pattern(rb"\+\s*(?:32|16)u?\s*\][^;{}]{0,80};")
_STEP = lazy.pattern(rb"(\w+)\s*\[[^\]]{1,60}\]\s*[+*&|]?=[^;{}]{0,80}\b\1\s*\[[^\]]{0,60}\Z")
_NEXT = lazy.pattern(
    rb"\s*(?:\}?\s*if\s*\([^()]*\)\s*\{?\s*)?(\w+)\s*\[[^\]]{1,60}\]\s*[+*&|]?=[^;{}]{0,80}?\[[^\]]{0,60}\+\s*(?:16|8)u?\s*\]"
)

_TEXT = Note(
    "steps of 32 and 16 without a barrier hold only while a warp of 32 runs in step; here it has {lanes} lanes "
    "({chips}) and nothing states that they do: put __syncwarp or __syncthreads between the steps",
    "跨度 32、16 的各步之间没有同步，只有在 32 线程的 warp 锁步执行时才成立；"
    "这里 warp 有 {lanes} 个线程（{chips}），且没有锁步的保证：应在各步之间加 __syncwarp 或 __syncthreads",
)


def find(code: Code) -> Iterator[Found]:
    """The first of two reduction steps that follow each other without a barrier."""
    text = code.text
    taken = 0
    for half in _HALF.finditer(text):
        if half.start() < taken:
            continue
        first = _STEP.search(text[code.statement_start(half.start()) : half.start()])
        following = _NEXT.match(text, half.end()) if first else None
        if first is None or following is None or following[1] != first[1] or "device" not in code.side_at(half.start()):
            continue
        taken = half.end() + 600
        start = code.statement_start(half.start()) + first.start()
        yield code.found(start, half.end(), "lockstep/reduction")


def judge(detail: str, name: str, facts: Facts) -> Verdict | None:  # noqa: ARG001
    """A hazard where a warp is not the 32 lanes that such code counts on."""
    return where_not_cuda(facts, _TEXT)


HAZARD = Hazard("lockstep", "MIG430", frozenset({b"volatile", b"__shared__"}), find, ("reduction",), judge)
