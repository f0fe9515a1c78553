"""Packed results are the results they stand for."""

from __future__ import annotations

from pathlib import Path

import pytest

from migrate import packed, workers
from migrate.analysis import analyse_bytes, look
from migrate.model import FileResult, Shape, Use, answer_key
from migrate.packed import Uses, counts, pack, pack_look, shapes_of, unpack, unpack_look
from migrate.parse.macros import Learned

SAMPLES = Path(__file__).resolve().parent.parent / "samples"
FILES = sorted([*SAMPLES.rglob("*.cu"), *SAMPLES.rglob("*.cuh"), *SAMPLES.rglob("*.h")])


def analysed(path):
    return analyse_bytes("a/b.cu", "cuda", path.read_bytes(), workers.inventory(), Learned.default())


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_a_result_comes_back_as_it_was(path):
    result = analysed(path)
    again = unpack(pack(result), "a/b.cu", {})
    assert again == result
    assert type(again.uses) in (Uses, tuple)
    assert [type(use) for use in again.uses] == [Use] * len(result.uses)
    assert {type(shape) for shape in shapes_of(again)} <= {Shape}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_a_look_comes_back_as_it_was(path):
    seen = look(path.read_bytes(), "cuda", workers.inventory())
    again = unpack_look(pack_look(seen))
    assert (again.state, again.reason, again.size, again.digest) == (seen.state, seen.reason, seen.size, seen.digest)
    assert frozenset(again.words.split()) == seen.words
    assert packed.suppressions_of(again) == seen.suppressions
    assert frozenset(again.includes) == seen.includes
    if any(seen.macros):
        assert packed.macros_of(again.macros) == seen.macros
    else:
        assert again.macros == b""


def uses_of_sample():
    uses = analysed(SAMPLES / "particles" / "step.cu").uses
    assert len(uses) > 20
    return uses


def test_packed_uses_behave_as_their_tuple():
    plain = uses_of_sample()
    uses = Uses.of(plain)
    assert uses == plain
    assert plain == uses
    assert (uses != plain) is False
    assert uses != plain[1:]
    assert uses != Uses.of(plain[1:])
    assert (len(uses), uses[0], uses[-1], uses[2:5]) == (len(plain), plain[0], plain[-1], plain[2:5])
    assert sorted(uses, reverse=True) == sorted(plain, reverse=True)
    assert plain[3] in uses
    assert hash(uses) == hash(plain)
    assert tuple(Uses.of(())) == ()
    with pytest.raises(IndexError):
        uses[len(plain)]


def test_equal_shapes_of_a_file_are_one_object():
    uses = Uses.of(uses_of_sample())
    assert len({id(use.shape) for use in uses}) == len({use.shape for use in uses}) == len(uses.shapes)


def test_equal_shapes_of_several_files_are_one_object():
    blob = pack(analysed(SAMPLES / "particles" / "step.cu"))
    known = {}
    one, other = unpack(blob, "one.cu", known), unpack(blob, "other.cu", known)
    assert all(a is b for a, b in zip(one.uses.shapes, other.uses.shapes, strict=True))


def test_shapes_are_counted_and_dropped():
    plain = uses_of_sample()
    uses = Uses.of(plain)
    found = dict(counts(uses))
    assert found == dict(counts(plain))
    assert sum(found.values()) == len(plain)
    shape = max(found, key=found.get)
    rest = uses.without({shape})
    assert tuple(rest) == tuple(use for use in plain if use.shape != shape)
    assert len(rest) == len(plain) - found[shape] < len(plain)
    assert uses.without({shape._replace(name="no such name")}) is uses
    assert answer_key(shape) in {answer_key(use.shape) for use in plain}


def test_a_result_without_uses_is_packed_too():
    result = FileResult("x.cu", "no-cuda", "why", "cuda", 3, 1, "utf-8", "00")
    assert unpack(pack(result), "x.cu", {}) == result
