"""The weights of the effort model, read from `rules/effort.toml` into values.

A triple (low, likely, high) stands for a Beta-PERT distribution with shape 4: mean (low + 4 likely + high) / 6,
variance (mean - low)(high - mean) / 7. Hours throughout; shares are plain numbers.
"""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from migrate.errors import UserError
from migrate.model import CLASSES

if TYPE_CHECKING:
    from pathlib import Path

#: Families of targets with weights of their own; compile-as-is targets use those of the first.
FAMILIES = ("cuda-like", "foreign")

#: What a reader can change, in the order every output lists it.
ASSUMPTIONS = ("team", "tests", "hardware", "ai", "reserve", "tuning", "operators")

_DURATION = re.compile(r"(\d+(?:\.\d+)?)([mh])")
_FINDING = re.compile(rf"(?:MIG\d{{3}}(?:/(?:{'|'.join(CLASSES)}|include))?|{'|'.join(CLASSES)})")


class Triple(NamedTuple):
    """Low, likely and high value of something uncertain."""

    low: float
    likely: float
    high: float

    @property
    def mean(self) -> float:
        """Expected value."""
        return (self.low + 4 * self.likely + self.high) / 6

    @property
    def variance(self) -> float:
        """Square of the standard deviation."""
        return (self.mean - self.low) * (self.high - self.mean) / 7


#: The triple of what costs nothing.
NOTHING = Triple(0.0, 0.0, 0.0)


class Cost(NamedTuple):
    """A cost in hours with what it rests on."""

    each: Triple
    evidence: str


class KernelCost(NamedTuple):
    """What a kernel of a foreign target costs that goes one way, in hours."""

    each: Triple
    evidence: str
    share: float  # of the kernels whose way is not known


class FindingCost(NamedTuple):
    """What the places of a name cost."""

    key: str  # where it stands in the file of weights: "cuda-like.MIG501/adapt"
    first: Triple  # its first place, for the first of the names with the same id, class and library
    next_name: Triple  # its first place, for the others
    next_file: Triple  # its first place in each further file
    next_place: Triple  # each further place in a file
    evidence: str


class Assumption(NamedTuple):
    """A number that a reader can change, with the bounds of its slider."""

    key: str
    value: float
    low: float
    high: float
    evidence: str


@dataclass(frozen=True, slots=True)
class Weights:
    """Everything `rules/effort.toml` holds."""

    version: str
    digest: str  # of the file's bytes: equal digests and equal counts mean equal hours
    hours_per_day: float
    sigma: dict[str, float]  # family → standard deviation of ln(real / likely)
    prior_weight: float  # projects
    sigma_floor: float
    days_per_symbol: float
    disagreement: float  # times
    assumptions: dict[str, Assumption]  # in the order of ASSUMPTIONS
    reserve: Triple  # share
    tuning: Triple  # share
    project: dict[str, Cost]  # setup, build, python, compile, numerics, library
    shim: dict[str, Cost]  # header, name
    adapter: Cost
    upkeep: dict[str, Cost]  # route → hours a month and 100 distinct symbols
    kernel: dict[str, KernelCost]  # operator, composed, write, risk; foreign targets
    findings: dict[str, dict[str, FindingCost]]  # family → id/class, id/include, id or class → cost

    def finding(self, family: str, identifier: str, category: str, kind: str = "") -> FindingCost:
        """The cost of findings with *identifier*, class *category* and *kind* of use on a target of *family*."""
        costs = self.findings[family]
        for key in (f"{identifier}/{category}", f"{identifier}/{kind}", identifier, category):
            if key in costs:
                return costs[key]
        raise KeyError(category)  # load() saw to it that every class has a cost


@lru_cache(maxsize=4)
def load(path: Path) -> Weights:
    """The weights in *path*.

    Raises:
        UserError: the file cannot be read, or a value is missing or not of its form; the message names it.
    """
    from hashlib import blake2b

    try:
        data = path.read_bytes()
    except OSError as error:
        raise UserError(f"{path}: cannot be read: {error.strerror}") from error
    if sys.version_info >= (3, 11):
        import tomllib
    else:
        import tomli as tomllib
    try:
        table: dict[str, Any] = tomllib.loads(data.decode("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UserError(f"{path}: {error}") from error
    return _Reader(str(path), table).weights(blake2b(data, digest_size=8).hexdigest())


class _Reader:
    """Takes values out of the file's tables and says where one is wrong."""

    def __init__(self, path: str, table: dict[str, Any]) -> None:
        self._path = path
        self._table = table

    def weights(self, digest: str) -> Weights:
        """All of it."""
        costs = {family: self._findings(family) for family in FAMILIES}
        return Weights(
            version=str(self._get("version")),
            digest=digest,
            hours_per_day=self._number("hours_per_day"),
            sigma={family: self._number(f"sigma.{family}") for family in FAMILIES},
            prior_weight=self._number("calibration.prior_weight"),
            sigma_floor=self._number("calibration.sigma_floor"),
            days_per_symbol=self._number("cross_check.days_per_symbol"),
            disagreement=self._number("cross_check.disagreement"),
            assumptions={key: self._assumption(key) for key in ASSUMPTIONS},
            reserve=self._triple("reserve.share"),
            tuning=self._triple("tuning.share"),
            project={
                key: self._cost(f"project.{key}")
                for key in ("setup", "build", "python", "compile", "numerics", "library")
            },
            shim={key: self._cost(f"routes.shim.{key}") for key in ("header", "name")},
            adapter=self._cost("routes.adapter.adapter"),
            upkeep={key: self._cost(f"upkeep.{key}") for key in ("rewrite", "shim", "compile-as-is", "adapter")},
            kernel=self._kernel(),
            findings=costs,
        )

    def _get(self, place: str, default: Any = None) -> Any:
        value: Any = self._table
        for part in place.split("."):
            value = value.get(part) if isinstance(value, dict) else None
        value = default if value is None else value
        if value is None:
            raise UserError(f"{self._path}: {place} is missing")
        return value

    def _number(self, place: str) -> float:
        value = self._get(place)
        if isinstance(value, bool) or not isinstance(value, int | float) or value < 0:
            raise UserError(f"{self._path}: {place} must be a number that is not negative")
        return float(value)

    def _triple(self, place: str, default: Any = None) -> Triple:
        value = self._get(place, default)
        if not isinstance(value, list) or len(value) != 3:
            raise UserError(f'{self._path}: {place} must be three values, low, likely, high: ["30m", "2h", "8h"]')
        triple = Triple(*(self._hours(item, place) for item in value))
        if not triple.low <= triple.likely <= triple.high:
            raise UserError(f"{self._path}: {place} must rise from low to high")
        return triple

    def _hours(self, value: Any, place: str) -> float:
        if isinstance(value, int | float) and not isinstance(value, bool) and value >= 0:
            return float(value)
        match = _DURATION.fullmatch(value) if isinstance(value, str) else None
        if match is None:
            raise UserError(f"{self._path}: {place}: {value!r} is no duration; write minutes as 30m, hours as 2h")
        return float(match[1]) / (60 if match[2] == "m" else 1)

    def _cost(self, place: str) -> Cost:
        return Cost(self._triple(f"{place}.cost"), str(self._get(f"{place}.evidence")))

    def _kernel(self) -> dict[str, KernelCost]:
        found = {}
        for key in ("operator", "composed", "write", "risk"):
            place = f"foreign.kernel.{key}"
            found[key] = KernelCost(*self._cost(place), self._number(f"{place}.share"))
        if abs(sum(cost.share for cost in found.values()) - 1) > 1e-9:
            raise UserError(f"{self._path}: the shares in foreign.kernel must add up to 1")
        return found

    def _assumption(self, key: str) -> Assumption:
        place = f"assumptions.{key}"
        value, low, high = (self._number(f"{place}.{name}") for name in ("value", "low", "high"))
        if not low <= value <= high:
            raise UserError(f"{self._path}: {place}: value must lie between low and high")
        return Assumption(key, value, low, high, str(self._get(f"{place}.evidence")))

    def _findings(self, family: str) -> dict[str, FindingCost]:
        found = {}
        for key in self._get(family):
            if family == "foreign" and key == "kernel":
                continue
            place = f"{family}.{key}"
            if not _FINDING.fullmatch(key):
                raise UserError(f"{self._path}: [{place}] is neither a class, MIGnnn, MIGnnn/class nor MIGnnn/include")
            first = self._triple(f"{place}.first", [0, 0, 0])
            next_name = self._triple(f"{place}.next_name", [*first])
            next_file = self._triple(f"{place}.next_file", [0, 0, 0])
            next_place = self._triple(f"{place}.next_place", [0, 0, 0])
            evidence = str(self._get(f"{place}.evidence"))
            found[key] = FindingCost(place, first, next_name, next_file, next_place, evidence)
        for category in CLASSES:
            if category not in found:
                raise UserError(f"{self._path}: [{family}.{category}] is missing")
        return found
