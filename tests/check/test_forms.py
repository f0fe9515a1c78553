"""Forms for platforms: SARIF against the published schema, GitHub, GitLab, JUnit; that alerts do not flap."""

import io
import json
import xml.etree.ElementTree as ET
from pathlib import Path

import jsonschema
import pytest

from migrate.check.findings import Finding
from migrate.messages import messages
from migrate.model import Answer, Scan, Target
from migrate.report.github import write_github
from migrate.report.junit import attribute, content
from migrate.report.sarif import write_sarif

# The schema comes unchanged from the npm package @microsoft/jest-sarif 1.0.0-beta.0; its licence lies beside it.
SCHEMA = json.loads(Path(__file__).with_name("sarif-2.1.0-rtm.5.json").read_text(encoding="utf-8"))
BAD = "void g() { cudaBarFoo(1); }\n"


def sarif(run, *arguments, code=1):
    result, out, err = run(*arguments, "--format", "sarif")
    assert (result, err) == (code, "")
    data = json.loads(out)
    validate(data)
    return data


def validate(data):
    errors = [error.message for error in jsonschema.Draft4Validator(SCHEMA).iter_errors(data)]
    assert errors == []


def prints(data, *keys):
    return sorted(
        result["partialFingerprints"][key]
        for run in data["runs"]
        for result in run["results"]
        for key in keys or ("migrateFinding/v1", "primaryLocationLineHash")
    )


def write(project, text, name="src/add.cu"):
    (project / name).write_text(text, encoding="utf-8", newline="\n")


def read(project, name="src/add.cu"):
    return (project / name).read_text(encoding="utf-8")


def test_the_schema_refuses_what_is_wrong():
    with pytest.raises(AssertionError):
        validate({"version": "2.1.0", "runs": [{"tool": {}}]})


def test_sarif_of_a_check(project, run):
    run("baseline")
    write(project, BAD + "void h() { cudaBarBaz(1); }  // migrate: ignore[MIG901] später\n", "src/ü b.cu")
    data = sarif(run, "check")
    (one,) = data["runs"]
    assert one["tool"]["driver"]["name"] == "migrate"
    assert one["automationDetails"]["id"] == "migrate/musa/"
    results = {result["properties"]["name"]: result for result in one["results"]}
    assert {name: result["baselineState"] for name, result in results.items()} == {
        "cudaFooBar": "unchanged",
        "cudaBarFoo": "new",
        "cudaBarBaz": "unchanged",
    }
    assert results["cudaBarFoo"]["suppressions"] == []
    assert results["cudaBarBaz"]["suppressions"] == [
        {"kind": "inSource", "status": "accepted", "justification": "später"}
    ]
    place = results["cudaBarFoo"]["locations"][0]["physicalLocation"]
    assert place["artifactLocation"] == {"uri": "src/%C3%BC%20b.cu", "uriBaseId": "%SRCROOT%"}
    assert place["region"] == {"startLine": 1, "startColumn": 12, "endLine": 1, "endColumn": 22}
    (rule,) = one["tool"]["driver"]["rules"]
    assert (rule["id"], rule["defaultConfiguration"]) == ("MIG901", {"level": "warning"})
    assert "# MIG901" in rule["help"]["markdown"]


def test_sarif_of_a_scan_has_a_run_a_target_and_no_baseline(project, run):
    run("baseline")
    data = sarif(run, "scan", "src", "-t", "musa,cann", code=0)
    assert [one["properties"]["target"] for one in data["runs"]] == ["musa", "cann"]
    results = [result for one in data["runs"] for result in one["results"]]
    assert not any("baselineState" in result for result in results)
    assert {result["properties"]["class"] for result in data["runs"][1]["results"]} >= {"unknown", "rewrite"}


def test_sarif_is_ordered_by_severity(project, run):
    data = sarif(run, "scan", "src", "-t", "cann", code=0)
    levels = [result["level"] for result in data["runs"][0]["results"]]
    assert levels == sorted(levels, key=["error", "warning", "note"].index)
    assert len(set(levels)) > 1


def test_sarif_without_findings_is_valid(project, run):
    write(project, "__global__ void f() {}\n")
    assert sarif(run, "check", code=0)["runs"][0]["results"] == []


def test_sarif_from_a_folder_below_the_repository_has_paths_from_its_root(project, run, monkeypatch):
    write(project, 'target = "musa"\n', "src/migrate.toml")
    monkeypatch.chdir(project / "src")
    data = sarif(run, "check")
    place = data["runs"][0]["results"][0]["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == "src/add.cu"
    assert run("check", "--format", "github")[1].startswith("::warning file=src/add.cu,line=6,")


def made(count, targets=("musa",)):
    """A scan and *count* findings of every class in turn."""
    classes = ("auto", "unknown", "adapt", "check", "rewrite", "unsupported")
    found = []
    for number in range(count):
        category = classes[number % 6]
        answers = tuple((target, Answer("MIG901", category, "", "", "")) for target in targets)
        found.append(
            Finding(
                f"a{number % 7}.cu",
                f"a{number % 7}.cu",
                number + 1,
                1,
                number,
                4,
                "MIG901",
                category,
                "x",
                answers=answers,
                key="k",
                fingerprint=f"{number:032x}",
            )
        )
    resolved = tuple(Target(target, target, "", "", "cuda-like", {}, target) for target in targets)
    return found, Scan("0.1.0", {}, resolved, (), {target: {} for target in targets}, {}, {}, {})


def written(found, scan, **options):
    out = io.StringIO()
    write_sarif(found, scan, out, messages("en"), baseline=False, **options)
    return json.loads(out.getvalue())


def notes(one):
    return [note["message"]["text"] for note in one["invocations"][0]["toolExecutionNotifications"]]


def test_results_are_cut_at_the_limit_worst_kept_and_it_is_said():
    found, scan = made(600)
    data = written(found, scan, results=250)
    validate(data)
    (one,) = data["runs"]
    assert len(one["results"]) == 250
    assert {result["level"] for result in one["results"]} == {"error", "warning"}
    assert one["properties"]["leftOut"] == 350
    assert notes(one) == ["350 findings were left out: a run holds 250, the most severe first"]
    assert notes(written(found, scan)["runs"][0]) == []


def test_the_platforms_limits_hold_and_what_is_shown_is_said():
    found, scan = made(25_300)
    (one,) = written(found, scan)["runs"]
    assert len(one["results"]) == 25_000
    assert notes(one) == [
        "300 findings were left out: a run holds 25,000, the most severe first",
        "25,000 results, of which code scanning shows 5,000, the most severe first",
    ]


def test_runs_are_cut_at_the_limit_and_it_is_said():
    found, scan = made(3, tuple(f"t{number:02}" for number in range(22)))
    data = written(found, scan)
    validate(data)
    assert len(data["runs"]) == 20
    assert notes(data["runs"][0]) == ["left out, since a file holds 20 runs: t20, t21"]


def test_alerts_do_not_flap(project, run, git):
    """Fifty lines above, another file name: the same fingerprints, in SARIF and for GitLab."""
    write(project, read(project) + BAD + BAD)

    def gitlab():
        return sorted(one["fingerprint"] for one in json.loads(run("check", "--format", "gitlab")[1]))

    before, before_gitlab = prints(sarif(run, "check")), gitlab()
    assert len(set(before)) == len(before) == 6
    assert len(set(before_gitlab)) == len(before_gitlab) == 3
    write(project, "// one more line\n" * 50 + read(project))
    git("mv", "src/add.cu", "src/renamed.cu")
    data = sarif(run, "check")
    assert prints(data) == before
    assert gitlab() == before_gitlab
    lines = [result["locations"][0]["physicalLocation"]["region"]["startLine"] for result in data["runs"][0]["results"]]
    assert lines == [56, 59, 60]
    write(project, read(project, "src/renamed.cu").replace("cudaFooBar(v)", "cudaFooBar(v + 1)"), "src/renamed.cu")
    assert prints(sarif(run, "check")) != before


def test_github(project, run):
    write(project, BAD, "src/a,b:c%.cu")
    code, out, _ = run("check", "--format", "github")
    assert code == 1
    first, second = out.splitlines()
    assert first.partition("::cuda")[::2] == (
        "::warning file=src/a%2Cb%3Ac%25.cu,line=1,col=12,endLine=1,endColumn=22,title=MIG901 [unknown]",
        "BarFoo: CUDA name in no table",
    )
    assert second.startswith("::warning file=src/add.cu,line=6,col=5,endLine=6,endColumn=15,title=MIG901 [unknown]::")


def test_github_is_worst_first_and_says_what_it_does_not_show():
    found, scan = made(60)
    out = io.StringIO()
    write_github(found, scan, out, messages("en"))
    lines = out.getvalue().splitlines()
    levels = [line.split(" ")[0] for line in lines[:-1]]
    assert levels == ["::error"] * 20 + ["::warning"] * 30 + ["::notice"] * 10
    assert lines[-1].endswith("30 more findings stand in this log only.")


def test_gitlab(project, run):
    run("baseline")
    write(project, BAD, "src/b.cu")
    write(project, BAD, "src/c.cu")  # the same bytes: two findings all the same
    code, out, _ = run("check", "--format", "gitlab")
    assert code == 1
    rows = json.loads(out)
    assert [(row["location"]["path"], row["location"]["lines"]["begin"]) for row in rows] == [
        ("src/add.cu", 6), ("src/b.cu", 1), ("src/c.cu", 1),
    ]  # fmt: skip
    assert len({row["fingerprint"] for row in rows}) == 3
    assert rows[1]["description"] == "MIG901 cudaBarFoo: CUDA name in no table"
    assert {row["severity"] for row in rows} <= {"info", "minor", "major", "critical", "blocker"}


def test_junit(project, run):
    run("baseline")
    write(project, BAD.replace(";", ";  // <&> \"'"), "src/b.cu")
    write(project, "int x;\n", "src/plain.cpp")
    code, out, _ = run("check", "--format", "junit")
    assert code == 1
    root = ET.fromstring(out)
    assert root.attrib == {"name": "migrate", "tests": "3", "failures": "1", "errors": "0", "skipped": "1"}
    suites = {suite.get("name"): suite for suite in root}
    assert list(suites) == ["src/add.cu", "src/b.cu", "src/plain.cpp"]
    assert suites["src/add.cu"].find("testcase/skipped").get("message") == "in the baseline"
    failure = suites["src/b.cu"].find("testcase/failure")
    assert failure.get("message") == "cudaBarFoo: CUDA name in no table"
    assert failure.text.startswith("src/b.cu:1:12: MIG901")
    assert len(suites["src/plain.cpp"].find("testcase")) == 0


def test_junit_text_is_xml_whatever_it_holds():
    hostile = "a\x00\x1b<b>&\"'\ud800]]>\n\ufffe中"
    root = ET.fromstring(f'<x a="{attribute(hostile)}">{content(hostile)}</x>')
    assert root.text == root.get("a") == "a\ufffd\ufffd<b>&\"'\ufffd]]>\n\ufffd中"


@pytest.mark.parametrize("form", ["sarif", "github", "gitlab", "junit", "json"])
def test_forms_can_be_written_to_a_file_and_repeat_themselves(project, run, form):
    outputs = []
    for _ in range(2):
        assert run("check", "--format", form, "-o", "out") == (1, "", "")
        outputs.append(read(project, "out"))
    assert outputs[0] == outputs[1]
    assert "cudaFooBar" in outputs[0]


@pytest.mark.parametrize("form", ["sarif", "github", "gitlab", "junit"])
def test_forms_speak_chinese(project, run, form):
    assert "CUDA 名称不在任何表中" in run("check", "--format", form, "--lang", "zh")[1]
