"""The baseline: a small, sorted text file of the findings a project has agreed to live with, for now.

    # migrate baseline, targets: musa
    path	id	name	key	count
    src/a.cu	MIG301	cudaGraphicsMapResources	0f3a5c7b9d1e	2

One line for each path, id, name and content key, with how many there are. No line numbers: moving code changes nothing.
Merging is safe whatever it does to lines: their order does not matter, and of lines said twice the larger count holds.
"""

from __future__ import annotations

import os
from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from migrate.check.findings import KNOWN, NEW, SUPPRESSED
from migrate.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from migrate.check.findings import Finding

#: The file's name, in the project's folder.
NAME = ".migrate-baseline.tsv"

_COLUMNS = "path\tid\tname\tkey\tcount"
_TARGETS = "# migrate baseline, targets: "

#: What a finding is known by: path from the project's folder, id, name, content key.
Identity = tuple[str, str, str, str]


class Baseline(NamedTuple):
    """Known findings and how many there are of each."""

    targets: tuple[str, ...]  # in the order asked for; empty when a file does not say
    counts: dict[Identity, int]

    @property
    def total(self) -> int:
        """How many findings are known."""
        return sum(self.counts.values())


def load(path: str) -> Baseline | None:
    """The baseline in the file *path*; None when there is no such file.

    Raises:
        UserError: the file cannot be read, or a line is none of ours; the message says how to mend it.
    """
    try:
        with open(path, encoding="utf-8", newline="\n") as handle:  # noqa: PTH123 - one name, no Path needed
            text = handle.read()
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(f"{path}: cannot be read: {error}; write it anew: migrate baseline") from error
    targets: tuple[str, ...] = ()
    counts: dict[Identity, int] = {}
    for number, line in enumerate(text.splitlines(), 1):
        if line.startswith(_TARGETS):
            targets = tuple(line.removeprefix(_TARGETS).replace(",", " ").split())
        if not line or line.startswith("#") or line == _COLUMNS:
            continue
        cells = line.split("\t")
        if len(cells) != 5 or not cells[4].isascii() or not cells[4].isdigit():
            raise UserError(
                f"{path}:{number}: not a line of a baseline (a merge conflict?); write it anew: migrate baseline"
            )
        identity = (cells[0], cells[1], cells[2], cells[3])
        counts[identity] = max(counts.get(identity, 0), int(cells[4]))
    return Baseline(targets, counts)


def render(baseline: Baseline) -> str:
    """The text of the file: the same for the same findings."""
    lines = [_TARGETS + ", ".join(baseline.targets), _COLUMNS]
    lines += ["\t".join((*identity, str(count))) for identity, count in sorted(baseline.counts.items()) if count > 0]
    return "\n".join(lines).encode("utf-8", "backslashreplace").decode() + "\n"


def count(found: Iterable[Finding]) -> dict[Identity, int]:
    """How many of *found* there are of each identity; suppressed ones need no baseline."""
    return dict(Counter(finding.identity for finding in found if finding.state != SUPPRESSED))


def compare(found: Iterable[Finding], baseline: Baseline, renamed: Mapping[str, str] | None = None) -> list[Finding]:
    """*found* with those marked that the baseline knows: the first ones of each identity, as many as it counts.

    *renamed* are today's paths of files the baseline knows by another: new path → old path.
    """
    room = dict(baseline.counts)
    renamed = renamed or {}
    done: list[Finding] = []
    for finding in found:
        identity = finding.identity
        if finding.place in renamed and identity not in room:
            identity = (renamed[finding.place], *identity[1:])
        if finding.state == NEW and room.get(identity, 0) > 0:
            room[identity] -= 1
            finding = finding._replace(state=KNOWN)  # noqa: PLW2901 - the finding that goes on
        done.append(finding)
    return done


def missing(baseline: Baseline, root: str) -> set[str]:
    """The baseline's paths that are no longer there."""
    paths = {identity[0] for identity in baseline.counts}
    return {path for path in paths if not os.path.lexists(os.path.join(root, path))}  # noqa: PTH118


def update(
    old: Baseline | None,
    targets: tuple[str, ...],
    counts: Mapping[Identity, int],
    looked_at: Collection[str] | None,
    *,
    prune: bool = False,
    renamed: Mapping[str, str] | None = None,
    gone: Collection[str] = (),
) -> Baseline:
    """The baseline after a look at the files *looked_at* (the whole project for None), which have *counts*.

    Args:
        old: the baseline so far.
        targets: the targets looked for.
        counts: what was found, by identity.
        looked_at: paths whose lines are replaced; others keep theirs.
        prune: only take out what is no longer found, add nothing.
        renamed: new path → old path.
        gone: paths that are no longer there.
    """
    back = {before: now for now, before in (renamed or {}).items()}
    known: dict[Identity, int] = {}
    for identity, number in (old.counts if old else {}).items():
        moved = (back.get(identity[0], identity[0]), *identity[1:])
        known[moved] = known.get(moved, 0) + number
    new = {
        identity: number
        for identity, number in known.items()
        if looked_at is not None and identity[0] not in looked_at and identity[0] not in gone
    }
    for identity, number in counts.items():
        new[identity] = min(number, known.get(identity, 0)) if prune else number
    return Baseline(targets, {identity: number for identity, number in new.items() if number > 0})
