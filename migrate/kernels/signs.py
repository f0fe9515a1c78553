"""What single words of a kernel's body tell; each word is looked at once, whatever the number of kernels."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

#: What makes a kernel hard to carry over, or tells what it is: a sign and the words that show it.
_WORDS = {
    "shared": rb"__shared__|\w*(?:shared_mem|smem)\w*",
    "warp": (
        rb"__(?:shfl|ballot|any|all|activemask|match|reduce)\w*|\w*(?:SHFL|shfl)\w*|(?:warp|Warp|WARP)_?"
        rb"(?:[rR]educe|[sS]um|[mM]ax|all_?reduce|[sS]can)\w*|[sS]huffle_?(?:[rR]educe|[sS]um|[mM]ax)\w*"
        rb"|(?:tiled|labeled|binary)_partition|coalesced_threads"
    ),
    "partition": rb"__match_\w+|(?:labeled|binary)_partition|coalesced_threads",
    "block": rb"[bB]lock_?(?:[rR]educe|[sS]um|[mM]ax|[sS]can|all_?reduce|RadixSort|radix_sort)\w*",
    "atomics": (
        rb"\w*[aA]tomic_?(?:[aA]gg|[aA]dd|[mM]ax|[mM]in|[sS]ub|[iI]nc|[oO]r|[aA]nd|[eE]xch)\w*|atomic_ref|red_add\w*"
    ),
    "compare-swap": rb"\w*(?:atomicCAS|atomic_cas|compare_exchange)\w*",
    "ptx": rb"asm",
    "tensor-core": rb"wmma|mma_sync|ldmatrix\w*|load_matrix_sync|mma\w*|\w*_mma\w*",
    "hash": rb"\w*[hH]ash\w*",
    "double": rb"double",
    "half": rb"(?:__)?half2?|bfloat16|__nv_bfloat162?",
    "fp8": rb"\w*(?:fp8|e4m3|e5m2)\w*",
    "texture": rb"tex(?:1D|2D|3D)\w*|surf\dD\w+",
    "system": (
        rb"__threadfence_system|\w+_system|nvshmem\w*|peer_\w+|multimem\w*|buffer_list|__nanosleep|ld_acquire\w*"
        rb"|st_release\w*|\w*[lL]amport\w*|\w*(?:arrival|signal)_ptrs?"
    ),
    "cluster": rb"this_cluster|map_shared_rank|cluster_(?:arrive|wait|sync)\w*",
    "random": rb"curand\w*|\w*random_\w+|[pP]hilox\w*",
    "barrier": rb"__syncthreads|__syncwarp",
    # signs that only the profile asks for
    "thread": (
        rb"threadIdx|blockIdx|thread_rank|thread_index|group_index"
        rb"|[A-Z0-9_]*(?:KERNEL_LOOP|FOR_EACH|GRID_STRIDE)[A-Z0-9_]*|(?:Kernel|Grid)(?:Loop|Stride)\w*"
    ),
    "window": (
        rb"(?:kernel|filter|window|pool|pad|stride|dilation|ksize)_?[hwdxytHWDXYT]\w*"
        rb"|\w*(?:kernel|pad|stride|dilation)_[hwdxyt]"
    ),
    "sum-name": rb"\w*(?:sum|denom|total|norm)\w*",
    "function": (
        rb"(?:__)?(?:exp2?|log2?|log1p|expm1|r?sqrt|tanh|pow|erfc?|sin|cos|sincos|tan|atan2?|sigmoid|fabs|abs|fmax|fmin|max|min|round"
        rb"|floor|ceil)f?"
    ),
    "product": rb"fmaf?|__hfma2?|__dp[24]a|(?:ggml_cuda_)?(?:dp4a|mad|dot)\w*",
}
_PATTERNS = tuple((sign, re.compile(pattern)) for sign, pattern in _WORDS.items())
#: Signs that are no flags of a kernel.
INNER = frozenset({"thread", "window", "sum-name", "function", "product"})


@lru_cache(maxsize=65_536)
def _of(word: bytes) -> tuple[str, ...]:
    return tuple(sign for sign, pattern in _PATTERNS if pattern.fullmatch(word))


def by_sign(words: Iterable[bytes]) -> dict[str, list[bytes]]:
    """Which of *words* show which sign."""
    found: dict[str, list[bytes]] = {}
    for word in words:
        for sign in _of(word):
            found.setdefault(sign, []).append(word)
    return found
