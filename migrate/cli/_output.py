"""Where output goes: the terminal, or a file that is replaced only when everything was written."""

from __future__ import annotations

import os
import sys
import time
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, TextIO

from migrate.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from migrate.messages import Messages

#: Seconds before progress is worth showing, and between two updates of it.
_PATIENCE, _PAUSE = 1.0, 0.1


@contextmanager
def output(path: str | None, text: Messages) -> Iterator[TextIO]:
    """A handle that takes text; UTF-8 with LF line ends in files.

    A file is written beside its place and renamed over it when the block ends well; an error leaves the old file alone.
    Something that is no ordinary file (`/dev/stdout`, a pipe) is written directly.

    Raises:
        UserError: the file cannot be made, written or replaced.
    """
    if path is None or path == "-":
        yield standard_output()
        return
    place = os.path.realpath(path)
    if os.path.exists(place) and not os.path.isfile(place):  # noqa: PTH110, PTH113 - a string all the way
        with _open(place, path, text) as handle:
            yield handle
        return
    temporary = f"{place}.{os.getpid()}.tmp"
    try:
        with _open(temporary, path, text) as handle:
            yield handle
        try:
            if os.path.isfile(place):  # noqa: PTH113
                os.chmod(temporary, os.stat(place).st_mode & 0o7777)  # noqa: PTH101, PTH116
            os.replace(temporary, place)  # noqa: PTH105
        except OSError as error:
            raise UserError(text("error.write", path=path, reason=error.strerror)) from error
        _tidy(place)
    finally:
        if os.path.exists(temporary):  # noqa: PTH110
            os.unlink(temporary)  # noqa: PTH108


def _tidy(place: str) -> None:
    """Removes what processes that were killed in the middle left beside *place*; what cannot be removed stays."""
    head, tail = f"{os.path.basename(place)}.", ".tmp"  # noqa: PTH119 - a string all the way
    with suppress(OSError):
        for entry in os.scandir(os.path.dirname(place) or "."):  # noqa: PTH120
            process = entry.name[len(head) : -len(tail)]
            if entry.name.startswith(head) and entry.name.endswith(tail) and process.isdecimal():
                from migrate.rewrite.write import is_running

                if not is_running(int(process)):
                    os.unlink(entry.path)  # noqa: PTH108


def _open(place: str, path: str, text: Messages) -> TextIO:
    try:
        return open(place, "w", encoding="utf-8", newline="\n")  # noqa: PTH123 - the caller closes it
    except OSError as error:
        raise UserError(text("error.write", path=path, reason=error.strerror)) from error


def standard_output() -> TextIO:
    """Standard output that can take any text, whatever the locale."""
    reconfigure = getattr(sys.stdout, "reconfigure", None)
    if reconfigure is not None:
        if sys.stdout.isatty():
            reconfigure(errors="backslashreplace")
        else:
            reconfigure(encoding="utf-8", newline="\n")
    return sys.stdout


def use_colour(when: str, path: str | None) -> bool:
    """Whether text may carry colour: *when* is auto, always or never; a set NO_COLOR turns `auto` off."""
    if when != "auto":
        return when == "always"
    if os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb" or path not in (None, "-"):
        return False
    return sys.stdout.isatty()


class Progress:
    """A line on a terminal's standard error that counts files, shown only when the wait is long."""

    def __init__(self, text: Messages) -> None:
        """Counts nothing yet; *text* has the words."""
        self._text = text
        self._started = self._shown = time.monotonic()
        self._width = 0

    def callback(self) -> Callable[[int, int], None] | None:
        """What the analysis calls with (files done, files in all); None where nobody would see it."""
        # pre-commit gives hooks a pseudo-terminal and shows what they wrote when they end.
        return self._update if sys.stderr.isatty() and os.environ.get("PRE_COMMIT") != "1" else None

    def _update(self, done: int, total: int) -> None:
        now = time.monotonic()
        if now - self._started < _PATIENCE or now - self._shown < _PAUSE:
            return
        self._shown = now
        line = self._text("progress", done=f"{done:,}", total=f"{total:,}")
        sys.stderr.write("\r" + line.ljust(self._width))
        sys.stderr.flush()
        self._width = max(self._width, len(line))

    def clear(self) -> None:
        """Removes the line."""
        if self._width:
            sys.stderr.write("\r" + " " * 2 * self._width + "\r")
            sys.stderr.flush()
            self._width = 0
