"""Findings of a check for programs: one JSON document, known and suppressed ones among them and marked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from migrate.report.check_words import message
from migrate.report.scan_json import encode

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import TextIO

    from migrate.check.findings import Finding
    from migrate.messages import Messages
    from migrate.model import Scan

#: Raised when a reader of the old form could misread the new one.
SCHEMA_VERSION = 1


def write_json(found: Iterable[Finding], scan: Scan, out: TextIO, text: Messages) -> None:
    """Writes *found* to *out*, a finding a line; paths are from the project's folder."""
    listed = list(found)
    counts = {state: sum(finding.state == state for finding in listed) for state in ("new", "known", "suppressed")}
    out.write("{\n")
    out.write(f'"schema_version":{SCHEMA_VERSION},\n')
    out.write(f'"tool":{encode({"name": "migrate", "version": scan.tool})},\n')
    out.write(f'"targets":{encode([target.key for target in scan.targets])},\n')
    out.write(f'"counts":{encode(counts)},\n')
    out.write('"findings":[')
    out.write(",".join("\n" + encode(_finding(finding, text)) for finding in listed))
    out.write("\n]\n}\n")


def _finding(finding: Finding, text: Messages) -> dict[str, object]:
    data: dict[str, object] = {
        "path": finding.place,
        "line": finding.line,
        "column": finding.column,
        "offset": finding.start,
        "length": finding.length,
        "id": finding.id,
        "class": finding.category,
        "name": finding.name,
        "kind": finding.shape.kind if finding.shape else "file",
        "message": message(finding, text),
        "answers": {target: answer.replacement for target, answer in finding.answers},
        "state": finding.state,
        "key": finding.key,
        "fingerprint": finding.fingerprint,
    }
    if finding.reason:
        data["reason"] = finding.reason
    return data
