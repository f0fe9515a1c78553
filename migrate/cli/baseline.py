"""`migrate baseline`: writes down the findings a project lives with for now; `check` then speaks of new ones only."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import click

from migrate.cli import _options as shared
from migrate.cli._findings import baseline_path, criteria_of, project_of, whole_project
from migrate.cli._group import Command, texts

if TYPE_CHECKING:
    from migrate.check.baseline import Baseline
    from migrate.check.findings import Project
    from migrate.config import Settings


@click.command(cls=Command, help="help.baseline")
@click.argument("paths", nargs=-1, metavar="[PATH]…")
@shared.together(
    shared.target_option,
    shared.option("--prune", is_flag=True, help="help.prune"),
    shared.several("--fail-on", metavar="CLASS[,…]", help="help.fail-on"),
    shared.several("--select", metavar="ID[,ID…]", help="help.select"),
    shared.several("--ignore", metavar="ID[,ID…]", help="help.ignore"),
    shared.option("--baseline", metavar="FILE", help="help.baseline-option"),
    shared.option("-q", "--quiet", is_flag=True, help="help.baseline-quiet"),
    shared.language_option,
    shared.file_options,
)
@click.pass_context
def baseline(ctx: click.Context, /, **options: Any) -> int:
    """Analyses and writes the file, which is replaced only when everything went well."""
    from migrate.check import baseline as known
    from migrate.check.select import relevant
    from migrate.cli._output import output
    from migrate.cli._run import analyse

    settings = shared.settings_of(ctx, options)
    text = texts(ctx)
    criteria = criteria_of(settings, text)
    targets = shared.targets_of(settings.targets, text)
    project = project_of(settings)
    path = baseline_path(settings, project)
    paths: tuple[str, ...] = options["paths"]
    old = known.load(path) if options["prune"] or paths else None
    run = analyse(settings._replace(paths=paths or (whole_project(project),)), targets, text)
    counts = known.count(relevant(run.scan, project, criteria, run.given))
    looked_at = {project.place(file.path) for file in run.scan.files} if paths else None
    renamed, gone = _moved(old, counts, settings, project)
    new = known.update(
        old,
        tuple(target.key for target in targets),
        counts,
        looked_at,
        prune=options["prune"],
        renamed=renamed,
        gone=gone,
    )
    with output(path, text) as out:
        out.write(known.render(new))
    if not options["quiet"]:
        shown = os.path.relpath(path)
        click.echo(text.count("baseline.written", new.total, path=shown, lines=f"{len(new.counts):,}"))
    return 0


def _moved(
    old: Baseline | None, counts: dict[tuple[str, str, str, str], int], settings: Settings, project: Project
) -> tuple[dict[str, str], set[str]]:
    """Files that were renamed since the baseline was written, and paths of it that are gone."""
    from migrate.check.baseline import missing

    if old is None:
        return {}, set()
    gone = missing(old, project.root)
    if not gone:
        return {}, gone
    from migrate.check.gitdiff import renames

    found = renames(project.root, baseline_path(settings, project))
    places = {identity[0] for identity in counts}
    return {now: before for now, before in found.items() if before in gone and now in places}, gone
