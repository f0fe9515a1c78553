"""What rewriting a file takes and gives: options, and what became of the file."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from migrate.model import Answer, Edit, Note, Use

#: What a launch may become (`--launch`) and how the target's lines are written (`--style`).
LAUNCH_FORMS = ("keep", "function")
STYLES = ("rename", "guard")


class Options(NamedTuple):
    """How to rewrite."""

    unsafe: bool = False  # apply unsafe fixes too
    launch: str = "keep"  # one of LAUNCH_FORMS
    style: str = "rename"  # one of STYLES
    strings: bool = True  # rename API names in the text of messages
    annotate: bool = False  # write the finding's id behind the line of what is left


class Left(NamedTuple):
    """A use that a person has to look at."""

    use: Use
    answer: Answer
    unsafe: bool  # whether a fix that assumes something is at hand


class Assumed(NamedTuple):
    """An unsafe fix that was applied."""

    use: Use
    assumption: Note | None


class Rewritten(NamedTuple):
    """What became of one file."""

    data: bytes  # the new bytes; the old object itself when nothing changes
    edits: tuple[Edit, ...]  # of the old bytes, sorted
    fixed: int  # uses mended
    assumed: tuple[Assumed, ...]
    left: tuple[Left, ...]
    reason: str  # why the file was left alone, "" when it was not
    converged: bool  # whether a further round would change nothing
