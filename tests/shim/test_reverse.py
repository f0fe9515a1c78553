"""`migrate shim --reverse`: ported names as CUDA's, with forwarding headers."""

import re
import shutil
import subprocess

import pytest

ORIGINAL = """\
#include <cuda_runtime.h>
#include <cublas_v2.h>
float *f(cublasHandle_t h) {
    float *p = nullptr;
    cudaMallocHost((void **)&p, 4);
    cublasSetMathMode(h, CUBLAS_DEFAULT_MATH);
    return p;
}
"""
PORTED = """\
#include <musa_runtime.h>
#include <mublas.h>
// musaMemset is named in this comment only
float *f(musaStream_t s) { float *p; musaMalloc((void **)&p, 4); musaStreamSynchronize(s); return p; }
"""


def defines(text):
    return dict(re.findall(r"^#define (\w+) (\w+)", text, re.MULTILINE))


def test_from_the_code_before_the_port(project, run):
    (project / "a.cu").write_text(ORIGINAL)
    code, _, err = run("a.cu", "-t", "musa", "--reverse", "-o", "shim/reverse.h")
    assert code == 2  # the folder is missing
    (project / "shim").mkdir()
    code, _, err = run("a.cu", "-t", "musa", "--reverse", "-o", "shim/reverse.h")
    assert code == 0
    found = defines((project / "shim/reverse.h").read_text())
    assert found["musaMallocHost"] == "cudaMallocHost"
    assert found["mublasHandle_t"] == "cublasHandle_t"
    forward = (project / "shim/mublas.h").read_text()
    assert "#include <cublas_v2.h>\n" in forward
    assert '#include "reverse.h"\n' in forward
    assert "#include <cuda_runtime.h>\n" in (project / "shim/musa_runtime.h").read_text()
    assert "forwarding headers: 2" in err


def test_from_the_ported_code(project, run):
    (project / "ported").mkdir()
    (project / "ported/b.mu").write_text(PORTED)
    code, out, err = run("ported", "-t", "musa", "--reverse")
    assert code == 0
    found = defines(out)
    assert found == {
        "musaMalloc": "cudaMalloc",
        "musaStreamSynchronize": "cudaStreamSynchronize",
        "musaStream_t": "cudaStream_t",
    }
    assert "mublas.h" in err


def test_ported_and_other_code_side_by_side(project, run):
    (project / "both").mkdir()
    (project / "both/a.cu").write_text(ORIGINAL)
    (project / "both/b.mu").write_text(PORTED)
    found = defines(run("both", "-t", "musa", "--reverse")[1])
    assert {"musaMallocHost", "musaStreamSynchronize"} <= set(found)


def test_the_name_the_project_used_comes_back(project, run):
    """Both become mublasCreate; a table alone could not tell which was meant."""
    for used in ("cublasCreate", "cublasCreate_v2"):
        (project / "c.cu").write_text(f"#include <cublas_v2.h>\nvoid f(cublasHandle_t *h) {{ {used}(h); }}\n")
        _, out, _ = run("c.cu", "-t", "musa", "--reverse")
        back = [cuda for target, cuda in defines(out).items() if target.startswith("mublasCreate")]
        assert back == [used]


def test_several_names_that_became_one_are_said(project, run):
    (project / "d.cpp").write_text(
        "#include <cuda.h>\nint a = CU_DEVICE_ATTRIBUTE_VIRTUAL_MEMORY_MANAGEMENT_SUPPORTED;\n"
        "int b = CU_DEVICE_ATTRIBUTE_VIRTUAL_MEMORY_MANAGEMENT_SUPPORTED;\n"
        "int c = CU_DEVICE_ATTRIBUTE_VIRTUAL_ADDRESS_MANAGEMENT_SUPPORTED;\n"
    )
    _, out, err = run("d.cpp", "-t", "musa", "--reverse")
    assert defines(out)["MU_DEVICE_ATTRIBUTE_VIRTUAL_ADDRESS_MANAGEMENT_SUPPORTED"] == (
        "CU_DEVICE_ATTRIBUTE_VIRTUAL_MEMORY_MANAGEMENT_SUPPORTED"
    )
    assert "also for CU_DEVICE_ATTRIBUTE_VIRTUAL_ADDRESS_MANAGEMENT_SUPPORTED" in err


def test_names_cuda_has_too_keep_their_meaning(project, run):
    (project / "e.cu").write_text(
        "#include <cuda_runtime.h>\n__global__ void k(int *p) { *p = __shfl_sync(~0u, *p, 0); }\n"
    )
    _, out, _ = run("e.cu", "-t", "dtk", "--reverse")
    assert not {"__shfl", "__global__", "threadIdx"} & set(defines(out))


def test_a_header_of_somebody_else_is_not_written_over(project, run):
    (project / "a.cu").write_text(ORIGINAL)
    (project / "mublas.h").write_text("// the vendor's own\n")
    code, _, err = run("a.cu", "-t", "musa", "--reverse", "-o", "reverse.h")
    assert code == 2
    assert "mublas.h" in err
    assert (project / "mublas.h").read_text() == "// the vendor's own\n"


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("nvcc") is None, reason="needs nvcc")
def test_header_and_way_back_compile_with_nvcc(project, run):
    """The header maps to names that the reverse shim maps back: what nvcc then reads is CUDA again."""
    source = (
        "__global__ void scale(float *x) { x[threadIdx.x] *= 2; }\n"
        "int main() {\n  cudaStream_t s;\n  cudaStreamCreate(&s);\n  float *x;\n  cudaMalloc(&x, 128);\n"
        "  scale<<<1, 32, 0, s>>>(x);\n  return cudaStreamSynchronize(s) == cudaSuccess ? 0 : 1;\n}\n"
    )
    (project / "single.cu").write_text(source)
    (project / "inc").mkdir()
    assert run("single.cu", "-t", "musa", "-o", "inc/gpu.h")[0] == 0
    assert run("single.cu", "-t", "musa", "--reverse", "-o", "inc/reverse.h")[0] == 0
    command = ["nvcc", "-ptx", "-w", "-I", "inc", "-include", "gpu.h", "single.cu", "-o", "out.ptx"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "scale" in (project / "out.ptx").read_text()
