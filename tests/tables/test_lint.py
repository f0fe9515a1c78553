"""Lint of the rule tables: every rule has a case that breaks it, and sound tables pass."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from migrate.tables.lint import lint
from migrate.tables.lint_form import note_parameters

if TYPE_CHECKING:
    from collections.abc import Callable

HEADER = "cuda\ttarget\tkind\tstatus\twhen\tevidence\tnote\n"
NAMES = "name\tkind\theader\tsignature\tadded\tdeprecated\tremoved\n"
NOTES = "id\ten\tzh\nold-form\tthe form of {0}\t{0} 的写法\n"
GOOD = (
    "cudaFree\tfooFree\tfunction\trename\t\tdeclared:acme/sdk:foo.h:7; used:acme/port:a.cu:1\told-form(CUDA 11)\n"
    "cudaMalloc\tcudaMalloc\tfunction\tsame\troute=bridge\tused:acme/port:a.cu:2\t\n"
    "cudaMalloc\tfooMalloc\tfunction\trename\troute=native\tdeclared:acme/sdk:foo.h:8\t\n"
    "cusparse*\t\tfunction\tnone\t\tinferred:acme public repositories (no occurrence)\t\n"
)
MANIFEST = (
    'name = "foo"\n[defaults]\nroute = "native"\n'
    '[variants.native]\nfacts = { route = "native" }\n[variants.bridge]\nfacts = { route = "bridge" }\n'
)


@pytest.fixture
def tables(tmp_path: Path) -> Callable[..., tuple[Path, Path]]:
    """A function that writes sound tables, one file replaced, and returns the two folders."""

    def write(file: str = "", text: str = "") -> tuple[Path, Path]:
        files = {
            "rules/foo/runtime.tsv": HEADER + GOOD,
            "rules/foo/notes.tsv": NOTES,
            "rules/foo/target.toml": MANIFEST,
            "rules/cuda/runtime.tsv": NAMES + "cudaFree\tfunction\tcuda_runtime_api.h\t\t<=11.8\t\t\n",
            "rules/cuda/usage.tsv": "name\tlibrary\toccurrences\tfiles\tprojects\ncudaFree\truntime\t3\t2\t1\n",
            "seeds/sources.tsv": "id\tkind\twhere\trevision\tdate\nacme-port\trepository\tacme/port\t\t\n",
            "seeds/symbols/foo.tsv": "symbol\tlibrary\tlevel\tsource\tsignature\n"
            "fooFree\trt\tdeclared\tacme/sdk:foo.h:7\t\nfooMalloc\trt\tdeclared\tacme/sdk:foo.h:8\t\n",
        }
        if file:
            files[file] = text
        for name, content in files.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content.encode())
        return tmp_path / "rules", tmp_path / "seeds"

    return write


def row(cuda: str = "zeta", target: str = "fooZeta", **cells: str) -> str:
    """A sound row that stands behind the others, cells replaced."""
    rest = {
        "kind": "function",
        "status": "rename",
        "when": "",
        "evidence": "used:acme/port:a.cu:3",
        "note": "",
        **cells,
    }
    return "\t".join((cuda, target, *rest.values())) + "\n"


def test_sound_tables_pass(tables: Callable[..., tuple[Path, Path]]) -> None:
    assert lint(*tables()) == []


def test_without_seeds_nothing_is_proven(tables: Callable[..., tuple[Path, Path]]) -> None:
    rules, seeds = tables("seeds/symbols/foo.tsv", "symbol\tlibrary\tlevel\tsource\tsignature\n")
    assert len(lint(rules, seeds)) == 2
    assert lint(rules, None) == []


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        (row() + row("beta", "fooBeta"), "not sorted: beta belongs before zeta"),
        (row() + row(), "zeta stands twice"),
        ("zeta\tfooZeta\n", "2 columns instead of 7"),
        (row(target="fooZeta "), "a cell begins or ends with a space"),
        (row(status="gone"), 'status "gone" is not one of'),
        (row(status="none"), "status none takes no target"),
        (row(target=""), "status rename needs a target"),
        (row(status="same"), "status same with another name"),
        (row(target="zeta"), "status rename with the same name"),
        (row(kind=""), "the kind is empty"),
        (row(evidence=""), "no evidence"),
        (row(evidence="seen:acme/port"), "is not level:source"),
        (row(evidence="used:"), "is not level:source"),
        (row(evidence="used:acme/port; declared:acme/sdk"), "evidence does not stand best first"),
        (row(note="unheard-of"), 'no note "unheard-of"'),
        (row(note="old-form"), "note old-form takes 1 parameters, 0 given"),
        (row(note="old-form(1,2)"), "note old-form takes 1 parameters, 2 given"),
        (row(when="sometimes"), "is not of the form"),
        (row(when="moon=full"), '"moon" is no fact of a target'),
        (row(when="route=a,b"), "has odd characters"),
        (row(when="sdk>=new"), '">=" needs one version'),
        (row(when="sdk>=4|5"), '">=" needs one version'),
        (row(when="route=a  chip=b"), "joined by one space"),
        (row(when="route=a route=b"), "one fact is tested twice"),
        (row(when="rank=1"), "rank is one number from 2 to 9"),
        (row() + row(target="fooOther", when="route=native"), 'both "rename fooZeta" and "rename fooOther" hold'),
        (row(when="sdk<5.0") + row(target="fooOther", when="sdk>=4.0"), "give one rank=2"),
        (row("zeta*x", "fooZeta"), "the star of a family stands at the end"),
        (row("<zeta*", "<fooZeta*"), "the star of a family stands at the end"),
        (row("z*", "fooZ*"), "a family needs a prefix of three characters"),
        (row(target="fooZeta*"), "carries a star over, but zeta has none"),
        (row(evidence="declared:acme/sdk:foo.h:9"), "seeds/symbols does not list it"),
    ],
)
def test_row(tables: Callable[..., tuple[Path, Path]], rows: str, message: str) -> None:
    order = sorted([*GOOD.splitlines(keepends=True), rows]) if rows.startswith("<") else [GOOD, rows]
    problems = lint(*tables("rules/foo/runtime.tsv", HEADER + "".join(order)))
    assert message in "\n".join(problem.message for problem in problems)
    assert all(problem.path == "foo/runtime.tsv" for problem in problems)


@pytest.mark.parametrize(
    "rows",
    [
        row() + row(target="fooOther", when="rank=2"),
        row(when="route=bridge") + row(target="fooOther", when="route=native"),
        row(when="sdk<5.0") + row(target="fooOther", when="sdk>=5.0"),
        row("zeta", "fooZeta(x, y)", status="adapt", evidence="declared:acme/sdk:foo.h:9"),
        row("zeta", "", status="adapt"),
        row("zeta", "uint32_t", evidence="declared:acme/sdk:foo.h:9"),
        row("zeta::*", "foo::*"),
        row(evidence="documented:manual, part 1; part 2; used:acme/port:a.cu:3"),
    ],
)
def test_row_that_is_sound(tables: Callable[..., tuple[Path, Path]], rows: str) -> None:
    assert lint(*tables("rules/foo/runtime.tsv", HEADER + GOOD + rows)) == []


@pytest.mark.parametrize(
    ("file", "text", "message"),
    [
        ("rules/foo/runtime.tsv", "cuda\ttarget\n" + GOOD, "the header line must be"),
        ("rules/foo/runtime.tsv", (HEADER + GOOD).replace("\n", "\r\n"), "write LF only"),
        ("rules/foo/runtime.tsv", HEADER + GOOD + row().rstrip("\n"), "the last line does not end"),
        ("rules/foo/blas.tsv", HEADER + row("cudaFree", "fooFree"), "cudaFree is answered in foo/blas.tsv:2 too"),
        (
            "rules/foo/blas.tsv",
            HEADER + row("<cusparse*>", "") + row("cudaZ*", "fooZ*"),
            "status rename needs a target",
        ),
        ("rules/foo/notes.tsv", NOTES.replace("{0} 的写法", ""), "old-form has no Chinese text"),
        ("rules/foo/notes.tsv", NOTES.replace("the form of {0}", ""), "old-form has no English text"),
        ("rules/foo/notes.tsv", NOTES.replace("{0} 的写法", "写法"), "different parameters"),
        ("rules/foo/notes.tsv", NOTES.replace("{0}", "{1}"), "parameters must be numbered from {0} on"),
        ("rules/foo/notes.tsv", NOTES.replace("the form", "the {form}"), "a brace in the English text"),
        ("rules/foo/notes.tsv", NOTES + "Old\tx\tx\n", "is no note id"),
        ("rules/foo/notes.tsv", NOTES + "spare\tx\tx\n", "no row uses the note spare"),
        ("rules/foo/notes.tsv", NOTES + "old\tx\tx\n", "not sorted"),
        ("rules/cuda/runtime.tsv", NAMES + "b\t\t\t\t\t\t\na\t\t\t\t\t\t\n", "not sorted"),
        ("rules/cuda/runtime.tsv", NAMES + "a\t\t\t" + "x" * 161 + "\t\t\t\n", "signature longer than 160"),
        ("rules/cuda/runtime.tsv", NAMES + "\t\t\t\t\t\t\n", "the name is empty"),
        ("rules/cuda/rand.tsv", NAMES + "cudaFree\t\t\t\t\t\t\n", "cudaFree stands in cuda/rand.tsv too"),
        ("rules/cuda/usage.tsv", "name\tlibrary\toccurrences\tfiles\tprojects\na\tb\tmany\t1\t1\n", "are numbers"),
        ("seeds/sources.tsv", "id\tkind\twhere\trevision\tdate\na\tbook\tx\t\t\n", 'kind "book" is not one of'),
        ("seeds/sources.tsv", "id\tkind\twhere\trevision\tdate\na\tmanual\t\t\t\n", "a source without a place"),
        (
            "seeds/symbols/bar.tsv",
            "symbol\tlibrary\tlevel\tsource\tsignature\na\tb\tseen\tc\t\n",
            'level "seen" is not one of',
        ),
    ],
)
def test_file(tables: Callable[..., tuple[Path, Path]], file: str, text: str, message: str) -> None:
    assert message in "\n".join(problem.message for problem in lint(*tables(file, text)))


def test_families_of_the_same_prefix(tables: Callable[..., tuple[Path, Path]]) -> None:
    rows = row("<zeta/*", "<foo/*") + row("<zeta/*>", "<foo/*>")
    problems = lint(*tables("rules/foo/blas.tsv", HEADER + rows))
    assert any("answer for the same names" in problem.message for problem in problems)


def test_not_utf_8(tables: Callable[..., tuple[Path, Path]]) -> None:
    rules, seeds = tables()
    (rules / "foo" / "blas.tsv").write_bytes(HEADER.encode() + b"\xb0\xa1\n")
    assert [(problem.line, problem.message) for problem in lint(rules, seeds)] == [(2, "not UTF-8")]


def test_side_tables_have_keys_of_their_own(tables: Callable[..., tuple[Path, Path]]) -> None:
    assert lint(*tables("rules/foo/python.tsv", HEADER + row("cudaFree", "foo.free", kind="py_attr"))) == []


def test_a_parameter_may_be_a_signature() -> None:
    assert note_parameters("target-signature((int a, int b))") == ("target-signature", ["(int a, int b)"])
    assert note_parameters("uses(4,2)") == ("uses", ["4", "2"])
    assert note_parameters("plain") == ("plain", [])


def test_the_shipped_tables_are_sound() -> None:
    root = Path(__file__).resolve().parents[2]
    problems = lint(root / "rules", root / "seeds")
    assert problems == []
