"""Scans for commands that take both: JSON that `migrate scan` wrote, and paths to scan now."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from migrate.errors import UserError

if TYPE_CHECKING:
    import click

    from migrate.effort.run import Basis
    from migrate.messages import Messages
    from migrate.model import Scan


class Named(NamedTuple):
    """A scan with the name people know it by."""

    name: str
    scan: Scan


def is_scan_file(argument: str) -> bool:
    """Whether *argument* names a scan in JSON rather than something to scan."""
    return argument.endswith(".json") and not Path(argument).is_dir()


def scans_of(ctx: click.Context, options: dict[str, Any], text: Messages) -> list[Named]:
    """The scans *options* ask for: every JSON file is one, all other paths together are one more, the last.

    Raises:
        UserError: a file is no scan, or a path is missing.
    """
    from migrate.cli import _options as shared
    from migrate.cli._run import analyse
    from migrate.scanfile import load

    arguments: tuple[str, ...] = options["paths"]
    found = []
    for argument in filter(is_scan_file, arguments):
        file, label = labelled(argument)
        found.append(Named(label or file, load(file)))
    paths = tuple(argument for argument in arguments if not is_scan_file(argument))
    if paths or not arguments:
        settings = shared.settings_of(ctx, {**options, "paths": paths or None})
        # Beside older scans the same targets are wanted again; where nothing says which, all stacks are compared.
        before = tuple(target.key for target in found[-1].scan.targets) if found else ()
        asked = settings.targets if options.get("targets") or not found else ()
        targets = shared.targets_of(asked or before or ("all",), text)
        if not found:
            targets += shared.aside_targets(targets)
        found.append(Named(" ".join(paths) or ".", analyse(settings, targets, text).scan))
    return found


def labelled(argument: str) -> tuple[str, str]:
    """File and label of `2026-08-01=scan.json`; no label where a file of the whole name exists."""
    label, equals, file = argument.partition("=")
    return (file, label) if equals and not Path(argument).exists() else (argument, "")


def wanted_targets(options: dict[str, Any], found: list[Named], text: Messages) -> tuple[str, ...]:
    """The keys of the targets asked for with the second routes the scans hold, () for all.

    Raises:
        UserError: a scan lacks one of them.
    """
    if not options.get("targets") or not found:
        return ()
    from migrate.cli import _options as shared

    targets = shared.targets_of(options["targets"], text)
    keys = tuple(target.key for target in targets)
    for item in found:
        here = {target.key for target in item.scan.targets}
        for key in keys:
            if key not in here:
                raise UserError(text("error.no-answer", path=item.name, target=key, targets=", ".join(sorted(here))))
    return keys + tuple(target.key for target in shared.aside_targets(targets))


def basis_of(options: dict[str, Any], found: list[Named], text: Messages) -> Basis:
    """Weights, finished ports and assumptions as the options say.

    Raises:
        UserError: a file or an assumption is not of its form.
    """
    from migrate.effort.calibrate import OWN_FILE
    from migrate.effort.run import basis

    changed = {}
    for item in options.get("assume") or ():
        key, equals, value = item.partition("=")
        try:
            changed[key] = float(value)
        except ValueError:
            raise UserError(text("error.assume", value=item)) from None
        if not equals:
            raise UserError(text("error.assume", value=item))
    weights = options.get("weights")
    return basis(
        Path(options.get("calibration") or OWN_FILE),
        weights_file=Path(weights) if weights else None,
        without=frozenset(options.get("without") or ()),
        changed=changed,
        names=tuple(target.name for item in found for target in item.scan.targets),
    )
