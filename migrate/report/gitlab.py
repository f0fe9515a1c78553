"""GitLab's Code Quality report: what the merge request's widget shows as new and as fixed."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from migrate.check.content import unique
from migrate.report.check_words import by_severity, message, target_names

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import TextIO

    from migrate.check.findings import Finding
    from migrate.messages import Messages
    from migrate.model import Scan

#: GitLab's words: info, minor, major, critical, blocker.
_SEVERITY = {
    "unsupported": "critical",
    "rewrite": "critical",
    "check": "major",
    "adapt": "major",
    "unknown": "minor",
    "auto": "info",
}


def write_gitlab(found: Iterable[Finding], scan: Scan, out: TextIO, text: Messages) -> None:
    """Writes all of *found* but the suppressed ones: GitLab itself compares two reports by their fingerprints.

    Known findings are in the report too, or the widget would show them as fixed.
    """
    listed = sorted(
        (finding for finding in found if finding.state != "suppressed"), key=lambda one: (one.place, one.start)
    )
    prints = dict(zip(map(id, listed), unique(finding.fingerprint for finding in listed), strict=True))
    rows = []
    for finding in by_severity(listed):
        only = target_names(finding, scan)
        said = f"{finding.id} {f'{only}: ' if only else ''}{message(finding, text)}"
        rows.append(
            {
                "description": said,
                "check_name": finding.id,
                "fingerprint": prints[id(finding)],
                "severity": _SEVERITY[finding.category],
                "location": {"path": finding.place, "lines": {"begin": max(1, finding.line)}},
            }
        )
    data = json.dumps(rows, ensure_ascii=False, indent=1)
    out.write(data.encode("utf-8", "backslashreplace").decode() + "\n")
