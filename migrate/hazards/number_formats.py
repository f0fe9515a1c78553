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

_BF16 = frozenset(b"nv_bfloat16 nv_bfloat162 __nv_bfloat16 __nv_bfloat162 cuda_bf16 CUDA_R_16BF".split())
_FP8 = lazy.pattern(rb"__nv_fp8\w*|__nv_cvt_\w*fp8\w*|__NV_E[45]M[23]|CUDA_R_8F_\w+|cuda_fp8")
_HALF_LIMITS = frozenset(b"__hmin __hmax __hmin2 __hmax2 __hmin_nan __hmax_nan __hmin2_nan __hmax2_nan".split())
_LONG_DOUBLE = lazy.pattern(rb"long(?<!\wlong)\s+double\b")
_LIMITS = lazy.pattern(rb"numeric_limits(?<!\wnumeric_limits)\s*<")


def find(code: Code) -> Iterator[Found]:
    """The first use of each format, also of `long double` in device code; `numeric_limits` once a function."""
    text = code.text
    formats = (
        ("bf16", code.words & _BF16),
        ("fp8", [word for word in code.words_with(b"fp8", b"\n__nv_e", b"cuda_r_8f_") if _FP8.fullmatch(word)]),
        ("half-limits", code.words & _HALF_LIMITS),
    )
    for detail, words in formats:
        # A word may stand in comments only: the words are those of the source, the text is without comments.
        found = [
            (next((start for start in occurrences(text, word) if not code.is_defined_at(start)), -1), word)
            for word in words
        ]
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
