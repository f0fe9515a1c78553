"""Lane masks: a literal that names 32 lanes, written as wide as the target's warp."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from migrate.model import Edit, Fix, Note

if TYPE_CHECKING:
    from migrate.model import Answer, Use

_ALL_LANES = re.compile(rb"0[xX][fF]{8}[uUlL]*(?!\w)")
#: What may stand between a macro's name and its value.
_TO_VALUE = re.compile(rb"[ \t]+\(?[ \t]*")

_ASSUMPTION = Note(
    "the mask means every lane of the warp, and no variable of 32 bits holds it",
    "该掩码表示 warp 的全部线程，且没有用 32 位变量保存它",
)


def widen(source: bytes, use: Use, answer: Answer) -> Fix | None:
    """The fix that writes *answer*'s mask over the literal at *use*, a mask or the macro that stands for one.

    None for a typed constant, whose type would have to change as well, and for every other mask.
    """
    at = use.start
    if use.shape.define and use.shape.owner == "warp-mask/constant":
        gap = _TO_VALUE.match(source, use.start + use.length)
        if gap is None:
            return None
        at = gap.end()
    literal = _ALL_LANES.match(source, at)
    if literal is None or not answer.replacement:
        return None
    return Fix((Edit(literal.start(), literal.end(), answer.replacement.encode()),), answer.fix, _ASSUMPTION)
