r"""Counts times weights: how many person-days a port takes, in closed form, every hour with its origin.

For a target and a route, with PERT triples taken as independent and one draw for all places a triple counts:

    line      mean = Σ number · mean(triple)          variance = Σ number² · variance(triple) · along
    findings  A, project costs B: sums over their lines
    total     T = (A · (1 + t · U) + B) · (1 + R) · m     t tuning switch, U its share, R reserve, m multipliers
    shape     s² = ln(1 + Var T / (E T)²),  σ = √(s² + σ_model²)
    P50       = factor · E T / √(1 + Var T / (E T)²),     P10, P90 = P50 · exp(∓ 1.2816 σ)

T is taken as log-normal with its exact mean and variance; the model error is log-normal with median 1. A line's days
are its share of P50, so lines add up to layers and layers to P50. The page recomputes the same lines. `along` is 1 but
for names in no table, which one draw decides together (`migrate.effort.lines`).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from migrate.effort.lines import Line, finding_lines, kernel_numbers, project_lines, routes
from migrate.effort.weights import ASSUMPTIONS, Triple
from migrate.errors import UserError
from migrate.model import CLASSES

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from migrate.effort.count import Counts
    from migrate.effort.weights import Weights

__all__ = [
    "CALIBRATIONS", "LAYERS", "Z90", "Calibration", "CrossCheck", "Estimate", "Layer", "Line", "Range",
    "assumptions_of", "drivers", "estimate", "family_of", "time_class", "two_figures",
]  # fmt: skip

#: Quantile of the standard normal distribution at 0.9.
Z90 = 1.2815515655446004

#: What an estimate is made of, in the order of the waterfall.
LAYERS = (*CLASSES, "kernels", "project", "tuning", "reserve")

#: How far an estimate is backed by finished ports.
CALIBRATIONS = ("calibrated", "analogy", "none")


class Calibration(NamedTuple):
    """What finished ports say about the estimates of one family of targets; `calibrate` makes it."""

    state: str = "none"  # one of CALIBRATIONS
    n: int = 0  # finished ports it rests on
    own: int = 0  # of these, the user's own
    date: str = ""  # ISO date of the newest
    factor: float = 1.0  # real / estimated, shrunken
    sigma: float = 0.0  # of ln(real / estimated); 0 takes the family's


@dataclass(frozen=True, slots=True)
class Layer:
    """One bar of the waterfall."""

    key: str  # one of LAYERS
    hours: float  # expected, before multipliers
    days: float  # share of P50
    lines: tuple[Line, ...]  # most expensive first; none for tuning and reserve


class Range(NamedTuple):
    """Person-days."""

    p10: float
    p50: float
    p90: float


class CrossCheck(NamedTuple):
    """The other estimate, by distinct symbols alone."""

    symbols: int
    days: float
    ratio: float  # P50 / days
    warning: str  # "", "above" when the model says far more, "below" when far less


@dataclass(frozen=True, slots=True)
class Estimate:
    """What one route to one target costs."""

    target: str  # key
    route: str  # one of lines.ROUTES
    family: str  # whose weights were used
    range: Range
    layers: tuple[Layer, ...]  # in the order of LAYERS, those with lines or hours
    hours: float  # E T, in hours, before the calibration factor
    variance: float  # Var T
    sigma: float  # of ln T, model error included
    multiplier: float
    calibration: Calibration
    assumptions: dict[str, float]
    upkeep: float  # expected days a month
    cross_check: CrossCheck | None
    counts: Counts
    hours_per_day: float
    kernels: dict[str, float]  # way → number as told, before the assumption `operators`; {} where none is ported whole
    adapter: str = ""  # Python package of the route "adapter"

    def layer(self, key: str) -> Layer | None:
        """The layer *key*, None where it is empty."""
        return next((layer for layer in self.layers if layer.key == key), None)


def family_of(kind: str) -> str:
    """The family whose weights a target of *kind* takes."""
    return "foreign" if kind == "foreign" else "cuda-like"


def assumptions_of(weights: Weights, changed: Mapping[str, float] | None = None) -> dict[str, float]:
    """The assumptions, *changed* ones laid over the file's.

    Raises:
        UserError: there is no such assumption, or the value is out of its bounds.
    """
    values = {key: item.value for key, item in weights.assumptions.items()}
    for key, value in (changed or {}).items():
        if key not in values:
            raise UserError(f"{key} is no assumption; there are: {', '.join(ASSUMPTIONS)}")
        item = weights.assumptions[key]
        if not item.low <= value <= item.high:
            raise UserError(f"{key} must lie between {item.low:g} and {item.high:g}, not {value:g}")
        values[key] = value
    return values


def estimate(
    counts: Counts,
    weights: Weights,
    route: str = "",
    *,
    changed: Mapping[str, float] | None = None,
    calibration: Calibration | None = None,
    adapter: str = "",
) -> Estimate:
    """The cost of porting *counts* on *route*, the target's first one when left out.

    Raises:
        UserError: *changed* names no assumption or leaves its bounds.
    """
    route = route or routes(counts)[0]
    family = family_of(counts.kind)
    values = assumptions_of(weights, changed)
    calibration = calibration or Calibration()
    lines = [
        *finding_lines(counts, weights, family, route, values["operators"]),
        *project_lines(counts, weights, route),
    ]
    findings = [line for line in lines if line.layer != "project"]
    a, va = sum(line.hours for line in findings), sum(line.variance for line in findings)
    b = sum(line.hours for line in lines) - a
    vb = sum(line.variance for line in lines if line.layer == "project")
    tuning, reserve = values["tuning"], _reserve(weights, values["reserve"])
    ea, va = _product(a, va, 1 + tuning * weights.tuning.mean, tuning**2 * weights.tuning.variance)
    multiplier = values["team"] * values["tests"] * values["hardware"] * values["ai"]
    hours, variance = _product(ea + b, va + vb, 1 + reserve.mean, reserve.variance)
    hours, variance = multiplier * hours, multiplier**2 * variance
    spread = math.log1p(variance / hours**2) if hours else 0.0
    sigma = math.sqrt(spread + (calibration.sigma or weights.sigma[family]) ** 2)
    median = math.exp(-spread / 2)
    p50 = calibration.factor * hours * median / weights.hours_per_day
    width = math.exp(Z90 * sigma)
    # One hour of a line is so many days of P50.
    share = calibration.factor * multiplier * median / weights.hours_per_day
    extra = {"tuning": ea - a, "reserve": (ea + b) * reserve.mean}
    upkeep = weights.upkeep[route].each.mean * counts.sizes.symbols / 100 / weights.hours_per_day
    return Estimate(
        target=counts.target,
        route=route,
        family=family,
        range=Range(p50 / width, p50, p50 * width),
        layers=_layers(lines, extra, share),
        hours=hours,
        variance=variance,
        sigma=sigma,
        multiplier=multiplier,
        calibration=calibration,
        assumptions=values,
        upkeep=upkeep,
        cross_check=_cross_check(counts, weights, family, p50),
        counts=counts,
        hours_per_day=weights.hours_per_day,
        kernels=kernel_numbers(counts, weights),
        adapter=adapter if route == "adapter" else "",
    )


def _product(mean: float, variance: float, factor: float, factor_variance: float) -> tuple[float, float]:
    """Mean and variance of a product of two independent quantities."""
    return mean * factor, (variance + mean**2) * (factor_variance + factor**2) - (mean * factor) ** 2


def _reserve(weights: Weights, likely: float) -> Triple:
    """The reserve's triple with *likely* in the middle, low and high in the file's proportion."""
    triple = weights.reserve
    return Triple(*(likely * value / triple.likely for value in triple)) if triple.likely else triple


def _layers(lines: Iterable[Line], extra: Mapping[str, float], share: float) -> tuple[Layer, ...]:
    """Lines by layer, each with its days."""
    from dataclasses import replace

    by_layer: dict[str, list[Line]] = {}
    for line in lines:
        if line.parts or line.id:
            by_layer.setdefault(line.layer, []).append(replace(line, days=line.hours * share))
    found = []
    for key in LAYERS:
        own = sorted(by_layer.get(key, ()), key=lambda line: (-line.days, line.key))
        hours = extra.get(key, 0.0) or sum(line.hours for line in own)
        if own or hours:
            found.append(Layer(key, hours, hours * share, tuple(own)))
    return tuple(found)


def _cross_check(counts: Counts, weights: Weights, family: str, p50: float) -> CrossCheck | None:
    """Days by distinct symbols; None where no port says what a symbol costs."""
    if family == "foreign" or not counts.sizes.symbols:
        return None
    days = weights.days_per_symbol * counts.sizes.symbols
    ratio = p50 / days
    warning = "above" if ratio > weights.disagreement else "below" if ratio < 1 / weights.disagreement else ""
    return CrossCheck(counts.sizes.symbols, days, ratio, warning)


def drivers(estimate: Estimate, most: int = 5) -> tuple[Line, ...]:
    """The most expensive lines, whatever their layer."""
    lines = (line for layer in estimate.layers for line in layer.lines if line.days)
    return tuple(sorted(lines, key=lambda line: (-line.days, line.key))[:most])


def time_class(hours: float) -> str:
    """The class managers compare by: under-2h, 2-6h, over-6h, redesign from a week on."""
    return "under-2h" if hours < 2 else "2-6h" if hours <= 6 else "over-6h" if hours < 35 else "redesign"


def two_figures(value: float) -> float:
    """*value* to two significant figures, half away from zero."""
    if value == 0 or not math.isfinite(value):
        return value
    digits = 1 - math.floor(math.log10(abs(value)))
    scale = 10.0 ** abs(digits)
    rounded = math.floor(value * scale + 0.5) / scale if digits > 0 else math.floor(value / scale + 0.5) * scale
    return float(f"{rounded:.10g}")
