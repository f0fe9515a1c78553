"""How much of the CUDA that public code uses a target's table answers, by how often each name is used."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from migrate.errors import UserError
from migrate.match import Matcher
from migrate.model import FIRM_LEVELS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from migrate.model import Target
    from migrate.tables.inventory import Entry, Inventory
    from migrate.tables.rules import Table


class Usage(NamedTuple):
    """How often public code uses a name of CUDA."""

    name: str
    library: str
    uses: int


class Share(NamedTuple):
    """Uses, and names, that have an answer; *firm* ones rest on better than a published map."""

    answered: int
    firm: int
    answered_names: int
    firm_names: int


class Coverage(NamedTuple):
    """One target: its default variant, each of its variants, and the best any of them has for each name."""

    target: Target
    default: Share
    variants: tuple[tuple[Target, Share], ...]
    any: Share


#: Libraries whose names are not counted: those a project brings along, and NPP with its 10,000 image functions.
_NOT_COUNTED = frozenset({"cutlass", "torch", "npp"})


def read_usage(rules_dir: Path, inventory: Inventory) -> list[Usage]:
    """The counts of `rules/cuda/usage.tsv` for the names that CUDA's headers declare or its release notes name.

    CUTLASS and PyTorch stand in the inventory too, but are libraries of their own that a project brings along; names
    of the inventory without a header, a signature or a version are there to recognise a use, not to be counted.

    Raises:
        UserError: the table is missing.
    """
    path = rules_dir / "cuda" / "usage.tsv"
    try:
        lines = path.read_text(encoding="utf-8").split("\n")
    except FileNotFoundError as error:
        raise UserError(f"{path}: missing; coverage needs the counts of public use") from error
    rows = (line.split("\t") for line in lines[1:] if line)
    return [Usage(row[0], row[1], int(row[2])) for row in rows if _is_counted(inventory.get(row[0]))]


def _is_counted(entry: Entry | None) -> bool:
    if entry is None or entry.library in _NOT_COUNTED:
        return False
    return bool(entry.header or entry.signature or entry.added or entry.deprecated or entry.removed)


def coverage(
    target: Target, variants: Sequence[Target], usage: Sequence[Usage], table: Table, inventory: Inventory
) -> Coverage:
    """The shares of *usage* that *table* answers for *target*, for each of *variants*, and for any of them."""
    default = _levels(target, usage, table, inventory)
    each = [(variant, _levels(variant, usage, table, inventory)) for variant in variants]
    best = [_best(found) for found in zip(default, *(levels for _, levels in each), strict=True)]
    return Coverage(
        target,
        _share(usage, default),
        tuple((variant, _share(usage, levels)) for variant, levels in each),
        _share(usage, best),
    )


def _levels(target: Target, usage: Sequence[Usage], table: Table, inventory: Inventory) -> list[str]:
    """The level of each name's answer, "" without one."""
    matcher = Matcher(target, table, inventory)
    levels = []
    for name, _, _ in usage:
        use = ("include", name[1:-1]) if name[0] == "<" and name != "<<<>>>" else ("", name)
        hit = matcher.lookup(use[1], use[0])
        levels.append(hit.level if hit else "")
    return levels


def _best(levels: Sequence[str]) -> str:
    return next((level for level in levels if level in FIRM_LEVELS), next((level for level in levels if level), ""))


def _share(usage: Sequence[Usage], levels: Sequence[str]) -> Share:
    pairs = list(zip(usage, levels, strict=True))
    return Share(
        sum(row.uses for row, level in pairs if level),
        sum(row.uses for row, level in pairs if level in FIRM_LEVELS),
        sum(1 for _, level in pairs if level),
        sum(1 for _, level in pairs if level in FIRM_LEVELS),
    )


def as_data(found: Sequence[Coverage], usage: Sequence[Usage]) -> dict[str, object]:
    """Coverage as JSON values: numbers, from which every share can be had."""
    return {
        "schema_version": 1,
        "names": len(usage),
        "uses": sum(row.uses for row in usage),
        "targets": {
            row.target.key: {
                "default": row.default._asdict(),
                "variants": {variant.key: share._asdict() for variant, share in row.variants},
                "any": row.any._asdict(),
            }
            for row in found
        },
    }


def rows_of(found: Sequence[Coverage]) -> Iterator[tuple[str, Share, Share | None]]:
    """The rows of the table: a target with its any-variant share, then each variant that differs from the default."""
    for row in found:
        yield row.target.key, row.default, row.any if row.variants else None
        for variant, share in row.variants:
            if share != row.default:
                yield "  " + variant.key, share, None
