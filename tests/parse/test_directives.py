"""Preprocessor directives read from the text, and the conditions a place stands under."""

from __future__ import annotations

import pytest

from migrate.parse.directives import CONDITION_DEPTH, Directives


def conditions(text):
    """The condition at every `@` of *text*."""
    data = text.encode()
    directives = Directives(data)
    return [directives.condition(offset) for offset, byte in enumerate(data) if byte == 64]


CONDITIONS = {
    "none": ("@", [""]),
    "if, elif, else, endif": ("#if A > 1\n@\n#elif B\n@\n#else\n@\n#endif\n@", ["A > 1", "B", "!(A > 1) && !(B)", ""]),
    "ifdef and its else": ("#ifdef X\n@\n#else\n@\n#endif", ["defined(X)", "!defined(X)"]),
    "ifndef and its else": ("@\n#ifndef X\n@\n#else\n@\n#endif", ["", "!defined(X)", "defined(X)"]),
    "defined without parentheses": ("#if defined X\n@\n#else\n@\n#endif", ["defined X", "!(defined X)"]),
    "defined with": ("#if defined(X)\n@\n#else\n@\n#endif", ["defined(X)", "!defined(X)"]),
    "not defined, then more": (
        "int a;\n#if !defined(X) && Y\n@\n#else\n@\n#endif",
        ["!defined(X) && Y", "!(!defined(X) && Y)"],
    ),
    "defined, then more": ("#if defined(X) && Y\n@\n#else\n@\n#endif", ["defined(X) && Y", "!(defined(X) && Y)"]),
    "alternatives are kept together": ("#if A || B\n@\n#else\n@\n#endif", ["(A || B)", "!(A || B)"]),
    "parentheses at the beginning only": ("#if (A) && B\n@\n#else\n@\n#endif", ["(A) && B", "!((A) && B)"]),
    "nested": ("#if A\n#ifdef B\n@\n#endif\n@\n#endif", ["A && defined(B)", "A"]),
    "elifdef": ("#ifdef A\n#elifdef B\n@\n#elifndef C\n@\n#endif", ["defined(B)", "!defined(C)"]),
    "switched off": ("#if 0\n@\n#else\n@\n#endif", ["0", "!(0)"]),
    "over several lines": ("#if A && \\\n    B\n@\n#endif", ["A && B"]),
    "the directive itself stands outside": ("#if A@\n#endif", [""]),
    "blanks before and inside": ("  #  if A\n@\n #\tendif\n@", ["A", ""]),
    "CRLF": ("#if A\r\n@\r\n#endif\r\n@", ["A", ""]),
    "more ends than beginnings": ("#endif\n#else\n@\n#if A\n@", ["", "A"]),
    "a # inside a line is no directive": ("x #if A\n@", [""]),
    "the guard of a header": ("#ifndef G\n#define G\n@\n#ifdef X\n@\n#endif\n#endif\n@", ["", "defined(X)", ""]),
    "a guard behind a pragma": ("#pragma once\n#ifndef G\n#define G\n@\n#endif", [""]),
    "a guard in the other spelling": ("#if !defined(G)\n#define G\n@\n#endif", [""]),
    "a default value is no guard": ("int a;\n#ifndef N\n#define N 1\n@\n#endif", ["!defined(N)"]),
    "another name is no guard": ("#ifndef A\n#define B\n@\n#endif", ["!defined(A)"]),
}


@pytest.mark.parametrize(("text", "wanted"), CONDITIONS.values(), ids=CONDITIONS)
def test_conditions(text, wanted):
    assert conditions(text) == wanted


def test_deep_nesting_is_cut():
    count = CONDITION_DEPTH + 2
    text = "".join(f"#if A{number}\n" for number in range(count)) + "@" + "#endif\n" * count
    kept = [f"A{number}" for number in range(2, count)]
    assert conditions(text) == ["… && " + " && ".join(kept)]


def test_long_conditions_are_cut():
    (shown,) = conditions("#if " + "A && " * 100 + "B\n@\n#endif")
    assert len(shown) <= 160


DEFINES = {
    "object-like": (b"#define A 1", (b"A", set(), b" 1")),
    "function-like": (b"#define F(a, b) a + b", (b"F", {b"a", b"b"}, b" a + b")),
    "a parenthesis behind a blank begins the body": (b"#define A (1)", (b"A", set(), b" (1)")),
    "over lines": (b"#define A x \\\n  y \\\r\n  z\nint b;", (b"A", set(), b" x \\\n  y \\\r\n  z")),
    "variadic": (b"#define V(a, ...) f(__VA_ARGS__)", (b"V", {b"a"}, b" f(__VA_ARGS__)")),
    "empty": (b"#define E\nint x;", (b"E", set(), b"")),
    "blanks": (b"  #  define\tT 2", (b"T", set(), b" 2")),
}


@pytest.mark.parametrize(("text", "wanted"), DEFINES.values(), ids=DEFINES)
def test_defines(text, wanted):
    (directive,) = Directives(text).all
    assert (directive.name, set(directive.parameters), text[directive.body : directive.end]) == wanted
    assert directive.word == "define"


def test_which_directive_a_place_lies_in():
    text = b"int a;\n#define A b\nint c;\n#include <d>\n"
    directives = Directives(text)
    words = [
        getattr(directives.at(offset), "word", None)
        for offset in (0, text.index(b"#d"), text.index(b"b"), text.index(b"c;"), text.index(b"<d"))
    ]
    assert words == [None, "define", "define", None, "include"]
    assert directives.last_end(text.index(b"c;")) == text.index(b"\nint c")
    assert directives.last_end(3) == 0
