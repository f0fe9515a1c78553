"""`migrate report`: the page that managers decide on and engineers work from, and other forms of its numbers."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from migrate.cli import _options as shared
from migrate.cli._group import Command, texts
from migrate.errors import UserError

if TYPE_CHECKING:
    from migrate.cli._scans import Named
    from migrate.effort.run import Basis
    from migrate.messages import Messages
    from migrate.report.against import Older
    from migrate.report.html.parts import Report

#: Forms besides the page.
FORMS = ("html", "markdown", "csv", "xlsx")


@click.command(cls=Command, help="help.report")
@click.argument("paths", nargs=-1, metavar="[SCAN.json|PATH]…")
@shared.together(
    shared.target_option,
    shared.format_option(*FORMS),
    shared.output_option,
    shared.option(
        "--audience", type=click.Choice(["both", "manager", "engineer"]), default="both", help="help.report-audience"
    ),
    shared.several("--against", metavar="[DATE=]OLD.json[,…]", help="help.report-against"),
    shared.several("--assume", metavar="NAME=NUMBER[,…]", help="help.assume"),
    shared.effort_options,
    shared.option("--revision", metavar="NAME", help="help.report-revision"),
    shared.option("--root", metavar="DIR", default="", help="help.report-root"),
    shared.language_option,
    shared.file_options,
)
@click.pass_context
def report(ctx: click.Context, /, **options: Any) -> int:
    """Scans or reads scans, estimates, and writes; all targets when none is asked for."""
    from migrate.cli import _scans

    arguments: tuple[str, ...] = options["paths"]
    scanned = not arguments or not all(map(_scans.is_scan_file, arguments))
    if scanned and not options["targets"] and not any(map(_scans.is_scan_file, arguments)):
        options = {**options, "targets": ("all",)}
    found = _scans.scans_of(ctx, options, texts(ctx))
    text = texts(ctx)
    wanted = _scans.wanted_targets(options, found, text)
    write(found, wanted, options, text)
    return 0


def write(found: list[Named], wanted: tuple[str, ...], options: dict[str, Any], text: Messages) -> None:
    """Writes the report of *found* in the form that *options* ask for.

    Raises:
        UserError: xlsx without a file or without its package, or a scan to compare with that does not fit.
    """
    from migrate.cli import _scans
    from migrate.cli._output import output
    from migrate.report.html import forms, view

    form = options["form"]
    on = _scans.basis_of(options, found, text)
    older = _older(found, options.get("against") or (), on, text)
    scans = [(_name(item.name), options.get("revision") or _revision(item.name), item.scan) for item in found]
    seen = view.report(scans, on, wanted)
    if form == "xlsx":
        _sheet(seen, options["output"], text)
        return
    with output(options["output"], text) as out:
        if form == "csv":
            out.writelines(forms.csv_lines(seen))
        elif form == "markdown":
            out.write(forms.markdown(seen, text, older))
        else:
            from migrate.report.html.render import render

            audience = options.get("audience") or "both"
            root = options.get("root") or ""
            out.write(render(seen, language=text.language, root=root, older=older, audience=audience))


def _sheet(seen: Report, path: str | None, text: Messages) -> None:
    if path in (None, "-"):
        raise UserError(text("error.report-file"))
    try:
        from migrate.report import xlsx
    except ImportError as error:
        raise UserError(text("error.no-xlsx")) from error
    assert path is not None
    try:
        xlsx.write(seen, path, text)
    except OSError as error:
        raise UserError(text("error.write", path=path, reason=error.strerror or str(error))) from error


def _older(found: list[Named], paths: tuple[str, ...], on: Basis, text: Messages) -> dict[tuple[int, str], Older]:
    if not paths:
        return {}
    from migrate.cli._scans import labelled
    from migrate.report.against import against
    from migrate.scanfile import load

    if len(found) != 1:
        raise UserError(text("error.against-many", n=len(found)))
    scans = [(label or _name(file), load(file)) for file, label in map(labelled, paths)]
    return {(0, key): older for key, older in against(scans, found[0].scan, on).items()}


def _name(where: str) -> str:
    """What people call the project: a scan's file without its suffix, or the folder that was scanned."""
    if where.endswith(".json"):
        return Path(where).name.removesuffix(".json")
    return where if " " in where else Path(where).resolve().name


def _revision(where: str) -> str:
    """The revision git knows of a scanned folder, "" for anything else."""
    from migrate.git import run_git

    if where.endswith(".json") or not Path(where).is_dir():
        return ""
    answer = run_git(where, "rev-parse", "--short", "HEAD")
    return answer[1].strip() if answer is not None and answer[0] == 0 else ""
