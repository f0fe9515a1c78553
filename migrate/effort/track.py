r"""A port on its way: what closed between scans, how much work is left, how it goes compared with the estimate.

Work is the expected hours of findings and kernels. Project costs and reserve are taken to be used up in step with it:

    left_i = P50 of the start · work_i / work_0,     P10 and P90 in proportion

With the days spent so far the pace is (spent / earned) ^ share done, earned = P50 of the start - left: early on, when a
little says little, it stays near 1. The running total is spent + left · pace.
"""

from __future__ import annotations

import datetime as dt
import re
from typing import TYPE_CHECKING, NamedTuple

from migrate.effort.count import count
from migrate.effort.estimate import Estimate, Range, estimate
from migrate.model import CLASSES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from migrate.effort.count import Counts
    from migrate.effort.weights import Weights
    from migrate.model import Scan

_ISO = re.compile(r"\d{4}-\d\d-\d\d")

#: Layers that are no work on findings.
_NO_WORK = frozenset({"project", "tuning", "reserve"})


class Change(NamedTuple):
    """What became of the places of one name between two scans."""

    id: str
    category: str
    name: str
    before: int  # places
    after: int
    fixed: int  # gone
    new: int  # come
    moved: int  # gone from one file and come in another


class Step(NamedTuple):
    """One scan of the series."""

    label: str
    date: str  # ISO, "" when not given
    open: dict[str, int]  # class → places, every class but auto
    left: Range  # days
    share: float  # of the work, done
    fixed: int  # places since the step before
    new: int
    moved: int
    closed: int  # names whose last place went since the step before


class Track(NamedTuple):
    """A series of scans of one port."""

    target: str
    start: Estimate
    steps: tuple[Step, ...]
    changes: tuple[Change, ...]  # between the last two scans; those with a difference
    spent: float | None  # days
    pace: float  # real / estimated so far, shrunken
    total: Range | None  # running estimate of the whole, in days; None without `spent`
    per_day: float | None  # places fixed a calendar day; None without two dates
    finish: str  # ISO date at the speed so far; "" when it cannot be told


def difference(old: Counts, new: Counts) -> tuple[Change, ...]:
    """What differs, by id, class and name; ordered by class, id and name.

    Edits move lines, so a place has no identity beyond file and name: a file's places of a name are compared by number.
    """
    before = {(group.category, group.id, group.name): group for group in old.groups}
    after = {(group.category, group.id, group.name): group for group in new.groups}
    found = []
    for key in sorted(before.keys() | after.keys(), key=lambda key: (CLASSES.index(key[0]), *key[1:])):
        was = {path: len(lines) for path, lines in before[key].places.items()} if key in before else {}
        is_ = {path: len(lines) for path, lines in after[key].places.items()} if key in after else {}
        gone = sum(max(0, number - is_.get(path, 0)) for path, number in was.items())
        come = sum(max(0, number - was.get(path, 0)) for path, number in is_.items())
        moved = min(gone, come)
        if gone or come:
            category, identifier, name = key
            numbers = (sum(was.values()), sum(is_.values()), gone - moved, come - moved, moved)
            found.append(Change(identifier, category, name, *numbers))
    return tuple(found)


def track(
    scans: Sequence[tuple[str, Scan]],
    target: str,
    weights: Weights,
    *,
    spent: float | None = None,
    estimator: Callable[[Counts], Estimate] | None = None,
) -> Track:
    """The series *scans*, oldest first, each with a label; a label that is an ISO date counts as one.

    *estimator* makes the estimates where they need more than the weights, as a calibration.
    """
    make = estimator or (lambda counts: estimate(counts, weights))
    counts = [count(scan, target) for _, scan in scans]
    estimates = [make(item) for item in counts]
    start, work = estimates[0], [_work(item) for item in estimates]
    steps: list[Step] = []
    changes: tuple[Change, ...] = ()
    for number, (label, _) in enumerate(scans):
        changes = difference(counts[number - 1], counts[number]) if number else ()
        ratio = work[number] / work[0] if work[0] else 0.0
        # Moving code and renaming it is no progress; neither are names that need nobody.
        wanted = [change for change in changes if change.category != "auto"]
        steps.append(
            Step(
                label=label,
                date=label if _date(label) else "",
                open=_open(counts[number]),
                left=Range(*(value * ratio for value in start.range)),
                share=1 - ratio,
                fixed=sum(change.fixed for change in wanted),
                new=sum(change.new for change in wanted),
                moved=sum(change.moved for change in wanted),
                closed=sum(1 for change in wanted if change.before and not change.after),
            )
        )
    pace, total = _running(start.range, steps[-1], spent)
    per_day, finish = _speed(steps)
    return Track(target, start, tuple(steps), changes, spent, pace, total, per_day, finish)


def _work(estimate: Estimate) -> float:
    return sum(layer.hours for layer in estimate.layers if layer.key not in _NO_WORK)


def _open(counts: Counts) -> dict[str, int]:
    found = {category: 0 for category in CLASSES if category != "auto"}
    for group in counts.groups:
        if group.category in found:
            found[group.category] += group.hits
    return found


def _running(start: Range, last: Step, spent: float | None) -> tuple[float, Range | None]:
    if spent is None:
        return 1.0, None
    earned = start.p50 - last.left.p50
    share = min(1.0, max(0.0, last.share))
    pace = (spent / earned) ** share if earned > 0 and spent > 0 else 1.0
    return pace, Range(*(spent + value * pace for value in last.left))


def _date(text: str) -> dt.date | None:
    if not _ISO.fullmatch(text):
        return None
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        return None


def _speed(steps: Iterable[Step]) -> tuple[float | None, str]:
    """Places fixed a day between the first and the last dated step, and the day when nothing is left at that speed."""
    dated = [(date, step) for step in steps if (date := _date(step.label)) is not None]
    if len(dated) < 2 or dated[-1][0] <= dated[0][0]:
        return None, ""
    (first, begin), (last, end) = dated[0], dated[-1]
    days = (last - first).days
    fixed = sum(begin.open.values()) - sum(end.open.values())
    done = end.share - begin.share
    if done <= 0:
        return fixed / days, ""
    try:
        finish = last + dt.timedelta(days=round(days * (1 - end.share) / done))
    except OverflowError:
        return fixed / days, ""
    return fixed / days, finish.isoformat()
