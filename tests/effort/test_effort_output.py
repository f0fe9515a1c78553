"""What the commands write: the same numbers everywhere, computable anew from the JSON, in both languages."""

import json
import math
import re

import pytest
from building import ROOT, WEIGHTS

from migrate.effort.estimate import Range
from migrate.messages import messages
from migrate.report import effort_words as words


def product(mean, variance, factor, factor_variance):
    return mean * factor, (variance + mean**2) * (factor_variance + factor**2) - (mean * factor) ** 2


def pert(low, likely, high):
    mean = (low + 4 * likely + high) / 6
    return mean, (mean - low) * (high - mean) / 7


def recomputed(data, one, changed):
    """The range of *one* with *changed* assumptions: docs/explanation/effort.md, as the page's script does it."""
    now = {**one["assumptions"], **changed}
    kernels = dict(one["kernels"])
    if kernels:
        kernels["write"] += (1 - now["operators"]) * (kernels["operator"] + kernels["composed"])
        kernels["operator"] *= now["operators"]
        kernels["composed"] *= now["operators"]
    sums = {"findings": [0.0, 0.0], "project": [0.0, 0.0]}
    for layer in one["layers"]:
        for line in layer["lines"]:
            into = sums["project" if layer["layer"] == "project" else "findings"]
            for part in line["parts"]:
                mean, variance = pert(part["low"], part["likely"], part["high"])
                number = kernels[line["key"]] if layer["layer"] == "kernels" else part["number"]
                into[0] += number * mean
                into[1] += number**2 * variance * part.get("along", 1)
    tuning_mean, tuning_variance = pert(*data["tuning"])
    a, va = product(*sums["findings"], 1 + now["tuning"] * tuning_mean, now["tuning"] ** 2 * tuning_variance)
    reserve = [now["reserve"] * value / data["reserve"][1] for value in data["reserve"]]
    reserve_mean, reserve_variance = pert(*reserve)
    hours, variance = product(a + sums["project"][0], va + sums["project"][1], 1 + reserve_mean, reserve_variance)
    m = now["team"] * now["tests"] * now["hardware"] * now["ai"]
    spread = math.log1p(variance / hours**2)
    known = one["calibration"]
    p50 = known["factor"] * m * hours * math.exp(-spread / 2) / data["hours_per_day"]
    width = math.exp(data["z90"] * math.sqrt(spread + known["sigma"] ** 2))
    return p50 / width, p50, p50 * width


CHANGED = {"team": 1.3, "tests": 0.9, "hardware": 1.2, "reserve": 0.3, "tuning": 0.5, "operators": 0.8}


def test_the_json_suffices_to_compute_every_range_anew(run, samples_json):
    data, changed = (
        json.loads(run("estimate", samples_json, "--format", "json", *more)[1])
        for more in ((), ("--assume", ",".join(f"{key}={value}" for key, value in CHANGED.items())))
    )
    assert {(one["target"], one["route"]) for one in data["estimates"]} >= {
        ("musa", "rewrite"), ("musa", "shim"), ("cann", "rewrite"), ("maca:cu-bridge", "compile-as-is"),
    }  # fmt: skip
    for before, after in zip(data["estimates"], changed["estimates"], strict=True):
        assert recomputed(data, before, {}) == pytest.approx(tuple(before["range"].values()))
        assert recomputed(data, before, CHANGED) == pytest.approx(tuple(after["range"].values()))
        assert before["range"] != after["range"]


def test_terminal_and_json_give_the_same_numbers(run, samples_json):
    data = json.loads(run("estimate", samples_json, "--format", "json")[1])
    code, text, _ = run("estimate", samples_json)
    assert code == 0
    for one in data["estimates"]:
        row = next(
            line
            for line in text.splitlines()
            if re.match(rf"{one['target']} +{words.route(messages('en'), one['route'])} ", line)
        )
        assert row.split(words.route(messages("en"), one["route"]))[1].split()[:3] == [
            words.number(value) for value in one["range"].values()
        ]
        assert one["words"]["en"]["time"] in row
    assert "not calibrated" in text
    first = data["estimates"][0]
    assert sum(layer["days"] for layer in first["layers"]) == pytest.approx(first["range"]["p50"])


def test_json_is_deterministic_and_leads_to_places_and_evidence(run, samples_json):
    out = run("estimate", samples_json, "--format", "json")[1]
    assert out == run("estimate", samples_json, "--format", "json")[1]
    data = json.loads(out)
    assert data["weights"]["digest"] == WEIGHTS.digest
    for one in data["estimates"]:
        for layer in one["layers"]:
            for line in layer["lines"]:
                if "finding" not in line:
                    continue
                finding = data["findings"][one["target"]][line["finding"]]
                assert sum(map(len, finding["places"].values())) == line["hits"]
                assert len(finding["places"]) == line["files"]
                assert finding["class"] == layer["layer"]
                assert not finding["rule"] or finding["evidence"] or finding["level"] == "inferred"


def test_every_line_in_text_shows_its_numbers_and_its_weights(run, samples_json):
    _, text, _ = run("estimate", samples_json, "-t", "musa", "-v")
    assert re.search(r"1 × \(8 / 24 / 80\) h  project.setup: guess", text)
    assert re.search(r" h  cuda-like\.(MIG\d{3}|[a-z]+)", text)


@pytest.mark.parametrize("target", ["musa", "maca:cu-bridge", "cann"])
def test_what_no_table_knows_is_said_with_its_days(run, samples_json, target):
    (one, *_) = json.loads(run("estimate", samples_json, "-t", target, "--format", "json")[1])["estimates"]
    layer = next(layer for layer in one["layers"] if layer["layer"] == "unknown")
    text = " ".join(run("estimate", samples_json, "-t", target)[1].split())
    said = re.search(r"In no table: (\d+) of (\d+) names, ([\d.]+) of the likely days", text)
    assert said.groups() == (
        str(len(layer["lines"])),
        str(sum(1 for part in one["layers"] for line in part["lines"] if "finding" in line)),
        words.number(layer["days"]),
    )
    assert ("By analogy: no port to this stack" in text) == (target == "maca:cu-bridge")
    assert ("Not calibrated: no finished port" in text) == (target == "cann")


def test_chinese(run, samples_json, monkeypatch):
    monkeypatch.setenv("MIGRATE_LANG", "zh")
    _, text, _ = run("estimate", samples_json)
    assert "未校准" in text
    assert re.search(r"一名工程师 [\d,]+(?: (?:小时|天|周|个月))?～[\d,]+ (天|周|个月|年)", text)
    assert "person-days" not in text


@pytest.mark.parametrize(
    ("spread", "time_en", "time_zh"),
    [
        (Range(0.05, 0.12, 0.3), "1 to 2 hours for one engineer", "一名工程师 1～2 小时"),
        (Range(0.1, 0.14, 0.2), "1 hour for one engineer", "一名工程师 1 小时"),
        (Range(2, 5, 12), "2 to 12 days for one engineer", "一名工程师 2～12 天"),
        (Range(14, 26, 42), "3 to 8 weeks for one engineer", "一名工程师 3～8 周"),
        (Range(40, 90, 220), "2 to 11 months for one engineer", "一名工程师 2～11 个月"),
        (Range(200, 800, 3100), "1 to 14 years for one engineer", "一名工程师 1～14 年"),
        (Range(1.7, 9, 49), "2 days to 10 weeks for one engineer", "一名工程师 2 天～10 周"),
        (Range(170, 1200, 8700), "9 months to 40 years for one engineer", "一名工程师 9 个月～40 年"),
    ],
)
def test_time_in_words(spread, time_en, time_zh):
    assert words.time(messages("en"), spread) == time_en
    assert words.time(messages("zh"), spread) == time_zh


@pytest.mark.parametrize(
    ("value", "shown"),
    [(0, "0"), (0.0456, "0.046"), (0.5, "0.50"), (2.14, "2.1"), (58.5, "59"), (143, "140"), (2345, "2,300")],
)
def test_two_figures_in_words(value, shown):
    assert words.number(value) == shown


def test_without_cuda_there_is_nothing_to_estimate(run, tmp_path):
    (tmp_path / "a.cpp").write_text("int main() {}\n", encoding="utf-8")
    assert run("estimate", tmp_path, "-t", "musa")[:2] == (0, "no use of CUDA found\n")
    assert run("compare", tmp_path)[:2] == (0, "no use of CUDA found\n")


def test_without_a_target_every_stack_is_estimated(run):
    code, out, _ = run("estimate", ROOT / "samples" / "reduction", "--format", "json")
    assert code == 0
    assert {one["target"] for one in json.loads(out)["estimates"]} >= {"musa", "cann", "maca:cu-bridge", "tsm"}


def test_paths_are_scanned_and_second_routes_stand_beside(run):
    code, text, _ = run("estimate", ROOT / "samples", "-t", "maca", "--no-respect-gitignore")
    assert code == 0
    assert re.search(r"^maca:cu-bridge +compile as is", text, re.MULTILINE)


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (("--assume", "team"), "--assume team: write NAME=NUMBER"),
        (("--assume", "team=9"), "team must lie between 0.7 and 1.8, not 9"),
        (("--without", "nobody"), "no finished port called nobody"),
        (("-t", "supa"), "was not scanned for supa, only for cann, maca:cu-bridge, musa"),
        (("--weights", "none.toml"), "none.toml: cannot be read"),
    ],
)
def test_mistakes_are_explained(run, samples_json, args, message):
    code, out, err = run("estimate", samples_json, *args)
    assert (code, out) == (2, "")
    assert message in err


def test_calibrate_learns_and_estimates_use_it(run, samples_json, tmp_path):
    before = json.loads(run("estimate", samples_json, "--format", "json", "-t", "musa")[1])["estimates"][0]
    days = 2 * before["range"]["p50"]
    done = tmp_path / "done.toml"
    done.write_text(
        f'name = "ours"\nscan = "{samples_json}"\ntarget = "musa"\ndays = {days}\nfinished = "2027-01-02"\n',
        encoding="utf-8",
    )
    code, text, _ = run("calibrate", "--add", done)
    assert code == 0
    assert re.search(r"ours +musa .* 0\.50 +2027-01-02", text)
    assert "cuda-like: n = 12 (2027-01-02), factor 1.19" in text
    run("calibrate", "--add", done)
    known = json.loads(run("calibrate", "--format", "json")[1])
    assert [row["name"] for row in known["own"]] == ["ours"]
    assert len(known["ports"]) == 11
    after = json.loads(run("estimate", samples_json, "--format", "json", "-t", "musa")[1])["estimates"][0]
    assert after["range"]["p50"] == pytest.approx(2 ** (1 / 4) * before["range"]["p50"])
    assert after["calibration"]["n"] == 12
    again = json.loads(run("estimate", samples_json, "--format", "json", "-t", "musa", "--without", "ours")[1])[
        "estimates"
    ][0]
    assert again["range"] == before["range"]


def test_calibrate_needs_the_target_of_a_scan_with_several(run, samples_json, tmp_path):
    done = tmp_path / "done.toml"
    done.write_text(f'scan = "{samples_json}"\ndays = 3\nfinished = "2027-01-02"\n', encoding="utf-8")
    code, _, err = run("calibrate", "--add", done)
    assert code == 2
    assert "one of musa, cann, maca:cu-bridge" in err
    assert not (tmp_path / "migrate-calibration.tsv").exists()


def test_old_weights_are_said(run, tmp_path):
    (tmp_path / "migrate-calibration.tsv").write_text(
        "name\ttarget\tkind\tdays\tfinished\tp50\tweights\nold\tmusa\tcuda-like\t5\t2026-01-01\t4\tabc\n",
        encoding="utf-8",
    )
    assert "measured with other weights" in run("calibrate")[1]


def test_track_in_text_and_json(run, samples_json, tmp_path):
    (tmp_path / "done").mkdir()
    (tmp_path / "done" / "empty.cu").write_text("int main() { return 0; }\n", encoding="utf-8")
    args = ("track", f"2026-08-01={samples_json}", "done", "-t", "musa", "--spent", "4", "--no-respect-gitignore")
    code, text, err = run(*args)
    assert (code, err) == (0, "")
    assert "100.0% of the work is done" in text
    assert 'target = "musa", days = 4' in text
    (series,) = json.loads(run(*args, "--format", "json")[1])["targets"]
    assert [step["label"] for step in series["steps"]] == ["2026-08-01", "done"]
    assert series["steps"][1]["left"] == {"p10": 0, "p50": 0, "p90": 0}
    assert series["total"]["p50"] == 4
    assert series["start"]["p50"] == series["steps"][0]["left"]["p50"]


def test_track_needs_two_states(run, samples_json):
    code, _, err = run("track", samples_json)
    assert code == 2
    assert "one scan shows no progress" in err
