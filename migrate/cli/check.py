"""`migrate check`: what is new in these files or in the project, for hooks and CI. Imports what a clean run needs."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import click

from migrate.cli import _options as shared
from migrate.cli._findings import FORMS, baseline_path, criteria_of, project_of, whole_project, write
from migrate.cli._group import Command, texts
from migrate.errors import UserError

if TYPE_CHECKING:
    from migrate.check.baseline import Baseline
    from migrate.check.findings import Finding, Project
    from migrate.check.gitdiff import Changed
    from migrate.check.select import Criteria
    from migrate.cli._run import Run
    from migrate.config import Settings
    from migrate.messages import Messages
    from migrate.model import Target


@click.command(cls=Command, help="help.check")
@click.argument("paths", nargs=-1, metavar="[FILE]…")
@shared.together(
    shared.target_option,
    shared.format_option("text", "json", *FORMS),
    shared.output_option,
    shared.several("--fail-on", metavar="CLASS[,…]", help="help.fail-on"),
    shared.several("--select", metavar="ID[,ID…]", help="help.select"),
    shared.several("--ignore", metavar="ID[,ID…]", help="help.ignore"),
    shared.option("--baseline", metavar="FILE", help="help.baseline-option"),
    shared.option("--no-baseline", is_flag=True, help="help.no-baseline"),
    shared.option("--ratchet", is_flag=True, help="help.ratchet"),
    shared.option("--diff-base", metavar="REV", help="help.diff-base"),
    shared.language_option,
    shared.color_option,
    shared.file_options,
)
@click.pass_context
def check(ctx: click.Context, /, **options: Any) -> int:
    """Analyses and lists what is new; 1 when there is anything."""
    settings = shared.settings_of(ctx, options)
    text = texts(ctx)
    criteria = criteria_of(settings, text)
    targets = shared.targets_of(settings.targets, text)
    project = project_of(settings)
    baseline = None if options["no_baseline"] else _baseline(settings, project, targets, text)
    paths: tuple[str, ...] = options["paths"]
    if options["ratchet"]:
        if paths or options["diff_base"]:
            raise UserError(text("error.ratchet-paths"))
        if baseline is None:
            raise UserError(text("error.ratchet-baseline", path=baseline_path(settings, project)))
    changed, paths = _changed(options["diff_base"], paths, project)
    run, found = _examine(paths, settings, targets, text, project=project, criteria=criteria)

    from migrate.check import select

    def renamed() -> dict[str, str]:
        return _renamed(settings, project)

    found = select.against(found, baseline, changed, renamed)
    failed = bool(select.new(found))
    summary: list[str] = []
    if options["ratchet"]:
        assert baseline is not None
        now = select.open_count(found)
        failed = now > baseline.total
        summary = [
            text("check.ratchet" if failed else "check.ratchet-held", before=f"{baseline.total:,}", now=f"{now:,}")
        ]
        if now < baseline.total:
            summary.append(text("check.ratchet-lower"))
    elif os.environ.get("PRE_COMMIT") != "1":  # in a hook several processes share the files: none knows a total
        summary = _summary(found, text)
    known = baseline is not None
    _write(run, found, options, text, project=project, summary=summary, baseline=known, show=failed)
    return int(failed)


def _baseline(settings: Settings, project: Project, targets: tuple[Target, ...], text: Messages) -> Baseline | None:
    """The project's baseline, None when it has none.

    Raises:
        UserError: it was asked for and is not there, or was written for other targets.
    """
    path = baseline_path(settings, project)
    if not os.path.exists(path):  # noqa: PTH110 - spares an import on the way of a hook
        if settings.baseline:
            raise UserError(text("error.missing-path", path=settings.baseline))
        return None
    from migrate.check.baseline import load

    baseline = load(path)
    asked = {target.key for target in targets}
    if baseline is not None and not asked <= set(baseline.targets or asked):
        raise UserError(
            text(
                "error.baseline-targets",
                path=path,
                known=", ".join(baseline.targets),
                asked=", ".join(target.key for target in targets),
            )
        )
    return baseline


def _changed(revision: str | None, paths: tuple[str, ...], project: Project) -> tuple[Changed | None, tuple[str, ...]]:
    """What changed since *revision*, and the paths to look at: the changed files, or those of *paths* that changed."""
    if revision is None:
        return None, paths or (whole_project(project),)
    from migrate.check.gitdiff import changed
    from migrate.paths import language_of, plain_path

    found = changed(project.root, revision)
    files = [
        os.path.join(project.root, plain_path(path))  # noqa: PTH118
        for path in found.paths
        if language_of(path.rpartition("/")[2])
    ]
    files = [os.path.relpath(path) for path in files if os.path.isfile(path)]  # noqa: PTH113
    if paths:
        asked = [os.path.abspath(path) for path in paths]  # noqa: PTH100
        files = [
            file
            for file in files
            if any(f"{os.path.abspath(file)}/".startswith(f"{path.rstrip('/')}/") for path in asked)  # noqa: PTH100
        ]
    return found, tuple(files)


def _examine(
    paths: tuple[str, ...],
    settings: Settings,
    targets: tuple[Target, ...],
    text: Messages,
    *,
    project: Project,
    criteria: Criteria,
) -> tuple[Run, list[Finding]]:
    """Analyses *paths*, and again with the rest of the project where that may explain what single files give."""
    from migrate.check.select import relevant
    from migrate.cli._run import analyse

    # Files are named one by one in hooks and with --diff-base; the project's exclusions hold for them all the same.
    settings = settings._replace(paths=paths)
    run = analyse(settings, targets, text)
    found = relevant(run.scan, project, criteria, run.given)
    if not found or "-" in paths or all(os.path.isdir(path) for path in paths):  # noqa: PTH112
        return run, found
    context = _context(found, project)
    own = {file.path for file in run.scan.files}
    context = [path for path in map(os.path.relpath, context) if path not in own]
    if not context:
        return run, found
    wider = analyse(settings._replace(paths=(*paths, *context)), targets, text).scan
    shown = {project.shown(path) for path in own}
    # A file may be a copy of one that is only there for context, so its findings are taken before that one is let go.
    found = [finding for finding in relevant(wider, project, criteria, run.given) if finding.path in shown]
    return run._replace(scan=wider._replace(files=tuple(file for file in wider.files if file.path in own))), found


def _context(found: list[Finding], project: Project) -> list[str]:
    """Files of the project that may declare what *found* takes for unknown: a hook sees one file of many."""
    unknown = [finding for finding in found if finding.shape is not None and finding.shape.library in ("", "torch")]
    headers = {
        finding.name.rpartition("/")[2] for finding in unknown if finding.shape and finding.shape.kind == "include"
    }
    names = {finding.name for finding in unknown if finding.shape and finding.shape.kind != "include"}
    gaps = any(finding.id == "MIG902" or (finding.shape and finding.shape.gap) for finding in found)
    if not (names or headers or gaps):
        return []
    from migrate.check.gitdiff import mentions

    return mentions(project.root, names, headers, macros=gaps)


def _renamed(settings: Settings, project: Project) -> dict[str, str]:
    from migrate.check.gitdiff import renames

    return renames(project.root, baseline_path(settings, project))


def _summary(found: list[Finding], text: Messages) -> list[str]:
    """One line with what there is: new, known, suppressed."""
    states = [finding.state for finding in found]
    words = {"new": "check.count-new", "known": "check.count-known", "suppressed": "check.count-suppressed"}
    parts = [text.count(word, states.count(state)) for state, word in words.items() if state in states]
    return [text("files.comma").join(parts) or text("check.clean")]


def _write(
    run: Run,
    found: list[Finding],
    options: dict[str, Any],
    text: Messages,
    *,
    project: Project,
    summary: list[str],
    baseline: bool,
    show: bool,
) -> None:
    """Writes in the form asked for; in text new findings, and only when they make the check fail."""
    from migrate.cli._output import output, use_colour

    form: str = options["form"]
    if form == "text" and not found and not summary:
        return
    with output(options["output"], text) as out:
        if form == "text":
            if show:
                from migrate.check.select import new
                from migrate.report.check_text import lines
                from migrate.report.plain import Paint

                paint = Paint(on=use_colour(options["color"], options["output"]))
                for line in lines(new(found), run.scan, text, paint):
                    out.write(line + "\n")
            for line in summary:
                out.write(line + "\n")
        elif form == "json":
            from migrate.report.check_json import write_json

            write_json(found, run.scan, out, text)
        else:
            write(form, found, run.scan, out, text, project=project, baseline=baseline)
