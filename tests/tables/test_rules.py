"""A target's rule tables: order of rows, families, notes, and a user's own tables with their errors."""

from __future__ import annotations

import pytest

from migrate.errors import UserError
from migrate.tables.rules import Table, best_level, evidence_pieces

COLUMNS = "cuda\ttarget\tkind\tstatus\twhen\tevidence\tnote\n"


def write(path, *rows, header=COLUMNS):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(header + "".join(row + "\n" for row in rows), encoding="utf-8")
    return path


def row(cuda, target="", status="rename", *, when="", evidence="mapped:x", note="", kind="function"):
    return f"{cuda}\t{target}\t{kind}\t{status}\t{when}\t{evidence}\t{note}"


def test_rows(tmp_path):
    write(tmp_path / "t" / "runtime.tsv", row("cudaFree", "tFree"), row("cudaMalloc", "tMalloc", note="n1;n2"))
    table = Table.load("t", tmp_path)
    assert len(table) == 2
    assert table.keys() == ["cudaFree", "cudaMalloc"]
    assert "cudaFree" in table
    assert "cudaNothing" not in table
    assert table.rows("cudaNothing") == ()
    (rule,) = table.rows("cudaMalloc")
    assert rule == ("cudaMalloc", "tMalloc", "function", "rename", "", "mapped:x", "n1;n2", "runtime")
    assert [rule.cuda for rule in table.all_rows()] == ["cudaFree", "cudaMalloc"]


def test_order_of_rows_with_conditions(tmp_path):
    """Better ranked first, and of equal rank those with a condition before the one that always holds."""
    write(
        tmp_path / "t" / "runtime.tsv",
        row("cudaFree", "always"),
        row("cudaFree", "second", when="rank=2"),
        row("cudaFree", "old", when="sdk<2"),
        row("cudaFree", "chip", when="chip=x"),
    )
    table = Table.load("t", tmp_path)
    assert [rule.target for rule in table.rows("cudaFree")] == ["chip", "old", "always", "second"]
    assert len(table) == 4


def test_no_tables(tmp_path):
    table = Table.load("nothing", tmp_path)
    assert len(table) == 0
    assert table.keys() == []
    assert list(table.families("cudaFree")) == []


def test_families_longest_first(tmp_path):
    write(
        tmp_path / "t" / "a.tsv",
        row("cuda*", "t*"),
        row("cudaMem*", "tm*"),
        row("<thrust/*>", "<t/*>"),
        row("cudaMemcpy", "x"),
    )
    table = Table.load("t", tmp_path)
    assert list(table.families("cudaMemset")) == ["cudaMem*", "cuda*"]
    assert list(table.families("cudaFree")) == ["cuda*"]
    assert list(table.families("<thrust/sort.h>")) == ["<thrust/*>"]
    assert list(table.families("cub::X")) == []


def test_side_tables_only_when_asked_for(tmp_path):
    write(tmp_path / "t" / "build.tsv", row("nvcc", "tcc"))
    assert "nvcc" not in Table.load("t", tmp_path)
    assert "nvcc" in Table.load("t", tmp_path, side=True)


def test_own_tables_come_first(tmp_path):
    write(tmp_path / "rules" / "t" / "runtime.tsv", row("cudaFree", "shipped"), row("cudaMalloc", "tMalloc"))
    write(tmp_path / "one" / "t.tsv", row("cudaFree", "mine", when="rank=2"), row("cudaMine", "tMine"))
    write(tmp_path / "two" / "t" / "x.tsv", row("cudaOther", "tOther"))
    table = Table.load("t", tmp_path / "rules", [tmp_path / "one", tmp_path / "two"])
    assert [rule.target for rule in table.rows("cudaFree")] == ["mine", "shipped"]
    assert [table.rows(key)[0].target for key in ("cudaMalloc", "cudaMine", "cudaOther")] == [
        "tMalloc",
        "tMine",
        "tOther",
    ]


def test_own_tables_as_windows_writes_them(tmp_path):
    path = tmp_path / "own" / "t.tsv"
    path.parent.mkdir()
    path.write_bytes(("\ufeff" + COLUMNS + row("cudaFree", "mine", note="n") + "\n\n").replace("\n", "\r\n").encode())
    (rule,) = Table.load("t", tmp_path, [path.parent]).rows("cudaFree")
    assert (rule.target, rule.note) == ("mine", "n")


GOOD = row("cudaFree", "tFree")
WRONG = {
    # what is wrong: (rows, line, words of the message)
    "header": (None, 1, "the first line must name the columns"),
    "blanks for tabs": ([GOOD, "cudaMalloc tMalloc function rename"], 3, "1 columns instead of 7"),
    "a column too many": ([GOOD + "\tx"], 2, "8 columns instead of 7"),
    "status": (
        [row("cudaFree", "tFree", status="renamed")],
        2,
        'status "renamed" is not one of rename, same, adapt, none',
    ),
    "none with a target": ([row("cudaFree", "tFree", status="none")], 2, "takes no target"),
    "rename without one": ([row("cudaFree", "")], 2, "needs a target"),
    "evidence": ([row("cudaFree", "tFree", evidence="guessed:x")], 2, "evidence must start with one of declared"),
    "no evidence": ([row("cudaFree", "tFree", evidence="")], 2, "evidence must start"),
    "condition": ([GOOD, GOOD, row("cudaFree", "tFree", when="sdk>4")], 4, 'condition "sdk>4" is not of the form'),
    "condition without value": ([row("cudaFree", "tFree", when="sdk<")], 2, 'condition "sdk<" is not of the form'),
    "condition with another operator": ([row("cudaFree", "tFree", when="sdk<=4")], 2, "is not of the form"),
    "rank": ([row("cudaFree", "tFree", when="rank=first")], 2, "rank is one digit"),
    "no name": ([row("", "tFree")], 2, "is empty"),
}


@pytest.mark.parametrize(("rows", "line", "words"), WRONG.values(), ids=WRONG)
def test_wrong_own_tables(tmp_path, rows, line, words):
    path = write(tmp_path / "own" / "t.tsv", *(rows or []), header=COLUMNS if rows else "cuda,target\n")
    with pytest.raises(UserError) as caught:
        Table.load("t", tmp_path, [path.parent])
    assert str(caught.value).startswith(f"{path}:{line}: ")
    assert words in str(caught.value)


def test_own_table_that_is_no_text(tmp_path):
    path = tmp_path / "t.tsv"
    path.write_bytes(COLUMNS.encode() + b"cudaFree\t\xff")
    with pytest.raises(UserError, match="not UTF-8 at byte 52; save the table as UTF-8"):
        Table.load("t", tmp_path / "none", [tmp_path])


def test_notes(tmp_path):
    notes = tmp_path / "t" / "notes.tsv"
    write(notes, "plain\tOne.\t一。", "filled\t{0} of {1}.\t{1} 之 {0}。", "english\tOnly.\t", header="id\ten\tzh\n")
    write(tmp_path / "own" / "t" / "notes.tsv", "plain\tMine.\t我的。", header="id\ten\tzh\n")
    table = Table.load("t", tmp_path)
    assert table.note("plain") == ("One.", "一。")
    assert table.note("filled(2,a, b)") == ("2 of a, b.", "a, b 之 2。")
    assert table.note("filled") == ("{0} of {1}.", "{1} 之 {0}。")
    assert table.note("english") == ("Only.", "Only.")
    assert table.note("free text") == ("free text", "free text")
    assert Table.load("t", tmp_path, [tmp_path / "own"]).note("plain") == ("Mine.", "我的。")


@pytest.mark.parametrize(
    ("cell", "pieces", "level"),
    [
        ("declared:a.h:1", ("declared:a.h:1",), "declared"),
        ("declared:a; mapped:b", ("declared:a", "mapped:b"), "declared"),
        ("used:a; b; mapped:c", ("used:a; b", "mapped:c"), "used"),
        ("inferred:rule", ("inferred:rule",), "inferred"),
        ("", ("",), "inferred"),
        ("nonsense", ("nonsense",), "inferred"),
    ],
)
def test_evidence(cell, pieces, level):
    assert evidence_pieces(cell) == pieces
    assert best_level(cell) == level


def test_torch_last_components(tmp_path):
    write(tmp_path / "t" / "torch.tsv", row("at::cuda::f", "x"), row("c10::cuda::f", "y"), row("AT_X", "z"))
    table = Table.load("t", tmp_path)
    assert table.last_component("f") == ["at::cuda::f", "c10::cuda::f"]
    assert table.last_component("AT_X") == []


def test_a_users_family_row_goes_before_a_shipped_row(tmp_path):
    from migrate.match import Matcher
    from migrate.model import Target
    from migrate.tables.inventory import Inventory

    head = "cuda\ttarget\tkind\tstatus\twhen\tevidence\tnote\n"
    shipped = tmp_path / "rules"
    (shipped / "cuda").mkdir(parents=True)
    (shipped / "foo").mkdir()
    (shipped / "cuda" / "runtime.tsv").write_text(
        "name\tkind\theader\tsignature\tadded\tdeprecated\tremoved\ncudaFree\tfunction\t\t\t\t\t\n"
    )
    (shipped / "foo" / "runtime.tsv").write_text(head + "cudaFree\tfooFree\tfunction\trename\t\tused:x\t\n")
    own = tmp_path / "own"
    own.mkdir()
    (own / "foo.tsv").write_text(head + "cuda*\tbar*\tfunction\trename\t\tused:mine\t\n")
    target = Target("foo", "foo", "", "", "cuda-like", {}, "Foo")
    matcher = Matcher(target, Table.load("foo", shipped, [own]), Inventory.load(shipped))
    assert matcher.lookup("cudaFree").rule.target == "barFree"
    (own / "foo.tsv").write_text(
        head + "cuda*\tbar*\tfunction\trename\t\tused:mine\t\ncudaFree\tmyFree\tfunction\trename\t\tused:mine\t\n"
    )
    matcher = Matcher(target, Table.load("foo", shipped, [own]), Inventory.load(shipped))
    assert matcher.lookup("cudaFree").rule.target == "myFree"


def test_a_users_notes_that_are_not_utf_8_are_named(tmp_path):
    (tmp_path / "rules" / "foo").mkdir(parents=True)
    own = tmp_path / "own" / "foo"
    own.mkdir(parents=True)
    (own / "notes.tsv").write_bytes(b"id\ten\tzh\na\t\xff\t\xff\n")
    table = Table.load("foo", tmp_path / "rules", [tmp_path / "own"])
    with pytest.raises(UserError, match=r"notes\.tsv: not UTF-8"):
        table.note("a")
