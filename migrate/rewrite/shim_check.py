"""Which names of a project a vendor header leaves out: the check that keeps a shim complete.

A header covers a name by a macro, a typedef, an alias, a function or a struct of that name, or by a comment line that
begins with it: somebody looked at it and wrote why nothing stands there. Definitions count where the target's compiler
reads them.
"""

# Names of files may hold any bytes, so they stay strings.
# ruff: noqa: PTH113, PTH118, PTH120, PTH123

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, NamedTuple

from migrate.parse.directives import Directives
from migrate.parse.view import make_view
from migrate.rewrite import includes
from migrate.rewrite.conditions import Known, holds
from migrate.rewrite.shim_names import VERSIONS
from migrate.tables.inventory import CUDA_NAME

if TYPE_CHECKING:
    from collections.abc import Iterator

    from migrate.rewrite.shim_names import Name, Project

_NAMED = re.compile(
    rb"\btypedef\b[^;{}]*?\b(\w+)\s*(?:\[[^\]]*\]\s*)?;"
    rb"|\btypedef\b[^;{}]*\(\s*\*\s*(\w+)\s*\)\s*\([^;]*;"
    rb"|\busing\s+(\w+)\s*="
    rb"|\busing\s+(?:\w*::)+(\w+)\s*;"
    rb"|\bnamespace\s+(\w+)\s*(?:=|\{)"
    rb"|\b(?:struct|class|union|enum)\s+(\w+)\s*[:{]"
    rb"|\b(\w+)\s*\([^;{}()]*(?:\([^()]*\)[^;{}()]*)*\)\s*(?:noexcept\s*|->[^{};]*)?[{;]"
    rb"|\}\s*(\w+)\s*;"
)
_SPOKEN = re.compile(rb"^[ \t]*//[ \t]*([A-Za-z_][\w:.]*)", re.MULTILINE)
_NUMBER = re.compile(rb"\(?(0[xX][0-9a-fA-F]+|\d+)[uUlL]*\)?")


class Vendor(NamedTuple):
    """What a vendor header brings."""

    names: dict[str, tuple[str, ...]]  # name → conditions under which it is brought
    values: dict[str, int | None]  # its macros that hold always, with their numbers


def read(path: str) -> Vendor:
    """What the header at *path* brings, with the headers it includes in quotes from its own folder.

    Raises:
        OSError: *path* cannot be read.
    """
    names: dict[str, list[str]] = {}
    values: dict[str, int | None] = {}
    seen: set[str] = set()
    waiting = [(os.path.realpath(path), "")]
    while waiting:
        place, outer = waiting.pop()
        if place in seen:
            continue
        seen.add(place)
        with open(place, "rb") as stream:
            data = stream.read()
        for name, condition, number in _brought(data):
            names.setdefault(name, []).append(_joined(outer, condition))
            if not _joined(outer, condition) and number is not _NO_MACRO:
                values[name] = number if isinstance(number, int) else None
        view = make_view(data).text
        for include in includes.find(view, Directives(view)):
            beside = os.path.realpath(os.path.join(os.path.dirname(place), include.name))
            if view[include.start - 1 : include.start] == b'"' and os.path.isfile(beside):
                waiting.append((beside, _joined(outer, include.condition)))
    return Vendor({name: tuple(found) for name, found in names.items()}, values)


_NO_MACRO = object()


def _brought(data: bytes) -> Iterator[tuple[str, str, object]]:
    """Every name: (name, condition, a macro's number, None for a macro without one, _NO_MACRO for what is no macro)."""
    view = make_view(data).text
    directives = Directives(view)
    for directive in directives.all:
        if directive.word == "define" and directive.name:
            number = _NUMBER.fullmatch(view[directive.body : directive.end].strip())
            value = (
                int(number[1], 16 if number[1][:2] in (b"0x", b"0X") else 10)
                if number and not directive.parameters
                else None
            )
            yield directive.name.decode(), directives.condition(directive.start), value
    code = bytearray(view)
    for directive in directives.all:
        code[directive.start : directive.end] = b" " * (directive.end - directive.start)
    for found in _NAMED.finditer(code):
        group = found.lastindex or 1
        yield found[group].decode(), directives.condition(found.start(group)), _NO_MACRO
    for found in _SPOKEN.finditer(data):
        yield found[1].decode().rstrip(":."), directives.condition(found.start(1)), _NO_MACRO


def _joined(outer: str, inner: str) -> str:
    return " && ".join(part for part in (outer, inner) if part)


def missing(project: Project, vendor: Vendor, known: Known) -> list[Name]:
    """The names *project* uses that *vendor* does not cover, sorted.

    Names that stay as they are need nothing, and neither do version macros: undefined they read 0. A name no
    table knows is listed where only CUDA can be meant. What *vendor* brings under CUDA's version covers only names that
    stand under it as well: the target need not have it.
    """
    live = _live(vendor, known)
    always = live
    if project.target.kind != "compile-as-is" and project.manifest.arch.cuda_version is None:
        asked = (name for name in VERSIONS if name not in known.values)
        always = _live(vendor, Known(known.values, {*known.undefined, *asked}))
    return [
        name
        for name in project.names
        if _is_needed(name)
        and not _is_covered(name, live if any(version in name.condition for version in VERSIONS) else always)
    ]


def _live(vendor: Vendor, known: Known) -> set[str]:
    """The names of *vendor* whose conditions may hold."""
    return {name for name, places in vendor.names.items() if any(holds(place, known) is not False for place in places)}


def _is_needed(name: Name) -> bool:
    if name.way in ("same", "version") or name.target == name.name or (name.owner and name.way != "rename"):
        return False
    return name.way != "unknown" or CUDA_NAME.fullmatch(name.name.encode()) is not None


def _is_covered(name: Name, live: set[str]) -> bool:
    if name.name in live or (name.owner and f"{name.owner}.{name.name}" in live):
        return True
    parts = name.name.split("::")
    scopes = ("::".join(parts[:count]) for count in range(1, len(parts)))
    return any(scope in live for scope in scopes) or name.name.partition(".")[0] in live
