"""Pages of check: the configuration's reference is current, its schema right, and every command line in docs is one."""

import json
import re
import shlex
from pathlib import Path

import click
import jsonschema
import pytest

import migrate
from migrate.config import KEYS, _parse_toml, load_config
from migrate.errors import UserError
from migrate.report.configuration_page import page, schema

DOCS = Path(migrate.__file__).parent.parent / "docs"
PAGES = [
    DOCS / "how-to" / f"{name}{suffix}" for name in ("pre-commit", "ci", "baseline") for suffix in (".md", ".zh.md")
]


@pytest.mark.parametrize(("lang", "name"), [("en", "configuration.md"), ("zh", "configuration.zh.md")])
def test_the_reference_is_current(lang, name):
    text = (DOCS / "reference" / name).read_text(encoding="utf-8")
    assert text == page(lang), "run: python -m migrate.report.configuration_page docs/reference"
    assert set(re.findall(r"^\| `([a-z-]+)` \|", text, re.MULTILINE)) == set(KEYS)


def test_the_schema_is_current():
    text = (DOCS / "reference" / "config.schema.json").read_text(encoding="utf-8")
    assert json.loads(text) == schema(), "run: python -m migrate.report.configuration_page docs/reference"


@pytest.mark.parametrize(
    "line", re.findall(r"^\| `([a-z-]+)` \| [^|]+ \| `(.+?)` \|", page("en"), re.MULTILINE), ids=str
)
def test_examples_are_read_and_valid(tmp_path, line):
    key, example = line
    (tmp_path / "migrate.toml").write_text(f"{key} = {example}\n", encoding="utf-8")
    assert set(load_config(tmp_path)) == {KEYS[key][0]}
    jsonschema.Draft202012Validator(schema()).validate(_parse_toml(f"{key} = {example}".encode(), tmp_path))


@pytest.mark.parametrize(
    "text", ['targte = "musa"', "cache = 1", "jobs = -1", 'fail-on = ["bad"]', "per-path-ignores = []", 'lang = "fr"']
)
def test_the_schema_refuses_what_the_reader_refuses(tmp_path, text):
    assert list(jsonschema.Draft202012Validator(schema()).iter_errors(_parse_toml(text.encode(), tmp_path)))
    (tmp_path / "migrate.toml").write_text(text, encoding="utf-8")
    if "fail-on" not in text:  # its words are known to `check` alone
        with pytest.raises(UserError):
            load_config(tmp_path)


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_every_command_line_is_one(path):
    from migrate.cli import cli

    text = path.read_text(encoding="utf-8")
    lines = re.findall(r"\b(?:python -m )?migrate ((?:check|baseline|init|scan|rewrite)(?![\w,])[^`\n|]*)", text)
    seen = 0
    for line in lines:
        words = shlex.split(line.split(" || ")[0].replace("…", ""), comments=True)
        if words == ["check", "too"] or any(not word.isascii() for word in words):
            continue
        command = cli.get_command(click.Context(cli), words[0])
        try:
            command.make_context(words[0], words[1:])
        except click.exceptions.Exit:
            pass
        except click.UsageError as error:
            pytest.fail(f"{line}: {error.message}")
        seen += 1
    assert seen >= 4


def test_options_that_are_none_would_be_seen():
    from migrate.cli import cli

    with pytest.raises(click.UsageError):
        cli.get_command(click.Context(cli), "check").make_context("check", ["--fail-onn", "x"])


def test_the_notes_on_pitfalls_are_complete_and_name_tests_that_exist():
    tests = "".join(path.read_text(encoding="utf-8") for path in (DOCS.parent / "tests").rglob("test_*.py"))
    for name in ("hook.md", "hook.zh.md"):
        text = (DOCS / "explanation" / name).read_text(encoding="utf-8")
        rows = re.findall(r"^\| (\d+) \|.*\| ([^|]+) \|$", text, re.MULTILINE)
        assert [int(number) for number, _ in rows] == list(range(1, 18))
        for number, proof in rows:
            named = re.findall(r"`(test_\w+)`", proof)
            assert named or "only" in proof or "仅说明理由" in proof or "every test" in proof or "每个测试" in proof, (
                number
            )
        for one in re.findall(r"`(test_\w+)`", text):
            assert f"def {one}(" in tests, one
