"""SARIF 2.1.0 for code scanning: a run a target, worst first, cut at the platforms' limits, saying what was left out.

Fingerprints hold no line numbers and no paths (`check.content`), so an alert survives moved code and renamed files.
Limits are GitHub's: 20 runs a file, 25,000 results a run, of which the first 5,000 by severity are shown.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from migrate import findings as kinds
from migrate.report.check_words import SEVERITY, by_severity, message, notes
from migrate.report.scan_json import encode

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import TextIO

    from migrate.check.findings import Finding
    from migrate.messages import Messages
    from migrate.model import Scan

#: What a platform takes and shows.
RUNS, RESULTS, SHOWN = 20, 25_000, 5_000

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"

_BASELINE = {"new": "new", "known": "unchanged"}


def write_sarif(
    found: Iterable[Finding],
    scan: Scan,
    out: TextIO,
    text: Messages,
    *,
    baseline: bool,
    runs: int = RUNS,
    results: int = RESULTS,
) -> None:
    """Writes *found* to *out*.

    Args:
        found: findings, suppressed and known ones among them.
        scan: what they come from: targets, rules, version.
        out: takes the text.
        text: words of one language.
        baseline: whether they were held against a baseline, so that each says if it is new.
        runs: most runs of the file.
        results: most results of a run.
    """
    listed = by_severity(found)
    targets = [target.key for target in scan.targets]
    left_targets = targets[runs:]
    documents = []
    for number, target in enumerate(targets[:runs]):
        # What concerns a file or a comment holds for every target; it stands in the first run only.
        here = [
            one for one in listed if any(key == target for key, _ in one.answers) or (not one.answers and number == 0)
        ]
        remarks = [text("sarif.left-targets", targets=", ".join(left_targets))] if left_targets and number == 0 else []
        documents.append(_run(here, target, scan, text, remarks, baseline=baseline, most=results))
    out.write(f'{{"$schema":"{SCHEMA}","version":"2.1.0","runs":[')
    out.write(",".join("\n" + document for document in documents))
    out.write("\n]}\n")


def _run(
    here: Sequence[Finding], target: str, scan: Scan, text: Messages, remarks: list[str], *, baseline: bool, most: int
) -> str:
    """One run as JSON, a result a line."""
    kept = here[:most]
    if len(here) > most:
        remarks.append(text.count("sarif.left-out", len(here) - most, most=f"{most:,}"))
    if len(kept) > SHOWN:
        remarks.append(text("sarif.shown", n=f"{len(kept):,}", shown=f"{SHOWN:,}"))
    ids = sorted({finding.id for finding in kept})
    index = {identifier: number for number, identifier in enumerate(ids)}
    worst = {identifier: _worst(finding.category for finding in kept if finding.id == identifier) for identifier in ids}
    notifications = [{"level": "note", "message": {"text": remark}} for remark in remarks]
    invocation = {"executionSuccessful": True, "toolExecutionNotifications": notifications}
    head: dict[str, Any] = {
        "tool": {
            "driver": {
                "name": "migrate",
                "version": scan.tool,
                "semanticVersion": scan.tool,
                "language": text.language,
                "rules": [_rule(identifier, worst[identifier], text) for identifier in ids],
            }
        },
        "automationDetails": {"id": f"migrate/{target}/"},
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": {"%SRCROOT%": {"description": {"text": "the root of the repository"}}},
        "invocations": [invocation],
        "properties": {"target": target, "leftOut": len(here) - len(kept)},
    }
    rows = (encode(_result(finding, target, index[finding.id], scan, text, baseline=baseline)) for finding in kept)
    return encode(head)[:-1] + ',"results":[' + ",".join("\n" + row for row in rows) + "]}"


def _worst(categories: Iterable[str]) -> str:
    order = list(SEVERITY)
    return min(categories, key=order.index)


def _rule(identifier: str, category: str, text: Messages) -> dict[str, Any]:
    """What stands once for every result of an id."""
    kind = kinds.load().get(identifier)
    title = (kind and kind.title(text.language)) or identifier  # a user's own id has no page here
    severity = SEVERITY[category]
    rule: dict[str, Any] = {
        "id": identifier,
        "shortDescription": {"text": title},
        "fullDescription": {"text": title},
        "defaultConfiguration": {"level": severity},
        "help": {"text": f"migrate explain {identifier}"},
        "properties": {
            "tags": ["cuda", "migration", category],
            "problem.severity": {"error": "error", "warning": "warning", "note": "recommendation"}[severity],
        },
    }
    page = _page(identifier, text.language)
    if page:
        rule["help"]["markdown"] = page
    return rule


def _page(identifier: str, language: str) -> str:
    """The page of a finding id, in the wheel or in a checkout; "" where it is missing."""
    package = Path(kinds.__file__).parent
    name = identifier + (".zh.md" if language == "zh" else ".md")
    for folder in (package / "_findings", package.parent / "docs" / "findings"):
        if (folder / name).is_file():
            return (folder / name).read_text(encoding="utf-8")
    return ""


def _result(finding: Finding, target: str, rule: int, scan: Scan, text: Messages, *, baseline: bool) -> dict[str, Any]:
    remarks = notes(finding, scan, text)
    region: dict[str, Any] = {"startLine": max(1, finding.line), "startColumn": max(1, finding.column)}
    if finding.end[0]:
        region |= {"endLine": finding.end[0], "endColumn": finding.end[1]}
    result: dict[str, Any] = {
        "ruleId": finding.id,
        "ruleIndex": rule,
        "level": SEVERITY[finding.category],
        "message": {"text": "\n".join([message(finding, text), *remarks])},
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": {
                        "uri": quote(finding.place, errors="backslashreplace"),
                        "uriBaseId": "%SRCROOT%",
                    },
                    "region": region,
                }
            }
        ],
        # GitHub makes the second one itself from line and context unless it is there.
        "partialFingerprints": {
            "migrateFinding/v1": finding.fingerprint,
            "primaryLocationLineHash": f"{finding.fingerprint}:1",
        },
        "properties": {"class": finding.category, "name": finding.name},
    }
    replacements = [answer.replacement for key, answer in finding.answers if key == target and answer.replacement]
    if replacements:
        result["properties"]["replacement"] = replacements[0]
    if baseline and finding.state in _BASELINE:
        result["baselineState"] = _BASELINE[finding.state]
    elif baseline:
        result["baselineState"] = "unchanged"
    if finding.state == "suppressed":
        suppression = {"kind": "inSource", "status": "accepted"}
        if finding.reason:
            suppression["justification"] = finding.reason
        result["suppressions"] = [suppression]
    else:
        result["suppressions"] = []
    return result
