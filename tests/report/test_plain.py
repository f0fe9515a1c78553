"""Text that reaches a terminal: escaped, measured in columns, aligned."""

import os
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from migrate.report.plain import cut, left, percent, right, table, visible, width, wrap


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("cudaMalloc", "cudaMalloc"),
        ("a\x1b[31mb", "a\\x1b[31mb"),
        ("a\nb\rc\td\x00", "a\\x0ab\\x0dc\\x09d\\x00"),
        ("\x9b31m", "\\x9b31m"),
        ("a\u202eb", "a\\u202eb"),
        ("a\u200bb\u2028", "a\\u200bb\\u2028"),
        ("\udcff.cu", "\\xff.cu"),
        ("中文 é", "中文 é"),
        ("\U000e0001", "\\U000e0001"),
    ],
)
def test_visible(text, shown):
    assert visible(text) == shown


@given(st.text())
def test_visible_text_is_printable_and_stays_so(text):
    shown = visible(text)
    assert visible(shown) == shown
    assert not re.search(r"[\x00-\x1f\x7f-\x9f]", shown)
    shown.encode()


@pytest.mark.parametrize(("text", "columns"), [("abc", 3), ("中文", 4), ("e\u0301", 1), ("（a）", 5), ("→…", 2)])
def test_width(text, columns):
    assert width(text) == columns


@given(st.text(alphabet="ab中文，é "), st.integers(1, 20))
def test_cut_never_exceeds_its_columns(text, columns):
    shown = cut(text, columns)
    assert width(shown) <= columns
    assert shown == text or shown.endswith("…")


def test_padding_counts_columns():
    assert left("中", 4) == "中  "
    assert right("中", 4) == "  中"


def test_table_aligns_chinese_with_latin():
    lines = table([["名称", "用法"], ["abc", "1"]], "<>")
    assert lines == ["名称  用法", "abc      1"]
    assert len({width(line) for line in lines}) == 1


@given(st.text(alphabet="ab中文，。 "), st.integers(8, 30))
def test_wrap_loses_nothing_but_blanks(text, columns):
    lines = wrap(text, columns)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")


def test_wrap_keeps_closing_punctuation_with_its_word():
    assert wrap("中文中文，中文", 8) == ["中文中", "文，中文"]
    assert wrap("中文 check、rewrite", 11) == ["中文", "check、", "rewrite"]
    assert wrap("中文中文（中文）", 10) == ["中文中文", "（中文）"]


def test_layouts_are_as_wide_as_the_terminal_within_limits(monkeypatch):
    from migrate.report import plain

    for columns, expected in ((50, 72), (80, 80), (200, 100), (0, 100)):
        monkeypatch.setattr(plain.os, "get_terminal_size", lambda _fd, n=columns: os.terminal_size((n, 24)))
        assert plain._columns() == expected


@pytest.mark.parametrize(
    ("part", "whole", "digits", "shown"),
    [
        (0, 10, 0, "-"),
        (0, 0, 0, "-"),
        (10, 10, 1, "100 %"),
        (1, 1000, 0, "<1 %"),
        (999, 1000, 0, ">99 %"),
        (999, 1000, 1, "99.9 %"),
        (9999, 10000, 1, ">99.9 %"),
        (1, 2, 0, "50 %"),
    ],
)
def test_percent(part, whole, digits, shown):
    assert percent(part, whole, digits) == shown
