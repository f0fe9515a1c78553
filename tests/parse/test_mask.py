"""Stage A: CUDA becomes C++ of the same length."""

from __future__ import annotations

import time

import pytest
import tree_sitter
import tree_sitter_cpp
from hypothesis import given, settings

from migrate.parse.launches import find_launches
from migrate.parse.macros import Learned, combine, learn
from migrate.parse.mask import mask, qualifiers, stage_a
from migrate.parse.view import make_view
from tests.parse.test_view import TEXTS, breaks

LEARNED = combine(
    [
        learn(
            b"#define HD __host__ __device__\n#define API\n#define FP8\n#define DEP(m) __attribute__((deprecated(m)))\n"
        )
    ]
)
LANGUAGE = tree_sitter.Language(tree_sitter_cpp.language())
GRAMMAR = tree_sitter.Parser(LANGUAGE)
BROKEN = tree_sitter.Query(LANGUAGE, "(ERROR) @e (MISSING) @m")


def masked(source: bytes, learned: Learned = LEARNED) -> bytes:
    view = make_view(source)
    return stage_a(view, find_launches(view.text), learned)


def is_clean(text: bytes) -> bool:
    """Whether the grammar reads *text* without an ERROR or MISSING node."""
    return not tree_sitter.QueryCursor(BROKEN).captures(GRAMMAR.parse(text).root_node)


@pytest.mark.parametrize(
    ("source", "text"),
    [
        (b"__global__ void k(int* __restrict__ p);", b"           void k(int*              p);"),
        (b"k<<<g, b>>>(x);", b"k          (x);"),
        (b"k<<<g,\n b>>>(x);", b"k     \n     (x);"),
        (b"struct __align__(16) V {};", b"struct               V {};"),
        (b"__launch_bounds__(f(1), 2) void k();", b"                           void k();"),
        (b"int alignas(16) x;", b"int             x;"),
        (b"[[nodiscard]] int f();", b"              int f();"),
        (b'[[deprecated("x")]] int f();', b"                    int f();"),
        (b"a[b[0]] = 1;", b"a[b[0]] = 1;"),
        (b"HD int f();", b"   int f();"),
        (b"auto l = [=] HD (int i) {};", b"auto l = [=]    (int i) {};"),
        (b"API void f();", b"    void f();"),
        (b'DEP("x") void f();', b"         void f();"),
        (b"x = API;", b"x = API;"),
        (b"f(API, 1);", b"f(API, 1);"),
        (b"API = 1; API.x = 2;", b"API = 1; API.x = 2;"),
        (b"f<FP8>(FP8(1));", b"f<FP8>(FP8(1));"),
        (b"HDX MYHD x__device__ y;", b"HDX MYHD x__device__ y;"),
        (b"#define __noinline__ HD\n", b"#define __noinline__ HD\n"),
        (b"#ifdef __align__\n", b"#ifdef __align__\n"),
        (
            b"#define A \\\n  __device__ \\\n int\n__device__ int",
            b"#define A \\\n  __device__ \\\n int\n           int",
        ),
        (b"CUTLASS_DEVICE int f();", b"               int f();"),
        (b"__align__(", b"         ("),
    ],
)
def test_text(source: bytes, text: bytes) -> None:
    assert masked(source) == text


@pytest.mark.parametrize(
    "source",
    [
        b"template <class T> __global__ void __launch_bounds__(256) k(T* __restrict__ p) { extern __shared__ T s[]; }",
        b"__device__ __constant__ float c[4]; __managed__ int m;",
        b"void f() { k<float, 4><<<dim3(1, 2), n * sizeof(int), 0, s>>>(a, b); }",
        b"CUTLASS_HOST_DEVICE constexpr int f() { return 1; }",
        b"#define EMPTY   // a comment\nint x;\n",
    ],
)
def test_the_grammar_reads_it(source: bytes) -> None:
    assert is_clean(masked(source))


@pytest.mark.parametrize(
    "define", [b"#define N // c\n", b"#define N(a)  \n", b"#define N \\\n  \n", b"#define N \\\n // c\r\n"]
)
def test_an_empty_macro_does_not_swallow_the_next_line(define: bytes) -> None:
    tree = GRAMMAR.parse(masked(define + b"int x;\n"))
    assert [node.type for node in tree.root_node.named_children][1:] == ["declaration"]


def test_qualifiers_tell_the_side() -> None:
    source = b"HD int f(); __launch_bounds__(1) __global__ void k(); inline API int g(); // __device__\n"
    view = make_view(source)
    assert [(source[slice(*span)], name) for span, name in qualifiers(view, LEARNED)] == [
        (b"HD", b"HD"),
        (b"__launch_bounds__", b"__launch_bounds__"),
        (b"__global__", b"__global__"),
    ]


def test_the_words_may_be_handed_in() -> None:
    view = make_view(b"HD int f();")
    assert mask(view, (), LEARNED, {b"HD", b"int", b"f"}) == mask(view, (), LEARNED)


def test_nothing_to_mask_is_the_view_itself() -> None:
    view = make_view(b"int x;")
    assert stage_a(view, (), LEARNED) is view.text


def test_many_names_are_found_too() -> None:
    many = combine([learn(b"".join(b"#define A%d __device__\n" % number for number in range(500)))])
    source = b" ".join(b"A%d int f();" % number for number in range(500)) + b" B7 A7x"
    assert b"A1" not in masked(source, many)[:-8]
    assert masked(source, many).endswith(b" B7 A7x")


@given(TEXTS)
@settings(max_examples=300, deadline=None)
def test_length_and_line_breaks_stay(source: bytes) -> None:
    text = masked(source)
    assert len(text) == len(source)
    assert breaks(text) == breaks(source)


@pytest.mark.parametrize(
    "piece", [b"__align__(", b"[[", b"[[(", b"HD ", b"HD(", b"DEP((", b"# \\\n", b"#define A \\\n"]
)
def test_time_is_linear(piece: bytes) -> None:
    def seconds(size: int) -> float:
        view = make_view(piece * (size // len(piece)))
        best = 9.0
        for _ in range(3):
            start = time.process_time()
            stage_a(view, (), LEARNED)
            best = min(best, time.process_time() - start)
        return best

    assert seconds(80_000) < 8 * seconds(20_000) + 0.05
