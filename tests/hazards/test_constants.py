"""Constant expressions over the names of one file."""

from __future__ import annotations

import pytest

from migrate.hazards.constants import Constants

TEXT = b"""
#define A 32
#define B (A / 2) // the comment is blank in a view
const int C = 1 << 5;
static constexpr unsigned D = 0xFFu;
enum { E = 3, F = E * A };
template <int G = 8> struct T {};
#define H A + \\
  1
int variable = 4;
int twice = 5;
const int twice2 = 5;
#ifdef X
#define I 64
#else
#define I 32
#endif
"""


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        (b"A", 32),
        (b"C", 32),
        (b"D & 0x0f", 15),
        (b"F", 96),
        (b"G", 8),
        (b"H", 33),
        (b"I", None),
        (b"010", 8),
        (b"7 / 2", 3),
        (b"~0", -1),
        (b"sizeof(float) * A", 128),
        (b"sizeof(Custom)", None),
        (b"(unsigned)A", 32),
        (b"unknown + 1", None),
        (b"1 / 0", None),
        (b"1 << 200", None),
        (b"", None),
        (b"a(b", None),
    ],
)
def test_value(expression: bytes, value: int | None):
    assert Constants(TEXT.replace(b"// the comment is blank in a view", b"")).evaluate(expression) == value


def test_definitions_name_their_place():
    constants = Constants(TEXT)
    (definition,) = constants.definitions(b"C")
    assert TEXT[definition.start : definition.end] == b"C"
    assert definition.text == b"1 << 5"
    assert [definition.text for definition in constants.definitions(b"I")] == [b"64", b"32"]
