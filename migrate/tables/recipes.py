"""The recipes of a target (`rules/<target>/recipes.tsv`): what is rewritten beyond the spelling, and how safely.

`migrate.rewrite.recipes` says what the columns mean and carries the edits out; here they are only read, so that a
scan can say which fix a name will get.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from migrate.model import Note

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

COLUMNS = ("cuda", "arguments", "template", "level", "when", "assumption_en", "assumption_zh")

#: How sure a recipe is; "display" has no recipe.
RECIPE_LEVELS = ("safe", "unsafe")

#: Template of a row whose edits a Python function makes.
PYTHON = "@"

#: Template of a header's row that takes the whole `#include` line out.
DELETE = "-"

_ARGUMENTS = re.compile(r"\d+(?:-\d+)?|")


class RecipeRow(NamedTuple):
    """One row, as written but for its assumption."""

    cuda: str
    arguments: str  # "5", "2-3", "" for any number
    template: str
    level: str
    when: str
    assumption: Note | None

    def fits(self, count: int) -> bool:
        """Whether the row is meant for calls with *count* arguments."""
        if not self.arguments:
            return True
        low, _, high = self.arguments.partition("-")
        return int(low) <= count <= int(high or low)


def read(paths: Sequence[Path]) -> dict[str, tuple[RecipeRow, ...]]:
    """The rows of all *paths* by CUDA name; those of an earlier path come first."""
    rows: dict[str, list[RecipeRow]] = {}
    for path in paths:
        for line in path.read_text(encoding="utf-8").split("\n")[1:]:
            cells = line.rstrip("\r").split("\t")
            if len(cells) < len(COLUMNS):
                continue
            cuda, arguments, template, level, when, en, zh = cells[: len(COLUMNS)]
            note = Note(en, zh or en) if en else None
            rows.setdefault(cuda, []).append(RecipeRow(cuda, arguments, template, level, when, note))
    return {name: tuple(found) for name, found in rows.items()}


def problems(cells: Sequence[str]) -> Iterator[str]:
    """What is wrong with the words of one row."""
    cuda, arguments, template, level, _, en, zh = cells
    if not cuda:
        yield "the CUDA name is empty"
    if not _ARGUMENTS.fullmatch(arguments):
        yield f'arguments "{arguments}" is no number and no range like 2-3'
    if not template:
        yield "the template is empty; write @ for a Python recipe"
    if level not in RECIPE_LEVELS:
        yield f'level "{level}" is not one of {", ".join(RECIPE_LEVELS)}'
    if bool(en) != bool(zh):
        yield "the assumption stands in one language only"
    if level == "unsafe" and not en:
        yield "an unsafe recipe must say what it assumes"
    if level == "safe" and en:
        yield "a safe recipe assumes nothing"
    if template == DELETE and not cuda.startswith("<"):
        yield "only a header's line can be taken out"
