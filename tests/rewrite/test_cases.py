"""The cases beside the recipes: what a source becomes, with safe fixes and with all, and that the result type-checks.

A case is `rules/<target>/cases/<topic>/` with `before.cu`, `after.cu` (safe fixes) and `unsafe.cu` (`--unsafe`);
a first line `// target: supa:sdk1` names the variant.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest
from acl_header import SYMBOLS, header, parameters, signatures

from migrate.rewrite import recipes
from migrate.rewrite.recipes.pointers import _ALLOCATIONS
from migrate.tables import recipes as table
from migrate.tables.rules import rules_dir

if TYPE_CHECKING:
    from pathlib import Path

CASES = sorted(path.parent for path in rules_dir().glob("*/cases/*/before.cu"))
TYPED = [case for case in CASES if case.parts[-3] == "cann"]
_MARK = re.compile(r"// target: (\S+)")
_CALL = re.compile(r"([A-Za-z_]\w*)\((.*)\)")
_LEFT = re.compile(r"\bcuda[A-Z]\w*(?=\()")


def name(case: Path) -> str:
    return f"{case.parts[-3]}/{case.name}"


def target_of(case: Path, text: str) -> str:
    found = _MARK.match(text)
    return found[1] if found else case.parts[-3]


@pytest.mark.parametrize("case", CASES, ids=name)
@pytest.mark.parametrize("unsafe", [False, True], ids=["safe", "unsafe"])
def test_case(case, unsafe, becomes):
    before = (case / "before.cu").read_text(encoding="utf-8")
    after = (case / ("unsafe.cu" if unsafe else "after.cu")).read_text(encoding="utf-8")
    assert before != after
    becomes(before, after, target_of(case, before), unsafe=unsafe)


@pytest.mark.parametrize("case", CASES, ids=name)
def test_safe_then_unsafe_is_unsafe(case, rewrite):
    after = (case / "after.cu").read_text(encoding="utf-8")
    done = rewrite(after, target_of(case, after), unsafe=True)
    assert done.data.decode() == (case / "unsafe.cu").read_text(encoding="utf-8")


@pytest.mark.parametrize("case", CASES, ids=name)
def test_every_unsafe_edit_says_what_it_assumes(case, rewrite):
    before = (case / "before.cu").read_text(encoding="utf-8")
    done = rewrite(before, target_of(case, before), unsafe=True)
    differs = (case / "after.cu").read_bytes() != (case / "unsafe.cu").read_bytes()
    assert bool(done.assumed) == differs
    rows = table.read([rules_dir() / case.parts[-3] / "recipes.tsv"])
    # An edit of a safe row counts as unsafe where the row's name is inferred: it assumes the naming rule, nothing else.
    by_rule = [
        assumed for assumed in done.assumed if {row.level for row in rows.get(assumed.use.shape.name, ())} == {"unsafe"}
    ]
    assert all(assumed.assumption.en and assumed.assumption.zh for assumed in by_rule)


def test_every_target_with_recipes_has_cases():
    with_rows = {path.parent.name for path in rules_dir().glob("*/recipes.tsv")} - {"dtk"}  # HIPIFY's suite is dtk's
    assert {case.parts[-3] for case in CASES} == with_rows


# ---- signatures


def templates(target: str):
    """(CUDA name, the target's function, how many arguments it gets) of every template that is one call."""
    for rows in table.read([rules_dir() / target / "recipes.tsv"]).values():
        for row in rows:
            shape = _CALL.fullmatch(row.template)
            if shape is None:
                continue
            pieces = re.sub(r"\((?:[^()]|\([^()]*\))*\)", "", shape[2]).split(",") if shape[2] else []
            if pieces == ["$*"]:
                pieces = list(range(int(row.arguments.partition("-")[0]))) if row.arguments else None
            if pieces is not None:
                yield row.cuda, shape[1], len(pieces)


@pytest.mark.parametrize("target", ["cambricon", "cann", "supa", "tops", "xpu"])
def test_argument_counts_agree_with_the_signatures(target):
    known = signatures(target)
    checked = 0
    allocations = [(cuda, how.name, how.total) for (owner, cuda), how in _ALLOCATIONS.items() if owner == target]
    for cuda, function, count in [*templates(target), *allocations]:
        stated = parameters(known.get(function, ""))
        if stated is None:
            continue
        optional = sum("=" in parameter for parameter in stated)
        assert len(stated) - optional <= count <= len(stated), (cuda, function, known[function])
        checked += 1
    assert checked >= {"cambricon": 18, "cann": 80, "supa": 2, "tops": 8, "xpu": 4}[target]


@pytest.mark.parametrize("target", ["cann", "cambricon", "tops", "xpu", "supa", "musa", "maca"])
def test_recipes_write_names_that_a_rule_or_a_symbol_list_has(target):
    known = set()
    for path in (rules_dir() / target).glob("*.tsv"):
        if path.stem not in ("notes", "recipes"):
            known |= {line.split("\t")[1] for line in path.read_text(encoding="utf-8").splitlines()[1:]}
    known |= {line.split("\t")[0] for line in symbols(target)}
    recipes.load(target)
    for cuda, function, _ in templates(target):
        assert function in known, (cuda, function)


def symbols(target: str) -> list[str]:
    path = SYMBOLS / f"{target}.tsv"
    return path.read_text(encoding="utf-8").splitlines() if path.is_file() else []


# ---- types


def compiler() -> str | None:
    names = ["clang++", "clang", *(f"clang-{number}" for number in range(30, 13, -1)), "g++"]
    return next(filter(None, map(shutil.which, names)), None)


def complaints(text: str, folder: Path) -> str:
    """What the compiler says about *text* against declarations made from the signatures; CUDA calls left count as 0."""
    found = compiler()
    if found is None:
        pytest.skip("needs clang")
    left = "".join(f"#define {word}(...) 0\n" for word in sorted(set(_LEFT.findall(text))))
    (folder / "acl").mkdir()
    (folder / "hccl").mkdir()
    (folder / "acl" / "acl.h").write_text(header(text), encoding="utf-8")
    (folder / "acl" / "acl_rt_memory_soma.h").write_text("", encoding="utf-8")
    (folder / "hccl" / "hccl.h").write_text("", encoding="utf-8")
    (folder / "case.cpp").write_text(left + text, encoding="utf-8")
    command = [found, "-x", "c++", "-std=c++17", "-fsyntax-only", "-w", f"-I{folder}", str(folder / "case.cpp")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    return "" if done.returncode == 0 else done.stderr


@pytest.mark.parametrize("case", TYPED, ids=name)
def test_cann_type_checks(case, tmp_path):
    assert complaints((case / "unsafe.cu").read_text(encoding="utf-8"), tmp_path) == ""


@pytest.mark.parametrize(
    "wrong",
    [
        "void f(float *p, size_t n) { aclrtMalloc((void **)&p, n); }",
        "void f(float *p, size_t n) { aclrtMalloc(&p, n, ACL_MEM_MALLOC_HUGE_FIRST); }",
        "void f(void *a, void *b, size_t n) { aclrtMemcpy(a, b, n, ACL_MEMCPY_HOST_TO_DEVICE); }",
        "void f(int n) { aclrtGetDeviceCount(&n); }",
        "void f(aclrtStream s, aclrtEvent e) { aclrtStreamWaitEvent(s, e, 0); }",
    ],
)
def test_the_check_finds_bare_renames(wrong, tmp_path):
    assert "error" in complaints(f"#include <acl/acl.h>\n{wrong}\n", tmp_path)
