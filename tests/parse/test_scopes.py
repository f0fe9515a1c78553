"""Names below the namespaces of CUDA's C++ libraries and of PyTorch, however they are brought in."""

from __future__ import annotations

import pytest

from migrate.parse.scopes import Scopes
from migrate.parse.words import words_of

# Each case: what it shows, a source, and (line, name, kind) of every use that must be found, in order.
CASES = {
    "qualified": (
        (
            "cub::CachingDeviceAllocator* a;\nvoid f() { cub::DeviceRadixSort::SortPairs(t, n, k); "
            "g(cub::LOAD_LDG); ::thrust::copy(a, b, c); }"
        ),
        [
            (1, "cub::CachingDeviceAllocator", "type"),
            (2, "cub::DeviceRadixSort::SortPairs", "call"),
            (2, "cub::LOAD_LDG", "constant"),
            (2, "thrust::copy", "call"),
        ],
    ),
    "what hangs on a class template belongs to it": (
        "__global__ void k() { __shared__ typename cub::BlockReduce<float, 128>::TempStorage t; }",
        [(1, "__global__", "qualifier"), (1, "__shared__", "qualifier"), (1, "cub::BlockReduce", "type")],
    ),
    "of a longer chain the longest known name": (
        "void f() { cub::DeviceRadixSort::NoSuch(1); thrust::foo_bar(1); }",
        [(1, "cub::DeviceRadixSort", "type"), (1, "thrust::foo_bar", "call")],
    ),
    "not below another namespace or behind an object": (
        "void f() { my::thrust::copy(a); x.thrust::copy(b); cudaFree(0); }",
        [(1, "cudaFree", "call")],
    ),
    "blanks, line ends and comments inside a name": (
        "cub :: BlockScan<int> a; cub\n::\nBlockLoad<int> b; cub:: /* x */ BlockStore<int> c;",
        [(1, "cub::BlockScan", "type"), (1, "cub::BlockLoad", "type"), (3, "cub::BlockStore", "type")],
    ),
    "using one name": (
        "using cub::BlockReduce;\n__global__ void k() { BlockReduce<int, 2> b; x.BlockReduce; my::BlockReduce y; }",
        [(1, "cub::BlockReduce", "type"), (2, "__global__", "qualifier"), (2, "cub::BlockReduce", "type")],
    ),
    "using namespace cub": (
        (
            "using namespace cub;\n__global__ void k() { typename BlockReduce<int>::TempStorage t; "
            "DeviceReduce::Sum(a); struct BlockScan {}; }"
        ),
        [
            (1, "cub", "namespace"),
            (2, "__global__", "qualifier"),
            (2, "cub::BlockReduce", "type"),
            (2, "cub::DeviceReduce::Sum", "call"),
        ],
    ),
    "an alias of the same name is the file's own from there on": (
        (
            "using namespace cub;\n"
            "void f() { using BlockLoad = cub::BlockLoad<int>; BlockLoad(t).Load(p); BlockScan<int> s; }"
        ),
        [(1, "cub", "namespace"), (2, "cub::BlockLoad", "type"), (2, "cub::BlockScan", "type")],
    ),
    "using namespace cooperative_groups": (
        (
            "using namespace cooperative_groups;\n__global__ void k() { thread_block b = "
            "this_thread_block(); b.sync(); int reduce = 1; }"
        ),
        [
            (1, "cooperative_groups", "namespace"),
            (2, "__global__", "qualifier"),
            (2, "cooperative_groups::thread_block", "type"),
            (2, "cooperative_groups::this_thread_block", "call"),
        ],
    ),
    "using namespace thrust takes words that everyone has only where they are called": (
        "using namespace thrust;\nvoid f() { device_vector<int> v; sort(v.begin(), v.end()); raw_pointer_cast(p); }",
        [
            (1, "thrust", "namespace"),
            (2, "thrust::device_vector", "type"),
            (2, "thrust::sort", "call"),
            (2, "thrust::raw_pointer_cast", "call"),
        ],
    ),
    "using namespace std beside it leaves such words to std": (
        "using namespace std;\nusing namespace thrust;\nvoid f() { sort(v.begin(), v.end()); }",
        [(2, "thrust", "namespace")],
    ),
    "an algorithm found through its policy": (
        "#include <thrust/sort.h>\nvoid f() { stable_sort(thrust::cuda::par, a, b); sort(x, y); }",
        [(1, "thrust/sort.h", "include"), (2, "thrust::stable_sort", "call"), (2, "thrust::cuda::par", "function")],
    ),
    "an alias": (
        (
            "namespace cg = cooperative_groups;\n__global__ void k() { cg::thread_block b = "
            "cg::this_thread_block(); cg::reduce(t, v, cg::plus<float>()); }"
        ),
        [
            (1, "cooperative_groups", "namespace"),
            (2, "__global__", "qualifier"),
            (2, "cooperative_groups::thread_block", "type"),
            (2, "cooperative_groups::this_thread_block", "call"),
            (2, "cooperative_groups::reduce", "call"),
            (2, "cooperative_groups::plus", "type"),
        ],
    ),
    "the customary aliases, made in a header elsewhere": (
        "__global__ void k() { cg::this_thread_block(); wmma::mma_sync(a, b, c, d); }",
        [
            (1, "__global__", "qualifier"),
            (1, "cooperative_groups::this_thread_block", "call"),
            (1, "nvcuda::wmma::mma_sync", "call"),
        ],
    ),
    "an own namespace of that name": (
        "namespace cg { void x(); }\nvoid f() { cg::x(); cudaFree(0); }",
        [(2, "cudaFree", "call")],
    ),
    "wmma below using namespace nvcuda": (
        (
            "using namespace nvcuda;\n__global__ void k() { wmma::fragment<wmma::matrix_a, 16, 16, 16, "
            "half, wmma::row_major> f; }"
        ),
        [
            (1, "nvcuda", "namespace"),
            (2, "__global__", "qualifier"),
            (2, "nvcuda::wmma::fragment", "type"),
            (2, "nvcuda::wmma::matrix_a", "type"),
            (2, "half", "type"),
            (2, "nvcuda::wmma::row_major", "type"),
        ],
    ),
    "using namespace nvcuda::wmma, named once": (
        "using namespace nvcuda::wmma;\n__global__ void k() { mma_sync(a, b, c, d); }",
        [(1, "nvcuda::wmma", "namespace"), (2, "__global__", "qualifier"), (2, "nvcuda::wmma::mma_sync", "call")],
    ),
    "PyTorch's CUDA names, not its others": (
        (
            "void f() { cudaStream_t s = at::cuda::getCurrentCUDAStream(); c10::cuda::CUDAGuard g(0); "
            "at::Tensor t; at::relu(t); g(torch::kCUDA); }"
        ),
        [
            (1, "cudaStream_t", "type"),
            (1, "at::cuda::getCurrentCUDAStream", "call"),
            (1, "c10::cuda::CUDAGuard", "type"),
            (1, "torch::kCUDA", "constant"),
        ],
    ),
    "libcu++ with its header": (
        (
            "#include <cuda/std/atomic>\nvoid f() { cuda::std::atomic<int> a; ::cuda::barrier<x> b; "
            "my::cuda::atomic<y> c; }"
        ),
        [(1, "cuda/std/atomic", "include"), (2, "cuda::std::atomic", "type"), (2, "cuda::barrier", "type")],
    ),
    "cuda:: without it": (
        "void f() { cuda::std::atomic<int> a; cuda::barrier<x> b; cudaFree(0); }",
        [(1, "cudaFree", "call")],
    ),
    "cuda:: of a project that has a namespace cuda": (
        "#include <cuda/std/atomic>\nnamespace cuda { int x; }\nint y = cuda::x;",
        [(1, "cuda/std/atomic", "include")],
    ),
    "in macro bodies, not in other directives": (
        "#define R(x) thrust::sort(x)\n#if thrust::no\n#pragma cub::no\n#endif\nthrust::device_vector<int> v;",
        [(1, "thrust::sort", "call"), (5, "thrust::device_vector", "type")],
    ),
    "variables called like a library": (
        "int cub = 3; int y = cub; void f() { int thrust; cudaFree(0); }",
        [(1, "cudaFree", "call")],
    ),
}


@pytest.mark.parametrize(("source", "wanted"), CASES.values(), ids=CASES)
def test_scoped_names(uses, source, wanted):
    assert uses(source) == wanted


@pytest.mark.parametrize(
    "text", [b"cub::", b"cub::template ", b"using cub::;", b"using namespace ;", b"namespace a = ;"]
)
def test_cut_short(inventory, text):
    """Half a name at the end of a file is no reason to fail."""
    assert list(Scopes(text, words_of(text), inventory).find()) == []


def test_spans_cover_what_was_written(inventory):
    text = b"namespace tc = thrust; using cub::BlockScan; tc :: sort(a); BlockScan<int> b;"
    found = sorted(Scopes(text, words_of(text), inventory).find())
    assert [(name.name, text[name.start : name.end]) for name in found] == [
        ("thrust", b"thrust"),
        ("cub::BlockScan", b"cub::BlockScan"),
        ("thrust::sort", b"tc :: sort"),
        ("cub::BlockScan", b"BlockScan"),
    ]
