"""Launches and declarations beyond what the chip takes: blocks a grid, bounds of a kernel, registers a thread."""

from __future__ import annotations

from typing import TYPE_CHECKING

from migrate import lazy
from migrate.hazards.block_size import product
from migrate.hazards.facts import Verdict, sources
from migrate.hazards.hazard import Hazard
from migrate.model import Note

if TYPE_CHECKING:
    from collections.abc import Iterator

    from migrate.hazards.code import Code
    from migrate.hazards.facts import Facts
    from migrate.parse.uses import Found

_BOUNDS = lazy.pattern(rb"__launch_bounds__")
_NUMBER = lazy.pattern(r"(?:registers of )?(\d+) (?:blocks|threads|a block)")

_GRID = Note(
    "{number} blocks a grid, but the chip takes {limit} in all ({chips})",
    "网格共 {number} 个线程块，而芯片总共只接受 {limit} 个（{chips}）",
)
_THREADS = Note(
    "__launch_bounds__ says {number} threads a block, but the chip takes {limit} ({chips})",
    "__launch_bounds__ 声明每个线程块 {number} 个线程，而芯片上限为 {limit}（{chips}）",
)


def find(code: Code) -> Iterator[Found]:
    """Grids and bounds that are constants of the file, and bounds with a second argument."""
    for launch in code.finder.launches:
        if launch.configuration:
            start, end = launch.configuration[0]
            blocks = product(code, start, end)
            if blocks > 0:
                yield code.found(start, end, "launch-limits/grid", f"{blocks} blocks")
    if b"__launch_bounds__" not in code.words:
        return
    for call in code.calls(_BOUNDS):
        if code.is_defined_at(call.start):
            continue  # a project that takes the word away
        first = code.value(code.text[slice(*call.arguments[0])].strip())
        if first:
            yield code.found(call.start, call.name_end, "launch-limits/bounds", f"{first} threads")
            yield code.found(call.start, call.name_end, "launch-limits/registers", f"registers of {first} threads")
        if len(call.arguments) > 1:
            second = code.value(code.text[slice(*call.arguments[1])].strip())
            shown = f"{second} a block" if second is not None else "computed"
            yield code.found(call.start, call.name_end, "launch-limits/second-bound", shown)


def judge(detail: str, name: str, facts: Facts) -> Verdict | None:
    """A hazard where a chip takes less, or reads the second bound in another way."""
    match = _NUMBER.fullmatch(name)
    number = int(match[1]) if match else 0
    if detail in ("grid", "bounds"):
        key, text = ("max_blocks_per_grid", _GRID) if detail == "grid" else ("max_threads_per_block", _THREADS)
        small = [chip for chip in facts.chips if 0 < getattr(chip, key) < number]
        if not small:
            return None
        words = {"number": f"{number:,}", "limit": f"{getattr(small[0], key):,}"}
        chips = ", ".join(chip.name for chip in small)
        return Verdict(Note(text.en.format(chips=chips, **words), text.zh.format(chips=chips, **words)), sources(small))
    for fact in facts.features(detail):
        if match is None or number > fact.number:  # a bound that is computed counts
            return Verdict(Note(fact.en, fact.zh), (fact.evidence,))
    return None


HAZARD = Hazard("launch-limits", "MIG442", frozenset(), find, ("grid", "bounds", "registers", "second-bound"), judge)
