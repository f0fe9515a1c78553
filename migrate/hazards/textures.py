"""Texture and surface reads, on chips without a texture unit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from migrate import lazy
from migrate.hazards.hazard import Hazard

if TYPE_CHECKING:
    from collections.abc import Iterator

    from migrate.hazards.code import Code
    from migrate.parse.uses import Found

_READ = lazy.pattern(rb"tex(?:1Dfetch|1D|2D|3D|2DLayered|Cubemap|1DLod|2DLod|2Dgather)|surf(?:1D|2D|3D)(?:read|write)")


def find(code: Code) -> Iterator[Found]:
    """Texture and surface reads in device code."""
    for call in code.calls_with_template(_READ_NAMES):
        yield code.found(call.start, call.name_end, "textures/texture")


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
    }
)

HAZARD = Hazard("textures", "MIG461", _TRIGGERS, find, ("texture",))
