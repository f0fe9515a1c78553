"""The command line. Importing this imports click and nothing else of weight: `--version` and the hook pay for it."""

from __future__ import annotations

import atexit
import contextlib
import gc
import os
import sys

import click

from migrate import __version__
from migrate.cli._group import LazyGroup, Option

#: Every command, in the order help lists them, with the place it is imported from.
COMMANDS = {
    "scan": "migrate.cli.scan:scan",
    "compare": "migrate.cli.compare:compare",
    "check": "migrate.cli.check:check",
    "baseline": "migrate.cli.baseline:baseline",
    "init": "migrate.cli.init:init",
    "estimate": "migrate.cli.estimate:estimate",
    "calibrate": "migrate.cli.calibrate:calibrate",
    "track": "migrate.cli.track:track",
    "report": "migrate.cli.report:report",
    "explain": "migrate.cli.explain:explain",
    "rewrite": "migrate.cli.rewrite:rewrite",
    "shim": "migrate.cli.shim:shim",
    "targets": "migrate.cli.targets:targets",
    "rules": "migrate.cli.rules:rules",
}

_INTERRUPTED = 130


def _version(ctx: click.Context, _parameter: click.Parameter, value: bool) -> None:
    if value and not ctx.resilient_parsing:
        click.echo(f"migrate {__version__}")
        ctx.exit()


cli = LazyGroup(
    name="migrate",
    lazy=COMMANDS,
    help="help.migrate",
    params=[
        Option(["--version"], is_flag=True, expose_value=False, is_eager=True, callback=_version, help="help.version")
    ],
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    no_args_is_help=True,
)


def main() -> None:
    """The `migrate` program."""
    # Nearly all objects live as long as the program does; looking for garbage every 700 of them costs a hook 20 ms.
    gc.set_threshold(50_000)
    try:
        cli(prog_name="migrate")
    except SystemExit as stop:
        if not isinstance(stop.code, int) or sys.gettrace() is not None or sys.getprofile() is not None:
            raise
        if stop.code != _INTERRUPTED:
            atexit._run_exitfuncs()  # noqa: SLF001 - what the interpreter does too
        # Else it would take every object apart, which costs a hook 15 ms; and where Ctrl-C ended worker processes at
        # once, its tidy farewell to them could wait for ever.
        with contextlib.suppress(OSError, ValueError, AttributeError):  # nobody reads any more, or there is no output
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(stop.code)
