"""What the tree says about the name at a place, and which functions and errors there are."""

from __future__ import annotations

import pytest

from migrate.parse.tree import WIDEST, SyntaxTree


def position(source, name="N"):
    data = source.encode()
    start = data.index(name.encode())
    return SyntaxTree(data).position(start, start + len(name))


USES = {
    # (verdict, is_type, is_call) by source; the name asked about is N
    "void f() { N(1); }": ("use", False, True),
    "void f() { x = N; }": ("use", False, False),
    "void f() { x = &N; }": ("use", False, False),
    "void f() { N x; }": ("use", True, False),
    "void f(N x);": ("use", True, False),
    "N* f();": ("use", True, False),
    "std::vector<N> v;": ("use", True, False),
    "void f() { N<int>(1); }": ("use", False, True),
    "N<int> x;": ("use", True, False),
    "void f() { (N)x; }": ("use", True, False),
    "void f() { dim3 grid(N(x)); }": ("use", True, False),  # "most vexing parse": the text says that it is called
    "void f() { static_cast<N>(x); }": ("use", True, False),
    "struct A : N {};": ("use", True, False),
    "void f() { ::N(1); }": ("use", False, True),
    "void f() { switch (x) { case N: break; } }": ("use", False, False),
    "template <typename T = N> struct A {};": ("use", True, False),
    "int N;": ("declared", False, False),
    "int N = 1;": ("declared", False, False),
    "int* N[3];": ("declared", False, False),
    "int a, &N = a;": ("declared", False, False),
    "void f(int N);": ("declared", False, False),
    "void N(int x);": ("declared", False, False),
    "void N() {}": ("declared", False, False),
    "struct N { int x; };": ("declared", False, False),
    "struct N;": ("declared", False, False),
    "class A { int N; };": ("declared", False, False),
    "class A { void N(); };": ("declared", False, False),
    "enum E { N };": ("declared", False, False),
    "enum class N { A };": ("declared", False, False),
    "using N = int;": ("declared", False, False),
    "typedef int N;": ("declared", False, False),
    "namespace N { int x; }": ("declared", False, False),
    "namespace N = a::b;": ("declared", False, False),
    "template <typename N> void f();": ("declared", False, False),
    "void f() { for (auto N : v) {} }": ("declared", False, False),
    "void f() { N: goto N; }": ("declared", False, False),
    "void f() { auto [N, b] = g(); }": ("declared", False, False),
    "void f() { [N = 1] {}; }": ("declared", False, False),
    "void f() { a.N(1); }": ("member", False, False),
    "void f() { a->N = 1; }": ("member", False, False),
    "void f() { a::N(1); }": ("qualified", False, False),
    "void f() { a::b::N x; }": ("qualified", False, False),
    "int x = ) N ( (": ("token", False, False),
}


@pytest.mark.parametrize(("source", "wanted"), USES.items(), ids=USES)
def test_position(source, wanted):
    assert position(source) == wanted


def test_call_that_the_grammar_takes_for_a_declaration():
    assert position("void f() { MACRO N(x); }") == ("use", False, True)


def test_part_of_a_name_is_a_token():
    assert position("int cudaNumber;", "Num").verdict == "token"


def test_functions_are_sorted_and_named():
    source = (
        b"int a() {}\nnamespace n { struct S { void b() {} ~S() {} operator int() {} int "
        b"operator+(int x) {} }; }\nint* n::S::c(int (*f)(int)) {}\n"
        b'extern "C" { void d() {} }\ntemplate <class T> T& e() {}'
    )
    tree = SyntaxTree(source)
    functions = tree.functions(lambdas=False)
    assert [tree.function_name(function) for function in functions] == [
        "a",
        "b",
        "~S",
        "operatorint()",
        "operator+",
        "n::S::c",
        "d",
        "e",
    ]
    assert all(source[function.body : function.body + 1] == b"{" for function in functions)


def test_lambdas_only_when_asked_for():
    source = b"void f() { auto g = [=](int i) { return [] { return 1; }(); }; }"
    tree = SyntaxTree(source)
    assert len(tree.functions(lambdas=False)) == 1
    found = tree.functions(lambdas=True)
    assert [tree.function_name(function) for function in found] == ["f", "", ""]
    assert [function.start for function in found] == sorted(function.start for function in found)


def test_functions_behind_conditions_and_errors():
    source = b"#if A\nvoid f() {}\n#else\nvoid g() {}\n#endif\nint x = ;\nvoid h() {}"
    tree = SyntaxTree(source)
    assert {"f", "g", "h"} <= {tree.function_name(function) for function in tree.functions(lambdas=False)}


def test_errors():
    assert SyntaxTree(b"int a;").errors == []
    assert SyntaxTree(b'#include "x" \nint a;').errors == []
    broken = SyntaxTree(b"int f( { ] }")
    assert broken.errors
    assert broken.errors == sorted(broken.errors)
    assert 0 < broken.error_bytes() <= 12
    missing = SyntaxTree(b"int a = 1")
    assert missing.errors
    assert all(error.end > error.start for error in missing.errors)


def test_depth():
    assert not SyntaxTree(b"void f() { if (a) { g(N); } }").is_deep(22)
    deep = b"void f() { " + b"(" * 3000 + b"N" + b")" * 3000 + b"; }"
    assert SyntaxTree(deep).is_deep(deep.index(b"N"))


def test_wide_errors_are_answered_from_tokens():
    source = b"void f() { (" + b"{ N; " * WIDEST
    assert SyntaxTree(source).position(source.index(b"N"), source.index(b"N") + 1).verdict == "token"
