"""Vectors of three elements in memory that host and device share, where the target pads them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from migrate import lazy
from migrate.hazards.hazard import Hazard
from migrate.parse.words import occurrences

if TYPE_CHECKING:
    from collections.abc import Iterator

    from migrate.hazards.code import Code
    from migrate.parse.uses import Found

_NAMES = ("char3", "uchar3", "short3", "ushort3", "int3", "uint3", "float3", "long3", "ulong3")
#: A pointer to one, its size, or a member of a struct: places where its layout is seen from outside.
_POINTER = lazy.pattern(rb"\s*(?:\*|>\s*\()")
_SIZE = lazy.pattern(rb"sizeof\s*\(\s*(" + "|".join(_NAMES).encode() + rb")\s*\)")


def find(code: Code) -> Iterator[Found]:
    """Pointers to such vectors and uses of their size; one a name and function."""
    text = code.text
    places = [(match.start(), match.end(), match[1]) for match in _SIZE.finditer(text)]
    for word in sorted(code.words & HAZARD.triggers):
        for start in occurrences(text, word):
            match = _POINTER.match(text, start + len(word))
            if match is not None:
                places.append((start, match.end(), word))
    seen = set()
    for start, end, word in sorted(places):
        around = code.function_around(start)
        key = (word, around.start if around else -1)
        if key not in seen:
            seen.add(key)
            yield code.found(start, end, "vector-layout/vector3", word.decode())


HAZARD = Hazard(
    "vector-layout", "MIG453", frozenset(name.encode() for name in _NAMES), find, ("vector3",), kernel=False
)
