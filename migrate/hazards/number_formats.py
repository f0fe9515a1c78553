"""16-bit and 8-bit floating point: types that only some chips have, or whose conversions round differently."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from migrate.hazards.hazard import Hazard

if TYPE_CHECKING:
    from collections.abc import Iterator

    from migrate.hazards.code import Code
    from migrate.parse.uses import Found

_FORMATS = (
    ("bf16", re.compile(rb"\b(?:__nv_bfloat162?|nv_bfloat162?|cuda_bf16|CUDA_R_16BF)\b")),
    ("fp8", re.compile(rb"\b(?:__nv_fp8\w*|CUDA_R_8F_\w+|cuda_fp8)\b")),
    ("half-limits", re.compile(rb"\b__h(?:min|max)2?(?:_nan)?\b")),
    ("long-double", re.compile(rb"\blong\s+double\b")),
)
_LIMITS = re.compile(rb"\b(?:std::)?numeric_limits\s*<")


def find(code: Code) -> Iterator[Found]:
    """The first use of each format in every function that uses it, and `numeric_limits` in device code."""
    text = code.text
    for detail, pattern in _FORMATS:
        seen = set()
        for match in pattern.finditer(text):
            around = code.function_around(match.start())
            place = around.start if around else -1
            if (
                place in seen
                or detail in ("half-limits", "long-double")
                and (around is None or "device" not in around.side)
            ):
                continue
            seen.add(place)
            yield code.found(match.start(), match.end(), f"number-formats/{detail}")
    if b"numeric_limits" in code.words:
        for match in _LIMITS.finditer(text):
            if code.side_at(match.start()) == "device":
                yield code.found(match.start(), match.end() - 1, "number-formats/numeric-limits")


HAZARD = Hazard(
    "number-formats", "MIG455", frozenset(), find, ("bf16", "fp8", "half-limits", "long-double", "numeric-limits")
)
