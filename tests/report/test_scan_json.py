"""The machine formats: valid, complete, the same on every run, and fast for what they are."""

import csv
import io
import json
from pathlib import Path

import jsonschema
import pytest
from scan_builder import CANN, MUSA, SHAPES, file_of, other_files, scan_of

from migrate.model import Answer, FileResult, Shape, Use, answer_key
from migrate.report.records import COLUMNS, write_csv
from migrate.report.scan_json import write_json, write_jsonl
from migrate.report.summary import Selection, totals

SCHEMA = json.loads((Path(__file__).parents[2] / "docs/reference/scan.schema.json").read_text(encoding="utf-8"))


def written(write, scan, *rest):
    out = io.StringIO()
    write(scan, out, *rest)
    return out.getvalue()


def problems(text):
    return [error.message for error in jsonschema.Draft202012Validator(SCHEMA).iter_errors(json.loads(text))]


def test_schema_is_a_schema():
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


def test_json_is_valid_and_golden(two, golden):
    text = written(write_json, two)
    assert problems(text) == []
    golden("scan.json.txt", text)


def test_json_of_nothing_is_valid():
    assert problems(written(write_json, scan_of((), ()))) == []
    assert problems(written(write_json, scan_of((), (MUSA,)))) == []


def test_findings_agree_with_totals(two):
    data = json.loads(written(write_json, two))
    for target in ("musa", "cann:950"):
        numbers = data["totals"][target]
        answers = [finding["answers"][target] for finding in data["findings"]]
        for name, number in numbers["classes"].items():
            assert sum(answer["class"] == name for answer in answers) == number
        for answer in answers:
            assert not answer["rule"] or answer["rule"] in data["rules"][target]
        assert numbers["uses"] == len(answers) == totals(two, target).uses


def test_findings_are_in_order_whatever_the_scanner_gave():
    file = file_of("a.cu")
    backwards = scan_of((FileResult("a.cu", "analysed", uses=file.uses[::-1], launches=file.launches),), (MUSA,))
    offsets = [finding["offset"] for finding in json.loads(written(write_json, backwards))["findings"]]
    assert offsets == sorted(offsets)


def test_selection_narrows_findings_only(two):
    data = json.loads(written(write_json, two, Selection(select=("MIG601",))))
    assert {finding["name"] for finding in data["findings"]} == {"threadIdx.x", "reduce"}
    assert data["totals"] == json.loads(written(write_json, two))["totals"]


def test_hostile_text_survives():
    shape = Shape('cuda"\\\n\x1b\u2028', "call", "", function="f\t", condition='A == "\\"')
    path = 'dir\x1b/na"me\udcff.cu'
    scan = scan_of((FileResult(path, "analysed", uses=(Use(0, 1, 1, 1, shape),)),), (MUSA,))
    scan.answers["musa"][answer_key(shape)] = Answer("MIG901", "unknown", '"', "", "")
    text = written(write_json, scan)
    text.encode()
    assert problems(text) == []
    (finding,) = json.loads(text)["findings"]
    assert (finding["path"], finding["name"], finding["condition"]) == (path, shape.name, shape.condition)


def test_chinese_is_readable():
    scan = scan_of((FileResult("源码/核.cu", "no-cuda"),), (MUSA,))
    assert "源码/核.cu" in written(write_json, scan)


def test_jsonl_is_a_record_a_line_with_its_rule(two):
    lines = written(write_jsonl, two).splitlines()
    records = [json.loads(line) for line in lines]
    assert records[0]["record"] == "scan"
    assert {record["record"] for record in records} == {"scan", "file", "finding"}
    findings = [record for record in records if record["record"] == "finding"]
    assert len(findings) == 13
    answer = next(record for record in findings if record["name"] == "cublasGemmEx")["answers"]["musa"]
    assert answer["level"] == "mapped"
    assert answer["notes"][0]["zh"].startswith("此处")
    assert "level" not in next(record for record in findings if record["name"] == "cudaFooBar")["answers"]["musa"]


@pytest.mark.parametrize("write", [write_json, write_jsonl])
def test_same_bytes_every_time(two, write):
    other = scan_of((file_of("src/reduce.cu"), *other_files()), (MUSA, CANN))
    assert written(write, two) == written(write, other)


def test_csv_has_a_row_a_finding_and_target(two):
    rows = list(csv.reader(io.StringIO(written(write_csv, two, "zh", Selection()))))
    assert tuple(rows[0]) == COLUMNS
    assert len(rows) == 1 + 13 * 2
    row = dict(zip(COLUMNS, next(row for row in rows if "cublasGemmEx" in row), strict=True))
    assert row["line"] == "10"
    assert row["note"].startswith("此处")


def test_csv_holds_no_formula(two):
    evil = SHAPES["cudaFooBar"]._replace(name='=HYPERLINK("x")', function="+f", condition="@c")
    scan = scan_of((FileResult("-evil,\udcff\n.cu", "analysed", uses=(Use(0, 1, 1, 1, evil),)),), (MUSA,))
    scan.answers["musa"][answer_key(evil)] = Answer("MIG901", "unknown", "", "", "")
    text = written(write_csv, scan, "en", Selection())
    text.encode()
    _, row = csv.reader(io.StringIO(text))
    assert not any(cell[:1] in {"=", "+", "-", "@"} for cell in row)
    assert len(row) == len(COLUMNS)


def test_a_shape_is_serialised_once(monkeypatch):
    """Speed as a count: findings that share a shape share its text."""
    from migrate.report import scan_json

    calls = []
    plain = scan_json._shape
    monkeypatch.setattr(scan_json, "_shape", lambda shape: calls.append(shape) or plain(shape))
    scan = scan_of(tuple(file_of(f"{number}.cu") for number in range(20)), (MUSA, CANN))
    written(write_json, scan)
    assert len(calls) == len(SHAPES)
