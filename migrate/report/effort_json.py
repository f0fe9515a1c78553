"""Estimates as JSON: all numbers of the page, and everything needed to compute them anew.

docs/explanation/effort.md has the formula. The same scan, weights and assumptions give the same bytes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from migrate.effort.estimate import Z90, time_class, two_figures
from migrate.messages import LANGUAGES, messages
from migrate.report import effort_words as words

if TYPE_CHECKING:
    from collections.abc import Iterable

    from migrate.effort.estimate import Estimate, Layer, Line, Range
    from migrate.effort.lines import Part
    from migrate.effort.run import Basis
    from migrate.effort.weights import Triple
    from migrate.model import Scan

#: Raised when a reader of the old form could misread the new one.
SCHEMA_VERSION = 2


def estimate_json(found: Iterable[Estimate], scan: Scan, on: Basis, *, places: bool = True) -> dict[str, Any]:
    """*found*, the estimates of *scan*, as JSON values; without *places* the lines of the source are left out."""
    found = tuple(found)
    weights = on.weights
    return {
        "schema_version": SCHEMA_VERSION,
        "tool": {"name": "migrate", "version": scan.tool},
        "tables": dict(sorted(scan.tables.items())),
        "weights": {"version": weights.version, "digest": weights.digest},
        "hours_per_day": weights.hours_per_day,
        "z90": Z90,
        "reserve": list(weights.reserve),
        "tuning": list(weights.tuning),
        "assumptions": [dict(item._asdict()) for item in weights.assumptions.values()],
        "estimates": [_estimate(item) for item in found],
        "findings": {
            item.target: _findings(item, scan, places=places) for item in {one.target: one for one in found}.values()
        },
        "kernels": _places(found[0].counts.kernel_places) if found and places else {},
    }


def _estimate(item: Estimate) -> dict[str, Any]:
    check = item.cross_check
    return {
        "target": item.target,
        "route": item.route,
        "family": item.family,
        "range": dict(item.range._asdict()),
        "rounded": {key: two_figures(value) for key, value in item.range._asdict().items()},
        "words": {language: _words(item.range, language) for language in LANGUAGES},
        "calibration": dict(item.calibration._asdict()),
        "sigma": item.sigma,
        "hours": item.hours,
        "variance": item.variance,
        "multiplier": item.multiplier,
        "assumptions": item.assumptions,
        "upkeep_days_a_month": item.upkeep,
        "cross_check": None if check is None else dict(check._asdict()),
        "kernels": item.kernels,
        "sizes": dict(item.counts.sizes._asdict()),
        "within_kernels": item.counts.within_kernels,
        "left_out": item.counts.left_out,
        "adapter": item.adapter,
        "layers": [_layer(layer) for layer in item.layers],
    }


def _words(spread: Range, language: str) -> dict[str, str]:
    text = messages(language)
    return {"days": words.days(text, spread), "time": words.time(text, spread)}


def _layer(layer: Layer) -> dict[str, Any]:
    return {
        "layer": layer.key,
        "hours": layer.hours,
        "days": layer.days,
        "lines": [_line(line) for line in layer.lines],
    }


def _line(line: Line) -> dict[str, Any]:
    data: dict[str, Any] = {
        "key": line.key,
        "weights": line.weights,
        "evidence": line.evidence,
        "parts": [_part(part) for part in line.parts],
        "hours": line.hours,
        "variance": line.variance,
        "days": line.days,
        "time_class": time_class(line.hours),
    }
    if line.id:
        data |= {"finding": f"{line.layer} {line.key}", "files": line.files, "hits": line.hits}
    return data


def _part(part: Part) -> dict[str, Any]:
    """`along` is left out where it is 1."""
    along = {} if part.along == 1 else {"along": part.along}
    return {"what": part.what, "number": part.number, **_triple(part.each), **along}


def _triple(triple: Triple) -> dict[str, float]:
    return dict(triple._asdict())


def _findings(item: Estimate, scan: Scan, *, places: bool) -> dict[str, Any]:
    """By class, id and name, as lines name them: what stands behind a finding's hours, the same for every route."""
    rules = scan.rules.get(item.target, {})
    found = {}
    for group in item.counts.groups:
        data: dict[str, Any] = {
            "id": group.id,
            "class": group.category,
            "name": group.name,
            "kind": group.kind,
            "library": group.library,
            "rule": group.rule,
        }
        rule = rules.get(group.rule)
        if rule is not None:
            data |= {"status": rule.status, "level": rule.level, "evidence": list(rule.evidence)}
        if places:
            data["places"] = _places(group.places)
        found[f"{group.category} {group.id} {group.name}"] = data
    return found


def _places(places: dict[str, tuple[int, ...]]) -> dict[str, list[int]]:
    return {path: list(lines) for path, lines in places.items()}
