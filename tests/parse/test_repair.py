"""Stage B: what breaks the grammar is mended, one case per rule; names keep their place."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings

from migrate.parse.macros import combine, learn
from migrate.parse.repair import stage_b
from tests.parse.test_mask import is_clean, masked
from tests.parse.test_view import TEXTS, breaks

LEARNED = combine([learn(b"#define check(x) x\n#define INSTANTIATE_k(t) template class X<t>;\n")])


def repaired(source: bytes) -> bytes:
    return stage_b(masked(source, LEARNED), LEARNED)


@pytest.mark.parametrize(
    "source",
    [
        # macro as statement or declaration
        b"void f() { CHECK(cudaFree(p)) g(); }",
        b"void f() {\n  CHECK(cudaFree(p))\n  g();\n}",
        b"void f() {\n  CHECK(cudaFree(p))   // x\n}",
        b"void f() { check(g())\n h(); }",
        b"void f() { if (x) CHECK(y)\n else CHECK(z)\n g(); }",
        b"TEST(Gemm, 64x3) { f(); }",
        b"INST(float)\nINST(half)\nint x;\n",
        b"INSTANTIATE_k(float) INSTANTIATE_k(half)\n",
        b"extern DECL(512, float);\nint x;\n",
        b"class A { DISALLOW(int, 3); int x; };",
        b"void f() { CASE(4) CASE(8) else { g(); } }",
        b"void f() { FOR_EACH(i, 64x3) { g(); } }",
        # attributes in capitals
        b"NS_BEGIN\nnamespace x { int y; }\nNS_END\n",
        b"EXPORT inline int f();",
        b"EXPORT std::vector<int> f(int x) { return {}; }",
        b"EXPORT cudaError_t f(int x);",
        b"class EXPORT A : B { int x; };",
        b"void f() { UNROLL\n for (int i = 0; i < n; ++i) g(); }",
        b'template <class T> DEPRECATED("x") static T f(T x);',
        b"struct A { int f() const NOEXCEPT { return 1; } };",
        b"void f() {UNREACHABLE_CODE}",
        # typename and template
        b"void f() { g(typename G::Args{a}); auto x = typename T::U(1); }",
        b"template class R<half>; template void f<int>(int);",
        b"void f() { o.template f(x); }",
        # conditionals
        b"void f() { g(a,\n#ifdef X\n b,\n#endif\n c); }",
        b"void f() {\n#ifdef A\n  if (x) {\n#else\n  if (y) {\n#endif\n  g(); }\n}\n",
        b"void f() {\n#ifdef A\n  if (x) g();\n  else\n#endif\n  h();\n}\n",
        b"template <class T>\n#if X\n  requires(true)\n#endif\nstruct A {};\n",
        b"static\n#ifdef X\ninline\n#endif\nvoid f() {}\n",
        b"A::A() : x(1)\n#ifdef X\n , y(2)\n#endif\n{}\n",
        b"#if VERSION(GCC, <, 7)\nint x;\n#endif\n",
        # types as arguments
        b"void f() { x = va_arg(l, int); LAUNCH(uint8_t, float*); LAUNCH(const half *, T const&); }",
        b"void f() { g(unsigned(p) << 3); }",
        # default values
        b"void f(E const& e = {}); void g(E e = {E::A}, int x = 1);",
        b"template <class T, std::enable_if_t<B<T>>* = nullptr> void f();",
        b"template <class T, class P = T*> void f();",
        # inside statements
        b"void f() { for (;;)\n#pragma unroll\n for (;;) g(); }",
        b"void f() { IF_TARGET(C, (g();), (h();)); }",
        b"void f() { IF_TARGET(C, (return g();), (return h();)); }",
        b"void f() { SWITCH(t, T, SWITCH(u, U, auto x = g<T, U>(); h(x););); }",
        b"void f() { CHECK(g(), return false); }",
        b"void f() { BLOCK(x, { g(); }) }",
        # the rest
        b'const char* s = "a" PRIu64 "b" F(1) "c";',
        b"void f() { p = new float*[n]; }",
        b'using X DEPRECATED("x") = Y;',
        b"auto x = decltype(y){}; auto z = typename decltype(y)::T{};",
        b"enum : int { A };",
        b"void f() { p.operator->(); h.operator __half(); }",
        b"template <class R, class C> struct S<R (C::*)(int)> {};",
    ],
)
def test_the_grammar_reads_it(source: bytes) -> None:
    text = repaired(source)
    assert len(text) == len(source)
    assert is_clean(text), text.decode()


@pytest.mark.parametrize(
    "source",
    [
        b"int x = MAX; int y = *MAX; return MIN(a, b) + 1;",
        b"void f() { x = CHECK(a); y = c ? A : NAME(x); CHECK(a); for (i = 0; i < N; ) {} }",
        b"DTYPE x = 1; DTYPE f(int a); DTYPE const y = 2; FILE* g();",
        b"int a = sizeof(int) + (int)x + sizeof(float*); auto p = (half*) NAME(x);",
        b"f(a * b, c & d, e < f, g > h);",
        b"template <typename T, typename U = int> struct A; template <int n> void f();",
        b"#define CHECK(x) \\\n  do { x } \\\n while (0)\n#pragma once\n",
        b"#ifdef X\nint x;\n#else\nint y;\n#endif\n",
        b"struct A { unsigned x : 3; A() = default; };",
        b'x = p->operator_x(1); L"a" L"b";',
    ],
)
def test_what_stays(source: bytes) -> None:
    before = masked(source, LEARNED)
    assert stage_b(before, LEARNED) == before


def test_the_longest_branch_is_kept_unless_it_is_for_another_platform() -> None:
    source = b"#if A\nint f(\n#else\nint f(int a_long_parameter,\n#endif\nint x);\n"
    assert b"a_long_parameter" in repaired(source)
    assert b"a_long_parameter" not in repaired(source.replace(b"#if A", b"#ifndef USE_ROCM"))
    assert b"a_long_parameter" in repaired(source.replace(b"#if A", b"#ifdef USE_ROCM"))


def test_api_names_stay_readable() -> None:
    source = b"void f() {\n  CHECK(cudaMalloc(&p, n))\n  LAUNCH(float*, cudaMemcpyHostToDevice)\n"
    source += b"  IF(x, (cudaFree(p);))\n}\n"
    text = repaired(source)
    assert all(
        source.index(name) == text.index(name) for name in (b"cudaMalloc", b"cudaMemcpyHostToDevice", b"cudaFree")
    )


@given(TEXTS)
@settings(max_examples=400, deadline=None)
def test_length_and_line_breaks_stay(source: bytes) -> None:
    text = repaired(source)
    assert len(text) == len(source)
    assert breaks(text) == breaks(source)
    assert len(stage_b(source, LEARNED)) == len(source)


@pytest.mark.parametrize(
    "piece",
    [
        b"(",
        b"({[",
        b")",
        b"#if 1\n",
        b"#if 1\n{\n",
        b"#if A\nF(x)\n#endif\n",
        b"ABC(",
        b"ABC(;",
        b"ABC\n",
        b"ABC([&]{",
        b"template<",
        b"decltype(",
        b"T<",
        b"x*,",
        b", const x<a",
        b"f(int*,",
        b"enum :",
        b"new x *",
        b"typename A::",
        b"class{ABC ",
        b"extern ABC(x);",
        b"using A ",
        b"(a::*",
        b'"a" B ',
        b"case 1: ABC ",
        b"#if (<\n",
    ],
)
def test_time_is_linear(piece: bytes) -> None:
    def seconds(size: int) -> float:
        text = piece * (size // len(piece))
        best = 9.0
        for _ in range(2):
            start = time.process_time()
            stage_b(text, LEARNED)
            best = min(best, time.process_time() - start)
        return best

    assert seconds(60_000) < 8 * seconds(15_000) + 0.05


def test_macros_inside_macros_are_linear() -> None:
    def seconds(depth: int) -> float:
        text = b"ABC(;" * depth + b")" * depth
        start = time.process_time()
        stage_b(text, LEARNED)
        return time.process_time() - start

    seconds(100)
    assert seconds(20_000) < 8 * seconds(5_000) + 0.1
