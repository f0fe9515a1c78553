"""Library calls of the same name that take or do something else: types given by number, batches of SDDMM."""

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


#: What makes the descriptor of a matrix stand for a batch.
_BATCHES = lazy.pattern(r"cusparse(?:DnMat|Csr|Coo)SetStridedBatch")
_SAMPLED = b"cusparseSDDMM"


def find(code: Code) -> Iterator[Found]:
    """Calls that give types, and batches set in a file that multiplies with SDDMM."""
    sampled = _SAMPLED in code.words
    for use in code.finder.result.uses:
        if use.shape.kind in ("call", "function"):
            if _TYPED.fullmatch(use.shape.name):
                yield code.found(use.start, use.end, "library-types/blas-types")
            elif sampled and _BATCHES.fullmatch(use.shape.name):
                yield code.found(use.start, use.end, "library-types/sddmm-batch")


_TRIGGERS = frozenset(
    f"cublas{name}Ex".encode()
    for name in ("Gemm", "GemmBatched", "GemmStridedBatched", "Dot", "Dotc", "Axpy", "Nrm2", "Scal", "Rot")
) | {_SAMPLED}

HAZARD = Hazard("library-types", "MIG456", _TRIGGERS, find, ("blas-types", "sddmm-batch"), kernel=False)
