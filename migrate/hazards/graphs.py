"""Graphs that are edited or updated after they were made."""

from __future__ import annotations

from typing import TYPE_CHECKING

from migrate import lazy
from migrate.hazards.hazard import Hazard

if TYPE_CHECKING:
    from collections.abc import Iterator

    from migrate.hazards.code import Code
    from migrate.parse.uses import Found

_UPDATE = lazy.pattern(r"cuda?Graph(?:ExecUpdate(?:_v2)?|Exec\w+SetParams(?:_v2)?)")


def find(code: Code) -> Iterator[Found]:
    """Updates of executable graphs."""
    for use in code.finder.result.uses:
        if use.shape.kind in ("call", "function") and _UPDATE.fullmatch(use.shape.name):
            yield code.found(use.start, use.end, "graphs/graph-update")


_TRIGGERS = frozenset(
    f"cu{prefix}GraphExec{rest}".encode()
    for prefix in ("da", "")
    for rest in (
        "Update",
        "Update_v2",
        *(
            f"{kind}Node{tail}"
            for kind in ("Kernel", "Memcpy", "Memset", "Host")
            for tail in ("SetParams", "SetParams_v2")
        ),
    )
)

HAZARD = Hazard("graphs", "MIG464", _TRIGGERS, find, ("graph-update",), kernel=False)
