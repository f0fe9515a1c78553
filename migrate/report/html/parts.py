"""What page, sheet and tables show, as values.

Days are kept with the hours they come from, so that the page can compute them anew: a line's days are its hours times
one factor of its estimate (`migrate.effort.estimate`).
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from migrate.effort.estimate import Estimate, Line
    from migrate.effort.run import Basis
    from migrate.model import FileResult, Scan, Target, Use
    from migrate.report.summary import Census, Group, Totals

#: Order of the classes on the page: from what costs nothing to what nobody knows.
ORDER = ("auto", "check", "adapt", "rewrite", "unsupported", "unknown")

#: Parts of an estimate whose share of the total moves with an assumption; the page computes them by name.
MOVING = ("operator", "composed", "write", "risk", "reserve", "tuning")


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


class Part(NamedTuple):
    """A bar of the waterfall on every route to a stack."""

    row: Row  # of the first route that has it
    ways: list[Days | None]


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
    parts: list[Part]
    rules: list[Rule]
    drivers: list[Driver]
    blockers: list[Blocker]
    waves: dict[str, Days]
    libraries: list[Library]
    folders: list[Spot]
    files: list[Spot]
    unknown: list[Group]
    file_hours: dict[str, float] = field(default_factory=dict)
    anchor: str = ""  # numbers of project and target, for the ids of its elements

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


def share_of(estimate: Estimate) -> float:
    """Days of P50 that one hour of a line stands for."""
    total = sum(layer.hours for layer in estimate.layers)
    return estimate.range.p50 / total if total else 0.0


def year(estimate: Estimate) -> float:
    """Days of the first port and of twelve months of upkeep."""
    return estimate.range.p50 + 12 * estimate.upkeep


def automatic(target: TargetView) -> str:
    """Share of automatic places to one decimal; never 100 for less than all."""
    number, whole = target.totals.classes["auto"], target.totals.uses
    return f"{math.floor(1000 * number / whole) / 10:.1f}%" if whole else "–"


def open_places(spot: Spot) -> int:
    """Places that are not automatic."""
    return sum(number for key, number in spot.classes.items() if key != "auto")
