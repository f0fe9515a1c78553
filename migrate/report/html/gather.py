"""What a target's part of the page holds: bars, rules, drivers, blockers, routes, waves, libraries, folders, files."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from migrate.model import CLASSES, LEVELS, answer_key
from migrate.report.html.parts import (
    MOVING,
    ORDER,
    Blocker,
    Days,
    Driver,
    Library,
    Part,
    Row,
    Rule,
    Spot,
    Way,
    open_places,
    share_of,
    year,
)
from migrate.report.plain import visible

if TYPE_CHECKING:
    from collections.abc import Iterable

    from migrate.effort.estimate import Estimate, Line
    from migrate.model import Scan, Target
    from migrate.report.summary import Group

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


def _days(number: int, line: Line) -> Days:
    if line.layer == "kernels":
        return Days(number, 0.0, (line.key,), line.days)
    return Days(number, line.hours, (), line.days)


def rows(estimate: Estimate, number: int) -> list[Row]:
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
    return sorted(found, key=lambda row: _order(row.key))


def parts(every: list[Estimate], routes: Iterable[Way]) -> list[Part]:
    """What each of *routes* costs part by part, parts without days left out."""
    bars = [{row.key: row for row in rows(every[way.estimate], way.estimate)} for way in routes]
    known: dict[str, Row] = {}
    for of_way in bars:
        for key, row in of_way.items():
            if row.days.days:
                known.setdefault(key, row)
    return [
        Part(known[key], [of_way[key].days if key in of_way else None for of_way in bars])
        for key in sorted(known, key=_order)
    ]


def _order(key: str) -> int:
    """Place of a bar in the waterfall: classes, kernels, project costs, what comes on top."""
    order = {key: place for place, key in enumerate((*ORDER, "risk", "write", "composed", "operator"))}
    return order.get(key, {"numerics": 90, "tuning": 98, "reserve": 99}.get(key, 50))


def rules(groups: Iterable[Group], lines: Iterable[Line], number: int) -> list[Rule]:
    """Findings by id and class, most hours first."""
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


def drivers(estimate: Estimate, number: int, rules: Iterable[Rule], rows: Iterable[Row]) -> list[Driver]:
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


def blockers(groups: Iterable[Group]) -> list[Blocker]:
    """One decision a library: what is used of it and has no counterpart."""
    found: dict[str, list[Group]] = {}
    for group in groups:
        if group.answer.category == "unsupported":
            shape = group.first[0][1].shape if group.first else None
            library = shape.library if shape is not None and shape.kind != "hazard" else ""
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


def ways(scan: Scan, target: Target, every: list[Estimate], numbers: dict[str, list[int]]) -> list[Way]:
    """The routes of the target, and those of the compile-as-is variant of the same stack."""
    keys = [target.key]
    keys += [item.key for item in scan.targets if item.name == target.name and item.kind == "compile-as-is"]
    found = [number for key in dict.fromkeys(keys) for number in numbers.get(key, ())]
    best = min(found, key=lambda number: year(every[number]))
    return [Way(number, every[number].target, every[number].route, number == best) for number in found]


def waves(number: int, rows: Iterable[Row]) -> dict[str, Days]:
    """Days by wave, in the order of work."""
    found = {wave: Days(number) for wave in WAVES}
    for row in rows:
        wave = _WAVE.get(row.key) or ("rewrite" if row.key in ("operator", "composed", "write", "risk") else "build")
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


def libraries(groups: Iterable[Group]) -> list[Library]:
    """Libraries with their names by coverage, most names first."""
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


def file_hours(lines: Iterable[Line]) -> dict[str, float]:
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


def spots(scan: Scan, target: str, hours: dict[str, float]) -> tuple[list[Spot], list[Spot]]:
    """Folders by open places and files by hours, both without what is automatic."""
    answers = scan.answers[target]
    known: dict[int, str] = {}
    files = []
    folders: dict[str, Counter[str]] = {}
    for file in scan.files:
        here: Counter[str] = Counter()
        for use in file.uses:
            shape = use.shape
            category = known.get(id(shape))
            if category is None:
                answer = answers.get(answer_key(shape))
                category = known[id(shape)] = answer.category if answer else ""
            if category:
                here[category] += 1
        if here:
            files.append(Spot(file.path, {key: here[key] for key in ORDER}, hours.get(file.path, 0.0)))
            folder = file.path.rpartition("/")[0] or "."
            folders.setdefault(folder, Counter()).update(here)
    spots = [Spot(path, {key: here[key] for key in ORDER}, 0.0) for path, here in folders.items()]
    return (
        sorted(spots, key=lambda spot: (-open_places(spot), spot.path)),
        sorted(files, key=lambda spot: (-spot.hours, -open_places(spot), spot.path)),
    )
