"""The difference between two scans of one project: what was fixed, what is new, what moved to another file."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from migrate.effort.count import census, count
from migrate.effort.track import difference

if TYPE_CHECKING:
    from migrate.effort.track import Change
    from migrate.model import Scan


class Older(NamedTuple):
    """What differs from an earlier scan, on one target."""

    name: str  # of the earlier scan
    fixed: int  # places
    new: int
    moved: int
    changes: tuple[Change, ...]  # most fixed and new places first


def against(name: str, old: Scan, new: Scan) -> dict[str, Older]:
    """The difference by key of the targets that both scans have; what is automatic is left out."""
    before, after = census(old), census(new)
    known = {target.key for target in old.targets}
    found = {}
    for target in new.targets:
        if target.key not in known:
            continue
        every = difference(count(old, target.key, before), count(new, target.key, after))
        changes = [change for change in every if change.category != "auto"]
        changes.sort(key=lambda change: (-(change.fixed + change.new), -change.moved, change.id, change.name))
        found[target.key] = Older(
            name,
            sum(change.fixed for change in changes),
            sum(change.new for change in changes),
            sum(change.moved for change in changes),
            tuple(changes),
        )
    return found
