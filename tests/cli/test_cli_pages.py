"""The reference page of the commands: its help blocks are what the commands print, in both languages."""

import re
from pathlib import Path

import pytest

import migrate

REFERENCE = Path(migrate.__file__).parent.parent / "docs" / "reference"
BLOCK = re.compile(r"<!-- help: (?P<command>[a-z ]+) -->\n```text\n(?P<help>.*?)```\n<!-- end -->", re.DOTALL)


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
