"""Data and compute types handed to a BLAS library by number, whose enumeration depends on the library's version."""

from __future__ import annotations

from typing import TYPE_CHECKING

from migrate import lazy
from migrate.hazards.hazard import Hazard

if TYPE_CHECKING:
    from collections.abc import Iterator

    from migrate.hazards.code import Code
    from migrate.parse.uses import Found

#: Functions with a data type for each operand: GemmEx, GemmStridedBatchedEx, DotEx, ScalEx …
_TYPED = lazy.pattern(r"cublas(?:Gemm(?:Strided)?(?:Batched)?|Dotc?|Axpy|Nrm2|Scal|Rot|Iamax|Asum|Copy|Swap)Ex(?:_64)?")


def find(code: Code) -> Iterator[Found]:
    """Calls of such functions."""
    for use in code.finder.result.uses:
        if use.shape.kind in ("call", "function") and _TYPED.fullmatch(use.shape.name):
            yield code.found(use.start, use.end, "library-types/blas-types")


_TRIGGERS = frozenset(
    f"cublas{name}Ex".encode()
    for name in ("Gemm", "GemmBatched", "GemmStridedBatched", "Dot", "Dotc", "Axpy", "Nrm2", "Scal", "Rot")
)

HAZARD = Hazard("library-types", "MIG456", _TRIGGERS, find, ("blas-types",), kernel=False)
