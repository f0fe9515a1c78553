"""Recipes for HIP (Hygon DTK): symbols, kernels given by pointer, overloads that HIP spells differently."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from migrate.model import Edit, Fix
from migrate.parse.words import occurrences
from migrate.rewrite.recipes import file_recipe, recipe
from migrate.rewrite.recipes.pointers import as_void

if TYPE_CHECKING:
    from collections.abc import Iterator

    from migrate.rewrite.calls import Call
    from migrate.rewrite.recipes import File

#: Function → number of the argument that names a `__device__` variable. HIP takes its address through HIP_SYMBOL,
#: which is a plain cast on AMD; CUDA's templates take the variable itself.
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

#: Function → number of the argument that is a kernel. HIP's C functions take `const void*`, CUDA's templates any
#: function.
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


_OCCUPANCY = rb"cuOccupancyMaxPotentialBlockSize(?:WithFlags)?\s*\([^;{}]*,\s*\Z"
_NOTHING = (b"0", b"NULL", b"nullptr")


@recipe("dtk", "cuOccupancyMaxPotentialBlockSize", "cuOccupancyMaxPotentialBlockSizeWithFlags")
def occupancy(call: Call) -> Fix | None:
    """Drops the callback that HIP's function lacks, where there is none."""
    callback = call.argument(4)
    if callback not in _NOTHING and not _holds_nothing(call.view, callback):
        return None
    return call.fix(call.rename("hipModule" + call.use.shape.name.removeprefix("cu")), call.remove(4))


@recipe("dtk", "CUoccupancyB2DSize")
def callback_type(call: Call) -> Fix | None:
    """`CUoccupancyB2DSize callback;` → `void* callback;` where no function is ever put into it."""
    declared = re.compile(rb"\s+(\w+)").match(call.view, call.name.end)
    if declared is None or not _holds_nothing(call.view, declared[1]):
        return None
    return call.fix(call.rename("void*"))


def _holds_nothing(view: bytes, name: bytes) -> bool:
    """Whether *name* is a local variable without a value that goes nowhere but into the occupancy functions."""
    if not name.decode("utf-8", "replace").isidentifier():
        return False
    declared = re.compile(rb"\bCUoccupancyB2DSize\s+(" + name + rb")\s*(?:=\s*(?:0|NULL|nullptr)\s*)?;")
    places = {found.start(1) for found in declared.finditer(view) if _is_local(view, found.start())}
    return bool(places) and all(
        start in places or re.search(_OCCUPANCY, view[max(0, start - 400) : start]) for start in occurrences(view, name)
    )


def _is_local(view: bytes, at: int) -> bool:
    """Whether the innermost brace around *at* opens a statement or a function's body, not a class or a namespace."""
    depth = 0
    for brace in reversed(list(re.finditer(rb"[{}]", view[:at]))):
        depth += (brace[0] == b"}") - (brace[0] == b"{")
        if depth < 0:
            return view[: brace.start()].rstrip().endswith((b")", b";", b"{", b"}"))
    return False


_ADDRESS = re.compile(rb"&\s*(\w+)")


@recipe("dtk", "cudaMallocPitch")
def pitch(call: Call) -> Fix | None:
    """`cudaMallocPitch(&p, …)` → `hipMallocPitch((void**)&p, …)`: HIP has no template for typed pointers."""
    address = _ADDRESS.fullmatch(call.argument(1))
    is_void = address is not None and _is_void_pointer(call.view, address[1])
    return call.fix(call.rename("hipMallocPitch"), *(() if is_void else as_void(call, 1)))


def _is_void_pointer(view: bytes, name: bytes) -> bool:
    """Whether every variable of this name that the file declares with a `*` is a `void*`."""
    types = set(re.findall(rb"(\w+)\s*\*\s*" + name + rb"\s*[=;,)]", view))
    return types == {b"void"}


#: What works on `__nv_bfloat16` beyond storing it; HIP's two types differ in all of it.
_BF16_WORK = re.compile(
    rb"bfloat162|\w*2bfloat16\w*|__bfloat16\w*|\bnv_bfloat16\b|__nv_bfloat16(?:_raw)?\s*[({]"
    rb"|\b__h(?:add|sub|mul|div|fma|max|min|abs|neg|eq|ne|l[et]|g[et]|isnan|isinf)\w*"
)


@recipe("dtk", "__nv_bfloat16")
def bfloat16(call: Call) -> Fix | None:
    """`__nv_bfloat16` → `hip_bfloat16` where it is only passed on to hipBLAS, whose functions take that type."""
    view = call.view
    if (b"cublas" not in view and b"hipblas" not in view) or b"__global__" in view or _BF16_WORK.search(view):
        return None
    return call.fix(call.rename("hip_bfloat16"))


_ANALYSIS = re.compile(rb"(?:cu|hip)sparseSpSM_analysis\s*\(([^;]*)\)\s*[;)]")


@recipe("dtk", "cusparseSpSM_solve")
def spsm_solve(call: Call) -> Fix | None:
    """Adds the buffer that HIP's function takes: the one that this file's analysis got, none without an analysis."""
    found = _ANALYSIS.search(call.view)
    buffer = found[1].rpartition(b",")[2].strip().decode("utf-8", "replace") if found else "nullptr"
    return call.fix(call.rename("hipsparseSpSM_solve"), call.insert(len(call.arguments) + 1, buffer))


_HALF2 = re.compile(rb"\b(?:__)?half2\b\s*[&*]?\s*(\w+)\s*(?=[=;,(\[){])")
_FIELD = re.compile(rb"\s*\.\s*[xy]\b")
_CAST = re.compile(rb"(?:reinterpret_cast\s*<\s*(?:__)?half\s*&\s*>\s*\(|&)\s*\Z")


_NO_TYPE = frozenset({b"half2", b"__half2", b"const", b"return", b"volatile", b"else", b"case", b"throw", b"goto"})


def _has_another_type(view: bytes, name: bytes) -> bool:
    """Whether a variable of this name may be something else than a half2 somewhere in the file."""
    declared = re.compile(
        rb"([\w>])[ \t]*[&*]{0,2}[ \t]+[&*]{0,2}"
        + name
        + rb"\s*(?:[=;,)\[{:]|\((?!\)))|,[ \t]*[&*]?"
        + name
        + rb"\s*[=;]"
    )
    for found in declared.finditer(view):
        if not found[1]:
            return True
        word = _LAST_WORD.search(view, max(0, found.start() - 60), found.end(1))
        if word is None or word[0] not in _NO_TYPE:
            return True
    return False


_LAST_WORD = re.compile(rb"\w+\Z|>\Z")


@file_recipe("dtk")
def half2_fields(file: File) -> Iterator[Fix]:
    """`v.x` of a half2 → `reinterpret_cast<half&>(v.x)`: HIP's fields are raw 16-bit numbers."""
    view = file.view
    if b"half2" not in view:
        return
    for name in sorted(set(_HALF2.findall(view))):
        matches = ((start, _FIELD.match(view, start + len(name))) for start in occurrences(view, name))
        fields = [(start, field) for start, field in matches if field is not None]
        if not fields or _has_another_type(view, name):
            continue
        for start, field in fields:
            head = view[max(0, start - 40) : start]
            if _CAST.search(head) or head.rstrip().endswith((b".", b"->", b"::")):
                continue
            cast = Edit(start, start, b"reinterpret_cast<half&>(")
            yield Fix((cast, Edit(field.end(), field.end(), b")")), "safe")
