"""Results of earlier scans, by content: one SQLite file in the user's cache folder.

An entry's key holds the bytes' digest and all else the result depends on, so an entry is never wrong, only unused.
Any trouble with the file (damaged, locked, no space) means "no cache", never a failure. WAL lets processes share it and
survives kill -9; the parent process alone reads and writes it.
"""

from __future__ import annotations

import os
import pickle
import sys
import time
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Sequence

#: The file may grow to so many bytes; entries unused for longest go first.
LIMIT = 500_000_000

#: Entries unused for so many days are dropped in any case.
DAYS = 30

#: A file changed so recently (nanoseconds) may change again within its time stamp's grain: it is not remembered.
_RACY = 2_000_000_000

_DAY = 86_400


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
    """Values by key, and digests of files by path, size and time; closed it writes what is new."""

    def __init__(self, path: Path | None) -> None:
        self._base: sqlite3.Connection | None = None
        self._new: dict[bytes, bytes] = {}
        self._used: set[bytes] = set()
        self._stamps: dict[bytes, tuple[bytes, bytes]] = {}
        self._today = int(time.time()) // _DAY
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

    def get_many(self, keys: Sequence[bytes]) -> dict[bytes, object]:
        """The values kept under *keys*; damaged ones are left out."""
        found: dict[bytes, object] = {}
        for some in _slices(keys):
            marks = ",".join("?" * len(some))
            for name, check, blob, used in self._rows(
                f"SELECT key, digest, blob, used FROM entry WHERE key IN ({marks})",  # noqa: S608 - question marks
                some,
            ):
                if blake2b(blob, digest_size=8).digest() != check:
                    continue
                try:
                    found[name] = pickle.loads(blob)  # noqa: S301 - our own file in the user's own folder, digest checked
                except Exception:  # noqa: BLE001, S112 - whatever a foreign pickle raises, it is no value
                    continue
                if used != self._today:
                    self._used.add(name)
        return found

    def put(self, name: bytes, value: object) -> None:
        """Keeps *value* under *name*."""
        if self._base is not None:
            self._new[name] = pickle.dumps(value, pickle.HIGHEST_PROTOCOL)
            if len(self._new) >= 2000:
                self._write()

    def digests(self, files: Iterable[tuple[str, os.stat_result]]) -> dict[str, bytes]:
        """The keys remembered for *files* whose size, time and inode are unchanged, by path."""
        stamps = {blake2b(os.fsencode(file), digest_size=16).digest(): (file, _stamp(status)) for file, status in files}
        found = {}
        for some in _slices(list(stamps)):
            marks = ",".join("?" * len(some))
            for name, stamp, value in self._rows(
                f"SELECT path, stamp, value FROM file WHERE path IN ({marks})",  # noqa: S608 - question marks
                some,
            ):
                file, now = stamps[name]
                if stamp == now:
                    found[file] = value
        return found

    def remember(self, file: str, status: os.stat_result, value: bytes) -> None:
        """Remembers *value* for *file* while its size, time and inode stay; a file just written is not remembered."""
        if self._base is not None and time.time_ns() - status.st_mtime_ns > _RACY:
            self._stamps[blake2b(os.fsencode(file), digest_size=16).digest()] = (_stamp(status), value)

    def close(self) -> None:
        """Writes what is new and forgets what nobody asked for."""
        if self._base is None:
            return
        import sqlite3

        self._write()
        try:
            with self._base as base:
                base.execute("DELETE FROM entry WHERE used < ?", (self._today - DAYS,))
                base.execute("DELETE FROM file WHERE used < ?", (self._today - DAYS,))
                (size,) = base.execute("SELECT coalesce(sum(length(blob)), 0) FROM entry").fetchone()
                if size > LIMIT:
                    _shrink(base, size - LIMIT * 3 // 4)
            self._base.close()
        except sqlite3.Error:
            pass
        self._base = None

    def _rows(self, statement: str, values: Sequence[bytes]) -> list[tuple]:  # type: ignore[type-arg]
        import sqlite3

        if self._base is None:
            return []
        try:
            return self._base.execute(statement, values).fetchall()
        except sqlite3.Error:
            self._base = None
            return []

    def _write(self) -> None:
        import sqlite3

        if self._base is None:
            return
        try:
            with self._base as base:
                base.executemany(
                    "INSERT OR REPLACE INTO entry VALUES (?, ?, ?, ?)",
                    [
                        (name, blake2b(blob, digest_size=8).digest(), blob, self._today)
                        for name, blob in self._new.items()
                    ],
                )
                base.executemany(
                    "UPDATE entry SET used = ? WHERE key = ?", [(self._today, name) for name in self._used]
                )
                base.executemany(
                    "INSERT OR REPLACE INTO file VALUES (?, ?, ?, ?)",
                    [(path, stamp, value, self._today) for path, (stamp, value) in self._stamps.items()],
                )
        except sqlite3.Error:
            self._base = None
        self._new.clear()
        self._used.clear()
        self._stamps.clear()


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
            base.execute(
                "CREATE TABLE IF NOT EXISTS entry (key BLOB PRIMARY KEY, digest BLOB, blob BLOB, used INTEGER)"
            )
            base.execute(
                "CREATE TABLE IF NOT EXISTS file (path BLOB PRIMARY KEY, stamp BLOB, value BLOB, used INTEGER)"
            )
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


def _shrink(base: sqlite3.Connection, excess: int) -> None:
    """Drops the entries unused for longest until *excess* bytes are gone."""
    gone = []
    for name, size in base.execute("SELECT key, length(blob) FROM entry ORDER BY used, rowid"):
        gone.append((name,))
        excess -= size
        if excess <= 0:
            break
    base.executemany("DELETE FROM entry WHERE key = ?", gone)


def _stamp(status: os.stat_result) -> bytes:
    return f"{status.st_size} {status.st_mtime_ns} {status.st_ino}".encode()


def _slices(keys: Sequence[bytes], length: int = 500) -> Iterable[Sequence[bytes]]:
    return (keys[start : start + length] for start in range(0, len(keys), length))
