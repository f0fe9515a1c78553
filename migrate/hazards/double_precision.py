"""Double precision in device code, on chips that lack it, fake it or keep fewer digits."""

from __future__ import annotations

from typing import TYPE_CHECKING

from migrate import lazy
from migrate.hazards.facts import Verdict, named, sources
from migrate.hazards.hazard import Hazard
from migrate.model import Note
from migrate.parse.words import occurrences

if TYPE_CHECKING:
    from collections.abc import Iterator

    from migrate.hazards.code import Code
    from migrate.hazards.facts import Facts
    from migrate.parse.uses import Found

_TYPES = (b"double", b"double2", b"double3", b"double4")

#: Arithmetic or a call, in a body: what only turns one type into another loses nothing that float keeps.
_COMPUTES = lazy.pattern(
    rb"\[|[-+*/]=?\s*[\w(.]|\b(?!(?:asm|volatile|__volatile__|return|float|double|if|static_cast|reinterpret_cast)\b)\w+\s*\("
)

_TEXT = {
    "none": Note("the chip has no double precision ({chips})", "芯片没有双精度（{chips}）"),
    "partial": Note(
        "double precision is incomplete here ({chips}): digits or operations are missing",
        "双精度在这里不完整（{chips}）：精度位数或部分运算缺失",
    ),
    "slow": Note("double precision is slow here ({chips})", "双精度在这里很慢（{chips}）"),
}


def find(code: Code) -> Iterator[Found]:
    """The first `double` of each device function, parameters included."""
    text = code.text
    places = sorted((start, word) for word in _TYPES if word in code.words for start in occurrences(text, word))
    seen = set()
    for start, word in places:
        around = code.function_around(start)
        if around is not None and "device" in around.side and around.start not in seen:
            seen.add(around.start)
            if not _COMPUTES.search(text, around.body, around.end):
                continue
            yield code.found(start, start + len(word), "double-precision/double", "double")


def judge(detail: str, name: str, facts: Facts) -> Verdict | None:  # noqa: ARG001
    """A hazard where some chip's double is not the full one."""
    for word, text in _TEXT.items():
        chips = facts.chips_with(fp64=word)
        if chips:
            note = Note(text.en.format(chips=named(chips)), text.zh.format(chips=named(chips)))
            more = facts.feature("double")
            if more is not None:
                note = Note(f"{note.en}; {more.note.en}", f"{note.zh}；{more.note.zh}")
            return Verdict(note, (more.evidence if more else ()) + sources(chips))
    return facts.feature("double")


HAZARD = Hazard("double-precision", "MIG450", frozenset(_TYPES), find, ("double",), judge)
