"""`migrate estimate`: what a port would cost, target by target and route by route."""

from __future__ import annotations

from typing import Any

import click

from migrate.cli import _options as shared
from migrate.cli._group import Command, texts


@click.command(cls=Command, help="help.estimate")
@click.argument("paths", nargs=-1, metavar="[SCAN.json|PATH]…")
@shared.together(
    shared.target_option,
    shared.several("--assume", metavar="NAME=NUMBER[,…]", help="help.assume"),
    shared.effort_options,
    shared.option("-v", "--verbose", is_flag=True, help="help.estimate-verbose"),
    shared.format_option("text", "json"),
    shared.output_option,
    shared.language_option,
    shared.color_option,
    shared.file_options,
)
@click.pass_context
def estimate(ctx: click.Context, /, **options: Any) -> int:
    """Writes ranges, where the days come from, and what they rest on."""
    from migrate.cli import _scans
    from migrate.cli._output import output, use_colour
    from migrate.effort.run import estimates
    from migrate.report.effort_json import estimate_json
    from migrate.report.effort_text import estimate_lines
    from migrate.report.plain import Paint, visible

    found = _scans.scans_of(ctx, options, texts(ctx))
    text = texts(ctx)
    wanted = _scans.wanted_targets(options, found, text)
    on = _scans.basis_of(options, found, text)
    with output(options["output"], text) as out:
        if options["form"] == "json":
            import json

            data = [estimate_json(estimates(item.scan, on, wanted), item.scan, on) for item in found]
            out.write(json.dumps(data if len(data) > 1 else data[0], ensure_ascii=False, indent=1) + "\n")
            return 0
        paint = Paint(on=use_colour(options["color"], options["output"]))
        for number, item in enumerate(found):
            if len(found) > 1:
                out.write(("\n" if number else "") + paint(visible(item.name), "bold") + "\n")
            if not any(file.uses for file in item.scan.files):
                out.write(text("no-uses") + "\n")
                continue
            for line in estimate_lines(estimates(item.scan, on, wanted), text, paint, every=options["verbose"]):
                out.write(line + "\n")
    return 0
