"""What page, sheet and tables show, computed once from scans and estimates; only the words are left to them.

Days are kept with the hours they come from, so that the page can compute them anew: a line's days are its hours times
one factor of its estimate (`migrate.effort.estimate`).
"""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from migrate.effort.run import estimates
from migrate.model import CLASSES, LEVELS
from migrate.report import summary
from migrate.report.plain import visible

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from migrate.effort.estimate import Estimate, Line
    from migrate.effort.run import Basis
    from migrate.model import FileResult, Scan, Target, Use
    from migrate.report.summary import Census, Group, Totals

#: Order of the classes on the page: from what costs nothing to what nobody knows.
ORDER = ("auto", "check", "adapt", "rewrite", "unsupported", "unknown")

#: Parts of an estimate whose share of the total moves with an assumption; the page computes them by name.
MOVING = ("operator", "write", "reserve", "tuning")

#: Wave of a line, by layer, then by key of a project cost.
WAVES = ("build", "adapt", "check", "rewrite", "prove")
_WAVE = {
    "auto": "build",
    "unknown": "build",
    "adapt": "adapt",
    "check": "check",
    "rewrite": "rewrite",
    "unsupported": "rewrite",
    "kernels": "rewrite",
    "project": "build",
    "tuning": "prove",
    "reserve": "prove",
    "numerics": "prove",
}


@dataclass(slots=True)
class Days:
    """Days of one estimate: fixed hours and the parts that move with assumptions."""

    estimate: int  # number of the estimate
    hours: float = 0.0
    moving: tuple[str, ...] = ()  # of MOVING
    days: float = 0.0

    @property
    def formula(self) -> str:
        """How the page computes them: `3|12.5+reserve`."""
        return f"{self.estimate}|" + "+".join((repr(round(self.hours, 6)), *self.moving))

    def __add__(self, other: Days) -> Days:
        """Both together."""
        return Days(self.estimate, self.hours + other.hours, self.moving + other.moving, self.days + other.days)


class Row(NamedTuple):
    """One bar of the waterfall."""

    key: str  # layer, or key of a project cost
    days: Days
    lines: tuple[Line, ...]


@dataclass(slots=True)
class Rule:
    """Findings with the same id and class."""

    id: str
    category: str
    places: int
    files: int
    days: Days
    groups: list[Group]  # names, most frequent first
    lines: list[Line]
    level: str  # of most of its places
    fix: str
    first: tuple[FileResult, Use]


class Driver(NamedTuple):
    """Something the days come from, with what would lower it."""

    kind: str  # id of a rule, key of a project cost, "reserve"
    category: str  # class of a rule, "" otherwise
    days: Days
    saves: Days | None
    files: int
    names: int


class Blocker(NamedTuple):
    """A decision: a library, or names of one, without counterpart."""

    library: str
    ids: tuple[str, ...]
    names: tuple[str, ...]
    places: int
    files: int
    note: tuple[str, str] | None  # what the rule says, en and zh


class Way(NamedTuple):
    """A route to a stack."""

    estimate: int
    target: str
    route: str
    lowest: bool  # of the first twelve months


class Library(NamedTuple):
    """A CUDA library with its names by coverage."""

    name: str
    names: dict[str, list[Group]]  # covered, partly, missing, unknown


class Spot(NamedTuple):
    """A file or folder with its open places."""

    path: str
    classes: dict[str, int]
    hours: float


@dataclass(slots=True)
class TargetView:
    """One target of one project."""

    target: Target
    totals: Totals
    estimate: int  # of its first route
    ways: list[Way]
    rows: list[Row]
    rules: list[Rule]
    drivers: list[Driver]
    blockers: list[Blocker]
    waves: dict[str, Days]
    libraries: list[Library]
    folders: list[Spot]
    files: list[Spot]
    unknown: list[Group]
    file_hours: dict[str, float] = field(default_factory=dict)

    @property
    def key(self) -> str:
        """As asked for."""
        return self.target.key


@dataclass(slots=True)
class Project:
    """One scan."""

    name: str
    revision: str
    scan: Scan
    counted: Census
    targets: list[TargetView]  # cheapest first
    states: dict[str, int]
    lines: int
    names: int
    uses: int
    kernels: int


@dataclass(slots=True)
class Report:
    """Everything a report shows."""

    projects: list[Project]
    estimates: list[Estimate]
    basis: Basis


def report(scans: Sequence[tuple[str, str, Scan]], on: Basis, targets: tuple[str, ...] = ()) -> Report:
    """The view of *scans*, each with a name and a revision; *targets* are keys, () for all."""
    found = Report([], [], on)
    for name, revision, scan in scans:
        first = len(found.estimates)
        found.estimates += estimates(scan, on, targets)
        found.projects.append(_project(name, revision, scan, found.estimates, first))
    return found


def _project(name: str, revision: str, scan: Scan, every: list[Estimate], first: int) -> Project:
    counted = summary.census(scan)
    numbers: dict[str, list[int]] = {}
    for number in range(first, len(every)):
        numbers.setdefault(every[number].target, []).append(number)
    views = [_target(scan, target, counted, every, numbers) for target in scan.targets if target.key in numbers]
    views.sort(key=lambda view: (every[view.estimate].range.p50, view.key))
    labels = {(shape.kind, shape.name, shape.owner) for shape in counted.shapes if shape.kind != "hazard"}
    return Project(
        name=visible(name),
        revision=visible(revision),
        scan=scan,
        counted=counted,
        targets=views,
        states=summary.file_states(scan),
        lines=sum(file.lines for file in scan.files if file.uses),
        names=len(labels),
        uses=sum(counted.shapes.values()),
        kernels=every[first].counts.sizes.kernels if len(every) > first else 0,
    )


def _target(
    scan: Scan, target: Target, counted: Census, every: list[Estimate], numbers: dict[str, list[int]]
) -> TargetView:
    number = numbers[target.key][0]
    estimate = every[number]
    groups = summary.groups(scan, target.key, summary.Selection(), places=3)
    lines = [line for layer in estimate.layers for line in layer.lines]
    rules = _rules(groups, lines, number)
    rows = _rows(estimate, number)
    hours = _file_hours(lines)
    folders, files = _spots(scan, target.key, hours)
    return TargetView(
        target=target,
        totals=summary.totals(scan, target.key, counted),
        estimate=number,
        ways=_ways(scan, target, every, numbers),
        rows=rows,
        rules=rules,
        drivers=_drivers(estimate, number, rules, rows),
        blockers=_blockers(groups, lines),
        waves=_waves(number, rows),
        libraries=_libraries(groups),
        folders=folders,
        files=files,
        unknown=[group for group in groups if group.answer.category == "unknown"],
        file_hours=hours,
    )


def _days(number: int, line: Line) -> Days:
    if line.layer == "kernels":
        return Days(number, 0.0, (line.key,), line.days)
    return Days(number, line.hours, (), line.days)


def _rows(estimate: Estimate, number: int) -> list[Row]:
    """The bars of the waterfall: layers, project costs one by one."""
    found = []
    for layer in estimate.layers:
        if layer.key in ("project", "kernels"):
            found += [Row(line.key, _days(number, line), (line,)) for line in layer.lines]
        elif layer.key in MOVING:
            found.append(Row(layer.key, Days(number, 0.0, (layer.key,), layer.days), ()))
        else:
            found.append(Row(layer.key, Days(number, layer.hours, (), layer.days), layer.lines))
    if not any(row.key == "tuning" for row in found):
        found.append(Row("tuning", Days(number, 0.0, ("tuning",), 0.0), ()))
    order = {key: place for place, key in enumerate((*ORDER, "write", "operator"))}
    last = {"numerics": 90, "tuning": 98, "reserve": 99}
    return sorted(found, key=lambda row: order.get(row.key, last.get(row.key, 50)))


def _rules(groups: Iterable[Group], lines: Iterable[Line], number: int) -> list[Rule]:
    by_rule: dict[tuple[str, str], list[Group]] = {}
    for group in groups:
        by_rule.setdefault((group.answer.id, group.answer.category), []).append(group)
    costs: dict[tuple[str, str], list[Line]] = {}
    for line in lines:
        if line.id:
            costs.setdefault((line.id, line.layer), []).append(line)
    found = []
    for key, members in by_rule.items():
        own = costs.get(key, [])
        days = Days(number)
        for line in own:
            days += _days(number, line)
        levels: Counter[str] = Counter()
        for group in members:
            if group.rule is not None:
                levels[group.rule.level] += group.count
        level = max(levels, key=lambda item: (levels[item], -LEVELS.index(item))) if levels else ""
        paths = {path for line in own for path in line.places}
        first = min((group.first[0] for group in members if group.first), key=lambda place: place[0].path)
        best = max(members, key=lambda group: group.count)
        found.append(
            Rule(
                id=key[0],
                category=key[1],
                places=sum(group.count for group in members),
                files=max(len(paths), *(group.files for group in members)),
                days=days,
                groups=sorted(members, key=lambda group: (-group.count, group.label)),
                lines=own,
                level=level,
                fix=best.answer.fix,
                first=first,
            )
        )
    return sorted(found, key=lambda rule: (-rule.days.hours, CLASSES.index(rule.category), -rule.places, rule.id))


def _saving(number: int, estimate: Estimate, hours: float) -> Days | None:
    """*hours* less, in days; None where that is nothing."""
    return Days(number, hours, (), hours * share_of(estimate)) if hours > 0 else None


def _less_reserve(number: int, estimate: Estimate, days: float) -> Days | None:
    """What a reserve of 5 % saves of one of so many *days*."""
    now = estimate.assumptions["reserve"]
    left = days * (1 - 0.05 / now) if now > 0.05 else 0.0
    return _saving(number, estimate, left / share_of(estimate)) if left else None


def share_of(estimate: Estimate) -> float:
    """Days of P50 that one hour of a line stands for."""
    total = sum(layer.hours for layer in estimate.layers)
    return estimate.range.p50 / total if total else 0.0


def _drivers(estimate: Estimate, number: int, rules: Iterable[Rule], rows: Iterable[Row]) -> list[Driver]:
    """Rules, project costs and reserve, most expensive first.

    What would be saved is taken from the weights: for code to check, adapt or rewrite, its places after the first of
    each name (one shared header or function serves them); for project costs, the low end of their triple; for names
    without counterpart or in no table, all of it.
    """
    found = []
    for rule in rules:
        if rule.category in ("unsupported", "unknown"):
            hours = rule.days.hours
        elif rule.category == "auto":
            hours = 0.0
        else:
            hours = sum(part.hours for line in rule.lines for part in line.parts if part.what.startswith("next_"))
            hours -= sum(part.hours for line in rule.lines for part in line.parts if part.what == "next_name")
        names = len(rule.lines)
        found.append(Driver(rule.id, rule.category, rule.days, _saving(number, estimate, hours), rule.files, names))
    for row in rows:
        saves = None
        if row.lines and not row.lines[0].id and row.key not in CLASSES:
            hours = sum(part.number * (part.each.mean - part.each.low) for part in row.lines[0].parts)
            saves = _saving(number, estimate, hours)
        elif row.key == "reserve":
            saves = _less_reserve(number, estimate, row.days.days)
        elif row.key in CLASSES:
            continue
        found.append(Driver(row.key, "", row.days, saves, row.lines[0].files if row.lines else 0, 0))
    return sorted((item for item in found if item.days.days), key=lambda item: -item.days.days)


def _blockers(groups: Iterable[Group], lines: Iterable[Line]) -> list[Blocker]:
    """One decision a library: what is used of it and has no counterpart."""
    libraries = {(line.id, line.name): line.library for line in lines if line.id}
    found: dict[str, list[Group]] = {}
    for group in groups:
        if group.answer.category == "unsupported":
            library = libraries.get((group.answer.id, group.label), "")
            found.setdefault(library or group.label, []).append(group)
    blockers = []
    for library, members in found.items():
        members.sort(key=lambda group: (group.answer.id not in ("MIG301", "MIG304"), -group.count, group.label))
        note = next((group.rule.notes[0] for group in members if group.rule and group.rule.notes), None)
        blockers.append(
            Blocker(
                library=visible(library),
                ids=tuple(sorted({group.answer.id for group in members})),
                names=tuple(visible(group.label) for group in members),
                places=sum(group.count for group in members),
                files=max(group.files for group in members),
                note=(visible(note.en), visible(note.zh)) if note else None,
            )
        )
    return sorted(blockers, key=lambda item: (-item.places, item.library))


def _ways(scan: Scan, target: Target, every: list[Estimate], numbers: dict[str, list[int]]) -> list[Way]:
    """The routes of the target, and those of the compile-as-is variant of the same stack."""
    keys = [target.key]
    keys += [item.key for item in scan.targets if item.name == target.name and item.kind == "compile-as-is"]
    found = [number for key in dict.fromkeys(keys) for number in numbers.get(key, ())]
    best = min(found, key=lambda number: year(every[number]))
    return [Way(number, every[number].target, every[number].route, number == best) for number in found]


def year(estimate: Estimate) -> float:
    """Days of the first port and of twelve months of upkeep."""
    return estimate.range.p50 + 12 * estimate.upkeep


def _waves(number: int, rows: Iterable[Row]) -> dict[str, Days]:
    found = {wave: Days(number) for wave in WAVES}
    for row in rows:
        wave = _WAVE.get(row.key) or ("rewrite" if row.key in ("write", "operator") else "build")
        found[wave] += row.days
    return found


_COVERAGE = {
    "auto": "covered",
    "check": "partly",
    "adapt": "partly",
    "rewrite": "missing",
    "unsupported": "missing",
    "unknown": "unknown",
}


def _libraries(groups: Iterable[Group]) -> list[Library]:
    found: dict[str, Library] = {}
    for group in groups:
        shape = group.first[0][1].shape if group.first else None
        if shape is None or shape.kind == "hazard":
            continue
        library = found.setdefault(
            shape.library, Library(shape.library, {key: [] for key in ("covered", "partly", "missing", "unknown")})
        )
        library.names[_COVERAGE[group.answer.category]].append(group)
    return sorted(found.values(), key=lambda item: (-sum(map(len, item.names.values())), item.name))


def _file_hours(lines: Iterable[Line]) -> dict[str, float]:
    """Hours by path: the first place of a name counts for its first file."""
    found: dict[str, float] = {}
    for line in lines:
        if not line.id or not line.parts:
            continue
        each = {part.what: part.each.mean for part in line.parts}
        start = each.get("first", each.get("next_name", 0.0))
        for place, (path, numbers) in enumerate(line.places.items()):
            hours = (each.get("next_file", 0.0) if place else start) + (len(numbers) - 1) * each.get("next_place", 0.0)
            found[path] = found.get(path, 0.0) + hours
    return found


def _spots(scan: Scan, target: str, hours: dict[str, float]) -> tuple[list[Spot], list[Spot]]:
    """Folders by open places and files by hours, both without what is automatic."""
    from migrate.model import answer_key

    answers = scan.answers[target]
    known: dict[int, str] = {}
    files = []
    folders: dict[str, Counter[str]] = {}
    for file in scan.files:
        here: Counter[str] = Counter()
        for shape_id, number in Counter([id(use.shape) for use in file.uses]).items():
            if shape_id not in known:
                shape = next(use.shape for use in file.uses if id(use.shape) == shape_id)
                answer = answers.get(answer_key(shape))
                known[shape_id] = answer.category if answer else ""
            if known[shape_id]:
                here[known[shape_id]] += number
        if here:
            files.append(Spot(file.path, {key: here[key] for key in ORDER}, hours.get(file.path, 0.0)))
            folder = file.path.rpartition("/")[0] or "."
            folders.setdefault(folder, Counter()).update(here)
    spots = [Spot(path, {key: here[key] for key in ORDER}, 0.0) for path, here in folders.items()]
    return (
        sorted(spots, key=lambda spot: (-open_places(spot), spot.path)),
        sorted(files, key=lambda spot: (-spot.hours, -open_places(spot), spot.path)),
    )


def automatic(target: TargetView) -> str:
    """Share of automatic places to one decimal; never 100 for less than all."""
    number, whole = target.totals.classes["auto"], target.totals.uses
    return f"{math.floor(1000 * number / whole) / 10:.1f}%" if whole else "–"


def open_places(spot: Spot) -> int:
    """Places that are not automatic."""
    return sum(number for key, number in spot.classes.items() if key != "auto")
