"""`migrate shim --check`: what a vendor header leaves out."""

import pytest


def lines(out):
    return [line.split(" ")[0] for line in out.splitlines()]


def test_a_complete_header(project, run):
    code, out, err = run("src", "-t", "musa", "--check", "src/vendors/musa.h", "-U", "USE_GRAPHS")
    assert (code, out) == (0, "")
    assert "covers every name" in err


def test_three_names_removed(project, run):
    path = project / "src" / "vendors" / "musa.h"
    kept = [
        line
        for line in path.read_text().splitlines()
        if not any(f" {name} " in line for name in ("cudaMalloc", "cudaFree", "cublasHandle_t"))
    ]
    path.write_text("\n".join(kept) + "\n")
    code, out, err = run("src", "-t", "musa", "--check", "src/vendors/musa.h", "-U", "USE_GRAPHS")
    assert code == 1
    assert lines(out) == ["cublasHandle_t", "cudaFree", "cudaMalloc"]
    assert "work.cu:12" in out
    assert "leaves out 3 names" in err


def test_names_of_optional_features_show_their_condition(project, run):
    code, out, _ = run("src", "-t", "musa", "--check", "src/vendors/musa.h")
    assert code == 1
    assert out.strip().endswith("[#if defined(USE_GRAPHS)]")
    assert lines(out) == ["cudaGraphDestroy"]


def test_branches_of_other_stacks_and_their_headers_ask_for_nothing(project, run):
    """`cudaProfilerStop` is for HIP, `cudaStreamIsCapturing` for all but MUSA, vendors/cuda.h is not read."""
    path = project / "src" / "vendors" / "musa.h"
    path.write_text("#pragma once\n")
    _, out, _ = run("src", "-t", "musa", "--check", "src/vendors/musa.h")
    assert not {"cudaProfilerStop", "cudaStreamIsCapturing", "cudaStreamLegacy"} & set(lines(out))
    assert "cudaMalloc" in lines(out)


@pytest.mark.parametrize(
    "line",
    [
        "#define cudaGraphDestroy(x) musaGraphDestroy(x)",
        "using cudaGraphDestroy = int;",
        "inline int cudaGraphDestroy(void * g) { return 0; }",
        "static inline auto cudaGraphDestroy(void (*f)(int), int n) -> int { return n; }",
        "typedef int (*cudaGraphDestroy)(int);",
        "// cudaGraphDestroy: graphs are off on this stack",
        "#if defined(USE_MUSA)\n#define cudaGraphDestroy musaGraphDestroy\n#endif",
    ],
)
def test_what_covers_a_name(project, run, line):
    path = project / "src" / "vendors" / "musa.h"
    path.write_text(path.read_text() + line + "\n")
    assert run("src", "-t", "musa", "--check", "src/vendors/musa.h")[:2] == (0, "")


@pytest.mark.parametrize(
    "line",
    [
        "#if defined(USE_HIP)\n#define cudaGraphDestroy hipGraphDestroy\n#endif",
        "// see cudaGraphDestroy",
        "#define cudaGraphDestroyed 1",
        "int x = cudaGraphDestroy;",
    ],
)
def test_what_does_not(project, run, line):
    path = project / "src" / "vendors" / "musa.h"
    path.write_text(path.read_text() + line + "\n")
    code, out, _ = run("src", "-t", "musa", "--check", "src/vendors/musa.h")
    assert (code, lines(out)) == (1, ["cudaGraphDestroy"])


def test_names_under_cudas_version_are_asked_for(project, run):
    late = "#if CUDART_VERSION >= 12000\nvoid f(CUgraph g) { cudaGraphDestroy(g); cudaProfilerStart(); }\n#endif\n"
    (project / "src" / "late.cu").write_text("#include <cuda_runtime.h>\n" + late)
    check = ("src", "-t", "musa", "--check", "src/vendors/musa.h", "-U", "USE_GRAPHS")
    code, out, _ = run(*check)
    assert code == 1
    assert "cudaProfilerStart" in lines(out)
    assert all(line.endswith("[#if CUDART_VERSION >= 12000]") for line in out.splitlines())
    assert run(*check, "-U", "CUDART_VERSION")[:2] == (0, "")
    path = project / "src" / "vendors" / "musa.h"
    more = "".join(f"#define {name} musa\n" for name in lines(out))
    path.write_text(path.read_text() + f"#if CUDART_VERSION >= 12000\n{more}#endif\n")
    assert run(*check)[:2] == (0, "")


def test_a_definition_under_cudas_version_covers_no_use_besides(project, run):
    path = project / "src" / "vendors" / "musa.h"
    path.write_text(
        path.read_text().replace(
            "#define cudaMalloc musaMalloc", "#if CUDART_VERSION >= 12000\n#define cudaMalloc musaMalloc\n#endif"
        )
    )
    check = ("src", "-t", "musa", "--check", "src/vendors/musa.h", "-U", "USE_GRAPHS")
    code, out, _ = run(*check)
    assert (code, lines(out)) == (1, ["cudaMalloc"])
    assert run(*check, "-D", "CUDART_VERSION=12080")[:2] == (0, "")


def test_headers_beside_the_header_count(project, run):
    vendors = project / "src" / "vendors"
    (vendors / "more.h").write_text("#define cudaGraphDestroy musaGraphDestroy\n")
    (vendors / "musa.h").write_text((vendors / "musa.h").read_text() + '#include "more.h"\n')
    assert run("src", "-t", "musa", "--check", "src/vendors/musa.h")[0] == 0


def test_a_header_of_several_targets(project, run):
    assert run("src", "-t", "musa,maca", "-o", "src/vendors/gpu.h")[0] == 0
    assert run("src", "-t", "musa,maca", "--check", "src/vendors/gpu.h")[:2] == (0, "")
    path = project / "src" / "vendors" / "gpu.h"
    path.write_text(path.read_text().replace("#define cudaMalloc mcMalloc\n", ""))
    code, out, _ = run("src", "-t", "musa,maca", "--check", "src/vendors/gpu.h")
    assert code == 1
    assert out.startswith("maca: cudaMalloc → mcMalloc")
    assert len(out.splitlines()) == 1
