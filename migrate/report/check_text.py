"""Findings for people, one a line as compilers and linters print them: `path:line:column: ID message [class]`."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from migrate.report.check_words import message, target_names
from migrate.report.plain import visible

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from migrate.check.findings import Finding
    from migrate.messages import Messages
    from migrate.model import Scan
    from migrate.report.plain import Paint

#: Lines a file gets; a reader who needs more needs another command.
PER_FILE = 50


def lines(found: Iterable[Finding], scan: Scan, text: Messages, paint: Paint, most: int = PER_FILE) -> Iterator[str]:
    """A line for each of *found*, sorted by path and place; after *most* of one file how many more there are."""
    for path, group in groupby(found, key=lambda finding: finding.path):
        here = list(group)
        for finding in here[:most]:
            yield line(finding, scan, text, paint)
        if len(here) > most:
            yield f"{visible(path)}: " + text.count("check.more", len(here) - most)


def line(finding: Finding, scan: Scan, text: Messages, paint: Paint) -> str:
    """One finding."""
    place = paint(f"{visible(finding.path)}:{finding.line}:{finding.column}:", "bold")
    only = target_names(finding, scan)
    only = f"{only}: " if only else ""
    category = paint(f"[{text('class.' + finding.category)}]", finding.category)
    return f"{place} {paint(finding.id, finding.category)} {only}{message(finding, text)} {category}"
