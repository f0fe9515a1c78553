"""Which of four ways a kernel goes on a stack without CUDA's threads.

A ready operator where the target has one for the whole; several operators where its parts are plain tensor operations;
a kernel written anew in the target's language where data are packed, paged or tiled; high risk where the code rests on
what such chips lack: threads that vote or compete, hash tables, early ends, other devices' memory.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from migrate.kernels.kernel import Kernel
    from migrate.kernels.operators import Operators

#: The four ways, in the order of their finding ids MIG610 to MIG613.
ROUTES = ("ready operator", "composed of operators", "own kernel", "high risk")
READY, COMPOSED, OWN, RISK = ROUTES

#: Flags of code that no rewriting of one kernel carries over.
BLOCKING = frozenset(
    {"launch", "system", "grid-sync", "cluster", "queue", "hash", "compare-swap", "partition", "texture"}
)
#: Those that reach beyond the kernel's own grid.
_ELSEWHERE = frozenset({"launch", "system", "grid-sync", "cluster"})
#: Operations that no tensor library has as such, and that threads do by competing or searching.
_COMPETING = frozenset({"histogram", "collective", "neighbour-search", "moe-align"})
#: Operations on layouts of the project's own.
_LAYOUTS = frozenset({"cache", "quantise", "quantise-float", "dequantise", "moe-permute", "repack", "recurrence"})
#: Profiles of which libraries have the building blocks.
_BLOCKS = frozenset({"element-wise", "reduction", "softmax", "normalisation", "scan-sort", "gemm", "gather-scatter"})


class Route(NamedTuple):
    """A way and the operators that take it, the whole kernel's or its parts'."""

    route: str  # one of ROUTES
    operators: tuple[str, ...] = ()
    evidence: tuple[str, ...] = ()


def route_of(kernel: Kernel, operators: Operators) -> Route:
    """The way of *kernel*, given the operators of a target."""
    whole = operators.whole(kernel)
    if whole is not None and not _beyond(kernel):
        return Route(READY, *whole)
    if _risky(kernel):
        return Route(RISK)
    parts = operators.parts(kernel)
    if parts is not None and _composable(kernel):
        return Route(COMPOSED, *parts)
    return Route(OWN)


def _beyond(kernel: Kernel) -> bool:
    """Whether a kernel does more than the operator of its name."""
    flags = kernel.flags
    if flags & {"launch", "system", "hash"} or ("random" in flags and kernel.profile != "attention"):
        return True
    if kernel.operation in _LAYOUTS:
        return kernel.operation != "quantise" or bool(flags & {"packed", "table", "atomics", "fp8"})
    if kernel.profile == "gemm" and flags & {"table", "atomics"}:
        return True
    if "packed" in flags and kernel.profile in ("gemm", "element-wise", "gather-scatter"):
        return True
    return "long" in flags and kernel.profile == "element-wise"


def _risky(kernel: Kernel) -> bool:
    flags = kernel.flags
    if kernel.profile in ("gemm", "attention"):
        return bool(flags & _ELSEWHERE)  # else tiles of a matrix unit: much work, little risk
    if flags & BLOCKING or kernel.operation in _COMPETING:
        return True
    if "atomics" in flags and kernel.profile in ("gather-scatter", "scan-sort", "unknown"):
        plain = kernel.profile == "gather-scatter" and kernel.operation in ("", "scatter-add", "scatter", "gather")
        return not plain or "medium" in flags
    if "warp" in flags and kernel.profile in ("scan-sort", "unknown"):
        return True
    if kernel.profile == "unknown":
        return bool(flags & {"early", "ptx"})
    if kernel.profile == "gather-scatter":
        return {"early", "table"} <= flags
    return False


def _composable(kernel: Kernel) -> bool:
    """Whether the kernel is a short chain of plain tensor operations."""
    flags = kernel.flags
    if kernel.profile not in _BLOCKS or kernel.operation in _LAYOUTS or flags & {"packed", "long"}:
        return False
    if kernel.profile == "gemm":
        return not flags & {"shared", "tensor-core", "ptx"}
    return kernel.profile != "gather-scatter" or "shared" not in flags
