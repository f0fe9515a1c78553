"""Threads that cooperate beyond their block: grid-wide barriers, clusters, tiles of a warp."""

from __future__ import annotations

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


def find(code: Code) -> Iterator[Found]:
    """Each kind of cooperation, at every place that names it."""
    for detail, pattern in _PLACES:
        for match in pattern.finditer(code.text):
            yield code.found(match.start(), match.end(), f"cooperation/{detail}", match[0].rstrip(b"(<) \t").decode())


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
