"""`migrate explain`: one CUDA name on every stack, or the page of one finding id."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from migrate.cli import _options as shared
from migrate.cli._group import Command, texts
from migrate.errors import UserError

if TYPE_CHECKING:
    from migrate.messages import Messages

_ID = re.compile(r"MIG\d*", re.IGNORECASE)


@click.command(cls=Command, help="help.explain")
@click.argument("name", metavar="NAME|MIGnnn")
@shared.together(
    shared.target_option,
    shared.format_option("text", "json"),
    shared.option("-v", "--verbose", is_flag=True, help="help.explain-verbose"),
    shared.language_option,
    shared.color_option,
    shared.rules_option,
    shared.isolated_option,
)
@click.pass_context
def explain(ctx: click.Context, /, **options: Any) -> int:
    """Prints what the tables say."""
    settings = shared.settings_of(ctx, options)
    text = texts(ctx)
    name: str = options["name"]
    if _ID.fullmatch(name):
        _page(name.upper(), options["form"], text)
        return 0
    _name(name, settings.rules, options, text)
    return 0


def _name(name: str, folders: tuple[str, ...], options: dict[str, Any], text: Messages) -> None:
    from migrate.cli._output import standard_output, use_colour
    from migrate.report import explain as report
    from migrate.report.plain import Paint
    from migrate.tables.inventory import Inventory
    from migrate.tables.rules import Table, rules_dir

    inventory = Inventory.load(rules_dir())
    targets = shared.targets_of(options["targets"] or ("all",), text)
    own = [Path(folder) for folder in folders]
    tables = {target.name: Table.load(target.name, rules_dir(), own, side=True) for target in targets}
    found = report.explain(report.parse_name(name, inventory), targets, tables, inventory)
    if found.entry is None and not any(lines for _, lines in found.targets):
        near = _nearest(name, inventory, tables)
        if near:
            raise UserError(text("error.name-near", name=name, names=", ".join(near)))
        raise UserError(text("error.name", name=name))
    out = standard_output()
    if options["form"] == "json":
        import json

        out.write(json.dumps(report.as_data(found), ensure_ascii=False, indent=1) + "\n")
        return
    paint = Paint(on=use_colour(options["color"], None))
    for line in report.text_lines(found, text, paint, verbose=options["verbose"]):
        out.write(line + "\n")


def _nearest(name: str, inventory: Any, tables: dict[str, Any]) -> list[str]:
    """Known names spelled most like *name*: a different case counts as near, a different beginning too."""
    from difflib import get_close_matches

    known = set(inventory).union(*(table.keys() for table in tables.values()))
    same = [key for key in known if key.lower() == name.lower()]
    if same:
        return sorted(same)
    pool = sorted(key for key in known if key[:2].lower() == name[:2].lower() and abs(len(key) - len(name)) <= 6)
    return list(inventory.nearest(name, 3)) or get_close_matches(name, pool, n=3, cutoff=0.6)


def _page(identifier: str, form: str, text: Messages) -> None:
    """Writes the page of a finding id, in the wheel or in a checkout."""
    from migrate import findings
    from migrate.cli._output import standard_output

    kinds = findings.load()
    kind = kinds.get(identifier)
    if kind is None:
        raise UserError(text("error.id", id=identifier, ids=", ".join(kinds)))
    package = Path(findings.__file__).parent
    suffix = ".zh.md" if text.language == "zh" else ".md"
    for folder in (package / "_findings", package.parent / "docs" / "findings"):
        page = folder / (identifier + suffix)
        if page.is_file():
            break
    else:
        raise UserError(text("error.page", id=identifier))
    content = page.read_text(encoding="utf-8")
    if form == "json":
        import json

        data = {
            "schema_version": 1,
            "id": kind.id,
            "class": kind.category,
            "fix": kind.fix,
            "targets": kind.targets,
            "title": {"en": kind.en, "zh": kind.zh},
            "page": content,
        }
        content = json.dumps(data, ensure_ascii=False, indent=1) + "\n"
    standard_output().write(content)
