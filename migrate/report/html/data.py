"""What the page carries: estimates in the clear, places, names and snippets deflated.

All text of the scanned code goes through `visible` here; the page only ever sets it as text.
"""

from __future__ import annotations

import base64
import json
import zlib
from typing import TYPE_CHECKING, Any

from migrate.effort.estimate import Z90
from migrate.model import answer_key, label
from migrate.report.plain import cut, visible
from migrate.report.words import replacement

if TYPE_CHECKING:
    from collections.abc import Iterable

    from migrate.effort.estimate import Estimate, Line
    from migrate.effort.run import Basis
    from migrate.model import FileResult, Shape, Use
    from migrate.report.html.parts import Project, TargetView

#: Lines of source and places that a page carries at most, and columns of a line.
MOST_LINES, MOST_PLACES, COLUMNS = 16_000, 250_000, 160


class Snippets:
    """Lines around places, read from the sources that the scan saw; a file that changed since shows none."""

    def __init__(self, root: str = "") -> None:
        """*root* is put in front of relative paths."""
        self._root = root
        self._wanted: dict[str, tuple[FileResult, set[int]]] = {}
        self._lines: dict[str, dict[int, str]] = {}
        self.number = 0
        self.full = False

    def want(self, file: FileResult, line: int, around: int = 2) -> None:
        """Asks for *line* with *around* lines before and after."""
        _, lines = self._wanted.setdefault(file.path, (file, set()))
        fresh = set(range(max(1, line - around), line + around + 1)) - lines
        if self.number + len(fresh) > MOST_LINES:
            self.full = True
            return
        lines |= fresh
        self.number += len(fresh)

    def read(self) -> None:
        """Reads what was asked for."""
        for path, (file, lines) in self._wanted.items():
            self._lines[path] = self._read(file, lines)

    def _read(self, file: FileResult, lines: set[int]) -> dict[int, str]:
        from pathlib import Path

        from migrate.source import Source

        try:
            data = (Path(self._root) / file.path).read_bytes()
        except (OSError, ValueError):
            return {}
        if len(data) != file.size:
            return {}
        source = Source(data, file.encoding)
        found = {}
        for number in sorted(lines):
            try:
                text = source.line_text(number, 4 * COLUMNS)
            except IndexError:
                continue
            found[number] = cut(visible(text.rstrip().expandtabs(4)), COLUMNS)
        return found

    def window(self, path: str, line: int, around: int = 2) -> list[tuple[int, str]]:
        """The lines around *line*, common indentation left out."""
        here = self._lines.get(path, {})
        rows = [(number, here[number]) for number in range(line - around, line + around + 1) if number in here]
        indents = [len(text) - len(text.lstrip()) for _, text in rows if text.strip()]
        return [(number, text[min(indents) :]) for number, text in rows] if indents else rows

    def of(self, path: str) -> dict[int, str]:
        """All lines of *path*."""
        return self._lines.get(path, {})


def want_snippets(project: Project, snippets: Snippets) -> None:
    """Asks for the first place of every rule of every target, then for two places of every name, rare names first."""
    for target in project.targets:
        for rule in target.rules:
            snippets.want(rule.first[0], rule.first[1].line)
    places: dict[tuple[str, str], list[tuple[FileResult, Use]]] = {}
    for file in project.scan.files:
        here: set[int] = set()
        for use in file.uses:
            if id(use.shape) in here:
                continue
            here.add(id(use.shape))
            known = places.setdefault((use.shape.kind, label(use.shape)), [])
            if len(known) < 2:
                known.append((file, use))
    for found in sorted(places.values(), key=len):
        for file, use in found:
            snippets.want(file, use.line)


def estimates_json(found: Iterable[Estimate], on: Basis, starts: Iterable[Estimate] = ()) -> dict[str, Any]:
    """Everything the page needs to compute every range anew; *starts* of series come after what is estimated now."""
    weights = on.weights
    return {
        "z90": Z90,
        "reserve": list(weights.reserve),
        "tuning": list(weights.tuning),
        "assumptions": {item.key: [item.value, item.low, item.high] for item in weights.assumptions.values()},
        "start": {key: item.value for key, item in weights.assumptions.items()} | dict(on.changed),
        "estimates": [_estimate(item, on) for item in found] + [_estimate(item, on) | {"old": 1} for item in starts],
    }


def _estimate(item: Estimate, on: Basis) -> dict[str, Any]:
    lines = [line for layer in item.layers for line in layer.lines]
    findings = [line for line in lines if line.layer not in ("project", "kernels")]
    project = [line for line in lines if line.layer == "project"]
    weights = on.weights
    costs = {way: weights.kernel[way].each for way in item.kernels}
    return {
        "target": item.target,
        "route": item.route,
        "a": [sum(line.hours for line in findings), sum(line.variance for line in findings)],
        "b": [sum(line.hours for line in project), sum(line.variance for line in project)],
        "ways": {way: [item.kernels[way], cost.mean, cost.variance] for way, cost in costs.items()},
        "sigma": item.calibration.sigma or weights.sigma[item.family],
        "factor": item.calibration.factor,
        "hours_per_day": item.hours_per_day,
        "upkeep": item.upkeep,
        "range": list(item.range),
    }


def places_json(project: Project, snippets: Snippets) -> dict[str, Any]:
    """Files, names and places of *project*, and what each target answers for each name."""
    names: dict[tuple[str, ...], int] = {}
    shapes: list[Shape] = []
    by_id: dict[int, int] = {}
    files: list[str] = []
    uses = []
    sources = {}
    left_out = number = 0
    for file in project.scan.files:
        if not file.uses:
            continue
        place = len(files)
        files.append(visible(file.path))
        row: list[int] = []
        before = 0
        for use in sorted(file.uses, key=lambda use: use.line):
            if number >= MOST_PLACES:
                left_out += 1
                continue
            number += 1
            key = by_id.get(id(use.shape))
            if key is None:
                shape = use.shape
                identity = (*answer_key(shape), shape.library)
                if identity not in names:
                    names[identity] = len(shapes)
                    shapes.append(shape)
                key = by_id[id(use.shape)] = names[identity]
            row += (key, use.line - before)
            before = use.line
        uses.append(row)
        lines = snippets.of(file.path)
        if lines:
            sources[place] = lines
    return {
        "files": files,
        "names": [[visible(label(shape)), visible(shape.library)] for shape in shapes],
        "uses": uses,
        "lines": sources,
        "left_out": left_out,
        "targets": {view.key: _target(view, project, shapes, files) for view in project.targets},
    }


def _target(view: TargetView, project: Project, shapes: list[Shape], files: list[str]) -> dict[str, Any]:
    answers = project.scan.answers[view.key]
    rules = project.scan.rules.get(view.key, {})
    table: dict[tuple[Any, ...], int] = {}
    rows: list[int] = []
    for shape in shapes:
        answer = answers.get(answer_key(shape))
        if answer is None:
            rows.append(-1)
            continue
        rule = rules.get(answer.rule)
        note = rule.notes[0] if rule and rule.notes else ("", "")
        row = (
            answer.id,
            answer.category,
            visible(replacement(label(shape), answer)),
            answer.fix,
            rule.level if rule else "",
            visible("; ".join(rule.evidence)) if rule else "",
            visible(note[0]),
            visible(note[1]),
            visible(rule.when) if rule else "",
        )
        rows.append(table.setdefault(row, len(table)))
    hours = view.file_hours
    shown = [file.path for file in project.scan.files if file.uses]
    return {
        "answers": rows,
        "table": list(table),
        "hours": [round(hours.get(path, 0.0), 3) for path in shown[: len(files)]],
        "lines": [_line(line) for rule in view.rules for line in rule.lines],
    }


def _line(line: Line) -> list[Any]:
    parts = [[part.what, part.number, *part.each] for part in line.parts]
    return [line.id, line.layer, visible(line.name), round(line.hours, 5), parts, line.weights, line.evidence]


def packed(value: Any) -> str:
    """*value* as JSON, deflated, in base64."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return base64.b64encode(zlib.compress(text.encode("utf-8", "backslashreplace"), 9)).decode("ascii")


def in_script(value: Any) -> str:
    """*value* as JSON that is safe between script tags."""
    text = json.dumps(value, ensure_ascii=True, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")
