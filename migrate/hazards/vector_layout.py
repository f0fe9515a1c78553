"""Vectors of three elements in memory that host and device share, where the target pads them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from migrate import lazy
from migrate.hazards.hazard import Hazard

if TYPE_CHECKING:
    from collections.abc import Iterator

    from migrate.hazards.code import Code
    from migrate.parse.uses import Found

_NAMES = ("char3", "uchar3", "short3", "ushort3", "int3", "uint3", "float3", "long3", "ulong3")
#: A pointer to one, its size, or a member of a struct: places where its layout is seen from outside.
_SHARED = lazy.pattern(
    rb"(?:\b("
    + "|".join(_NAMES).encode()
    + rb")\s*(?:\*|>\s*\()|sizeof\s*\(\s*("
    + "|".join(_NAMES).encode()
    + rb")\s*\))"
)


def find(code: Code) -> Iterator[Found]:
    """Pointers to such vectors and uses of their size; one a name and function."""
    seen = set()
    for match in _SHARED.finditer(code.text):
        name = match[1] or match[2]
        around = code.function_around(match.start())
        key = (name, around.start if around else -1)
        if key not in seen:
            seen.add(key)
            yield code.found(match.start(), match.end(), "vector-layout/vector3", name.decode())


HAZARD = Hazard(
    "vector-layout", "MIG453", frozenset(name.encode() for name in _NAMES), find, ("vector3",), kernel=False
)
