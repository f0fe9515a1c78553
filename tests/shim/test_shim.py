"""`migrate shim`: the header of CUDA's names for other compilers."""

import re

import pytest

MUSA_RUNTIME = """\
#pragma once
typedef int musaError_t;
typedef struct stream * musaStream_t;
enum { musaSuccess, musaMemcpyDeviceToHost = 2 };
inline musaError_t musaMalloc(void **, unsigned long) { return musaSuccess; }
template <class T> musaError_t musaMalloc(T ** p, unsigned long n) { return musaMalloc((void **)p, n); }
inline musaError_t musaFree(void *) { return musaSuccess; }
inline musaError_t musaMemcpyAsync(void *, const void *, unsigned long, int, musaStream_t) { return musaSuccess; }
"""


def test_holds_exactly_the_names_used(project, run):
    code, out, err = run("src", "-t", "musa")
    assert code == 0
    names = set(re.findall(r"^#define (\w+)", out, re.MULTILINE))
    assert {"cudaMalloc", "cudaFree", "cudaMemcpyAsync", "cudaMemcpyDeviceToHost", "cudaStream_t"} <= names
    # In files and branches that MUSA's compiler does not read, or nowhere.
    assert not {"cudaStreamLegacy", "cudaProfilerStop", "cudaStreamIsCapturing", "cudaMemset"} & names
    assert "#define cudaMalloc musaMalloc\n" in out
    assert out.index("#include <musa_runtime.h>") < out.index("#define cudaMalloc")
    assert "#include <mublas.h>\n" in out  # only vendors/cuda.h includes cuBLAS, which MUSA's compiler does not read
    assert "renamed" in err


def test_stops_with_the_reason_where_a_missing_name_is_used(project, run, compiles):
    (project / "inc").mkdir()
    (project / "inc" / "musa_runtime.h").write_text(MUSA_RUNTIME, encoding="utf-8")
    (project / "inc" / "mublas.h").write_text("typedef struct mublas * mublasHandle_t;\n", encoding="utf-8")
    code, _, _ = run("src", "-t", "musa", "-o", "src/vendors/made.h")
    assert code == 0
    good = (
        '#include "made.h"\n'
        "int f(cudaStream_t s) { float *p; cudaMalloc(&p, 4); return cudaFree(p) + (s != nullptr); }\n"
    )
    checked = compiles(good, "inc", "src/vendors")
    assert checked.returncode == 0, checked.stderr
    bad = '#include "made.h"\nvoid f() { cudaGridDependencySynchronize(); }\n'
    checked = compiles(bad, "inc", "src/vendors")
    assert checked.returncode != 0
    assert "programmatic dependent launch" in checked.stderr


def test_the_header_covers_what_it_was_made_for(project, run):
    assert run("src", "-t", "musa", "-o", "src/vendors/made.h")[0] == 0
    assert run("src", "-t", "musa", "--check", "src/vendors/made.h")[:2] == (0, "")


def test_recipes_become_functions_with_the_targets_types(project, run):
    (project / "graph.cu").write_text(
        "#include <cuda_runtime.h>\n"
        "void f(cudaGraphExec_t *e, cudaGraph_t g, cudaGraphNode_t *n) {\n"
        "  cudaGraphInstantiate(e, g, 0);\n  cudaGraphInstantiate(e, g, n, nullptr, 0);\n}\n",
        encoding="utf-8",
    )
    code, out, _ = run("graph.cu", "-t", "dtk")
    assert code == 0
    assert (
        "static inline hipError_t cudaGraphInstantiate(hipGraphExec_t * pGraphExec, hipGraph_t graph, "
        "unsigned long long flags) { return hipGraphInstantiateWithFlags(pGraphExec, graph, flags); }" in out
    )
    assert (
        "size_t bufferSize) { return hipGraphInstantiate(pGraphExec, graph, pErrorNode, pLogBuffer, bufferSize); }"
        in out
    )
    assert "#define cudaGraphInstantiate" not in out


def test_several_targets_stand_under_their_compilers(project, run):
    code, out, _ = run("src", "-t", "musa,maca", "-q")
    assert code == 0
    assert re.search(r"^#if defined\(__MUSACC__\).* \|\| defined\(USE_MUSA\)", out, re.MULTILINE)
    assert re.search(r"^#elif defined\(__MACACC__\)", out, re.MULTILINE)
    musa, rest = out.split("#elif", 1)
    maca, cuda = rest.split("#else", 1)
    assert "#define cudaMalloc musaMalloc" in musa
    assert "#define cudaMalloc mcMalloc" in maca
    assert "#include <cuda_runtime.h>" in cuda
    assert "#define" not in cuda
    assert out.count("#endif") == len(re.findall(r"^#if", out, re.MULTILINE))


def test_namespaces_change_by_an_alias(project, run):
    (project / "sum.cu").write_text(
        "#include <cub/cub.cuh>\n"
        "void f(void *t, size_t &n, int *a, int *b) { cub::DeviceReduce::Sum(t, n, a, b, 4); }\n",
        encoding="utf-8",
    )
    _, out, _ = run("sum.cu", "-t", "dtk")
    assert "namespace hipcub { } namespace cub = ::hipcub;\n" in out
    assert "#include <hipcub/hipcub.hpp>" in out


def test_a_namespace_has_an_alias_whatever_names_lack_a_row(project, run):
    (project / "sort.cu").write_text(
        "#include <cub/cub.cuh>\n"
        "void f(void *t, size_t &n, int *a, int *b) {\n"
        "  cub::DeviceReduce::Sum(t, n, a, b, 4);\n"
        "  cub::DeviceSegmentedSort::SortPairsDescending(t, n, a, a, b, b, 4, 1, a, a);\n}\n",
        encoding="utf-8",
    )
    _, out, _ = run("sort.cu", "-t", "dtk")
    assert "namespace hipcub { } namespace cub = ::hipcub;\n" in out
    assert "cub::Device" not in out


def test_a_header_with_two_places_is_found_in_either(project, run, compiles):
    (project / "blas.cu").write_text("#include <cublas_v2.h>\ncublasHandle_t handle;\n", encoding="utf-8")
    assert run("blas.cu", "-t", "dtk", "-o", "made.h")[0] == 0
    (project / "hip").mkdir()
    (project / "hip" / "hip_runtime.h").write_text("", encoding="utf-8")
    for place in ("old/hipblas.h", "new/hipblas/hipblas.h"):
        (project / place).parent.mkdir(parents=True)
        (project / place).write_text("typedef struct handle * hipblasHandle_t;\n", encoding="utf-8")
        checked = compiles('#include "made.h"\ncublasHandle_t handle;\n', ".", place.partition("/")[0])
        assert checked.returncode == 0, checked.stderr


def test_helpers_of_the_samples_find_what_they_ask_for(project, run, compiles):
    (project / "helper_cuda.h").write_text(
        "#pragma once\n#ifdef __DRIVER_TYPES_H__\n"
        "inline void check(cudaError_t status) { if (status != cudaSuccess) throw 1; }\n"
        "#define checkCudaErrors(call) check(call)\n#endif\n",
        encoding="utf-8",
    )
    use = "#include <cuda_runtime.h>\n#include <helper_cuda.h>\nvoid f(float *p) { checkCudaErrors(cudaFree(p)); }\n"
    (project / "main.cu").write_text(use, encoding="utf-8")
    (project / "fw").mkdir()
    assert run("main.cu", "helper_cuda.h", "-t", "musa", "-o", "fw/cuda_runtime.h")[0] == 0
    (project / "inc").mkdir()
    (project / "inc" / "musa_runtime.h").write_text(MUSA_RUNTIME, encoding="utf-8")
    checked = compiles(use, "fw", ".", "inc")
    assert checked.returncode == 0, checked.stderr


def test_recipes_take_what_the_c_plus_plus_interface_takes(project, run, compiles):
    use = (
        "#include <cuda_runtime.h>\nvoid f(cudaEvent_t e, float *p) {\n  cudaEventCreate(&e);\n"
        "  cudaEventCreate(&e, 2);\n  cudaMallocHost(&p, 4);\n  cudaMallocHost((void **)&p, 4);\n}\n"
    )
    (project / "main.cu").write_text(use, encoding="utf-8")
    (project / "hip").mkdir()
    (project / "hip" / "hip_runtime.h").write_text(
        "#include <stddef.h>\ntypedef int hipError_t;\ntypedef struct event * hipEvent_t;\n"
        "#define hipHostMallocDefault 0\nhipError_t hipEventCreate(hipEvent_t *);\n"
        "hipError_t hipEventCreateWithFlags(hipEvent_t *, unsigned);\n"
        "hipError_t hipHostMalloc(void **, size_t, unsigned);\n"
        "template <class T> hipError_t hipHostMalloc(T **, size_t, unsigned);\n",
        encoding="utf-8",
    )
    (project / "fw").mkdir()
    assert run("main.cu", "-t", "dtk", "-o", "fw/cuda_runtime.h")[0] == 0
    checked = compiles(use, "fw", ".")
    assert checked.returncode == 0, checked.stderr


def test_recipes_for_several_numbers_of_arguments_are_all_there(project, run, compiles):
    use = (
        "#include <cuda_runtime.h>\nint f(int m, float v) { return __shfl_sync(m, v, 3) + __shfl_sync(m, v, 3, 16); }\n"
    )
    (project / "main.cu").write_text(use, encoding="utf-8")
    (project / "hip").mkdir()
    (project / "hip" / "hip_runtime.h").write_text(
        "inline int __shfl(float v, int lane, int width = 64) { return lane + width; }\n", encoding="utf-8"
    )
    (project / "fw").mkdir()
    assert run("main.cu", "-t", "dtk", "-o", "fw/cuda_runtime.h")[0] == 0
    assert compiles(use, "fw", ".").returncode == 0
    made = (project / "fw" / "cuda_runtime.h").read_text(encoding="utf-8")
    assert made.count("// __shfl_sync: assumes") == 1
    assert compiles("#include <cuda_runtime.h>\nint n = __shfl_sync(1, 2.f);\n", "fw", ".").returncode != 0


def test_what_a_header_does_not_declare_breaks_nothing(project, run, compiles):
    """Without the option that includes NCCL, and where the compiler of kernels alone has a type."""
    (project / "all.cu").write_text(
        "#include <cuda_runtime.h>\n#include <cuda_bf16.h>\n#if defined(USE_NCCL)\n#include <nccl.h>\n"
        "int f(const void *a, void *b, ncclComm_t c, cudaStream_t s) {\n"
        "  return ncclAllReduce(a, b, 4, ncclFloat, ncclSum, c, s);\n}\n#endif\n"
        "__global__ void g(nv_bfloat16 *) {}\nint h() { return cudaDeviceSynchronize(); }\n",
        encoding="utf-8",
    )
    assert run("all.cu", "-t", "cann", "-o", "made.h")[0] == 0
    (project / "acl").mkdir()
    (project / "acl" / "acl.h").write_text("typedef void * aclrtStream;\nint aclrtSynchronizeDevice();\n")
    use = '#include "made.h"\nint h() { return cudaDeviceSynchronize(); }\n'
    checked = compiles(use, ".")
    assert checked.returncode == 0, checked.stderr
    (project / "hccl").mkdir()
    (project / "hccl" / "hccl.h").write_text(
        "enum HcclDataType { HCCL_DATA_TYPE_FP32 };\nenum HcclReduceOp { HCCL_REDUCE_SUM };\n"
        "typedef void * HcclComm;\ntypedef int HcclResult;\n"
        "HcclResult HcclAllReduce(void *, void *, unsigned long, HcclDataType, HcclReduceOp, HcclComm, aclrtStream);\n"
    )
    body = "int f(const void *a, void *b, ncclComm_t c, cudaStream_t s)\n"
    body += "{ return ncclAllReduce(a, b, 4, ncclFloat, ncclSum, c, s); }\n"
    checked = compiles(f"#include <stddef.h>\n#define USE_NCCL\n{use}{body}", ".")
    assert checked.returncode == 0, checked.stderr


def test_what_a_header_cannot_say_is_said(project, run):
    (project / "rest.cu").write_text(
        "#include <cuda_runtime.h>\n#define CALL(name) cuda##name()\n"
        "#if CUDART_VERSION >= 12000\n__device__ unsigned lane() { unsigned n; "
        'asm("mov.u32 %0, %%laneid;" : "=r"(n)); return n; }\n#endif\n'
        "int f() { return CALL(DeviceSynchronize); }\n",
        encoding="utf-8",
    )
    code, out, _ = run("rest.cu", "-t", "musa")
    assert code == 0
    said = out.partition("a header cannot say these")[2]
    assert "// CUDART_VERSION" in said
    assert "1 name is made by ##" in said
    assert "1 PTX instruction is" in said


def test_speaks_chinese(project, run):
    _, out, err = run("src", "-t", "musa", "--lang", "zh")
    assert "生成" in out
    assert "改名" in err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("src", "-t", "musa", "--check", "src/vendors/musa.h", "-o", "x.h"), "writes nothing"),
        (("src", "-t", "musa", "--check", "nowhere.h"), "nowhere.h"),
        (("src", "-t", "musa,maca", "--reverse"), "exactly one target"),
        (("src",), "no target given"),
    ],
)
def test_mistakes_are_said(project, run, arguments, message):
    code, _, err = run(*arguments)
    assert code == 2
    assert message in err
