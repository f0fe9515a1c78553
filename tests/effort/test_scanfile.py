"""Scan ← JSON: what was written comes back whole, and files that are no whole scan are refused."""

import io
import json

import pytest

from migrate.effort.count import count
from migrate.errors import UserError
from migrate.report.scan_json import write_json
from migrate.report.summary import Selection
from migrate.scanfile import load


def written(scan, selection=None):
    out = io.StringIO()
    write_json(scan, out, selection)
    return out.getvalue()


def test_writing_what_was_read_gives_the_same_bytes(samples_json):
    assert written(load(str(samples_json))) == samples_json.read_text(encoding="utf-8")


def test_uses_answers_and_rules_come_back_whole(samples_scan, samples_json):
    again = load(str(samples_json))
    assert [file.uses for file in again.files] == [file.uses for file in samples_scan.files]
    assert [file.launches for file in again.files] == [file.launches for file in samples_scan.files]
    assert again.rules == samples_scan.rules
    for target, answers in again.answers.items():
        listed = {key: answer for key, answer in samples_scan.answers[target].items() if answer.id}
        assert answers == listed


def test_estimates_do_not_depend_on_the_detour(samples_scan, samples_json):
    again = load(str(samples_json))
    for target in samples_scan.targets:
        assert count(again, target.key) == count(samples_scan, target.key)
    assert count(again, "musa").groups


def test_equal_shapes_are_one_object(samples_json):
    shapes = {}
    for file in load(str(samples_json)).files:
        for use in file.uses:
            assert shapes.setdefault(use.shape, use.shape) is use.shape


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda data: data.pop("findings"), "no scan of migrate"),
        (lambda data: data.update(schema_version=99), "its form is 99, this version reads 1"),
        (lambda data: data["findings"].pop(), "1 of its findings were left out"),
        (lambda data: data["findings"][0].pop("line"), "not a whole scan of migrate: KeyError 'line'"),
        (lambda data: data["targets"][0].update(colour="red"), "not a whole scan of migrate: TypeError"),
        (lambda data: data.update(findings=3), "not a whole scan of migrate"),
        (lambda data: data["findings"][0]["answers"].update(nowhere={}), "not a whole scan of migrate"),
    ],
)
def test_a_file_that_is_no_whole_scan_is_refused(samples_json, tmp_path, change, message):
    data = json.loads(samples_json.read_text(encoding="utf-8"))
    change(data)
    path = tmp_path / "broken.json"
    path.write_text(json.dumps(data), encoding="utf-8")
    with pytest.raises(UserError, match=message) as caught:
        load(str(path))
    assert str(path) in str(caught.value)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "no JSON"),
        ("[1, 2]", "no scan of migrate"),
        ('{"tool": 3, "findings": []}', "no scan of migrate"),
        ('{"record":"scan"}\n{"record":"file"}\n', "a scan in JSON lines"),
        ("\udcff", "no JSON"),
        ("[" * 100_000, "no JSON"),
    ],
)
def test_other_files_get_the_command_that_would_help(tmp_path, text, message):
    path = tmp_path / "other.json"
    path.write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(UserError, match=message) as caught:
        load(str(path))
    assert "migrate scan PATH --target T --format json" in str(caught.value)


def test_a_missing_file_is_said(tmp_path):
    with pytest.raises(UserError, match="cannot be read: No such file"):
        load(str(tmp_path / "none.json"))


def test_a_narrowed_scan_is_refused(samples_scan, tmp_path):
    path = tmp_path / "narrow.json"
    path.write_text(written(samples_scan, Selection(select=("MIG2",))), encoding="utf-8")
    with pytest.raises(UserError, match="scan again without --select"):
        load(str(path))
