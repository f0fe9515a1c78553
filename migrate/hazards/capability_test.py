"""Tests of the device's compute capability at run time: `prop.major >= 7` where the target reports 2.2."""

from __future__ import annotations

from typing import TYPE_CHECKING

from migrate import lazy
from migrate.hazards.architecture_test import _COMPARE, _WORDS, _filled, _same
from migrate.hazards.facts import Verdict, sources
from migrate.hazards.hazard import Hazard
from migrate.model import Note

if TYPE_CHECKING:
    from collections.abc import Iterator

    from migrate.hazards.code import Code
    from migrate.hazards.facts import Facts
    from migrate.parse.uses import Found

_AFTER = lazy.pattern(rb"\s*(>=|<=|==|!=|<|>)\s*(\d+)(?![\w.])")
_FORM = lazy.pattern(r"major (\S+) (\d+)")

_TEXT = Note(
    "always {en}: the device reports capability {values} ({chips})",
    "恒为{zh}：设备报告的计算能力为 {values}（{chips}）",
)


def find(code: Code) -> Iterator[Found]:
    """Comparisons of `cudaDeviceProp.major` with a number."""
    for use in code.finder.result.uses:
        if use.shape.kind == "member" and use.shape.owner == "cudaDeviceProp" and use.shape.name == "major":
            match = _AFTER.match(code.text, use.end)
            if match is not None:
                yield code.found(
                    use.start, match.end(), "capability-test/major", f"major {match[1].decode()} {match[2].decode()}"
                )


def judge(detail: str, name: str, facts: Facts) -> Verdict | None:  # noqa: ARG001
    """A hazard where the capabilities that chips report decide the test."""
    chips = [chip for chip in facts.chips if chip.capability]
    match = _FORM.fullmatch(name)
    if not chips or match is None:
        return None
    majors = [int(chip.capability.partition(".")[0]) for chip in chips]
    always = _same(_COMPARE[match[1]](major, int(match[2])) for major in majors)
    if always is None:
        return None
    en, zh = _WORDS[always]
    values = ", ".join(dict.fromkeys(chip.capability for chip in chips))
    return Verdict(
        _filled(_TEXT, en=en, zh=zh, values=values, chips=", ".join(chip.name for chip in chips)), sources(chips)
    )


HAZARD = Hazard("capability-test", "MIG421", frozenset({b"major"}), find, ("major",), judge, kernel=False)
