"""Which places of a source are uses of CUDA, of what kind, and which only look so (PARSING: traps for names)."""

from __future__ import annotations

import pytest

from migrate.model import KINDS

# Each case: what it shows, a source, and (line, name, kind) of every use that must be found, in order.
NAMES = {
    "a name after . or -> is a member of the project's own": (
        "void f() { driver->cuMemCreate(&h, 1, &p, 0); d.cuMemCreate(a); cuMemCreate(&h, 1, &p, 0); }",
        [(1, "cuMemCreate", "call")],
    ),
    "a leading :: is the global scope, a name before it is not": (
        (
            "void f() {\n  ns::cudaMalloc(&a, 1);\n  ::cudaMalloc(&b, 1);\n"
            "  A<B>::cudaFree(p);\n  return ::cudaFree(q);\n}"
        ),
        [(3, "cudaMalloc", "call"), (5, "cudaFree", "call")],
    ),
    "a blank around :: changes nothing": (
        "void f() { ns :: cudaFree(a); x = :: cudaFree(b); }",
        [(1, "cudaFree", "call")],
    ),
    "the project's own namespace cuda": (
        "namespace cuda { void g(); }\nvoid f() { cuda::g(); cudaMalloc(&p, 1); }",
        [(2, "cudaMalloc", "call")],
    ),
    "a member called cudaStream": (
        (
            "struct S { cudaStream_t cudaStream; };\nvoid f(S& s) { s.cudaStream = 0; "
            "cudaStreamSynchronize(s.cudaStream); }"
        ),
        [(1, "cudaStream_t", "type"), (2, "cudaStreamSynchronize", "call")],
    ),
    "a call after a macro that is a statement is no variable of that macro's type": (
        "void f() {\n  cudaFree(a); CHECK\n  cudaMalloc(&b, n); CHECK\n  cudaFree(b);\n}",
        [(2, "cudaFree", "call"), (3, "cudaMalloc", "call"), (4, "cudaFree", "call")],
    ),
    "a function of the project with a name like CUDA's": (
        "void cudaCheck(int code);\nvoid f() { cudaCheck(cudaGetLastError()); }",
        [(2, "cudaGetLastError", "call")],
    ),
    "classes, enumerators, aliases and methods of the project": (
        (
            "enum E { cudaFoo, cudaBar };\nusing cudaT = int;\ntypedef int cudaU;\n"
            "class cudaHelper { void cudaMine(); };\n"
            "void g(cudaT x) { cudaU y; cudaHelper h; use(cudaFoo); cudaMine(); cudaFree(0); }"
        ),
        [(5, "cudaFree", "call")],
    ),
    "an unknown name counts when called or used as a type": (
        "void f() { cudaOther(1); cudaOtherType x; cudaFree(0); use(cudaThird); }",
        [(1, "cudaOther", "call"), (1, "cudaOtherType", "type"), (1, "cudaFree", "call")],
    ),
    "look-alikes that are no API": (
        (
            "int cuda_stream = CUDA_NUM_THREADS; void f() { CUDA_CHECK(cudaFree(0)); current(1); "
            "cutlass_x(2); CUT_SAFE(3); }"
        ),
        [(1, "cudaFree", "call")],
    ),
    "the call inside a checking macro, whoever wrote the macro": (
        "void f() { CHECK(cudaFree(p)); gpuErrchk( cudaFree(p) ); check(cudaFree(p), __LINE__); }",
        [(1, "cudaFree", "call")] * 3,
    ),
    "comments and log messages": (
        '// cudaMalloc(1)\n/* cudaFree\n cudaFree */ void f() { puts("cudaMalloc failed"); cudaFree(0); }',
        [(3, "cudaFree", "call")],
    ),
    "an API name that is the whole of a string": (
        'void f() { dlsym(h, "cuInit"); puts("use cuInit"); puts("cuInit\\n"); cuInit(0); }',
        [(1, "cuInit", "string"), (1, "cuInit", "call")],
    ),
    "functions named without being called": (
        "cudaError_t (*f)(void**, size_t) = cudaMalloc;\nauto g = &cudaFree;",
        [(1, "cudaError_t", "type"), (1, "cudaMalloc", "function"), (2, "cudaFree", "function")],
    ),
    "enumerators and macros": (
        "int a = cudaMemcpyHostToDevice; int b = cudaHostAllocMapped; int c = CUDART_VERSION;",
        [
            (1, "cudaMemcpyHostToDevice", "constant"),
            (1, "cudaHostAllocMapped", "macro"),
            (1, "CUDART_VERSION", "macro"),
        ],
    ),
    "a name before a directive on the next line": (
        "void f() {\n  g(a,\n#ifdef X\n    cudaSuccess\n#else\n    cudaErrorUnknown\n#endif\n  );\n}",
        [(4, "cudaSuccess", "constant"), (6, "cudaErrorUnknown", "constant")],
    ),
    "types as parameters, unnamed, with defaults, behind a macro": (
        "API cudaError_t f(cudaStream_t s, cudaEvent_t, const cudaArray_t& a = 0, cudaGraph_t = 0);",
        [
            (1, "cudaError_t", "type"),
            (1, "cudaStream_t", "type"),
            (1, "cudaEvent_t", "type"),
            (1, "cudaArray_t", "type"),
            (1, "cudaGraph_t", "type"),
        ],
    ),
    "types as template arguments, casts, sizeof": (
        (
            "std::vector<cudaStream_t> v(sizeof(cudaEvent_t));\n"
            "void f() { g((cudaStream_t)0, static_cast<cudaGraph_t>(p)); }"
        ),
        [
            (1, "cudaStream_t", "type"),
            (1, "cudaEvent_t", "type"),
            (2, "cudaStream_t", "type"),
            (2, "cudaGraph_t", "type"),
        ],
    ),
    "a stub that defines CUDA's function declares it": (
        "cudaError_t cudaMemset(void* p, int v, size_t n) { return cudaSuccess; }",
        [(1, "cudaError_t", "type"), (1, "cudaSuccess", "constant")],
    ),
    "a method called like an API and the API inside it": (
        "struct A { void cudaFree(); }; void A::cudaFree() { ::cudaFree(p); }",
        [(1, "cudaFree", "call")],
    ),
    "driver, BLAS, DNN, FFT, NCCL": (
        (
            "void f() { cuInit(0); cublasHandle_t h; CUBLAS_CHECK(cublasCreate(&h)); cudnnHandle_t d; "
            "cufftHandle p; ncclGroupStart(); }"
        ),
        [
            (1, "cuInit", "call"),
            (1, "cublasHandle_t", "type"),
            (1, "cublasCreate", "call"),
            (1, "cudnnHandle_t", "type"),
            (1, "cufftHandle", "type"),
            (1, "ncclGroupStart", "call"),
        ],
    ),
    "a word cut by a line joint is missed, never taken for a shorter one": (
        "void f() { cudaMal\\\nloc(&p, 1); cudaFree\\\nAsync(p, s); cudaFree(\\\n0); }",
        [(3, "cudaFree", "call")],
    ),
}

DEVICE = {
    "names of C's library count in device code only": (
        '__global__ void k(float* a) { a[0] = expf(a[1]); printf(""); }\nvoid h() { expf(1); printf(""); max(1, 2); }',
        [(1, "__global__", "qualifier"), (1, "expf", "call"), (1, "printf", "call")],
    ),
    "not with a namespace or an object before them": (
        "__device__ int f() { return std::max(1, 2) + o.abs(1) + ::abs(1) + p->min(1); }",
        [(1, "__device__", "qualifier"), (1, "abs", "call")],
    ),
    "local variables called like CUDA's words": (
        "__global__ void k() { float half = 1; float norm = half; norm = half * 2; int clock = 2; clock++; }",
        [(1, "__global__", "qualifier")],
    ),
    "the same words as a type or a call": (
        "#include <cuda_fp16.h>\n__global__ void k() { half h = 1; f(norm(3, p)); clock(); texture<float> t; }",
        [
            (1, "cuda_fp16.h", "include"),
            (2, "__global__", "qualifier"),
            (2, "half", "type"),
            (2, "norm", "call"),
            (2, "clock", "call"),
            (2, "texture", "type"),
        ],
    ),
    "built-in variables, with and without component": (
        "__global__ void k() { f(threadIdx.x, blockIdx.y, blockDim, gridDim.z, warpSize, threadIdx.w); }",
        [
            (1, "__global__", "qualifier"),
            (1, "threadIdx.x", "variable"),
            (1, "blockIdx.y", "variable"),
            (1, "blockDim", "variable"),
            (1, "gridDim.z", "variable"),
            (1, "warpSize", "variable"),
            (1, "threadIdx", "variable"),
        ],
    ),
    "members and own variables called like built-in ones": (
        (
            "struct P { dim3 gridDim; int warpSize; };\nvoid h(P p) { int warpSize = 32; dim3 "
            "blockDim(1); f(warpSize, blockDim, p.gridDim.x, blockDim.x); }\n"
            "__device__ int x;"
        ),
        [(1, "dim3", "type"), (2, "dim3", "type"), (3, "__device__", "qualifier")],
    ),
    "warpSize of host code is not the built-in": (
        "__device__ int d() { return warpSize; }\nint h() { return warpSize; }",
        [(1, "__device__", "qualifier"), (1, "warpSize", "variable")],
    ),
    "qualifiers with and without arguments": (
        (
            "__launch_bounds__(256, 2) __global__ void k(T* __restrict__ p) {"
            " extern __shared__ __align__(16) char s[]; }\n"
            "__constant__ int c; __device__ __forceinline__ int f();"
        ),
        [
            (1, "__launch_bounds__", "qualifier"),
            (1, "__global__", "qualifier"),
            (1, "__restrict__", "qualifier"),
            (1, "__shared__", "qualifier"),
            (1, "__align__", "qualifier"),
            (2, "__constant__", "qualifier"),
            (2, "__device__", "qualifier"),
            (2, "__forceinline__", "qualifier"),
        ],
    ),
    "an own function called like an intrinsic": (
        "__device__ float rsqrt(float x) { return x; }\n__global__ void k(float* a) { a[0] = rsqrt(a[0]); }",
        [(1, "__device__", "qualifier"), (2, "__global__", "qualifier")],
    ),
}

LAUNCHES = {
    "plain, template, qualified": (
        "void f() { k<<<1, 2>>>(); k<N, half><<<g, b, 0, s>>>(a); ns::k2<<<1, 2>>>(); }",
        [(1, "k", "launch"), (1, "k", "launch"), (1, "half", "type"), (1, "ns::k2", "launch")],
    ),
    "in a macro body": (
        "#define LAUNCH(k, g, b, ...) k<<<g, b>>>(__VA_ARGS__)\nvoid f() { LAUNCH(z, 1, 2, 3); }",
        [(1, "k", "launch")],
    ),
    "the kernel's name is no second use": (
        "void f() { cudaKernel<<<1, 2>>>(cudaOther(1)); }",
        [(1, "cudaKernel", "launch"), (1, "cudaOther", "call")],
    ),
    "a name that an expression makes": (
        "void f() { NAME(x)<<<1, 2>>>(); (*table[i])<<<1, 2>>>(); }",
        [(1, "(expression)", "launch"), (1, "(expression)", "launch")],
    ),
    "not in text": (
        'void f() { puts("k<<<1, 2>>>()"); /* k<<<1,2>>>(); */ a << b; cudaFree(0); }',
        [(1, "cudaFree", "call")],
    ),
}

INCLUDES = {
    "CUDA's, quoted or not, with blanks": (
        (
            '#include <cuda_runtime.h>\n#include "cuda_runtime.h"\n'
            "#  include  <cublas_v2.h>  // c\n#include<cuda_fp16.h>\n"
            "#import <cuda.h>"
        ),
        [
            (1, "cuda_runtime.h", "include"),
            (2, "cuda_runtime.h", "include"),
            (3, "cublas_v2.h", "include"),
            (4, "cuda_fp16.h", "include"),
        ],
    ),
    "a vendored copy": ('#include "third_party/cub/cub/cub.cuh"', [(1, "third_party/cub/cub/cub.cuh", "include")]),
    "one no table knows, in angle brackets": (
        '#include <cuda_foo.h>\n#include "cuda_bar.h"\n#include <cuda_runtime.h>',
        [(1, "cuda_foo.h", "include"), (3, "cuda_runtime.h", "include")],
    ),
    "a macro's, whatever it stands for, but not those that C or other devices have": (
        "#include <math.h>\n#include <vector>\n#include <ATen/ATen.h>\n#include MACRO\n#include <cuda.h>",
        [(4, "MACRO", "include"), (5, "cuda.h", "include")],
    ),
    "PyTorch's for CUDA": ("#include <ATen/cuda/CUDAContext.h>", [(1, "ATen/cuda/CUDAContext.h", "include")]),
}


@pytest.mark.parametrize("cases", [NAMES, DEVICE, LAUNCHES, INCLUDES], ids=["names", "device", "launches", "includes"])
def test_tables_are_not_empty(cases):
    assert cases


@pytest.mark.parametrize(("source", "wanted"), NAMES.values(), ids=NAMES)
def test_names(uses, source, wanted):
    assert uses(source) == wanted


@pytest.mark.parametrize(("source", "wanted"), DEVICE.values(), ids=DEVICE)
def test_device_code(uses, source, wanted):
    assert uses(source) == wanted


@pytest.mark.parametrize(("source", "wanted"), LAUNCHES.values(), ids=LAUNCHES)
def test_launches(uses, source, wanted):
    assert uses(source) == wanted


@pytest.mark.parametrize(("source", "wanted"), INCLUDES.values(), ids=INCLUDES)
def test_includes(uses, source, wanted):
    assert uses(source) == wanted


def test_launch_configuration(analyse):
    found = analyse("void f() { k<<<dim3(1, 2),\n   n >> 2,\\\n 0 /* none */, s>>>(a); }")
    launch = found.uses[0]
    assert found.launches[launch.start]._asdict() == {
        "grid": "dim3(1, 2)",
        "block": "n >> 2",
        "shared": "0",
        "stream": "s",
    }


# ---- what belongs to a use besides its name

SHAPES = {
    "the function around it, lambdas have none of their own": (
        "int ns::f() { auto g = [&] { cudaFree(0); }; }",
        "function",
        [(1, "cudaFree", "call", "ns::f")],
    ),
    "extern C, as one line and as a block": (
        (
            'extern "C" __global__ void k(int* p) { p[0] = __ldg(p); }\n'
            'extern "C" {\n__device__ int q() { return min(1, 2); }\n'
            "}"
        ),
        "side",
        [
            (1, "__global__", "qualifier", ""),
            (1, "__ldg", "call", "device"),
            (3, "__device__", "qualifier", ""),
            (3, "min", "call", "device"),
        ],
    ),
    "macros of the project that hold a type too say where code runs": (
        "#define KERNEL __global__ void\nKERNEL k(float* p) { p[0] = expf(p[0]); }\nvoid h() { cudaFree(0); }",
        "side",
        [(1, "__global__", "qualifier", ""), (2, "expf", "call", "device"), (3, "cudaFree", "call", "host")],
    ),
    "attribute macros of the project say where code runs": (
        (
            "#define HD __host__ __device__\n#define DEV __device__ inline\nHD float f(float x) { return expf(x); }\n"
            "DEV float g(float x) { return sqrtf(x); }\nstruct S { HD float h(float x) { return "
            "sinf(x); } float i(float x) { return sinf(x); } };"
        ),
        "side",
        [
            (1, "__host__", "qualifier", ""),
            (1, "__device__", "qualifier", ""),
            (2, "__device__", "qualifier", ""),
            (3, "expf", "call", "host device"),
            (4, "sqrtf", "call", "device"),
            (5, "sinf", "call", "host device"),
        ],
    ),
    "device lambdas in host code": (
        (
            "void f() {\n  auto l = [=] __device__ (int i) { return expf(i); };\n"
            "  g([] __host__ __device__ (int i) -> int { return sinf(i); });\n"
            "  expf(1);\n}"
        ),
        "side",
        [
            (2, "__device__", "qualifier", "device"),
            (2, "expf", "call", "device"),
            (3, "__host__", "qualifier", "host device"),
            (3, "__device__", "qualifier", "host device"),
            (3, "sinf", "call", "host device"),
        ],
    ),
    "a function after many lambdas of another": (
        "void f() {" + "g([] __device__ (int i) { return i; });" * 250 + "\n cudaFree(0); }",
        "function",
        [(1, "__device__", "qualifier", "f")] * 250 + [(2, "cudaFree", "call", "f")],
    ),
    "the macro in whose body it stands": (
        "#define R(x) do { cudaFree(x); half h; __syncthreads(); i = threadIdx.x; expf(x); } while (0)",
        "define",
        [
            (1, "cudaFree", "call", "R"),
            (1, "half", "type", "R"),
            (1, "__syncthreads", "call", "R"),
            (1, "threadIdx.x", "variable", "R"),
        ],
    ),
    "a macro's body over several lines": (
        (
            "#define CHECK(x) do { \\\n  cudaError_t e = (x); \\\n"
            "  if (e != cudaSuccess) die(cudaGetErrorString(e)); \\\n"
            "} while (0)\nint y;"
        ),
        "define",
        [
            (2, "cudaError_t", "type", "CHECK"),
            (3, "cudaSuccess", "constant", "CHECK"),
            (3, "cudaGetErrorString", "call", "CHECK"),
        ],
    ),
    "a macro's parameter called like an API": (
        "#define WRAP(cudaMalloc, b) cudaMalloc(b); cudaFree(b)",
        "define",
        [(1, "cudaFree", "call", "WRAP")],
    ),
    "names made by pasting": (
        (
            "#define A(n) cuda##n\n#define B(n) CUDA_##n\n#define C(n) cudaMemcpy##n(1)\n"
            "#define D(n) n##Async\n#define E(n) #n\nvoid f() { cudaFree(0); }"
        ),
        "define",
        [
            (1, "cuda##n", "pasted", "A"),
            (2, "CUDA_##n", "pasted", "B"),
            (3, "cudaMemcpy##n", "pasted", "C"),
            (6, "cudaFree", "call", ""),
        ],
    ),
    "macros in conditions, and which condition the rest stands under": (
        (
            "#if defined(__CUDACC__) && CUDA_VERSION >= 12000\nint a = cudaSuccess;\n"
            "#else\nint a = cudaErrorUnknown;\n#endif"
        ),
        "condition",
        [
            (1, "__CUDACC__", "macro", ""),
            (1, "CUDA_VERSION", "macro", ""),
            (2, "cudaSuccess", "constant", "defined(__CUDACC__) && CUDA_VERSION >= 12000"),
            (4, "cudaErrorUnknown", "constant", "!(defined(__CUDACC__) && CUDA_VERSION >= 12000)"),
        ],
    ),
    "code that is switched off": (
        "#if 0\nvoid f() { cudaMalloc(&p, 1); }\n#endif",
        "condition",
        [(2, "cudaMalloc", "call", "0")],
    ),
    "an include guard is no condition": (
        "#ifndef A_H\n#define A_H\ncudaStream_t s;\n#ifdef X\ncudaEvent_t e;\n#endif\n#endif",
        "condition",
        [(3, "cudaStream_t", "type", ""), (5, "cudaEvent_t", "type", "defined(X)")],
    ),
    "libraries": (
        "void f() { cuInit(0); cudaFree(0); cublasCreate(&h); cudnnCreate(&d); ncclGroupEnd(); cudaMine(1); }",
        "library",
        [
            (1, "cuInit", "call", "driver"),
            (1, "cudaFree", "call", "runtime"),
            (1, "cublasCreate", "call", "blas"),
            (1, "cudnnCreate", "call", "dnn"),
            (1, "ncclGroupEnd", "call", "ccl"),
            (1, "cudaMine", "call", ""),
        ],
    ),
}


@pytest.mark.parametrize(("source", "field", "wanted"), SHAPES.values(), ids=SHAPES)
def test_shapes(uses, source, field, wanted):
    assert uses(source, field) == wanted


def test_gap_is_said(uses):
    source = "int main() { cudaMalloc(&p, 4) cudaFree(p); if (x { cudaMemcpy(a, b, c, cudaMemcpyDeviceToHost) }"
    assert uses(source, "gap") == [
        (1, "cudaMalloc", "call", True),
        (1, "cudaFree", "call", True),
        (1, "cudaMemcpy", "call", True),
        (1, "cudaMemcpyDeviceToHost", "constant", True),
    ]


def test_compatibility_map(analyse, uses):
    source = (
        "#define cudaMalloc hipMalloc\n#define cudaFree(p) hipFree(p)\n"
        "#define cudaMine(x) hipMine(x)\nvoid f() { cudaMalloc(&p, 1); cudaMine(1); }"
    )
    found = analyse(source)
    assert found.mapped == 2
    assert found.declared == {"cudaMalloc", "cudaFree", "cudaMine"}
    assert uses(source) == [(4, "cudaMalloc", "call")]


# ---- CUDA or not

NOT_CUDA = {
    "ordinary C": 'int main() { printf("%f", exp(1)); free(p); half(3); norm(2); clock(); }',
    "words of other devices": "template <class T> T* restrict_(T* __restrict__ p) { return p; }",
    "PyTorch without CUDA": "at::Tensor f(at::Tensor x) { TORCH_CHECK(x.dim() == 1); return at::relu(x); }",
    "a host's assembly": 'void f() { asm volatile("pause"); asm("mov %0, %1" : "=r"(a) : "r"(b)); }',
    "an own type called float4": "struct float4 { float x; }; float4 f(float4 a) { return a; }",
    "nothing": "",
    "blanks": " \n\t\r\n",
}


@pytest.mark.parametrize("source", NOT_CUDA.values(), ids=NOT_CUDA)
def test_plain_c_has_no_uses(uses, source):
    assert uses(source, cuda=False) == []


def test_weak_words_count_once_the_file_is_cuda(uses):
    source = "float4 f(float4 a) { return make_float4(1, 2, 3, a.w); }\n"
    assert uses(source, cuda=False) == []
    names = [name for _, name, _ in uses(source + "__device__ int x;", cuda=False)]
    assert names == ["float4", "float4", "make_float4", "__device__"]


# ---- bytes

BYTES = {
    "CRLF": (b"int a;\r\n  cudaFree(0);\r\n", [(2, "cudaFree", "call")]),
    "BOM": (b"\xef\xbb\xbfcudaFree(0);", [(1, "cudaFree", "call")]),
    "BOM before a directive": (b"\xef\xbb\xbf#include <cuda.h>\n", [(1, "cuda.h", "include")]),
    "lone CR ends a line": (b"int a;\rcudaStream_t s;\rint b;\r", [(2, "cudaStream_t", "type")]),
    "GB18030": (
        "// 直方图 cudaMalloc\nint x; /* 中文 */ cudaStream_t s;".encode("gb18030"),
        [(2, "cudaStream_t", "type")],
    ),
    "GB18030 with a backslash as second byte": (
        b"// \x95\x5c.\ncudaStream_t s; // \x81\x5c",
        [(2, "cudaStream_t", "type")],
    ),
    "a name goes on with bytes above 127": (
        "int cudaFreeé = 1; void f() { cudaFree(0); }".encode(),
        [(1, "cudaFree", "call")],
    ),
    "NUL": (b"int a;\0\ncudaStream_t s;\0", [(2, "cudaStream_t", "type")]),
    "no end of line": (b"cudaStream_t s", [(1, "cudaStream_t", "type")]),
    "apostrophes in prose": (b"#if 0\ndon't\n#endif\ncudaStream_t s; int n = 1'000;", [(4, "cudaStream_t", "type")]),
    "a string without an end": (b'#error "\ncudaStream_t s;', [(2, "cudaStream_t", "type")]),
}


@pytest.mark.parametrize(("data", "wanted"), BYTES.values(), ids=BYTES)
def test_bytes(uses, data, wanted):
    assert uses(data) == wanted


def test_raw_string_with_cuda_source(uses):
    source = (
        'const char* src = R"(\n#include <cuda_runtime.h>\nextern "C" __global__ void k() { int i '
        '= threadIdx.x; cudaMalloc(); }\n)";\n'
        'void f() { nvrtcCreateProgram(&p, src, "k.cu", 0, 0, 0); }'
    )
    assert uses(source) == [(3, "__global__", "string"), (5, "nvrtcCreateProgram", "call")]


# ---- order

EVERYTHING = """\
#include <cuda_runtime.h>
#include <cub/cub.cuh>
using namespace cub;
#define NAME(n) cuda##n
#if CUDART_VERSION >= 12000
#endif
__global__ void k(int* p) { p[threadIdx.x] = 1; asm("exit;"); }
void f(cudaStream_t s) {
  k<<<1, 2>>>(p);
  cudaDeviceProp prop; g(prop.major, &cudaFree, cudaSuccess, "cudaMalloc");
  cudaFree(p);
}
"""


def test_every_kind_sorted_and_once(analyse):
    found = analyse(EVERYTHING).uses
    assert {use.shape.kind for use in found} == set(KINDS) - {"hazard"}
    assert found == sorted(found, key=lambda use: use.start)
    assert len({use.start for use in found}) == len(found)


def test_words_known_already_change_nothing(inventory, analyse):
    from migrate.parse import macros
    from migrate.parse.uses import find_uses
    from migrate.parse.words import words_of

    data = EVERYTHING.encode()
    words = frozenset(inventory.relevant(words_of(data)))
    learned = macros.combine([macros.learn(data)])
    assert find_uses(data, inventory, learned, cuda_file=True, words=words) == analyse(data)
