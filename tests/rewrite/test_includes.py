"""Headers: once, in their quotes, and the main one where nvcc had put CUDA's."""

import pytest

KERNEL = "__global__ void k() {}\n"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        # one include for both, quotes kept
        ('#include "cuda.h"\n#include "cuda_runtime.h"\n', '#include "hip/hip_runtime.h"\n'),
        (
            "#include <a.h>\n#include <cuda_runtime.h>  // why\n",
            "#include <a.h>\n#include <hip/hip_runtime.h>  // why\n",
        ),
        # a second one under a condition stays where the first is not always seen
        (
            "#ifdef A\n#include <cuda.h>\n#endif\n#include <cuda_runtime.h>\n",
            "#ifdef A\n#include <hip/hip_runtime.h>\n#endif\n#include <hip/hip_runtime.h>\n",
        ),
        (
            "#include <cuda_runtime.h>\n#ifdef A\n#include <cuda.h>\n#endif\n",
            "#include <hip/hip_runtime.h>\n#ifdef A\n#endif\n",
        ),
        # put in: behind the pragma, behind the guard, before the first include, at the top
        (
            "#pragma once\n#include <a.h>\n" + KERNEL,
            "#pragma once\n#include <hip/hip_runtime.h>\n#include <a.h>\n" + KERNEL,
        ),
        (
            "// (c)\n#ifndef A_H\n#define A_H\n" + KERNEL + "#endif\n",
            "// (c)\n#ifndef A_H\n#define A_H\n#include <hip/hip_runtime.h>\n" + KERNEL + "#endif\n",
        ),
        (
            "#ifndef A_H\n#pragma once\n#define A_H\n" + KERNEL + "#endif\n",
            "#ifndef A_H\n#include <hip/hip_runtime.h>\n#pragma once\n#define A_H\n" + KERNEL + "#endif\n",
        ),
        (
            "#define A 1\n#ifdef B\n#include <b.h>\n#endif\n#include <a.h>\n" + KERNEL,
            "#define A 1\n#include <hip/hip_runtime.h>\n#ifdef B\n#include <b.h>\n#endif\n#include <a.h>\n" + KERNEL,
        ),
        ("// (c)\n\n// a kernel\n" + KERNEL, "// (c)\n\n#include <hip/hip_runtime.h>\n// a kernel\n" + KERNEL),
        ("/* (c)\n\n*/\n" + KERNEL, "#include <hip/hip_runtime.h>\n/* (c)\n\n*/\n" + KERNEL),
        (KERNEL, "#include <hip/hip_runtime.h>\n" + KERNEL),
        ("#pragma once", "#pragma once\n#include <hip/hip_runtime.h>\n"),
        # a header that HIP's main one stands for
        ("#include <cuda.h>\n#include <device_launch_parameters.h>\n", "#include <hip/hip_runtime.h>\n"),
    ],
)
def test_includes(before, after, becomes):
    becomes(before, after, "dtk")


def test_line_ends_are_kept(rewrite):
    done = rewrite("#pragma once\r\n#include <cuda.h>\r\n#include <cuda_runtime.h>\r\nint a;\r\n", "dtk")
    assert done.data == b"#pragma once\r\n#include <hip/hip_runtime.h>\r\nint a;\r\n"


def test_byte_order_mark_stays_first(rewrite):
    done = rewrite("\ufeff" + KERNEL, "dtk")
    assert done.data == ("\ufeff#include <hip/hip_runtime.h>\n" + KERNEL).encode()


def test_host_file_gets_no_header(stays):
    """Only nvcc includes by itself, and a C++ file that uses CUDA gets its names from another header."""
    stays("void f();\n", "dtk", language="c++", path="a.cpp")


def test_compile_as_is_route_gets_none(stays):
    stays(KERNEL, "corex")
