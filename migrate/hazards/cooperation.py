"""Threads that cooperate beyond their block: grid-wide barriers, clusters, tiles of a warp."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from migrate import lazy
from migrate.hazards.hazard import Hazard

if TYPE_CHECKING:
    from collections.abc import Iterator

    from migrate.hazards.code import Code
    from migrate.parse.uses import Found

_PLACES = (
    (
        "grid-sync",
        lazy.pattern(
            rb"\bcudaLaunchCooperativeKernel\b|\bcuLaunchCooperativeKernel\b|\bthis_grid\s*\(\s*\)|\bgrid_group\b"
        ),
    ),
    (
        "cluster",
        lazy.pattern(
            rb"\b__cluster_dims__\b|\bthis_cluster\s*\(|\bcudaLaunchAttributeClusterDimension\b|\bcluster_group\b|\bmap_shared_rank\b"
        ),
    ),
    ("tiled-partition", lazy.pattern(rb"\btiled_partition\s*[<(]")),
    (
        "programmatic-launch",
        lazy.pattern(
            rb"\bcudaLaunchAttributeProgrammaticStreamSerialization\b|\bcudaGridDependencySynchronize\b|\bcudaTriggerProgrammaticLaunchCompletion\b"
        ),
    ),
)


#: A number asked of the grid.
_RANK = lazy.pattern(
    rb"\s*\.\s*(?:thread_rank|block_rank|size|num_threads|num_blocks|group_dim|dim_\w+|thread_index|block_index)\b"
)
_HELD = lazy.pattern(rb"\b(\w+)\s*=\s*(?:\w+\s*::\s*)*\Z")


def find(code: Code) -> Iterator[Found]:
    """Each kind of cooperation, at every place that names it."""
    for detail, pattern in _PLACES:
        for match in pattern.finditer(code.text):
            if code.is_defined_at(match.start()) or (detail == "grid-sync" and _only_ranks(code.text, match)):
                continue
            yield code.found(match.start(), match.end(), f"cooperation/{detail}", match[0].rstrip(b"(<) \t").decode())


def _only_ranks(text: bytes, match: re.Match[bytes]) -> bool:
    """Whether `this_grid()` is asked for a number only: no barrier of the grid follows it."""
    if b"grid" not in match[0] or b"this_grid" not in match[0]:
        return False
    if _RANK.match(text, match.end()):
        return True
    held = _HELD.search(text[max(0, match.start() - 120) : match.start()])
    if held is None:
        return False
    uses = re.finditer(rb"\b" + held[1] + rb"\b(\s*\.\s*\w+)?", text[match.end() :])
    return all(_RANK.match(use[1]) for use in uses if use[1]) and not re.search(
        rb"[(,]\s*" + held[1] + rb"\s*[,)]", text
    )


_TRIGGERS = frozenset(
    {
        b"cudaLaunchCooperativeKernel",
        b"cuLaunchCooperativeKernel",
        b"this_grid",
        b"grid_group",
        b"__cluster_dims__",
        b"this_cluster",
        b"cluster_group",
        b"map_shared_rank",
        b"cudaLaunchAttributeClusterDimension",
        b"tiled_partition",
        b"cudaLaunchAttributeProgrammaticStreamSerialization",
        b"cudaGridDependencySynchronize",
        b"cudaTriggerProgrammaticLaunchCompletion",
    }
)

HAZARD = Hazard("cooperation", "MIG463", _TRIGGERS, find, tuple(detail for detail, _ in _PLACES))
