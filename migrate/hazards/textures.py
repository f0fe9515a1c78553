"""Textures: reads on chips without a texture unit, and rows of plain memory that a texture takes with a pitch."""

from __future__ import annotations

from typing import TYPE_CHECKING

from migrate import lazy
from migrate.hazards.hazard import Hazard
from migrate.parse.words import occurrences

if TYPE_CHECKING:
    from collections.abc import Iterator

    from migrate.hazards.code import Code
    from migrate.parse.uses import Found

_READ = lazy.pattern(rb"tex(?:1Dfetch|1D|2D|3D|2DLayered|Cubemap|1DLod|2DLod|2Dgather)|surf(?:1D|2D|3D)(?:read|write)")


_PITCHED = frozenset({b"cudaResourceTypePitch2D", b"CU_RESOURCE_TYPE_PITCH2D"})
#: Words of a file that takes the pitch from the runtime.
_ALIGNED = frozenset(
    {b"texturePitchAlignment", b"cudaMallocPitch", b"cudaMalloc3D", b"cuMemAllocPitch", b"cuMemAllocPitch_v2"}
)


def find(code: Code) -> Iterator[Found]:
    """Texture and surface reads in device code, and textures over rows whose pitch the program chose."""
    for call in code.calls_with_template(_READ_NAMES):
        yield code.found(call.start, call.name_end, "textures/texture")
    if code.words.isdisjoint(_ALIGNED):
        for word in sorted(code.words & _PITCHED):
            for start in occurrences(code.text, word):
                yield code.found(start, start + len(word), "textures/pitch")


_READ_NAMES = lazy.pattern(rb"(?:" + _READ.pattern + rb")(?=\s*(?:<[^<>();]*>)?\s*\()(?:\s*<[^<>();]*>)?")
_TRIGGERS = frozenset(
    {
        b"tex1Dfetch",
        b"tex1D",
        b"tex2D",
        b"tex3D",
        b"tex2DLayered",
        b"tex2DLod",
        b"surf2Dread",
        b"surf2Dwrite",
        b"surf3Dread",
        b"surf3Dwrite",
        *_PITCHED,
    }
)

HAZARD = Hazard("textures", "MIG461", _TRIGGERS, find, ("texture", "pitch"))
