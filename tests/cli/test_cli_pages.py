"""Pages that show what commands print: help in the reference, a scan in the README, in both languages."""

import re
from pathlib import Path

import pytest

import migrate

ROOT = Path(migrate.__file__).parent.parent
REFERENCE = ROOT / "docs" / "reference"
BLOCK = re.compile(r"<!-- help: (?P<command>[a-z ]+) -->\n```text\n(?P<help>.*?)```\n<!-- end -->", re.DOTALL)


OUTPUT = re.compile(r"(?<=<!-- output:begin -->\n```text\n)\$ migrate (?P<command>.+)\n(?P<output>(?:.*\n)*?)(?=```)")


def commands():
    from migrate.cli import COMMANDS
    from migrate.cli.rules import rules

    return {*COMMANDS, *(f"rules {name}" for name in rules.lazy)}


def forget_help_options():
    """Click keeps a command's help option from its first call; other tests call commands without their group."""
    import click

    from migrate.cli import COMMANDS, cli

    context = click.Context(cli)
    for name in COMMANDS:
        command = cli.get_command(context, name)
        command._help_option = None
        for below in getattr(command, "lazy", ()):
            command.get_command(context, below)._help_option = None


@pytest.mark.parametrize(("page", "language"), [("commands.md", "en"), ("commands.zh.md", "zh")])
def test_help_blocks_are_current(run, request, monkeypatch, page, language):
    forget_help_options()
    monkeypatch.setenv("MIGRATE_LANG", language)
    monkeypatch.setenv("COLUMNS", "100")
    path = REFERENCE / page
    text = path.read_text(encoding="utf-8")

    def current(match):
        code, out, _ = run(*match["command"].split(), "--help")
        assert code == 0
        return f"<!-- help: {match['command']} -->\n```text\n{out}```\n<!-- end -->"

    expected = BLOCK.sub(current, text)
    if request.config.getoption("--accept"):
        path.write_text(expected, encoding="utf-8", newline="\n")
        return
    assert text == expected, f"{page} is old: run pytest --accept"


def excerpt(shown, printed):
    """The groups that *shown* picked and the summary as they are printed now; `…` stands for what is left out."""
    listing, summary = printed.split("\n\n", 1)
    groups = re.split(r"^(?=MIG)", listing + "\n", flags=re.MULTILINE)[1:]
    picked = {re.split(r"  |：", head)[0] for head in re.findall(r"^MIG.+", shown, re.MULTILINE)}
    kept = [group if re.split(r"  |：", group)[0] in picked else "…\n" for group in groups]
    return re.sub(r"^(…\n)+", "…\n", "".join(kept), flags=re.MULTILINE) + "\n" + summary


@pytest.mark.parametrize("page", ["README.md", "README.zh-CN.md"])
def test_the_readme_shows_what_is_printed(run, request, monkeypatch, page):
    monkeypatch.chdir(ROOT)
    path = ROOT / page
    text = path.read_text(encoding="utf-8")
    match = OUTPUT.search(text)
    code, printed, _ = run(*match["command"].split())
    assert code == 0
    current = excerpt(match["output"], printed)
    assert current.count("MIG") > 2, "the picked groups are gone: pick others"
    if request.config.getoption("--accept"):
        path.write_text(text.replace(match["output"], current), encoding="utf-8", newline="\n")
        return
    assert match["output"] == current, f"{page} is old: run pytest --accept"


@pytest.mark.parametrize("page", ["commands.md", "commands.zh.md"])
def test_every_command_is_documented(page):
    text = (REFERENCE / page).read_text(encoding="utf-8")
    assert {match["command"] for match in BLOCK.finditer(text)} == commands()


def test_every_option_has_help_in_the_catalogue(run):
    import click

    from migrate.cli import COMMANDS, cli
    from migrate.cli.rules import rules
    from migrate.messages import messages

    context = click.Context(cli)
    for name in COMMANDS:
        command = cli.get_command(context, name)
        for one in [command, *(rules.get_command(context, sub) for sub in (rules.lazy if command is rules else ()))]:
            assert one.help in messages("zh")
            for option in one.params:
                assert isinstance(option, click.Argument) or option.help in messages("zh"), option.name
