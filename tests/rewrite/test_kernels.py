"""Kernels that are written anew: put aside whole, still reported, and launched by a call."""

import pytest


def text(rewrite, source, **options):
    return rewrite(source, "cann", unsafe=True, **options).data.decode()


DEVICE = "__device__ float twice(float x) { return 2 * x; }\n"
KERNEL = "__global__ void add(float *a, int n) { a[threadIdx.x] += twice(n); }\n"


def test_device_code_is_kept_to_the_byte(rewrite):
    done = text(rewrite, f"int before;\n{DEVICE}{KERNEL}int after;\n")
    assert f"int before;\n#ifdef MIGRATE_CUDA_KERNELS\n{DEVICE}{KERNEL}#else\n" in done
    entry = 'extern "C" uint32_t aclrtlaunch_add(uint32_t blocks, aclrtStream stream, void* a, int n);'
    assert f"#else\n{entry}\n#endif\nint after;\n" in done


def test_what_is_put_aside_is_still_left_to_a_person(rewrite):
    once = rewrite(KERNEL, "cann", unsafe=True)
    again = rewrite(once.data, "cann", unsafe=True)
    for done in (once, again):
        assert {"__global__", "threadIdx.x"} <= {left.use.shape.name for left in done.left}


@pytest.mark.parametrize("options", [{"unsafe": False}, {"unsafe": True, "style": "guard"}])
def test_only_with_assumptions_and_new_names(options, rewrite):
    assert b"MIGRATE_CUDA_KERNELS" not in rewrite(KERNEL, "cann", **options).data


def test_a_chip_with_threads_keeps_kernels_and_launches(rewrite):
    source = KERNEL + "void run(float *a) { add<<<1, 32>>>(a, 1); }\n"
    done = rewrite(source, "cann:950", unsafe=True).data
    assert b"MIGRATE_CUDA_KERNELS" not in done
    assert b"add<<<1, 32>>>(a, 1)" in done


def test_a_file_with_ascend_c_is_a_port_already(rewrite):
    source = '#include "kernel_operator.h"\n#include <cuda_runtime.h>\n' + DEVICE
    assert "MIGRATE_CUDA_KERNELS" not in text(rewrite, source)


def test_functions_for_both_sides_stay_with_the_host(rewrite):
    assert "\nint half(int n) { return n / 2; }\n" in text(
        rewrite, "\n__host__ __device__ int half(int n) { return n / 2; }\n"
    )


@pytest.mark.parametrize("rest", ["int table[4] = {1, 2};", "const float one = 1;", "Pair both{1, 2};", "int last;"])
def test_a_device_variable_is_no_function(rest, rewrite):
    safe = rewrite(f"__device__ {rest}\n", "cann")
    assert safe.data.decode() == f"__device__ {rest}\n"
    assert [left.use.shape.name for left in safe.left] == ["__device__"]
    assert text(rewrite, f"__device__ {rest}\n") == f"__gm__ {rest}\n"


@pytest.mark.parametrize(
    "code",
    [
        "__device__ P &operator=(const P &);\n",
        "__device__ int operator[](int);\n",
        "auto f = [] __device__ { g(); };\n",
        "#define DEVICE __device__\nint a;\n",
    ],
)
def test_a_device_function_is_no_variable(code, rewrite):
    assert rewrite(code, "cann").data.decode() == code.replace("__device__", "__aicore__")


@pytest.mark.parametrize(
    "source",
    [
        "__device__ int table[4] = {1, 2, 3, 4};\n",
        "auto f = [=] __device__ (int i) { return i; };\n",
        "#if A\n__device__ int f(int a) {\n#else\n__device__ int f(long a) {\n#endif\n  return a; }\n",
    ],
    ids=["variable", "lambda", "half an #if"],
)
def test_what_is_no_whole_function_is_left(source, rewrite):
    assert "MIGRATE_CUDA_KERNELS" not in text(rewrite, source)


def test_members_with_initializers_end_where_they_end(rewrite):
    source = "struct P {\n  __device__ P(int a) : a_{a}, b_(1) { go(); }\n  int a_, b_;\n};\n"
    done = text(rewrite, source)
    assert (
        "#ifdef MIGRATE_CUDA_KERNELS\n  __device__ P(int a) : a_{a}, b_(1) { go(); }\n#endif\n  int a_, b_;\n" in done
    )


def test_line_ends_and_mark_of_the_file(rewrite):
    source = "\ufeff__global__ void k(int n) {}\r\nint last;\r\n"
    done = text(rewrite, source)
    assert "\n" not in done.replace("\r\n", "")
    assert done.rindex("\ufeff") == 0
    assert done.endswith("#endif\r\nint last;\r\n")


def test_overloaded_kernels_keep_their_types(rewrite):
    done = text(rewrite, "__global__ void k(const float *a) {}\n__global__ void k(const float *a, int n) {}\n")
    assert "\nuint32_t aclrtlaunch_k(uint32_t blocks, aclrtStream stream, const float *a);\n" in done
    assert "\nuint32_t aclrtlaunch_k(uint32_t blocks, aclrtStream stream, const float *a, int n);\n" in done


@pytest.mark.parametrize(
    ("launch", "call"),
    [
        ("add<<<n, 64>>>(a, n);", "aclrtlaunch_add(n /* blocks of 64 */, nullptr, a, n);"),
        ("add<<<n, 64, 0, s>>>(a, n);", "aclrtlaunch_add(n /* blocks of 64 */, s, a, n);"),
        (
            "add<<<dim3(n, 2), 64, 4 * n>>>(a, n);",
            "aclrtlaunch_add((n) * (2) /* blocks of 64, 4 * n bytes of shared memory */, nullptr, a, n);",
        ),
        ("add<<<dim3(n), 64>>>(a, n);", "aclrtlaunch_add(n /* blocks of 64 */, nullptr, a, n);"),
    ],
)
def test_launches(launch, call, rewrite):
    assert call in text(rewrite, f"{KERNEL}void run(float *a, int n, cudaStream_t s) {{ {launch} }}\n")


PARTED = "#if A\nint *a,\n#else\nlong *a,\n#endif\nint n"


def test_parameters_that_hang_on_a_condition_are_not_declared(rewrite):
    source = f"__global__ void k({PARTED}) {{}}\nvoid run(int *a) {{ k<<<1, 2>>>(a, 1); }}\n"
    done = text(rewrite, source)
    assert "aclrtlaunch_" not in done
    assert "k<<<1, 2>>>(a, 1);" in done


def test_arguments_that_hang_on_a_condition_are_left(rewrite):
    source = f"{KERNEL}void run(float *a) {{\n  add<<<1, 2>>>(\n#if A\n    a,\n#else\n    a + 1,\n#endif\n    1);\n}}\n"
    assert "add<<<1, 2>>>(\n#if A\n" in text(rewrite, source)


def test_a_macro_pastes_the_name_of_its_kernel(rewrite):
    source = f"{KERNEL}#define RUN(kernel, n, ...) kernel<<<n, 64>>>(__VA_ARGS__)\n"
    assert "#define RUN(kernel, n, ...) aclrtlaunch_##kernel(n /* blocks of 64 */, nullptr, __VA_ARGS__)\n" in text(
        rewrite, source
    )


def test_a_kernel_behind_a_pointer_is_left(rewrite):
    assert "kernel<<<1, 32>>>(a)" in text(
        rewrite, "void any(void (*kernel)(float *), float *a) { kernel<<<1, 32>>>(a); }\n"
    )


def test_a_copy_still_waits_for_the_kernel(rewrite):
    source = (
        KERNEL
        + "void run(float *a, float *b) {\n  add<<<1, 1>>>(a, 1);\n  cudaMemcpy(b, a, 4, cudaMemcpyDeviceToHost);\n}\n"
    )
    once = text(rewrite, source)
    assert "aclrtSynchronizeDevice();\n  aclrtMemcpy(" in once
    called = source.replace("add<<<1, 1>>>(a, 1)", "aclrtlaunch_add(1, nullptr, a, 1)")
    assert "aclrtSynchronizeDevice();\n  aclrtMemcpy(" in text(rewrite, called)


def test_assumptions_are_reported_where_they_hold(rewrite):
    source = f"{KERNEL}\nvoid run(float *a) {{\n  add<<<1, 1>>>(a, 1);\n  cudaFree(0);\n}}\n"
    places = {(item.use.shape.name, item.use.line) for item in rewrite(source, "cann", unsafe=True).assumed}
    assert {("__global__", 1), ("add", 4), ("cudaFree", 5)} <= places
