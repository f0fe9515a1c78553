"""The baseline: what it holds, how it merges, what it follows, and the ratchet."""

import os
import signal
import subprocess
import sys
import time

import pytest

from migrate.check.baseline import Baseline, load, render, update
from migrate.errors import UserError

NAME = ".migrate-baseline.tsv"
FINDING = "src/add.cu:6:5: MIG901 cudaFooBar: CUDA name in no table [unknown]\n"


@pytest.fixture
def known(project, run, git):
    """The project with a committed baseline."""
    assert run("baseline")[0] == 0
    git("add", "-A")
    git("commit", "-q", "-m", "baseline")
    return project


def text_of(project, name="src/add.cu"):
    return (project / name).read_text(encoding="utf-8")


def write(project, text, name="src/add.cu"):
    (project / name).write_text(text, encoding="utf-8", newline="\n")


def test_the_file_is_small_sorted_and_the_same_again(project, run):
    code, out, err = run("baseline")
    assert (code, out, err) == (0, f"{NAME}: 1 known finding in 1 lines\n", "")
    lines = text_of(project, NAME).splitlines()
    assert lines[:2] == ["# migrate baseline, targets: musa", "path\tid\tname\tkey\tcount"]
    path, identifier, name, key, count = lines[2].split("\t")
    assert (path, identifier, name, count) == ("src/add.cu", "MIG901", "cudaFooBar", "1")
    assert len(key) == 12
    assert len(lines) == 3
    before = text_of(project, NAME)
    run("baseline")
    assert text_of(project, NAME) == before


def test_what_is_known_is_quiet_what_is_new_is_not(known, run):
    assert run("check") == (0, "1 in the baseline\n", "")
    write(known, text_of(known).replace("    return", "    cudaBarFoo(v);\n    return"))
    code, out, _ = run("check")
    assert code == 1
    assert out == "src/add.cu:7:5: MIG901 cudaBarFoo: CUDA name in no table [unknown]\n1 finding, 1 in the baseline\n"
    assert run("check", "--no-baseline")[1].startswith(FINDING)


def test_moved_and_indented_code_is_not_new(known, run):
    text = text_of(known)
    write(
        known,
        "\n" * 50
        + text.replace("    cudaFooBar(v);\n", "").replace("    float", "        cudaFooBar( v );\n    float"),
    )
    assert run("check") == (0, "1 in the baseline\n", "")


def test_one_more_of_the_same_is_new(known, run):
    line = "    cudaFooBar(v);\n"
    write(known, text_of(known).replace(line, line * 2))
    code, out, _ = run("check")
    assert code == 1
    assert out.startswith("src/add.cu:7:5: MIG901 cudaFooBar")
    assert out.endswith("1 finding, 1 in the baseline\n")


@pytest.mark.parametrize("committed", [False, True])
def test_a_renamed_file_keeps_its_baseline(known, run, git, committed):
    git("mv", "src/add.cu", "src/和 add.cu")
    if committed:
        git("commit", "-q", "-m", "rename")
    assert run("check") == (0, "1 in the baseline\n", "")
    assert run("check", "src/和 add.cu")[0] == 0
    assert run("check", "--ratchet")[0] == 0
    assert run("baseline", "--prune")[0] == 0
    assert "src/和 add.cu\tMIG901\tcudaFooBar\t" in text_of(known, NAME)
    assert "src/add.cu" not in text_of(known, NAME)


def test_a_copied_file_is_new(known, run):
    write(known, text_of(known), "src/copy.cu")
    code, out, _ = run("check")
    assert code == 1
    assert out.startswith("src/copy.cu:6:5: MIG901 cudaFooBar")
    assert run("check", "src/copy.cu")[0] == 1  # the same answer as for the whole project


def test_prune_takes_out_what_was_fixed_and_adds_nothing(known, run):
    line = "    cudaFooBar(v);\n"
    write(known, text_of(known).replace(line, "    cudaBarFoo(v);\n"))
    assert run("baseline", "--prune")[1] == f"{NAME}: 0 known findings in 0 lines\n"
    assert run("check")[0] == 1


def test_a_part_of_the_project_leaves_the_rest_alone(known, run):
    write(known, "void f() { cudaBarFoo(1); }\n", "src/b.cu")
    assert run("baseline", "src/b.cu")[0] == 0
    assert [line.split("\t")[0] for line in text_of(known, NAME).splitlines()[2:]] == ["src/add.cu", "src/b.cu"]
    assert run("check")[0] == 0
    (known / "src" / "b.cu").unlink()
    assert run("baseline", "--prune", "src/add.cu")[0] == 0
    assert [line.split("\t")[0] for line in text_of(known, NAME).splitlines()[2:]] == ["src/add.cu"]


def test_ratchet(known, run):
    assert run("check", "--ratchet") == (0, "no more findings than the baseline: 1 → 1\n", "")
    text = text_of(known)
    write(known, text.replace("cudaFooBar", "cudaBarFoo"))  # another one, but no more: it may be moved about
    assert run("check", "--ratchet")[0] == 0
    write(known, text.replace("    return", "    cudaBarFoo(v);\n    return"))
    code, out, _ = run("check", "--ratchet")
    assert code == 1
    assert out == (
        "src/add.cu:7:5: MIG901 cudaBarFoo: CUDA name in no table [unknown]\nmore findings than the baseline: 1 → 2\n"
    )
    write(known, text.replace("    cudaFooBar(v);\n", ""))
    assert run("check", "--ratchet")[1].endswith("1 → 0\nLower the baseline: migrate baseline --prune\n")


def test_ratchet_looks_at_the_whole_project_from_any_folder(known, run, monkeypatch):
    write(known, "void f() { cudaBarFoo(1); }\n", "src/b.cu")
    (known / "docs").mkdir()
    monkeypatch.chdir(known / "docs")
    assert run("check", "--ratchet")[0] == 1
    code, _, err = run("check", "--ratchet", "../src/add.cu")
    assert (code, "takes no files" in err) == (2, True)
    monkeypatch.chdir(known)
    (known / NAME).unlink()
    code, _, err = run("check", "--ratchet")
    assert (code, "migrate baseline" in err) == (2, True)


def test_a_baseline_of_another_target_is_not_taken(known, run):
    code, _, err = run("check", "-t", "maca")
    assert code == 2
    assert "was written for musa, not for maca" in err
    assert run("check", "-t", "maca", "--no-baseline")[0] == 1


def test_another_file(project, run):
    assert run("baseline", "--baseline", "ci.tsv")[0] == 0
    assert run("check")[0] == 1
    assert run("check", "--baseline", "ci.tsv")[0] == 0
    code, _, err = run("check", "--baseline", "nowhere.tsv")
    assert (code, "nowhere.tsv" in err) == (2, True)


def test_suppressed_findings_need_no_baseline(project, run):
    write(project, text_of(project).replace("cudaFooBar(v);", "cudaFooBar(v);  // migrate: ignore[MIG901] x"))
    assert run("baseline")[1] == f"{NAME}: 0 known findings in 0 lines\n"


def test_merging_lines_in_any_way_is_safe(tmp_path):
    file = tmp_path / "b.tsv"
    file.write_text(
        "path\tid\tname\tkey\tcount\nb\tMIG901\tx\tk\t2\na\tMIG901\tx\tk\t1\nb\tMIG901\tx\tk\t3\n"
        "# migrate baseline, targets: musa, maca:cu-bridge\n",
        encoding="utf-8",
    )
    found = load(str(file))
    assert found == Baseline(("musa", "maca:cu-bridge"), {("b", "MIG901", "x", "k"): 3, ("a", "MIG901", "x", "k"): 1})
    assert render(found).splitlines()[2:] == ["a\tMIG901\tx\tk\t1", "b\tMIG901\tx\tk\t3"]


@pytest.mark.parametrize("line", ["<<<<<<< HEAD", "a\tMIG901\tx\tk", "a\tMIG901\tx\tk\tmany", "a\tMIG901\tx\tk\t-1"])
def test_a_line_that_is_none_names_its_place(tmp_path, line):
    file = tmp_path / "b.tsv"
    file.write_text(f"# migrate baseline, targets: musa\n{line}\n", encoding="utf-8")
    with pytest.raises(UserError, match=r"b\.tsv:2: not a line of a baseline"):
        load(str(file))


def test_git_merges_two_branches_that_added_findings(known, run, git):
    for branch, name in (("one", "a.cu"), ("two", "z.cu")):
        git("checkout", "-q", "-b", branch, "main")
        write(known, "void f() { cudaBarFoo(1); }\n", f"src/{name}")
        assert run("baseline", "-q")[0] == 0
        git("add", "-A")
        git("commit", "-q", "-m", name)
    (known / ".gitattributes").write_text(f"{NAME} merge=union\n", encoding="utf-8")
    git("merge", "-q", "--no-edit", "one")
    assert run("check") == (0, "3 in the baseline\n", "")


def test_update_follows_a_rename_only_when_pruning_what_is_known():
    old = Baseline(("musa",), {("old", "MIG901", "x", "k"): 2, ("rest", "MIG901", "x", "k"): 1})
    new = update(
        old, ("musa",), {("new", "MIG901", "x", "k"): 5}, {"new"}, prune=True, renamed={"new": "old"}, gone={"old"}
    )
    assert new.counts == {("new", "MIG901", "x", "k"): 2, ("rest", "MIG901", "x", "k"): 1}


def test_paths_that_are_no_text(project, run):
    name = os.fsdecode(b"src/\xff\x1b.cu")
    try:
        write(project, "void f() { cudaBarFoo(1); }\n", name)
    except OSError:
        pytest.skip("this file system takes UTF-8 names only")
    assert run("baseline")[0] == 0
    assert "src/\\xff\\x1b.cu\tMIG901\tcudaBarFoo" in text_of(project, NAME)
    assert run("check")[0] == 0
    assert run("check", name)[0] == 0


def test_killed_while_writing_the_old_file_stays_whole(known):
    """Ten processes die at ten moments; the baseline is always one that was written whole."""
    before = text_of(known, NAME)
    write(known, "void f() { cudaBarFoo(1); }\n" * 200, "src/b.cu")
    command = [sys.executable, "-m", "migrate", "baseline", "-q", "--no-cache"]
    started = time.monotonic()
    subprocess.run(command, check=True)
    whole, seconds = text_of(known, NAME), time.monotonic() - started
    assert whole != before
    for moment in range(10):
        (known / NAME).write_text(before, encoding="utf-8", newline="\n")
        process = subprocess.Popen(command)
        time.sleep(seconds * (moment + 1) / 11)
        process.send_signal(signal.SIGKILL)
        process.wait()
        assert text_of(known, NAME) in (before, whole)
    subprocess.run(command, check=True)
    assert text_of(known, NAME) == whole
