"""Names of every kind become the target's, and nothing else does."""

import pytest


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("#include <cuda_runtime.h>\n", "#include <musa_runtime.h>\n"),
        (
            "#include <cuda_runtime.h>\nint f(cudaStream_t s) { return cudaStreamSynchronize(s); }\n",
            "#include <musa_runtime.h>\nint f(musaStream_t s) { return musaStreamSynchronize(s); }\n",
        ),
        (
            "#include <cuda_runtime.h>\n#define OK(x) if ((x) != cudaSuccess) die(cudaGetErrorString(x))\n",
            "#include <musa_runtime.h>\n#define OK(x) if ((x) != musaSuccess) die(musaGetErrorString(x))\n",
        ),
        (
            "#include <cuda_runtime.h>\n#if A\nint a = cudaFree(p);\n#else\nint a = ::cudaFree(q);\n#endif\n",
            "#include <musa_runtime.h>\n#if A\nint a = musaFree(p);\n#else\nint a = ::musaFree(q);\n#endif\n",
        ),
        (
            "#include <cuda.h>\nCUdevice d; CUresult r = cuInit(0);\n",
            "#include <musa.h>\nMUdevice d; MUresult r = muInit(0);\n",
        ),
    ],
)
def test_names(before, after, becomes):
    becomes(before, after)


def test_namespace_alias_is_renamed_where_it_is_made(becomes):
    becomes(
        "#include <cub/cub.cuh>\nnamespace c = cub;\n__global__ void k() { typedef c::BlockReduce<int, 32> R; }\n"
        "void f() { cub::DeviceReduce::Sum(a, b, c, d, e); }\n",
        "#include <hip/hip_runtime.h>\n#include <hipcub/hipcub.hpp>\nnamespace c = hipcub;\n"
        "__global__ void k() { typedef c::BlockReduce<int, 32> R; }\n"
        "void f() { hipcub::DeviceReduce::Sum(a, b, c, d, e); }\n",
        "dtk",
    )


HEAD = "#include <musa_runtime.h>\n"


@pytest.mark.parametrize(
    "text",
    [
        "// cudaMalloc in a comment\n/* cudaFree\n cudaMemcpy */\n",
        'const char *m = "cudaMalloc";\nvoid *p = dlsym(lib, "cuInit");\n',
        "struct T { int cudaStream; };\nint g(T t) { return t.cudaStream; }\n",
        "int cudaHelper(int a);\nint b = cudaHelper(1);\n",
        "#define CALL(name) cuda##name()\n",
        "#if CUDA_VERSION >= 12080\nint a;\n#endif\n#if __CUDA_ARCH__ >= 800\n#endif\n",
        "#ifdef USE_MUSA\nint a = cudaFree(p);\n#else\nint a = cudaMalloc(p);\n#endif\n",
        "#if defined(__HIP_PLATFORM_AMD__)\nint a = cudaFree(p);\n#endif\n",
    ],
)
def test_left_alone(text, stays):
    stays(HEAD + text)


def test_other_branch_of_another_vendor_is_cuda(becomes):
    becomes(
        HEAD + "#ifdef USE_ROCM\nint a = hipFree(p);\n#else\nint a = cudaFree(p);\n#endif\n",
        HEAD + "#ifdef USE_ROCM\nint a = hipFree(p);\n#else\nint a = musaFree(p);\n#endif\n",
    )


def test_shared_code_is_cuda_code_too(becomes):
    becomes(
        HEAD + "#if defined(USE_CUDA) || defined(USE_ROCM)\nint a = cudaFree(p);\n#endif\n",
        HEAD + "#if defined(USE_CUDA) || defined(USE_ROCM)\nint a = musaFree(p);\n#endif\n",
    )


def test_vendors_behind_nvidias_own_macro_share_cuda_code(becomes):
    text = HEAD + "#if defined(ENABLE_NVIDIA_API) || defined(ENABLE_ILUVATAR_API)\nint a = cudaFree(p);\n#endif\n"
    becomes(text, text.replace("cudaFree", "musaFree"))


def test_header_in_a_macro(becomes):
    """`#include HEADER` reads the macro, whose header follows; a string and another header stay."""
    text = HEAD + '#define HEADER <cuda_fp16.h>\n#define TEXT "cuda_fp16.h"\n#define OTHER <vector>\n#include HEADER\n'
    becomes(text, text.replace("<cuda_fp16.h>", "<musa_fp16.h>"))


def test_file_ported_to_another_stack_is_left_alone(rewrite):
    done = rewrite("#include <hip/hip_runtime.h>\nint a = cudaFree(p);\n")
    assert done.edits == ()
    assert done.reason == "ported: includes hip/hip_runtime.h"


def test_what_is_left_is_said(rewrite):
    done = rewrite("#include <cuda_runtime.h>\nint a = cudaFooBarBaz(p);\n")
    assert [(left.use.shape.name, left.answer.id) for left in done.left] == [("cudaFooBarBaz", "MIG901")]


def test_naming_rule_alone_needs_unsafe(tmp_path):
    """A name whose row rests on the naming rule is renamed only when asked, and then said."""
    from migrate.model import FileResult
    from migrate.rewrite.rewriter import Options, Rewriter
    from migrate.tables.rules import rules_dir
    from migrate.targets import parse_target

    row = "cudaFree\tmusaFree\tfunction\trename\t\tinferred:naming rule\t\n"
    (tmp_path / "musa.tsv").write_text("cuda\ttarget\tkind\tstatus\twhen\tevidence\tnote\n" + row, encoding="utf-8")
    text = f"{HEAD}int a = cudaFree(p);\n".encode()
    for unsafe, after in ((False, text), (True, text.replace(b"cudaFree", b"musaFree"))):
        tool = Rewriter(parse_target("musa", rules_dir()), Options(unsafe=unsafe), rules_dirs=[tmp_path])
        done = tool.rewrite(text, tool.analyse(text, FileResult("a.cu", "analysed", language="cuda")))
        assert done.data == after
        assert [item.use.shape.name for item in done.assumed] == ["cudaFree"] * unsafe
        assert [left.use.shape.name for left in done.left] == ["cudaFree"] * (not unsafe)


def test_first_cublas_interface_is_not_taken_for_the_second(rewrite):
    """The functions of cublas.h have the names of those with a handle."""
    done = rewrite('#include "cublas.h"\nvoid f() { cublasSscal(n, a, x, 1); }\n', "dtk")
    assert b"cublasSscal(n, a, x, 1)" in done.data
    done = rewrite('#include "cublas_v2.h"\nvoid f() { cublasSscal(h, n, a, x, 1); }\n', "dtk")
    assert b"hipblasSscal(h, n, a, x, 1)" in done.data
