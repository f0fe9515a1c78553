"""Estimates in words: person-days to two figures, the time of one engineer, how sure, in both languages."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from migrate.effort.estimate import two_figures

if TYPE_CHECKING:
    from migrate.effort.estimate import Calibration, Estimate, Line, Range
    from migrate.messages import Messages

#: Units with what they hold of the one before, and the likely days up to which a unit is used (page's axis: 20 days
#: a month, 220 a year).
_UNITS = (
    ("effort.hours", 1 / 7, 1.0),
    ("effort.days", 1.0, 8.0),
    ("effort.weeks", 5.0, 60.0),
    ("effort.months", 20.0, 440.0),
    ("effort.years", 220.0, math.inf),
)

_ROUTES = {
    "rewrite": "effort.route-rewrite",
    "shim": "effort.route-shim",
    "compile-as-is": "effort.route-as-is",
    "adapter": "effort.route-adapter",
}
_LAYERS = {
    "kernels": "effort.layer-kernels",
    "project": "effort.layer-project",
    "tuning": "effort.layer-tuning",
    "reserve": "effort.layer-reserve",
    "check": "class.check",
    "unsupported": "class.unsupported",
    "rewrite": "class.rewrite",
    "adapt": "class.adapt",
    "unknown": "class.unknown",
    "auto": "class.auto",
}
_LINES = {
    "setup": "effort.line-setup",
    "build": "effort.line-build",
    "python": "effort.line-python",
    "compile": "effort.line-compile",
    "numerics": "effort.line-numerics",
    "shim-header": "effort.line-shim-header",
    "shim-names": "effort.line-shim-names",
    "adapter": "effort.line-adapter",
    "operator": "effort.line-operator",
    "write": "effort.line-write",
}
_CALIBRATIONS = {
    "calibrated": "effort.calibrated",
    "analogy": "effort.analogy",
    "none": "effort.not-calibrated",
}


def number(value: float) -> str:
    """*value* to two significant figures, thousands separated: 0.43, 2.1, 59, 140, 2,300."""
    rounded = two_figures(value)
    if rounded == 0:
        return "0"
    decimals = max(0, 1 - math.floor(math.log10(abs(rounded))))
    return f"{rounded:,.{decimals}f}"


def days(text: Messages, spread: Range) -> str:
    """`24 to 140 person-days, likely 59`."""
    return text("effort.range", low=number(spread.p10), high=number(spread.p90), likely=number(spread.p50))


def time(text: Messages, spread: Range) -> str:
    """The same for one engineer in hours, days, weeks, months or years: `5 to 28 weeks for one engineer`."""
    unit, size, _ = next(item for item in _UNITS if spread.p50 <= item[2])
    low, high = (max(1, math.floor(value / size + 0.5)) for value in (spread.p10, spread.p90))
    one = f"{high:,}"
    between = one if low == high else text("effort.between", low=f"{low:,}", high=one)
    return text("effort.one-engineer", time=text.count(unit, high, range=between))


def calibration(text: Messages, known: Calibration) -> str:
    """`calibrated, n = 11 (2026-11-24)`; `not calibrated` aloud."""
    return text(_CALIBRATIONS[known.state], n=known.n, date=known.date)


def route(text: Messages, key: str) -> str:
    """A route's name."""
    return text(_ROUTES[key])


def layer(text: Messages, key: str) -> str:
    """The name of a bar of the waterfall."""
    return text(_LAYERS[key])


def line(text: Messages, item: Line) -> str:
    """What a line is: `MIG501 asm bfe.u32`, `set-up and build`."""
    from migrate.report.plain import visible

    if item.library and not item.id:
        return text("effort.line-library", library=visible(item.library))
    return f"{item.id} {visible(item.name)}" if item.id else text(_LINES[item.key])


def cross_check(text: Messages, estimate: Estimate) -> str:
    """The other estimate and, where the two disagree, why that may be; "" where there is none."""
    other = estimate.cross_check
    if other is None:
        return ""
    said = text("effort.cross", symbols=f"{other.symbols:,}", days=number(other.days))
    if other.warning == "above":
        return f"{said} {text('effort.cross-above', times=number(other.ratio))}"
    if other.warning == "below":
        return f"{said} {text('effort.cross-below', times=number(1 / other.ratio))}"
    return said


def unknown(text: Messages, estimate: Estimate) -> str:
    """How many names no table knows and what they cost; "" where there are none."""
    layer = estimate.layer("unknown")
    if layer is None:
        return ""
    names, known = len(layer.lines), len(estimate.counts.groups)
    return text("effort.unknown-share", names=f"{names:,}", all=f"{known:,}", days=number(layer.days))
