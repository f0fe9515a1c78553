"""The size of an IPC handle written as CUDA's number: `char key[64]`, `memcpy(buffer, &handle, 64)`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from migrate import lazy
from migrate.hazards.hazard import Hazard

if TYPE_CHECKING:
    from collections.abc import Iterator

    from migrate.hazards.code import Code
    from migrate.parse.uses import Found

#: An array of 64 bytes, or 64 bytes copied, whose name says that it is such a handle.
_WRITTEN = lazy.pattern(
    rb"\b(?:char|uint8_t|int8_t|byte|unsigned\s+char)\s+\w*(?i:ipc|handle)\w*\s*\[\s*(?:64|128)\s*\]"
    rb"|\bmemcpy\s*\([^;{}]*(?i:ipc|handle)[^;{}]*,\s*64\s*\)"
    rb"|\bsizeof\s*\(\s*(?:cudaIpc(?:Mem|Event)Handle_t|CUipc(?:Mem|Event)Handle)\s*\)\s*==\s*\d+"
)


def find(code: Code) -> Iterator[Found]:
    """Literal sizes of what is called a handle, in files that export memory; the macro of the size is no number."""
    for match in _WRITTEN.finditer(code.text):
        yield code.found(match.start(), match.end(), "handle-size/ipc-handle")


_TRIGGERS = frozenset(
    {
        b"cudaIpcMemHandle_t",
        b"cudaIpcEventHandle_t",
        b"cudaIpcGetMemHandle",
        b"cudaIpcOpenMemHandle",
        b"CUipcMemHandle",
        b"cuIpcGetMemHandle",
    }
)

HAZARD = Hazard("handle-size", "MIG457", _TRIGGERS, find, ("ipc-handle",), kernel=False)
