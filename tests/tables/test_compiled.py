"""Compiled tables are the tables: they are never older, never half there, and their loss costs time only."""

from __future__ import annotations

import os
import shutil

import pytest

from migrate.tables import compiled
from migrate.tables.inventory import Inventory
from migrate.tables.rules import Table, rules_dir


@pytest.fixture
def keeping(tmp_path):
    """A folder to keep in, for the length of a test."""
    before = compiled.folder()
    compiled.keep_in(tmp_path / "kept", "1")
    yield tmp_path / "kept"
    compiled.keep_in(before, "1")


@pytest.fixture
def tables(tmp_path):
    """A copy of a few real tables, old enough for their time stamps to be trusted."""
    for name in ("cuda", "musa"):
        shutil.copytree(rules_dir() / name, tmp_path / "rules" / name)
    for path in (tmp_path / "rules").rglob("*"):
        os.utime(path, (1_700_000_000, 1_700_000_000))
    return tmp_path / "rules"


def everything(rules):
    inventory = Inventory.load(rules)
    table = Table.load("musa", rules)
    names = sorted(inventory)
    derived = {name: getattr(inventory, name) for name in (*Inventory._DERIVED, "words")}
    return (
        derived,
        [inventory.get(name) for name in names[::50]],
        [table.rows(key) for key in table.keys()[::20]],
        [list(table.families(name)) for name in names[::200]],
        [table.note(name) for name in ("used-unchanged(4,2)", "free text")],
        [table.recipes(key) for key in ("<<<>>>", "cudaMalloc")],
        table.digest(rules / "musa"),
    )


def test_what_is_kept_is_what_the_tables_say(tables, keeping):
    compiled.keep_in(None, "1")
    plain = everything(tables)
    assert not keeping.exists()
    compiled.keep_in(keeping, "1")
    assert everything(tables) == plain
    assert sorted(path.name for path in keeping.iterdir()) == ["tables-cuda.bin", "tables-musa.bin"]
    made = [path.stat().st_mtime_ns for path in sorted(keeping.iterdir())]
    assert everything(tables) == plain
    assert [path.stat().st_mtime_ns for path in sorted(keeping.iterdir())] == made


def value(tables, number=0):
    """A small form of the folder *tables*: whether it was made anew, and what it holds."""
    made = []

    def make():
        made.append(number)
        return {b"x": number, "words": frozenset({b"a"})}, b"first\nsecond\n"

    found, text = compiled.kept(tables, make)
    assert (text.line(0), text.line(6)) == (b"first", b"second")
    return bool(made), found[b"x"]


@pytest.fixture
def small(tmp_path):
    folder = tmp_path / "small"
    folder.mkdir()
    (folder / "t.tsv").write_text("a\n")
    os.utime(folder / "t.tsv", (1_700_000_000, 1_700_000_000))
    return folder


def test_it_is_made_once(small, keeping):
    assert [value(small, number) for number in (1, 2, 3)] == [(True, 1), (False, 1), (False, 1)]


@pytest.mark.parametrize("change", ["content", "same time", "new table", "version"])
def test_a_changed_table_is_read_again(small, keeping, change):
    value(small, 1)
    table = small / "t.tsv"
    if change == "version":
        compiled.keep_in(keeping, "2")
    elif change == "new table":
        (small / "u.tsv").write_text("")
    else:
        table.write_text("b\n")  # the same size
        if change == "same time":
            os.utime(table, (1_700_000_000, 1_700_000_000))
    assert value(small, 2) == (True, 2)


def test_a_table_that_was_just_written_is_not_kept(small, keeping):
    os.utime(small / "t.tsv")
    assert [value(small, number) for number in (1, 2)] == [(True, 1), (True, 2)]


@pytest.mark.parametrize("damage", ["empty", "short", "turned", "text"])
def test_a_damaged_form_is_made_anew(small, keeping, damage):
    value(small, 1)
    file = keeping / "tables-small.bin"
    data = file.read_bytes()
    file.write_bytes(
        {"empty": b"", "short": data[:30], "turned": data[:-9] + b"X" + data[-8:], "text": b"no such thing"}[damage]
    )
    assert [value(small, number) for number in (2, 3)] == [(True, 2), (False, 2)]


def test_a_folder_that_cannot_be_made_is_no_failure(small, tmp_path, keeping):
    (tmp_path / "file").write_text("in the way")
    compiled.keep_in(tmp_path / "file" / "kept", "1")
    assert [value(small, number) for number in (1, 2)] == [(True, 1), (True, 2)]


def test_what_a_killed_process_left_does_not_stop_others(small, keeping):
    keeping.mkdir()
    left = keeping / "tables-small.bin.new"
    left.write_bytes(b"half")
    assert value(small, 1) == (True, 1)
    assert left.exists()  # it may be another process's work
    os.utime(left, (1_700_000_000, 1_700_000_000))
    value(small, 1)
    assert not left.exists()
    assert [value(small, number) for number in (2, 3)] == [(True, 2), (False, 2)]
