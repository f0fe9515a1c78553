"""Recipes for HIP (Hygon DTK): symbols, kernels given by pointer, overloads that HIP spells differently."""

from __future__ import annotations

from typing import TYPE_CHECKING

from migrate.rewrite.recipes import recipe

if TYPE_CHECKING:
    from migrate.model import Fix
    from migrate.rewrite.calls import Call

#: Function → number of the argument that names a `__device__` variable. HIP takes its address through HIP_SYMBOL, which is
#: a plain cast on AMD; CUDA's templates take the variable itself.
_SYMBOL = {
    "cudaGetSymbolAddress": 2,
    "cudaGetSymbolSize": 2,
    "cudaGraphAddMemcpyNodeFromSymbol": 6,
    "cudaGraphAddMemcpyNodeToSymbol": 5,
    "cudaGraphExecMemcpyNodeSetParamsFromSymbol": 4,
    "cudaGraphExecMemcpyNodeSetParamsToSymbol": 3,
    "cudaGraphMemcpyNodeSetParamsFromSymbol": 3,
    "cudaGraphMemcpyNodeSetParamsToSymbol": 2,
    "cudaGetTextureReference": 2,
    "cudaMemcpyFromSymbol": 2,
    "cudaMemcpyFromSymbolAsync": 2,
    "cudaMemcpyToSymbol": 1,
    "cudaMemcpyToSymbolAsync": 1,
}

#: Function → number of the argument that is a kernel. HIP's C functions take `const void*`, CUDA's templates any function.
_KERNEL = {
    "cudaFuncGetAttributes": 2,
    "cudaFuncSetAttribute": 1,
    "cudaFuncSetCacheConfig": 1,
    "cudaFuncSetSharedMemConfig": 1,
    "cudaLaunchCooperativeKernel": 1,
    "cudaLaunchKernel": 1,
}


def _hip_name(call: Call) -> str:
    return "hip" + call.use.shape.name.removeprefix("cuda")


@recipe("dtk", *_SYMBOL)
def symbol(call: Call) -> Fix | None:
    """`cudaMemcpyToSymbol(s, …)` → `hipMemcpyToSymbol(HIP_SYMBOL(s), …)`."""
    number = _SYMBOL[call.use.shape.name]
    if number > len(call.arguments) or call.argument(number).startswith(b"HIP_SYMBOL"):
        return None
    return call.fix(call.rename(_hip_name(call)), call.wrap(number, "HIP_SYMBOL("))


@recipe("dtk", *_KERNEL)
def kernel(call: Call) -> Fix | None:
    """`cudaFuncSetAttribute(kernel, …)` → `hipFuncSetAttribute(reinterpret_cast<const void*>(kernel), …)`."""
    number = _KERNEL[call.use.shape.name]
    if number > len(call.arguments):
        return None
    argument = call.argument(number)
    if argument.startswith((b"reinterpret_cast<const void*>", b"(const void*)", b"(const void *)")):
        return None
    return call.fix(call.rename(_hip_name(call)), call.wrap(number, "reinterpret_cast<const void*>("))


@recipe("dtk", "cuOccupancyMaxPotentialBlockSize", "cuOccupancyMaxPotentialBlockSizeWithFlags")
def occupancy(call: Call) -> Fix | None:
    """Drops the callback that HIP's function lacks, where there is none."""
    if call.argument(4) not in (b"0", b"NULL", b"nullptr"):
        return None
    return call.fix(call.rename("hipModule" + call.use.shape.name.removeprefix("cu")), call.remove(4))
