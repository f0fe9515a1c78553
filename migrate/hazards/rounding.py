"""Arithmetic with a rounding mode in its name, and other results that depend on how the target rounds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from migrate import lazy
from migrate.hazards.hazard import Hazard

if TYPE_CHECKING:
    from collections.abc import Iterator

    from migrate.hazards.code import Code
    from migrate.parse.uses import Found

_ROUNDED = lazy.pattern(rb"__[fd](?:add|sub|mul|div|sqrt|rcp)_r[nzud]|__fmaf?_r[zud]")


def find(code: Code) -> Iterator[Found]:
    """Calls of intrinsics that name a rounding mode; a fused multiply-add rounds to nearest everywhere."""
    for call in code.calls(_ROUNDED):
        yield code.found(call.start, call.name_end, "rounding/rounding-mode")


_TRIGGERS = frozenset(
    f"__{name}_r{mode}".encode()
    for name in (
        "fadd",
        "fsub",
        "fmul",
        "fdiv",
        "fmaf",
        "fsqrt",
        "frcp",
        "dadd",
        "dsub",
        "dmul",
        "ddiv",
        "dsqrt",
        "drcp",
        "fma",
    )
    for mode in "nzud"
)

HAZARD = Hazard("rounding", "MIG451", _TRIGGERS, find, ("rounding-mode",))
