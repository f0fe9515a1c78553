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
    "composed": "effort.line-composed",
    "write": "effort.line-write",
    "risk": "effort.line-risk",
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
    # A low end well below one unit gets a smaller one: `2 days to 10 weeks`, for `1 to 10 weeks` would be wrong.
    low_unit, low_size, _ = next(item for item in reversed(_UNITS) if item[1] <= size and _fills(spread.p10, item[1]))
    low, high = _whole(spread.p10, low_size), _whole(spread.p90, size)
    first = f"{low:,}" if low_unit == unit else text.count(low_unit, low, range=f"{low:,}")
    between = f"{high:,}" if (low, low_unit) == (high, unit) else text("effort.between", low=first, high=f"{high:,}")
    return text("effort.one-engineer", time=text.count(unit, high, range=between))


def _whole(value: float, size: float) -> int:
    """*value* in whole units of *size*, 1 at least."""
    return max(1, math.floor(value / size + 0.5))


def _fills(value: float, size: float) -> bool:
    """Whether *value* may be said in units of *size*: nearly one of them, or there is no smaller unit."""
    return value >= 0.9 * size or size == _UNITS[0][1]


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
    said += "" if text.language == "zh" else " "
    if other.warning == "above":
        return said + text("effort.cross-above", times=number(other.ratio))
    if other.warning == "below":
        return said + text("effort.cross-below", times=number(1 / other.ratio))
    return said.rstrip()


def unknown(text: Messages, estimate: Estimate) -> str:
    """How many names no table knows and what they cost; "" where there are none."""
    layer = estimate.layer("unknown")
    if layer is None:
        return ""
    names, known = len(layer.lines), len(estimate.counts.groups)
    return text("effort.unknown-share", names=f"{names:,}", all=f"{known:,}", days=number(layer.days))
