"""Enumerators written as numbers: `cudaMemcpy(d, s, n, 2)`, `(int)cudaErrorNotReady`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from migrate import lazy
from migrate.hazards.hazard import Hazard

if TYPE_CHECKING:
    from collections.abc import Iterator

    from migrate.hazards.code import Code
    from migrate.parse.uses import Found

#: The argument, counted from zero, that is an enumerator or a flag.
_POSITIONS = {
    "cudaMemcpy": 3,
    "cudaMemcpyAsync": 3,
    "cudaMemcpy2D": 6,
    "cudaMemcpy2DAsync": 6,
    "cudaMemcpyToSymbol": 4,
    "cudaStreamCreateWithFlags": 1,
    "cudaStreamCreateWithPriority": 1,
    "cudaEventCreateWithFlags": 1,
    "cudaHostAlloc": 2,
    "cudaHostRegister": 2,
    "cudaMallocManaged": 2,
    "cudaSetDeviceFlags": 0,
    "cudaDeviceSetLimit": 0,
}
_NUMBER = lazy.pattern(
    rb"(?:\(\s*cuda\w+\s*\)\s*|cuda\w+\s*\(\s*|static_cast<\s*cuda\w+\s*>\s*\(\s*)?(?:0x)?[1-9]\w*\s*\)?"
)
_CAST = lazy.pattern(
    rb"(?:\(\s*(?:int|unsigned|long|size_t|u?int\d+_t)\s*\)|\bint\s*\(|static_cast<\s*(?:int|unsigned|long)\s*>\s*\()\s*\Z"
)


def find(code: Code) -> Iterator[Found]:
    """Numbers where an enumerator belongs, and enumerators turned into numbers."""
    text = code.text
    for use in code.finder.result.uses:
        name = use.shape.name
        if use.shape.kind == "call" and name in _POSITIONS:
            pieces = code.split(text.find(b"(", use.end) + 1) or []
            if len(pieces) > _POSITIONS[name]:
                start, end = pieces[_POSITIONS[name]]
                argument = text[start:end].strip()
                if _NUMBER.fullmatch(argument):
                    start += len(text[start:end]) - len(text[start:end].lstrip())
                    shown = f"{name}(…, {argument.decode()})"
                    yield code.found(start, start + len(argument), "enum-numbers/number", shown)
        elif (
            use.shape.kind == "constant"
            and name.startswith("cuda")
            and _CAST.search(text[max(0, use.start - 40) : use.start])
        ):
            yield code.found(use.start, use.end, "enum-numbers/number", f"(int) {name}")


HAZARD = Hazard("enum-numbers", "MIG452", frozenset(), find, ("number",), kernel=False)
