"""Annotations for a GitHub Actions log: workflow commands, worst first, since a step shows ten of each level."""

from __future__ import annotations

from typing import TYPE_CHECKING

from migrate.report.check_words import SEVERITY, by_severity, message, notes, target_names

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import TextIO

    from migrate.check.findings import Finding
    from migrate.messages import Messages
    from migrate.model import Scan

#: Annotations of one level that GitHub shows of one step.
SHOWN = 10

_LEVELS = {"error": "error", "warning": "warning", "note": "notice"}


def write_github(found: Iterable[Finding], scan: Scan, out: TextIO, text: Messages) -> None:
    """Writes a command for each new one of *found*; paths are from the project's folder."""
    shown: dict[str, int] = {}
    for finding in by_severity(finding for finding in found if finding.state == "new"):
        level = _LEVELS[SEVERITY[finding.category]]
        shown[level] = shown.get(level, 0) + 1
        values = {"file": finding.place, "line": str(finding.line), "col": str(finding.column)}
        if finding.end[0]:
            values |= {"endLine": str(finding.end[0]), "endColumn": str(finding.end[1])}
        values["title"] = f"{finding.id} [{text('class.' + finding.category)}]"
        properties = ",".join(f"{name}={_property(value)}" for name, value in values.items())
        only = target_names(finding, scan)
        said = "\n".join(
            [f"{only}: {message(finding, text)}" if only else message(finding, text), *notes(finding, scan, text)]
        )
        out.write(f"::{level} {properties}::{_data(said)}\n")
    left = sum(max(0, number - SHOWN) for number in shown.values())
    if left:
        out.write(text.count("github.more", left) + "\n")


def _data(text: str) -> str:
    """*text* as the message of a command: line ends and the escape itself escaped."""
    return _encodable(text).replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


def _encodable(text: str) -> str:
    return text.encode("utf-8", "backslashreplace").decode()
