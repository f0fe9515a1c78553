"""Proves the rule tables: form, words, evidence, notes in both languages, and one answer for each variant.

Every check is a generator of problems, so a table can be wrong in several ways at once and all of them are said.
"""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING

from migrate.model import LEVELS
from migrate.tables import recipes
from migrate.tables.condition import parse
from migrate.tables.lint_form import Problem, Row, in_order, note_references, read_notes, read_table
from migrate.tables.lint_rows import contradictions, families, proof, repeated, variants_of, words
from migrate.tables.rules import COLUMNS, OPERATOR_COLUMNS, OPERATORS

if TYPE_CHECKING:
    from pathlib import Path

NAME_COLUMNS = ("name", "kind", "header", "signature", "added", "deprecated", "removed")
USAGE_COLUMNS = ("name", "library", "occurrences", "files", "projects")
PTX_COLUMNS = ("instruction", "group", "template", "level", "when", "assumption", "source")
CHANGED_COLUMNS = ("name", "library", "changed", "old_signature", "new_signature")
SOURCE_COLUMNS = ("id", "kind", "where", "revision", "date")
SYMBOL_COLUMNS = ("symbol", "library", "level", "source", "signature")

#: Files of rules/cuda whose columns are not those of a list of names.
_CUDA_FILES = {"usage": USAGE_COLUMNS, "changed": CHANGED_COLUMNS}

#: Files whose keys live in a name space of their own; all other files of a target share one.
_OWN_SPACE = frozenset({"build", "python", "ptx", "constructs"})

#: Files whose targets are not names of the vendor's own interface: PyTorch's names are in no vendor inventory.
_UNPROVEN = _OWN_SPACE | {"torch"}

SOURCE_KINDS = ("repository", "package", "manual", "file")

#: Longest signature a list of CUDA names carries; longer ones are left out there.
_LONGEST_SIGNATURE = 160


def lint(rules_dir: Path, seeds_dir: Path | None) -> list[Problem]:
    """All problems of the tables in *rules_dir*, by file and line.

    Args:
        rules_dir: the `rules/` folder, one folder per target and `cuda/` for CUDA's own names.
        seeds_dir: the `seeds/` folder, or None when it is not at hand (it does not ship in the wheel): what is proven
            against the vendors' symbol inventories is then left out.
    """
    problems: list[Problem] = []
    for folder in sorted(path for path in rules_dir.iterdir() if path.is_dir()):
        if folder.name == "cuda":
            problems += _cuda(folder)
        elif folder.name == "ptx":
            problems += _ptx(folder)
        else:
            symbols = _symbols(seeds_dir, folder.name) if seeds_dir is not None else None
            problems += _target(folder, symbols)
    if seeds_dir is not None:
        problems += _seeds(seeds_dir)
    return sorted(problems)


def _target(folder: Path, symbols: frozenset[str] | None) -> list[Problem]:
    """Problems of one target's folder."""
    problems: list[Problem] = []
    notes = read_notes(folder / "notes.tsv", problems)
    used: set[str] = set()
    spaces: dict[str, list[Row]] = defaultdict(list)
    for path in sorted(folder.glob("*.tsv")):
        if path.stem == "notes":
            continue
        name = f"{folder.name}/{path.name}"
        if path.stem == "recipes":
            problems += _recipes(path)
            continue
        if path.stem == OPERATORS:
            problems += _operators(path, symbols)
            continue
        rows = [Row(name, number, *cells) for number, cells in read_table(path, COLUMNS, problems)]
        problems += in_order(name, [(row.line, (row.cuda, row.when)) for row in rows])
        for row in rows:
            problems += words(row)
            problems += note_references(row, notes, used)
            if symbols is not None and path.stem not in _UNPROVEN:
                problems += proof(row, symbols)
        spaces[path.stem if path.stem in _OWN_SPACE else ""] += rows
    for identifier, (number, _) in notes.items():
        if identifier not in used:
            problems.append(Problem(f"{folder.name}/notes.tsv", number, f"no row uses the note {identifier}"))
    variants = variants_of(folder / "target.toml")
    for space, rows in spaces.items():
        problems += repeated(rows)
        problems += contradictions(rows, variants)
        if space not in _OWN_SPACE:
            problems += families(rows)
    return problems


def _recipes(path: Path) -> list[Problem]:
    """Problems of a table of recipes."""
    problems: list[Problem] = []
    name = f"{path.parent.name}/{path.name}"
    rows = read_table(path, recipes.COLUMNS, problems)
    problems += in_order(name, [(number, (cells[0], cells[1], cells[4], cells[2])) for number, cells in rows])
    for number, cells in rows:
        problems += [Problem(name, number, f"{cells[0]}: {message}") for message in recipes.problems(cells)]
        try:
            parse(cells[4])
        except ValueError as error:
            problems.append(Problem(name, number, str(error)))
    return problems


def _operators(path: Path, symbols: frozenset[str] | None) -> list[Problem]:
    """Problems of a table of ready operators: every one must stand in the vendor's symbol inventory."""
    problems: list[Problem] = []
    name = f"{path.parent.name}/{path.name}"
    rows = read_table(path, OPERATOR_COLUMNS, problems)
    problems += in_order(name, [(number, (cells[0],)) for number, cells in rows])
    for number, (operation, operators, evidence) in rows:
        missing = [operator for operator in operators.split() if symbols is None or operator not in symbols]
        if missing or not operators:
            what = f"{' '.join(missing)} not in seeds/symbols" if missing else "no operator"
            problems.append(Problem(name, number, f"{operation}: {what}"))
        for piece in evidence.split("; "):
            if piece.partition(":")[0] not in LEVELS or not piece.partition(":")[2]:
                problems.append(Problem(name, number, f'{operation}: evidence "{piece}" is not level:source'))
    return problems


def _symbols(seeds_dir: Path, target: str) -> frozenset[str] | None:
    """Names in the vendor's symbol inventory, qualified and bare; None when there is no inventory."""
    path = seeds_dir / "symbols" / f"{target}.tsv"
    if not path.is_file():
        return None
    names = {line.partition("\t")[0] for line in path.read_text(encoding="utf-8").split("\n")[1:]}
    return frozenset(names | {name.rpartition("::")[2] for name in names})


def _cuda(folder: Path) -> list[Problem]:
    """Problems of CUDA's own names."""
    problems: list[Problem] = []
    first: dict[str, str] = {}
    for path in sorted(folder.glob("*.tsv")):
        name = f"{folder.name}/{path.name}"
        rows = read_table(path, _CUDA_FILES.get(path.stem, NAME_COLUMNS), problems)
        keys = {"usage": 2, "changed": 3}.get(path.stem, 1)
        problems += in_order(name, [(number, tuple(cells[:keys])) for number, cells in rows])
        for number, cells in rows:
            if not cells[0]:
                problems.append(Problem(name, number, "the name is empty"))
            if path.stem == "usage" and not all(cell.isdigit() for cell in cells[2:]):
                problems.append(Problem(name, number, "occurrences, files and projects are numbers"))
            if path.stem in _CUDA_FILES:
                continue
            if len(cells[3]) > _LONGEST_SIGNATURE:
                problems.append(Problem(name, number, f"signature longer than {_LONGEST_SIGNATURE} characters"))
            before = first.setdefault(cells[0], name)
            if before != name:
                problems.append(Problem(name, number, f"{cells[0]} stands in {before} too"))
    return problems


def _ptx(folder: Path) -> list[Problem]:
    """Problems of the table of PTX instructions and of the assumptions that its unsafe rows make."""
    problems: list[Problem] = []
    notes = read_notes(folder / "notes.tsv", problems)
    name = f"{folder.name}/instructions.tsv"
    rows = read_table(folder / "instructions.tsv", PTX_COLUMNS, problems)
    problems += in_order(name, [(number, (cells[0], cells[2], cells[3])) for number, cells in rows])
    used = set()
    for number, (instruction, group, template, level, when, assumption, source) in rows:
        used.add(assumption)
        wrong = []
        if not instruction or not group or not source:
            wrong.append("instruction, group and source must be there")
        if level not in (("safe", "unsafe") if template else ("",)):
            wrong.append(f'level "{level}" is not safe or unsafe' if template else "no level without a template")
        if bool(assumption) != (level == "unsafe") or (assumption and assumption not in notes):
            wrong.append(f'an unsafe row, and no other, names an assumption of notes.tsv: "{assumption}"')
        if any(not re.fullmatch(r"[1-9][=<~](?:0x[0-9a-f]+|\d+)", token) for token in when.split()):
            wrong.append(f'a condition is an operand, one of = < ~ and a number: "{when}"')
        problems += [Problem(name, number, f"{instruction}: {message}") for message in wrong]
    problems += [
        Problem(f"{folder.name}/notes.tsv", number, f"no row uses the note {identifier}")
        for identifier, (number, _) in notes.items()
        if identifier not in used
    ]
    return problems


def _seeds(folder: Path) -> list[Problem]:
    """Problems of the source register and the symbol inventories."""
    problems: list[Problem] = []
    register = folder / "sources.tsv"
    if register.is_file():
        name = f"{folder.name}/{register.name}"
        rows = read_table(register, SOURCE_COLUMNS, problems)
        problems += in_order(name, [(number, (cells[0],)) for number, cells in rows])
        for number, (_, kind, where, _, _) in rows:
            if kind not in SOURCE_KINDS:
                problems.append(Problem(name, number, f'kind "{kind}" is not one of {", ".join(SOURCE_KINDS)}'))
            if not where:
                problems.append(Problem(name, number, "a source without a place"))
    for path in sorted((folder / "symbols").glob("*.tsv")):
        name = f"symbols/{path.name}"
        rows = read_table(path, SYMBOL_COLUMNS, problems)
        problems += in_order(name, [(number, tuple(cells[:2])) for number, cells in rows])
        for number, cells in rows:
            if cells[2] not in LEVELS:
                problems.append(Problem(name, number, f'level "{cells[2]}" is not one of {", ".join(LEVELS)}'))
    return problems
