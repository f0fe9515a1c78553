"""`migrate scan`: what is CUDA in these files, and what becomes of it."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING, Any

import click

from migrate.cli import _options as shared
from migrate.cli._findings import FORMS
from migrate.cli._group import Command, texts
from migrate.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from migrate.cli._run import Run
    from migrate.messages import Messages
    from migrate.model import Scan, Target
    from migrate.report.summary import Selection

#: Values of `--show`; `report.text` says what each does.
_SHOW = ("all", "files", "evidence")


@click.command(cls=Command, help="help.scan")
@click.argument("paths", nargs=-1, metavar="[PATH]…")
@shared.together(
    shared.target_option,
    shared.format_option("text", "json", "jsonl", "csv", "markdown", "html", *FORMS),
    shared.output_option,
    shared.option("--statistics", is_flag=True, help="help.statistics"),
    shared.several("--select", metavar="ID[,ID…]", help="help.select"),
    shared.several("--ignore", metavar="ID[,ID…]", help="help.ignore"),
    shared.several("--class", "classes", metavar="CLASS[,…]", help="help.class"),
    shared.several("--show", metavar="WHAT[,…]", help="help.show"),
    shared.option("-q", "--quiet", is_flag=True, help="help.quiet"),
    shared.option("-v", "--verbose", is_flag=True, help="help.verbose"),
    shared.language_option,
    shared.color_option,
    shared.file_options,
)
@click.pass_context
def scan(ctx: click.Context, /, **options: Any) -> int:
    """Analyses and writes in the format asked for."""
    from migrate.cli._output import output
    from migrate.cli._run import analyse
    from migrate.model import CLASSES
    from migrate.report.summary import OPEN_CLASSES

    settings = shared.settings_of(ctx, options)
    text = texts(ctx)
    form: str = options["form"]
    show = frozenset(options["show"] or ())
    for value in sorted(show - set(_SHOW)):
        raise UserError(text("error.show", value=value, values=", ".join(_SHOW)))
    # People read what needs them; programs get everything unless they say otherwise.
    people = form in ("text", "markdown") and "all" not in show and not options["statistics"]
    selection = shared.selection_of(settings, options["classes"], OPEN_CLASSES if people else CLASSES, text)
    targets = shared.targets_of(settings.targets, text)
    asides = shared.aside_targets(targets) if form in ("text", "markdown") and not options["statistics"] else ()
    if form == "html":
        asides = shared.aside_targets(targets)
    started = time.monotonic()
    run = analyse(settings, targets + asides, text)
    seconds = time.monotonic() - started
    if form == "html":
        from migrate.cli import report
        from migrate.cli._scans import Named

        report.write([Named(" ".join(options["paths"]) or ".", run.scan)], (), options, text)
        return 0
    with output(options["output"], text) as out:
        if form == "json":
            from migrate.report.scan_json import write_json

            write_json(run.scan, out, selection)
        elif form == "jsonl":
            from migrate.report.scan_json import write_jsonl

            write_jsonl(run.scan, out, selection)
        elif form == "csv":
            from migrate.report.records import write_csv

            write_csv(run.scan, out, text.language, selection)
        elif form == "markdown":
            from migrate.report import markdown

            out.write(markdown.render(run.scan, text, selection, frozenset(target.key for target in asides)))
        elif form in FORMS:
            from migrate.cli import _findings

            found = _findings.of_scan(run.scan, settings, text, run.given, options["classes"] or ())
            project = _findings.project_of(settings)
            _findings.write(form, found, run.scan, out, text, project=project, baseline=False)
        else:
            for line in _text(run, text, options, selection=selection, targets=targets, asides=asides, seconds=seconds):
                out.write(line + "\n")
    return 0


def _text(
    run: Run,
    text: Messages,
    options: dict[str, Any],
    *,
    selection: Selection,
    targets: tuple[Target, ...],
    asides: tuple[Target, ...],
    seconds: float,
) -> Iterator[str]:
    """The lines for a terminal."""
    from migrate.cli._output import use_colour
    from migrate.report.lines import SourceLines
    from migrate.report.plain import Paint
    from migrate.report.text import TextOptions, render

    on_terminal = options["output"] in (None, "-") and sys.stdout.isatty()
    return render(
        run.scan,
        TextOptions(
            text=text,
            paint=Paint(on=use_colour(options["color"], options["output"])),
            selection=selection,
            show=frozenset(options["show"] or ()),
            quiet=options["quiet"],
            verbose=options["verbose"],
            statistics=options["statistics"],
            asides=frozenset(target.key for target in asides),
            next_lines=() if options["quiet"] else _next(run.scan, options["paths"], targets, text),
            seconds=seconds if on_terminal else None,
            source_line=SourceLines(run.given).text,
        ),
    )


def _next(scan: Scan, paths: tuple[str, ...], targets: tuple[Target, ...], text: Messages) -> tuple[str, ...]:
    """What a person would do next: rewrite or compare after one target, one target after several."""
    import shlex

    from migrate.cli import COMMANDS
    from migrate.report.plain import visible
    from migrate.report.summary import totals

    if "-" in paths:
        return ()
    where = visible(shlex.join(paths or (".",)))
    if len(targets) > 1:
        return (f"{text('next.one')}  migrate scan {where} --target {targets[0].key}",)
    (target,) = targets
    number = totals(scan, target.key).fixes["safe"]
    if "rewrite" in COMMANDS and number:
        return (f"{text.count('next.rewrite', number)}  migrate rewrite {where} --target {target.key}",)
    return (f"{text('next.compare')}  migrate compare {where}",)
