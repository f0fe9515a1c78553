"""`migrate rewrite`: the mechanical part of a port, as a patch, in place, or in a copy."""
# ruff: noqa: PTH104, PTH112, PTH116, PTH120, PTH123
# Paths stay strings, as the scan has them, with bytes that are no UTF-8 as surrogates.

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any

import click

from migrate import phrases
from migrate.cli import _options as shared
from migrate.cli._group import Command, texts
from migrate.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from migrate.cli._run import Run
    from migrate.messages import Messages
    from migrate.rewrite.rewriter import Rewriter
    from migrate.rewrite.tree import Change

#: What the summary begins with.
_DONE = {"diff": "rewrite.done-diff", "in-place": "rewrite.done-in-place", "out": "rewrite.done-out"}

#: Build files' sources that the summary lists by name.
_LISTED = 20


@click.command(cls=Command, help="help.rewrite")
@click.argument("paths", nargs=-1, metavar="[PATH]…")
@shared.together(
    shared.target_option,
    shared.option("--diff", "how", flag_value="diff", default=True, help="help.rewrite-diff"),
    shared.option("--in-place", "how", flag_value="in-place", help="help.rewrite-in-place"),
    shared.option("--out", metavar="PATH", help="help.rewrite-out"),
    shared.option("--unsafe", is_flag=True, help="help.rewrite-unsafe"),
    shared.option("--strings/--no-strings", default=True, help="help.rewrite-strings"),
    shared.option("--annotate", is_flag=True, help="help.rewrite-annotate"),
    shared.option(
        "--launch",
        type=click.Choice(["keep", "function"]),
        default="keep",
        show_default=True,
        help="help.rewrite-launch",
    ),
    shared.option(
        "--style",
        type=click.Choice(["rename", "guard"]),
        default="rename",
        show_default=True,
        help="help.rewrite-style",
    ),
    shared.option("--rename-files", is_flag=True, help="help.rewrite-rename-files"),
    shared.option("--backup", metavar="SUFFIX", default="", help="help.rewrite-backup"),
    shared.option("--prove", is_flag=True, help="help.rewrite-prove"),
    shared.option("-q", "--quiet", is_flag=True, help="help.quiet"),
    shared.language_option,
    shared.file_options,
)
@click.pass_context
def rewrite(ctx: click.Context, /, **options: Any) -> int:
    """Rewrites and says what is left."""
    from migrate.cli._run import analyse
    from migrate.rewrite import tree

    settings = shared.settings_of(ctx, options)
    text = texts(ctx)
    targets = shared.targets_of(settings.targets, text)
    if len(targets) != 1:
        raise UserError(text("error.one-target", targets=", ".join(target.key for target in targets)))
    how = "out" if options["out"] is not None else options["how"]
    if options["out"] is not None and options["how"] == "in-place":
        raise UserError(text("error.rewrite-where"))
    if options["backup"] and (how != "in-place" or os.sep in options["backup"]):
        raise UserError(text("error.rewrite-backup"))
    if "-" in settings.paths and how != "diff" and options["out"] != "-":
        raise UserError(text("error.rewrite-stdin"))
    rewriter = _rewriter(options, settings.rules, targets[0], text)
    # Hazards take time and change nothing but what --annotate writes.
    run = analyse(settings, targets, text, to_rewrite=not options["annotate"])
    found: Iterable[Change] = tree.changes(run.scan, rewriter, given=run.given, rename_files=options["rename_files"])
    if options["prove"]:
        from migrate.cli._prove import prove

        found = all_changes = list(found)
        if not prove(rewriter, run, all_changes, settings.paths, text):
            raise UserError(text("error.not-proven"))
    if how == "diff":
        done = _print_diff(found)
    else:
        done = list(found)
        _check_end(done)
        if how == "out":
            _write_out(options["out"], settings.paths, done, run, text)
        else:
            _write_in_place(done, options["backup"], text, quiet=options["quiet"])
    if not options["quiet"]:
        _say(done, how, text, hazards=options["annotate"])
    _check_end(done)
    open_ends = any(change.changes or change.rewritten.left or change.problem for change in done)
    return 1 if open_ends else 0


def _check_end(done: Sequence[Change]) -> None:
    """Raises RuntimeError for a file whose rewriting would go on for ever: a fault of a recipe, never written."""
    for change in done:
        if not change.rewritten.converged:
            raise RuntimeError(f"rewriting {change.path} does not come to an end")


def _rewriter(options: dict[str, Any], rules: Sequence[str], target: Any, text: Messages) -> Rewriter:
    """The rewriter asked for.

    Raises:
        UserError: the target has no launch function, or no macro to write its lines under.
    """
    from pathlib import Path

    from migrate.rewrite.rewriter import Rewriter
    from migrate.rewrite.values import Options

    rewriter = Rewriter(
        target,
        Options(
            unsafe=options["unsafe"],
            launch=options["launch"],
            style=options["style"],
            strings=options["strings"],
            annotate=options["annotate"],
        ),
        rules_dirs=[Path(folder) for folder in rules],
    )
    if options["launch"] == "function" and not rewriter.has_launch_function:
        raise UserError(text("error.rewrite-launch", target=target.title))
    if options["style"] == "guard" and not rewriter.macro:
        raise UserError(text("error.rewrite-guard", target=target.title))
    return rewriter


def _print_diff(found: Any) -> list[Change]:
    """Writes the patch to standard output as it comes; returns the changes without their bytes."""
    from migrate.rewrite import diff

    kept: list[Change] = []
    out = sys.stdout.buffer
    for change in found:
        if change.changes:
            out.write(diff.patch(change.place, change.old, change.rewritten.edits, change.new_place))
        mark = b"" if not change.changes else b"\0"
        kept.append(change._replace(old=b"", rewritten=change.rewritten._replace(data=mark, edits=())))
    out.flush()
    return kept


def _write_out(out: str, paths: Sequence[str], done: list[Change], run: Run, text: Messages) -> None:
    from migrate.rewrite import tree, write

    if out == "-":
        if len(done) != 1:
            raise UserError(text("error.rewrite-one-file"))
        sys.stdout.buffer.write(done[0].rewritten.data)
        sys.stdout.buffer.flush()
        return
    real = os.path.realpath(out)
    if any(os.path.realpath(path) == real for path in paths):
        raise UserError(text("error.rewrite-where"))
    missing = [] if done else [file.path for file in run.scan.files if len(paths) == 1 and not os.path.isdir(paths[0])]
    try:
        if missing:  # a file without CUDA: its copy is complete all the same
            with open(paths[0], "rb") as stream:
                write.create(out, stream.read(), os.stat(paths[0]).st_mode & 0o7777)
        else:
            tree.write_out(paths, out, done)
    except OSError as error:
        raise UserError(text("error.write", path=error.filename or out, reason=error.strerror)) from error


def _write_in_place(done: list[Change], backup: str, text: Messages, *, quiet: bool) -> None:
    from migrate.paths import display_path
    from migrate.rewrite import tree, write

    write.clean(os.path.dirname(os.path.realpath(change.place)) for change in done)
    changed = [change for change in done if change.changes]
    if not quiet:
        loose, dirty = tree.uncommitted([change.place for change in changed])
        for identifier, places in (("rewrite.unversioned", loose), ("rewrite.uncommitted", dirty)):
            if places and not backup:
                _warn(text.count(identifier, len(places), path=display_path(places[0])))
    for change in changed:
        try:
            if change.new_place != change.place and os.path.lexists(change.new_place):
                raise UserError(text("error.rewrite-exists", path=display_path(change.new_place)))
            if change.rewritten.data != change.old:
                write.replace(change.place, change.rewritten.data, backup=backup)
            if change.new_place != change.place:
                os.rename(change.place, change.new_place)
        except OSError as error:
            raise UserError(text("error.write", path=change.path, reason=error.strerror)) from error


def _say(done: list[Change], how: str, text: Messages, *, hazards: bool) -> None:
    """The summary on standard error; without *hazards* it says that those are not counted."""
    changed = [change for change in done if change.changes]
    fixed = sum(change.rewritten.fixed for change in done)
    left = sum(len(change.rewritten.left) for change in done)
    _warn(text.count(_DONE[how], len(changed), uses=text.count("rewrite.uses", fixed)))
    assumed: dict[tuple[str, str, str], list[str]] = {}
    for change in done:
        for use, note in change.rewritten.assumed:
            said = (note.zh if text.language == "zh" else note.en) if note else text("rewrite.naming-rule")
            assumed.setdefault((change.path, use.shape.name, said), []).append(str(use.line))
    for (path, name, said), lines in assumed.items():
        _warn(f"  {path}:{','.join(dict.fromkeys(lines))}: {name}: {said}")
    waiting = sum(item.unsafe for change in done for item in change.rewritten.left)
    if left:
        _warn(text.count("rewrite.left", left))
    if waiting:
        _warn(text.count("rewrite.waiting", waiting))
    if done and not hazards:
        _warn(text("rewrite.hazards"))
    named = [(change.path, source) for change in done for source in change.named]
    for path, source in named[:_LISTED]:
        _warn(text("rewrite.named", place=f"{path}:{source.line}", name=source.name, suffix=source.suffix))
    if len(named) > _LISTED:
        _warn(text.count("rewrite.more-named", len(named) - _LISTED))
    for change in done:
        if reason := change.problem or change.rewritten.reason:
            _warn(text("headline.title", name=change.path, title=phrases.said(reason, text.language)))


def _warn(line: str) -> None:
    from migrate.report.plain import visible

    click.echo(visible(line), err=True)
