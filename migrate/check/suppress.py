"""Suppression comments held against findings: which findings they keep quiet, and which comments are of no use."""

from __future__ import annotations

from typing import TYPE_CHECKING

from migrate.check.findings import SUPPRESSED, Finding

if TYPE_CHECKING:
    from collections.abc import Iterable

    from migrate.check.findings import Project
    from migrate.model import FileResult, Scan, Suppression

#: A comment that keeps nothing quiet, and one that has no effect or lacks the reason that the project asks for.
UNUSED, MISTAKEN = "MIG911", "MIG912"

#: Narrow comments are used up before wide ones, so that a wide one is said to be unused when it is.
_WIDTH = {"line": 0, "block": 1, "file": 2}


def apply(found: Iterable[Finding], scan: Scan, project: Project, *, require_reason: bool = False) -> list[Finding]:
    """*found* with those that a comment covers marked, and with findings about the comments themselves, in order."""
    by_path = {file.path: file for file in scan.files}
    comments: dict[str, tuple[Suppression, ...]] = {}
    shown: dict[str, str] = {}
    for file in scan.files:
        written = _comments(file, by_path)
        if written:
            path = project.shown(file.path)
            comments[path], shown[path] = written, project.place(file.path)
    found = list(found)
    if not comments:
        return found
    used: dict[str, set[tuple[int, str]]] = {path: set() for path in comments}
    done = [_marked(finding, comments.get(finding.path, ()), used.get(finding.path, set())) for finding in found]
    for path, written in comments.items():
        for index, comment in enumerate(written):
            done += _about(comment, index, used[path], path, shown[path], require_reason=require_reason)
    done.sort(key=lambda finding: (finding.path, finding.line, finding.column, finding.id))
    return done


def _comments(file: FileResult, by_path: dict[str, FileResult]) -> tuple[Suppression, ...]:
    return by_path[file.copy_of].suppressions if file.copy_of in by_path else file.suppressions


def _marked(finding: Finding, comments: tuple[Suppression, ...], used: set[tuple[int, str]]) -> Finding:
    """*finding* as it is, or suppressed by the narrowest comment that covers it."""
    best: tuple[int, int, str] | None = None
    for index, comment in enumerate(comments):
        if comment.mistake or not comment.first <= finding.line or 0 < comment.last < finding.line:
            continue
        for identifier in comment.ids:
            if finding.id.startswith(identifier):
                best = min(best or (9, 0, ""), (_WIDTH[comment.scope], index, identifier))
    if best is None:
        return finding
    used.add((best[1], best[2]))
    return finding._replace(state=SUPPRESSED, reason=comments[best[1]].reason)


def _about(
    comment: Suppression, index: int, used: set[tuple[int, str]], path: str, place: str, *, require_reason: bool
) -> list[Finding]:
    """The findings about one comment."""

    def finding(identifier: str, name: str, detail: str) -> Finding:
        return Finding(path, place, comment.line, comment.column, 0, 0, identifier, "check", name, detail=detail)

    if comment.mistake:
        return [finding(MISTAKEN, "", comment.mistake)]
    about = [finding(UNUSED, name, "unused") for name in comment.ids if (index, name) not in used]
    if require_reason and not comment.reason:
        about.append(finding(MISTAKEN, ",".join(comment.ids), "reason"))
    return about
