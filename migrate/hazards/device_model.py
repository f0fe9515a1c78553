"""What a kernel does beyond arithmetic: launches, allocates, recurses, calls through pointers, runs as a lambda."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from migrate.hazards.hazard import Hazard

if TYPE_CHECKING:
    from collections.abc import Iterator

    from migrate.hazards.code import Code
    from migrate.parse.uses import Found

_HEAP = re.compile(rb"\b(?:malloc|free)\s*\(|\bnew\s+[\w:]+\s*[\[({]|\bdelete\s*(?:\[\s*\])?\s*\w")
_PLACEMENT = re.compile(rb"\bnew\s*\(")
_VIRTUAL = re.compile(rb"__device__[^;{}]{0,80}\bvirtual\b|\bvirtual\b[^;{}]{0,80}__device__")
_NAME = re.compile(rb"[A-Za-z_]\w*")
_LAMBDA = re.compile(rb"\[[=&\w,\s]*\]\s*(?:__host__\s*)?__device__")


def find(code: Code) -> Iterator[Found]:
    """Each such construct in device code; lambdas that say `__device__` anywhere."""
    text = code.text
    for launch in code.finder.launches:
        if code.side_at(launch.chevrons.start) == "device":
            start = launch.name.start if launch.name.end > launch.name.start else launch.chevrons.start
            yield code.found(start, launch.chevrons.end, "device-model/dynamic-parallelism", "<<<…>>> in device code")
    for function in code.device_functions:
        if "host" in function.side:
            continue
        match = _HEAP.search(text, function.body, function.end)
        if match is not None:
            yield code.found(
                match.start(),
                match.end() - 1,
                "device-model/device-heap",
                match[0].split(b"(")[0].split()[0].decode() + " in device code",
            )
        match = _PLACEMENT.search(text, function.body, function.end)
        if match is not None:
            yield code.found(match.start(), match.end() - 1, "device-model/placement-new", "new (…) in device code")
        name = function.name.rpartition("::")[2].encode("utf-8", "replace")
        if (
            _NAME.fullmatch(name)
            and b"template" not in text[max(0, function.start - 200) : function.start].rpartition(b"}")[2]
        ):
            match = re.search(rb"(?<![\w:.>])" + name + rb"\s*\(", text[function.body : function.end])
            if match is not None and name != b"operator":
                start = function.body + match.start()
                yield code.found(start, start + len(name), "device-model/recursion", f"{name.decode()} calls itself")
    if b"virtual" in code.words:
        for match in _VIRTUAL.finditer(text):
            yield code.found(match.start(), match.end(), "device-model/virtual", "virtual __device__")
    for match in _LAMBDA.finditer(text):
        yield code.found(match.start(), match.end(), "device-model/extended-lambda", "[…] __device__")


_DETAILS = ("dynamic-parallelism", "device-heap", "placement-new", "recursion", "virtual", "extended-lambda")

HAZARD = Hazard("device-model", "MIG462", frozenset({b"__global__", b"__device__"}), find, _DETAILS)
