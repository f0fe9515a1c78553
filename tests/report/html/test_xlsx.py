"""The spreadsheet: its formulas give the page's numbers, at the start and after an assumption is changed."""

from __future__ import annotations

import math
import re

import pytest

pytest.importorskip("xlsxwriter", reason="needs xlsxwriter")
openpyxl = pytest.importorskip("openpyxl", reason="needs openpyxl")

from migrate.effort.run import basis, estimates  # noqa: E402
from migrate.messages import messages  # noqa: E402
from migrate.report import xlsx  # noqa: E402
from migrate.report.html import view  # noqa: E402

CHANGED = {"team": 1.4, "reserve": 0.3, "tuning": 0.5, "operators": 0.75}

FUNCTIONS = {"EXP": math.exp, "LN": math.log, "SQRT": math.sqrt, "IF": lambda test, yes, no: yes if test else no}


class Sheet:
    """Evaluates the formulas that the workbook uses: arithmetic, powers, four functions, cells and names."""

    def __init__(self, path, changed):
        self.book = openpyxl.load_workbook(path)
        self.changed = changed

    def cell(self, sheet, where):
        value = self.book[sheet][where].value
        return self.value(sheet, value[1:]) if isinstance(value, str) and value.startswith("=") else value

    def name(self, key):
        if key in self.changed:
            return self.changed[key]
        sheet, where = self.book.defined_names[key].attr_text.replace("$", "").replace("'", "").split("!")
        return self.cell(sheet, where)

    def value(self, sheet, formula):
        text = formula.replace("^", "**").replace(":", "")
        text = re.sub(r"(?<![=<>])=(?!=)", "==", text)
        text = re.sub(r"\b([A-Z]{1,2}\d+)\b", r'cell("\1")', text)
        text = re.sub(r'(?<!")\b([a-z]+(?:_[a-z]+)?)\b(?![("])', r'name("\1")', text)
        return eval(text, {"cell": lambda where: self.cell(sheet, where), "name": self.name, **FUNCTIONS})


@pytest.fixture
def book(two, tmp_path):
    path = tmp_path / "report.xlsx"
    xlsx.write(view.report([("sample", "", two)], basis()), str(path), messages("en"))
    return path


@pytest.mark.parametrize("changed", [{}, CHANGED], ids=["start", "changed"])
def test_formulas_give_the_estimate(book, two, changed):
    sheet = Sheet(book, changed)
    rows = {}
    for row in range(2, sheet.book["Summary"].max_row + 1):
        head = tuple(sheet.book["Summary"].cell(row, column).value for column in (2, 3))
        rows[head] = [sheet.cell("Summary", f"{letter}{row}") for letter in "DEF"]
    every = estimates(two, basis(changed=changed))
    assert len(rows) == len(every)
    from migrate.report import effort_words

    for item in every:
        key = (item.target, effort_words.route(messages("en"), item.route))
        assert rows[key] == pytest.approx(list(item.range), rel=1e-9)


def test_values_for_readers_that_do_not_calculate(book, two):
    plain = openpyxl.load_workbook(book, data_only=True)["Summary"]
    found = sorted(plain.cell(row, 5).value for row in range(2, plain.max_row + 1))
    assert found == pytest.approx(sorted(item.range.p50 for item in estimates(two, basis())))


def test_text_of_others_is_never_a_formula(two, tmp_path):
    path = tmp_path / "x.xlsx"
    xlsx.write(view.report([("=1+1", "", two)], basis()), str(path), messages("zh"))
    book = openpyxl.load_workbook(path)
    cell = next(iter(book.worksheets)).cell(2, 1)
    assert cell.value == "=1+1"
    assert cell.data_type != "f"
