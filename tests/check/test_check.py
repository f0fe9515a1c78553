"""`migrate check` as people and hooks call it: exit codes, lines, folders, configuration."""

import json
import os

import pytest

FINDING = "src/add.cu:6:5: MIG901 cudaFooBar: CUDA name in no table [unknown]\n"


def add(project, name, text):
    (project / name).parent.mkdir(parents=True, exist_ok=True)
    (project / name).write_text(text, encoding="utf-8", newline="\n")


def test_exit_codes(project, run, monkeypatch):
    assert run("check")[0] == 1
    add(project, "src/clean.cu", "__global__ void f() {}\n")
    assert run("check", "src/clean.cu") == (0, "no findings\n", "")
    code, out, err = run("check", "nowhere.cu")
    assert (code, out) == (2, "")
    assert "nowhere.cu" in err
    from migrate import pipeline

    def fail(*_args, **_kwargs):
        raise RuntimeError("boom")

    monkeypatch.setattr(pipeline, "scan_paths", fail)
    code, out, err = run("check")
    assert (code, out) == (3, "")
    assert "internal error: RuntimeError" in err
    assert "Traceback" not in err


@pytest.mark.parametrize("name", ["src/utf16.cu", "src/binary.cu"])
def test_a_bad_source_file_is_a_finding_and_no_fault(project, run, name):
    data = "void f();".encode("utf-16") if "utf16" in name else b"\0" * 5000
    (project / name).write_bytes(data)
    code, out, _ = run("check", name)
    assert code == 1
    assert out.startswith(f"{name}:1:1: MIG903 file skipped or unreadable: ")


def test_a_file_that_is_excluded_is_none(project, run):
    assert run("check", "--force-exclude", "--extend-exclude", "src", "src/add.cu") == (0, "no findings\n", "")
    assert run("check", "--extend-exclude", "src", "src/add.cu")[0] == 1


def test_no_target_names_the_two_lines(project, run):
    (project / "pyproject.toml").unlink()
    code, out, err = run("check", "src/add.cu")
    assert (code, out) == (2, "")
    assert err.endswith('or set it once:\n  [tool.migrate]\n  target = "musa"\n')


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ('targte = "musa"', "unknown key 'targte'; did you mean 'target'?"),
        ("fail_on = []", "unknown key 'fail_on'; did you mean 'fail-on'?"),
        ('fail-on = ["bad"]', "--fail-on bad: not one of check, unsupported"),
    ],
)
def test_configuration_mistakes(project, run, line, words):
    with (project / "pyproject.toml").open("a", encoding="utf-8") as handle:
        handle.write(line + "\n")
    code, _, err = run("check")
    assert code == 2
    assert words in err


def test_works_from_any_folder(project, run, monkeypatch):
    (project / "docs" / "deep").mkdir(parents=True)
    monkeypatch.chdir(project / "docs" / "deep")
    assert run("check")[1].startswith("../../src/add.cu:6:5: MIG901")
    monkeypatch.chdir(project / "src")
    assert run("check")[1].startswith("add.cu:6:5: MIG901")
    assert run("baseline", "-q")[0] == 0
    assert (project / ".migrate-baseline.tsv").is_file()
    for folder in (project, project / "docs" / "deep", project / "src"):
        monkeypatch.chdir(folder)
        assert run("check") == (0, "1 in the baseline\n", "")
        assert run("check", os.path.relpath(project / "src" / "add.cu"))[0] == 0


def test_fail_on(project, run):
    assert run("check", "--fail-on", "unsupported")[0] == 0
    assert run("check", "--fail-on", "unsupported,unknown")[0] == 1
    code, out, _ = run("check", "--fail-on", "auto")
    assert code == 1
    assert "MIG101 <cuda_runtime.h> → <musa_runtime.h>" in out
    assert "cudaFooBar" not in out
    with (project / "pyproject.toml").open("a", encoding="utf-8") as handle:
        handle.write('fail-on = "unsupported"\n')
    assert run("check")[0] == 0


def test_lines_are_sorted_and_at_most_fifty_a_file(project, run):
    for name in ("src/b.cu", "src/a.cu"):
        add(project, name, "void f() {\n" + "    cudaBarFoo(1);\n" * 53 + "}\n")
    lines = run("check")[1].splitlines()
    assert [line.partition(":")[0] for line in lines] == ["src/a.cu"] * 51 + ["src/add.cu"] + ["src/b.cu"] * 51 + [
        "107 findings"
    ]
    assert lines[50] == "src/a.cu: 3 more findings"
    assert [int(line.split(":")[1]) for line in lines[:50]] == list(range(2, 52))


def test_in_a_hook_there_is_no_summary(project, run, monkeypatch):
    monkeypatch.setenv("PRE_COMMIT", "1")
    assert run("check", "src/add.cu") == (1, FINDING, "")
    add(project, "src/clean.cu", "__global__ void f() {}\n")
    assert run("check", "src/clean.cu") == (0, "", "")


def test_no_progress_in_a_hook_even_on_a_terminal(monkeypatch):
    from migrate.cli._output import Progress
    from migrate.messages import messages

    monkeypatch.setattr("sys.stderr.isatty", lambda: True, raising=False)
    assert Progress(messages("en")).callback() is not None
    monkeypatch.setenv("PRE_COMMIT", "1")
    assert Progress(messages("en")).callback() is None


def test_several_targets_name_those_a_finding_holds_for(project, run):
    add(project, "src/v.cu", "#if CUDA_VERSION > 11000\nint x = cudaFooBar(1);\n#endif\n")
    code, out, _ = run("check", "-t", "musa,cann", "src/v.cu", "src/add.cu")
    assert code == 1
    assert f"{FINDING}" in out
    only = [line for line in out.splitlines() if " cann: " in line]
    assert only
    assert all(line.startswith("src/add.cu:") for line in only)


def test_json(project, run):
    run("baseline")
    add(
        project,
        "src/b.cu",
        "void f() { cudaBarFoo(1); }\nvoid g() { cudaBarBaz(1); }  // migrate: ignore[MIG901] later\n",
    )
    code, out, _ = run("check", "--format", "json")
    assert code == 1
    data = json.loads(out)
    assert data["schema_version"] == 1
    assert data["targets"] == ["musa"]
    assert data["counts"] == {"new": 1, "known": 1, "suppressed": 1}
    assert [(one["path"], one["line"], one["name"], one["state"]) for one in data["findings"]] == [
        ("src/add.cu", 6, "cudaFooBar", "known"),
        ("src/b.cu", 1, "cudaBarFoo", "new"),
        ("src/b.cu", 2, "cudaBarBaz", "suppressed"),
    ]
    assert data["findings"][2]["reason"] == "later"


def test_check_writes_nothing_into_the_project(project, run, git):
    run("check")
    run("check", "src/add.cu")
    run("check", "--diff-base", "HEAD")
    assert git("status", "--porcelain", "--ignored") == ""


def test_standard_input(project, run):
    code, out, _ = run("check", "-", "--stdin-filename", "src/new.cu", given="void f() { cudaBarFoo(1); }\n")
    assert code == 1
    assert out.startswith("src/new.cu:1:12: MIG901 cudaBarFoo")


def test_hostile_names_cannot_drive_the_terminal(project, run):
    add(project, "src/a\x1b[31m.cu", "void f() { cudaBarFoo(1); }\n")
    out = run("check")[1]
    assert "\x1b" not in out
    assert "src/a\\x1b[31m.cu:1:12: MIG901" in out
