"""The form of a table and of its notes: what can be said of a file before its words are understood."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

NOTE_COLUMNS = ("id", "en", "zh")

_NOTE_ID = re.compile(r"[a-z0-9][a-z0-9-]*")
_LONGEST_ID = 40
_PLACEHOLDER = re.compile(r"\{(\d)\}")


class Problem(NamedTuple):
    """One thing that is wrong in a table."""

    path: str  # relative to the folder that was checked, with "/"
    line: int  # 1-based
    message: str


class Row(NamedTuple):
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


def read_table(path: Path, columns: tuple[str, ...], problems: list[Problem]) -> list[tuple[int, list[str]]]:
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


def in_order(name: str, keys: list[tuple[int, tuple[str, ...]]]) -> Iterator[Problem]:
    """Keys that stand before a smaller one, or twice."""
    for (_, before), (number, key) in pairwise(keys):
        if key == before:
            yield Problem(name, number, f"{' '.join(key).strip()} stands twice")
        elif key < before:
            yield Problem(
                name, number, f"not sorted: {' '.join(key).strip()} belongs before {' '.join(before).strip()}"
            )


def read_notes(path: Path, problems: list[Problem]) -> dict[str, tuple[int, int]]:
    """The notes of a target: id → (line, number of parameters)."""
    notes: dict[str, tuple[int, int]] = {}
    if not path.is_file():
        return notes
    name = f"{path.parent.name}/{path.name}"
    rows = read_table(path, NOTE_COLUMNS, problems)
    problems += in_order(name, [(number, (cells[0],)) for number, cells in rows])
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


def note_references(row: Row, notes: Mapping[str, tuple[int, int]], used: set[str]) -> Iterator[Problem]:
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
