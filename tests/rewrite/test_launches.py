"""Launches as calls, on HIP."""

import pytest

HEAD = "#include <hip/hip_runtime.h>\n"


@pytest.mark.parametrize(
    ("launch", "call"),
    [
        ("k<<<g, b>>>(x);", "hipLaunchKernelGGL(k, dim3(g), dim3(b), 0, 0, x);"),
        ("k<<<g, b>>>();", "hipLaunchKernelGGL(k, dim3(g), dim3(b), 0, 0);"),
        ("k <<< g, b, n >>> ( x, y );", "hipLaunchKernelGGL(k, dim3(g), dim3(b), n, 0, x, y );"),
        ("a::k<<<dim3(g, 1), b, 0, s>>>(x);", "hipLaunchKernelGGL(a::k, dim3(g, 1), dim3(b), 0, s, x);"),
        ("k<float, 4><<<g, b>>>(x);", "hipLaunchKernelGGL(HIP_KERNEL_NAME(k<float, 4>), dim3(g), dim3(b), 0, 0, x);"),
        (
            "k<<<std::min(a, b), dim3(b) * 2>>>(x);",
            "hipLaunchKernelGGL(k, dim3(std::min(a, b)), dim3(dim3(b) * 2), 0, 0, x);",
        ),
        ("t<<<g, b>>>(x);", "hipLaunchKernelGGL(HIP_KERNEL_NAME(t), dim3(g), dim3(b), 0, 0, x);"),
        # names inside are renamed in the same round
        (
            "k<<<g, b, 0, cudaStreamPerThread>>>(cudaSuccess);",
            "hipLaunchKernelGGL(k, dim3(g), dim3(b), 0, hipStreamPerThread, hipSuccess);",
        ),
    ],
)
def test_launch(launch, call, becomes):
    kernels = "__global__ void k(int *x) {}\ntemplate <typename T>\n__launch_bounds__(256) __global__ void t(T x) {}\n"
    frame = HEAD + kernels + "void f() {{\n  {}\n}}\n"
    becomes(frame.replace("{}", launch).replace("{{", "{").replace("}}", "}"),
            frame.replace("{}", call).replace("{{", "{").replace("}}", "}"), "dtk", launch="function")  # fmt: skip


def test_launches_are_kept_unless_asked(stays):
    stays(HEAD + "__global__ void k() {}\nvoid f() { k<<<1, 2>>>(); }\n", "dtk")


def test_launch_in_a_macro(becomes):
    becomes(
        HEAD + "#define GO(k, ...) \\\n  k<<<1, 2>>>(__VA_ARGS__)\n",
        HEAD + "#define GO(k, ...) \\\n  hipLaunchKernelGGL(k, dim3(1), dim3(2), 0, 0, __VA_ARGS__)\n",
        "dtk",
        launch="function",
    )


def test_launch_whose_head_is_a_macro(becomes):
    """A call has no head without arguments, so it is written out where the macro stands."""
    text = (
        HEAD + "#define RUN k<float><<<1, cudaStreamDefault>>>\n#define OTHER k<<<1, 2>>>(x)\n"
        "void f() {\n  RUN(a, b);\n  RUN ( );\n  OTHER;\n  int RUNS = 1;\n}\n"
    )
    after = text.replace("cudaStreamDefault", "hipStreamDefault")
    call = "hipLaunchKernelGGL(HIP_KERNEL_NAME(k<float>), dim3(1), dim3(hipStreamDefault), 0, 0"
    after = after.replace("RUN(a, b)", f"{call}, a, b)").replace("RUN ( )", f"{call})")
    after = after.replace("k<<<1, 2>>>(x)", "hipLaunchKernelGGL(k, dim3(1), dim3(2), 0, 0, x)")
    becomes(text, after, "dtk", launch="function")
    becomes(text, text.replace("cudaStreamDefault", "hipStreamDefault"), "dtk")


def test_time_is_linear():
    """A kernel's head of any length is looked at once."""
    import time

    from migrate.rewrite.launches import template_kernels

    text = b"template <typename T>\n" + b"__global__ " + b"A " * 50_000
    started = time.process_time()
    assert template_kernels(text * 20) == frozenset()
    assert time.process_time() - started < 2
