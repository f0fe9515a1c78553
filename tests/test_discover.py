"""Which files are looked at, and what is said about the rest."""

from __future__ import annotations

import errno
import os
import shutil
import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st

from migrate import git
from migrate.discover import Candidate, discover, display_path, language_of
from migrate.errors import UserError
from migrate.globs import Patterns
from migrate.source import read

needs_git = pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")


@pytest.fixture
def tree(tmp_path, monkeypatch):
    """An empty working directory outside every repository."""
    root = tmp_path / "work"
    root.mkdir()
    monkeypatch.chdir(root)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path))
    return root


@pytest.fixture(params=["walk", pytest.param("git", marks=needs_git)])
def listed(request, tree):
    """A working directory whose files are found by either way."""
    if request.param == "git":
        init(tree)
    return tree


def make(root, *names, text="x\n"):
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def run_git(root, *arguments):
    identity = ("-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "protocol.file.allow=always")
    subprocess.run(["git", *identity, *arguments], cwd=root, check=True, capture_output=True)


def init(root):
    root.mkdir(parents=True, exist_ok=True)
    run_git(root, "init", "-q")


def found(*paths, **options):
    return [candidate.path for candidate in discover(paths or ["."], **options).candidates]


def skipped(*paths, **options):
    return {entry.path: entry.reason for entry in discover(paths or ["."], **options).skipped}


# -- names and languages -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("language", "names"),
    [
        ("cuda", "a.cu a.cuh a.cu.in a.cuh.in a.cu.inc a.cu.cc a.cu.h A.CU b.cuh.hpp"),
        (
            "c++",
            "a.c a.cc a.cpp a.cxx a.c++ a.h a.hh a.hpp a.hxx a.h++ a.inl a.ipp a.tpp a.tcc a.ixx a.cppm a.hu a.inc",
        ),
        ("c++", "a.h.in a.C a.cpp.in"),
        ("ptx", "a.ptx"),
        ("python", "a.py setup.py a.pyi a.ipynb"),
        ("cython", "a.pyx a.pxd"),
        ("template", "a.cu.jinja a.j2"),
        ("build", "CMakeLists.txt a.cmake Makefile Makefile.in x.mk BUILD BUILD.bazel a.bzl meson.build xmake.lua"),
        ("", "a.txt a a.in .cu cu a.cu.txt a.png a.cl README.md a.cu~ .h"),
    ],
)
def test_language_by_name(language, names):
    assert {name: language_of(name) for name in names.split()} == dict.fromkeys(names.split(), language)


def test_candidates_carry_what_opens_them(listed):
    make(listed, "src/a.cu", text="12345\n")
    (candidate,) = discover(["src"]).candidates
    assert candidate == Candidate("src/a.cu", f"{listed}/src/a.cu", "cuda", 6)
    assert candidate.real == listed / "src" / "a.cu"
    assert read(candidate.file) == b"12345\n"


# -- folders -----------------------------------------------------------------------------------------------------------


def test_only_files_of_known_languages_are_found_in_folders(listed):
    make(listed, "a.cu", "b/c.hpp", "b/readme.md", "kernel", "d.py", "CMakeLists.txt", "e.cu.in")
    assert found() == ["CMakeLists.txt", "a.cu", "b/c.hpp", "d.py", "e.cu.in"]


def test_any_named_file_is_a_candidate(listed):
    make(listed, "kernel", "notes.txt")
    assert [c.language for c in discover(["kernel", "notes.txt"]).candidates] == ["other", "other"]


def test_order_and_repetition_of_paths_change_nothing(listed):
    make(listed, "src/a.cu", "src/sub/b.cu", "c.cu")
    expected = discover(["."])
    assert [c.path for c in expected.candidates] == ["c.cu", "src/a.cu", "src/sub/b.cu"]
    for paths in (["src", ".", "c.cu"], ["c.cu", ".", "src", "./src/a.cu"], [str(listed), "."], ["src/../."]):
        assert discover(paths) == expected


def test_paths_are_shown_from_the_working_directory(listed, monkeypatch):
    make(listed, "in/a.cu", "other/b.cu")
    monkeypatch.chdir(listed / "in")
    assert found(".", "../other") == ["../other/b.cu", "a.cu"]
    assert found(str(listed / "other")) == [f"{listed}/other/b.cu"]
    assert found(str(listed / "in")) == ["a.cu"]


def test_empty_folder(listed):
    assert discover(["."]).candidates == []


def test_walk_leaves_build_folders_out_and_says_so(tree):
    make(
        tree, "build/a.cu", "cmake-build-debug/b.cu", "src/build-x/c.cu", ".git_not/d.cu", ".venv/e.cu", "builder/f.cu"
    )
    assert found() == [".git_not/d.cu", "builder/f.cu"]
    assert set(skipped()) == {"build/", "cmake-build-debug/", "src/build-x/"}
    assert found("build") == ["build/a.cu"]
    assert found("build", ".") == [".git_not/d.cu", "build/a.cu", "builder/f.cu"]
    assert "build/" not in skipped("build", ".")
    assert found(respect_gitignore=False) == [
        ".git_not/d.cu", "build/a.cu", "builder/f.cu", "cmake-build-debug/b.cu", "src/build-x/c.cu"
    ]  # fmt: skip


def test_pipes_and_devices_are_not_opened(tree):
    os.mkfifo(tree / "pipe.cu")
    make(tree, "a.cu")
    assert found() == ["a.cu"]
    assert "not an ordinary file" in skipped("pipe.cu", "a.cu")["pipe.cu"]


def test_a_folder_that_cannot_be_read_is_named_and_the_rest_is_found(tree, monkeypatch):
    # root may read everything, so the refusal is played
    make(tree, "a.cu", "locked/b.cu", "z/c.cu")
    real = os.scandir

    def refuse(path):
        if "locked" in str(path):
            raise PermissionError(errno.EACCES, "Permission denied")
        return real(path)

    monkeypatch.setattr(os, "scandir", refuse)
    result = discover(["."], respect_gitignore=False)
    assert [c.path for c in result.candidates] == ["a.cu", "z/c.cu"]
    assert [tuple(entry) for entry in result.skipped] == [
        ("locked/", "folder cannot be read: Permission denied", "unreadable")
    ]


def test_deep_trees(listed):
    deep = "/".join(["d"] * 600)
    make(listed, f"{deep}/a.cu")
    assert found() == [f"{deep}/a.cu"]


# -- git ---------------------------------------------------------------------------------------------------------------


@needs_git
def test_git_decides_what_is_ignored(tree):
    init(tree)
    make(tree, "a.cu", "gen/b.cu", "sub/c.cu", "sub/d.cu", "build/e.cu")
    make(tree, ".gitignore", text="gen/\n")
    make(tree, "sub/.gitignore", text="d.cu\n")
    assert found() == ["a.cu", "build/e.cu", "sub/c.cu"]
    assert found("sub") == ["sub/c.cu"]
    assert found(respect_gitignore=False) == ["a.cu", "build/e.cu", "gen/b.cu", "sub/c.cu", "sub/d.cu"]
    assert found("gen") == ["gen/b.cu"]  # named, so it is wanted
    assert found("sub/d.cu") == ["sub/d.cu"]


@needs_git
def test_tracked_files_that_are_ignored_or_deleted(tree):
    init(tree)
    make(tree, "a.cu", "forced.cu", "deleted.cu")
    make(tree, ".gitignore", text="forced.cu\n")
    run_git(tree, "add", "-f", ".")
    (tree / "deleted.cu").unlink()
    assert found() == ["a.cu", "forced.cu"]


@needs_git
def test_submodules_and_nested_repositories_are_not_lost(tree):
    init(tree / "outer")
    init(tree / "library")
    make(tree / "library", "l.cu", "x.log.cu")
    make(tree / "library", ".gitignore", text="*.log.cu\n")
    run_git(tree / "library", "add", "l.cu", ".gitignore")
    run_git(tree / "library", "commit", "-qm", "x")
    run_git(tree / "outer", "submodule", "add", "-q", str(tree / "library"), "third/lib.d")
    make(tree / "outer" / "third" / "lib.d", "x.log.cu")
    init(tree / "outer" / "nested")
    make(tree / "outer" / "nested", "n.cu", "deeper/m.cu")
    init(tree / "outer" / "nested" / "deeper")
    expected = ["outer/nested/deeper/m.cu", "outer/nested/n.cu", "outer/third/lib.d/l.cu"]
    assert found("outer") == expected
    assert found("outer", extend_exclude=["third"]) == expected[:2]
    # the folder above is in no repository, those in it are
    assert found() == ["library/l.cu", *expected]


@needs_git
def test_a_submodule_that_was_not_fetched_is_walked(tree):
    init(tree / "library")
    make(tree / "library", "l.cu")
    run_git(tree / "library", "add", ".")
    run_git(tree / "library", "commit", "-qm", "x")
    init(tree / "outer")
    run_git(tree / "outer", "submodule", "add", "-q", str(tree / "library"), "lib")
    run_git(tree / "outer", "commit", "-qm", "x")
    run_git(tree, "clone", "-q", str(tree / "outer"), "copy")
    assert found("copy") == []
    make(tree / "copy" / "lib", "unpacked.cu")
    assert found("copy") == ["copy/lib/unpacked.cu"]
    assert found("copy/lib") == ["copy/lib/unpacked.cu"]


@needs_git
def test_one_folder_costs_one_question_to_git(tree, monkeypatch):
    init(tree)
    make(tree, *(f"d{n}/a{n}.cu" for n in range(50)))
    questions = []
    ask = git.run_git
    monkeypatch.setattr(git, "run_git", lambda *question: questions.append(question) or ask(*question))
    assert len(found()) == 50
    assert len(questions) == 1


@needs_git
def test_a_hook_s_environment_does_not_mislead(tree, monkeypatch):
    init(tree / "one")
    init(tree / "two")
    make(tree / "one", "a.cu")
    make(tree / "two", "b.cu", "ignored.cu")
    make(tree / "two", ".gitignore", text="ignored.cu\n")
    monkeypatch.setenv("GIT_DIR", str(tree / "one" / ".git"))
    monkeypatch.setenv("GIT_INDEX_FILE", "nowhere")
    monkeypatch.setenv("GIT_WORK_TREE", str(tree / "one"))
    assert found("two") == ["two/b.cu"]


@needs_git
def test_a_repository_cannot_start_a_program_of_its_own(tree):
    init(tree)
    make(tree, "a.cu", "evil.sh", text=f"#!/bin/sh\ntouch {tree}/started\n")
    (tree / "evil.sh").chmod(0o755)
    run_git(tree, "add", "a.cu")
    run_git(tree, "config", "core.fsmonitor", str(tree / "evil.sh"))
    assert found() == ["a.cu"]
    assert not (tree / "started").exists()
    subprocess.run(["git", "status"], cwd=tree, check=False, capture_output=True)
    assert (tree / "started").exists()  # the trap works


@needs_git
def test_when_git_refuses_the_folder_is_walked_and_it_is_said(tree):
    init(tree)
    make(tree, "a.cu", "gen/b.cu")
    make(tree, ".gitignore", text="gen/\n")
    (tree / ".git" / "config").write_text("[broken", encoding="utf-8")
    result = discover(["."])
    assert [c.path for c in result.candidates] == ["a.cu", "gen/b.cu"]
    assert len(result.notes) == 1
    assert "ignore rules are not applied" in result.notes[0]


def test_without_git_the_folder_is_walked(tree, monkeypatch):
    make(tree, "a.cu")
    monkeypatch.setattr(git, "run_git", lambda *_: None)
    assert discover(["."]).candidates
    assert discover(["."]).notes == []
    (tree / ".git").mkdir()
    assert [c.path for c in discover(["."]).candidates] == ["a.cu"]
    assert "git is not installed" in discover(["."]).notes[0]


def test_git_that_cannot_be_started(tree, monkeypatch):
    monkeypatch.setenv("PATH", str(tree))
    assert git.list_files(str(tree)) is None


# -- patterns ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("pattern", "path", "expected"),
    [
        ("gen", "/w/gen", True),
        ("gen", "/w/gene", False),
        ("gen/", "/w/x/gen", True),
        ("*.inl", "/w/a/b.inl", True),
        ("gen_?[0-9].cu", "/w/gen_a7.cu", True),
        ("gen_?[!0-9].cu", "/w/gen_a7.cu", False),
        ("*.{cu,cuh}", "/w/a.cuh", True),
        ("*.{cu,cuh}", "/w/a.h", False),
        ("a,b", "/w/a,b", True),
        ("src/gen", "/w/src/gen", True),
        ("src/gen", "/w/x/src/gen", False),
        ("./src/gen/", "/w/src/gen", True),
        ("src/*.cu", "/w/src/a.cu", True),
        ("src/*.cu", "/w/src/x/a.cu", False),
        ("src/**/a.cu", "/w/src/a.cu", True),
        ("src/**/a.cu", "/w/src/x/y/a.cu", True),
        ("src/**", "/w/src", True),
        ("src/**", "/w/src/x/a.cu", True),
        ("src/**", "/w/x/src", False),
        ("src/**", "/w/srcs", False),
        ("**/gen/*.h", "/w/x/y/gen/a.h", True),
        ("**/gen/*.h", "/w/gen/a.h", True),
        ("/w/src", "/w/src", True),
        ("/w/sr[c]", "/w/src", True),
        ("[[]x]", "/w/[x]", True),
        ("[{]x}", "/w/{x}", True),
        ("[]]x", "/w/]x", True),
        ("a.c", "/w/abc", False),
        ("*", "/w/a\nb", True),
        ("[a\\]", "/w/\\", True),
        ("[!]", "/w/!", True),
        ("[!!]", "/w/!", False),
        ("[+--]", "/w/,", True),
    ],
)
def test_globs(pattern, path, expected):
    assert bool(Patterns([pattern], ["/w"]).match(path.rpartition("/")[2], path)) is expected


@pytest.mark.parametrize(
    ("pattern", "word"),
    [
        ("a[b", r"\[ is not closed"),
        ("a{b", r"{ is not closed"),
        ("/", "empty"),
        ("[]", "not closed"),
        ("[z-a]", "bad character range"),
    ],
)
def test_malformed_patterns_are_named(tree, pattern, word):
    with pytest.raises(UserError, match=word):
        discover(["."], extend_exclude=[pattern])


@given(st.lists(st.sampled_from([*"ab[]{}!*?,-^/\\.", "**"]), min_size=1).map("".join))
def test_no_pattern_crashes(pattern):
    try:
        patterns = Patterns([pattern], ["/w"])
    except UserError:
        return
    patterns.match("ab", "/w/a/ab")


def test_exclude_prunes_folders_and_files_and_says_so(listed):
    make(listed, "a.cu", "gen/b.cu", "src/gen/deep/c.cu", "src/d_gen.cu", "third/x/e.cu", "third/y/f.cu")
    options = {"extend_exclude": ["gen", "*_gen.cu", "third/x"]}
    assert found(**options) == ["a.cu", "third/y/f.cu"]
    assert skipped(**options) == {
        "gen/": "excluded by the pattern 'gen'",
        "src/gen/": "excluded by the pattern 'gen'",
        "src/d_gen.cu": "excluded by the pattern '*_gen.cu'",
        "third/x/": "excluded by the pattern 'third/x'",
    }
    assert found("gen", **options) == ["gen/b.cu"]


def test_path_patterns_hold_below_named_folders_too(listed, monkeypatch):
    make(listed, "project/src/a.cu", "project/third/b.cu", "elsewhere/x")
    monkeypatch.chdir(listed / "elsewhere")
    assert found("../project", extend_exclude=["third/*.cu"]) == ["../project/src/a.cu"]


def test_default_excludes_can_be_replaced(listed):
    make(listed, "node_modules/a.cu", "b.cu")
    assert found() == ["b.cu"]
    assert skipped() == {}
    assert found(exclude=["b.cu"]) == ["node_modules/a.cu"]


def test_include_decides_instead_of_the_suffix(listed):
    make(listed, "a.cu", "b.cuda", "src/c.cuda", "src/d.h")
    assert found(include=["*.cuda"]) == ["b.cuda", "src/c.cuda"]
    assert [c.language for c in discover(["."], include=["b.*", "a.*"]).candidates] == ["cuda", "other"]
    assert found(include=["src/**/*"]) == found(include=["src/**"]) == ["src/c.cuda", "src/d.h"]
    assert found(include=["*.cuda"], extend_exclude=["src"]) == ["b.cuda"]


def test_named_files_are_excluded_only_by_force(listed):
    make(listed, "gen/a.cu", "b.cu")
    options = {"extend_exclude": ["gen"]}
    assert found("gen/a.cu", "b.cu", **options) == ["b.cu", "gen/a.cu"]
    assert found("gen/a.cu", "b.cu", force_exclude=True, **options) == ["b.cu"]
    assert found("gen", force_exclude=True, **options) == []
    assert skipped("gen/a.cu", force_exclude=True, **options) == {"gen/a.cu": "excluded by the pattern 'gen'"}


def test_folders_above_the_working_directory_exclude_nothing(tree, monkeypatch):
    make(tree, "venv/project/a.cu")
    monkeypatch.chdir(tree / "venv" / "project")
    assert found() == ["a.cu"]
    assert found("a.cu", force_exclude=True) == ["a.cu"]
    assert found("../project", force_exclude=True) == ["a.cu"]


# -- links -------------------------------------------------------------------------------------------------------------


def test_links_inside_the_tree_are_not_followed_twice(listed):
    make(listed, "src/a.cu")
    (listed / "src" / "b.cu").symlink_to("a.cu")
    (listed / "alias").symlink_to("src")
    (listed / "src" / "up").symlink_to("..")
    assert found() == ["src/a.cu"]
    assert skipped() == {"src/b.cu": "link to src/a.cu"}


def test_two_names_of_one_file_give_the_first_in_order(listed):
    make(listed, "real/a.cu", "real/b.cu")
    (listed / "alias").symlink_to("real")
    (listed / "zalias").symlink_to("real")
    assert found("real/a.cu", "alias") == ["alias/a.cu", "alias/b.cu"]
    assert found("real/a.cu", "zalias") == ["real/a.cu", "zalias/b.cu"]


def test_a_link_to_a_file_that_is_not_found_by_itself_is_followed(listed):
    make(listed, "text/kernel.txt")
    (listed / "kernel.cu").symlink_to("text/kernel.txt")
    (candidate,) = discover(["."]).candidates
    assert (candidate.path, candidate.language, candidate.real) == (
        "kernel.cu", "cuda", (listed / "text" / "kernel.txt").resolve()
    )  # fmt: skip
    assert found(extend_exclude=["text"]) == []
    assert "excluded" in skipped(extend_exclude=["text"])["kernel.cu"]


def test_links_out_of_the_tree_are_skipped_with_a_reason(listed, tmp_path):
    make(tmp_path, "outside/a.cu")
    make(listed, "b.cu")
    (listed / "out.cu").symlink_to(tmp_path / "outside" / "a.cu")
    (listed / "folder").symlink_to(tmp_path / "outside")
    assert found() == ["b.cu"]
    assert skipped() == {
        "out.cu": f"link to a file outside the tree: {tmp_path}/outside/a.cu",
        "folder/": f"link to a folder outside the tree: {tmp_path}/outside",
    }
    # unless they, or where they lead, are named
    assert found("out.cu", "folder") == ["folder/a.cu"]
    assert found("out.cu") == ["out.cu"]
    assert found(".", str(tmp_path / "outside")) == [f"{tmp_path}/outside/a.cu", "b.cu"]


@needs_git
def test_tracked_links_are_treated_alike(tree, tmp_path):
    init(tree)
    make(tmp_path, "outside/a.cu")
    make(tree, "b.cu")
    (tree / "out.cu").symlink_to(tmp_path / "outside" / "a.cu")
    (tree / "folder").symlink_to(tmp_path / "outside")
    run_git(tree, "add", ".")
    assert found() == ["b.cu"]
    assert set(skipped()) == {"out.cu", "folder/"}


def test_broken_links_and_loops_do_not_end_the_scan(listed):
    make(listed, "a.cu")
    (listed / "dangling.cu").symlink_to("nothing.cu")
    (listed / "loop.cu").symlink_to("loop.cu")
    (listed / "loop").symlink_to("loop")
    expected = {"dangling.cu": "link to nothing: nothing.cu", "loop.cu": "link that leads back to itself"}
    for paths in (["."], ["a.cu", "dangling.cu", "loop.cu"]):
        result = discover(paths)
        assert [c.path for c in result.candidates] == ["a.cu"]
        assert {entry.path: entry.reason for entry in result.skipped} == expected
        assert {entry.state for entry in result.skipped} == {"unreadable"}


# -- names that are hard to show ---------------------------------------------------------------------------------------


def test_awkward_names_are_found_shown_safely_and_readable(listed):
    names = [
        b"sp ace.cu",
        b"\xff\xfe.cu",
        b"new\nline.cu",
        b"esc\x1b[31m.cu",
        "内核.cu".encode(),
        b"back\\slash.cu",
        b"tab\t.cu",
    ]
    for name in names:
        (listed / os.fsdecode(name)).write_bytes(name)
    candidates = discover(["."]).candidates
    assert sorted(read(c.file) for c in candidates) == sorted(names)
    shown = {c.path for c in candidates}
    assert shown == {
        "sp ace.cu", "\\xff\\xfe.cu", "new\\x0aline.cu", "esc\\x1b[31m.cu", "内核.cu", "back\\\\slash.cu", "tab\\x09.cu"
    }  # fmt: skip
    assert all(path.isprintable() and path.encode("utf-8") for path in shown)
    assert {c.path for c in discover([os.fsdecode(name) for name in names]).candidates} == shown


@given(st.text(), st.text())
def test_equal_display_means_equal_path(one, other):
    assert (display_path(one) == display_path(other)) == (one == other)
    assert display_path(one).isprintable()


@given(st.binary())
def test_display_of_any_bytes(name):
    display_path(os.fsdecode(name)).encode("utf-8")


# -- standard input and mistakes ---------------------------------------------------------------------------------------


def test_standard_input(tree):
    make(tree, "a.cu", "b.cu")
    (candidate,) = discover(["-"]).candidates
    assert candidate == Candidate("<stdin>", "-", "cuda", 0, stdin=True)
    (candidate,) = discover(["-"], stdin_filename="src/new.hpp").candidates
    assert candidate == Candidate("src/new.hpp", "-", "c++", 0, stdin=True)
    both = discover([".", "-"], stdin_filename=str(tree / "a.cu")).candidates
    assert [(c.path, c.stdin) for c in both] == [("a.cu", True), ("b.cu", False)]
    excluded = discover(["-"], stdin_filename="a.cu", extend_exclude=["a.cu"], force_exclude=True)
    assert (excluded.candidates, [entry.path for entry in excluded.skipped]) == ([], ["a.cu"])


def test_missing_paths_are_all_named_with_what_is_near(tree):
    make(tree, "src/kernel.cu", "a.cu")
    with pytest.raises(UserError) as caught:
        discover(["src/kernal.cu", "a.cu", "scr/kernel.cu", "qqqqqq", "a.cu/x", ""])
    assert caught.value.exit_code == 2
    assert str(caught.value).split("\n") == [
        "(empty path): no such file or folder",
        "a.cu/x: no such file or folder; did you mean a.cu?",
        "qqqqqq: no such file or folder",
        "scr/kernel.cu: no such file or folder; did you mean src?",
        "src/kernal.cu: no such file or folder; did you mean src/kernel.cu?",
    ]


@pytest.mark.parametrize("path", ["a\0b", "\x1b[31m", "x" * 5000, "\udcff"])
def test_hostile_paths_are_mistakes_with_a_safe_message(tree, path):
    with pytest.raises(UserError) as caught:
        discover([path])
    assert str(caught.value).isprintable()


def test_nothing_named_is_nothing_found(tree):
    assert discover([]).candidates == []
