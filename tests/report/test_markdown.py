"""Pages for comments and wikis, and the comparison."""

import csv
import io
import json
import re

import pytest
from scan_builder import MUSA, file_of, other_files, scan_of

from migrate.messages import messages
from migrate.model import Answer, FileResult, Shape, Use, answer_key
from migrate.report import compare, records
from migrate.report.markdown import BUDGET, code, prose, render, render_compare
from migrate.report.plain import Paint
from migrate.report.summary import OPEN_CLASSES, Selection

OPEN = Selection(classes=frozenset(OPEN_CLASSES))


@pytest.mark.parametrize("language", ["en", "zh"])
def test_one_target(one, golden, language):
    golden(f"markdown-{language}.txt", render(one, messages(language), OPEN, frozenset({"musa:asis"})))


def test_two_targets(two, golden):
    golden("markdown-two.txt", render(two, messages("en"), OPEN))


def test_nothing_needs_a_person():
    scan = scan_of((file_of("a.cu", "cudaMalloc(&p, 4);\n"),), (MUSA,))
    assert "Nothing needs a person." in render(scan, messages("en"), OPEN)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_stays_below_its_budget_and_says_what_is_missing(language):
    shapes = [Shape(f"cuda中文Name{number}", "call", "runtime") for number in range(3000)]
    uses = tuple(Use(number, 5, number + 1, 1, shape) for number, shape in enumerate(shapes))
    scan = scan_of((FileResult("a.cu", "analysed", uses=uses), *other_files()), (MUSA,))
    for shape in shapes:
        scan.answers["musa"][answer_key(shape)] = Answer("MIG301", "unsupported", "", "", "")
    page = render(scan, messages(language), OPEN)
    assert BUDGET * 0.9 < len(page.encode()) < BUDGET
    listed = page.count("| MIG301 |")
    assert f"{3000 - listed:,}" in page.splitlines()[-1]


def test_hostile_text_is_no_markup():
    assert code("a|b") == "`a\\|b`"
    assert code("a`b") == "``a`b``"
    assert code("`") == "`` ` ``"
    assert prose("<b>@you [x](y) *z* a|b\x1b") == "&lt;b&gt;&#64;you \\[x\\](y) \\*z\\* a\\|b\\\\x1b"


def test_every_table_row_has_the_same_cells(two):
    for block in re.findall(r"(?:^\|.*\n)+", render(two, messages("en"), OPEN), re.MULTILINE):
        rows = [re.sub(r"\\\|", "", line).count("|") for line in block.splitlines()]
        assert len(set(rows)) == 1


@pytest.mark.parametrize("language", ["en", "zh"])
def test_compare_text(one, two, golden, language):
    text = messages(language)
    scan = scan_of(two.files, (*two.targets[:1], *one.targets[1:], *two.targets[1:]))
    rows = compare.rows(scan, None, frozenset({"musa:asis"}))
    lines = [compare.headline(rows, scan, text), "", *compare.text_lines(rows, text, Paint(on=False))]
    golden(f"compare-{language}.txt", "\n".join(lines) + "\n")


def test_compare_formats_agree(two, golden):
    text = messages("en")
    rows = compare.rows(two)
    data = compare.as_data(two, rows, text)
    golden("compare.json.txt", json.dumps(data, ensure_ascii=False, indent=1) + "\n")
    golden("compare-markdown.txt", render_compare(two, text, frozenset()))
    table = list(csv.DictReader(io.StringIO("".join(map(records.row, compare.records(rows, text))))))
    for line, target in zip(table, data["targets"], strict=True):
        assert {name: int(line[name]) for name in compare.COLUMNS} == {
            name: target["classes"][name] for name in compare.COLUMNS
        }
        assert line["what_decides"] == target["what_decides"]
