"""Fields of CUDA's structs: `prop.major` where `prop` is a cudaDeviceProp."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from migrate.parse.words import occurrences

if TYPE_CHECKING:
    from collections.abc import Iterator

    from migrate.tables.inventory import Inventory

_VARIABLES = re.compile(rb"\s*(?:>\s*)?(?:(?:const\b|[*&])\s*)*(\w+)\s*((?:\[[^\]\n]*\]\s*)*(?:[=;,(){]|$)[^;\n]{0,200})?")
_MORE = re.compile(rb",\s*[*&]*\s*(\w+)\s*(?=[,;=\[{])")
_OBJECT = re.compile(rb"(?:\A|\W)(\w+)\s*(?:(?:\[[^\]]*\]|\([^()]*\))\s*){0,3}(?:\.|->)\s*\Z")
_DESIGNATED = re.compile(rb"[{,]\s*\.\s*\Z")
_ALIAS = re.compile(rb"(?:typedef\s+(?:struct\s+)?(\w+)\s+(\w+)\s*;|using\s+(\w+)\s*=\s*(\w+)\s*;)")

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
    """Accesses to fields of CUDA's structs in a view.

    The owner is found through the file's own declarations of variables of such a struct; a field that only one struct
    has and no other code would name so (`multiProcessorCount`) needs no declaration.
    """
    fields = words & inventory.fields.keys()
    if not fields:
        return
    variables = _declared(text, words, inventory)
    structs = {struct for owners in variables.values() for struct in owners}
    for field in sorted(fields):
        owners = inventory.fields[field]
        lone = _lone_owner(field, owners)
        if lone is None and structs.isdisjoint(owners):
            continue
        for start in occurrences(text, field):
            head = text[max(0, start - 120) : start]
            tail = head.rstrip()[-1:]
            if tail not in (b".", b">"):
                continue
            match = _OBJECT.search(head)
            owner = None
            if match is not None:
                for candidate in variables.get(match[1], ()):
                    if candidate in owners:
                        owner = candidate
                        break
            elif _DESIGNATED.search(head):
                owner = next((struct for struct in owners if struct.encode() in words), None)
            if owner is None:
                owner = lone
            if owner is not None:
                yield MemberUse(start, start + len(field), field.decode(), owner)


def _lone_owner(field: bytes, owners: tuple[str, ...]) -> str | None:
    """The one struct that a distinctive field name belongs to."""
    if len(owners) == 1 and owners[0] == "cudaDeviceProp" and len(field) >= 12 and sum(byte < 91 for byte in field) >= 2:
        return owners[0]
    return None


def _declared(text: bytes, words: set[bytes], inventory: Inventory) -> dict[bytes, tuple[str, ...]]:
    """Variables, parameters and fields of a CUDA struct's type, by name."""
    variables: dict[bytes, list[str]] = {}
    spelled = {word: word.decode() for word in words & inventory.structs}
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
            for match in re.finditer(rb"(\w+)\s*=\s*[\w:]*\b" + function, text):
                variables.setdefault(match[1], []).append(struct)
    return {name: tuple(structs) for name, structs in variables.items()}
