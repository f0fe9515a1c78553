"""Text made to break the analysis: time stays linear, and whatever comes in, what goes out is well-formed."""

from __future__ import annotations

import random
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from migrate.analysis import analyse_bytes
from migrate.model import KINDS
from migrate.parse import macros
from migrate.parse.macros import Learned
from migrate.parse.uses import find_uses
from migrate.source import Source

SAMPLES = Path(__file__).resolve().parents[2] / "samples"
SOURCES = [path.read_bytes() for path in sorted(SAMPLES.rglob("*")) if path.suffix in {".cu", ".cuh", ".cpp"}]

#: Bytes of the shorter of two texts of a kind; the longer has four times as many.
SIZE = 12_000

#: Texts that are repeated; each once made a step quadratic, or could.
REPEATED = {
    "raw strings without end": b'R"(',
    "raw strings of one delimiter": b'R"x(',
    "launches without end": b"k<<<(",
    "arguments without end": b"k<<<1, 2>>>(",
    "chevrons": b"<<<>>>",
    "angles": b"<<<<",
    "templates": b"A<B<",
    "calls with template arguments": b"cudaFree<",
    "asm without end": b"asm(",
    "asm texts without end": b'asm("mov.u32 %0" ',
    "asm comments without end": b'asm("/* ',
    "quotes": b"\"'cudaFree",
    "comments without end": b"/* cudaFree ",
    "line joints": b"\\\n",
    "joined defines": b"#define A \\\n",
    "defines": b"#define A(x) cudaFree(x)\n",
    "directives on one line": b"x # define ",
    "hashes": b"# ",
    "pasting": b"#define A cuda##x ## y\n",
    "conditions without end": b"#if A\ncudaFree(0);\n",
    "elifs": b"#elif A\n",
    "using": b"using ::",
    "using declarations": b"using cub::",
    "using directives": b"using namespace thrust; sort ",
    "namespace aliases": b"namespace a = cub::",
    "a scope without end": b"cub::",
    "scopes of PyTorch": b"at::cuda::",
    "template in scopes": b"cub::template ",
    "parentheses": b"cudaFree((",
    "braces": b"{cudaFree(0);",
    "classes": b"struct S { void f() { cudaFree(0);",
    "device lambdas": b"[=] __device__ () {",
    "functions": b"void f() { cudaFree(0); }\n",
    "attributes": b"[[",
    "qualifiers": b"__launch_bounds__(",
    "structs": b"cudaDeviceProp p, q; p.major ",
    "pointers": b"cudaDeviceProp * * * ",
    "indices": b"cudaDeviceProp p; p[",
    "typedefs": b"typedef cudaDeviceProp ",
    "results of functions": b"x = getDeviceProperties ",
    "one long word": b"x",
    "blanks": b"cudaFree                                        ",
    "NUL": b"\0cudaFree",
    "names": b"cudaFree ",
    "a sum": b"cudaSuccess + ",
}


def cpu_seconds(inventory, data):
    learned = macros.combine([macros.learn(data)])
    begin = time.process_time()
    find_uses(data, inventory, learned, cuda_file=True)
    return time.process_time() - begin


@pytest.mark.parametrize("text", REPEATED.values(), ids=REPEATED)
def test_time_is_linear(inventory, text):
    """Four times the text takes less than nine times as long; quadratic time would take sixteen times."""

    def hostile(size):
        return b"void g() { cudaFree(0); }\nauto r = getDeviceProperties;\n" + text * (size // len(text))

    ratio = 0.0
    for _ in range(3):
        ratio = cpu_seconds(inventory, hostile(4 * SIZE)) / max(cpu_seconds(inventory, hostile(SIZE)), 0.003)
        if ratio < 9:
            return
    pytest.fail(f"four times the text took {ratio:.1f} times as long")


def test_ever_new_names(inventory):
    """Each declared variable costs a search of the text: their number is bounded."""
    data = b"".join(b"cudaDeviceProp p%d; p%d.major;\n" % (number, number) for number in range(8000))
    assert cpu_seconds(inventory, data) < 5


@pytest.mark.parametrize("seed", range(2))
def test_random_bytes(inventory, seed):
    """Noise, with enough words of CUDA's in it that it is looked at."""
    chance = random.Random(seed)
    words = [b"cudaFree", b"__global__", b"asm", b"<<<", b">>>", b"cub::", b"#define", b'R"(', b"\n", b"{", b"(", b'"']
    data = b"".join(chance.choice(words) if chance.random() < 0.3 else chance.randbytes(3) for _ in range(8000))
    check(data, analyse_bytes("x.cu", "cuda", data, inventory, Learned.default()))


NAMED = {"call", "type", "constant", "macro", "function", "qualifier"}


def check(data, result):
    """What holds for the analysis of any bytes."""
    starts = [use.start for use in result.uses]
    assert starts == sorted(starts)
    assert [(use.line, use.column) for use in result.uses] == Source(data).positions(starts)
    assert result.size == len(data)
    assert result.lines <= data.count(b"\n") + data.count(b"\r") + 1
    assert set(result.launches) <= {use.start for use in result.uses if use.shape.kind == "launch"}
    for gap in result.gaps:
        assert 0 <= gap.start < gap.end <= len(data)
    for use in result.uses:
        end = use.start + use.length
        assert use.shape.kind in KINDS
        assert use.shape.name
        assert 0 <= use.start < end <= len(data)
        assert 1 <= use.line <= max(result.lines, 1)
        if use.shape.kind in NAMED:
            written = data[use.start : end]
            assert written.endswith(use.shape.name.rpartition("::")[2].encode()), (written, use.shape)
    assert len({(use.start, use.shape.kind, use.shape.name) for use in result.uses}) == len(result.uses)


@pytest.mark.parametrize("data", SOURCES, ids=range(len(SOURCES)))
def test_samples_hold_to_it(inventory, data):
    check(data, analyse_bytes("x.cu", "cuda", data, inventory, Learned.default()))


@st.composite
def mutated(draw):
    """A sample with slices deleted, repeated, moved from another sample, or overwritten by other bytes."""
    data = draw(st.sampled_from(SOURCES))
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(data)))
        end = min(len(data), start + draw(st.integers(0, 400)))
        what = draw(st.sampled_from(("delete", "repeat", "insert", "bytes")))
        if what == "delete":
            new = b""
        elif what == "repeat":
            new = data[start:end] * draw(st.integers(2, 4))
        elif what == "insert":
            other = draw(st.sampled_from(SOURCES))
            at = draw(st.integers(0, len(other)))
            new = other[at : at + draw(st.integers(0, 300))] + data[start:end]
        else:
            new = draw(st.binary(max_size=20))
        data = data[:start] + new + data[end:]
    return data


@settings(max_examples=150, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(data=mutated(), cuda=st.booleans())
def test_mutated_samples(inventory, data, cuda):
    learned = macros.combine([macros.learn(data)])
    result = analyse_bytes("x.cu" if cuda else "x.cpp", "cuda" if cuda else "c++", data, inventory, learned)
    check(data, result)
    assert result == analyse_bytes("x.cu" if cuda else "x.cpp", "cuda" if cuda else "c++", data, inventory, learned)


def test_words_in_comments_only(inventory):
    """The words of a file are those of its bytes: a step that finds none of them in the view invents no place."""
    words = sorted(word for word in inventory.words if word.replace(b"_", b"a").isalnum())
    chosen = (words[::7], [b"cuda_bf16", b"__nv_bfloat16", b"warpSize", b"asm", b"cudaDeviceProp", b"numeric_limits"])
    for some in chosen:
        data = b"cudaStream_t s;\n/* " + b" ".join(some) + b" */\nint x;\n"
        result = analyse_bytes("x.cu", "cuda", data, inventory, Learned.default())
        check(data, result)
        assert [use.shape.name for use in result.uses] == ["cudaStream_t"]
