"""Proves the rule tables: form, words, evidence, notes in both languages, and one answer for each variant.

Every check is a generator of problems, so a table can be wrong in several ways at once and all of them are said.
"""

from __future__ import annotations

import re
import sys
from collections import defaultdict
from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

from migrate.model import LEVELS, STATUSES
from migrate.tables import recipes
from migrate.tables.condition import Test, failing, parse, version_key
from migrate.tables.rules import COLUMNS, OPERATOR_COLUMNS, OPERATORS, evidence_pieces

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

NOTE_COLUMNS = ("id", "en", "zh")
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

_FACTS = frozenset({"route", "chip", "sdk", "hip", "cuda", "rank"})
_VALUE = re.compile(r"[\w.+-]+(?:\|[\w.+-]+)*")
_VERSIONED = frozenset({">=", "<"})
_NOTE_ID = re.compile(r"[a-z0-9][a-z0-9-]*")
_LONGEST_ID = 40
_PLACEHOLDER = re.compile(r"\{(\d)\}")
_IDENTIFIER = re.compile(r"[A-Za-z_]\w*(?:::[A-Za-z_]\w*)*")
#: Names of the C and C++ languages themselves: no vendor declares them.
_LANGUAGE = re.compile(r"std::.*|u?int(?:8|16|32|64)_t|size_t|void|bool|char|short|int|long|float|double")


class Problem(NamedTuple):
    """One thing that is wrong in a table."""

    path: str  # relative to the folder that was checked, with "/"
    line: int  # 1-based
    message: str


class _Row(NamedTuple):
    """One row of a rule table with the place it stands at."""

    path: str
    line: int
    cuda: str
    target: str
    kind: str
    status: str
    when: str
    evidence: str
    note: str

    def wrong(self, message: str) -> Problem:
        """*message* said about this row."""
        return Problem(self.path, self.line, message)


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


def _table(path: Path, columns: tuple[str, ...], problems: list[Problem]) -> list[tuple[int, list[str]]]:
    """The well-formed rows of *path* with their line numbers; what is malformed goes to *problems*."""
    name = f"{path.parent.name}/{path.name}"
    raw = path.read_bytes()
    if b"\r" in raw:
        problems.append(Problem(name, raw.count(b"\n", 0, raw.index(b"\r")) + 1, "line ends with CR; write LF only"))
    try:
        lines = raw.decode("utf-8").replace("\r", "").split("\n")
    except UnicodeDecodeError as error:
        problems.append(Problem(name, raw.count(b"\n", 0, error.start) + 1, "not UTF-8"))
        return []
    if tuple(lines[0].split("\t")) != columns:
        problems.append(Problem(name, 1, f"the header line must be: {' '.join(columns)} (separated by tabs)"))
        return []
    if lines[-1]:
        problems.append(Problem(name, len(lines), "the last line does not end"))
    rows = []
    for number, line in enumerate(lines[1:], 2):
        if not line and number == len(lines):
            continue
        cells = line.split("\t")
        if len(cells) != len(columns):
            problems.append(Problem(name, number, f"{len(cells)} columns instead of {len(columns)}"))
            continue
        if any(cell != cell.strip() for cell in cells):
            problems.append(Problem(name, number, "a cell begins or ends with a space"))
        rows.append((number, cells))
    return rows


def _order(name: str, keys: list[tuple[int, tuple[str, ...]]]) -> Iterator[Problem]:
    """Keys that stand before a smaller one, or twice."""
    for (_, before), (number, key) in pairwise(keys):
        if key == before:
            yield Problem(name, number, f"{' '.join(key).strip()} stands twice")
        elif key < before:
            yield Problem(
                name, number, f"not sorted: {' '.join(key).strip()} belongs before {' '.join(before).strip()}"
            )


# ------------------------------------------------------------------------------------------------ a target's tables


def _target(folder: Path, symbols: frozenset[str] | None) -> list[Problem]:
    """Problems of one target's folder."""
    problems: list[Problem] = []
    notes = _notes(folder / "notes.tsv", problems)
    used: set[str] = set()
    spaces: dict[str, list[_Row]] = defaultdict(list)
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
        rows = [_Row(name, number, *cells) for number, cells in _table(path, COLUMNS, problems)]
        problems += _order(name, [(row.line, (row.cuda, row.when)) for row in rows])
        for row in rows:
            problems += _words(row)
            problems += _note_references(row, notes, used)
            if symbols is not None and path.stem not in _UNPROVEN:
                problems += _proof(row, symbols)
        spaces[path.stem if path.stem in _OWN_SPACE else ""] += rows
    for identifier, (number, _) in notes.items():
        if identifier not in used:
            problems.append(Problem(f"{folder.name}/notes.tsv", number, f"no row uses the note {identifier}"))
    variants = _variants(folder / "target.toml")
    for space, rows in spaces.items():
        problems += _repeated(rows)
        problems += _contradictions(rows, variants)
        if space not in _OWN_SPACE:
            problems += _families(rows)
    return problems


def _recipes(path: Path) -> list[Problem]:
    """Problems of a table of recipes."""
    problems: list[Problem] = []
    name = f"{path.parent.name}/{path.name}"
    rows = _table(path, recipes.COLUMNS, problems)
    problems += _order(name, [(number, (cells[0], cells[1], cells[4], cells[2])) for number, cells in rows])
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
    rows = _table(path, OPERATOR_COLUMNS, problems)
    problems += _order(name, [(number, (cells[0],)) for number, cells in rows])
    for number, (operation, operators, evidence) in rows:
        missing = [operator for operator in operators.split() if symbols is None or operator not in symbols]
        if missing or not operators:
            what = f"{' '.join(missing)} not in seeds/symbols" if missing else "no operator"
            problems.append(Problem(name, number, f"{operation}: {what}"))
        for piece in evidence.split("; "):
            if piece.partition(":")[0] not in LEVELS or not piece.partition(":")[2]:
                problems.append(Problem(name, number, f'{operation}: evidence "{piece}" is not level:source'))
    return problems


def _words(row: _Row) -> Iterator[Problem]:
    """Cells of one row that break the words and forms of the format."""
    if not row.cuda:
        yield row.wrong("the CUDA name is empty")
    if row.status not in STATUSES:
        yield row.wrong(f'status "{row.status}" is not one of {", ".join(STATUSES)}')
    elif row.status == "none" and row.target:
        yield row.wrong(f'status none takes no target, "{row.target}" stands there')
    elif row.status in ("rename", "same") and not row.target:
        yield row.wrong(f"status {row.status} needs a target")
    elif row.status == "same" and row.target != row.cuda:
        yield row.wrong(f'status same with another name "{row.target}"')
    elif row.status == "rename" and row.target == row.cuda:
        yield row.wrong("status rename with the same name: write same")
    if not row.kind:
        yield row.wrong("the kind is empty")
    yield from _when(row)
    yield from _evidence(row)


def _when(row: _Row) -> Iterator[Problem]:
    """Conditions that are not of the grammar, or stand twice."""
    try:
        tests = parse(row.when)
    except ValueError as error:
        yield row.wrong(str(error))
        return
    ranks = [token for token in row.when.split() if token.startswith("rank")]
    if len(ranks) > 1 or any(not re.fullmatch(r"rank=[2-9]", rank) for rank in ranks):
        yield row.wrong(f'rank is one number from 2 to 9: "{row.when}"')
    if row.when != " ".join(row.when.split()):
        yield row.wrong(f'conditions are joined by one space: "{row.when}"')
    for test in tests:
        value = "|".join(test.values)
        if test.fact not in _FACTS:
            yield row.wrong(f'"{test.fact}" is no fact of a target; one of {", ".join(sorted(_FACTS))}')
        elif not _VALUE.fullmatch(value):
            yield row.wrong(f'condition value "{value}" is empty or has odd characters')
        elif test.operator in _VERSIONED and (len(test.values) > 1 or not version_key(value)):
            yield row.wrong(f'"{test.operator}" needs one version, not "{value}"')
    said = [(test.fact, test.operator) for test in tests]
    if len(said) != len(set(said)):
        yield row.wrong(f'one fact is tested twice: "{row.when}"')


def _evidence(row: _Row) -> Iterator[Problem]:
    """Evidence that is missing, without a source, or not best first."""
    if not row.evidence:
        yield row.wrong("no evidence")
        return
    order = []
    for piece in evidence_pieces(row.evidence):
        level, colon, source = piece.partition(":")
        if level not in LEVELS or not colon or not source.strip():
            yield row.wrong(f'evidence "{piece[:60]}" is not level:source with one of {", ".join(LEVELS)}')
            return
        order.append(LEVELS.index(level))
    if order != sorted(order):
        yield row.wrong("evidence does not stand best first")


def _repeated(rows: list[_Row]) -> Iterator[Problem]:
    """Keys that two files of one target answer under the same condition."""
    first: dict[tuple[str, str], _Row] = {}
    for row in rows:
        before = first.setdefault((row.cuda, row.when), row)
        if before.path != row.path:
            yield row.wrong(f"{row.cuda} is answered in {before.path}:{before.line} too")


# -------------------------------------------------------------------------------------------------------------- notes


def _notes(path: Path, problems: list[Problem]) -> dict[str, tuple[int, int]]:
    """The notes of a target: id → (line, number of parameters)."""
    notes: dict[str, tuple[int, int]] = {}
    if not path.is_file():
        return notes
    name = f"{path.parent.name}/{path.name}"
    rows = _table(path, NOTE_COLUMNS, problems)
    problems += _order(name, [(number, (cells[0],)) for number, cells in rows])
    for number, (identifier, en, zh) in rows:
        if not _NOTE_ID.fullmatch(identifier) or len(identifier) > _LONGEST_ID:
            problems.append(
                Problem(
                    name,
                    number,
                    f'"{identifier}" is no note id: words of a-z and 0-9 joined by "-", at most {_LONGEST_ID}',
                )
            )
        for language, text in (("English", en), ("Chinese", zh)):
            if not text:
                problems.append(Problem(name, number, f"{identifier} has no {language} text"))
            elif re.search(r"[{}]", _PLACEHOLDER.sub("", text)):
                problems.append(
                    Problem(name, number, f"{identifier}: a brace in the {language} text that is no parameter")
                )
        wanted = set(_PLACEHOLDER.findall(en))
        if wanted != {str(index) for index in range(len(wanted))}:
            problems.append(Problem(name, number, f"{identifier}: parameters must be numbered from {{0}} on"))
        if zh and set(_PLACEHOLDER.findall(zh)) != wanted:
            problems.append(Problem(name, number, f"{identifier}: the two languages have different parameters"))
        notes[identifier] = (number, len(wanted))
    return notes


def note_parameters(reference: str) -> tuple[str, list[str]]:
    """Id and parameters of a note reference: `used-unchanged(4,2)`.

    A comma followed by a space belongs to the parameter, so that a C signature can be one.
    """
    identifier, bracket, rest = reference.partition("(")
    return identifier, re.split(r",(?! )", rest.removesuffix(")")) if bracket else []


def _note_references(row: _Row, notes: Mapping[str, tuple[int, int]], used: set[str]) -> Iterator[Problem]:
    """Note references of a row that name no note, or give another number of parameters; *used* collects the ids."""
    for reference in row.note.split(";") if row.note else ():
        identifier, parameters = note_parameters(reference)
        used.add(identifier)
        if identifier not in notes:
            yield row.wrong(f'no note "{identifier}" in notes.tsv')
        elif len(parameters) != notes[identifier][1]:
            yield row.wrong(
                f"note {identifier} takes {notes[identifier][1]} parameters, {len(parameters)} given",
            )


# ------------------------------------------------------------------------------------------- one answer for a variant


def _variants(manifest: Path) -> dict[str, dict[str, str]]:
    """Facts of each variant, defaults filled in; empty without a manifest."""
    if not manifest.is_file():
        return {}
    if sys.version_info >= (3, 11):
        import tomllib
    else:
        import tomli as tomllib

    data: dict[str, Any] = tomllib.loads(manifest.read_text(encoding="utf-8"))
    defaults = {key: str(value) for key, value in data.get("defaults", {}).items()}
    variants = {"": defaults}
    for name, variant in data.get("variants", {}).items():
        variants[name] = {**defaults, **{key: str(value) for key, value in variant.get("facts", {}).items()}}
    return variants


def _contradictions(rows: list[_Row], variants: Mapping[str, Mapping[str, str]]) -> Iterator[Problem]:
    """Keys for which one variant has two different answers of equal rank.

    SDK versions that conditions name are tried on either side, since a variant does not fix them.
    """
    by_key: dict[str, list[_Row]] = defaultdict(list)
    for row in rows:
        by_key[row.cuda].append(row)
    for key, candidates in by_key.items():
        if len({(row.target, row.status) for row in candidates}) < 2:
            continue
        try:
            tests = [test for row in candidates for test in parse(row.when)]
        except ValueError:  # said by _when
            continue
        for variant, facts in _tried(variants, tests):
            holding = [row for row in candidates if not failing(row.when, facts)]
            best = min((_rank(row) for row in holding), default=0)
            answers = {(row.target, row.status): row for row in holding if _rank(row) == best}
            if len(answers) > 1:
                first, second = list(answers.values())[:2]
                said = f"{first.status} {first.target}".strip(), f"{second.status} {second.target}".strip()
                where = f"variant {variant}" if variant else "the bare target"
                yield second.wrong(
                    f'{key}: for {where} both "{said[0]}" and "{said[1]}" hold; give one rank=2',
                )
                break


def _tried(variants: Mapping[str, Mapping[str, str]], tests: list[Test]) -> Iterator[tuple[str, dict[str, str]]]:
    """Facts to try: every variant, each with every version that *tests* names and one below all of them."""
    versions = defaultdict(set)
    for test in tests:
        if test.operator in _VERSIONED:
            versions[test.fact].add(test.values[0])
    for name, facts in variants.items() or {"": {}}.items():
        yield name, dict(facts)
        for fact, named in versions.items():
            for version in ("0", *sorted(named)):
                yield name, {**facts, fact: version}


def _rank(row: _Row) -> int:
    found = re.search(r"\brank=(\d)", row.when)
    return int(found[1]) if found else 1


def _families(rows: list[_Row]) -> Iterator[Problem]:
    """Family rows whose glob is malformed, or of which nobody can say which one answers."""
    spelled: dict[str, _Row] = {}
    for row in rows:
        if "*" not in row.cuda:
            stem = row.target.rstrip(">").removesuffix("*")
            if (
                row.status == "rename"
                and stem != row.target
                and _IDENTIFIER.fullmatch(stem)
                and not _LANGUAGE.fullmatch(stem)
            ):
                yield row.wrong(f'the target "{row.target}" carries a star over, but {row.cuda} has none')
            continue
        prefix, _, after = row.cuda.partition("*")
        if after not in ("", ">") or (after == ">") != prefix.startswith("<"):
            yield row.wrong(f"{row.cuda}: the star of a family stands at the end")
        elif len(prefix) < 3:
            yield row.wrong(f"{row.cuda}: a family needs a prefix of three characters or more")
        before = spelled.setdefault(prefix, row)
        if before.cuda != row.cuda:
            yield row.wrong(
                f"{row.cuda} and {before.cuda} ({before.path}:{before.line}) answer for the same names",
            )


# -------------------------------------------------------------------------------------------- seeds and CUDA's names


def _symbols(seeds_dir: Path, target: str) -> frozenset[str] | None:
    """Names in the vendor's symbol inventory, qualified and bare; None when there is no inventory."""
    path = seeds_dir / "symbols" / f"{target}.tsv"
    if not path.is_file():
        return None
    names = {line.partition("\t")[0] for line in path.read_text(encoding="utf-8").split("\n")[1:]}
    return frozenset(names | {name.rpartition("::")[2] for name in names})


def _proof(row: _Row, symbols: frozenset[str]) -> Iterator[Problem]:
    """A row that claims a vendor declaration for a name that the vendor's inventory lacks.

    Only level declared is held to it. Names that are merely *used* are gathered from ports, not from headers, PyTorch's
    names and names kept from CUDA are in no vendor inventory.
    """
    if not row.evidence.startswith("declared:") or row.status not in ("rename", "adapt"):
        return
    target = row.target
    if not _IDENTIFIER.fullmatch(target) or _LANGUAGE.fullmatch(target) or target == row.cuda:
        return
    if target not in symbols and target.rpartition("::")[2] not in symbols:
        yield row.wrong(f"{target} is said to be declared, but seeds/symbols does not list it")


def _cuda(folder: Path) -> list[Problem]:
    """Problems of CUDA's own names."""
    problems: list[Problem] = []
    first: dict[str, str] = {}
    for path in sorted(folder.glob("*.tsv")):
        name = f"{folder.name}/{path.name}"
        rows = _table(path, _CUDA_FILES.get(path.stem, NAME_COLUMNS), problems)
        keys = {"usage": 2, "changed": 3}.get(path.stem, 1)
        problems += _order(name, [(number, tuple(cells[:keys])) for number, cells in rows])
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
    notes = _notes(folder / "notes.tsv", problems)
    name = f"{folder.name}/instructions.tsv"
    rows = _table(folder / "instructions.tsv", PTX_COLUMNS, problems)
    problems += _order(name, [(number, (cells[0], cells[2], cells[3])) for number, cells in rows])
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
        rows = _table(register, SOURCE_COLUMNS, problems)
        problems += _order(name, [(number, (cells[0],)) for number, cells in rows])
        for number, (_, kind, where, _, _) in rows:
            if kind not in SOURCE_KINDS:
                problems.append(Problem(name, number, f'kind "{kind}" is not one of {", ".join(SOURCE_KINDS)}'))
            if not where:
                problems.append(Problem(name, number, "a source without a place"))
    for path in sorted((folder / "symbols").glob("*.tsv")):
        name = f"symbols/{path.name}"
        rows = _table(path, SYMBOL_COLUMNS, problems)
        problems += _order(name, [(number, tuple(cells[:2])) for number, cells in rows])
        for number, cells in rows:
            if cells[2] not in LEVELS:
                problems.append(Problem(name, number, f'level "{cells[2]}" is not one of {", ".join(LEVELS)}'))
    return problems
