"""Tables in a form that loads at once, kept in the user's cache folder: a hook would spend 50 ms on reading them.

A kept form holds for the tables' names, sizes and times and for this Python; it is written under another name and then
renamed, so it is there as a whole or not at all. Whatever is wrong with it, the tables themselves are read.
"""

from __future__ import annotations

import contextlib
import marshal
import mmap
import os
import sys
import time
import zlib
from typing import TYPE_CHECKING, Any, NamedTuple

from migrate.hashes import blake2b

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

#: Where the forms are kept, None for nowhere; set once by whoever knows the settings.
_folder: Path | None = None
_version = ""

#: Changes whenever what is kept changes its form.
_FORMAT = "3"

#: Tables changed so recently (nanoseconds) may change again within their time stamps' grain: nothing is kept of them.
_RACY = 2_000_000_000

#: What forms are made from; whatever else lies in the folder (compiled Python) says nothing of them.
_KINDS = (".tsv", ".toml", ".py")

#: A form that has been in the making for so many seconds was left by a process that was killed.
_STALE = 60


class Text(NamedTuple):
    """Lines that are read where they lie."""

    whole: bytes | mmap.mmap
    start: int  # where the first begins

    def line(self, offset: int) -> bytes:
        """The line that begins at *offset*."""
        begin = self.start + offset
        return self.whole[begin : self.whole.find(b"\n", begin)]


def keep_in(place: Path | None, version: str) -> None:
    """Keeps compiled tables in *place* from now on, None for nowhere; another *version* of the tool reads its own."""
    global _folder, _version
    _folder, _version = place, version


def folder() -> Path | None:
    """Where compiled tables are kept, None for nowhere."""
    return _folder


def kept(tables: Path, make: Callable[[], tuple[Any, bytes]]) -> tuple[Any, Text]:
    """What *make* makes of the folder *tables*, from an earlier run when nothing has changed since.

    Args:
        tables: a folder of tables, or of modules that hold them; its last component names the form.
        make: gives a value that `marshal` can write, and bytes that are only looked into here and there.
    """
    if _folder is None:
        value, text = make()
        return value, Text(text, 0)
    state, changed = _state(tables)
    path = _folder / f"tables-{tables.name}.bin"
    try:
        with open(path, "rb") as file:  # noqa: PTH123 - a quarter of pathlib's time
            found = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        view = memoryview(found)
        if view[:16] == state and zlib.crc32(view[20:]).to_bytes(4, "little") == view[16:20]:
            start = 28 + int.from_bytes(view[20:28], "little")
            return marshal.loads(view[28:start]), Text(found, start)  # noqa: S302 - our own file, checksum right
    except (OSError, ValueError, TypeError, EOFError):
        pass
    value, text = make()
    if time.time_ns() - changed > _RACY:
        _keep(path, state, value, text)
    return value, Text(text, 0)


def digest_of(tables: Path) -> str:
    """A digest of what stands in the tables and manifests of a folder."""
    state = blake2b(digest_size=16)
    for path in sorted(tables.rglob("*.t?*")):
        if path.suffix in (".tsv", ".toml"):
            state.update(path.name.encode())
            state.update(path.read_bytes())
    return state.hexdigest()


def _keep(path: Path, state: bytes, value: Any, text: bytes) -> None:
    blob = marshal.dumps(value)
    blob = len(blob).to_bytes(8, "little") + blob + text
    new = path.with_name(f"{path.name}.new")
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with new.open("xb") as file:
            file.write(state + zlib.crc32(blob).to_bytes(4, "little") + blob)
        new.replace(path)
    except FileExistsError:  # another process is at it, or was when it was killed
        with contextlib.suppress(OSError):
            if time.time() - new.stat().st_mtime > _STALE:
                new.unlink()
    except OSError:
        with contextlib.suppress(OSError):
            new.unlink()


def _state(tables: Path) -> tuple[bytes, int]:
    """What a kept form of *tables* holds for, and when a table changed last (nanoseconds)."""
    state = blake2b(f"{_FORMAT} {_version} {sys.implementation.cache_tag} {tables}".encode(), digest_size=16)
    last = 0
    for inner, _, names in sorted(os.walk(tables)):
        for name in sorted(names):
            if not name.endswith(_KINDS):
                continue
            status = os.stat(os.path.join(inner, name))  # noqa: PTH116, PTH118 - 60 Path objects cost 1 ms
            last = max(last, status.st_mtime_ns)
            state.update(f"{name} {status.st_size} {status.st_mtime_ns} {status.st_ctime_ns}\n".encode())
    return state.digest(), last
