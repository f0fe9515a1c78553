"""Votes of a warp kept or counted in 32 bits: `unsigned b = __ballot_sync(…)`, `__popc(__activemask())`."""

from __future__ import annotations

import re
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

_VOTE = lazy.pattern(rb"__ballot(?:_sync)?|__activemask|__match_(?:any|all)_sync|__lanemask_\w+")
_WIDE = lazy.pattern(rb"(?i)\b(?:unsigned\s+long\s+long|long\s+long|u?int64_t|uint64|lane_?mask_?t|auto|size_t)\b")
_NARROW = lazy.pattern(rb"\b(?:unsigned(?:\s+int)?|int|u?int32_t|uint|u32)\s+(?:const\s+)?(\w+)\s*=\s*[^=]*\Z")
_ASSIGNED = lazy.pattern(rb"\b(\w+)\s*[&|^]?=\s*[^=<>!]*\Z")
#: An open parenthesis of another call before the vote: `__shfl_xor_sync(__activemask(), …)`.
_HANDED = lazy.pattern(
    rb"=[^;=]*\b(?:__shfl\w*|__syncwarp|__any\w*|__all\w*|__reduce\w*|__ballot_sync|__match\w*)\s*\([^()]*\Z"
)
_COUNTING = lazy.pattern(rb"__(?:popc|ffs|clz|fns|brev)\s*\(")
_ONE_BIT = lazy.pattern(rb"1[uU]?\s*<<\s*\(?\s*(\w*[lL]ane\w*|LANE\w*)")

_TEXT = {
    "kept": Note(
        "the vote of a warp has {lanes} bits ({chips}); 32 bits drop the upper lanes",
        "warp 表决结果有 {lanes} 位（{chips}）；用 32 位保存会丢掉高位通道",
    ),
    "counted": Note(
        "counts or searches 32 bits of a vote that has {lanes} ({chips}); "
        "use the 64-bit form (__popcll, __ffsll, __clzll)",
        "只在 32 位中计数或查找，而表决结果有 {lanes} 位（{chips}）；应使用 64 位形式（__popcll、__ffsll、__clzll）",
    ),
    "bit": Note(
        "shifts a 32-bit one by a lane number that goes up to {lanes} - 1 ({chips})",
        "把 32 位的 1 左移通道号，而通道号最大为 {lanes} - 1（{chips}）",
    ),
}


def find(code: Code) -> Iterator[Found]:
    """Votes whose bits are kept or counted in 32 bits, and variables that hold them."""
    text = code.text
    holders: set[bytes] = set()
    for call in code.calls(_VOTE):
        head = text[code.statement_start(call.start) : call.start]
        counting = _COUNTING.search(head[-80:])
        if counting is not None and b")" not in head[-80:][counting.end() :]:
            yield code.found(call.start, call.name_end, "warp-ballot/counted")
            continue
        if _HANDED.search(head):
            continue  # handed on as an argument, as it is
        narrow = _NARROW.search(head)
        assigned = _ASSIGNED.search(head)
        if narrow is not None:
            holders.add(narrow[1])
            yield code.found(call.start, call.name_end, "warp-ballot/kept")
        elif assigned is not None and not _WIDE.search(head):
            if not re.search(rb"(?:long\s+long|64_t)\s+(?:\w+\s*,\s*)*" + assigned[1] + rb"\b", text):
                holders.add(assigned[1])
                yield code.found(call.start, call.name_end, "warp-ballot/kept")
        elif head.rstrip().endswith(b"return"):
            around = code.function_around(call.start)
            if around is not None and not _WIDE.search(text[max(0, around.start - 80) : around.body]):
                yield code.found(call.start, call.name_end, "warp-ballot/kept")
    if holders:
        for match in _COUNTING.finditer(text):
            inside = text[match.end() : match.end() + 60].partition(b";")[0]
            if not holders.isdisjoint(re.findall(rb"\w+", inside)):
                yield code.found(match.start(), match.end() - 1, "warp-ballot/counted")
    for match in _ONE_BIT.finditer(text):
        start = match.start()
        if not (text[start - 1 : start].isalnum() or text[start - 1 : start] == b"_"):
            start -= text[start - 1 : start] == b"("
            yield code.found(start, match.end(), "warp-ballot/bit")


def judge(detail: str, name: str, facts: Facts) -> Verdict | None:  # noqa: ARG001
    """A hazard where some chip's votes are wider than 32 bits."""
    return facts.feature("warp-vote") or where_not_cuda(facts, _TEXT[detail])


_TRIGGERS = frozenset(
    {
        b"__ballot",
        b"__ballot_sync",
        b"__activemask",
        b"__match_any_sync",
        b"__match_all_sync",
        b"__shfl_sync",
        b"__shfl",
        b"__lanemask_lt",
    }
)

HAZARD = Hazard("warp-ballot", "MIG412", _TRIGGERS, find, tuple(_TEXT), judge)
