"""What the terminal shows, in both languages."""

import pytest
from scan_builder import MUSA, SHAPES, SOURCE, file_of, scan_of

from migrate.messages import messages
from migrate.model import CLASSES, Answer, FileResult, RuleText, Shape, Use, answer_key
from migrate.report.lines import SourceLines
from migrate.report.plain import WIDTH, Paint, width
from migrate.report.summary import Selection
from migrate.report.text import TextOptions, render

ASIDE = frozenset({"musa:asis"})


def shown(scan, language="en", **options):
    options.setdefault("source_line", SourceLines().text)
    return "".join(line + "\n" for line in render(scan, TextOptions(text=messages(language), **options)))


@pytest.mark.parametrize("language", ["en", "zh"])
def test_one_target(one, tree, golden, language):
    golden(f"one-{language}.txt", shown(one, language, asides=ASIDE, next_lines=("next: migrate compare src",)))


@pytest.mark.parametrize("language", ["en", "zh"])
def test_two_targets(two, tree, golden, language):
    golden(f"two-{language}.txt", shown(two, language))


@pytest.mark.parametrize("language", ["en", "zh"])
def test_everything(one, tree, golden, language):
    options = {"show": frozenset({"all", "files", "evidence"}), "selection": Selection(), "asides": ASIDE}
    golden(f"all-{language}.txt", shown(one, language, **options))


def test_verbose(two, tree, golden):
    golden("verbose.txt", shown(two, verbose=True))


def test_statistics(two, golden):
    golden("statistics.txt", shown(two, statistics=True, selection=Selection()))


def test_quiet_has_totals_only(one, tree):
    text = shown(one, quiet=True, asides=ASIDE)
    assert "MIG" not in text
    assert "total" in text
    assert text.splitlines()[-2].startswith("files")


def test_no_uses():
    text = shown(scan_of((), (MUSA,)), next_lines=("next",))
    assert text == "no use of CUDA found\nfiles     none\n"


def test_colour_changes_nothing_but_colour(one, tree):
    import re

    plain = shown(one, asides=ASIDE)
    painted = shown(one, asides=ASIDE, paint=Paint(on=True))
    assert painted != plain
    assert re.sub(r"\x1b\[\d+m", "", painted) == plain


def test_seconds_only_when_given(one, tree):
    assert "     0.9 s\n" in shown(one, seconds=0.91, asides=ASIDE)
    assert " s\n" not in shown(one, asides=ASIDE).replace("uses\n", "")


def test_long_lists_are_cut_and_say_so():
    shapes = [Shape(f"cudaName{number}", "call", "runtime") for number in range(25)]
    uses = tuple(Use(number * 10, 5, number + 1, 1, shapes[number % 25]) for number in range(25 * 5))
    scan = scan_of((FileResult("a.cu", "analysed", uses=uses),), (MUSA,))
    for shape in shapes:
        scan.answers["musa"][answer_key(shape)] = Answer("MIG301", "unsupported", "", "", "")
    text = shown(scan)
    assert text.count("MIG301") == 20
    assert "       unsupported: … 5 more (--show all)\n" in text
    assert text.count("… 2 more (--show all)") == 20
    everything = shown(scan, show=frozenset({"all"}))
    assert everything.count("MIG301") == 25
    assert "more" not in everything


def test_auto_is_listed_only_when_asked(one, tree):
    assert "MIG101" not in shown(one, asides=ASIDE)
    assert "MIG101" in shown(one, asides=ASIDE, selection=Selection(classes=frozenset(CLASSES)))


def test_hostile_names_paths_and_lines_are_escaped(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    path = "a\x1b]0;x\x07.cu"
    source = "cudaFooBar(\x1b[31m\u202e); // \x9b31m\n"
    (tmp_path / path).write_text(source, encoding="utf-8", newline="\n")
    hostile = Shape("cuda\x1bEvil", "call", "run\x1btime", function="f\x1b")
    size = len(source.encode())
    uses = (Use(0, 10, 1, 1, SHAPES["cudaFooBar"]), Use(11, 3, 1, 12, hostile))
    scan = scan_of((FileResult(path, "analysed", "why\x1b", size=size, encoding="utf-8", uses=uses),), (MUSA,))
    scan.answers["musa"][answer_key(hostile)] = Answer("MIG201", "adapt", "x\x1by", "r", "display")
    scan.rules["musa"]["r"] = RuleText("adapt", "used", ("used:\x1b",), (), "a\x1b", "b\x1b", "c\x1b")
    scan.near["cudaFooBar"] = ("\x1b[2J",)
    for options in ({}, {"verbose": True}, {"show": frozenset({"all", "files", "evidence"})}):
        text = shown(scan, **options)
        assert not any(code in text for code in "\x1b\x07\x9b\u202e")
    assert "a\\x1b]0;x\\x07.cu:1:1" in text
    assert "cudaFooBar(" in text


def test_a_changed_source_shows_no_line(one, tree):
    (tree / "src" / "reduce.cu").write_text(SOURCE + "\n", encoding="utf-8")
    text = shown(one)
    assert "src/reduce.cu:7:5\n" in text
    assert "#if CUDA_VERSION" not in text


def test_long_lines_keep_the_use_in_sight(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    source = "  int " + "x" * 300 + " = cudaFooBar(y) + " + "z" * 300 + ";\n"
    (tmp_path / "long.cu").write_text(source, encoding="utf-8", newline="\n")
    text = shown(scan_of((file_of("long.cu", source),), (MUSA,)))
    line = next(line for line in text.splitlines() if "long.cu:1" in line)
    assert "cudaFooBar(y)" in line
    assert width(line) <= WIDTH


def test_a_long_path_leaves_the_source_a_line_of_its_own(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / ("long" * 18)
    folder.mkdir()
    (folder / "a.cu").write_text("cudaFooBar(y);\n", encoding="utf-8", newline="\n")
    text = shown(scan_of((file_of(f"{folder.name}/a.cu", "cudaFooBar(y);\n"),), (MUSA,)))
    assert f"       {folder.name}/a.cu:1:1\n           cudaFooBar(y);\n" in text


def test_standard_input_is_shown_from_memory(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    scan = scan_of((file_of("stdin.cu"),), (MUSA,))
    assert "cudaFooBar(s);" in shown(scan, source_line=SourceLines({"stdin.cu": SOURCE.encode()}).text)
