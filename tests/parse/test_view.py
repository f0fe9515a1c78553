"""The view: comments and insides of literals are blank, everything else keeps its place."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from migrate.parse.view import View, blank, make_view, words

PIECES = st.sampled_from(
    [
        b'"',
        b"'",
        b"\\",
        b"\n",
        b"\r\n",
        b"//",
        b"/*",
        b"*/",
        b'R"(',
        b')"',
        b'R"x(',
        b')x"',
        b"u8",
        b"#include <a//b>",
        b'#include "x.h"',
        b"#define A(x) \\\n",
        b"cudaMalloc(&p, n);",
        b"k<<<1, 2>>>(x);",
        b"1'000",
        b"L'a'",
        b" ",
        b"\xe4\xbd\xa0",
        b"#if 0\n",
        b"#else\n",
        b"#endif\n",
        b"{",
        b"}",
        b"(",
        b")",
        b"CHECK(x)",
        b"__global__ void",
        b"__align__(16)",
        b"[[nodiscard]]",
        b"template class X<int>;",
        b"typename T::U",
        b"HD",
        b"<<<",
        b">>>",
        b"[&] {",
        b"= {}",
        b"decltype(x){}",
        b"operator",
    ]
)
TEXTS = st.one_of(
    st.binary(max_size=300), st.lists(PIECES, max_size=60).map(b" ".join), st.lists(PIECES, max_size=60).map(b"".join)
)


def breaks(text: bytes) -> list[tuple[int, int]]:
    return [(place, byte) for place, byte in enumerate(text) if byte in b"\r\n"]


def literal_texts(source: bytes) -> list[bytes]:
    return [source[start:end] for start, end in make_view(source).literals]


@pytest.mark.parametrize(
    ("source", "text"),
    [
        (b"a // b\nc", b"a     \nc"),
        (b"a /* b\n * c */ d", b"a     \n        d"),
        (b"a // b \\\nc\nd", b"a      \\\n \nd"),
        (b"a // b \\\r\nc\r\nd", b"a      \\\r\n \r\nd"),
        (b"x /* open", b"x        "),
        (b's = "a // b";', b's = "      ";'),
        (b's = "a \\" b";', b's = "      ";'),
        (b's = "a\\\nb";', b's = " \\\n ";'),
        (b"c = '\"'; d = 'x';", b"c = ' '; d = ' ';"),
        (b"c = '\\'';", b"c = '  ';"),
        (b"n = 1'000'000; m = 0xFF'AA;", b"n = 1'000'000; m = 0xFF'AA;"),
        (b"c = u8'a';", b"c = u8' ';"),
        (b"#error don't do this\n// can't\nf();", b"#error don't do this\n        \nf();"),
        (b'#if 0\nan open " quote\n#endif\nf("a");', b'#if 0\nan open " quote\n#endif\nf(" ");'),
        (b'#include "a.h" // x\n', b'#include "a.h"     \n'),
        (b"#  include <a//b.h>\n", b"#  include <a//b.h>\n"),
        (b"\xef\xbb\xbfint x;", b"   int x;"),
        (b'R"(a " // b)" c', b'R"(        )" c'),
        (b'R"x(a )" b)x" c', b'R"x(      )x" c'),
        (b'u8R"(a\nb)" c', b'u8R"( \n )" c'),
        (b'"%" PRIuPTR"(x)" y', b'" " PRIuPTR"   " y'),
        (b'R"(never closed "x" // y', b'R"(never closed " "     '),
        (b"#define A \\\n  b // c\n", b"#define A \\\n  b     \n"),
        (b"#define A /* b\n c */ d\n", b"#define A    \\\n      d\n"),
        (b"a / b; c = d /e;", b"a / b; c = d /e;"),
        (b"", b""),
    ],
)
def test_text(source: bytes, text: bytes) -> None:
    assert make_view(source).text == text


def test_literals_are_insides_in_order() -> None:
    source = b'#include "x.h"\nf("cuInit", \'a\', R"(asm)", "", "b\\"c"); // "no"\n'
    assert literal_texts(source) == [b"cuInit", b"asm", b"", b'b\\"c']


def test_comments_are_kept_as_ranges() -> None:
    source = b"a // b\n// c\n  // d\ne /* f */ g"
    assert [source[start:end] for start, end in make_view(source).comments] == [b"// b\n// c\n  // d", b"/* f */"]


def test_a_launch_in_a_message_is_not_in_the_view() -> None:
    assert b"<<<" not in make_view(b'printf("k<<<1, 2>>>()"); // k<<<1, 2>>>()').text


def test_blank_keeps_joints() -> None:
    assert blank(b"a\\\nb\\\r\nc\\d") == b" \\\n \\\r\n   "


def test_words() -> None:
    assert words(b"a1 = b_c(a1) + d\xc3\xa9;") == {b"a1", b"b_c", b"d\xc3\xa9"}


@given(TEXTS)
@settings(max_examples=300, deadline=None)
def test_length_and_line_breaks_stay(source: bytes) -> None:
    view = make_view(source)
    assert isinstance(view, View)
    assert len(view.text) == len(source)
    assert breaks(view.text) == breaks(source)
    assert list(view.literals) == sorted(view.literals)
    assert all(start <= end for start, end in view.literals)


@given(TEXTS)
@settings(max_examples=100, deadline=None)
def test_a_view_changes_only_into_blanks(source: bytes) -> None:
    text = make_view(source).text
    assert all(new in (old, 32) or (new == 92 and source[at + 1 : at + 3].startswith((b"\n", b"\r\n")))
               for at, (old, new) in enumerate(zip(source, text, strict=True)))  # fmt: skip


@pytest.mark.parametrize(
    "piece", [b'R"(', b'R"a(R"b)', b'"', b'"\\"', b"'", b"'a ", b"/*", b"//\\\n", b"\\\n", b"#include <"]
)
def test_time_is_linear(piece: bytes) -> None:
    def seconds(size: int) -> float:
        source = piece * (size // len(piece))
        best = 9.0
        for _ in range(3):
            start = time.process_time()
            make_view(source)
            best = min(best, time.process_time() - start)
        return best

    assert seconds(80_000) < 8 * seconds(20_000) + 0.05


def test_raw_strings_without_end_of_many_delimiters_are_linear() -> None:
    source = b"".join(b'R"%x(' % number for number in range(30_000))
    start = time.process_time()
    make_view(source)
    assert time.process_time() - start < 3
