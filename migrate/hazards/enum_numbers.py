"""Enumerators written as numbers: `cudaMemcpy(d, s, n, 2)`, `(int)cudaErrorNotReady`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from migrate.hazards.hazard import Hazard

if TYPE_CHECKING:
    from collections.abc import Iterator

    from migrate.hazards.code import Code
    from migrate.parse.uses import Found

#: The argument, counted from zero, that is an enumerator or a flag.
_POSITIONS = {
    b"cudaMemcpy": 3, b"cudaMemcpyAsync": 3, b"cudaMemcpy2D": 6, b"cudaMemcpy2DAsync": 6, b"cudaMemcpyToSymbol": 4,
    b"cudaStreamCreateWithFlags": 1, b"cudaEventCreateWithFlags": 1, b"cudaHostAlloc": 2, b"cudaMallocManaged": 2,
    b"cudaSetDeviceFlags": 0, b"cudaHostRegister": 2, b"cudaDeviceSetLimit": 0, b"cudaStreamCreateWithPriority": 1,
}  # fmt: skip
_CALLS = re.compile(
    rb"cuda(?:Memcpy(?:Async|2D|2DAsync|ToSymbol)?|StreamCreateWith(?:Flags|Priority)|EventCreateWithFlags|HostAlloc|MallocManaged|SetDeviceFlags|HostRegister|DeviceSetLimit)\b"
)
_NUMBER = re.compile(
    rb"(?:\(\s*cuda\w+\s*\)\s*|cuda\w+\s*\(\s*|static_cast<\s*cuda\w+\s*>\s*\(\s*)?(?:0x)?[1-9]\w*\s*\)?"
)
_CAST = re.compile(
    rb"(?:\(\s*(?:int|unsigned|long|size_t|u?int\d+_t)\s*\)|(?:static_cast|int)\s*<?\s*(?:int|unsigned|long)?\s*>?\s*\()\s*(cuda(?:Error|Memcpy|Stream|Event|Host|Success)[A-Z]\w+)"
)


def find(code: Code) -> Iterator[Found]:
    """Numbers where an enumerator belongs, and enumerators turned into numbers."""
    text = code.text
    for call in code.calls(_CALLS):
        name = text[call.start : call.name_end]
        position = _POSITIONS[name]
        if len(call.arguments) > position:
            start, end = call.arguments[position]
            argument = text[start:end].strip()
            if _NUMBER.fullmatch(argument):
                start += len(text[start:end]) - len(text[start:end].lstrip())
                yield code.found(
                    start, start + len(argument), "enum-numbers/number", f"{name.decode()}(…, {argument.decode()})"
                )
    for match in _CAST.finditer(text):
        yield code.found(match.start(1), match.end(1), "enum-numbers/number", match[1].decode())


HAZARD = Hazard("enum-numbers", "MIG452", frozenset(), find, ("number",), kernel=False)
