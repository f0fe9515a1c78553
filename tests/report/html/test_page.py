"""The page: whole without its script, its numbers those of the estimate, hostile text only ever text."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import shutil
import subprocess
import zlib
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest

import migrate
from migrate.effort.run import basis, estimates
from migrate.messages import LANGUAGES, messages
from migrate.model import Answer, Shape, answer_key
from migrate.report import effort_words
from migrate.report.against import against
from migrate.report.html import forms, render, view

FOLDER = Path(migrate.__file__).parent / "report" / "html"

#: Assumptions away from their start, all at once.
CHANGED = {"team": 1.4, "tests": 0.9, "hardware": 1.2, "ai": 0.8, "reserve": 0.3, "tuning": 0.5, "operators": 0.75}

EVIL = "</script><img src=x onerror=alert(1)>'\"\x1b[31m\u202e&{{7*7}}"


def report_of(scan, changed=None):
    return view.report([("sample", "", scan)], basis(changed=changed))


def page_of(scan, **options):
    return render.render(report_of(scan), **options)


class Elements(HTMLParser):
    """Counts elements, keeps their attributes."""

    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.tags = []
        self.text = []

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.text.append(data)


def parsed(page):
    elements = Elements()
    elements.feed(page)
    return elements


def shown(page, key):
    """The figures bound to estimates: `0:p50` → text."""
    return dict(re.findall(rf'data-p="(\d+:{key})">([^<]*)<', page))


def poisoned(scan):
    """*scan* with a name, a path, a note and a project that try to be markup."""
    file = next(file for file in scan.files if file.uses)
    shape = Shape(EVIL, "call", "runtime", function=EVIL, side="host")
    uses = tuple(use._replace(shape=shape) if use.shape.name == "cudaFooBar" else use for use in file.uses)
    fresh = replace(file, path=f"src/{EVIL}.cu", uses=uses)
    answers = {
        key: {**known, answer_key(shape): Answer("MIG301", "unsupported", EVIL, "", "")}
        for key, known in scan.answers.items()
    }
    others = tuple(other for other in scan.files if other is not file)
    return replace(scan, files=(fresh, *others), answers=answers, near={EVIL: (EVIL,)})


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
        assert mine["share"] == pytest.approx(view.share_of(item), rel=1e-9)
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
    page = page_of(replace(two, files=tuple(replace(file, uses=()) for file in two.files)))
    assert "No CUDA was found here." in page
    assert "--no-respect-gitignore" in page


def test_against_tells_fixed_and_new(two):
    old = two
    file = next(file for file in two.files if file.uses)
    kept = tuple(use for use in file.uses if use.shape.name != "cublasGemmEx")
    new = replace(two, files=tuple(replace(item, uses=kept) if item is file else item for item in two.files))
    found = against("before", old, new)["musa"]
    assert (found.fixed, found.new, found.moved) == (1, 0, 0)
    assert [change.name for change in found.changes] == ["cublasGemmEx"]
    back = against("after", new, old)["musa"]
    assert (back.fixed, back.new) == (0, 1)
    page = render.render(report_of(new), older={(0, "musa"): found})
    assert "1 fixed, 0 new, 0 moved" in page


def test_several_projects_stand_in_one_page(two, one):
    report = view.report([("first", "", two), ("second", "", one)], basis())
    page = render.render(report)
    assert page.count('class="project"') == 2
    assert 'data-project-to="1"' in page


# -- in the browser -------------------------------------------------------------------------------------------------


def test_browser_shows_the_numbers_of_python(two, dom):
    fragment = "&".join(f"a.{key}={value}" for key, value in CHANGED.items())
    page = dom(page_of(two), fragment)
    for number, item in enumerate(estimates(two, basis(changed=CHANGED))):
        assert shown(page, "p50")[f"{number}:p50"] == effort_words.number(item.range.p50)
        assert shown(page, "p90")[f"{number}:p90"] == effort_words.number(item.range.p90)


def test_browser_filters_by_the_address(two, dom):
    page = dom(page_of(two), "view=engineer&target=musa&off=&text=cublasGemmEx")
    rules = re.findall(r'<details class="rule" data-rule="([^"]+)" data-hours="[^"]*"( hidden="")?', page)
    assert ("MIG201|adapt", "") in rules
    assert sum(1 for _, hidden in rules if hidden) == len({answer.id for answer in two.answers["musa"].values()}) - 1
    assert re.search(r"1 of \d+ places, 1 of \d+ rules", page)


def test_browser_says_what_hides_everything(two, dom):
    page = dom(page_of(two), "view=engineer&target=musa&text=nothing-is-called-so")
    assert "No place matches these filters." in page


def test_browser_speaks_chinese(two, dom):
    page = dom(page_of(two), "lang=zh&view=engineer&target=musa")
    assert '<html lang="zh-CN"' in page
    assert re.search(r"显示 \d+ / \d+ 处", page)


def test_browser_runs_nothing_hostile(two, dom):
    page = dom(page_of(poisoned(two)), "view=engineer&target=musa&off=&text=%3C%2Fscript%3E%3Cimg%20src%3Dx%3E")
    assert "ready" in re.search(r'<html[^>]*class="([^"]*)"', page)[1]
    assert "img" not in [tag for tag, _ in parsed(page).tags]
