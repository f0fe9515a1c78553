"""Short texts several formats share: how a target, a group, a place count is put into words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from migrate.findings import titles
from migrate.model import LAUNCH
from migrate.phrases import said
from migrate.report.plain import visible

if TYPE_CHECKING:
    from collections.abc import Iterable

    from migrate.messages import Messages
    from migrate.model import Answer, RuleText, Target
    from migrate.report.summary import Places, Reason


def target_facts(target: Target) -> str:
    """What a bare target name leaves open, filled in: `SDK 4.3, mp_22`; "" when there is nothing to say."""
    if target.variant:
        return ""
    sdk = "" if target.sdk else target.facts.get("sdk", "")
    detail = target.facts.get("chip", "") or ("" if sdk else target.facts.get("route", ""))
    return ", ".join(part for part in (f"SDK {sdk}" if sdk else "", detail) if part)


def target_heading(target: Target) -> str:
    """The target as asked for with the facts its answers rest on: `musa (SDK 4.3, mp_22)`."""
    facts = target_facts(target)
    return f"{target.key} ({facts})" if facts else target.key


def place_count(text: Messages, group: Places) -> str:
    """`12 places in 4 files`."""
    joint = " " if text.language == "en" else ""
    return text.count("places", group.count) + joint + text.count("in-files", group.files)


def headline(label: str, answer: Answer) -> str:
    """`cublasGemmEx → mublasGemmEx`; the label alone where nothing takes its place."""
    instead = replacement(label, answer)
    return f"{visible(label)} → {visible(instead)}" if instead else visible(label)


def replacement(label: str, answer: Answer) -> str:
    """What takes the place of *label*, headers in brackets as the label has them; "" when nothing changes."""
    instead = answer.replacement
    if instead and label.startswith("<") and label != LAUNCH and not instead.startswith("<"):
        instead = f"<{instead}>"
    return "" if instead == label else instead


def title(text: Messages, identifier: str) -> str:
    """The short title of a finding id; "" for an id this version does not know."""
    return titles(text.language).get(identifier, "")


def notes(text: Messages, rule: RuleText | None) -> list[str]:
    """The notes of *rule* in the language of *text*."""
    if rule is None:
        return []
    return [visible(note.zh if text.language == "zh" else note.en) for note in rule.notes]


def evidence(text: Messages, rule: RuleText) -> list[str]:
    """What *rule* rests on, a line a statement: sources, condition, family row, why it was carried over."""
    lines = [text("evidence.line", sources="; ".join(visible(source) for source in rule.evidence) or rule.level)]
    if rule.when:
        lines.append(text("evidence.when", when=visible(rule.when)))
    if rule.family:
        lines.append(text("evidence.family", family=visible(rule.family)))
    if rule.carried:
        lines.append(text("evidence.carried", reason=visible(said(rule.carried, text.language))))
    return lines


def decides(text: Messages, reasons: Iterable[Reason]) -> str:
    """`18 kernels to write anew, 6 PTX blocks`; at most three names are written out for each reason."""
    comma = text("files.comma")
    parts = []
    for reason in reasons:
        names = comma.join(map(visible, reason.names[:3])) + (" …" if len(reason.names) > 3 else "")
        parts.append(text.count(reason.message, reason.number, names=names))
    return comma.join(parts)


def library_name(text: Messages, library: str) -> str:
    """The library as the tables call it; words for the uses that belong to none."""
    return visible(library) or text("library.none")
