"""Estimates, calibration and progress as a person reads them at a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from migrate.effort.estimate import drivers
from migrate.report import effort_words as words
from migrate.report.plain import WIDTH, Paint, table, visible, wrap
from migrate.report.words import title

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from migrate.effort.calibrate import Own, Port
    from migrate.effort.estimate import Estimate
    from migrate.effort.run import Basis
    from migrate.effort.track import Change, Track
    from migrate.messages import Messages

#: Lines listed before the rest is only counted.
_MOST = 5


def estimate_lines(found: Sequence[Estimate], text: Messages, paint: Paint, *, every: bool = False) -> Iterator[str]:
    """Ranges of every route, then for each target's first route where the days come from; *every* lists all lines."""
    yield from _ranges(found, text, paint)
    firsts: dict[str, Estimate] = {}
    for item in found:
        firsts.setdefault(item.target, item)
    for item in firsts.values():
        yield ""
        yield paint(f"{visible(item.target)}, {words.route(text, item.route)}", "bold")
        yield from _waterfall(item, text)
        yield from _drivers(item, text, every=every)
        yield from _remarks(item, text)


def _ranges(found: Sequence[Estimate], text: Messages, paint: Paint) -> Iterator[str]:
    rows = [
        [
            text("column.target"),
            text("effort.route"),
            "P10",
            "P50",
            "P90",
            text("effort.person-days"),
            text("effort.upkeep"),
            text("effort.calibration"),
        ]
    ]
    rows += [
        [
            visible(item.target),
            words.route(text, item.route),
            *(words.number(value) for value in item.range),
            words.time(text, item.range),
            text("effort.days-a-month", days=words.number(item.upkeep)),
            words.calibration(text, item.calibration),
        ]
        for item in found
    ]
    lines = table(rows, "<<>>><<<")
    yield paint(lines[0], "bold")
    yield from lines[1:]


def _waterfall(item: Estimate, text: Messages) -> Iterator[str]:
    rows = []
    for layer in item.layers:
        names = sum(1 for line in layer.lines if line.id)
        origin = text.count("effort.names", names) if names else ""
        rows.append([words.layer(text, layer.key), f"{layer.days:,.1f}", origin])
    rows.append([text("summary.total"), f"{item.range.p50:,.1f}", ""])
    yield from (f"  {line}" for line in table(rows, "<><"))


def _drivers(item: Estimate, text: Messages, *, every: bool) -> Iterator[str]:
    lines = drivers(item, 10**9 if every else _MOST)
    yield ""
    yield "  " + text("effort.drivers")
    for line in lines:
        what = f"  {title(text, line.id)}" if line.id else ""
        where = ""
        if line.places:
            path, numbers = next(iter(line.places.items()))
            where = f"  {visible(path)}:{numbers[0]}"
        yield f"  {line.days:8,.1f}  {words.line(text, line)}{what}{where}"
        if every:
            for part in line.parts:
                triple = " / ".join(f"{value:.3g}" for value in part.each)
                yield f"            {part.number:g} × ({triple}) h  {line.weights}: {line.evidence}"


def _remarks(item: Estimate, text: Messages) -> Iterator[str]:
    said = [words.cross_check(text, item), words.unknown(text, item)]
    why = {"none": "effort.not-calibrated-why", "analogy": "effort.analogy-why"}.get(item.calibration.state)
    if why:
        said.append(text(why))
    if item.counts.within_kernels:
        said.append(text("effort.within-kernels", n=f"{item.counts.within_kernels:,}"))
    left_out = [f"{key} {number:,}" for key, number in item.counts.left_out.items()]
    if left_out:
        said.append(text("effort.left-out", files=text("files.comma").join(left_out)))
    said.append(text("effort.included"))
    yield ""
    for remark in filter(None, said):
        yield from wrap(remark, WIDTH, "  ")


def calibration_lines(on: Basis, text: Messages, paint: Paint) -> Iterator[str]:
    """The reference ports and the user's own beside the model, then factor and spread of each family."""
    yield paint(text("effort.ports"), "bold")
    head = [text("effort.port"), text("effort.stack"), text("effort.observed"), "P10", "P50", "P90", "P50 ÷"]
    rows = [[*head, text("effort.history")], *(_port_row(port, on, text) for port in on.ports)]
    yield from (f"  {line}" for line in table(rows, "<<>>>>><"))
    counted = [port for port in on.ports if port.port not in on.without]
    if counted:
        ratios = sorted(port.p50 / port.author_days for port in counted)
        middle = ratios[len(ratios) // 2] if len(ratios) % 2 else sum(ratios[len(ratios) // 2 - 1 :][:2]) / 2
        inside = sum(1 for port in counted if port.p10 <= port.author_days <= port.p90)
        yield "  " + text("effort.ports-sum", median=f"{middle:.2f}", inside=inside, n=len(counted))
    yield from wrap(text("effort.ports-why"), WIDTH, "  ")
    yield ""
    yield paint(text("effort.own"), "bold")
    if on.own:
        head = [text("effort.port"), text("column.target"), text("effort.observed"), "P50", "P50 ÷"]
        rows = [[*head, text("effort.finished")], *(_own_row(row, on) for row in on.own)]
        yield from (f"  {line}" for line in table(rows, "<<>>><"))
        if any(row.weights != on.weights.digest for row in on.own):
            yield "  " + text("effort.old-weights")
    else:
        yield "  " + text("effort.no-own")
    yield ""
    yield from _families(on, text)


def _port_row(port: Port, on: Basis, text: Messages) -> list[str]:
    history = {"usable": "effort.usable", "squashed": "effort.squashed", "mixed": "effort.mixed"}[port.history]
    return [
        port.port + (f" ({text('effort.excluded')})" if port.port in on.without else ""),
        port.stack,
        f"{port.author_days:g}",
        *(words.number(value) for value in (port.p10, port.p50, port.p90)),
        f"{port.p50 / port.author_days:.2f}",
        text(history),
    ]


def _own_row(row: Own, on: Basis) -> list[str]:
    mark = "" if row.weights == on.weights.digest else " *"
    name, target = visible(row.name), visible(row.target)
    return [name, target, f"{row.days:g}", words.number(row.p50), f"{row.p50 / row.days:.2f}", row.finished + mark]


def _families(on: Basis, text: Messages) -> Iterator[str]:
    from migrate.effort.calibrate import calibration

    for family in on.weights.sigma:
        known = calibration("", family, on.weights, ports=on.ports, own=on.own, without=on.without)
        state = text("effort.not-calibrated") if not known.n else f"n = {known.n} ({known.date})"
        yield text(
            "effort.family", family=family, state=state, factor=f"{known.factor:.2f}", sigma=f"{known.sigma:.2f}"
        )


def track_lines(tracked: Iterable[Track], text: Messages, paint: Paint) -> Iterator[str]:
    """A burn-down a target, what changed last, and the running estimate."""
    for number, item in enumerate(tracked):
        if number:
            yield ""
        yield paint(f"{visible(item.target)}, {words.route(text, item.start.route)}", "bold")
        yield from _burn_down(item, text)
        yield from _changes(item.changes, text)
        yield ""
        last = item.steps[-1]
        yield "  " + text("effort.left", range=words.days(text, last.left), share=f"{100 * last.share:.1f}%")
        if item.total is not None and item.spent is not None:
            values = {"spent": f"{item.spent:g}", "pace": f"{item.pace:.2f}", "range": words.days(text, item.total)}
            yield "  " + text("effort.running", **values)
        if item.per_day is not None:
            yield "  " + text("effort.per-day", n=words.number(item.per_day))
        if item.finish:
            yield "  " + text("effort.finish", date=item.finish)
        if last.share >= 1 and item.spent is not None and item.steps[0].left.p50:
            yield "  " + text("effort.finished-row", days=f"{item.spent:g}", target=item.target)


def _burn_down(item: Track, text: Messages) -> Iterator[str]:
    classes = list(item.steps[0].open)
    head = ["", *(text(f"class.{name}") for name in classes), text("effort.left-days"), text("effort.done")]
    rows = [[*head, text("effort.fixed"), text("effort.new"), text("effort.moved"), ""]]
    start = item.steps[0].left.p50
    for number, step in enumerate(item.steps):
        moves = [f"{value:,}" for value in (step.fixed, step.new, step.moved)] if number else ["", "", ""]
        bar = "█" * round(20 * step.left.p50 / start) if start else ""
        counts = [f"{step.open[name]:,}" for name in classes]
        done = f"{100 * step.share:.1f}%"
        rows.append([visible(step.label), *counts, f"{step.left.p50:.1f}", done, *moves, bar[:40]])
    yield from (f"  {line}" for line in table(rows, "<" + ">" * (len(classes) + 5) + "<"))


def _changes(changes: Sequence[Change], text: Messages) -> Iterator[str]:
    closed = [change for change in changes if change.category != "auto" and not change.after]
    fresh = [change for change in changes if change.category != "auto" and change.new]
    for found, message in ((closed, "effort.closed-names"), (fresh, "effort.new-names")):
        if not found:
            continue
        yield ""
        yield "  " + text.count(message, len(found))
        for change in found[:_MOST]:
            yield f"    {change.id} {visible(change.name)}  {change.before:,} → {change.after:,}"
        if len(found) > _MOST:
            yield "    " + text("cuda.more", n=f"{len(found) - _MOST:,}")
