"""`migrate compare`: all stacks side by side from one scan."""

from __future__ import annotations

from typing import Any

import click

from migrate.cli import _options as shared
from migrate.cli._group import Command, texts


@click.command(cls=Command, help="help.compare")
@click.argument("paths", nargs=-1, metavar="[PATH]…")
@shared.together(
    shared.target_option,
    shared.format_option("text", "json", "markdown", "csv"),
    shared.output_option,
    shared.language_option,
    shared.color_option,
    shared.file_options,
)
@click.pass_context
def compare(ctx: click.Context, /, **options: Any) -> int:
    """Compares the targets asked for, all of them when none is; a configured target does not narrow it."""
    from migrate.cli._output import output, use_colour
    from migrate.cli._run import analyse
    from migrate.report import compare as report
    from migrate.report import markdown, records
    from migrate.report.plain import Paint
    from migrate.report.summary import census

    settings = shared.settings_of(ctx, options)
    text = texts(ctx)
    targets = shared.targets_of(options["targets"] or ("all",), text)
    asides = {target.key: target for target in shared.aside_targets(targets)}
    # Each second route stands below the stack it belongs to.
    ordered = tuple(
        row
        for target in targets
        for row in (target, *(aside for aside in asides.values() if aside.name == target.name and not target.variant))
    )
    run = analyse(settings, ordered, text)
    keys = frozenset(asides)
    with output(options["output"], text) as out:
        if options["form"] == "markdown":
            out.write(markdown.render_compare(run.scan, text, keys))
            return 0
        rows = report.rows(run.scan, census(run.scan), keys)
        if options["form"] == "json":
            import json

            out.write(json.dumps(report.as_data(run.scan, rows, text), ensure_ascii=False, indent=1) + "\n")
        elif options["form"] == "csv":
            out.write("".join(map(records.row, report.records(rows, text))))
        else:
            paint = Paint(on=use_colour(options["color"], options["output"]))
            if not any(file.uses for file in run.scan.files):
                out.write(text("no-uses") + "\n")
                return 0
            for line in (report.headline(rows, run.scan, text), "", *report.text_lines(rows, text, paint)):
                out.write(line + "\n")
    return 0
