"""How findings one by one are put into words, and how severe programs are told they are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from migrate.model import label
from migrate.report import words
from migrate.report.plain import visible

if TYPE_CHECKING:
    from collections.abc import Iterable

    from migrate.check.findings import Finding
    from migrate.messages import Messages
    from migrate.model import RuleText, Scan

#: Class → severity, worst first: what cannot be ported as it is, what needs a look, what nobody knows.
SEVERITY = {
    "unsupported": "error",
    "rewrite": "error",
    "check": "warning",
    "adapt": "warning",
    "unknown": "warning",
    "auto": "note",
}

_ORDER = ("unsupported", "rewrite", "check", "adapt", "unknown", "auto")


def by_severity(found: Iterable[Finding]) -> list[Finding]:
    """*found*, worst first, within a class by path and line: platforms show the first ones only."""
    return sorted(
        found,
        key=lambda finding: (_ORDER.index(finding.category), finding.path, finding.line, finding.column, finding.id),
    )


def message(finding: Finding, text: Messages) -> str:
    """One line that says what is the matter: `cublasGemmEx → mublasGemmEx: exists with another signature …`."""
    title = words.title(text, finding.id) or finding.id
    if finding.shape is None:
        detail = _detail(finding, text)
        return text("check.about", title=title, detail=detail) if detail else title
    name = label(finding.shape)
    heads = dict.fromkeys(words.headline(name, answer) for _, answer in finding.answers)
    return text("headline.title", name=text("semicolon").join(heads), title=title)


def _detail(finding: Finding, text: Messages) -> str:
    """What a finding about a file or a comment speaks of."""
    if finding.id in ("MIG911", "MIG912"):
        sentence = text(f"suppress.{finding.detail}")
        return text("headline.title", name=visible(finding.name), title=sentence) if finding.name else sentence
    return visible(finding.detail)


def target_names(finding: Finding, scan: Scan) -> str:
    """The targets a finding holds for, "" when that is every target asked for."""
    if len(scan.targets) < 2 or not finding.answers or len(finding.answers) == len(scan.targets):
        return ""
    return ", ".join(target for target, _ in finding.answers)


def notes(finding: Finding, scan: Scan, text: Messages) -> list[str]:
    """The remarks of the rules that answered, each once."""
    found: dict[str, None] = {}
    for target, answer in finding.answers:
        rule: RuleText | None = scan.rules.get(target, {}).get(answer.rule)
        found.update(dict.fromkeys(words.notes(text, rule)))
    return list(found)
