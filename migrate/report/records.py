"""CSV: one row a finding and target, for spreadsheets and scripts that want no JSON."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

from migrate.model import answer_key

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import TextIO

    from migrate.model import FileResult, Scan, Shape
    from migrate.report.summary import Selection

#: The header line.
COLUMNS = (
    "path", "line", "column", "name", "kind", "library", "owner", "context", "function", "condition",
    "target", "id", "class", "replacement", "fix", "status", "level", "evidence", "note",
)  # fmt: skip


def write_csv(scan: Scan, out: TextIO, language: str, selection: Selection) -> None:
    """Writes the selected findings to *out*, notes in *language*; RFC 4180 with LF line ends, UTF-8 without a mark."""
    out.write(row(COLUMNS))
    known: dict[Shape, list[tuple[str, str]]] = {}
    for file in scan.files:
        if not file.uses:
            continue
        for use in file.uses:
            if use.shape not in known:
                known[use.shape] = _rests(scan, use.shape, language, selection)
        out.write("".join(_rows(file, known)))


def _rows(file: FileResult, known: dict[Shape, list[tuple[str, str]]]) -> Iterable[str]:
    head = field(file.path)
    for use in sorted(file.uses, key=lambda use: use.start):
        for middle, rest in known[use.shape]:
            yield f"{head},{use.line},{use.column},{middle},{rest}"


def _rests(scan: Scan, shape: Shape, language: str, selection: Selection) -> list[tuple[str, str]]:
    """The cells after the place, for each target that lists *shape*; serialised once a shape."""
    key = answer_key(shape)
    cells = (
        shape.name,
        shape.kind,
        shape.library,
        shape.owner,
        shape.side or "unknown",
        shape.function,
        shape.condition,
    )
    middle = row(cells).removesuffix("\n")
    found = []
    for target in scan.targets:
        answer = scan.answers[target.key].get(key)
        if answer is None or not selection.wants(answer):
            continue
        rule = scan.rules.get(target.key, {}).get(answer.rule)
        facts: tuple[str, ...] = ("", "", "", "")
        if rule is not None:
            note = " ".join(note.zh if language == "zh" else note.en for note in rule.notes)
            facts = (rule.status, rule.level, "; ".join(rule.evidence), note)
        rest = (target.key, answer.id, answer.category, answer.replacement, answer.fix, *facts)
        found.append((middle, row(rest)))
    return found


def row(cells: Sequence[str]) -> str:
    """*cells* as one line of CSV."""
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\n").writerow([_harmless(cell) for cell in cells])
    return buffer.getvalue()


def field(text: str) -> str:
    """One cell."""
    return row((text, "")).removesuffix(",\n")


def _harmless(text: str) -> str:
    """*text* as a spreadsheet shows it and never as a formula it runs; bytes that are no text become escapes.

    Sources and file names are other people's: a cell that begins like a formula gets an apostrophe in front.
    """
    if text[:1] in ("=", "+", "-", "@", "\t", "\r"):
        text = "'" + text
    return text.encode("utf-8", "backslashreplace").decode()
