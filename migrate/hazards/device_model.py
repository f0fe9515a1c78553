"""What a kernel does beyond arithmetic: launches, allocates, recurses, calls through pointers, runs as a lambda."""

from __future__ import annotations

from typing import TYPE_CHECKING

from migrate import lazy
from migrate.hazards.hazard import Hazard
from migrate.parse.words import IS_WORD

if TYPE_CHECKING:
    from collections.abc import Iterator

    from migrate.hazards.code import Code, Function
    from migrate.parse.uses import Found

_HEAP = lazy.pattern(rb"\b(?:malloc|free)\s*\(|\bnew\s+[\w:]+\s*[\[({]|\bdelete\s*(?:\[\s*\])?\s*\w")
_HEAP_WORDS = frozenset({b"malloc", b"free", b"new", b"delete"})
_PLACEMENT = lazy.pattern(rb"\bnew\s*\(")
_VIRTUAL = lazy.pattern(rb"__device__[^;{}]{0,80}\bvirtual\b|\bvirtual\b[^;{}]{0,80}__device__")
#: A variable or parameter that holds a function: `float (*function)(float)`.
_POINTER = lazy.pattern(rb"\b[\w>]+[\s*&]+\(\*\s*(?:const\s+)?(\w+)\s*\)\s*\(")
_STARRED = lazy.pattern(rb"\(\*\s*(?:const\s+)?\w+\s*\)\s*\(")  # its end, which is found faster
_LAMBDA = lazy.pattern(rb"\]\s*(?:__host__\s*)?__device__")


def find(code: Code) -> Iterator[Found]:
    """Each such construct in device code; lambdas that say `__device__` anywhere."""
    text = code.text
    for launch in code.finder.launches:
        if code.side_at(launch.chevrons.start) == "device":
            start = launch.name.start if launch.name.end > launch.name.start else launch.chevrons.start
            yield code.found(start, launch.chevrons.end, "device-model/dynamic-parallelism", "<<<…>>> in device code")
    allocates = not code.words.isdisjoint(_HEAP_WORDS)
    for function in code.device_functions:
        if "host" in function.side:
            continue
        if allocates:
            yield from _allocations(code, function)
        pointer = None
        if _STARRED.search(text, function.start, function.end):
            pointer = _POINTER.search(text, function.start, function.end)
        if pointer is not None:
            yield code.found(pointer.start(1), pointer.end(1), "device-model/indirect-call")
        name = function.name.rpartition("::")[2].encode("utf-8", "replace")
        if name and function.side == "device":
            place = next((at for at in _places(text, name, function) if _calls_itself(text, at, name)), -1)
            head = text[max(0, function.start - 200) : function.start].rpartition(b"}")[2]
            if place >= 0 and b"template" not in head + text[function.start : function.start + 8]:
                yield code.found(place, place + len(name), "device-model/recursion", f"{name.decode()} calls itself")
    if b"virtual" in code.words:
        for match in _VIRTUAL.finditer(text):
            yield code.found(match.start(), match.end(), "device-model/virtual", "virtual __device__")
    for match in _LAMBDA.finditer(text):
        start = text.rfind(b"[", max(0, match.start() - 200), match.start())
        if start >= 0:
            yield code.found(start, match.end(), "device-model/extended-lambda", "[…] __device__")


def _allocations(code: Code, function: Function) -> Iterator[Found]:
    text = code.text
    match = _HEAP.search(text, function.body, function.end)
    if match is not None:
        shown = match[0].partition(b"(")[0].split()[0].decode("utf-8", "replace")
        yield code.found(match.start(), match.end() - 1, "device-model/device-heap", f"{shown} in device code")
    match = _PLACEMENT.search(text, function.body, function.end)
    if match is not None:
        yield code.found(match.start(), match.end() - 1, "device-model/placement-new", "new (…) in device code")


def _places(text: bytes, name: bytes, function: Function) -> Iterator[int]:
    at = text.find(name, function.body, function.end)
    while at >= 0:
        yield at
        at = text.find(name, at + len(name), function.end)


def _calls_itself(text: bytes, at: int, name: bytes) -> bool:
    """Whether *name* at *at* is a whole word, unqualified, and called."""
    before = text[at - 1]
    return (
        not IS_WORD[before] and before not in b".:>~" and text[at + len(name) : at + len(name) + 2].lstrip()[:1] == b"("
    )


_DETAILS = (
    "dynamic-parallelism",
    "device-heap",
    "placement-new",
    "recursion",
    "virtual",
    "indirect-call",
    "extended-lambda",
)

HAZARD = Hazard("device-model", "MIG462", frozenset({b"__global__", b"__device__"}), find, _DETAILS)
