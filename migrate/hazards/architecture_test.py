"""Version and architecture tests with one outcome: `#if __CUDA_ARCH__ >= 700` where the macro reads 0 or 300."""

from __future__ import annotations

import operator
from typing import TYPE_CHECKING

from migrate import lazy
from migrate.hazards.facts import Verdict
from migrate.hazards.hazard import Hazard
from migrate.model import Note

if TYPE_CHECKING:
    import re
    from collections.abc import Callable, Iterator

    from migrate.hazards.code import Code
    from migrate.hazards.facts import Facts
    from migrate.parse.uses import Found

_COMPARED = lazy.pattern(rb"\b(__CUDA_ARCH__|CUDA_VERSION|CUDART_VERSION)\s*(>=|<=|==|!=|<|>)\s*(\d+)\b")
_ASKED = lazy.pattern(rb"(!?)\s*\bdefined\s*\(?\s*(__CUDA_ARCH__|__CUDACC__|__NVCC__)\b\)?")
_CONDITIONS = frozenset({"if", "elif", "ifdef", "ifndef"})
_NAMES = (b"__CUDA_ARCH__", b"__CUDACC__", b"__NVCC__")
_TEST = lazy.pattern(r"(\w+) (\S+ \d+(?: && \S+ \d+)*)")
_COMPARE: dict[str, Callable[[int, int], bool]] = {
    ">=": operator.ge, "<=": operator.le, "==": operator.eq, "!=": operator.ne, "<": operator.lt, ">": operator.gt,
}  # fmt: skip
_WORDS = {True: ("true", "真"), False: ("false", "假")}

_ALWAYS = {
    True: Note(
        "always true: {macro} reads {range} under {compiler}; the alternative is never compiled, "
        "and what the test guards must exist here",
        "恒为真：{macro} 在 {compiler} 下的值为 {range}；另一分支永远不会被编译，而受其保护的功能必须在这里存在",
    ),
    False: Note(
        "always false: {macro} reads {range} under {compiler}; the code it guards is never compiled",
        "恒为假：{macro} 在 {compiler} 下的值为 {range}；受其保护的代码永远不会被编译",
    ),
}
_RENAMED = Note(
    "; renamed to {device} ({values}) it would always be {en}",
    "；若改名为 {device}（{values}）则恒为{zh}",
)
_UNDEFINED = Note(
    "{macro} is not defined by {compiler}, so that the code it guards is not compiled; ask for {own} too",
    "{compiler} 不定义 {macro}，受其保护的代码不会被编译；应同时判断 {own}",
)


def find(code: Code) -> Iterator[Found]:
    """Comparisons with a number, and questions whether the compiler's macros are defined."""
    text = code.text
    for directive in code.directives.all:
        if directive.word not in _CONDITIONS:
            continue
        body = text[directive.body : directive.end]
        if b"||" in body:
            continue  # an alternative decides too, and is often the care that somebody took already
        if directive.word in ("ifdef", "ifndef"):
            name = body.strip()
            if name in _NAMES:
                start = directive.body + body.find(name)
                detail = "absent" if directive.word == "ifndef" else "defined"
                yield code.found(start, start + len(name), f"architecture-test/{detail}")
            continue
        compared: dict[bytes, list[re.Match[bytes]]] = {}
        for match in _COMPARED.finditer(body):
            compared.setdefault(match[1], []).append(match)
        for tests in compared.values():
            # `__CUDA_ARCH__ >= 900 && __CUDA_ARCH__ < 1000` is one question.
            shown = " && ".join(f"{match[2].decode()} {match[3].decode()}" for match in tests)
            start, end = directive.body + tests[0].start(), directive.body + tests[-1].end()
            yield code.found(start, end, "architecture-test/compared", f"{tests[0][1].decode()} {shown}")
        for match in _ASKED.finditer(body):
            # `defined(__CUDA_ARCH__) && __CUDA_ARCH__ >= 700` is one question.
            if match[2] not in compared:
                detail = "absent" if match[1] else "defined"
                start, end = directive.body + match.start(2), directive.body + match.end(2)
                yield code.found(start, end, f"architecture-test/{detail}", match[2].decode())


def judge(detail: str, name: str, facts: Facts) -> Verdict | None:
    """A hazard where the macro's range, or its being undefined, decides the test."""
    manifest = facts.manifest
    compiler = manifest.compiler.get("name", manifest.stack)
    arch = manifest.arch.cuda_arch
    if detail != "compared":
        own = " / ".join(manifest.macros.compiler)
        if detail != "defined" or arch != (0, 0) or not own:
            return None
        note = _filled(_UNDEFINED, macro=name, compiler=compiler, own=own)
        return Verdict(note, _evidence(facts))
    match = _TEST.fullmatch(name)
    assert match is not None
    macro = match[1]
    tests = [(_COMPARE[sign], int(number)) for sign, number in (test.split() for test in match[2].split(" && "))]
    span = arch if macro == "__CUDA_ARCH__" else manifest.arch.cuda_version

    def holds(value: int) -> bool:
        return all(compare(value, number) for compare, number in tests)

    always = None if span is None else _same(map(holds, range(span[0], span[1] + 1)))
    note = Note("", "")
    if always is not None and span is not None:
        shown = str(span[0]) if span[0] == span[1] else f"{span[0]}-{span[1]}"
        note = _filled(_ALWAYS[always], macro=macro, range=shown, compiler=compiler)
    device = manifest.macros.device
    values = sorted({chip.arch_value for chip in facts.chips if chip.arch_value})
    if (
        macro == "__CUDA_ARCH__"
        and facts.runs_threads
        and values
        and device != macro
        and (span is None or span == (0, 0))
    ):
        renamed = _same(map(holds, values))
        if renamed is not None:
            en, zh = _WORDS[renamed]
            more = _filled(_RENAMED, en=en, zh=zh, device=device, values="/".join(map(str, values)))
            note = Note(note.en + more.en, note.zh + more.zh)
    if not note.en:
        return None
    return Verdict(Note(note.en.removeprefix("; "), note.zh.removeprefix("；")), _evidence(facts))


def _same(results: object) -> bool | None:
    """The one result that all of *results* are, None when they differ."""
    found = set(results)  # type: ignore[call-overload]
    return bool(found.pop()) if len(found) == 1 else None


def _evidence(facts: Facts) -> tuple[str, ...]:
    return tuple(piece for piece in facts.manifest.arch.source.split("; ") if piece)


def _filled(note: Note, **words: str) -> Note:
    return Note(note.en.format(**words), note.zh.format(**words))


_TRIGGERS = frozenset({b"__CUDA_ARCH__", b"CUDA_VERSION", b"CUDART_VERSION", b"__CUDACC__", b"__NVCC__"})

HAZARD = Hazard("architecture-test", "MIG420", _TRIGGERS, find, ("compared", "defined", "absent"), judge, kernel=False)
