"""Progress and where output goes, without a terminal to look at."""

import io
import os
import subprocess
import sys

import pytest

from migrate.cli import _output
from migrate.cli._output import Progress, output, use_colour
from migrate.messages import messages


class Terminal(io.StringIO):
    def isatty(self):
        return True


def test_progress_waits_counts_and_cleans_up(monkeypatch):
    now = iter([0.0, 0.5, 2.0, 2.01, 3.0])
    monkeypatch.setattr(_output.time, "monotonic", lambda: next(now))
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    progress = Progress(messages("en"))
    update = progress.callback()
    for done in (1, 2, 3, 4000):
        update(done, 5000)
    progress.clear()
    shown = [piece.strip() for piece in terminal.getvalue().split("\r")]
    assert [piece for piece in shown if piece] == ["2 of 5,000 files", "4,000 of 5,000 files"]
    assert terminal.getvalue().endswith("\r")


def test_no_progress_without_a_terminal(monkeypatch):
    monkeypatch.setattr(sys, "stderr", io.StringIO())
    assert Progress(messages("en")).callback() is None


@pytest.mark.parametrize(
    ("when", "path", "terminal", "colour"),
    [
        ("auto", None, True, True),
        ("auto", "-", True, True),
        ("auto", None, False, False),
        ("auto", "file", True, False),
        ("always", "file", False, True),
        ("never", None, True, False),
    ],
)
def test_when_colour_is_used(monkeypatch, when, path, terminal, colour):
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr(sys, "stdout", Terminal() if terminal else io.StringIO())
    assert use_colour(when, path) is colour


@pytest.mark.parametrize(("when", "colour"), [("auto", False), ("always", True)])
def test_no_color_turns_auto_off(monkeypatch, when, colour):
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setattr(sys, "stdout", Terminal())
    assert use_colour(when, None) is colour


def test_a_file_appears_only_when_all_is_written(tmp_path):
    path = tmp_path / "out.txt"
    with output(str(path), messages("en")) as handle:
        handle.write("a\n")
        assert not path.exists()
    assert path.read_bytes() == b"a\n"
    with pytest.raises(TypeError), output(str(path), messages("en")) as handle:
        handle.writelines(["b\n", None])
    assert path.read_bytes() == b"a\n"
    assert [entry.name for entry in tmp_path.iterdir()] == ["out.txt"]


def test_what_a_killed_process_left_beside_the_output_goes(tmp_path):
    place = tmp_path / "scan.json"
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    left = tmp_path / f"scan.json.{gone.pid}.tmp"
    running, other = tmp_path / f"scan.json.{os.getppid()}.tmp", tmp_path / f"scan.yaml.{gone.pid}.tmp"
    for file in (left, running, other):
        file.write_text("half")
    with output(str(place), messages("en")) as out:
        out.write("whole")
    assert place.read_text() == "whole"
    assert sorted(tmp_path.iterdir()) == sorted([place, running, other])
