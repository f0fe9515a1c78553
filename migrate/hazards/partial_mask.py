"""A part of the warp named by a mask, on targets whose warp functions do not honour masks."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from migrate import lazy
from migrate.hazards.hazard import Hazard

if TYPE_CHECKING:
    from collections.abc import Iterator

    from migrate.hazards.code import Code
    from migrate.parse.uses import Found

_SYNC = lazy.pattern(rb"__(?:shfl(?:_up|_down|_xor)?|ballot|any|all|match_any|match_all|reduce_\w+)_sync|__syncwarp")
_FULL = lazy.pattern(
    rb"(?i)0x(?:ffffffff)+u?l*|-1|~0\w*|\w*full\w*|\w*all\w*|u?int\d*_max|\(.*-1\)?|\w+\s*\(\s*-1\s*\)"
)
_NAME = lazy.pattern(rb"[A-Za-z_]\w*")
_FULL_VALUE = 0xFFFFFFFF


def _made_of_some(text: bytes, name: bytes) -> bool:
    """Whether the file makes *name* from a vote, a match or shifted bits."""
    return re.search(rb"\b" + name + rb"\s*=[^;=][^;]*(?:__activemask|__ballot|__match|<<)", text) is not None


def find(code: Code) -> Iterator[Found]:
    """Warp functions whose mask is not plainly that of all lanes."""
    text = code.text
    made: dict[bytes, bool] = {}
    for call in code.calls(_SYNC):
        start, end = call.arguments[0]
        mask = text[start:end].strip()
        if _NAME.fullmatch(mask):
            if mask not in made:
                made[mask] = _made_of_some(text, mask)
            if not made[mask]:
                continue  # nothing here says that it is not the mask of all lanes
        if mask and not _FULL.fullmatch(mask) and code.value(mask) not in (_FULL_VALUE, -1, (1 << 64) - 1):
            yield code.found(
                call.start,
                call.name_end,
                "partial-mask/sync-mask",
                f"{text[call.start : call.name_end].decode()}({mask.decode('utf-8', 'replace')}, …)",
            )


_TRIGGERS = frozenset(
    {
        b"__shfl_sync",
        b"__shfl_up_sync",
        b"__shfl_down_sync",
        b"__shfl_xor_sync",
        b"__ballot_sync",
        b"__any_sync",
        b"__all_sync",
    }
)

HAZARD = Hazard("partial-mask", "MIG431", _TRIGGERS, find, ("sync-mask",))
