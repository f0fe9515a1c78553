"""Fields of `cudaDeviceProp` that exist under the same name and hold something else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from migrate.hazards.hazard import Hazard

if TYPE_CHECKING:
    from collections.abc import Iterator

    from migrate.hazards.code import Code
    from migrate.parse.uses import Found

#: Fields about which some target's manifest has a statement; the feature is the field's name.
_FIELDS = ("regsPerBlock", "totalConstMem", "persistingL2CacheMaxSize")


def find(code: Code) -> Iterator[Found]:
    """Reads of such fields."""
    for use in code.finder.result.uses:
        shape = use.shape
        if shape.kind == "member" and shape.owner == "cudaDeviceProp" and shape.name in _FIELDS:
            yield code.found(use.start, use.end, f"device-fields/{shape.name}")


HAZARD = Hazard("device-fields", "MIG422", frozenset(name.encode() for name in _FIELDS), find, _FIELDS, kernel=False)
