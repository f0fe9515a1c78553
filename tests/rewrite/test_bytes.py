"""What is not edited stays to the byte, whatever the file is made of; and a second time changes nothing."""

import re
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

SAMPLES = sorted(
    path
    for path in (Path(__file__).parents[2] / "samples").rglob("*")
    if path.suffix in {".cu", ".cuh", ".cpp", ".h", ".hpp", ".cc"}
)
TARGETS = ["musa", "maca", "dtk", "supa", "cann", "tops", "corex"]
PIECES = [
    b"#include <cuda_runtime.h>\n",
    b"#include <vector>\r\n",
    b"// cudaMalloc \xc4\xe3\xba\xc3\n",
    b"cudaMalloc(&p, 4);\n",
    b"\tcudaError_t e = cudaFree(p) ;\r\n",
    b'printf("cudaFree \xe4\xbd\xa0");\n',
    b"#define F(x) cudaMemset(x, \\\n  0, 4)\n",
    b"k<<<g, b>>>(p);\n",
    b"#ifdef USE_ROCM\n",
    b"#else\n",
    b"#endif\n",
    b"/* cuda\n",
    b"*/\n",
    b"}\n",
    b"void f() {\n",
    b"\xff\n",
    b"cudaMemcpyToSymbol(s, cudaFoo(x), 4);\n",
    b"#pragma once\n",
    b"'",
    b'"',
    b"(",
    b")",
    b"\\\n",
    b"\x00",
    b"\xef\xbb\xbf",
]


def parts_kept(old, edits):
    """The old bytes that no edit covers."""
    kept, position = [], 0
    for start, end, _ in edits:
        kept.append(old[position:start])
        position = end
    return [*kept, old[position:]]


def check(rewrite, data, target, **options):
    done = rewrite(data, target, **options)
    position = 0
    for part in parts_kept(data, done.edits):  # in order, nothing lost
        position = done.data.index(part, position) + len(part)
    assert done.converged
    again = rewrite(done.data, target, **options)
    assert again.data == done.data
    return done


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.name)
def test_samples(path, target, rewrite):
    check(rewrite, path.read_bytes(), target)


@pytest.mark.parametrize("options", [{"unsafe": True}, {"style": "guard"}, {"annotate": True}, {"strings": True}])
@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.name)
def test_samples_with_options(path, options, rewrite):
    check(rewrite, path.read_bytes(), "dtk", **options)


@given(st.lists(st.sampled_from(PIECES), max_size=14))
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@pytest.mark.parametrize("options", [{}, {"launch": "function"}, {"style": "guard"}, {"annotate": True}], ids=str)
def test_any_text(rewrite, options, pieces):
    check(rewrite, b"".join(pieces), "dtk", **options)


def test_encodings_and_line_ends(rewrite):
    text = "#include <cuda_runtime.h>\r\n// 复制 cudaMemcpy\r\nvoid f() { int 长度 = cudaFree(p);\tcudaFree(q); }\r\n"
    for encoding in ("utf-8", "utf-8-sig", "gb18030"):
        done = rewrite(text.encode(encoding), "musa")
        expected = re.sub(r"(?<=[\t= ])cudaFree", "musaFree", text).replace("<cuda_runtime", "<musa_runtime")
        assert done.data == expected.encode(encoding)
