"""Synchronisation nobody wrote: a blocking copy after a launch, with nothing between them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from migrate import lazy
from migrate.hazards.hazard import Hazard

if TYPE_CHECKING:
    from collections.abc import Iterator

    from migrate.hazards.code import Code
    from migrate.parse.uses import Found

_BLOCKING = frozenset(
    {
        "cudaMemcpy",
        "cudaMemcpy2D",
        "cudaMemcpyFromSymbol",
        "cudaMemcpyToSymbol",
        "cudaMemset",
        "cuMemcpyDtoH",
        "cuMemcpyDtoH_v2",
    }
)
_WAITS = lazy.pattern(r"cuda(?:Device|Stream|Thread|Event)Synchronize|cu(?:Ctx|Stream|Event)Synchronize")


def find(code: Code) -> Iterator[Found]:
    """The first blocking copy or set after each run of launches in one host function."""
    pending = ""  # function with a launch that nothing has waited for
    for use in code.finder.result.uses:
        shape = use.shape
        if shape.kind == "launch":
            pending = shape.function if "device" not in shape.side else ""
        elif not pending or shape.kind not in ("call", "function"):
            continue
        elif shape.function != pending or _WAITS.fullmatch(shape.name):
            pending = ""
        elif shape.name in _BLOCKING:
            pending = ""
            yield code.found(use.start, use.end, "implicit-sync/blocking-copy")


HAZARD = Hazard(
    "implicit-sync", "MIG432", frozenset({name.encode() for name in _BLOCKING}), find, ("blocking-copy",), kernel=False
)
