"""The page in a real Chromium: its numbers, filters, keys, policy, print, and what hostile text cannot do."""

from __future__ import annotations

import json
import re
import statistics
from dataclasses import replace
from pathlib import Path

import pytest
from page_builder import CHANGED, page_of, parsed, poisoned, report_of, shown
from scan_builder import CANN, MUSA, SHAPES, file_of, scan_of

from migrate.effort.run import basis, estimates
from migrate.messages import LANGUAGES
from migrate.model import Use
from migrate.pipeline import scan_paths
from migrate.report import effort_words
from migrate.report.html import render, view
from migrate.tables.rules import rules_dir
from migrate.targets import parse_targets

HOSTILE = {
    "closes the script": "</script><script>window.hit=1</script>",
    "picture": "<img src=x onerror='window.hit=1'>",
    "svg": "<svg/onload=window.hit=1>",
    "quotes": "\"'><b onmouseover=window.hit=1 style=position:fixed>",
    "link": "javascript:window.hit=1",
    "right to left": "abc\u202egnp.exe\u2066\u2069",
    "terminal": "\x1b[31mred\x1b]0;title\x07\x9b2J",
    "template": "{{7*7}}{%raw%}${7*7}",
}


def test_numbers_are_those_of_python(two, dom):
    fragment = "&".join(f"a.{key}={value}" for key, value in CHANGED.items())
    page = dom(page_of(two), fragment)
    for number, item in enumerate(estimates(two, basis(changed=CHANGED))):
        assert shown(page, "p50")[f"{number}:p50"] == effort_words.number(item.range.p50)
        assert shown(page, "p90")[f"{number}:p90"] == effort_words.number(item.range.p90)


def test_address_filters(two, dom):
    page = dom(page_of(two), "view=engineer&target=musa&off=&text=cublasGemmEx")
    rules = re.findall(r'<details class="rule" id="[^"]+" data-rule="([^"]+)" data-hours="[^"]*"( hidden="")?', page)
    assert ("MIG201|adapt", "") in rules
    assert sum(1 for _, hidden in rules if hidden) == len({answer.id for answer in two.answers["musa"].values()}) - 1
    assert re.search(r"1 of \d+ places, 1 of \d+ rules", page)


def test_quotes_ask_for_one_name_exactly(two, tab):
    page = tab(page_of(two), "view=engineer&target=musa&off=&text=%22cudaMalloc%22")
    assert page.run("migrateReport.found().shown") == 2
    page = tab(page_of(two), "view=engineer&target=musa&off=&text=%22cudaMall%22")
    assert page.run("migrateReport.found().shown") == 0


def test_says_what_hides_everything(two, dom):
    page = dom(page_of(two), "view=engineer&target=musa&text=nothing-is-called-so")
    assert "No place matches these filters." in page


def test_speaks_chinese(two, dom):
    page = dom(page_of(two), "lang=zh&view=engineer&target=musa")
    assert '<html lang="zh-CN"' in page
    assert re.search(r"显示 \d+ / \d+ 处", page)


@pytest.mark.parametrize("fragment", ["", "view=engineer&target=musa&off=", "lang=zh&view=engineer&target=cann:950"])
def test_asks_for_nothing_and_complains_about_nothing(two, tab, fragment):
    assert tab(page_of(two), fragment).complaints() == []


def figures_that_open(page):
    return page.run("[...document.querySelectorAll('.project.now .view.now a[data-go], .view.now a[data-x]')].length")


def test_every_count_of_the_comparison_opens_its_places(two, tab):
    page = tab(page_of(two))
    links = page.run(
        "[...document.querySelectorAll('.compare a[data-go]')].map((n) => [n.dataset.go, Number(n.textContent)])"
    )
    assert len(links) == sum(
        1
        for target in report_of(two).projects[0].targets
        for key, n in target.totals.classes.items()
        if n and key != "auto"
    )
    for go, count in links:
        page.run(f"document.querySelector('.compare a[data-go={json.dumps(go)}]').click()")
        page.wait("migrateReport.found()")
        page.wait(f"migrateReport.found().shown === {count}")


def test_an_hour_of_the_audit_opens_down_to_the_line(two, tree, tab):
    page = tab(page_of(two), "view=engineer&target=musa")
    page.run("document.querySelector('.block.now #w-0-0-adapt').open = true")
    assert figures_that_open(page)
    links = "[...document.querySelectorAll('.block.now #w-0-0-adapt a')]"
    page.run(f"{links}.find((n) => n.textContent === 'cublasGemmEx').click()")
    page.wait("migrateReport.found().shown === 1")
    page.wait("document.querySelector('.block.now .rule[open] .places .hit b')")
    assert page.run("document.querySelector('.block.now .rule[open] .places .hit').textContent").strip() == (
        "10    cublasGemmEx(h, CUBLAS_OP_N);"
    )
    assert page.run("document.querySelector('.block.now .rule[open] .places .loc').textContent") == "src/reduce.cu"


def until_focus(page, selector, key="Tab", most=120):
    """Presses *key* until what has the focus matches *selector*."""
    for _ in range(most):
        page.press(key)
        if page.run(f"document.activeElement.matches({json.dumps(selector)})"):
            return
    raise AssertionError(f"no key leads to {selector}")


def test_keys_alone_lead_to_a_finding(two, tree, tab):
    page = tab(page_of(two))
    until_focus(page, "[data-view-to=engineer]")
    page.press("Enter")
    page.wait("migrateReport.state().view === 'engineer' && migrateReport.found()")
    until_focus(page, ".rule:not([hidden]) > summary")
    style = page.run("getComputedStyle(document.activeElement).outlineStyle")
    assert style != "none", "the focus is seen"
    page.press("Enter")
    page.wait("document.querySelector('.rule[open] .places .code .hit')")
    until_focus(page, ".rule[open] .places button")
    page.press("Enter")
    assert page.run("document.querySelector('.rule[open] .places .loc').textContent") == "src/reduce.cu"
    assert page.complaints() == []


def test_slash_goes_to_the_search_and_escape_of_text_filters(two, tab):
    page = tab(page_of(two), "view=engineer&target=musa&off=")
    page.press("/", *"cudaMalloc")
    page.wait("migrateReport.found().shown === 2")
    assert "text=cudaMalloc" in page.run("location.hash")


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_text_does_nothing(two, tab, name):
    scan = poisoned(two, HOSTILE[name])
    report = view.report([(HOSTILE[name], HOSTILE[name], scan)], basis())
    page = tab(render.render(report), "view=engineer&target=musa&off=")
    page.run("document.querySelectorAll('.view.now details').forEach((n) => { n.open = true; })")
    page.run("document.querySelectorAll('.view.now .places button').forEach((n) => n.click())")
    page.wait("document.querySelector('.block.now .places .plist')")
    assert page.run("window.hit") is None
    assert page.complaints() == []
    whole = page.run("document.documentElement.outerHTML")
    elements = parsed(whole)
    assert not {"img", "b onmouseover"} & {tag for tag, _ in elements.tags}
    assert not [a for _, a in elements.tags if any(key.startswith("on") and key != "on" for key in a)]
    assert not [a for tag, a in elements.tags if tag == "a" and not a.get("href", "#").startswith("#")]
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", "".join(elements.text))


def test_policy_lets_no_other_script_style_or_address_in(two, tab):
    page = tab(page_of(two))
    assert page.complaints() == []
    page.run("""(() => {
        const add = (tag, values) => document.body.append(Object.assign(document.createElement(tag), values));
        add("script", { textContent: "window.hit = 1" });
        add("img", { src: "http://127.0.0.1:9/x.png" });
        add("style", { textContent: "body{--hit:1}" });
        document.body.insertAdjacentHTML("beforeend", "<p onclick='window.hit=1' id='trap'>");
        document.getElementById("trap").click();
    })()""")
    assert page.run("window.hit") is None
    assert page.run("getComputedStyle(document.body).getPropertyValue('--hit')") == ""
    assert page.run("fetch('http://127.0.0.1:9/').then(() => 'through', () => 'stopped')") == "stopped"
    policy = page.run("document.querySelector('meta[http-equiv=Content-Security-Policy]').content")
    assert "unsafe" not in policy
    assert "default-src 'none'" in policy


def test_a_line_of_ten_megabytes_does_nothing_bad(tmp_path, tab):
    source = tmp_path / "tree"
    source.mkdir()
    start = "__global__ void k(float* v) { v[threadIdx.x] = 0; }\nvoid f() { void* p; cudaMalloc(&p, 4); int a[] = {"
    (source / "long.cu").write_text(start + "1," * 5_000_000 + "0}; cudaFree(p); cudaFooBar(p); }\n", encoding="utf-8")
    scan = scan_paths([str(source)], parse_targets("musa", rules_dir()), max_file_size=32_000_000)
    assert any(use.shape.name == "cudaFooBar" for file in scan.files for use in file.uses)
    page = render.render(view.report([("long", "", scan)], basis()))
    assert len(page) < 600_000
    assert max(map(len, page.split("\n"))) < 200_000
    shown = tab(page, "view=engineer&target=musa&off=")
    shown.run("document.querySelectorAll('.rule').forEach((n) => { n.open = true; })")
    assert shown.run("Math.max(...[...document.querySelectorAll('.code .l')].map((n) => n.textContent.length))") < 200
    assert shown.run("document.documentElement.scrollWidth - innerWidth") <= 0
    assert shown.complaints() == []


def large(places):
    """A scan with so many places, over 200 files."""
    shapes = list(SHAPES.values())
    each = places // 200
    file = file_of("a.cu")
    files = tuple(
        replace(
            file,
            path=f"csrc/module_{number // 20}/kernel_{number}.cu",
            uses=tuple(Use(80 * i, 4, i + 1, 1, shapes[(number + i) % len(shapes)]) for i in range(each)),
        )
        for number in range(200)
    )
    return scan_of(files, (MUSA, CANN))


def test_filter_answers_at_once_with_twenty_thousand_places(tab):
    page = tab(page_of(large(20_000)), "view=engineer&target=musa&off=")
    assert page.run("migrateReport.found().all") == 20_000
    for change in ("", "document.querySelector('.project.now [data-class=auto]').click()"):
        page.run(change or "0")
        times = page.run("Array.from({length: 9}, () => migrateReport.filter())")
        assert statistics.median(times) < 100, times


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("width", [1440, 1024, 390])
@pytest.mark.parametrize(
    "state", ["view=manager", "view=engineer&target=musa", "view=engineer&target=musa&text=nowhere"]
)
def test_nothing_runs_over_the_edge(two, tab, language, width, state):
    page = tab(page_of(named_badly(two)), f"lang={language}&{state}", width=width)
    page.run("[...document.querySelectorAll('.view.now .rule:not([hidden])')].forEach((n) => { n.open = true; })")
    assert page.run("document.documentElement.scrollWidth - innerWidth") <= 0


def named_badly(scan):
    """*scan* with a path of 200 characters without a break, and a name of 60."""
    old, new = "cudaFooBar", "cudaFooBar" * 6
    file = next(file for file in scan.files if file.uses)
    shape = next(use.shape for use in file.uses if use.shape.name == old)._replace(name=new)
    uses = tuple(use._replace(shape=shape) if use.shape.name == old else use for use in file.uses)
    worst = replace(file, path="src/" + "kernel_" * 28 + ".cu", uses=uses)
    answers = {
        target: {key._replace(name=new) if key.name == old else key: answer for key, answer in known.items()}
        for target, known in scan.answers.items()
    }
    return scan._replace(files=tuple(worst if item is file else item for item in scan.files), answers=answers)


SAMPLES = Path(__file__).parents[3] / "samples"


@pytest.mark.parametrize("language", LANGUAGES)
def test_seven_targets_print_on_one_page(tab, language):
    targets = parse_targets("musa,maca,supa,tops,cann,corex,dtk", rules_dir())
    scan = scan_paths([str(SAMPLES)], targets)
    page = tab(render.render(view.report([("samples", "8c41f0e", scan)], basis()), root=""), f"lang={language}")
    paper = page.pdf()
    assert re.search(rb"/Count (\d+)", paper)[1] == b"1"


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("state", ["view=manager", "view=engineer&target=musa"])
def test_axe_finds_nothing_serious(two, tree, tab, axe, state, language, dark):
    page = tab(page_of(two), f"lang={language}&{state}", bypass=True, dark=dark)
    page.run("[...document.querySelectorAll('.view.now .rule:not([hidden])')].forEach((n) => { n.open = true; })")
    page.run(axe + ";0")
    found = page.run("axe.run().then((r) => r.violations.map((v) => [v.impact, v.id, v.nodes[0].html.slice(0, 200)]))")
    assert [item for item in found if item[0] in ("serious", "critical")] == []
