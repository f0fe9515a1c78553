"""`migrate rules`: the tables themselves."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from migrate.cli import _options as shared
from migrate.cli._group import Command, LazyGroup, texts
from migrate.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from migrate.model import Target
    from migrate.tables.rules import Rule

rules = LazyGroup(
    name="rules",
    lazy={
        "list": "migrate.cli.rules:list_rules",
        "show": "migrate.cli.rules:show",
        "coverage": "migrate.cli.rules:coverage",
        "lint": "migrate.cli.rules:lint",
    },
    help="help.rules",
    no_args_is_help=True,
)


@click.command("list", cls=Command, help="help.rules-list")
@click.argument("target", required=False)
@shared.together(
    shared.option("--library", metavar="NAME", help="help.library"),
    shared.option("--status", type=click.Choice(["rename", "same", "adapt", "none"]), help="help.status"),
    shared.option(
        "--level", type=click.Choice(["declared", "documented", "used", "mapped", "inferred"]), help="help.level"
    ),
    shared.format_option("text", "json"),
    shared.rules_option,
    shared.language_option,
)
@click.pass_context
def list_rules(ctx: click.Context, /, **options: Any) -> int:
    """Lists rows: as aligned columns, or as JSON."""
    from migrate.cli._output import standard_output
    from migrate.tables.rules import best_level

    text = texts(ctx)
    asked = (options["target"],) if options["target"] else ("all",)
    found: list[tuple[str, Rule]] = []
    for name, rule in _rows(asked, options["rules"], ctx):
        if options["library"] and rule.library != options["library"]:
            continue
        if options["status"] and rule.status != options["status"]:
            continue
        if options["level"] and best_level(rule.evidence) != options["level"]:
            continue
        found.append((name, rule))
    out = standard_output()
    if options["form"] == "json":
        import json

        rows = [{"of": name, **rule._asdict()} for name, rule in found]
        out.write(json.dumps({"schema_version": 1, "rules": rows}, ensure_ascii=False, indent=1) + "\n")
        return 0
    if not found:
        click.echo(text("rules.none"), err=True)
        return 0
    from migrate.report.plain import table

    several = len({name for name, _ in found}) > 1
    head = [text("column.cuda"), text("column.replacement"), text("column.status"), text("column.level")]
    head += [text("column.library"), text("column.when")]
    cells = [
        [rule.cuda, rule.target, rule.status, best_level(rule.evidence), rule.library, rule.when] for _, rule in found
    ]
    if several:
        head.insert(0, text("column.target"))
        cells = [[name, *row] for (name, _), row in zip(found, cells, strict=True)]
    for line in table([head, *cells], "<" * len(head)):
        out.write(line + "\n")
    click.echo(text.count("rules.count", len(found)), err=True)
    return 0


@click.command("show", cls=Command, help="help.rules-show")
@click.argument("name")
@shared.together(shared.target_option, shared.rules_option, shared.language_option)
@click.pass_context
def show(ctx: click.Context, /, **options: Any) -> int:
    """Shows rows as they are written, target by target, and the notes they refer to."""
    from migrate.cli._output import standard_output
    from migrate.report.explain import parse_name, row_key
    from migrate.tables.inventory import Inventory
    from migrate.tables.rules import COLUMNS, rules_dir

    text = texts(ctx)
    name: str = options["name"]
    key = row_key(parse_name(name, Inventory.load(rules_dir())))
    out = standard_output()
    empty = True
    for target, rule in _rows(options["targets"] or ("all",), options["rules"], ctx, (name, key)):
        if empty:
            out.write("\t".join(("file", *COLUMNS)) + "\n")
        empty = False
        out.write("\t".join((f"{target}/{rule.library}.tsv", *rule[:7])) + "\n")
    if empty:
        raise UserError(text("error.name", name=name))
    return 0


@click.command("coverage", cls=Command, help="help.rules-coverage")
@shared.together(
    shared.target_option, shared.format_option("text", "json"), shared.rules_option, shared.language_option
)
@click.pass_context
def coverage(ctx: click.Context, /, **options: Any) -> int:
    """Shows the share of public uses that the tables answer."""
    from migrate.cli._output import standard_output
    from migrate.report import coverage as report
    from migrate.report.plain import percent, table
    from migrate.tables.inventory import Inventory
    from migrate.tables.rules import Table, rules_dir

    text = texts(ctx)
    targets = shared.targets_of(options["targets"] or ("all",), text)
    inventory = Inventory.load(rules_dir())
    usage = report.read_usage(rules_dir(), inventory)
    own = [Path(folder) for folder in options["rules"]]
    found = [
        report.coverage(target, _variants(target), usage, Table.load(target.name, rules_dir(), own), inventory)
        for target in targets
    ]
    out = standard_output()
    if options["form"] == "json":
        import json

        out.write(json.dumps(report.as_data(found, usage), ensure_ascii=False, indent=1) + "\n")
        return 0
    whole = sum(row.uses for row in usage)
    out.write(text.count("coverage.scope", len(usage), uses=f"{whole:,}") + "\n\n")
    head = [text("column.target"), text("column.answered"), text("column.firm")]
    rows = [[*head, text("coverage.any-answered"), text("coverage.any-firm")]]
    for name, share, best in report.rows_of(found):
        cells = [percent(share.answered, whole, 1), percent(share.firm, whole, 1)]
        cells += ["", ""] if best is None else [percent(best.answered, whole, 1), percent(best.firm, whole, 1)]
        rows.append([name, *cells])
    for line in table(rows, "<>>>>"):
        out.write(line + "\n")
    out.write(text("coverage.firm") + "\n")
    return 0


@click.command("lint", cls=Command, help="help.rules-lint")
@click.argument("folders", nargs=-1, metavar="[DIR]…")
@shared.language_option
@click.pass_context
def lint(ctx: click.Context, /, **options: Any) -> int:
    """Prints every problem as `path:line: message`."""
    from migrate.cli._output import standard_output
    from migrate.report.plain import visible
    from migrate.tables import lint as linter
    from migrate.tables.rules import rules_dir

    text = texts(ctx)
    folders = [Path(folder) for folder in options["folders"]] or [rules_dir()]
    out = standard_output()
    number = 0
    for folder in folders:
        if not folder.is_dir():
            raise UserError(text("error.missing-path", path=str(folder)))
        seeds = folder.parent / "seeds"
        shown = Path(os.path.relpath(folder))
        for problem in linter.lint(folder, seeds if seeds.is_dir() else None):
            number += 1
            out.write(f"{visible(str(shown / problem.path))}:{problem.line}: {visible(problem.message)}\n")
    click.echo(text.count("lint.count", number) if number else text("lint.clean"), err=True)
    return 1 if number else 0


def _rows(
    asked: tuple[str, ...], folders: tuple[str, ...], ctx: click.Context, keys: tuple[str, ...] = ()
) -> Iterator[tuple[str, Rule]]:
    """The rows of the targets asked for, all of them or those of *keys*; target by target, by name."""
    from migrate.tables.rules import Table, rules_dir

    own = [Path(folder) for folder in folders]
    for name in dict.fromkeys(target.name for target in shared.targets_of(asked, texts(ctx))):
        table = Table.load(name, rules_dir(), own, side=True)
        rows = table.all_rows() if not keys else (rule for key in dict.fromkeys(keys) for rule in table.rows(key))
        for rule in rows:
            yield name, rule


def _variants(target: Target) -> list[Target]:
    """The variants of a target that is asked for without one."""
    from migrate.tables.rules import rules_dir
    from migrate.targets import entries, parse_target

    if target.variant:
        return []
    at = f"@{target.sdk}" if target.sdk else ""
    rows = (row for row in entries(rules_dir()) if row.name == target.name and row.variant)
    return [parse_target(f"{row.name}:{row.variant}{at}", rules_dir()) for row in rows]
