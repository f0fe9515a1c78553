"""Macros learned from `#define` lines."""

from __future__ import annotations

import pickle
import time

import pytest
from hypothesis import given, settings

from migrate.parse.keywords import BUILT_IN, KEYWORDS
from migrate.parse.macros import NOTHING, Learned, combine, learn
from tests.parse.test_view import TEXTS


def learned(*sources: bytes) -> Learned:
    return combine(map(learn, sources))


@pytest.mark.parametrize(
    ("source", "name", "device", "host"),
    [
        (b"#define HD __host__ __device__\n", b"HD", True, True),
        (b'#define KERNEL extern "C" __global__\n', b"KERNEL", True, False),
        (b"#define INLINE inline\n", b"INLINE", False, False),
        (b'#  define API __attribute__((visibility("default")))\n', b"API", False, False),
        (b"#define NS_BEGIN\n", b"NS_BEGIN", False, False),
        (b"#define A [[nodiscard]] static\n", b"A", False, False),
        (b"#define B __launch_bounds__(256, 2) \\\n  __global__ // x\n", b"B", True, False),
        (b"#define C /* nothing */\n", b"C", False, False),
        (b"#define D HD inline\n#define HD __device__\n", b"D", True, False),
        (b"#define E CUTLASS_HOST_DEVICE\n", b"E", True, True),
        (b"#ifdef X\n#define F __device__\n#else\n#define F\n#endif\n", b"F", True, False),
    ],
)
def test_attributes(source: bytes, name: bytes, device: bool, host: bool) -> None:
    known = learned(source)
    assert name in known.attributes
    assert (name in known.device) is device
    assert (name in known.host) is host


@pytest.mark.parametrize(
    "source",
    [
        b"#define A 1\n",
        b"#define A foo\n",
        b"#define A B\n#define B A\n",
        b"#define A (x)\n",
        b"#define A x + y\n",
        b"#ifndef A\n#define A\n#endif\n",
        b"#define A\n#undef A\n#define A 1\n",
        b"#define A __device__ int x;\n",
        b"// nothing\n",
    ],
)
def test_no_attributes(source: bytes) -> None:
    known = learned(source)
    assert known.attributes == Learned.default().attributes
    assert known.device == Learned.default().device


def test_keywords_are_never_learned() -> None:
    known = learned(
        b"".join(b"#define %s\n" % word for word in KEYWORDS), b"#define inline __inline\n#define __device__\n"
    )
    assert not (known.attributes | known.functions) & KEYWORDS
    assert b"__device__" not in known.attributes


def test_functions() -> None:
    known = learned(
        b"#define CHECK(x) do { x; } while (0)\n#define DEPRECATED(m) __attribute__((deprecated(m)))\n#define NOP(x)\n"
    )
    assert {b"CHECK", b"NOP"} <= known.functions
    assert known.with_arguments == {b"DEPRECATED"}
    assert not known.with_arguments & known.functions


def test_a_macro_of_its_own_arguments_is_no_attribute() -> None:
    assert not learned(b"#define ID(x) x\n#define ST(x) static x\n").with_arguments


def test_names_meet_across_files() -> None:
    known = learned(b"#define A B inline\n", b"#define B C\n", b"#define C __device__\n")
    assert {b"A", b"B", b"C"} <= known.attributes
    assert {b"A", b"B", b"C"} <= known.device


def test_a_value_elsewhere_makes_it_a_setting() -> None:
    assert b"MODE" not in learned(b"#define MODE\n", b"#define MODE 2\n").attributes
    assert b"HD" in learned(b"#define HD __device__\n", b"#define HD 0\n").attributes


def test_default_is_the_built_in_list() -> None:
    assert Learned.default().attributes == BUILT_IN
    assert combine([]) == Learned.default()
    assert b"CUTLASS_DEVICE" in Learned.default().device


def test_learned_travels() -> None:
    known = learned(b"#define HD __host__ __device__\n")
    assert pickle.loads(pickle.dumps(known)) == known
    assert pickle.loads(pickle.dumps(learn(b"#define A(x) x\n"))) == learn(b"#define A(x) x\n")


def test_a_file_without_defines_costs_nothing() -> None:
    assert learn(b"int x;\n") is NOTHING


@given(TEXTS)
@settings(max_examples=200, deadline=None)
def test_any_text_is_learned_from(source: bytes) -> None:
    combine([learn(source), learn(b"#define " + source)])


@pytest.mark.parametrize(
    "piece", [b"#define A \\\n", b"#define A(", b"#define A __attribute__((", b"#define A /*", b"#define "]
)
def test_time_is_linear(piece: bytes) -> None:
    def seconds(size: int) -> float:
        source = piece * (size // len(piece))
        best = 9.0
        for _ in range(3):
            start = time.process_time()
            learn(source)
            best = min(best, time.process_time() - start)
        return best

    assert seconds(80_000) < 8 * seconds(20_000) + 0.05
