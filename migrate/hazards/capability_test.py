"""Tests of the device's compute capability at run time: `prop.major >= 7` where the target reports 2.2."""

from __future__ import annotations

from typing import TYPE_CHECKING

from migrate import lazy
from migrate.hazards.architecture_test import _COMPARE, _WORDS, _filled, _same
from migrate.hazards.facts import Verdict, sources
from migrate.hazards.hazard import Hazard
from migrate.model import Note
from migrate.parse.words import occurrences

if TYPE_CHECKING:
    from collections.abc import Iterator

    from migrate.hazards.code import Code
    from migrate.hazards.facts import Facts
    from migrate.parse.uses import Found

_AFTER = lazy.pattern(rb"(?:\s*\(\s*\w*\s*\)|\s*\.\s*first)?\s*(>=|<=|==|!=|<|>)\s*(\d+)(?![\w.])")
_FORM = lazy.pattern(r"(.+) (\S+) (\d+)")
#: Names that say what they hold; limits of a project's own (`kMinComputeCapability`) are no device's.
_NAMED = lazy.pattern(rb"(?i)(?!.*(?:min|max|required|target))\w*(?:compute_?cap|sm_?version|cuda_?capab)\w*")
#: `cc = prop.major * 10 + …`, up to the use of `major`.
_ASSIGNED = lazy.pattern(rb"\b(\w+)\s*=(?!=)\s*[^;=]*\Z")
#: One of these stands in every such name: bytes are found faster than words are matched.
_PIECES = (b"ompute_cap", b"omputeCap", b"m_version", b"mVersion", b"MVersion", b"uda_capab", b"udaCapab")
_QUERIED = (b"cudaDevAttrComputeCapabilityMajor", b"CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR")
_OUT = lazy.pattern(rb"\(\s*&\s*(\w+)\s*,\s*\Z")
_PLACES = 50

_TEXT = Note(
    "always {en}: the device reports capability {values} ({chips})",
    "恒为{zh}：设备报告的计算能力为 {values}（{chips}）",
)


def find(code: Code) -> Iterator[Found]:
    """Comparisons with a number: of `cudaDeviceProp.major`, of what is made from it, of names that say so."""
    text = code.text
    named = code.says(*_PIECES)
    if not named and b"major" not in code.words and code.words.isdisjoint(_QUERIED):
        return
    holders: set[tuple[bytes, int]] = set()  # name, start of the function it is set in
    for use in code.finder.result.uses:
        if use.shape.kind == "member" and use.shape.owner == "cudaDeviceProp" and use.shape.name == "major":
            match = _AFTER.match(text, use.end)
            if match is not None:
                if not int(match[2]):
                    continue  # whether there is a number at all
                name = f"major {match[1].decode()} {match[2].decode()}"
                yield code.found(use.start, match.end(), "capability-test/major", name)
                continue
            match = _ASSIGNED.search(text[code.statement_start(use.start) : use.start])
            if match is not None:
                holders.add((match[1], _function(code, use.start)))
    for word in _QUERIED:
        if word in code.words:
            for start in occurrences(text, word):
                match = _OUT.search(text[max(0, start - 80) : start])
                if match is not None:
                    holders.add((match[1], _function(code, start)))
    names = {name for name, _ in holders}
    if named:
        names |= {word for word in code.words if _NAMED.fullmatch(word)}
    for word in sorted(names):
        says = _NAMED.fullmatch(word) is not None
        for number, start in enumerate(occurrences(text, word)):
            match = _AFTER.match(text, start + len(word)) if number < _PLACES else None
            if match is not None and int(match[2]) and (says or (word, _function(code, start)) in holders):
                name = f"{word.decode()} {match[1].decode()} {match[2].decode()}"
                yield code.found(start, match.end(), "capability-test/number", name)


def _function(code: Code, offset: int) -> int:
    around = code.function_around(offset)
    return around.start if around is not None else -1


def judge(detail: str, name: str, facts: Facts) -> Verdict | None:
    """A hazard where the capabilities that chips report decide the test, or where they are none of CUDA's."""
    chips = [chip for chip in facts.chips if chip.capability]
    match = _FORM.fullmatch(name)
    if not chips or match is None:
        return facts.feature("capability")
    number = int(match[3])
    # 7 is a major version, 75 a version of two digits, 750 one of three.
    scale = 1 if detail == "major" or number < 20 else 10 if number < 200 else 100
    reported = [int(float(chip.capability) * scale + 0.01) for chip in chips]
    always = _same(_COMPARE[match[2]](value, number) for value in reported)
    if always is None:
        return None
    en, zh = _WORDS[always]
    values = ", ".join(dict.fromkeys(chip.capability for chip in chips))
    return Verdict(
        _filled(_TEXT, en=en, zh=zh, values=values, chips=", ".join(chip.name for chip in chips)), sources(chips)
    )


HAZARD = Hazard("capability-test", "MIG421", frozenset(), find, ("major", "number"), judge, kernel=False)
