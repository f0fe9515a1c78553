"""`migrate shim`: a header that lets one source serve several stacks, the way back, and the check of completeness."""

# Names of files may hold any bytes, so they stay strings.
# ruff: noqa: PTH100, PTH103, PTH113, PTH118, PTH120, PTH123

from __future__ import annotations

import os
import shlex
from typing import TYPE_CHECKING, Any

import click

from migrate.cli import _options as shared
from migrate.cli._group import Command, texts
from migrate.errors import UserError

if TYPE_CHECKING:
    from migrate.cli._run import Run
    from migrate.config import Settings
    from migrate.messages import Messages
    from migrate.model import Scan, Target
    from migrate.rewrite.conditions import Known
    from migrate.rewrite.shim_check import Vendor
    from migrate.rewrite.shim_names import Name


@click.command(cls=Command, help="help.shim")
@click.argument("paths", nargs=-1, metavar="[PATH]…")
@shared.together(
    shared.target_option,
    shared.option("--reverse", is_flag=True, help="help.shim-reverse"),
    shared.option("--check", "check", metavar="FILE", help="help.shim-check"),
    shared.several("-D", "--define", "define", metavar="MACRO[=N][,…]", help="help.shim-define"),
    shared.several("-U", "--undefine", "undefine", metavar="MACRO[,…]", help="help.shim-undefine"),
    shared.output_option,
    shared.option("-q", "--quiet", is_flag=True, help="help.quiet"),
    shared.language_option,
    shared.file_options,
)
@click.pass_context
def shim(ctx: click.Context, /, **options: Any) -> int:
    """Writes or checks a header."""
    from migrate.cli._run import analyse

    settings = shared.settings_of(ctx, options)
    text = texts(ctx)
    targets = shared.targets_of(settings.targets, text)
    check = options["check"]
    if check is not None and (options["reverse"] or options["output"]):
        raise UserError(text("error.shim-check"))
    if check is not None and not os.path.isfile(check):
        raise UserError(text("error.missing-path", path=check))
    if options["reverse"] and len(targets) != 1:
        raise UserError(text("error.one-target", targets=", ".join(target.key for target in targets)))
    run = analyse(settings, targets, text)
    unread = [result.path for result in run.scan.files if result.state == "unreadable"]
    if unread:
        _say(text.count("shim.unread", len(unread), path=unread[0]))
    if check is not None:
        return max(_check(run.scan, targets, settings, check, options, text), 1 if unread else 0)
    return (_reverse if options["reverse"] else _forward)(run, targets, settings, options, text)


def _ported_files(settings: Settings, target: Target, text: Messages) -> Run | None:
    """The files with the target's own suffixes, which a scan leaves out; None where the user says what to read."""
    from migrate.cli._run import analyse
    from migrate.manifest import at_variant, load_manifest
    from migrate.tables.rules import rules_dir

    compiler = at_variant(load_manifest(rules_dir(), target.name), target.variant).compiler
    suffixes = {compiler.get(key, "") for key in ("suffix", "header_suffix")} - {"", ".cu", ".cuh"}
    if settings.include or not suffixes:
        return None
    return analyse(settings._replace(include=tuple(f"*{suffix}" for suffix in sorted(suffixes))), (target,), text)


def _forward(run: Run, targets: tuple[Target, ...], settings: Settings, options: dict[str, Any], text: Messages) -> int:
    """Writes the header of CUDA's names."""
    from pathlib import Path

    from migrate import __version__
    from migrate.cli._output import output
    from migrate.rewrite import shim as header
    from migrate.rewrite.shim_names import collect

    out = options["output"]
    skip = _same_file(run.scan, out)
    rules = [Path(one) for one in settings.rules]
    projects = [
        collect(run.scan, target, rules_dirs=rules, skip=skip, known=_known(target, options)) for target in targets
    ]
    made = header.header(projects, text, tool=f"migrate {__version__}", command=_again(options, settings, targets))
    with output(out, text) as stream:
        stream.write(made)
    if not options["quiet"]:
        for project in projects:
            _say(f"{project.target.title}: {header.summary(header.part(project, text), text)}")
    return 0


def _reverse(run: Run, targets: tuple[Target, ...], settings: Settings, options: dict[str, Any], text: Messages) -> int:
    """Writes the header of the target's names, and forwarding headers beside it."""
    from pathlib import Path

    from migrate import __version__
    from migrate.cli._output import output
    from migrate.rewrite.reverse import ported_words, reverse
    from migrate.rewrite.shim_names import everything

    out = options["output"]
    rules = [Path(one) for one in settings.rules]
    project = everything(run.scan, targets[0], rules_dirs=rules, skip=_same_file(run.scan, out))
    words, headers = ported_words(run.scan, run.given)
    more = _ported_files(settings, targets[0], text)
    if more is not None:
        also = ported_words(more.scan, more.given)
        words, headers = words | also[0], headers | also[1]
    made = reverse(
        project,
        text,
        tool=f"migrate {__version__}",
        command=_again(options, settings, targets),
        place=out or "shim.h",
        ported=words,
        headers=headers,
    )
    with output(out, text) as stream:
        stream.write(made.header)
    to_file = out is not None and out != "-"
    if to_file:
        folder = os.path.dirname(os.path.abspath(out))
        for name, content in made.forwards.items():
            place = os.path.join(folder, name)
            _may_write(place, text)
            try:
                os.makedirs(os.path.dirname(place), exist_ok=True)
            except OSError as error:
                raise UserError(text("error.write", path=place, reason=error.strerror)) from error
            with output(place, text) as stream:
                stream.write(content)
    if not options["quiet"]:
        _say(text.count("shim.reversed", len(made.names), forwards=len(made.forwards)))
        for target, others in made.chosen.items():
            _say(f"  {text('shim.chosen', target=target, name=made.names[target], others=', '.join(others))}")
        if not to_file and made.forwards:
            _say(text("shim.no-forwards", names=", ".join(made.forwards)))
    return 0


def _may_write(place: str, text: Messages) -> None:
    """Stops before a header that somebody else wrote is written over.

    Raises:
        UserError: the file is there and does not say that it was made by this tool.
    """
    try:
        with open(place, "rb") as stream:
            first = stream.readline()
    except FileNotFoundError:
        return
    except OSError as error:
        raise UserError(text("error.write", path=place, reason=error.strerror)) from error
    if b"migrate " not in first:
        raise UserError(text("error.shim-forward", path=place))


def _known(target: Target, options: dict[str, Any], vendor: Vendor | None = None) -> Known:
    """What conditions can count on: the manifest, the header to be checked, and what the command line says."""
    from migrate.manifest import at_variant, load_manifest
    from migrate.rewrite.conditions import Known
    from migrate.rewrite.shim_names import known_macros
    from migrate.tables.rules import rules_dir

    values = dict(vendor.values) if vendor is not None else {}
    for word in options["define"] or ():
        name, _, value = word.partition("=")
        values[name] = int(value) if value.isdigit() else 1 if not value else None
    manifest = at_variant(load_manifest(rules_dir(), target.name), target.variant)
    known = known_macros(manifest, defined=values)
    undefined = set(options["undefine"] or ())
    kept = {name: value for name, value in known.values.items() if name not in undefined}
    return Known(kept, frozenset(known.undefined) | undefined)


def _check(
    scan: Scan,
    targets: tuple[Target, ...],
    settings: Settings,
    path: str,
    options: dict[str, Any],
    text: Messages,
) -> int:
    """Lists the names that the header leaves out, one a line."""
    from pathlib import Path

    from migrate.cli._output import standard_output
    from migrate.report.plain import visible
    from migrate.rewrite import shim_check
    from migrate.rewrite.shim_names import collect

    try:
        vendor = shim_check.read(path)
    except OSError as error:
        raise UserError(text("error.write", path=path, reason=error.strerror)) from error
    out = standard_output()
    count = 0
    for target in targets:
        known = _known(target, options, vendor)
        project = collect(
            scan,
            target,
            rules_dirs=[Path(one) for one in settings.rules],
            skip=_same_file(scan, path),
            known=known,
        )
        for name in shim_check.missing(project, vendor, known):
            count += 1
            prefix = f"{target.key}: " if len(targets) > 1 else ""
            out.write(visible(prefix + _line(name, text)) + "\n")
    _say(text.count("shim.missing", count, path=path) if count else text("shim.complete", path=path))
    return 1 if count else 0


def _line(name: Name, text: Messages) -> str:
    """`cudaFoo → musaFoo  file.cu:12`, with the condition the name stands under."""
    shown = f"{name.owner}.{name.name}" if name.owner else name.name
    target = name.target or text(f"shim.short-{name.way}")
    under = f"  [#if {name.condition}]" if name.condition else ""
    return f"{shown} → {target}  {name.path}:{name.line}{under}"


def _same_file(scan: Scan, path: str | None) -> frozenset[str]:
    """The scan's name of the header itself, which is no part of the project it serves."""
    if path is None or path == "-":
        return frozenset()
    real = os.path.realpath(path)
    return frozenset(result.path for result in scan.files if os.path.realpath(result.path) == real)


def _again(options: dict[str, Any], settings: Settings, targets: tuple[Target, ...]) -> str:
    """The command that makes the header again."""
    words = ["migrate", "shim", *settings.paths, "--target", ",".join(target.key for target in targets)]
    words += ["--reverse"] if options["reverse"] else []
    words += ["-o", options["output"]] if options["output"] else []
    return shlex.join(words).replace("\n", " ")


def _say(line: str) -> None:
    from migrate.report.plain import visible

    click.echo(visible(line), err=True)
