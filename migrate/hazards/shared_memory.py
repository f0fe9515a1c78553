"""Shared memory: more bytes a block than the chip has, and the request for more than 48 KB."""

from __future__ import annotations

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

_ARRAY = lazy.pattern(
    rb"__shared__(?<!extern __shared__)\s+(?:__align__\s*\([^()]*\)\s*|alignas\s*\([^()]*\)\s*|volatile\s+|const\s+)*"
    rb"((?:unsigned\s+|signed\s+)?\w+(?:\s+int)?)\s+(\w+)\s*((?:\[[^\]]{1,120}\]\s*)+);"
)
_DIMENSION = lazy.pattern(rb"\[([^\]]+)\]")
_ATTRIBUTES = frozenset({b"cudaFuncSetAttribute", b"cuFuncSetAttribute"})
_OPT_IN = (b"MaxDynamicSharedMemorySize", b"MAX_DYNAMIC_SHARED_SIZE_BYTES")
_BYTES = lazy.pattern(r"(\d+) bytes")

_STATIC = Note(
    "{bytes} bytes of static shared memory, but a block has {limit} ({chips})",
    "静态共享内存共 {bytes} 字节，而每个线程块只有 {limit}（{chips}）",
)
_DYNAMIC = Note(
    "asks for {bytes} bytes of shared memory, but a block has {limit} ({chips})",
    "申请 {bytes} 字节共享内存，而每个线程块只有 {limit}（{chips}）",
)


def find(code: Code) -> Iterator[Found]:
    """Kernels whose static arrays have a known size, and every opt-in to more dynamic shared memory."""
    text = code.text
    totals: dict[int, tuple[int, int, int]] = {}  # start of a function → bytes, place of its first array
    for match in _ARRAY.finditer(text):
        size = code.value(b"sizeof(" + match[1].split()[-1] + b")")
        for dimension in _DIMENSION.findall(match[3]):
            count = code.value(dimension)
            size = None if size is None or count is None else size * count
        around = code.function_around(match.start())
        if size is not None and around is not None:
            total, start, end = totals.get(around.start, (0, match.start(), match.end(2)))
            totals[around.start] = (total + size, start, end)
    for total, start, end in totals.values():
        yield code.found(start, end, "shared-memory/static", f"{total} bytes")
    for call in code.calls_named(code.words & _ATTRIBUTES):
        if len(call.arguments) == 3 and any(word in text[slice(*call.arguments[1])] for word in _OPT_IN):
            size = code.value(text[slice(*call.arguments[2])].strip())
            name = text[call.start : call.name_end].decode() + (f" {size} bytes" if size else "")
            yield code.found(call.start, call.name_end, "shared-memory/opt-in", name)


def judge(detail: str, name: str, facts: Facts) -> Verdict | None:
    """A hazard where a chip has less, or where the target says that asking for more fails."""
    match = _BYTES.search(name)
    if match is not None:
        size = int(match[1])
        small = [chip for chip in facts.chips if 0 < chip.shared_memory_kb * 1024 < size]
        if small:
            text = _STATIC if detail == "static" else _DYNAMIC
            words = {
                "bytes": f"{size:,}",
                "limit": f"{small[0].shared_memory_kb} KiB",
                "chips": ", ".join(chip.name for chip in small),
            }
            return Verdict(Note(text.en.format(**words), text.zh.format(**words)), sources(small))
        for fact in facts.features("shared-memory-limit"):
            if fact.number and fact.number < size:
                return Verdict(Note(fact.en, fact.zh), (fact.evidence,))
    return facts.feature("opt-in-shared") if detail == "opt-in" else None


_TRIGGERS = _ATTRIBUTES | {b"__shared__"}

HAZARD = Hazard("shared-memory", "MIG440", _TRIGGERS, find, ("static", "opt-in"), judge)
