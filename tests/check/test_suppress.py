"""Suppression comments: how they are written, what they cover, and that useless ones are said to be."""

import pytest

from migrate.model import Suppression
from migrate.parse.suppress import suppressions

LINE = "    cudaFooBar(v);{}\n"
REPORTED = "src/add.cu:6:5: MIG901 cudaFooBar"


def one(text):
    found = suppressions(text.encode())
    assert len(found) == 1, found
    return found[0]


@pytest.mark.parametrize(
    ("text", "scope", "first", "last", "ids", "reason"),
    [
        ("a();  // migrate: ignore[MIG301] why not\n", "line", 1, 1, ("MIG301",), "why not"),
        ("a();  /* migrate: ignore[MIG301, MIG5] 原因 */\n", "line", 1, 1, ("MIG301", "MIG5"), "原因"),
        ("// migrate: ignore[MIG3]: colon\n// more\n\na();\n", "line", 4, 4, ("MIG3",), "colon"),
        ("/*\n * migrate: ignore[MIG3] star\n */\na();\n", "line", 4, 4, ("MIG3",), "star"),
        ("// migrate: ignore-begin[MIG5] asm\na();\n// migrate: ignore-end\n", "block", 1, 3, ("MIG5",), "asm"),
        ("a();\n// migrate: ignore-file[MIG401] old\n", "file", 1, 0, ("MIG401",), "old"),
        ("a();  // migrate: ignore[MIG301]\r\n", "line", 1, 1, ("MIG301",), ""),
    ],
)
def test_forms(text, scope, first, last, ids, reason):
    found = one(text)
    assert found[2:] == (scope, first, last, ids, reason, "")


@pytest.mark.parametrize(
    ("text", "mistake"),
    [
        ("a();  // migrate: ignore\n", "ids"),
        ("a();  // migrate: ignore[]\n", "ids"),
        ("a();  // migrate: ignore[E501] ruff\n", "ids"),
        ("a();  // migrate: ignore[MIG301\n", "ids"),
        ("a();  // migrate: ignore-next[MIG301]\n", "verb"),
        ("a();  // migrate: ingore[MIG301]\n", "verb"),
        ("// migrate: ignore-begin[MIG3] x\na();\n", "unclosed"),
        ("// migrate: ignore-end\na();\n", "unopened"),
    ],
)
def test_mistakes(text, mistake):
    assert one(text).mistake == mistake


@pytest.mark.parametrize(
    "text",
    [
        's = "// migrate: ignore[MIG301]";\n',
        "// TODO: migrate: ignore nothing here\n",
        "// migrate: this part later\n",
        "// immigrate: ignore[MIG301]\n",
        'R"x(\n// migrate: ignore[MIG301]\n)x";\n',
    ],
)
def test_what_is_no_comment_of_ours(text):
    assert suppressions(text.encode()) == ()


def test_blocks_nest_and_positions_count_characters():
    text = "// 中文 \n  /* 中 */ // migrate: ignore-begin[MIG1]\n// migrate: ignore-begin[MIG2]\n"
    text += "// migrate: ignore-end\n" * 2
    outer, inner = suppressions(text.encode())
    assert outer == Suppression(2, 14, "block", 2, 5, ("MIG1",), "", "")
    assert (inner.first, inner.last) == (3, 4)


def test_reasons_in_gb18030():
    (found,) = suppressions("// 这是中文注释文件\na();  // migrate: ignore[MIG301] 运行时替换\n".encode("gb18030"))
    assert found.reason == "运行时替换"


def edit(project, comment, before=""):
    file = project / "src" / "add.cu"
    text = file.read_text(encoding="utf-8").replace(LINE.format(""), before + LINE.format(comment))
    file.write_text(text, encoding="utf-8", newline="\n")


def test_a_finding_without_a_comment_is_reported(project, run):
    code, out, _ = run("check")
    assert code == 1
    assert out == f"{REPORTED}: CUDA name in no table [unknown]\n1 finding\n"


@pytest.mark.parametrize(
    ("comment", "before"),
    [
        ("  // migrate: ignore[MIG901] known", ""),
        ("", "    // migrate: ignore[MIG9] known\n"),
        ("  // migrate: ignore-end", "// migrate: ignore-begin[MIG901]\n"),
        ("", "// migrate: ignore-file[MIG901] known\n"),
    ],
)
def test_a_comment_keeps_the_finding_quiet(project, run, comment, before):
    edit(project, comment, before)
    assert run("check") == (0, "1 suppressed\n", "")
    assert run("check", "src/add.cu")[0] == 0


def test_another_id_and_another_line_do_not(project, run):
    edit(project, "  // migrate: ignore[MIG301]")
    code, out, _ = run("check")
    assert code == 1
    assert f"{REPORTED}: " in out
    assert (
        "src/add.cu:6:24: MIG911 suppression comment that suppresses nothing: MIG301: nothing to suppress here [check]"
        in out
    )


def test_unused_comments_are_reported_in_files_without_cuda_too(project, run):
    (project / "src" / "plain.cpp").write_text("int x;  // migrate: ignore[MIG301] gone\n", encoding="utf-8")
    assert "src/plain.cpp:1:12: MIG911" in run("check", "src/plain.cpp")[1]
    assert "src/plain.cpp:1:12: MIG911" in run("check")[1]


def test_select_makes_no_comment_unused(project, run):
    edit(project, "  // migrate: ignore[MIG901] known")
    assert run("check", "--select", "MIG3")[0] == 0
    assert run("check", "--fail-on", "unsupported,check")[:2] == (0, "no findings\n")


def test_a_wrong_comment_is_reported_and_suppresses_nothing(project, run):
    edit(project, "  // migrate: ignore")
    code, out, _ = run("check")
    assert code == 1
    assert f"{REPORTED}: " in out
    assert "MIG912 suppression comment without effect or reason: finding ids in brackets are missing" in out


def test_a_reason_can_be_required(project, run):
    edit(project, "  // migrate: ignore[MIG901]")
    assert run("check")[0] == 0
    with (project / "pyproject.toml").open("a", encoding="utf-8") as handle:
        handle.write("require-reason = true\n")
    code, out, _ = run("check")
    assert code == 1
    assert "MIG912 suppression comment without effect or reason: MIG901: a reason is required [check]" in out
    edit_text = (project / "src" / "add.cu").read_text(encoding="utf-8").replace("[MIG901]", "[MIG901] known")
    (project / "src" / "add.cu").write_text(edit_text, encoding="utf-8")
    assert run("check")[0] == 0


def test_per_path_ignores(project, run):
    config = project / "pyproject.toml"
    head = config.read_text(encoding="utf-8")
    for pattern, code in (("src/**", 0), ("*.cu", 0), ("src", 0), ("add.cu", 0), ("other/**", 1), ("src/*.cpp", 1)):
        config.write_text(f'{head}[tool.migrate.per-path-ignores]\n"{pattern}" = ["MIG9"]\n', encoding="utf-8")
        assert run("check")[0] == code, pattern
        assert run("check", "src/add.cu")[0] == code, pattern
    config.write_text(f'{head}[tool.migrate.per-path-ignores]\n"src/**" = ["MIG999"]\n', encoding="utf-8")
    code, _, err = run("check")
    assert (code, "per-path-ignores src/**" in err or "MIG999" in err) == (2, True)


def test_chinese(project, run):
    edit(project, "  // migrate: ignore[MIG301]")
    code, out, _ = run("check", "--lang", "zh")
    assert code == 1
    assert "MIG911 抑制注释没有抑制任何内容：MIG301：此处没有可抑制的内容 [核对]" in out
