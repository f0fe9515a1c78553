"""What a kernel's body uses: memory, threads, indices, loops. Read from the view, comments and literals blank."""

from __future__ import annotations

import re
from typing import NamedTuple

from migrate.kernels.indices import indirect, nested

#: What makes a kernel hard to carry over, or tells what it is, by what shows it.
_SIGNS = {
    "shared": re.compile(rb"\b__shared__\b|\b\w*(?:shared_mem|smem)\w*\b"),
    "warp": re.compile(
        rb"\b__(?:shfl|ballot|any|all|activemask|match|reduce)\w*|\b\w*(?:SHFL|shfl)\w*\s*\(|\b(?:warp|Warp|WARP)_?"
        rb"(?:[rR]educe|[sS]um|[mM]ax|all_?reduce|[sS]can|scan)\w*|\bcub::Warp\w+|\b(?:tiled|labeled|binary)_partition\b|\bcoalesced_threads\b"
    ),
    "partition": re.compile(rb"\b__match_\w+|\b(?:labeled|binary)_partition\b|\bcoalesced_threads\b"),
    "block": re.compile(
        rb"\b[bB]lock_?(?:[rR]educe|[sS]um|[mM]ax|[sS]can|all_?reduce|RadixSort|radix_sort)\w*|\bcub::Block\w+"
    ),
    "atomics": re.compile(
        rb"\b\w*[aA]tomic_?(?:[aA]dd|[mM]ax|[mM]in|[sS]ub|[iI]nc|[oO]r|[aA]nd|[eE]xch)\w*\s*\(|\batomic_ref\b|\bred_add\w*\("
    ),
    "compare-swap": re.compile(rb"\b\w*(?:atomicCAS|atomic_cas|compare_exchange)\w*"),
    "ptx": re.compile(rb"\basm\b"),
    "tensor-core": re.compile(
        rb"\bwmma::|\bmma_sync\b|\bldmatrix\w*|\bload_matrix_sync\b|\bmma\w*\s*\(|\b\w*_mma\w*\s*[(<]"
    ),
    "launch": re.compile(rb"<<<"),
    "hash": re.compile(rb"\b\w*[hH]ash\w*\b|\w+\.(?:find|insert)\s*\("),
    "double": re.compile(rb"\bdouble\b"),
    "half": re.compile(rb"\b(?:__)?half2?\b|bfloat16|\b__nv_bfloat162?\b"),
    "fp8": re.compile(rb"\b\w*fp8\w*\b|\b\w*(?:e4m3|e5m2)\w*\b"),
    "texture": re.compile(rb"\btex(?:1D|2D|3D)\w*\s*[<(]|\bsurf\dD\w+\s*[<(]"),
    "system": re.compile(
        rb"\b__threadfence_system\b|\b\w+_system\s*\(|\bnvshmem\w*|\bpeer_\w+|\bmultimem\b|\bbuffer_list\b"
    ),
    "grid-sync": re.compile(rb"\bthis_grid\s*\(\s*\)\s*\.\s*sync|\bgrid\.sync\b|\bgrid_?[sS]ync\w*"),
    "random": re.compile(rb"\bcurand\w*"),
    "barrier": re.compile(rb"\b__syncthreads\b|\bblock\.sync\b|\b__syncwarp\b"),
}
_MATH = re.compile(
    rb"\b(?:std::|::|c10::cuda::compat::|__)?((?:exp2?|log2?|log1p|expm1|r?sqrt|tanh|pow|erfc?|sin|cos|tan|sigmoid|fabs|abs|fmax|fmin|max|min|round|floor|ceil)f?)\s*\("
)
#: Bits taken out of a packed word: `(w >> s) & mask`, `q & 0xF`, a loaded byte shifted.
_UNPACK = re.compile(
    rb">>\s*\(?[\w\s*+%()-]{1,24}\)?\s*\)?\s*&|\]\s*(?:>>|&\s*0[xX][0-9a-fA-F]+)|&\s*0[xX](?:0?[fF]|0?3|0?[fF]0|[cC]0|0[fF]0[fF]0[fF]0[fF])\b|\bqs\s*\[|\bqh\s*\[|\bdequant\w*\s*[<(]"
)
_THREAD = re.compile(
    rb"\bthreadIdx\b|\bblockIdx\b|\bthread_rank\b|\bthread_index\b|\bgroup_index\b|\b[A-Z0-9_]*(?:KERNEL_LOOP|FOR_EACH|GRID_STRIDE)[A-Z0-9_]*\s*\(|\b(?:Kernel|Grid)(?:Loop|Stride)\w*"
)
_BLOCKS = re.compile(rb"\b(?:for|while|do)\b|[{};()]")
#: A product of two different reads added up: `acc += a[i] * b[j]`, `acc = fma(a[i], b[j], acc)`.
_MAC = re.compile(
    rb"\+=\s*[^;=]*\*[^;=]*;|\bfmaf?\s*\([^;]*\)|\b__hfma2?\s*\(|\b__dp[24]a\s*\(|\b(?:ggml_cuda_)?(?:dp4a|mad|dot)\w*\s*\("
)
_TERM = re.compile(rb"\+=\s*(?:\(\w+\)\s*)?(?:\w+\s*\*\s*)?(?:static_cast<\w+>\()?\w+(?:\s*\[[^;=]*\])?[^*;=]*;")
_ACCUMULATED = re.compile(rb"(?<![\w\])])(\w+)\s*(?:\[[^\[\];=]{0,40}\]\s*)?\+=")
_TREE = re.compile(
    rb"\bfor\s*\([^;{}]*;[^;{}]*;\s*(\w+)\s*(?:>>=\s*1|/=\s*2|=\s*\1\s*(?:/\s*2|>>\s*1))\s*\)|\bwhile\s*\([^;{}]*\)[^}]*\b\w+\s*(?:>>=\s*1|/=\s*2)\s*;"
)
_RUNNING = re.compile(rb"(\w+)\s*\[\s*(\w+)(?:\s*\+\s*1)?\s*\]\s*\+?=\s*\1\s*\[\s*\2(?:\s*-\s*1)?\s*\]\s*\+")
_STORE = re.compile(
    rb"(?<![=!<>+*/-])\b(\w+)\s*(?:\[[^;{}]*?\]|\.\w+\[[^;{}]*?\])\s*[-+*/|&]?=(?!=)|\*\s*\(?[\w\s+*]+\)?\s*=(?!=)|->\s*\w+\s*=(?!=)"
)
_EARLY = re.compile(
    rb"(?<!:)\s\bif\s*\([^;{}]*\)\s*\{?[^;{}]*\bbreak\s*;|\bdone\b|\bwhile\s*\(\s*(?:true|1)\s*\)|\bfor\s*\(\s*;\s*;\s*\)"
)
_WINDOW = re.compile(
    rb"\b(?:kernel|filter|window|pool|pad|stride|dilation|ksize)_?[hwdxytHWDXYT]\w*\b|\b\w*(?:kernel|pad|stride|dilation)_[hwdxyt]\b"
)
_BEFORE = re.compile(rb"(\w+)\s*\[[^\[\]]*\w\s*-\s*1\b[^\[\]]*\]")
_BEHIND = re.compile(rb"(\w+)\s*\[[^\[\]]*\w\s*\+\s*1\b[^\[\]]*\]")
_DIV_BY = re.compile(rb"/=?\s*\(?\s*(?:\w*sum\w*|\w*denom\w*|\w*total\w*|\w*norm\w*)\b|\binv_\w*sum\b")
_ONE_THREAD = re.compile(rb"if\s*\([^()]*\b(?:thread\w*|tid|idx|i)(?:\.x)?\s*==\s*\d+")

#: Statements up to which a body is taken for one that leaves its work to what it calls.
_CALLER = 12


class Features(NamedTuple):
    """What a body shows; `signs` are those of `_SIGNS` that it holds."""

    signs: frozenset[str]
    math: frozenset[str]  # functions of <cmath>, without `f`
    depth: int  # of loops in one another, those of macros not counted
    indirect: str  # "": indices are computed; "ragged": offsets of rows are read; "table": elements are named by data
    products: bool  # sums of products of two reads
    sums: bool  # sums of single reads
    tree: bool  # halving loop as in a reduction
    running: bool  # each element built on the one before
    unpacks: bool
    stores: int
    threads: bool  # asks which thread it is
    window: int  # words of a window: kernel size, padding, stride
    neighbours: bool  # reads what lies before and behind in one array
    tables: int  # subscripts that hold another
    divides_by_sum: bool
    leaves_early: bool  # a loop that ends when data say so
    single_threads: int  # tests for one thread each
    statements: int


def features(body: bytes, helpers: bytes = b"") -> Features:
    """The features of *body*; *helpers* are the bodies of device functions it calls, which count for signs, and
    as a whole for a body that hardly does more than call them."""
    whole = body + helpers
    shape = whole if body.count(b";") <= _CALLER else body
    signs = frozenset(slug for slug, pattern in _SIGNS.items() if pattern.search(whole))
    math = frozenset(name.decode().removesuffix("f") for name in _MATH.findall(whole))
    products = any(_reads_two(match[0]) for match in _MAC.finditer(whole))
    return Features(
        signs=signs,
        math=math,
        depth=loop_depth(shape),
        indirect=indirect(shape),
        products=products,
        sums=_TERM.search(shape) is not None,
        tree=_TREE.search(shape) is not None,
        running=_RUNNING.search(shape) is not None,
        unpacks=_UNPACK.search(shape) is not None,
        stores=sum(1 for _ in _STORE.finditer(shape)),
        threads=_THREAD.search(shape) is not None,
        window=len(set(_WINDOW.findall(shape))),
        neighbours=bool(set(_BEFORE.findall(shape)) & set(_BEHIND.findall(shape))),
        tables=nested(shape),
        divides_by_sum=_DIV_BY.search(shape) is not None,
        leaves_early=_EARLY.search(shape) is not None and loop_depth(shape) > 0,
        single_threads=len(_ONE_THREAD.findall(shape)),
        statements=shape.count(b";"),
    )


def _reads_two(term: bytes) -> bool:
    """Whether a sum of products multiplies two different things, at least one of them read from an array."""
    if b"dp" in term or b"dot" in term or b"fma" in term or b"mad" in term:
        return True
    left, _, right = term.partition(b"=")[2].rstrip(b"; ").partition(b"*")
    left, right = left.strip(), right.strip()
    return left != right and b"[" in term and re.search(rb"[A-Za-z]", right) is not None


def loop_depth(body: bytes) -> int:
    """How deep loops are nested; loops that macros make are not seen."""
    deepest = depth = parentheses = 0
    pending = 0  # loop heads whose body has not begun
    stack: list[int] = []  # for each open brace, the loops it stands for
    for match in _BLOCKS.finditer(body):
        word = match[0]
        if word == b"(":
            parentheses += 1
        elif word == b")":
            parentheses = max(0, parentheses - 1)
        elif word == b"{":
            stack.append(pending)
            pending = 0
        elif word == b"}":
            if stack:
                depth -= stack.pop()
        elif word == b";":
            if parentheses == 0:
                depth -= pending
                pending = 0
        elif word != b"do":
            pending += 1
            depth += 1
            deepest = max(deepest, depth)
    return deepest
