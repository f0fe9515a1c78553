"""Blocks without a question are blank, everything else stays, and what cannot be cut safely is left whole."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from migrate.parse.directives import Directives
from migrate.parse.tree import SyntaxTree
from migrate.parse.trim import trim

_LONG = b"int a_long_name = 1; a_long_name += 2;"


def _trim(text: bytes, *marks: bytes) -> bytes:
    return trim(text, sorted(text.index(mark) for mark in marks), Directives(text).all)


def _names(text: bytes) -> list[str]:
    tree = SyntaxTree(text)
    return [tree.function_name(function) for function in tree.functions(lambdas=False)]


def test_a_body_without_a_question_is_blank_and_its_function_stays() -> None:
    text = b"namespace n { struct S { void f(int x) const {" + _LONG + b"} }; }\nvoid g() {\n" + _LONG + b"\n}\n"
    trimmed = _trim(text)
    assert b"a_long_name" not in trimmed
    assert len(trimmed) == len(text)
    assert trimmed.count(b"\n") == text.count(b"\n")
    assert _names(trimmed) == _names(text) == ["f", "g"]


def test_a_body_with_a_question_stays_but_for_the_blocks_in_it() -> None:
    text = b"void f() { asked(); if (x) {" + _LONG + b"} else {" + _LONG + b"} }"
    trimmed = _trim(text, b"asked")
    assert trimmed.startswith(b"void f() { asked(); if (x) {;")
    assert b"a_long_name" not in trimmed
    assert trimmed.count(b"}") == 3


def test_a_function_before_a_semicolon_stays_a_function() -> None:
    text = b"static float f(float x) {" + _LONG + b"};\nvoid g() {" + _LONG + b"};\n"
    assert _names(_trim(text)) == ["f", "g"]


@pytest.mark.parametrize(
    "text",
    [
        b"int t[] = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12 };",  # no statements
        b"enum E { first_of_them, second_of_them, third_of_them };",
        b"void f() {" + _LONG,  # no end
        _LONG + b"} void f() {" + _LONG + b"}",
        b"void f() {\n#if A\n  if (x) {\n#else\n  if (y) {\n#endif\n" + _LONG + b" }\n}\n",  # one brace for two
        b"void f() {\n#if A\n" + _LONG + b"}\n#endif\n",
    ],
)
def test_what_cannot_be_cut_safely_is_left_whole(text: bytes) -> None:
    assert _trim(text) == text


def test_braces_in_directives_do_not_count() -> None:
    text = b"#define OPEN {\nvoid f() {\n#define CLOSE }\n" + _LONG + b"\n}\n"
    assert b"a_long_name" not in _trim(text)
    assert _names(_trim(text)) == ["f"]


@given(
    st.lists(st.sampled_from([b"{", b"}", b"f()", b";", b"\n#if A\n", b"\n#endif\n", b"\n#else\n", _LONG, b"class C "]))
)
def test_length_and_line_breaks_stay_whatever_the_text_holds(parts: list[bytes]) -> None:
    text = b" ".join(parts)
    trimmed = trim(text, [], Directives(text).all)
    assert len(trimmed) == len(text)
    assert [at for at, byte in enumerate(trimmed) if byte == 10] == [at for at, byte in enumerate(text) if byte == 10]
