"""Commands that are imported when they run, help in two languages, and the place where errors become exit codes.

Exit codes: 0 done, 1 findings or problems, 2 something the user can mend, 3 a fault of ours, 130 interrupted, 141 the
reader of our output went away.
"""

from __future__ import annotations

import os
import sys
from importlib import import_module
from typing import TYPE_CHECKING, Any, NoReturn

import click

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from migrate.messages import Messages

#: Where a command stores its language for the messages that are written after it failed.
LANGUAGE = "migrate.language"

#: What a shell reports of a program that died of SIGPIPE.
_BROKEN_PIPE = 141


def language(ctx: click.Context | None) -> str:
    """The language asked for on the command line, else the environment's."""
    from migrate.messages import default_language

    return (ctx.meta.get(LANGUAGE) if ctx is not None else None) or default_language()


def texts(ctx: click.Context | None = None) -> Messages:
    """The messages in the language of *ctx*, the current one when left out."""
    from migrate.messages import messages

    return messages(language(ctx or click.get_current_context(silent=True)))


class _Formatter(click.HelpFormatter):
    """Help broken into lines by terminal columns: click counts characters, and Chinese ones take two columns each."""

    def write_heading(self, heading: str) -> None:
        """Writes the heading of a section."""
        self.write(f"{' ' * self.current_indent}{heading}{':' if heading.isascii() else '：'}\n")

    def write_text(self, text: str) -> None:
        """Writes a paragraph."""
        from migrate.report.plain import wrap

        self.write("".join(f"{line}\n" for line in wrap(text, self.width - 2, " " * self.current_indent)))

    def write_dl(self, rows: Iterable[tuple[str, str]], col_max: int = 30, col_spacing: int = 2) -> None:
        """Writes terms and what they mean."""
        from migrate.report.plain import width, wrap

        rows = list(rows)
        indent = " " * self.current_indent
        column = min(max((width(term) for term, _ in rows), default=0), col_max) + col_spacing
        for term, meaning in rows:
            lines = wrap(meaning, self.width - column - 2)
            if width(term) > column - col_spacing:
                self.write(f"{indent}{term}\n")
            elif lines:
                self.write(f"{indent}{term}{' ' * (column - width(term))}{lines.pop(0)}\n")
            self.write("".join(f"{indent}{' ' * column}{line}\n" for line in lines))


class _Context(click.Context):
    formatter_class = _Formatter


class _Help:
    """Help whose texts are ids of messages.tsv, looked up when help is shown."""

    context_class: type[click.Context] = _Context

    def format_usage(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Writes the usage line."""
        pieces = self.collect_usage_pieces(ctx)  # type: ignore[attr-defined]
        prefix = texts(ctx)("help.usage")
        prefix += " " if prefix.isascii() else ""
        formatter.write_usage(ctx.command_path, " ".join(pieces), prefix=prefix)

    def format_help_text(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Writes what the command does."""
        formatter.write_paragraph()
        with formatter.indentation():
            formatter.write_text(texts(ctx)(self.help))  # type: ignore[attr-defined]

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Writes the options, then the commands of a group."""
        records = [record for option in self.get_params(ctx) if (record := option.get_help_record(ctx))]  # type: ignore[attr-defined]
        with formatter.section(texts(ctx)("help.options")):
            formatter.write_dl(records)
        if isinstance(self, click.Group):
            self.format_commands(ctx, formatter)

    def get_help_option(self, ctx: click.Context) -> click.Option | None:
        """The help option with its text in the reader's language."""
        option = super().get_help_option(ctx)  # type: ignore[misc]
        if option is not None:
            option.help = texts(ctx)("help.help")
        return option  # type: ignore[no-any-return]


class Option(click.Option):
    """An option whose help is an id of messages.tsv."""

    def get_help_record(self, ctx: click.Context) -> tuple[str, str] | None:
        """The two columns of the option's help."""
        identifier = self.help
        if identifier is None:
            return super().get_help_record(ctx)
        text = texts(ctx)
        self.help = text(identifier)
        try:
            record = super().get_help_record(ctx)
        finally:
            self.help = identifier
        # Click writes this word itself, in English.
        return record and (record[0], record[1].replace("[default: ", "[" + text("help.default", value="")))


class Command(_Help, click.Command):
    """A command whose help is an id of messages.tsv."""


class LazyGroup(_Help, click.Group):
    """A group whose commands are imported when they are asked for, as click's documentation describes."""

    def __init__(self, *args: Any, lazy: Mapping[str, str], **kwargs: Any) -> None:
        """Args.

        Args:
            args: as for a group.
            lazy: name of a command → `module:object`.
            kwargs: as for a group.
        """
        super().__init__(*args, **kwargs)
        self.lazy = lazy

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """The names of the commands, in the order a person meets them."""
        return list(self.lazy)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - click's signature
        """The command, imported now."""
        place = self.lazy.get(cmd_name)
        if place is None:
            return None
        module, _, name = place.partition(":")
        command: click.Command = getattr(import_module(module), name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Writes the commands with their help, importing none of them."""
        text = texts(ctx)
        prefix = "help." if ctx.parent is None else f"help.{self.name}-"
        with formatter.section(text("help.commands")):
            formatter.write_dl([(name, text(prefix + name)) for name in self.lazy])

    def invoke(self, ctx: click.Context) -> Any:
        """Runs the command; whatever goes wrong becomes a message and an exit code."""
        if ctx.parent is not None:
            return super().invoke(ctx)
        try:
            result = super().invoke(ctx)
            sys.stdout.flush()
        except (click.exceptions.Exit, click.Abort):
            raise
        except BrokenPipeError:
            _forget_output()
            raise click.exceptions.Exit(_BROKEN_PIPE) from None
        except BaseException as error:  # noqa: BLE001 - the last place where an error can be put into words
            raise click.exceptions.Exit(_complain(error, ctx)) from None
        return result

    def main(self, args: Any = None, prog_name: str | None = None, **extra: Any) -> NoReturn:  # type: ignore[override]
        """Runs the program and exits; a command's return value is the exit code."""
        extra["standalone_mode"] = False
        code: object
        try:
            code = super().main(args, prog_name, **extra)
        except click.Abort:
            code = _complain(KeyboardInterrupt(), None)
        except click.ClickException as error:
            code = _complain(error, getattr(error, "ctx", None))
        sys.exit(code if isinstance(code, int) else 0)


def _forget_output() -> None:
    """Points standard output nowhere, so that the interpreter's last flush cannot complain either."""
    try:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except (OSError, ValueError):  # not a real file: nothing will flush it
        return


def _complain(error: BaseException, ctx: click.Context | None) -> int:
    """Writes what went wrong to standard error and says which exit code it means."""
    from migrate.errors import UserError
    from migrate.phrases import said
    from migrate.targets import TargetError

    text = texts(ctx)
    if isinstance(error, KeyboardInterrupt):
        click.echo(text("error.interrupted"), err=True)
        return 130
    if isinstance(error, UserError | TargetError):
        click.echo(text("error", message=_printable(said(str(error), text.language))), err=True)
        return 2
    if isinstance(error, click.ClickException):
        click.echo(text("error", message=_printable(said(error.format_message(), text.language))), err=True)
        usage = error.ctx if isinstance(error, click.UsageError) else None
        if usage is not None:
            click.echo(text("error.try", command=usage.command_path), err=True)
        return 2
    if isinstance(error, SystemExit):
        return error.code if isinstance(error.code, int) else 1
    if os.environ.get("MIGRATE_DEBUG") == "1":
        import traceback

        traceback.print_exception(error)
    click.echo(_internal(error, text), err=True)
    return 3


def _printable(message: str) -> str:
    """*message* with hostile characters of paths and names escaped, its line breaks kept."""
    from migrate.report.plain import visible

    return "\n".join(visible(line) for line in message.split("\n"))


def _internal(error: BaseException, text: Messages) -> str:
    """A fault of ours in two lines: its type, and the last place of our code it came through."""
    trace, place = error.__traceback__, "?"
    while trace is not None:
        file = trace.tb_frame.f_code.co_filename.replace(os.sep, "/")
        if "/migrate/" in file:
            place = f"migrate/{file.rpartition('/migrate/')[2]}:{trace.tb_lineno}"
        trace = trace.tb_next
    return text("error.internal", type=type(error).__name__, place=place, message=_printable(str(error)))
