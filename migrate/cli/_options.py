"""Options several commands share, and how their values become settings."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from migrate.cli._group import LANGUAGE, Option
from migrate.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from migrate.config import Settings
    from migrate.messages import Messages
    from migrate.model import Target
    from migrate.report.summary import Selection

    _F = TypeVar("_F", bound=Callable[..., Any])

#: Options of the command line that are fields of `Settings`, by the name click gives them.
_FIELDS = (
    "exclude", "extend_exclude", "include", "respect_gitignore", "force_exclude", "stdin_filename", "max_file_size",
    "rules", "select", "ignore", "jobs", "executor", "cache", "fail_on", "baseline",
)  # fmt: skip


def _remember_language(ctx: click.Context, _parameter: click.Parameter, value: str | None) -> str | None:
    if value is not None:
        ctx.meta[LANGUAGE] = value
    return value


def option(*declarations: str, **attributes: Any) -> Callable[[_F], _F]:
    """A click option whose help is an id of messages.tsv."""
    return click.option(*declarations, cls=Option, **attributes)


def several(*declarations: str, **attributes: Any) -> Callable[[_F], _F]:
    """An option that takes a list: separated by commas, or given again."""
    return option(*declarations, multiple=True, callback=_split, **attributes)


def _split(_ctx: click.Context, _parameter: click.Parameter, value: tuple[str, ...]) -> tuple[str, ...] | None:
    items = tuple(item.strip() for part in value for item in part.split(",") if item.strip())
    return items or None


def together(*options: Callable[[_F], _F]) -> Callable[[_F], _F]:
    """*options* as one decorator, in the order given."""

    def decorate(function: _F) -> _F:
        for decorate_one in reversed(options):
            function = decorate_one(function)
        return function

    return decorate


language_option = option(
    "--lang", type=click.Choice(["en", "zh"]), is_eager=True, callback=_remember_language, help="help.lang"
)
target_option = several("-t", "--target", "targets", metavar="T[,T…]", help="help.target")
output_option = option("-o", "--output", metavar="FILE", help="help.output")
color_option = option(
    "--color", type=click.Choice(["auto", "always", "never"]), default="auto", show_default=True, help="help.color"
)
rules_option = option("--rules", multiple=True, metavar="DIR", help="help.rules-option")
isolated_option = option("--isolated", is_flag=True, help="help.isolated")
effort_options = together(
    option("--calibration", metavar="FILE", help="help.calibration"),
    several("--without", metavar="PORT[,…]", help="help.without"),
    option("--weights", metavar="FILE", help="help.weights"),
)
file_options = together(
    several("--exclude", metavar="PATTERN[,…]", help="help.exclude"),
    several("--extend-exclude", metavar="PATTERN[,…]", help="help.extend-exclude"),
    several("--include", metavar="PATTERN[,…]", help="help.include"),
    option("--respect-gitignore/--no-respect-gitignore", default=None, help="help.respect-gitignore"),
    option("--force-exclude/--no-force-exclude", default=None, help="help.force-exclude"),
    option("--stdin-filename", metavar="NAME", help="help.stdin-filename"),
    option("--max-file-size", type=click.IntRange(min=0), metavar="BYTES", help="help.max-file-size"),
    option("-j", "--jobs", type=click.IntRange(min=0), metavar="N", help="help.jobs"),
    option("--executor", metavar="dask=ADDRESS", help="help.executor"),
    option("--cache/--no-cache", default=None, help="help.cache"),
    rules_option,
    isolated_option,
)


def format_option(*formats: str) -> Callable[[_F], _F]:
    """`--format` with the formats a command has, the first being the default."""
    return option(
        "--format", "form", type=click.Choice(formats), default=formats[0], show_default=True, help="help.format"
    )


def settings_of(ctx: click.Context, options: dict[str, Any]) -> Settings:
    """What the command line, the environment and the configuration say together; also settles the language.

    Raises:
        UserError: the configuration is wrong.
    """
    from migrate.config import settings

    values = {name: options.get(name) or None for name in ("rules",)}
    values |= {name: options.get(name) for name in _FIELDS if name != "rules"}
    values["paths"] = options.get("paths") or None
    values["targets"] = options.get("targets")
    values["lang"] = options.get("lang")
    merged = settings(values, Path.cwd(), isolated=bool(options.get("isolated")))
    if merged.lang:
        ctx.meta[LANGUAGE] = merged.lang
    return merged


def targets_of(asked: Iterable[str], text: Messages) -> tuple[Target, ...]:
    """The targets asked for.

    Raises:
        UserError: none was asked for; the message says how to.
        TargetError: one is not known.
    """
    from migrate.tables.rules import rules_dir
    from migrate.targets import names, parse_targets

    notation = ",".join(asked)
    if not notation:
        raise UserError(text("error.no-target", names="|".join(names(rules_dir(), main_only=True)) + "|…"))
    return parse_targets(notation, rules_dir())


def aside_targets(targets: Iterable[Target]) -> tuple[Target, ...]:
    """The compile-as-is routes of the stacks whose default route is asked for: the cheaper port is often that one."""
    from migrate import targets as registry
    from migrate.tables.rules import rules_dir

    asked = tuple(targets)
    keys = {target.key for target in asked}
    found = (aside for target in asked for aside in registry.asides(target, rules_dir()))
    return tuple(aside for aside in found if aside.key not in keys)


def selection_of(
    settings: Settings, classes: tuple[str, ...] | None, default: Iterable[str], text: Messages
) -> Selection:
    """Which findings are listed.

    Raises:
        UserError: a class is not one, or no finding id starts as asked.
    """
    from migrate import findings
    from migrate.model import CLASSES
    from migrate.report.summary import Selection

    for value in classes or ():
        if value not in CLASSES:
            raise UserError(text("error.class", value=value, values=", ".join(CLASSES)))
    for name, prefixes in (("--select", settings.select), ("--ignore", settings.ignore)):
        for prefix in prefixes:
            if not any(identifier.startswith(prefix) for identifier in findings.load()):
                raise UserError(text("error.select", option=name, value=prefix))
    return Selection(settings.select, settings.ignore, frozenset(classes or default))
