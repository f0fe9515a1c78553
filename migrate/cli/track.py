"""`migrate track`: how a port comes along, from scans of its states."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from migrate.cli import _options as shared
from migrate.cli._group import Command, texts
from migrate.errors import UserError

if TYPE_CHECKING:
    from migrate.effort.track import Track


@click.command(cls=Command, help="help.track")
@click.argument("paths", nargs=-1, required=True, metavar="[DATE=]SCAN.json… [PATH]…")
@shared.together(
    shared.target_option,
    shared.option("--spent", type=click.FloatRange(min=0), metavar="DAYS", help="help.spent"),
    shared.several("--assume", metavar="NAME=NUMBER[,…]", help="help.assume"),
    shared.effort_options,
    shared.format_option("text", "json"),
    shared.output_option,
    shared.language_option,
    shared.color_option,
    shared.file_options,
)
@click.pass_context
def track(ctx: click.Context, /, **options: Any) -> int:
    """Writes burn-down, what changed last, and the running estimate."""
    from migrate.cli import _scans
    from migrate.cli._output import output, use_colour
    from migrate.effort.track import track as follow
    from migrate.report.effort_text import track_lines
    from migrate.report.plain import Paint

    found = _scans.scans_of(ctx, options, texts(ctx))
    text = texts(ctx)
    if len(found) < 2:
        raise UserError(text("error.track"))
    on = _scans.basis_of(options, found, text)
    wanted = _scans.wanted_targets(options, found, text)
    targets = tuple(
        target.key
        for target in found[0].scan.targets
        if (not wanted or target.key in wanted)
        and all(any(other.key == target.key for other in item.scan.targets) for item in found)
    )
    if not targets:
        raise UserError(text("error.track-targets"))
    tracked = [follow(found, key, on.weights, spent=options["spent"], estimator=on.estimate) for key in targets]
    with output(options["output"], text) as out:
        if options["form"] == "json":
            import json

            data = {"schema_version": 1, "targets": [_data(item) for item in tracked]}
            out.write(json.dumps(data, ensure_ascii=False, indent=1) + "\n")
        else:
            paint = Paint(on=use_colour(options["color"], options["output"]))
            for line in track_lines(tracked, text, paint):
                out.write(line + "\n")
    return 0


def _data(item: Track) -> dict[str, Any]:
    """One target's series as JSON values."""
    return {
        "target": item.target,
        "route": item.start.route,
        "start": dict(item.start.range._asdict()),
        "steps": [{**step._asdict(), "left": dict(step.left._asdict())} for step in item.steps],
        "changes": [dict(change._asdict()) for change in item.changes],
        "spent": item.spent,
        "pace": item.pace,
        "total": None if item.total is None else dict(item.total._asdict()),
        "fixed_a_day": item.per_day,
        "finish": item.finish,
    }
