"""The report as a spreadsheet whose estimates are live formulas: change an assumption and every range follows.

Needs the extra `xlsx` (xlsxwriter). Formulas are those of `migrate.effort.estimate`; each carries the value Python
computed, so that readers that do not calculate show it too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import xlsxwriter

from migrate.effort.count import WAYS
from migrate.effort.estimate import Z90
from migrate.model import answer_key, label
from migrate.report import effort_words, words
from migrate.report.html import parts
from migrate.report.html.data import estimates_json
from migrate.report.plain import visible

if TYPE_CHECKING:
    from migrate.messages import Messages
    from migrate.report.html.parts import Report

#: Rows of findings at most; Excel itself ends at 1,048,576.
MOST = 200_000

#: Columns of the sheet of estimates: head, then a formula over row {r} or None for a value.
_COLUMNS = (
    ("project", None),
    ("target", None),
    ("route", None),
    ("P10", "={p50}/EXP({z}*{sigma})"),
    ("P50", "={factor}*{hours}*EXP(-{spread}/2)/{day}"),
    ("P90", "={p50}*EXP({z}*{sigma})"),
    ("upkeep", None),
    ("first 12 months", "={p50}+12*{upkeep}"),
    ("calibration", None),
    ("findings h", None),
    ("findings var", None),
    ("project h", None),
    ("project var", None),
    *((f"{way} {part}", None) for way in WAYS.values() for part in ("kernels", "h", "var")),
    ("model sigma", None),
    ("factor", None),
    ("hours a day", None),
    ("A", "={fh}+operators*({on}*{oh}+{cn}*{ch})+({wn}+(1-operators)*({on}+{cn}))*{wh}+{rn}*{rh}"),
    (
        "var A",
        "={fv}+(operators*{on})^2*{ov}+(operators*{cn})^2*{cv}+({wn}+(1-operators)*({on}+{cn}))^2*{wv}+{rn}^2*{rv}",
    ),
    ("A tuned", "={a}*(1+tuning*tuning_mean)"),
    ("var A tuned", "=({va}+{a}^2)*(tuning^2*tuning_var+(1+tuning*tuning_mean)^2)-({a}*(1+tuning*tuning_mean))^2"),
    ("hours", "=team*tests*hardware*ai*({at}+{ph})*(1+reserve_mean)"),
    (
        "variance",
        "=(team*tests*hardware*ai)^2*(({vat}+{pv}+({at}+{ph})^2)*(reserve_var+(1+reserve_mean)^2)-(({at}+{ph})*(1+reserve_mean))^2)",
    ),
    ("spread", "=IF({hours}=0,0,LN(1+{var}/{hours}^2))"),
    ("sigma", "=SQRT({spread}+{ms}^2)"),
)
_NAMES = (
    "project", "target", "route", "p10", "p50", "p90", "upkeep", "year", "calibration", "fh", "fv", "ph", "pv",
    "on", "oh", "ov", "cn", "ch", "cv", "wn", "wh", "wv", "rn", "rh", "rv",
    "ms", "factor", "day", "a", "va", "at", "vat", "hours", "var", "spread", "sigma",
)  # fmt: skip


def write(report: Report, path: str, text: Messages) -> None:
    """Writes the workbook to *path*: summary, assumptions, rules, effort lines, findings."""
    book = xlsxwriter.Workbook(path, {"strings_to_formulas": False, "strings_to_urls": False})
    bold = book.add_format({"bold": True, "bottom": 1})
    number = book.add_format({"num_format": "#,##0.0"})
    entry = book.add_format({"bg_color": "#FFF3C9", "border": 1})
    summary = book.add_worksheet(text("page.sheet-summary"))
    sheet = book.add_worksheet(text("page.sheet-assumptions"))
    _assumptions(report, book, sheet, text, bold, entry)
    _summary(report, summary, text, bold, number)
    _rules(report, book.add_worksheet(text("page.sheet-rules")), text, bold, number)
    _lines(report, book.add_worksheet(text("page.sheet-lines")), bold, number)
    _findings(report, book.add_worksheet(text("page.sheet-findings")), text, bold)
    try:
        book.close()
    except xlsxwriter.exceptions.FileCreateError as error:
        raise OSError(str(error)) from error


def _head(sheet: Any, heads: tuple[str, ...], widths: tuple[int, ...], bold: Any) -> None:
    for column, head in enumerate(heads):
        sheet.write_string(0, column, head, bold)
    for column, width in enumerate(widths):
        sheet.set_column(column, column, width)
    sheet.freeze_panes(1, 0)


def _assumptions(report: Report, book: Any, sheet: Any, text: Messages, bold: Any, entry: Any) -> None:
    """One row an assumption, its value a named cell that formulas use; the triples of reserve and tuning below."""
    weights = report.basis.weights
    name = text("page.sheet-assumptions")
    _head(
        sheet,
        (text("page.name"), text("page.assumptions"), "min", "max", text("page.evidence")),
        (34, 12, 8, 8, 70),
        bold,
    )
    row = 1
    for item in weights.assumptions.values():
        value = report.basis.changed.get(item.key, item.value)
        sheet.write_string(row, 0, text(f"page.assume-{item.key}"))
        sheet.write_number(row, 1, value, entry)
        sheet.write_number(row, 2, item.low)
        sheet.write_number(row, 3, item.high)
        sheet.write_string(row, 4, item.evidence)
        sheet.data_validation(
            row, 1, row, 1, {"validate": "decimal", "criteria": "between", "minimum": item.low, "maximum": item.high}
        )
        book.define_name(item.key, f"='{name}'!$B${row + 1}")
        row += 1
    now = report.basis.changed.get("reserve", weights.assumptions["reserve"].value)
    triples = {"reserve": weights.reserve, "tuning": weights.tuning}
    for key, triple in triples.items():
        for part, value in zip(("low", "likely", "high"), triple, strict=True):
            sheet.write_string(row, 0, f"{key} {part}")
            sheet.write_number(row, 1, value)
            book.define_name(f"{key}_{part}", f"='{name}'!$B${row + 1}")
            row += 1
        scale = f"*reserve/{key}_likely" if key == "reserve" else ""
        factor = now / triple.likely if key == "reserve" else 1.0
        mean = f"({key}_low+4*{key}_likely+{key}_high)/6"
        spread = f"({key}_mean-{key}_low{scale})*({key}_high{scale}-{key}_mean)/7"
        values = {"mean": triple.mean * factor, "var": triple.variance * factor**2}
        for part, formula in (("mean", mean + scale), ("var", spread)):
            sheet.write_string(row, 0, f"{key} {part}")
            sheet.write_formula(row, 1, "=" + formula, None, values[part])
            book.define_name(f"{key}_{part}", f"='{name}'!$B${row + 1}")
            row += 1


def _summary(report: Report, sheet: Any, text: Messages, bold: Any, number: Any) -> None:
    from xlsxwriter.utility import xl_col_to_name

    _head(sheet, tuple(head for head, _ in _COLUMNS), (18, 16, 16, 9, 9, 9, 9, 15, 30), bold)
    letters = {key: xl_col_to_name(column) for column, key in enumerate(_NAMES)}
    inputs = estimates_json(report.estimates, report.basis)["estimates"]
    row = 1
    for project in report.projects:
        keys = {target.key for target in project.targets}
        first = min((way.estimate for target in project.targets for way in target.ways), default=0)
        for index in range(first, len(report.estimates)):
            item = report.estimates[index]
            if item.target not in keys or index not in _own(project):
                continue
            data = inputs[index]
            values = {
                "project": project.name,
                "target": item.target,
                "route": effort_words.route(text, item.route),
                "upkeep": item.upkeep,
                "calibration": effort_words.calibration(text, item.calibration),
                "fh": data["a"][0],
                "fv": data["a"][1],
                "ph": data["b"][0],
                "pv": data["b"][1],
                "ms": data["sigma"],
                "factor": data["factor"],
                "day": data["hours_per_day"],
            }
            for way in WAYS.values():
                kernels = data["ways"].get(way, (0, 0, 0))
                values |= {way[0] + part: value for part, value in zip("nhv", kernels, strict=True)}
            known = {"p10": item.range.p10, "p50": item.range.p50, "p90": item.range.p90, "year": parts.year(item)}
            known |= {"hours": item.hours, "var": item.variance, "sigma": item.sigma}
            cells = {key: f"{letter}{row + 1}" for key, letter in letters.items()} | {"z": repr(Z90)}
            for column, ((_, formula), key) in enumerate(zip(_COLUMNS, _NAMES, strict=True)):
                if formula is not None:
                    sheet.write_formula(row, column, formula.format(**cells), number, known.get(key, 0))
                elif isinstance(values[key], str):
                    sheet.write_string(row, column, values[key])
                else:
                    sheet.write_number(row, column, values[key], number)
            row += 1


def _own(project: parts.Project) -> set[int]:
    return {way.estimate for target in project.targets for way in target.ways}


def _rules(report: Report, sheet: Any, text: Messages, bold: Any, number: Any) -> None:
    heads = ("project", "target", "id", "class", "title", "places", "files", "hours", "person-days", "evidence", "fix")
    _head(sheet, heads, (18, 16, 9, 13, 46, 9, 9, 9, 12, 13, 10), bold)
    row = 1
    for project in report.projects:
        for target in project.targets:
            for rule in target.rules:
                name, category = words.title(text, rule.id), text(f"page.class-{rule.category}")
                texts = [project.name, target.key, rule.id, category, name]
                for column, value in enumerate(texts):
                    sheet.write_string(row, column, value)
                for column, amount in enumerate((rule.places, rule.files, rule.days.hours, rule.days.days), 5):
                    sheet.write_number(row, column, amount, number if column > 6 else None)
                sheet.write_string(row, 9, text(f"level.{rule.level}") if rule.level else "")
                sheet.write_string(row, 10, rule.fix)
                row += 1
    sheet.autofilter(0, 0, max(row - 1, 1), len(heads) - 1)


def _lines(report: Report, sheet: Any, bold: Any, number: Any) -> None:
    heads = (
        "target",
        "route",
        "layer",
        "line",
        "files",
        "places",
        "hours",
        "variance",
        "person-days",
        "weights",
        "evidence",
    )
    _head(sheet, heads, (16, 12, 12, 46, 8, 8, 10, 10, 12, 28, 60), bold)
    row = 1
    for item in report.estimates:
        for layer in item.layers:
            for line in layer.lines:
                for column, value in enumerate((item.target, item.route, layer.key, visible(line.key))):
                    sheet.write_string(row, column, value)
                amounts = (line.files, line.hits, line.hours, line.variance, line.days)
                for column, amount in enumerate(amounts, 4):
                    sheet.write_number(row, column, amount, number if column > 5 else None)
                sheet.write_string(row, 9, line.weights)
                sheet.write_string(row, 10, line.evidence)
                row += 1
                if row > MOST:
                    return


def _findings(report: Report, sheet: Any, text: Messages, bold: Any) -> None:
    heads = ("project", "path", "line", "name", "target", "id", "class", "replacement")
    _head(sheet, heads, (18, 50, 8, 34, 16, 9, 13, 34), bold)
    row = 1
    for project in report.projects:
        scan = project.scan
        for file in scan.files:
            for use in file.uses:
                key = answer_key(use.shape)
                for target in project.targets:
                    answer = scan.answers[target.key].get(key)
                    if answer is None or answer.category == "auto":
                        continue
                    name = label(use.shape)
                    cells = (project.name, visible(file.path), use.line, visible(name), target.key, answer.id)
                    for column, value in enumerate(
                        (*cells, text(f"page.class-{answer.category}"), visible(words.replacement(name, answer)))
                    ):
                        if isinstance(value, int):
                            sheet.write_number(row, column, value)
                        else:
                            sheet.write_string(row, column, value)
                    row += 1
                    if row > MOST:
                        return
    sheet.autofilter(0, 0, max(row - 1, 1), len(heads) - 1)
