"""Numbers that the script computes anew, and the drawings made of them."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from migrate.messages import LANGUAGES, messages
from migrate.report import effort_words
from migrate.report.html.parts import ORDER
from migrate.report.html.texts import CODES

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from migrate.effort.estimate import Estimate, Line
    from migrate.effort.track import Step, Track
    from migrate.report.html.parts import Days, Report, Row, TargetView

#: Ticks of the axis of days: person-days and message id with its number.
_TICKS = (
    (1, "effort.days", 1),
    (5, "effort.weeks", 1),
    (20, "effort.months", 1),
    (60, "effort.months", 3),
    (220, "effort.years", 1),
    (660, "effort.years", 3),
    (2200, "effort.years", 10),
    (6600, "effort.years", 30),
    (22000, "effort.years", 100),
    (66000, "effort.years", 300),
)
_LEFT, _RIGHT = 46.0, 314.0  # where the axis begins and ends in a drawing of 360

#: Level of evidence → filled ticks of five.
_STRENGTH = {"declared": 5, "documented": 4, "used": 3, "mapped": 2, "inferred": 1}


class Axis:
    """The log axis of days that all ranges of a page share."""

    def __init__(self, found: Iterable[Estimate]) -> None:
        """From the ranges of *found*, with room for assumptions to move them."""
        ranges = [item.range for item in found if item.range.p50 > 0]
        low = min((item.p10 for item in ranges), default=1.0) / 1.3
        high = max((item.p90 for item in ranges), default=100.0) * 1.3
        self.low, self.high = math.log(max(low, 0.02)), math.log(max(high, low * 10))

    def x(self, days: float) -> float:
        """Where *days* lie in a drawing of 360."""
        if days <= 0:
            return _LEFT
        share = (math.log(days) - self.low) / (self.high - self.low)
        return round(_LEFT + min(max(share, 0.0), 1.0) * (_RIGHT - _LEFT), 1)

    @property
    def ticks(self) -> list[tuple[float, list[tuple[str, str]], str]]:
        """Position, words in both languages, and days of each tick, far enough apart to be read."""
        found: list[tuple[float, list[tuple[str, str]], str]] = []
        for days, message, number in _TICKS:
            if not self.low <= math.log(days) <= self.high:
                continue
            x = self.x(days)
            if found and x - found[-1][0] < 60:
                continue
            texts = [(CODES[code], messages(code).count(message, number, range=f"{number:,}")) for code in LANGUAGES]
            found.append((x, texts, f"{days:,}"))
        return found


class Figures:
    """What the template calls for numbers and drawings."""

    def __init__(self, report: Report, tracks: Iterable[Track] = ()) -> None:
        """With one axis for all ranges of *report*; the starts of *tracks* are numbered after its estimates."""
        self._report = report
        self._starts = {id(track): number for number, track in enumerate(tracks, len(report.estimates))}
        self.axis = Axis(report.estimates)

    def num(self, estimate: int, key: str) -> Markup:
        """A figure of a range, two significant digits."""
        value = getattr(self._report.estimates[estimate].range, key)
        return Markup('<span data-p="{}:{}">{}</span>').format(estimate, key, effort_words.number(value))

    def num1(self, estimate: int) -> Markup:
        """P50 to one decimal."""
        value = self._report.estimates[estimate].range.p50
        return Markup('<span data-p="{}:p50:1">{}</span>').format(estimate, f"{value:,.1f}")

    def days(self, days: Days) -> Markup:
        """Days to one decimal."""
        return Markup('<span data-d="{}">{}</span>').format(days.formula, f"{days.days:,.1f}")

    def left(self, track: Track, step: Step, key: str) -> Markup:
        """Days that a scan of a series leaves, in proportion to the estimate of the first one."""
        value, start = getattr(step.left, key), self._starts[id(track)]
        return Markup('<span data-left="{}:{}:{}">{}</span>').format(
            start, key, repr(round(1 - step.share, 6)), effort_words.number(value)
        )

    def burn(self, track: Track) -> dict[str, Any]:
        """The line of the work left in a drawing of 600 by 130: points, outline of the area, highest share."""
        shares = [1 - step.share for step in track.steps]
        most, last = max(*shares, 1.0), len(shares) - 1
        points = [
            (round(30 + 540 * at / last, 1), round(112 - 84 * share / most, 1)) for at, share in enumerate(shares)
        ]
        line = " ".join(f"{x},{y}" for x, y in points)
        return {"points": points, "line": line, "area": f"30,112 {line} 570,112"}

    def most_open(self, track: Track) -> int:
        """Open places of the scan that has most."""
        return max(sum(step.open.values()) for step in track.steps) or 1

    def days_of(self, estimate: int, line: Line) -> Markup:
        """Days of a line to two decimals."""
        formula = f"{estimate}|0+{line.key}" if line.layer == "kernels" else f"{estimate}|{line.hours:.6f}"
        return Markup('<b data-d="{}" data-digits="2">{}</b>').format(formula, f"{line.days:,.2f}")

    # -- drawings ------------------------------------------------------------------------------------------------

    def span(self, estimate: int) -> dict[str, Any]:
        """Positions and figures of a range bar."""
        item = self._report.estimates[estimate]
        low, mid, high = (self.axis.x(value) for value in item.range)
        figures = [effort_words.number(value) for value in item.range]
        return {
            "x10": low,
            "x50": mid,
            "x90": high,
            "width": round(high - low, 1),
            "p10": figures[0],
            "p50": figures[1],
            "p90": figures[2],
            "label": f"P10 {figures[0]}, P50 {figures[1]}, P90 {figures[2]}",
        }

    def bars(self, classes: Mapping[str, int], total: int, width: float) -> list[tuple[str, float, float]]:
        """Class, start and width of each part of a share bar; a part that is there is wide enough to be seen."""
        shown = [(key, classes.get(key, 0)) for key in ORDER if classes.get(key, 0)]
        gap, least = 2.0, 5.0
        space = width * (sum(number for _, number in shown) / total if total else 0) - gap * max(len(shown) - 1, 0)
        whole = sum(number for _, number in shown) or 1
        small = [number for _, number in shown if space * number / whole < least]
        rest = max(space - least * len(small), 0.0)
        large = (whole - sum(small)) or 1
        x, found = 0.0, []
        for key, number in shown:
            part = least if space * number / whole < least else rest * number / large
            found.append((key, round(x, 1), round(max(part - 0.0, 1.0), 1)))
            x += part + gap
        return found

    def wave_bars(self, target: TargetView) -> list[tuple[float, float]]:
        """Start and width of each wave in a drawing of 1000."""
        total = sum(days.days for days in target.waves.values()) or 1.0
        x, found = 0.0, []
        for days in target.waves.values():
            width = 1000 * days.days / total
            found.append((round(x, 1), round(max(width - 3, 0.0), 1)))
            x += width
        return found

    def fall(self, target: TargetView) -> list[tuple[Row, float, float]]:
        """Rows of the waterfall with start and width in a drawing of 1000."""
        total = sum(row.days.days for row in target.rows) or 1.0
        x, found = 0.0, []
        for row in target.rows:
            width = 1000 * row.days.days / total
            found.append((row, round(x, 1), round(width, 1)))
            x += width
        return found

    def strength(self, name: str) -> int:
        """Filled ticks of a level of evidence."""
        return _STRENGTH.get(name, 0)
