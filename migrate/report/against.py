"""What earlier scans of one project say: what was fixed, what is new, what moved, and how the work burns down."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from migrate.effort.track import track

if TYPE_CHECKING:
    from collections.abc import Sequence

    from migrate.effort.run import Basis
    from migrate.effort.track import Change, Track
    from migrate.model import Scan


class Older(NamedTuple):
    """The way from earlier scans to this one, on one target; what is automatic is left out."""

    name: str  # of the last earlier scan; the differences are to it
    fixed: int  # places
    new: int
    moved: int
    changes: tuple[Change, ...]  # most fixed and new places first
    track: Track  # from the first earlier scan to this one, which has no label


def against(scans: Sequence[tuple[str, Scan]], new: Scan, on: Basis) -> dict[str, Older]:
    """The way from *scans*, each with a label, oldest first, to *new*, by key of the targets that all of them have."""
    found = {}
    for target in new.targets:
        if any(target.key not in {known.key for known in scan.targets} for _, scan in scans):
            continue
        followed = track([*scans, ("", new)], target.key, on.weights, estimator=on.estimate)
        changes = [change for change in followed.changes if change.category != "auto"]
        changes.sort(key=lambda change: (-(change.fixed + change.new), -change.moved, change.id, change.name))
        last = followed.steps[-1]
        found[target.key] = Older(scans[-1][0], last.fixed, last.new, last.moved, tuple(changes), followed)
    return found
