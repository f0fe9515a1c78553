"""The numbers of the page as Markdown for a change request and as CSV for scripts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from migrate.model import CLASSES
from migrate.report import effort_words, words
from migrate.report.html.parts import ORDER, automatic
from migrate.report.plain import visible
from migrate.report.records import row

if TYPE_CHECKING:
    from collections.abc import Iterator

    from migrate.messages import Messages
    from migrate.report.against import Older
    from migrate.report.html.parts import Project, Report, TargetView

#: Bytes of UTF-8 that Markdown stays below; forges cut comments at 64 KB.
BUDGET = 58_000

#: The header line of the CSV.
COLUMNS = (
    "project", "target", "route", "layer", "line", "id", "name", "files", "places", "hours", "variance",
    "days", "p10", "p50", "p90", "upkeep_days_a_month", "calibration",
)  # fmt: skip


def csv_lines(report: Report) -> Iterator[str]:
    """One row a line of an estimate, days of P50, and one for its total with the range."""
    yield row(COLUMNS)
    for project in report.projects:
        for target in project.targets:
            for way in target.ways:
                item = report.estimates[way.estimate]
                if item.target != target.key:
                    continue
                head = (project.name, item.target, item.route)
                for layer in item.layers:
                    if not layer.lines:
                        numbers = (repr(layer.hours), "", repr(layer.days))
                        yield row((*head, layer.key, layer.key, *[""] * 4, *numbers, *[""] * 5))
                    for line in layer.lines:
                        cells = (line.id, visible(line.name), str(line.files or ""), str(line.hits or ""))
                        numbers = (repr(line.hours), repr(line.variance), repr(line.days))
                        yield row((*head, layer.key, visible(line.key), *cells, *numbers, *[""] * 5))
                spread = [repr(value) for value in item.range]
                total = (repr(item.hours), repr(item.variance), repr(item.range.p50))
                rest = (*spread, repr(item.upkeep), item.calibration.state)
                yield row((*head, "total", "total", "", "", "", "", *total, *rest))


def markdown(report: Report, text: Messages, older: dict[tuple[int, str], Older] | None = None) -> str:
    """The decision first: a table of targets, then for each target drivers, blockers and rules as far as they fit."""
    parts = []
    for number, project in enumerate(report.projects):
        parts += _project(project, number, report, text, older or {})
    return "\n".join(parts) + "\n"


def _project(
    project: Project, number: int, report: Report, text: Messages, older: dict[tuple[int, str], Older]
) -> list[str]:
    parts = [f"## {text('page.title')}: {_cell(project.name)}", ""]
    if not project.uses:
        unread = project.states.get("not-analysed", 0)
        return [*parts, text.count("page.no-cuda-unread", unread) if unread else text("page.no-cuda"), ""]
    facts = [
        text.count("page.facts-files", sum(1 for file in project.scan.files if file.uses)),
        text.count("page.facts-uses", project.uses),
        text.count("page.facts-kernels", project.kernels),
    ]
    parts += [text("files.comma").join(facts), ""]
    heads = (text("page.target"), text("page.days"), text("effort.calibration"), text("page.automatic"))
    classes = [text(f"page.class-{name}") for name in ORDER[1:]]
    parts += ["| " + " | ".join((*heads, *classes)) + " |", "|---|---|---|" + "---:|" * 6]
    for target in project.targets:
        item = report.estimates[target.estimate]
        share = automatic(target)
        counts = [f"{target.totals.classes[name]:,}" for name in ORDER[1:]]
        sure = effort_words.calibration(text, item.calibration)
        cells = (f"`{target.key}`", effort_words.days(text, item.range), sure)
        parts.append("| " + " | ".join((*cells, share, *counts)) + " |")
    parts.append("")
    room = (BUDGET - sum(len(part.encode()) for part in parts)) // max(len(project.targets), 1) // len(report.projects)
    for target in project.targets:
        parts += _target(target, report, text, room, older.get((number, target.key)))
    return parts


def _target(target: TargetView, report: Report, text: Messages, room: int, old: Older | None) -> list[str]:
    item = report.estimates[target.estimate]
    parts = [f"<details><summary>{_cell(target.target.title)}: {effort_words.days(text, item.range)}</summary>", ""]
    if old is not None:
        said = text("page.older-sum", fixed=f"{old.fixed:,}", new=f"{old.new:,}", moved=f"{old.moved:,}")
        parts += [f"{text('page.older', name=_cell(old.name))}: {said}", ""]
    heads = ("", text("page.finding"), text("page.class"), text("page.places"), text("page.files"), text("page.days"))
    parts += ["| " + " | ".join(heads) + " |", "|---|---|---|---:|---:|---:|"]
    used = sum(len(part.encode()) + 1 for part in parts) + 400
    rules = [rule for rule in target.rules if rule.category in CLASSES and rule.category != "auto"]
    for number, rule in enumerate(rules):
        cells = (
            rule.id,
            _cell(words.title(text, rule.id)),
            text(f"page.class-{rule.category}"),
            f"{rule.places:,}",
            f"{rule.files:,}",
            f"{rule.days.days:.1f}",
        )
        line = "| " + " | ".join(cells) + " |"
        used += len(line.encode()) + 1
        if used > room:
            parts += ["", text.count("page.md-more", len(rules) - number)]
            break
        parts.append(line)
    return [*parts, "", "</details>", ""]


def _cell(text: str) -> str:
    """*text* of other people inside Markdown: nothing of it is markup."""
    safe = visible(text).replace("&", "&amp;").replace("<", "&lt;").replace("\n", " ")
    for mark in "\\`*_[]|@#~":
        safe = safe.replace(mark, "\\" + mark)
    return safe
