"""Results of earlier scans: one SQLite file in the user's cache folder.

A result is kept by content: its key holds the bytes' digest and all else it depends on, so it is never wrong, only
unused. First looks are kept by file: as git's index does, an unchanged size, time and inode stand for unchanged bytes.
Any trouble with the database (damaged, locked, no space) means "no cache", never a failure. WAL lets processes share it
and survives kill -9; the parent process alone reads and writes it.
"""

from __future__ import annotations

import os
import sys
import time
import zlib
from pathlib import Path
from typing import TYPE_CHECKING

from migrate.hashes import blake2b

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator, Sequence

#: The file may grow to so many bytes; results unused for longest go first.
LIMIT = 500_000_000

#: What is unused for so many days is dropped in any case.
DAYS = 30

#: A file changed so recently (nanoseconds) may change again within its time stamp's grain: it is not remembered.
_RACY = 2_000_000_000

_DAY = 86_400

#: What is new is written whenever it comes to so many bytes.
_BATCH = 8_000_000

#: How names of files become bytes.
_FILE_NAMES = (sys.getfilesystemencoding(), sys.getfilesystemencodeerrors())

#: Marks a database whose tables are as `_TABLES` says; one with another mark is emptied.
_LAYOUT = 0x6D696702

#: A row's short columns stand before its long one, behind which SQLite would have to read all of that.
_TABLES = (
    "CREATE TABLE IF NOT EXISTS result (key BLOB PRIMARY KEY, used INTEGER, digest INTEGER, blob BLOB)",
    "CREATE TABLE IF NOT EXISTS look (key BLOB PRIMARY KEY, used INTEGER, digest INTEGER, stamp BLOB, blob BLOB)",
)


def folder() -> Path:
    """The user's cache folder for this tool: MIGRATE_CACHE_DIR, else what the platform says."""
    own = os.environ.get("MIGRATE_CACHE_DIR")
    if own:
        return Path(own)
    if sys.platform == "win32":
        base = os.environ.get("LOCALAPPDATA") or str(Path.home() / "AppData" / "Local")
    elif sys.platform == "darwin":
        base = str(Path.home() / "Library" / "Caches")
    else:
        base = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(base) / "cuda-migrate"


def key(*parts: str) -> bytes:
    """A key made of *parts*."""
    return blake2b("\0".join(parts).encode("utf-8", "surrogateescape"), digest_size=16).digest()


class Cache:
    """Results by key, and first looks by file; closed it writes what is new.

    Args:
        path: the folder it lies in; None for no cache.
        state: what a first look depends on besides the file: program and tables.
    """

    def __init__(self, path: Path | None, state: str = "") -> None:
        self._base: sqlite3.Connection | None = None
        self._state = state.encode()
        self._here = os.getcwd()  # noqa: PTH109 - a string all the way
        self._began = time.time_ns()
        self._today = self._began // 1_000_000_000 // _DAY
        self._new: dict[bytes, bytes] = {}
        self._looks: dict[bytes, tuple[bytes, bytes]] = {}
        self._size = 0  # bytes of both
        self._used: list[bytes] = []
        self._looked: list[bytes] = []
        if path is not None:
            self._open(path)

    def _open(self, path: Path) -> None:
        import sqlite3

        try:
            path.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._base = _connect(path / "results.sqlite")
        except (OSError, sqlite3.Error):
            self._base = None

    @property
    def is_open(self) -> bool:
        """Whether anything can be found or kept."""
        return self._base is not None

    def get_many(self, keys: Sequence[bytes]) -> dict[bytes, bytes]:
        """The results kept under *keys*; damaged ones are left out."""
        found: dict[bytes, bytes] = {}
        for name, used, digest, blob in self._rows("SELECT key, used, digest, blob FROM result", keys):
            if zlib.crc32(blob) == digest:
                found[name] = blob
                if used != self._today:
                    self._used.append(name)
        return found

    def put(self, name: bytes, blob: bytes) -> None:
        """Keeps *blob* under *name*."""
        if self._base is not None:
            self._new[name] = blob
            self._grown(len(blob))

    def stamp(self, file: str, language: str) -> tuple[bytes, bytes] | None:
        """Name and state of a file on disk, for `looks` and `remember`; None when it cannot be asked."""
        try:
            status = os.stat(file)  # noqa: PTH116 - 40,000 Path objects cost 90 ms
        except OSError:
            return None
        racy = self._began - status.st_mtime_ns <= _RACY
        path = file if file.startswith("/") else os.path.join(self._here, file)  # noqa: PTH118
        name = blake2b(f"{language}\0{path}".encode(*_FILE_NAMES), digest_size=16).digest()
        if racy:
            return name, b""
        changed = status.st_mtime_ns, status.st_ctime_ns
        return name, b"%s %d %d %d %d" % (self._state, status.st_size, *changed, status.st_ino)

    def looks(self, stamps: dict[bytes, bytes]) -> Iterator[tuple[bytes, bytes]]:
        """The looks remembered for files that are still as *stamps* (name → state) says, each with its name."""
        for name, used, digest, stamp, blob in self._rows(
            "SELECT key, used, digest, stamp, blob FROM look", list(stamps)
        ):
            if stamp == stamps[name] and zlib.crc32(blob) == digest:
                if used != self._today:
                    self._looked.append(name)
                yield name, blob

    def remember(self, name: bytes, state: bytes, blob: bytes) -> None:
        """Remembers *blob* for the file *name* while it is in *state*; not for one that was just written."""
        if self._base is not None and state:
            self._looks[name] = state, blob
            self._grown(len(blob))

    def close(self) -> None:
        """Writes what is new and, once a day, forgets what nobody asked for."""
        if self._base is None:
            return
        import sqlite3

        self._write()
        try:
            if self._base is not None:
                with self._base as base:
                    self._sweep(base)
                self._base.close()
        except sqlite3.Error:
            pass
        self._base = None

    def _sweep(self, base: sqlite3.Connection) -> None:
        if base.execute("PRAGMA user_version").fetchone()[0] != self._today:
            base.execute("DELETE FROM result WHERE used < ?", (self._today - DAYS,))
            base.execute("DELETE FROM look WHERE used < ?", (self._today - DAYS,))
            base.execute(f"PRAGMA user_version = {self._today}")
        pages, free, page = (
            base.execute(f"PRAGMA {name}").fetchone()[0] for name in ("page_count", "freelist_count", "page_size")
        )
        if (pages - free) * page > LIMIT:  # at most so much: only then is it worth counting
            (size,) = base.execute("SELECT coalesce(sum(length(blob)), 0) FROM result").fetchone()
            (looks,) = base.execute("SELECT coalesce(sum(length(blob)), 0) FROM look").fetchone()
            if size + looks > LIMIT:
                _shrink(base, size + looks - LIMIT * 3 // 4)

    def _grown(self, size: int) -> None:
        self._size += size
        if self._size > _BATCH:
            self._write()

    def _rows(self, statement: str, keys: Sequence[bytes]) -> Iterator[tuple]:  # type: ignore[type-arg]
        import sqlite3

        for start in range(0, len(keys), 500):
            some = keys[start : start + 500]
            if self._base is None:
                return
            try:
                rows = self._base.execute(f"{statement} WHERE key IN ({','.join('?' * len(some))})", some).fetchall()
            except sqlite3.Error:
                self._base = None
                return
            yield from rows

    def _write(self) -> None:
        import sqlite3

        if self._base is None:
            return
        today = self._today
        try:
            with self._base as base:
                base.executemany(
                    "INSERT OR REPLACE INTO result VALUES (?, ?, ?, ?)",
                    [(name, today, zlib.crc32(blob), blob) for name, blob in self._new.items()],
                )
                base.executemany(
                    "INSERT OR REPLACE INTO look VALUES (?, ?, ?, ?, ?)",
                    [(name, today, zlib.crc32(blob), state, blob) for name, (state, blob) in self._looks.items()],
                )
                base.executemany("UPDATE result SET used = ? WHERE key = ?", [(today, name) for name in self._used])
                base.executemany("UPDATE look SET used = ? WHERE key = ?", [(today, name) for name in self._looked])
        except sqlite3.Error:
            self._base = None
        for done in (self._new, self._looks, self._used, self._looked):
            done.clear()
        self._size = 0


def _connect(path: Path) -> sqlite3.Connection:
    """The database at *path*; a damaged one is put aside and begun anew.

    Raises:
        sqlite3.Error, OSError: it can neither be opened nor begun.
    """
    import sqlite3

    for attempt in (1, 2):
        base = sqlite3.connect(path, timeout=2.0, isolation_level="DEFERRED")
        try:
            base.execute("PRAGMA journal_mode=WAL")
            base.execute("PRAGMA synchronous=NORMAL")
            if not _laid_out(base):
                base.execute("BEGIN IMMEDIATE")
                if not _laid_out(base):  # no other process has done it meanwhile
                    for (table,) in base.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
                        base.execute(f'DROP TABLE "{table}"')
                    for statement in _TABLES:
                        base.execute(statement)
                    base.execute(f"PRAGMA application_id = {_LAYOUT}")
                base.commit()
        except sqlite3.OperationalError:  # locked by another process: do without
            base.close()
            raise
        except sqlite3.DatabaseError:
            base.close()
            if attempt == 2:
                raise
            for suffix in ("", "-wal", "-shm"):
                path.with_name(path.name + suffix).unlink(missing_ok=True)
            continue
        return base
    raise sqlite3.DatabaseError(path)


def _laid_out(base: sqlite3.Connection) -> bool:
    return bool(base.execute("PRAGMA application_id").fetchone()[0] == _LAYOUT)


def _shrink(base: sqlite3.Connection, excess: int) -> None:
    """Drops what is unused for longest until *excess* bytes are gone: results first, then looks."""
    for table in ("result", "look"):
        gone = []
        for name, size in base.execute(f"SELECT key, length(blob) FROM {table} ORDER BY used, rowid"):  # noqa: S608
            if excess <= 0:
                break
            gone.append((name,))
            excess -= size
        base.executemany(f"DELETE FROM {table} WHERE key = ?", gone)  # noqa: S608 - one of two names
