"""Patches: what git makes of them is what the edits make, to the byte."""

import itertools
import subprocess

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from migrate.model import Edit
from migrate.rewrite.diff import patch
from migrate.rewrite.edits import apply, overlap


def git_applies(folder, name, old, edits):
    """Applies the patch with git and returns what the file then is."""
    file = folder / name
    file.write_bytes(old)
    text = patch(name, old, edits)
    if text:
        subprocess.run(["git", "init", "-q"], cwd=folder, check=True)
        done = subprocess.run(
            ["git", "apply", "--whitespace=nowarn", "-"], cwd=folder, input=text, capture_output=True, check=False
        )
        assert done.returncode == 0, (done.stderr, text)
    return file.read_bytes()


LINES = st.lists(st.sampled_from([b"a\n", b"bb\n", b"\n", b"c\r\n", b"\td \n", b"\xff\xfe\n", b"e\rf\n"]), max_size=30)


@st.composite
def cases(draw):
    old = b"".join(draw(LINES)) + draw(st.sampled_from([b"", b"end"]))
    marks = sorted(draw(st.lists(st.integers(0, len(old)), max_size=8)))
    edits = []
    for start, end in zip(marks[::2], marks[1::2], strict=False):
        edit = Edit(start, end, draw(st.sampled_from([b"", b"x", b"new\n", b"\n", b"y\r\nz"])))
        if not edits or not overlap(edits[-1], edit):
            edits.append(edit)
    return old, edits


@given(cases())
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_git_makes_of_it_what_the_edits_make(tmp_path_factory, case):
    old, edits = case
    new = apply(old, edits)
    text = patch("f.cu", old, edits)
    assert bool(text) == (old != new)
    if old and new:  # git deletes and creates files with other words
        assert git_applies(tmp_path_factory.mktemp("git"), "f.cu", old, edits) == new


@pytest.mark.parametrize("name", ["a b.cu", "Ünï.cu", 'quo"te.cu', "中文.cu"])
def test_odd_names(name, tmp_path):
    assert git_applies(tmp_path, name, b"one\ntwo\n", [Edit(0, 3, b"1")]) == b"1\ntwo\n"


def test_renamed_file():
    text = patch("k.cu", b"a\n", [], "k.mu")
    assert text == b"diff --git a/k.cu b/k.mu\nrename from k.cu\nrename to k.mu\n"
    assert patch("k.cu", b"a\n", [Edit(0, 1, b"b")], "k.mu").endswith(b"--- a/k.cu\n+++ b/k.mu\n@@ -1 +1 @@\n-a\n+b\n")


def test_near_changes_are_one_hunk_and_far_ones_two():
    old = b"".join(b"%d\n" % number for number in range(10, 60))
    near = patch("f", old, [Edit(0, 2, b"x"), Edit(18, 20, b"y")])
    far = patch("f", old, [Edit(0, 2, b"x"), Edit(90, 92, b"y")])
    assert (near.count(b"@@ -"), far.count(b"@@ -")) == (1, 2)
    assert not any(a == b for a, b in itertools.pairwise(far.split(b"@@ -")))
