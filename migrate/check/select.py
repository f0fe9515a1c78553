"""From a scan to the findings that count: comments, classes, ignores, baseline and changed lines, in this order."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from migrate.check import baseline as known
from migrate.check import suppress
from migrate.check.findings import NEW, SUPPRESSED, failing, findings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from migrate.check.baseline import Baseline
    from migrate.check.findings import Finding, Project
    from migrate.check.gitdiff import Changed
    from migrate.model import Scan


class Criteria(NamedTuple):
    """What counts for a project."""

    classes: tuple[str, ...] = ()  # empty for every class but auto
    wants: Callable[[Finding], bool] | None = None  # `--select` and `--ignore`
    per_path_ignores: tuple[tuple[str, tuple[str, ...]], ...] = ()
    require_reason: bool = False


def relevant(
    scan: Scan, project: Project, criteria: Criteria, given: Mapping[str, bytes] | None = None
) -> list[Finding]:
    """The findings of *scan* that count, suppressed ones among them and marked, with the text they stand on."""
    found = findings(scan, project)
    found = suppress.apply(found, scan, project, require_reason=criteria.require_reason)
    found = failing(found, criteria.classes)
    if criteria.wants is not None:
        found = [finding for finding in found if criteria.wants(finding)]
    if criteria.per_path_ignores:
        found = list(_without_ignored(found, project, criteria.per_path_ignores))
    if not found:
        return []
    from migrate.check.content import with_content

    return with_content(found, given)


def against(
    found: list[Finding], baseline: Baseline | None, changed: Changed | None, renamed: Callable[[], Mapping[str, str]]
) -> list[Finding]:
    """*found* with those marked that the baseline knows, and without those on lines that were not changed.

    *renamed* is asked only when a file that the baseline does not know has findings while one that it knows is gone.
    """
    if baseline is not None:
        first = known.compare(found, baseline)
        places = {finding.place for finding in first if finding.state == NEW}
        places -= {identity[0] for identity in baseline.counts}
        found = known.compare(found, baseline, renamed()) if places else first
    if changed is not None:
        found = [finding for finding in found if changed.has(finding.place, finding.line)]
    return found


def new(found: Iterable[Finding]) -> list[Finding]:
    """Those of *found* that are neither known nor suppressed."""
    return [finding for finding in found if finding.state == NEW]


def open_count(found: Iterable[Finding]) -> int:
    """How many of *found* a ratchet counts: all that are not suppressed."""
    return sum(finding.state != SUPPRESSED for finding in found)


def _without_ignored(
    found: Iterable[Finding], project: Project, ignores: tuple[tuple[str, tuple[str, ...]], ...]
) -> Iterable[Finding]:
    """*found* without those whose id is ignored for their path or a folder above it."""
    from migrate.globs import Patterns

    patterns = [(Patterns((pattern,), (project.root,)), ids) for pattern, ids in ignores]
    ignored: dict[str, tuple[str, ...]] = {}
    for finding in found:
        if finding.path not in ignored:
            levels = _levels(project.absolute(finding.path), project.absolute(project.root))
            ignored[finding.path] = tuple(
                identifier
                for matcher, ids in patterns
                if any(matcher.match(level.rpartition("/")[2], level) for level in levels)
                for identifier in ids
            )
        if not finding.id.startswith(ignored[finding.path] or (" ",)):
            yield finding


def _levels(path: str, root: str) -> list[str]:
    """*path* and the folders above it, below *root*."""
    levels = []
    while path.startswith(root + "/"):
        levels.append(path)
        path = path.rpartition("/")[0]
    return levels or [path]
