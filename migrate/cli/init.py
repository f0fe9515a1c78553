"""`migrate init`: writes the configuration and the lines of the hook, after asking."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from migrate.cli import _options as shared
from migrate.cli._group import Command, texts
from migrate.errors import UserError

if TYPE_CHECKING:
    from migrate.messages import Messages

_HOOKS = ".pre-commit-config.yaml"

#: The hook where migrate is installed already: no download, so it works in closed networks too.
_LOCAL = """\
- repo: local
  hooks:
  - id: migrate-check
    name: migrate check
    entry: migrate check --force-exclude
    language: system
    types_or: [c, c++, cuda]
    require_serial: true
"""

_REMOTE = """\
- repo: {repo}
  rev: v{version}
  hooks:
  - id: migrate-check
"""

_REPOS = re.compile(r"^repos:[ \t]*(?:#[^\n]*)?\n(?:[ \t]*(?:#[^\n]*)?\n)*([ \t]*)- ", re.MULTILINE)


class _Change(NamedTuple):
    """What is to be written into one file."""

    path: Path
    addition: str  # what a person is shown
    content: str  # the whole file afterwards


@click.command(cls=Command, help="help.init")
@shared.together(
    shared.several("-t", "--target", "targets", metavar="T[,T…]", help="help.init-target"),
    shared.option("--repo", metavar="URL", help="help.init-repo"),
    shared.option("-y", "--yes", is_flag=True, help="help.yes"),
    shared.language_option,
)
@click.pass_context
def init(ctx: click.Context, /, **options: Any) -> int:
    """Asks and writes; what is there already stays."""
    from migrate.check.findings import find_root
    from migrate.config import find_config

    text = texts(ctx)
    root = Path(find_root("", os.getcwd()))  # noqa: PTH109
    found = find_config(Path.cwd())
    yes: bool = options["yes"]
    if found is not None and "targets" in found[1]:
        click.echo(text("init.configured", path=os.path.relpath(found[0])))
    else:
        targets = _targets(options["targets"], text, yes=yes)
        place = found[0] if found is not None else root / "pyproject.toml"
        _write(_configuration(place if place.is_file() else root / "migrate.toml", targets), text, yes=yes)
    lines = _REMOTE.format(repo=options["repo"], version=_version()) if options["repo"] else _LOCAL
    _hook(root / _HOOKS, lines, text, yes=yes)
    click.echo(text("init.next"))
    return 0


def _somebody_there() -> bool:
    """Whether a person can answer."""
    return sys.stdin.isatty()


def _version() -> str:
    from migrate import __version__

    return __version__


def _targets(asked: tuple[str, ...] | None, text: Messages, *, yes: bool) -> tuple[str, ...]:
    """The targets to configure, asked for when not given; each is known.

    Raises:
        UserError: none was given and nobody can be asked.
        TargetError: one is not known.
    """
    from migrate.tables.rules import rules_dir
    from migrate.targets import names, parse_targets

    if not asked:
        if yes or not _somebody_there():
            raise UserError(text("error.init-ask"))
        known = "|".join(names(rules_dir(), main_only=True)) + "|…"
        answer: str = click.prompt(text("init.target", names=known))
        asked = tuple(part.strip() for part in answer.split(",") if part.strip())
    parse_targets(",".join(asked), rules_dir())
    return asked


def _configuration(path: Path, targets: tuple[str, ...]) -> _Change:
    """The two lines of the configuration, in `migrate.toml` or at the end of pyproject.toml."""
    value = f'"{targets[0]}"' if len(targets) == 1 else "[" + ", ".join(f'"{target}"' for target in targets) + "]"
    before = path.read_text(encoding="utf-8") if path.is_file() else ""
    line = f"target = {value}\n"
    if path.name == "migrate.toml":
        return _Change(path, line, line + before)
    if (header := re.search(r"^\[tool\.migrate\][ \t]*(?:#[^\n]*)?(?:\n|\Z)", before, re.MULTILINE)) is not None:
        joint = "" if header[0].endswith("\n") else "\n"
        return _Change(path, line, before[: header.end()] + joint + line + before[header.end() :])
    addition = f"[tool.migrate]\n{line}"
    gap = "" if not before else "\n" if before.endswith("\n") else "\n\n"
    return _Change(path, addition, before + gap + addition)


def _hook(path: Path, lines: str, text: Messages, *, yes: bool) -> None:
    """Adds the hook as the first of the list, which is right whatever follows the list."""
    shown = os.path.relpath(path)
    if not path.is_file():
        _write(_Change(path, f"repos:\n{lines}", f"repos:\n{lines}"), text, yes=yes)
        return
    before = path.read_text(encoding="utf-8")
    if re.search(r"\bid:[ \t]*[\"']?migrate-check\b", before):
        click.echo(text("init.hook-there", path=shown))
        return
    entry = _REPOS.search(before)
    if entry is None:
        click.echo(text("init.hook-by-hand", path=shown))
        click.echo(lines, nl=False)
        return
    start = entry.start(1)
    addition = "".join(f"{entry[1]}{line}\n" for line in lines.splitlines())
    _write(_Change(path, addition, before[:start] + addition + before[start:]), text, yes=yes)


def _write(change: _Change, text: Messages, *, yes: bool) -> None:
    """Writes the change after asking, unless *yes* said so beforehand.

    Raises:
        UserError: nobody can be asked, or the file cannot be written.
    """
    from migrate.cli._output import output

    shown = os.path.relpath(change.path)
    if not yes:
        if not _somebody_there():
            raise UserError(text("error.init-ask"))
        click.echo("".join(f"  {line}\n" for line in change.addition.splitlines()), nl=False)
        if not click.confirm(text("init.write", path=shown), default=True):
            click.echo(text("init.skipped", path=shown))
            return
    with output(str(change.path), text) as out:
        out.write(change.content)
    click.echo(text("init.written", path=shown))
