"""Atomic operations that the target lacks for a type or a scope."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from migrate import lazy
from migrate.hazards.hazard import Hazard

if TYPE_CHECKING:
    from collections.abc import Iterator

    from migrate.hazards.code import Code
    from migrate.parse.uses import Found

_ATOMIC = lazy.pattern(rb"atomic(?:Add|Sub|Exch|Min|Max|CAS|And|Or|Xor)(?:_system|_block)?")
_TYPES = (
    ("atomic-64", lazy.pattern(rb"unsigned\s+long\s+long|\bu?int64_t\b|\blong\s+long|\bull\b|\bULL\b")),
    ("atomic-double", lazy.pattern(rb"\bdouble\b")),
    ("atomic-bf16", lazy.pattern(rb"bfloat16|bf162?\b")),
    ("atomic-half", lazy.pattern(rb"\b(?:__)?half2?\b")),
)
_DECLARED = lazy.pattern(
    rb"\b(unsigned\s+long\s+long(?:\s+int)?|u?int64_t|long\s+long|double|__nv_bfloat162?|(?:__)?half2?)\s*(?:\*\s*(?:__restrict__\s*)?)(\w+)"
)

_TYPE_WORDS = frozenset(b"long int64_t uint64_t double __nv_bfloat16 __nv_bfloat162 half half2 __half __half2".split())


def find(code: Code) -> Iterator[Found]:
    """Atomic calls of system scope, and those whose first argument shows a type that some target lacks."""
    text = code.text
    declared: dict[bytes, bytes] | None = None
    for call in code.calls(_ATOMIC):
        name = text[call.start : call.name_end]
        if name.endswith(b"_system"):
            yield code.found(call.start, call.name_end, "atomics/atomic-system")
            continue
        target = text[slice(*call.arguments[0])]
        if declared is None:
            typed = not code.words.isdisjoint(_TYPE_WORDS)
            declared = {match[2]: match[1] for match in _DECLARED.finditer(text)} if typed else {}
        first = re.search(rb"\w+", target)
        said = target + b" " + (declared.get(first[0], b"") if first and b"(" not in target else b"")
        for detail, pattern in _TYPES:
            if pattern.search(said) and (detail != "atomic-64" or name in (b"atomicAdd", b"atomicMin", b"atomicMax")):
                yield code.found(call.start, call.name_end, f"atomics/{detail}")
                break


_TRIGGERS = frozenset(
    {b"atomicAdd", b"atomicMin", b"atomicMax", b"atomicAdd_system", b"atomicCAS_system", b"atomicExch_system"}
)

HAZARD = Hazard("atomics", "MIG454", _TRIGGERS, find, ("atomic-system", *(detail for detail, _ in _TYPES)))
