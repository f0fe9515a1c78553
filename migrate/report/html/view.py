"""What page, sheet and tables show, computed once from scans and estimates; only the words are left to them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from migrate.effort.run import estimates
from migrate.report import summary
from migrate.report.html import gather
from migrate.report.html.parts import Project, Report, TargetView
from migrate.report.plain import visible

if TYPE_CHECKING:
    from collections.abc import Sequence

    from migrate.effort.estimate import Estimate
    from migrate.effort.run import Basis
    from migrate.model import Scan, Target
    from migrate.report.summary import Census


def report(scans: Sequence[tuple[str, str, Scan]], on: Basis, targets: tuple[str, ...] = ()) -> Report:
    """The view of *scans*, each with a name and a revision; *targets* are keys, () for all."""
    found = Report([], [], on)
    for name, revision, scan in scans:
        first = len(found.estimates)
        found.estimates += estimates(scan, on, targets)
        index = len(found.projects)
        found.projects.append(_project(index, name, revision, scan, found.estimates, first))
    return found


def _project(index: int, name: str, revision: str, scan: Scan, every: list[Estimate], first: int) -> Project:
    counted = summary.census(scan)
    numbers: dict[str, list[int]] = {}
    for number in range(first, len(every)):
        numbers.setdefault(every[number].target, []).append(number)
    views = [_target(scan, target, counted, every, numbers) for target in scan.targets if target.key in numbers]
    views.sort(key=lambda view: (every[view.estimate].range.p50, view.key))
    for place, view in enumerate(views):
        view.anchor = f"{index}-{place}"
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
        uses=max((view.totals.uses for view in views), default=0),
        kernels=every[first].counts.sizes.kernels if len(every) > first else 0,
    )


def _target(
    scan: Scan, target: Target, counted: Census, every: list[Estimate], numbers: dict[str, list[int]]
) -> TargetView:
    number = numbers[target.key][0]
    estimate = every[number]
    groups = summary.groups(scan, target.key, summary.Selection(), places=3)
    lines = [line for layer in estimate.layers for line in layer.lines]
    rules = gather.rules(groups, lines, number)
    rows = gather.rows(estimate, number)
    ways = gather.ways(scan, target, every, numbers)
    hours = gather.file_hours(lines)
    folders, files = gather.spots(scan, target.key, hours)
    return TargetView(
        target=target,
        totals=summary.totals(scan, target.key, counted),
        estimate=number,
        ways=ways,
        rows=rows,
        parts=gather.parts(every, ways),
        rules=rules,
        drivers=gather.drivers(estimate, number, rules, rows),
        blockers=gather.blockers(groups),
        waves=gather.waves(number, rows),
        libraries=gather.libraries(groups),
        folders=folders,
        files=files,
        unknown=[group for group in groups if group.answer.category == "unknown"],
        file_hours=hours,
    )
