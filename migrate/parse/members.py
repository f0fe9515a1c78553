"""Fields of CUDA's structs: `prop.major` where `prop` is a cudaDeviceProp."""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from migrate import lazy
from migrate.parse.words import occurrences

if TYPE_CHECKING:
    from collections.abc import Iterator

    from migrate.tables.inventory import Inventory

_VARIABLES = lazy.pattern(
    rb"\s*(?:(?:,[^<>;(){}\n]{0,40})?>\s*)?(?:(?:const\b|[*&])\s*)*(\w+)\s*((?:\[[^\]\n]*\]\s*)*(?:[=;,(){]|$)[^;\n]{0,200})?"
)
_MORE = lazy.pattern(rb",\s*[*&]*\s*(\w+)\s*(?=[,;=\[{])")
_NEXT = lazy.pattern(
    rb"\s*(?:(?:\.|->)\s*(?:at|back|front|get|value)\s*(?=\())?"
    rb"(?:(?:\[[^\]]{0,200}\]|\((?:[^()]|\([^()]{0,200}\)){0,200}\)|\))\s*){0,3}(?:\.|->)\s*(\w+)"
)
_DESIGNATED = lazy.pattern(rb"[{,]\s*\.\s*\Z")
_ALIAS = lazy.pattern(rb"(?:typedef\s+(?:struct\s+)?(\w+)\s+(\w+)\s*;|using\s+(\w+)\s*=\s*(\w+)\s*;)")

#: Names followed in one file: each costs a search of its text, so ever new names would cost quadratic time.
MOST_VARIABLES = 1_000

#: Functions that return a struct of CUDA's by pointer.
_RETURNING = {
    b"getCurrentDeviceProperties": "cudaDeviceProp",
    b"getDeviceProperties": "cudaDeviceProp",
}


class MemberUse(NamedTuple):
    """One field access; byte offsets of the field's name."""

    start: int
    end: int
    field: str
    owner: str


def members(text: bytes, words: set[bytes], inventory: Inventory) -> Iterator[MemberUse]:
    """Accesses to fields of CUDA's structs in a view, each once.

    Followed from the variables, parameters and fields that the file declares with such a struct's type, field by field
    (`desc.res.linear.devPtr`). A field that only cudaDeviceProp has and no other code would name so
    (`multiProcessorCount`) needs no declaration.
    """
    fields = words & inventory.fields.keys()
    if not fields:
        return
    seen: set[int] = set()
    for variable, structs in _declared(text, words, inventory).items():
        for start in occurrences(text, variable):
            for use in _chain(text, start + len(variable), structs, inventory):
                if use.start not in seen:
                    seen.add(use.start)
                    yield use
    said = {struct.decode() for struct in words & inventory.structs}
    for field in sorted(fields):
        owners = inventory.fields[field]
        lone = _lone_owner(field, owners)
        named = next((struct for struct in owners if struct in said), None) if said else None
        if lone is None and named is None:
            continue
        for start in occurrences(text, field):
            if start in seen:
                continue
            head = text[max(0, start - 60) : start].rstrip()
            if head[-1:] not in (b".", b">"):
                continue
            if named is not None and _DESIGNATED.search(head):
                yield MemberUse(start, start + len(field), field.decode(), named)
            elif lone is not None and head.endswith((b".", b"->")):
                yield MemberUse(start, start + len(field), field.decode(), lone)


def _chain(text: bytes, end: int, structs: tuple[str, ...], inventory: Inventory) -> Iterator[MemberUse]:
    """The fields behind a variable that ends at *end*, as far as they are CUDA's."""
    owners = structs
    while True:
        match = _NEXT.match(text, end)
        if match is None:
            return
        field = match[1].decode("ascii", "replace")
        owner = next((struct for struct in owners if f"{struct}.{field}" in inventory), None)
        if owner is None:
            return
        yield MemberUse(match.start(1), match.end(1), field, owner)
        end = match.end(1)
        owners = (inventory.field_type(f"{owner}.{field}"),)


def _lone_owner(field: bytes, owners: tuple[str, ...]) -> str | None:
    """The one struct that a distinctive field name belongs to."""
    if (
        len(owners) == 1
        and owners[0] == "cudaDeviceProp"
        and len(field) >= 12
        and sum(byte < 91 for byte in field) >= 2
    ):
        return owners[0]
    return None


def _declared(text: bytes, words: set[bytes], inventory: Inventory) -> dict[bytes, tuple[str, ...]]:
    """Variables, parameters and fields of a CUDA struct's type, by name."""
    variables: dict[bytes, list[str]] = {}
    spelled = {word: word.decode() for word in sorted(words & inventory.structs)}
    if spelled and (b"typedef" in words or b"using" in words):
        for match in _ALIAS.finditer(text):
            struct, alias = (match[1], match[2]) if match[1] else (match[4], match[3])
            if struct in spelled:
                spelled[alias] = spelled[struct]
    for word, struct in spelled.items():
        for start in occurrences(text, word):
            declared = _VARIABLES.match(text, start + len(word))
            if declared is None:
                continue
            variables.setdefault(declared[1], []).append(struct)
            if declared[2]:
                for more in _MORE.finditer(text, declared.start(2), declared.end(2) + 1):
                    variables.setdefault(more[1], []).append(struct)
    for function, struct in _RETURNING.items():
        if function in words:
            variables.setdefault(function, []).append(struct)
            for match in re.finditer(rb"\b(\w+)\s*=\s*(?:[*&]\s*)?[\w:]{0,40}\b" + function, text):
                variables.setdefault(match[1], []).append(struct)
    return {name: tuple(variables[name]) for name in islice(variables, MOST_VARIABLES)}
