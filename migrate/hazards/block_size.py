"""Blocks with more threads than the chip, or the kernel's declaration, allows."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from migrate import lazy
from migrate.hazards.facts import Verdict, sources
from migrate.hazards.hazard import Hazard
from migrate.model import Note

if TYPE_CHECKING:
    from collections.abc import Iterator

    from migrate.hazards.code import Code
    from migrate.hazards.facts import Facts
    from migrate.parse.uses import Found

_DIM3 = lazy.pattern(rb"(?:dim3\s*)?[({](.*)[)}]", re.DOTALL)
_THREADS = lazy.pattern(r"(\d+) threads( without bounds)?")

_TEXT = Note(
    "{threads} threads a block, but the chip takes {limit} ({chips})",
    "每个线程块 {threads} 个线程，而芯片上限为 {limit}（{chips}）",
)


def find(code: Code) -> Iterator[Found]:
    """Launches whose block size is a constant of the file."""
    if not code.finder.launches:
        return
    bounded = b"__launch_bounds__" in code.words
    for launch in code.finder.launches:
        if len(launch.configuration) < 2:
            continue
        start, end = launch.configuration[1]
        threads = product(code, start, end)
        if threads > 0:
            name = f"{threads} threads" + ("" if bounded else " without bounds")
            yield code.found(start, end, "block-size/threads", name)


def product(code: Code, start: int, end: int) -> int:
    """The product of the dimensions written at [start, end), or of the `dim3` named there; 0 when one is unknown."""
    written = code.text[start:end].strip()
    inside = _DIM3.fullmatch(written)
    total = 1
    for part in (inside[1] if inside else code.dimension(written, start) or written).split(b","):
        value = code.value(part.strip())
        total = total * value if value else 0
    return total


def judge(detail: str, name: str, facts: Facts) -> Verdict | None:  # noqa: ARG001
    """A hazard where the chip takes fewer threads, or fewer without `__launch_bounds__`."""
    match = _THREADS.fullmatch(name)
    assert match is not None
    threads = int(match[1])
    small = [chip for chip in facts.chips if 0 < chip.max_threads_per_block < threads]
    if small:
        words = {
            "threads": threads,
            "limit": small[0].max_threads_per_block,
            "chips": ", ".join(chip.name for chip in small),
        }
        return Verdict(Note(_TEXT.en.format(**words), _TEXT.zh.format(**words)), sources(small))
    if match[2]:
        for fact in facts.features("block-without-bounds"):
            if threads > fact.number:
                return Verdict(Note(fact.en, fact.zh), (fact.evidence,))
    return None


HAZARD = Hazard("block-size", "MIG441", frozenset(), find, ("threads",), judge)
