"""`migrate calibrate`: what finished ports say about the estimates, and adding one's own."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from migrate.cli import _options as shared
from migrate.cli._group import Command, texts
from migrate.errors import UserError

if TYPE_CHECKING:
    from migrate.effort.calibrate import Done, Own
    from migrate.effort.run import Basis
    from migrate.messages import Messages


@click.command(cls=Command, help="help.calibrate")
@shared.together(
    shared.option("--add", multiple=True, metavar="DONE.toml", help="help.add"),
    shared.effort_options,
    shared.format_option("text", "json"),
    shared.output_option,
    shared.language_option,
    shared.color_option,
)
@click.pass_context
def calibrate(ctx: click.Context, /, **options: Any) -> int:
    """Adds what is given, then shows reference ports, own ports, factor and spread."""
    from dataclasses import replace

    from migrate.cli import _scans
    from migrate.cli._output import output, use_colour
    from migrate.effort import calibrate as model
    from migrate.report.effort_text import calibration_lines
    from migrate.report.plain import Paint

    text = texts(ctx)
    on = _scans.basis_of(options, [], text)
    if options["add"]:
        own = on.own
        for path in options["add"]:
            for done in model.read_done(Path(path)):
                own = model.added(own, _measured(done, on, text))
        with output(options["calibration"] or model.OWN_FILE, text) as out:
            out.write(model.own_table(own))
        on = replace(on, own=tuple(sorted(own)))
    with output(options["output"], text) as out:
        if options["form"] == "json":
            import json

            out.write(json.dumps(_data(on), ensure_ascii=False, indent=1) + "\n")
        else:
            paint = Paint(on=use_colour(options["color"], options["output"]))
            for line in calibration_lines(on, text, paint):
                out.write(line + "\n")
    return 0


def _measured(done: Done, on: Basis, text: Messages) -> Own:
    """The finished port with what the weights alone gave at its start: neither calibrated nor tuned."""
    from migrate.effort.calibrate import Own
    from migrate.effort.count import count
    from migrate.effort.estimate import estimate
    from migrate.scanfile import load

    scan = load(done.scan)
    keys = [target.key for target in scan.targets]
    key = done.target or (keys[0] if len(keys) == 1 else "")
    if key not in keys:
        raise UserError(text("error.done-target", path=done.scan, targets=", ".join(keys)))
    found = estimate(count(scan, key), on.weights, changed=done.assumptions)
    kind = next(target.kind for target in scan.targets if target.key == key)
    return Own(done.name, key, kind, done.days, done.finished, found.range.p50, on.weights.digest)


def _data(on: Basis) -> dict[str, Any]:
    from migrate.effort.calibrate import calibration

    families = {}
    for family in on.weights.sigma:
        known = calibration("", family, on.weights, ports=on.ports, own=on.own, without=on.without)
        families[family] = {
            "n": known.n,
            "own": known.own,
            "date": known.date,
            "factor": known.factor,
            "sigma": known.sigma,
        }
    return {
        "schema_version": 1,
        "weights": {"version": on.weights.version, "digest": on.weights.digest},
        "families": families,
        "ports": [
            {**port._asdict(), "paths": list(port.paths), "counts": port.port not in on.without} for port in on.ports
        ],
        "own": [{**row._asdict(), "current": row.weights == on.weights.digest} for row in on.own],
    }
