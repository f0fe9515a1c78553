"""`migrate init`: what it writes, what it leaves alone, and that it asks."""

import pytest

LOCAL = "entry: migrate check --force-exclude"


def read(path):
    return path.read_text(encoding="utf-8")


def test_an_empty_repository(git, tmp_path, run):
    code, out, _ = run("init", "-t", "musa", "--yes")
    assert code == 0
    assert read(tmp_path / "migrate.toml") == 'target = "musa"\n'
    hooks = read(tmp_path / ".pre-commit-config.yaml")
    assert hooks.startswith("repos:\n- repo: local\n  hooks:\n  - id: migrate-check\n")
    assert LOCAL in hooks
    assert out.splitlines()[:2] == ["migrate.toml: written", ".pre-commit-config.yaml: written"]
    assert run("check")[0] == 0  # configured
    assert "configured already" in run("init", "--yes")[1]
    assert read(tmp_path / ".pre-commit-config.yaml") == hooks


def test_pyproject_is_added_to_and_the_hook_goes_first_as_the_list_is_indented(git, tmp_path, run, monkeypatch):
    (tmp_path / "pyproject.toml").write_text('[project]\nname = "x"', encoding="utf-8")
    before = "ci: {autofix_prs: false}\nrepos:\n  # tools\n  - repo: meta\n    hooks:\n      - id: identity\n"
    before += "fail_fast: true\n"
    (tmp_path / ".pre-commit-config.yaml").write_text(before, encoding="utf-8")
    (tmp_path / "sub").mkdir()
    monkeypatch.chdir(tmp_path / "sub")
    assert run("init", "-t", "musa,maca:cu-bridge", "-y", "--repo", "https://example.org/migrate")[0] == 0
    assert read(tmp_path / "pyproject.toml") == (
        '[project]\nname = "x"\n\n[tool.migrate]\ntarget = ["musa", "maca:cu-bridge"]\n'
    )
    after = read(tmp_path / ".pre-commit-config.yaml")
    assert after == before.replace(
        "  - repo: meta",
        "  - repo: https://example.org/migrate\n    rev: v0.1.0\n    hooks:\n    - id: migrate-check\n  - repo: meta",
    )


def test_a_table_without_target_gets_one(git, tmp_path, run):
    (tmp_path / "pyproject.toml").write_text('[tool.migrate]\nlang = "zh"\n[tool.x]\n', encoding="utf-8")
    assert run("init", "-t", "musa", "-y")[0] == 0
    assert read(tmp_path / "pyproject.toml") == '[tool.migrate]\ntarget = "musa"\nlang = "zh"\n[tool.x]\n'


def test_a_hook_list_in_another_form_is_left_to_the_reader(git, tmp_path, run):
    (tmp_path / ".pre-commit-config.yaml").write_text("repos: []\n", encoding="utf-8")
    out = run("init", "-t", "musa", "-y", "--lang", "zh")[1]
    assert "请自行在 `repos:` 之下加入以下各行" in out
    assert LOCAL in out
    assert read(tmp_path / ".pre-commit-config.yaml") == "repos: []\n"


@pytest.mark.parametrize("arguments", [[], ["-y"], ["-t", "musa"]])
def test_without_a_terminal_it_asks_nobody(git, tmp_path, run, arguments):
    code, _, err = run("init", *arguments)
    assert (code, "give --target and --yes" in err) == (2, True)
    assert not (tmp_path / "migrate.toml").exists()


def test_an_unknown_target_writes_nothing(git, tmp_path, run):
    code, _, err = run("init", "-t", "mussa", "-y")
    assert (code, 'did you mean "musa"?' in err) == (2, True)
    assert sorted(path.name for path in tmp_path.iterdir()) == [".git"]


def test_it_asks_and_no_means_no(git, tmp_path, run, monkeypatch):
    monkeypatch.setattr("migrate.cli.init._somebody_there", lambda: True)
    answers = iter([True, False])
    monkeypatch.setattr("click.prompt", lambda _text: "musa")
    monkeypatch.setattr("click.confirm", lambda _text, **_options: next(answers))
    out = run("init")[1]
    assert read(tmp_path / "migrate.toml") == 'target = "musa"\n'
    assert ".pre-commit-config.yaml: left as it is" in out
    assert not (tmp_path / ".pre-commit-config.yaml").exists()
