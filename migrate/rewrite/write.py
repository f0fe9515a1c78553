"""Bringing bytes to disk so that a kill at any moment leaves every file old or new, and nothing half.

A new file is written beside the old one, made durable, and renamed over it. What a killed run leaves behind are
temporary files whose name says which process made them; the next run takes those of dead processes away.
"""
# ruff: noqa: PTH103, PTH105, PTH108, PTH116, PTH118, PTH120, PTH123
# Paths stay strings, as the scan has them, with bytes that are no UTF-8 as surrogates.

from __future__ import annotations

import os
import re
import stat
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_TEMPORARY = re.compile(r"\.migrate-(\d+)-\d+\.tmp")
_count = 0


def replace(path: str, data: bytes, *, backup: str = "") -> None:
    """Replaces the content of *path* in one step; its permissions stay, a link stays a link.

    Args:
        path: an existing file.
        data: the new content.
        backup: suffix under which the old file is kept beside, "" to keep none; an existing backup is not overwritten.

    Raises:
        OSError: the file cannot be written; the old content is then untouched.
    """
    place = os.path.realpath(path)
    mode = stat.S_IMODE(os.stat(place).st_mode)
    if backup and not os.path.lexists(place + backup):
        _durable(place + backup, _read(place), mode)
    _durable(place, data, mode)


def create(path: str, data: bytes, mode: int = 0o644) -> None:
    """Writes a file that may not exist yet, with its folders.

    Raises:
        OSError: it cannot be written.
    """
    folder = os.path.dirname(path)
    if folder:
        os.makedirs(folder, exist_ok=True)
    _durable(os.path.realpath(path), data, mode, sync=False)


def clean(folders: Iterable[str]) -> int:
    """Removes temporary files that killed runs left in *folders*; returns how many there were."""
    removed = 0
    for folder in sorted(set(folders)):
        try:
            with os.scandir(folder or ".") as listing:
                found = [(entry.path, match) for entry in listing if (match := _TEMPORARY.fullmatch(entry.name))]
        except OSError:
            continue
        for path, match in found:
            if not is_running(int(match[1])):
                with suppress(OSError):
                    os.unlink(path)
                    removed += 1
    return removed


def _durable(place: str, data: bytes, mode: int, *, sync: bool = True) -> None:
    global _count  # noqa: PLW0603 - a name for each temporary file of this process
    _count += 1
    temporary = os.path.join(os.path.dirname(place), f".migrate-{os.getpid()}-{_count}.tmp")
    handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with open(handle, "wb") as stream:
            stream.write(data)
            stream.flush()
            os.fchmod(stream.fileno(), mode)
            if sync:
                os.fsync(stream.fileno())
        os.replace(temporary, place)
    except BaseException:
        with suppress(OSError):
            os.unlink(temporary)
        raise


def _read(place: str) -> bytes:
    with open(place, "rb") as stream:
        return stream.read()


def is_running(process: int) -> bool:
    """Whether there is a process with this number; it is taken to be where the system cannot be asked."""
    if process == os.getpid() or os.name != "posix":
        return True
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True
