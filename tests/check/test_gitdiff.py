"""Changed lines as git's diff says them, and what is looked at with `--diff-base`."""

import pytest

from migrate.check.gitdiff import Changed, changed, read_diff, renames
from migrate.errors import UserError

BAD = "void g() { cudaBarFoo(1); }\n"


def test_read_diff_is_not_misled_by_content():
    diff = (
        "diff --git a/a.cu b/a.cu\n--- a/a.cu\n+++ b/a.cu\n@@ -1,0 +2,2 @@ f\n+++ b/b.cu\n+@@ -1 +9 @@\n"
        "@@ -7 +9 @@\n--- a/x\n+y\n"
        'diff --git "a/s \\303\\244\\t.cu" "b/s \\303\\244\\t.cu"\n'
        '--- "a/x"\n+++ "b/s \\303\\244\\t.cu"\n@@ -0,0 +1,3 @@\n+a\n+b\n+c\n'
        "diff --git a/d.cu b/d.cu\n--- a/d.cu\n+++ /dev/null\n@@ -1,2 +0,0 @@\n-a\n-b\n"
        "diff --git a/with space.cu b/with space.cu\n"
        "--- a/with space.cu\t\n+++ b/with space.cu\t\n@@ -3 +3 @@\n-a\n+b\n"
    )
    assert read_diff(diff) == {"a.cu": [(2, 3), (9, 9)], "s ä\\x09.cu": [(1, 3)], "with space.cu": [(3, 3)]}


def test_changed_lines():
    found = Changed({"a": [(2, 3)], "b": []}, ["c"])
    assert found.paths == ["a", "c"]
    assert [found.has("a", line) for line in (1, 2, 3, 4)] == [False, True, True, False]
    assert found.has("c", 99)
    assert not found.has("b", 1)


def test_only_changed_lines_are_reported(project, run, git, monkeypatch):
    file = project / "src" / "add.cu"
    file.write_text(file.read_text(encoding="utf-8") + BAD, encoding="utf-8", newline="\n")
    (project / "src" / "with space.cu").write_text(BAD, encoding="utf-8")
    code, out, _ = run("check", "--diff-base", "HEAD")
    assert code == 1
    assert out.splitlines() == [
        "src/add.cu:9:12: MIG901 cudaBarFoo: CUDA name in no table [unknown]",
        "src/with space.cu:1:12: MIG901 cudaBarFoo: CUDA name in no table [unknown]",
        "2 findings",
    ]
    assert run("check", "--diff-base", "HEAD", "src/add.cu")[1].count("MIG901") == 1
    monkeypatch.chdir(project / "src")
    assert "add.cu:9:12: MIG901" in run("check", "--diff-base", "HEAD", ".")[1]
    git("add", "-A")
    git("commit", "-q", "-m", "second")
    assert run("check", "--diff-base", "HEAD") == (0, "no findings\n", "")
    assert run("check", "--diff-base", "HEAD~1")[1].endswith("2 findings\n")


def test_the_common_commit_counts_not_the_tip_of_the_branch(project, run, git):
    git("checkout", "-q", "-b", "topic")
    (project / "src" / "topic.cu").write_text(BAD, encoding="utf-8")
    git("add", "-A")
    git("commit", "-q", "-m", "topic")
    git("checkout", "-q", "main")
    file = project / "src" / "add.cu"
    file.write_text(file.read_text(encoding="utf-8").replace("    cudaFooBar(v);\n", ""), encoding="utf-8")
    git("commit", "-q", "-a", "-m", "fixed on main")
    git("checkout", "-q", "topic")
    out = run("check", "--diff-base", "main")[1]
    assert "topic.cu" in out
    assert "add.cu" not in out


@pytest.mark.parametrize("revision", ["nowhere", "--output=x"])
def test_an_unknown_revision_says_what_to_do(project, run, revision):
    code, out, err = run("check", f"--diff-base={revision}")
    assert (code, out) == (2, "")
    assert revision in err
    assert not (project / "x").exists()


def test_without_a_repository(tmp_path, run):
    (tmp_path / "a.cu").write_text(BAD, encoding="utf-8")
    with pytest.raises(UserError, match="does not know the revision"):
        changed(str(tmp_path), "HEAD")
    assert renames(str(tmp_path), str(tmp_path / ".migrate-baseline.tsv")) == {}


def test_what_the_rest_of_the_project_declares_is_no_finding_of_one_file(project, run, git):
    """A hook sees one file; names and headers of the project's own are looked up in tracked files."""
    (project / "src" / "helper.cuh").write_text("void cudaMyOwnCheck(int);\n", encoding="utf-8")
    (project / "src" / "use.cu").write_text(
        '#include <cuda_runtime.h>\n#include "cuda_helper_own.h"\n'
        "void f() { cudaMyOwnCheck(cudaDeviceSynchronize()); }\n",
        encoding="utf-8",
    )
    (project / "src" / "cuda_helper_own.h").write_text("int own();\n", encoding="utf-8")
    assert "cudaMyOwnCheck" in run("check", "src/use.cu")[1]  # untracked: missing in CI
    git("add", "-A")
    assert run("check", "src/use.cu") == (0, "no findings\n", "")
    whole = run("check")[1]
    assert "use.cu" not in whole
