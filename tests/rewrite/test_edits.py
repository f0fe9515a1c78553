"""Edits as values: applied, chosen, put together; checked against the plain definition on random ones."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from migrate.model import Edit, Fix
from migrate.rewrite.edits import apply, choose, compose, overlap


def slowly(data, edits):
    """What edits mean: from the end, one after the other."""
    for start, end, text in reversed(edits):
        data = data[:start] + text + data[end:]
    return data


@st.composite
def edited(draw, data=None):
    """Bytes with sorted edits that do not overlap."""
    data = draw(st.binary(max_size=60)) if data is None else data
    marks = sorted(draw(st.lists(st.integers(0, len(data)), max_size=12)))
    edits = []
    for start, end in zip(marks[::2], marks[1::2], strict=False):
        edit = Edit(start, end, draw(st.binary(max_size=6)))
        if not edits or not overlap(edits[-1], edit):
            edits.append(edit)
    return data, edits


@given(edited())
def test_apply_is_what_edits_mean(case):
    data, edits = case
    assert apply(data, edits) == slowly(data, edits)


@given(st.data())
def test_two_rounds_are_one(given_data):
    data, first = given_data.draw(edited())
    middle = apply(data, first)
    _, second = given_data.draw(edited(middle))
    both = compose(first, second, middle)
    assert apply(data, both) == apply(middle, second)
    assert all(low.end < high.start for low, high in itertools.pairwise(both)) or not second


def test_disorder_is_refused():
    with pytest.raises(ValueError, match="out of order"):
        apply(b"abc", [Edit(2, 3, b""), Edit(0, 1, b"")])
    with pytest.raises(ValueError, match="out of order"):
        apply(b"abc", [Edit(2, 9, b"")])


@given(st.lists(st.lists(st.tuples(st.integers(0, 20), st.integers(0, 4)), min_size=1, max_size=3), max_size=8))
def test_chosen_fixes_never_overlap(cases):
    fixes = []
    for case in cases:
        edits = sorted(Edit(start, start + length, b"x") for start, length in case)
        if not any(overlap(low, high) for low, high in itertools.pairwise(edits)):
            fixes.append(Fix(tuple(edits), "safe"))
    choice = choose(fixes)
    assert sorted((*choice.chosen, *choice.waiting)) == list(range(len(fixes)))
    taken = [edit for number in choice.chosen for edit in fixes[number].edits]
    assert sorted(taken) == sorted(choice.edits)
    assert not any(overlap(a, b) for i, a in enumerate(taken) for b in taken[i + 1 :])
    apply(bytes(40), choice.edits)
    for number in choice.waiting:  # each waits for a reason
        assert any(overlap(edit, other) for edit in fixes[number].edits for other in taken)


def test_insertion_around_a_rename_is_no_overlap():
    rename = Fix((Edit(4, 8, b"new"),), "safe")
    wrap = Fix((Edit(4, 4, b"f("), Edit(8, 8, b")")), "safe")
    choice = choose([wrap, rename])
    assert apply(b"abc name;", choice.edits) == b"abc f(new);"
