"""16-bit and 8-bit floating point: types that only some chips have, or whose conversions round differently."""

from __future__ import annotations

from typing import TYPE_CHECKING

from migrate import lazy
from migrate.hazards.hazard import Hazard
from migrate.parse.words import occurrences

if TYPE_CHECKING:
    from collections.abc import Iterator

    from migrate.hazards.code import Code
    from migrate.parse.uses import Found

_FORMATS = (
    ("bf16", lazy.pattern(rb"(?:__)?nv_bfloat162?|cuda_bf16|CUDA_R_16BF")),
    ("fp8", lazy.pattern(rb"__nv_fp8\w*|CUDA_R_8F_\w+|cuda_fp8")),
    ("half-limits", lazy.pattern(rb"__h(?:min|max)2?(?:_nan)?")),
)
_LONG_DOUBLE = lazy.pattern(rb"\blong\s+double\b")
_LIMITS = lazy.pattern(rb"\bnumeric_limits\s*<")


def find(code: Code) -> Iterator[Found]:
    """The first use of each format, also of `long double` in device code; `numeric_limits` once a function."""
    text = code.text
    for detail, pattern in _FORMATS:
        # A word may stand in comments only: the words are those of the source, the text is without comments.
        found = [(next(occurrences(text, word), -1), word) for word in code.words if pattern.fullmatch(word)]
        if starts := [place for place in found if place[0] >= 0]:
            start, word = min(starts)
            yield code.found(start, start + len(word), f"number-formats/{detail}")
    if b"double" in code.words and b"long" in code.words:
        for match in _LONG_DOUBLE.finditer(text):
            if "device" in code.side_at(match.start()):
                yield code.found(match.start(), match.end(), "number-formats/long-double")
                break
    if b"numeric_limits" in code.words:
        seen = set()
        for match in _LIMITS.finditer(text):
            name, side = code.finder.function_at(match.start())
            if side == "device" and name not in seen:
                seen.add(name)
                yield code.found(match.start(), match.end() - 1, "number-formats/numeric-limits")


HAZARD = Hazard(
    "number-formats", "MIG455", frozenset(), find, ("bf16", "fp8", "half-limits", "long-double", "numeric-limits")
)
