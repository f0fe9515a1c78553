"""Memory that host and device share: managed, mapped and registered."""

from __future__ import annotations

from typing import TYPE_CHECKING

from migrate.hazards.hazard import Hazard

if TYPE_CHECKING:
    from collections.abc import Iterator

    from migrate.hazards.code import Code
    from migrate.parse.uses import Found

_DETAILS = {
    "cudaMallocManaged": "managed", "__managed__": "managed", "cuMemAllocManaged": "managed",
    "cudaMemPrefetchAsync": "managed", "cudaMemAdvise": "managed",
    "cudaHostAllocMapped": "mapped", "cudaHostGetDevicePointer": "mapped", "cuMemHostGetDevicePointer": "mapped",
    "cudaHostRegister": "registered", "cudaHostRegisterMapped": "registered", "cuMemHostRegister": "registered",
}  # fmt: skip


def find(code: Code) -> Iterator[Found]:
    """Calls and flags that make host and device share memory."""
    for use in code.finder.result.uses:
        detail = _DETAILS.get(use.shape.name)
        if detail and use.shape.kind not in ("string", "pasted"):
            yield code.found(use.start, use.end, f"host-memory/{detail}")


HAZARD = Hazard(
    "host-memory",
    "MIG460",
    frozenset(name.encode() for name in _DETAILS),
    find,
    ("managed", "mapped", "registered"),
    kernel=False,
)
