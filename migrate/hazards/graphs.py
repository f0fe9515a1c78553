"""Graphs that are edited or updated after they were made."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from migrate.hazards.hazard import Hazard

if TYPE_CHECKING:
    from collections.abc import Iterator

    from migrate.hazards.code import Code
    from migrate.parse.uses import Found

_UPDATE = re.compile(r"cuda?Graph(?:ExecUpdate(?:_v2)?|Exec\w+SetParams(?:_v2)?)")


def find(code: Code) -> Iterator[Found]:
    """Updates of executable graphs."""
    for use in code.finder.result.uses:
        if use.shape.kind in ("call", "function") and _UPDATE.fullmatch(use.shape.name):
            yield code.found(use.start, use.end, "graphs/graph-update")


_TRIGGERS = frozenset({b"cudaGraphExecUpdate", b"cuGraphExecUpdate", b"cuGraphExecUpdate_v2", b"cudaGraphExecKernelNodeSetParams", b"cuGraphExecKernelNodeSetParams", b"cuGraphExecKernelNodeSetParams_v2", b"cudaGraphExecMemcpyNodeSetParams", b"cudaGraphExecMemsetNodeSetParams", b"cudaGraphExecHostNodeSetParams"})  # fmt: skip

HAZARD = Hazard("graphs", "MIG464", _TRIGGERS, find, ("graph-update",), kernel=False)
