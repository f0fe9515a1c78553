"""A small single-source project in the style of ggml, and the command line."""

import shutil
import subprocess

import pytest
from click.testing import CliRunner

COMMON = """\
#pragma once
#if defined(USE_HIP)
#include "vendors/hip.h"
#elif defined(USE_MUSA)
#include "vendors/musa.h"
#else
#include "vendors/cuda.h"
#endif
"""

CUDA_H = """\
#pragma once
#include <cuda_runtime.h>
#include <cublas_v2.h>
#define FEATURE_STREAM cudaStreamLegacy
"""

MUSA_H = """\
#pragma once
#include <musa_runtime.h>
#include <mublas.h>
#define cudaMalloc musaMalloc
#define cudaFree musaFree
#define cudaMemcpyAsync musaMemcpyAsync
#define cudaMemcpyDeviceToHost musaMemcpyDeviceToHost
typedef musaStream_t cudaStream_t;
#define cublasHandle_t mublasHandle_t
// cudaGridDependencySynchronize: kernels that call it are not built here
"""

WORK_CU = """\
#include "common.cuh"

__global__ void scale(float * x, float by) {
#if defined(USE_PDL)
    cudaGridDependencySynchronize();
#endif
    x[threadIdx.x] *= by;
}

void work(cudaStream_t stream, float * host, cublasHandle_t) {
    float * x;
    cudaMalloc(&x, 128);
    scale<<<1, 32, 0, stream>>>(x, 2.0f);
    cudaMemcpyAsync(host, x, 128, cudaMemcpyDeviceToHost, stream);
#if defined(USE_HIP)
    cudaProfilerStop();
#endif
#if !defined(USE_MUSA)
    cudaStreamIsCapturing(stream, nullptr);
#endif
#if defined(USE_GRAPHS)
    cudaGraphDestroy(nullptr);
#endif
    cudaFree(x);
}
"""


@pytest.fixture
def project(tmp_path, monkeypatch):
    """The project, in the working folder."""
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    monkeypatch.delenv("MIGRATE_LANG", raising=False)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "src" / "vendors").mkdir(parents=True)
    for name, content in (
        ("common.cuh", COMMON),
        ("vendors/cuda.h", CUDA_H),
        ("vendors/musa.h", MUSA_H),
        ("work.cu", WORK_CU),
    ):
        (tmp_path / "src" / name).write_text(content, encoding="utf-8")
    return tmp_path


@pytest.fixture
def run(monkeypatch):
    """Runs `migrate shim`: (exit code, standard output, standard error)."""
    from migrate.cli import cli

    monkeypatch.setenv("LC_ALL", "C.UTF-8")

    def invoke(*args):
        result = CliRunner().invoke(cli, ["shim", "--isolated", *map(str, args)], prog_name="migrate")
        return result.exit_code, result.stdout, result.stderr

    return invoke


@pytest.fixture
def compiles():
    """A function (source, folders) that gives a C++ compiler's errors, "" for none."""
    compiler = shutil.which("clang++") or shutil.which("g++")
    if compiler is None:
        pytest.skip("needs a C++ compiler")

    def check(source, *folders):
        command = [compiler, "-fsyntax-only", "-x", "c++", "-std=c++17", *(f"-I{folder}" for folder in folders), "-"]
        return subprocess.run(command, input=source, capture_output=True, text=True, check=False)

    return check
