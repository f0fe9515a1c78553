"""All stacks side by side: one row a stack and route, the six classes as shares, and what decides."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from migrate.report import words
from migrate.report.plain import Paint, left, percent, right, visible, width
from migrate.report.summary import Census, Reason, Totals, census, reasons, totals

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from migrate.messages import Messages
    from migrate.model import Scan, Target

#: The order of the columns: from what costs nothing to what nobody knows.
COLUMNS = ("auto", "check", "adapt", "rewrite", "unsupported", "unknown")


def heading(category: str) -> str:
    """The id of the message that heads the column of a class."""
    return "column.auto" if category == "auto" else f"class.{category}"


class Row(NamedTuple):
    """One stack and route."""

    target: Target
    totals: Totals
    reasons: list[Reason]
    aside: bool  # a compile-as-is route shown beside the stack's native one


def rows(scan: Scan, counted: Census | None = None, asides: frozenset[str] = frozenset()) -> list[Row]:
    """The rows of *scan* in the order of its targets; those whose key is in *asides* are marked."""
    counted = counted or census(scan)
    return [
        Row(
            target,
            totals(scan, target.key, counted),
            reasons(scan, target.key, counted),
            target.key in asides,
        )
        for target in scan.targets
    ]


def text_lines(found: Sequence[Row], text: Messages, paint: Paint) -> Iterator[str]:
    """The comparison as a table, with a legend when a row is marked.

    What decides is never cut: it stands last, so a long one only runs past the right edge.
    """
    heads = [text(heading(name)) for name in COLUMNS]
    names = [_name(row) for row in found]
    first = [max(map(width, column)) for column in zip(*names, strict=True)] if names else [0, 0]
    cells = [[percent(row.totals.classes[name], row.totals.uses) for name in COLUMNS] for row in found]
    widths = [max(map(width, [head, *column])) for head, column in zip(heads, zip(*cells, strict=True), strict=True)]
    line = " " * (sum(first) + 2)
    line += "".join("  " + right(head, columns) for head, columns in zip(heads, widths, strict=True))
    yield paint(f"{line}   {text('column.what')}", "bold")
    for row, name, values in zip(found, names, cells, strict=True):
        line = left(name[0], first[0]) + "  " + left(name[1], first[1])
        line += "".join("  " + right(value, columns) for value, columns in zip(values, widths, strict=True))
        yield f"{line}   {words.decides(text, row.reasons)}".rstrip()
    if any(row.aside for row in found):
        yield paint(text("compare.aside"), "dim")


def _name(row: Row) -> tuple[str, str]:
    """Name and variant of a row: `maca` and `cu-bridge`; a bare target shows the chip or SDK it stands for."""
    target = row.target
    detail = target.variant + (f" SDK {target.sdk}" if target.sdk else "")
    return ("+ " if row.aside else "") + target.name, detail.strip() or words.target_facts(target)


def as_data(scan: Scan, found: Sequence[Row], text: Messages) -> dict[str, object]:
    """The comparison as JSON values; `what_decides` is in the language of *text*, `reasons` in stable words."""
    return {
        "schema_version": 1,
        "tool": {"name": "migrate", "version": scan.tool},
        "tables": dict(sorted(scan.tables.items())),
        "uses": max((row.totals.uses for row in found), default=0),
        "files": sum(1 for file in scan.files if file.uses),
        "targets": [
            {
                "target": row.target.key,
                "title": row.target.title,
                "kind": row.target.kind,
                "aside": row.aside,
                "uses": row.totals.uses,
                "classes": row.totals.classes,
                "levels": row.totals.levels,
                "reasons": [
                    {"reason": reason.message.removeprefix("reason."), "number": reason.number, "names": reason.names}
                    for reason in row.reasons
                ],
                "what_decides": words.decides(text, row.reasons),
            }
            for row in found
        ],
    }


def records(found: Sequence[Row], text: Messages) -> Iterator[list[str]]:
    """The comparison as the rows of a CSV file, the header first; classes as numbers of uses."""
    yield ["target", "title", "kind", "aside", "uses", *COLUMNS, "what_decides"]
    for row in found:
        numbers = [str(row.totals.classes[name]) for name in COLUMNS]
        target = row.target
        aside = "yes" if row.aside else "no"
        yield [
            target.key,
            target.title,
            target.kind,
            aside,
            str(row.totals.uses),
            *numbers,
            words.decides(text, row.reasons),
        ]


def headline(found: Sequence[Row], scan: Scan, text: Messages) -> str:
    """`1,204 uses of CUDA in 31 files`, the sentence above the table; from fewest to most where hazards differ."""
    files = text.count("compare.files", sum(1 for file in scan.files if file.uses))
    uses = [row.totals.uses for row in found] or [0]
    low, high = min(uses), max(uses)
    if low < high:
        return text("compare.between", low=f"{low:,}", high=f"{high:,}", files=visible(files))
    return text.count("compare.uses", high, files=visible(files))
