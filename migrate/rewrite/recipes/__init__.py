r"""Recipes: edits for names that a new spelling alone does not port — arguments, casts, statements around a call.

Every recipe is a row of `rules/<target>/recipes.tsv`, so that `migrate scan` can promise a fix without running it.
Columns, tab separated, one header line, sorted by (cuda, arguments, when, template); the first row that fits and
whose recipe applies is taken:

    cuda         the name as rule tables spell it: `cudaMemcpy`, `cub::Sum`, `<<<>>>`
    arguments    how many arguments the call must have for this row: `5`, `2-3`, "" for any
    template     what the call becomes, or `@` when a Python function of this package writes it
    level        `safe`: loses nothing and assumes nothing; `unsafe`: the assumption below must hold
    when         condition on the target's facts, as in rule tables; "" for always
    assumption_en, assumption_zh    what an unsafe recipe takes for granted, without full stop; "" when safe

A *template* is a call of the target: `aclrtMemcpy($1, $3, $2, $3, $4)`. `$1` … `$9` stand for the arguments as
written, the layout around arguments that keep their order stays. `$*` stands for all arguments. A template that is no
call (`nullptr`, `($1)->major`, `(f($1), g($2))`) replaces the whole call.

A *Python recipe* is a function from a `Call` to a `Fix`, or to None where it does not apply (the name is then only
renamed, if it is a `rename` row, or left to a person):

    @recipe("cann", "cudaEventCreate")
    def event(call: Call) -> Fix | None:
        return call.fix(call.rename("aclrtCreateEvent"), call.insert(1, "ACL_EVENT_TIME_LINE"))

It stands in `recipes/<module>.py`; `MODULES` says which modules belong to a target; they are imported when that
target is rewritten. The level comes from the row, never from the function. Edits of arguments that stay in place
(`wrap`, `insert`, `remove`) do not overlap with the renaming of names inside them; a recipe that moves or repeats
arguments copies their text as it is, and the names inside are renamed in the next round.

What hangs on a whole file (a type's fields, a call that must come first) is a *file recipe*: a function from a `File`
to fixes, registered with `@file_recipe("cann")`. It carries its level itself, has no row, and must find
nothing to do in what it wrote.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from migrate.model import FileResult, Fix, Target
    from migrate.rewrite.calls import Call

    Recipe = Callable[[Call], Fix | None]
    FileRecipe = Callable[["File"], Iterable[Fix]]

#: Target → the modules of this package that hold its recipes.
MODULES: dict[str, tuple[str, ...]] = {
    "cambricon": ("pointers", "tags"),
    "cann": ("cann", "headers", "pointers", "start", "tags"),
    "dtk": ("hip",),
    "maca": ("tags",),
    "tops": ("pointers", "tags"),
    "xpu": ("pointers",),
}

#: (target, CUDA name) → the function that writes the edits.
REGISTRY: dict[tuple[str, str], Recipe] = {}


#: Target → the functions that look at whole files.
FILE_REGISTRY: dict[str, list[FileRecipe]] = {}


class File(NamedTuple):
    """A file as a file recipe sees it."""

    source: bytes
    view: bytes  # as long as the source; comments and insides of literals are blank
    result: FileResult  # its uses
    target: Target


def file_recipe(target: str) -> Callable[[FileRecipe], FileRecipe]:
    """Registers a function that looks at every file with uses of CUDA for *target*."""

    def register(function: FileRecipe) -> FileRecipe:
        FILE_REGISTRY.setdefault(target, []).append(function)
        return function

    return register


def file_fixes(file: File) -> Iterator[Fix]:
    """What the file recipes of its target find in *file*."""
    for function in FILE_REGISTRY.get(file.target.name, ()):
        yield from function(file)


def recipe(target: str, *names: str) -> Callable[[Recipe], Recipe]:
    """Registers a function for CUDA *names* on *target* (without variant)."""

    def register(function: Recipe) -> Recipe:
        for name in names:
            if REGISTRY.setdefault((target, name), function) is not function:
                raise ValueError(f"{target} has two recipes for {name}")
        return function

    return register


def load(target: str) -> None:
    """Imports the recipe modules of *target*."""
    for module in MODULES.get(target, ()):
        import_module(f"{__name__}.{module}")


def find(target: str, name: str) -> Recipe | None:
    """The function that writes *name* for *target*; its modules must be loaded."""
    return REGISTRY.get((target, name))
