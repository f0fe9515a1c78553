"""`migrate targets`: which stacks there are, and how to ask for them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from migrate.cli import _options as shared
from migrate.cli._group import Command, texts

if TYPE_CHECKING:
    from collections.abc import Iterator

    from migrate.manifest import Manifest
    from migrate.messages import Messages
    from migrate.report.plain import Paint


@click.command(cls=Command, help="help.targets")
@shared.together(
    shared.format_option("text", "json"),
    shared.option("-v", "--verbose", is_flag=True, help="help.targets-verbose"),
    shared.language_option,
    shared.color_option,
)
@click.pass_context
def targets(ctx: click.Context, /, **options: Any) -> int:
    """Lists the manifests."""
    from migrate.cli._output import standard_output, use_colour
    from migrate.manifest import load_manifest
    from migrate.report.plain import Paint
    from migrate.tables.rules import rules_dir
    from migrate.targets import names

    text = texts(ctx)
    manifests = [load_manifest(rules_dir(), name) for name in names(rules_dir())]
    out = standard_output()
    if options["form"] == "json":
        import json

        data = {"schema_version": 1, "targets": [_plain(manifest) for manifest in manifests]}
        out.write(json.dumps(data, ensure_ascii=False, indent=1) + "\n")
        return 0
    paint = Paint(on=use_colour(options["color"], None))
    for line in _lines(manifests, text, paint, verbose=options["verbose"]):
        out.write(line + "\n")
    return 0


def _lines(manifests: list[Manifest], text: Messages, paint: Paint, *, verbose: bool) -> Iterator[str]:
    """One row a target; with *verbose* the titles of its variants and what its table stands on."""
    from migrate.report.plain import WIDTH, table, wrap

    head = [
        text("column.target"),
        text("column.title"),
        text("column.kind"),
        text("column.sdk"),
        text("column.variants"),
    ]
    rows = [head]
    for manifest in manifests:
        variants = [name + ("+" if variant.aside else "") for name, variant in manifest.variants.items()]
        kind = text("target-kind." + manifest.kind)
        rows.append([manifest.name, manifest.title, kind, manifest.newest_sdk, ", ".join(variants)])
    lines = table(rows, "<<<<<")
    yield paint(lines[0], "bold")
    for manifest, line in zip(manifests, lines[1:], strict=True):
        yield line
        if not verbose:
            continue
        if manifest.aliases:
            yield f"    = {', '.join(manifest.aliases)}"
        for name, variant in manifest.variants.items():
            title = variant.title.zh if text.language == "zh" else variant.title.en
            yield f"    {manifest.name}:{name}  {title}"
        yield from wrap(manifest.material.zh if text.language == "zh" else manifest.material.en, WIDTH, "    ")
    if any(variant.aside for manifest in manifests for variant in manifest.variants.values()):
        yield paint(text("targets.aside"), "dim")


def _plain(value: Any) -> Any:
    """*value* of a manifest as JSON can hold it: pairs of texts by language, tuples as lists."""
    if isinstance(value, dict):
        return {key: _plain(inner) for key, inner in value.items()}
    if hasattr(value, "_asdict"):
        return _plain(value._asdict())
    return [_plain(inner) for inner in value] if isinstance(value, (list, tuple)) else value
