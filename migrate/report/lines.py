"""Source lines read back for display; a file that changed or went away since the scan shows no line."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from migrate.report.plain import cut, visible, width

if TYPE_CHECKING:
    from collections.abc import Mapping

    from migrate.model import FileResult, Use
    from migrate.source import Source


class SourceLines:
    """Reads the files of a scan again, the last one kept, since places come file by file."""

    def __init__(self, given: Mapping[str, bytes] | None = None) -> None:
        """Args.

        Args:
            given: bytes of files that cannot be read again, by path: standard input.
        """
        self._given = dict(given or {})
        self._sources: dict[str, Source | None] = {}

    def text(self, file: FileResult, use: Use, columns: int) -> str:
        """At most *columns* terminal columns of the line of *use*, its start in sight; "" when it cannot be read again.

        The indentation is left out, and nothing in it can drive a terminal. A file whose size is no longer the scanned
        one is not trusted: its lines may have moved.
        """
        source = self._source(file)
        if source is None:
            return ""
        try:
            line = source.line_text(use.line)
        except IndexError:
            return ""
        start = use.column - 1
        if width(line[:start].lstrip()) > columns * 2 // 3 and width(line.strip()) > columns:
            line = "…" + line[max(start - columns // 3, 0) :]
        return cut(visible(line.strip()), columns)

    def _source(self, file: FileResult) -> Source | None:
        if file.path not in self._sources:
            if len(self._sources) > 64:  # a group's places lie in few files; the whole tree need not stay in memory
                self._sources.clear()
            self._sources[file.path] = self._read(file)
        return self._sources[file.path]

    def _read(self, file: FileResult) -> Source | None:
        from migrate.source import Source

        data = self._given.get(file.path)
        if data is None:
            try:
                data = Path(file.path).read_bytes()
            except (OSError, ValueError):
                return None
        return Source(data, file.encoding) if len(data) == file.size else None
