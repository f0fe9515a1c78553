# ruff: noqa: INP001 (a build script that stands alone, no module of a package)
"""Builds the SwiGLU extension with PyTorch's own build helpers."""

from setuptools import setup
from torch.utils.cpp_extension import BuildExtension, CUDAExtension

setup(
    name="swiglu",
    ext_modules=[
        CUDAExtension(
            "swiglu",
            ["swiglu.cu"],
            extra_compile_args={"cxx": ["-O3"], "nvcc": ["-O3", "--use_fast_math"]},
        )
    ],
    cmdclass={"build_ext": BuildExtension},
)
