"""From settings to a scan."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from migrate.cli._output import Progress
from migrate.errors import UserError

if TYPE_CHECKING:
    from migrate.config import Settings
    from migrate.messages import Messages
    from migrate.model import Scan, Target

#: Name of what comes on standard input when none is given: CUDA, so that it is read as such.
_STDIN = "stdin.cu"


class Run(NamedTuple):
    """A scan and what its reports need besides."""

    scan: Scan
    given: dict[str, bytes]  # bytes that cannot be read again, by path


def analyse(settings: Settings, targets: tuple[Target, ...], text: Messages, *, to_rewrite: bool = False) -> Run:
    """Scans the paths of *settings* for *targets*, *to_rewrite* only for what edits rest on.

    Raises:
        UserError: a path does not exist.
    """
    from migrate import cache, pipeline
    from migrate.source import MAX_FILE_SIZE

    for path in settings.paths:
        if path != "-" and not os.path.lexists(path):
            raise UserError(text("error.missing-path", path=path))
    for folder in settings.rules:
        if not os.path.isdir(folder):  # noqa: PTH112 - a string all the way
            raise UserError(text("error.missing-path", path=folder))
    stdin = sys.stdin.buffer.read() if "-" in settings.paths else None
    name = settings.stdin_filename or _STDIN
    progress = Progress(text)
    try:
        scan = pipeline.scan_paths(
            settings.paths,
            targets,
            rules_dirs=[Path(folder) for folder in settings.rules],
            exclude=settings.exclude,
            extend_exclude=settings.extend_exclude,
            include=settings.include,
            respect_gitignore=settings.respect_gitignore,
            force_exclude=settings.force_exclude,
            stdin=stdin,
            stdin_filename=name,
            max_file_size=MAX_FILE_SIZE if settings.max_file_size is None else settings.max_file_size,
            jobs=settings.jobs or 0,
            executor=settings.executor,
            cache_dir=cache.folder() if settings.cache else None,
            progress=progress.callback(),
            to_rewrite=to_rewrite,
        )
    finally:
        progress.clear()
    return Run(scan, {} if stdin is None else {name: stdin})
