"""Lane masks of 32 bits: `0xffffffff` given to a `_sync` function, or kept in a constant for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from migrate import lazy
from migrate.hazards.facts import Verdict
from migrate.hazards.hazard import Hazard
from migrate.hazards.widths import where_not_cuda
from migrate.model import Note
from migrate.parse.words import occurrences

if TYPE_CHECKING:
    from collections.abc import Iterator

    from migrate.hazards.code import Code
    from migrate.hazards.facts import Facts
    from migrate.parse.uses import Found

_SYNC = lazy.pattern(rb"__(?:shfl(?:_up|_down|_xor)?|ballot|any|all|match_any|match_all|reduce_\w+)_sync|__syncwarp")
_NAME = lazy.pattern(rb"[A-Za-z_]\w*")
_ALL_LANES = 0xFFFFFFFF
#: A project's own wrapper: `WARP_SYNC(0xffffffff)`, `SHFL_DOWN(0xffffffffu, …)`.
_WRAPPER = lazy.pattern(rb"(?i)shfl|shuffle|ballot|warp_?sync|syncwarp|warp_?reduce|warp_?all|warp_?any")
_FIRST = lazy.pattern(rb"(?i)\s*(?:<[^<>;()]*>\s*)?\(\s*(0xffffffffu?l?l?)\s*[,)]")
_LITERAL = lazy.pattern(
    rb"(?:0[xX][\da-fA-F]+|\d+)[uUlL]*|~0[uU]|U?INT_MAX|UINT32_MAX|\(?\s*(?:unsigned(?:\s+int)?|uint32_t)\s*\)?\s*\(?-1\)?|\(\s*unsigned\s*\)\s*-1"
)
_FULL = lazy.pattern(r"(?i)0xf{8}[ul]*(?!\w)")
_MASK_NAME = lazy.pattern(rb"(?i)\w*(?:full|warp|all|lane)\w*mask\w*\Z|mask_?all\w*\Z|full_?warp\w*\Z|\w*all_?lanes\Z")

_TEXT = Note(
    "a mask of 32 bits names 32 lanes, but a warp has {lanes} ({chips}): the others are not named; "
    "use a mask as wide as the warp",
    "32 位掩码只能指明 32 个通道，而 warp 有 {lanes} 个（{chips}）：其余通道未被指明；应使用与 warp 同宽的掩码",
)


def find(code: Code) -> Iterator[Found]:
    """Masks written at the call, and constants that calls of this file or their names say are masks."""
    if not code.warp_words:
        return
    text = code.text
    named: set[bytes] = set()
    for call in code.calls_named(word for word in code.warp_words if _SYNC.fullmatch(word)):
        start, end = call.arguments[0]
        mask = text[start:end].strip()
        if text[max(0, call.start - 16) : call.start].rstrip().endswith(b"decltype("):
            continue  # asks for a type and calls nothing
        if _LITERAL.fullmatch(mask):
            value = code.value(mask)
            if value != 0 and (value is None or 0 < value <= _ALL_LANES):
                start += len(text[start:end]) - len(text[start:end].lstrip())
                yield code.found(
                    start,
                    start + len(mask),
                    "warp-mask/mask",
                    f"{text[call.start : call.name_end].decode()}({mask.decode()}, …)",
                )
        elif _NAME.fullmatch(mask):
            named.add(mask)
    for name in sorted(word for word in code.telling_words if _WRAPPER.search(word) and not word.startswith(b"__")):
        for start in occurrences(text, name):
            literal = _FIRST.match(text, start + len(name))
            if literal is not None:
                shown = f"{name.decode()}({literal[1].decode()}, …)"
                yield code.found(literal.start(1), literal.end(1), "warp-mask/mask", shown)
    for name in sorted(named | {word for word in code.telling_words if _MASK_NAME.match(word)}):
        for definition in code.constants.definitions(name):
            if code.value(definition.text) == _ALL_LANES:
                shown = f"{name.decode()} = {definition.text.decode('utf-8', 'replace')}"
                yield code.found(definition.start, definition.end, "warp-mask/constant", shown)


def judge(detail: str, name: str, facts: Facts) -> Verdict | None:  # noqa: ARG001
    """A hazard where some chip's warp has more lanes than the mask has bits; one of all lanes can be widened."""
    verdict = facts.feature("warp-vote") or where_not_cuda(facts, _TEXT)
    wide = facts.feature("lane-mask") if verdict is not None and _FULL.search(name) else None
    if verdict is None or wide is None:
        return verdict
    return Verdict(verdict.note, verdict.evidence + wide.evidence, "", "0xffffffffffffffffULL", "unsafe")


HAZARD = Hazard("warp-mask", "MIG411", frozenset(), find, ("mask", "constant"), judge)
