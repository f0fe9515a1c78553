"""Markdown for a comment on a change or a page in a wiki: below 60 KB, the summary first, groups as far as they fit."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from migrate.phrases import said
from migrate.report import compare, words
from migrate.report.plain import percent, visible
from migrate.report.summary import Selection, census, file_id, groups, not_read, wide_groups

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from migrate.messages import Messages
    from migrate.model import Scan, Target

#: Bytes of UTF-8 the whole page stays below; forges cut comments at 64 KB.
BUDGET = 60_000

_PLACES = 3

_RUN = re.compile(r"`+")


def code(text: str) -> str:
    """*text* as a code span that is safe in a table: longer fence where it holds backticks, pipes escaped."""
    shown = visible(text).replace("|", "\\|")
    fence = "`" * (1 + max((len(run) for run in _RUN.findall(shown)), default=0))
    pad = " " if shown.startswith("`") or shown.endswith("`") else ""
    return f"{fence}{pad}{shown}{pad}{fence}"


def prose(text: str) -> str:
    """*text* from tables or sources as plain words: nothing in it is markup, a link or a mention."""
    shown = visible(text).replace("\\", "\\\\")
    shown = re.sub(r"([`*_\[\]|#~])", r"\\\1", shown)
    return shown.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("@", "&#64;")


def render(scan: Scan, text: Messages, selection: Selection, asides: frozenset[str] = frozenset()) -> str:
    """The page of *scan*."""
    asked = [target for target in scan.targets if target.key not in asides]
    counted = census(scan)
    found = compare.rows(scan, counted, asides)
    lines = [f"# {text('markdown.title')}", "", compare.headline(found, scan, text), ""]
    lines += summary_table(found, text)
    lines += ["", *_not_read(scan, text)]
    lines += [f"## {text('markdown.needs')}", ""]
    size = sum(len(line.encode()) + 1 for line in lines)
    rows = list(_group_rows(scan, asked, text, selection))
    if not rows:
        return "\n".join([*lines, text("markdown.nothing")]) + "\n"
    head = _group_head(asked, text)
    size += sum(len(line.encode()) + 1 for line in head)
    lines += head
    for index, row in enumerate(rows):
        size += len(row.encode()) + 1
        if size > BUDGET - 400:  # room for the line that says how much is missing
            lines += ["", text.count("markdown.more", len(rows) - index)]
            break
        lines.append(row)
    return "\n".join(lines) + "\n"


def render_compare(scan: Scan, text: Messages, asides: frozenset[str]) -> str:
    """The comparison of all stacks as a page."""
    found = compare.rows(scan, None, asides)
    lines = [f"# {text('markdown.compare')}", "", compare.headline(found, scan, text), "", *summary_table(found, text)]
    return "\n".join(lines) + "\n"


def summary_table(found: Sequence[compare.Row], text: Messages) -> list[str]:
    """One row a target: the classes as shares, and what decides."""
    heads = [text("column.target"), *(text(compare.heading(name)) for name in compare.COLUMNS)]
    lines = [_row([*heads, text("column.what")]), "|---|" + "---:|" * len(compare.COLUMNS) + "---|"]
    for row in found:
        name = ("+ " if row.aside else "") + words.target_heading(row.target)
        shares = [percent(row.totals.classes[name], row.totals.uses, 1) for name in compare.COLUMNS]
        lines.append(_row([prose(name), *(prose(share) for share in shares), prose(words.decides(text, row.reasons))]))
    if any(row.aside for row in found):
        lines += ["", text("compare.aside")]
    return lines


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _group_head(asked: Sequence[Target], text: Messages) -> list[str]:
    """The head of the table of groups: one target has its id and class, several have a column each."""
    if len(asked) == 1:
        heads = [text("column.id"), text("column.class"), text("column.finding"), text("column.places"), ""]
        return [_row(heads), "|---|---|---|---:|---|"]
    heads = [text("column.name"), text("column.places"), *(prose(target.key) for target in asked), ""]
    return [_row(heads), "|---|---:|" + "---|" * (len(asked) + 1)]


def _group_rows(scan: Scan, asked: Sequence[Target], text: Messages, selection: Selection) -> Iterator[str]:
    if len(asked) == 1:
        for group in groups(scan, asked[0].key, selection, _PLACES):
            answer = group.answer
            name = code(group.label)
            if instead := words.replacement(group.label, answer):
                name += " → " + code(instead)
            parts = [f"{name}: {words.title(text, answer.id)}"]
            parts += [prose(note) for note in words.notes(text, group.rule)]
            where = ", ".join(code(f"{file.path}:{use.line}") for file, use in group.first)
            if group.count > len(group.first):
                where += " …"
            yield _row([answer.id, text("class." + answer.category), "<br>".join(parts), f"{group.count:,}", where])
        return
    for wide in wide_groups(scan, [target.key for target in asked], selection, 1):
        cells = [
            text("class." + wide.answers[target.key].category) if target.key in wide.answers else "" for target in asked
        ]
        where = ", ".join(code(f"{file.path}:{use.line}") for file, use in wide.first)
        yield _row([code(wide.label), f"{wide.count:,}", *cells, where])


def _not_read(scan: Scan, text: Messages) -> list[str]:
    """The files nobody looked into, twenty at most: a reader must not take the numbers for the whole."""
    files = list(not_read(scan))
    if not files:
        return []
    lines = [f"## {text('markdown.not-read')}", ""]
    lines += [
        f"- {code(file.path)}: {file_id(file)}, "
        f"{prose(said(file.reason, text.language) or text('state.' + file.state))}"
        for file in files[:20]
    ]
    if len(files) > 20:
        lines.append("- " + text.count("cuda.more", len(files) - 20))
    return [*lines, ""]
