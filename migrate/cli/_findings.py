"""What `check`, `baseline` and the forms for other programs share: project, criteria, baseline file, writers."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from migrate.check.baseline import NAME
from migrate.check.findings import Project, find_root
from migrate.check.select import Criteria
from migrate.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import TextIO

    from migrate.check.findings import Finding
    from migrate.config import Settings
    from migrate.messages import Messages
    from migrate.model import Scan

#: Forms for platforms, which `scan` has too.
FORMS = ("sarif", "github", "gitlab", "junit")


def project_of(settings: Settings) -> Project:
    """The project the working folder belongs to."""
    return Project(find_root(settings.root, os.getcwd()))  # noqa: PTH109


def criteria_of(settings: Settings, text: Messages) -> Criteria:
    """What counts, as options and configuration say.

    Raises:
        UserError: a class is not one, or no finding id starts as asked.
    """
    from migrate.model import CLASSES

    for value in settings.fail_on:
        if value not in CLASSES:
            raise UserError(text("error.fail-on", value=value, values=", ".join(CLASSES)))
    wants = None
    if settings.select or settings.ignore:
        from migrate.cli._options import selection_of
        from migrate.model import Answer

        selection = selection_of(settings, None, CLASSES, text)

        def wants(finding: Finding) -> bool:
            return selection.wants(Answer(finding.id, finding.category, "", "", ""))

    if settings.per_path_ignores:
        from migrate.findings import load

        for pattern, prefixes in settings.per_path_ignores:
            for prefix in prefixes:
                if not any(identifier.startswith(prefix) for identifier in load()):
                    raise UserError(text("error.select", option=f"per-path-ignores {pattern}", value=prefix))
    return Criteria(settings.fail_on, wants, settings.per_path_ignores, settings.require_reason)


def baseline_path(settings: Settings, project: Project) -> str:
    """The file of known findings: the option's, the configuration's, else the project's usual one."""
    return settings.baseline or os.path.join(project.root, NAME)  # noqa: PTH118


def whole_project(project: Project) -> str:
    """The project's folder as the path of a scan."""
    return os.path.relpath(project.root)


def from_repository(found: Iterable[Finding], project: Project) -> list[Finding]:
    """*found* with places from the repository's root, which platforms ask for."""
    from migrate.paths import display_path

    top = find_root("", project.root)
    prefix = os.path.relpath(project.root, top)
    if prefix == ".":
        return list(found)
    prefix = display_path(prefix.replace(os.sep, "/"))
    return [finding._replace(place=f"{prefix}/{finding.place}") for finding in found]


def write(
    form: str,
    found: Sequence[Finding],
    scan: Scan,
    out: TextIO,
    text: Messages,
    *,
    project: Project,
    baseline: bool,
) -> None:
    """Writes *found* to *out* in one of the forms of `FORMS`."""
    found = from_repository(found, project)
    if form == "sarif":
        from migrate.report.sarif import write_sarif

        write_sarif(found, scan, out, text, baseline=baseline)
    elif form == "github":
        from migrate.report.github import write_github

        write_github(found, scan, out, text)
    elif form == "gitlab":
        from migrate.report.gitlab import write_gitlab

        write_gitlab(found, scan, out, text)
    else:
        from migrate.report.junit import write_junit

        bad = {finding.path for finding in found}
        looked = ("analysed", "no-cuda", "copy")
        clean = [file.path for file in scan.files if file.state in looked and project.shown(file.path) not in bad]
        write_junit(found, [project.place(path) for path in clean], scan, out, text)


def of_scan(scan: Scan, settings: Settings, text: Messages, given: dict[str, bytes], classes: Any) -> list[Finding]:
    """The findings of a plain scan for a platform: no baseline, suppressed ones marked."""
    from migrate.check.select import relevant

    criteria = criteria_of(settings, text)._replace(classes=tuple(classes), require_reason=settings.require_reason)
    return relevant(scan, project_of(settings), criteria, given)
