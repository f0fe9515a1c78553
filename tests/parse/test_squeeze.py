"""Long runs of blanks go, and every other byte is found again in both directions."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from migrate.parse.squeeze import Squeezed

_TEXT = st.lists(st.sampled_from([b"a", b"bc", b" " * 40, b"\n" + b" " * 50, b"\n", b" ", b"\t" * 9])).map(b"".join)


@given(_TEXT)
def test_every_byte_that_is_no_blank_is_found_again(text: bytes) -> None:
    squeezed = Squeezed(text)
    assert squeezed.text.split() == text.split()
    for offset, byte in enumerate(text):
        if byte not in b" \n\t":
            inside = squeezed.inside(offset)
            assert squeezed.text[inside] == byte
            assert squeezed.outside(inside) == offset
            assert squeezed.end(inside + 1) == offset + 1


@given(_TEXT)
def test_offsets_in_a_run_stay_in_order(text: bytes) -> None:
    squeezed = Squeezed(text)
    places = [squeezed.inside(offset) for offset in range(len(text) + 1)]
    assert places == sorted(places)
    assert places[-1] == len(squeezed.text)


def test_a_run_keeps_one_line_break() -> None:
    assert Squeezed(b"#define A" + b" " * 30 + b"\n" + b" " * 20 + b"x").text == b"#define A\nx"
    assert Squeezed(b"a" + b" " * 40 + b"b").text == b"a b"
    assert Squeezed(b"a" + b" " * 23 + b"b").text == b"a" + b" " * 23 + b"b"
