"""What two neighbouring tokens say of a name, and where they leave the answer to the tree."""

from __future__ import annotations

import pytest

from migrate.parse.told import told


def _told(text: str, kind: str, *, strong: bool = True, enums: bool = False) -> tuple[str, bool, bool] | None:
    start = text.index("NAME")
    position = told(text.encode(), start, start + 4, kind, strong=strong, enums=enums)
    return None if position is None else (position.verdict, position.is_type, position.is_call)


@pytest.mark.parametrize(
    "text", ["e = NAME(p);", "{ NAME(p); }", "; NAME (p)", "CHECK(NAME(p))", "return NAME();", "(void)NAME()"]
)
def test_a_call(text: str) -> None:
    assert _told(text, "function") == ("use", False, True)


@pytest.mark.parametrize(
    "text", ["(NAME s)", "; NAME *s", "const NAME &s", "vector<NAME>", "map<NAME, int>", "{\n  NAME s"]
)
def test_a_type(text: str) -> None:
    assert _told(text, "type") == ("use", True, False)


@pytest.mark.parametrize("text", ["x == NAME)", "return NAME;", "f(a, NAME)", "case NAME:", "A | NAME, b"])
def test_a_value(text: str) -> None:
    assert _told(text, "enum") == ("use", False, False)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("cudaError_t NAME(int)", "function"),  # a declaration
        ("int *NAME(int)", "function"),
        ("using NAME = int;", "type"),
        ("typedef int NAME;", "type"),
        ("struct NAME {", "type"),
        ("A * NAME;", "enum"),
        ("int NAME = 1;", "macro"),
        ("NAME(p);", "function"),  # nothing before it
        ("f(NAME; )", "enum"),
    ],
)
def test_what_the_tree_must_say(text: str, kind: str) -> None:
    assert _told(text, kind) is None


def test_ordinary_words_are_told_less() -> None:
    assert _told(" : a(1), NAME(v) {}", "builtin", strong=False) is None  # sets a member
    assert _told("f(a, NAME(v))", "builtin") == ("use", False, True)
    assert _told("a <NAME> b", "type", strong=False) is None


def test_a_member_of_an_enumeration_looks_like_an_argument() -> None:
    assert _told("{ A, NAME, B }", "enum", enums=True) is None
    assert _told("f(A, NAME, B)", "enum") == ("use", False, False)
