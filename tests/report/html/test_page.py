"""The page: whole without its script, its numbers those of the estimate, hostile text only ever text."""

from __future__ import annotations

import base64
import hashlib
import html
import json
import re
import shutil
import subprocess
import zlib
from dataclasses import replace
from pathlib import Path

import pytest
from page_builder import CHANGED, EVIL, page_of, parsed, poisoned, report_of, shown

import migrate
from migrate.effort.run import basis, estimates
from migrate.messages import LANGUAGES, messages
from migrate.report import effort_words
from migrate.report.against import against
from migrate.report.html import forms, parts, render, view

FOLDER = Path(migrate.__file__).parent / "report" / "html"


def test_ranges_without_script_are_those_of_the_estimate(two):
    page = page_of(two)
    for number, item in enumerate(estimates(two, basis())):
        for key in ("p10", "p50", "p90"):
            assert shown(page, key)[f"{number}:{key}"] == effort_words.number(getattr(item.range, key))


def test_everything_is_there_without_script(two, tree):
    text = "".join(parsed(page_of(two)).text)
    for language in LANGUAGES:
        say = messages(language)
        for identifier in ("page.drivers", "page.strategy", "page.covers-not-text", "page.sign", "page.unknown"):
            assert say(identifier) in text
    assert "cublasGemmEx" in text
    assert "reduce<<<grid, 256, 0, s>>>(v);" in text, "the snippet of a place"
    assert "src/reduce.cu:" in text


def test_no_request_can_leave_and_nothing_else_can_run(two):
    page = page_of(two)
    elements = parsed(page)
    assert not [tag for tag, attributes in elements.tags if {"src", "srcset", "style"} & attributes.keys()]
    assert not [a for _, a in elements.tags if any(name.startswith("on") and name != "on" for name in a)]
    assert "http://" not in page.replace("http://www.w3.org/2000/svg", "")
    assert "https://" not in page
    policy = next(a["content"] for tag, a in elements.tags if a.get("http-equiv") == "Content-Security-Policy")
    assert policy.startswith("default-src 'none';")
    for tag, name in (("style", "style-src"), ("script", "script-src")):
        inside = re.findall(rf"<{tag}>(.*?)</{tag}>", page, re.DOTALL)
        assert len(inside) == 1
        digest = base64.b64encode(hashlib.sha256(inside[0].encode()).digest()).decode()
        assert f"{name} 'sha256-{digest}'" in policy


def test_hostile_text_stays_text(two):
    clean, page = parsed(page_of(two)), page_of(poisoned(two))
    elements = parsed(page)
    count = [sum(1 for tag, _ in found.tags if tag == "script") for found in (clean, elements)]
    assert count[0] == count[1]
    assert "img" not in [tag for tag, _ in elements.tags]
    assert "\x1b" not in page
    assert "\u202e" not in page
    assert "</script><img src=x onerror=alert(1)>'\"\\x1b[31m\\u202e&{{7*7}}" in "".join(elements.text)


def test_places_travel_whole(two):
    page = page_of(two)
    packed = re.search(r'data-places-of="0">([^<]+)<', page)
    assert packed is not None
    data = json.loads(zlib.decompress(base64.b64decode(packed[1])))
    places = set()
    for path, row in zip(data["files"], data["uses"], strict=True):
        line = 0
        for name, step in zip(row[::2], row[1::2], strict=True):
            line += step
            places.add((path, line, data["names"][name][0]))
    from migrate.model import label

    assert places == {(file.path, use.line, label(use.shape)) for file in two.files for use in file.uses}


def test_every_name_that_links_has_places(two):
    page = page_of(two)
    packed = re.search(r'data-places-of="0">([^<]+)<', page)
    assert packed is not None
    known = {name for name, _ in json.loads(zlib.decompress(base64.b64decode(packed[1])))["names"]}
    links = re.findall(r"data-x>([^<]*)</a>", page)
    assert len(links) > 20
    assert {html.unescape(link) for link in links} <= known


@pytest.mark.parametrize("changed", [{}, CHANGED], ids=["start", "changed"])
def test_script_computes_what_python_computes(two, changed):
    node = shutil.which("node")
    if not node:
        pytest.skip("needs node")
    page = page_of(two)
    model = re.search(r'id="estimates">(.*?)</script>', page)
    assert model is not None
    program = f"""
const core = require({json.dumps(str(FOLDER / "page.js"))}), model = {model[1]};
const x = {{...model.start, ...{json.dumps(changed)}}};
console.log(JSON.stringify(model.estimates.map((e) => core.compute(e, model, x))));
"""
    done = subprocess.run([node, "-e", program], capture_output=True, text=True, check=True)
    found = json.loads(done.stdout)
    every = estimates(two, basis(changed=changed))
    assert len(found) == len(every)
    for mine, item in zip(found, every, strict=True):
        assert [mine[key] for key in ("p10", "p50", "p90")] == pytest.approx(list(item.range), rel=1e-9)
        assert mine["share"] == pytest.approx(parts.share_of(item), rel=1e-9)
        for layer in item.layers:
            if layer.key in mine["moving"]:
                assert mine["moving"][layer.key] == pytest.approx(layer.hours, rel=1e-9)


def test_bars_of_the_waterfall_and_waves_add_up(two):
    report = report_of(two)
    for target in report.projects[0].targets:
        total = report.estimates[target.estimate].range.p50
        assert sum(row.days.days for row in target.rows) == pytest.approx(total)
        assert sum(days.days for days in target.waves.values()) == pytest.approx(total)
        assert sum(rule.places for rule in target.rules) == target.totals.uses


def test_parts_of_every_way_add_up(two):
    report = report_of(two)
    for target in report.projects[0].targets:
        for place, way in enumerate(target.ways):
            total = sum(part.ways[place].days for part in target.parts if part.ways[place])
            assert total == pytest.approx(report.estimates[way.estimate].range.p50)


def test_hours_of_files_are_those_of_the_findings(two):
    report = report_of(two)
    for target in report.projects[0].targets:
        lines = [line for row in target.rows for line in row.lines if line.id]
        assert sum(target.file_hours.values()) == pytest.approx(sum(line.hours for line in lines))


def test_csv_gives_the_same_totals(two):
    import csv
    import io

    report = report_of(two)
    rows = list(csv.DictReader(io.StringIO("".join(forms.csv_lines(report)))))
    for item in report.estimates:
        own = [row for row in rows if (row["target"], row["route"]) == (item.target, item.route)]
        total = next(row for row in own if row["layer"] == "total")
        assert float(total["p50"]) == item.range.p50
        assert sum(float(row["days"]) for row in own if row is not total) == pytest.approx(item.range.p50)


@pytest.mark.parametrize("language", LANGUAGES)
def test_markdown_is_short_and_holds_no_markup_of_others(two, language):
    scan = poisoned(two)
    report = view.report([("<b>" + EVIL, "", scan)], basis())
    text = forms.markdown(report, messages(language))
    assert len(text.encode()) < 60_000
    assert "<b>" not in text
    assert "<img" not in text
    for number in range(2):
        item = report.estimates[report.projects[0].targets[number].estimate]
        assert effort_words.days(messages(language), item.range) in text


def test_nothing_to_port_says_so(two):
    empty = two._replace(files=tuple(replace(file, uses=()) for file in two.files))
    page = page_of(empty)
    assert "No CUDA was found in what was read, but 2 files" in page, "what was not analysed may hold CUDA"
    assert "--no-respect-gitignore" in page
    read = page_of(empty._replace(files=tuple(file for file in empty.files if file.state != "not-analysed")))
    assert "No CUDA was found here." in read


def test_against_tells_fixed_new_and_what_is_left(two):
    old = two
    file = next(file for file in two.files if file.uses)
    kept = tuple(use for use in file.uses if use.shape.name != "cublasGemmEx")
    new = two._replace(files=tuple(replace(item, uses=kept) if item is file else item for item in two.files))
    found = against([("before", old)], new, basis())["musa"]
    assert (found.fixed, found.new, found.moved) == (1, 0, 0)
    assert [change.name for change in found.changes] == ["cublasGemmEx"]
    back = against([("after", new)], old, basis())["musa"]
    assert (back.fixed, back.new) == (0, 1)
    page = render.render(report_of(new), older={(0, "musa"): found})
    assert "1 fixed, 0 new, 0 moved" in page
    assert f"{100 * found.track.steps[-1].share:.1f}% of the work done" in page


def test_burn_down_of_several_scans_is_that_of_track(two):
    from migrate.effort.track import track

    file = next(file for file in two.files if file.uses)
    states = [
        two._replace(files=tuple(replace(item, uses=file.uses[:left]) if item is file else item for item in two.files))
        for left in (len(file.uses), 9, 5)
    ]
    on = basis()
    series = list(zip(("2026-08-01", "2026-09-01"), states, strict=False))
    older = {(0, key): item for key, item in against(series, states[-1], on).items()}
    page = render.render(report_of(states[-1]), older=older)
    followed = track([*series, ("", states[-1])], "musa", on.weights, estimator=on.estimate)
    assert len(followed.steps) == 3
    for step in followed.steps:
        assert f">{effort_words.number(step.left.p50)}</span>" in page
        assert f"{100 * (1 - step.share):.0f}%" in page
    assert "2026-08-01" in page
    assert followed.steps[-1].share > followed.steps[1].share > 0


def test_managers_get_no_place_and_no_source(two, tree):
    both, page = page_of(two), page_of(two, audience="manager")
    for text in ("src/<wbr>", "reduce&lt;&lt;&lt;grid", '<script type="application/octet-stream"'):
        assert text in both
        assert text not in page
    assert shown(page, "p50") == {key: value for key, value in shown(both, "p50").items() if key in shown(page, "p50")}
    assert 'data-view="engineer"' not in page


def test_engineers_alone_have_every_place(two, tree):
    page = page_of(two, audience="engineer")
    assert "src/<wbr>" in page
    assert "data-places-of" in page
    assert 'class="compare"' not in page


def test_several_projects_stand_in_one_page(two, one):
    report = view.report([("first", "", two), ("second", "", one)], basis())
    page = render.render(report)
    assert page.count('class="project"') == 2
    assert 'data-project-to="1"' in page


def test_command_takes_several_earlier_scans_and_an_audience(two, tmp_path, monkeypatch):
    from click.testing import CliRunner

    from migrate.cli import cli
    from migrate.report.scan_json import write_json

    monkeypatch.chdir(tmp_path)
    file = next(file for file in two.files if file.uses)
    for name, left in (("start", len(file.uses)), ("october", 9), ("now", 5)):
        state = replace(file, uses=file.uses[:left])
        with Path(f"{name}.json").open("w", encoding="utf-8") as out:
            write_json(two._replace(files=tuple(state if item is file else item for item in two.files)), out)
    arguments = ["report", "now.json", "--against", "2026-09-01=start.json,october.json", "--lang", "en"]
    done = CliRunner().invoke(cli, [*arguments, "--audience", "manager", "-o", "report.html"])
    assert done.exit_code == 0, done.output
    page = Path("report.html").read_text(encoding="utf-8")
    steps = re.search(r'<table class="steps">.*?</table>', page, re.DOTALL)
    assert steps is not None
    assert re.findall(r'<th scope="row">(?:<span lang="en">)?([^<]+)', steps[0]) == [
        "2026-09-01",
        "october",
        "this scan",
    ]
    assert 'data-view="engineer"' not in page
    done = CliRunner().invoke(cli, ["report", "now.json", "start.json", "--against", "october.json"])
    assert done.exit_code != 0
