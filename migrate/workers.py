"""Who does the work: this process, processes on all cores, or an existing Dask cluster; the results are the same.

Work goes out in chunks of whole files. A chunk names files to open (this machine) or carries their bytes (a cluster).
Results come back as bytes (`migrate.packed`), in any order, each with the number of its item.
"""

from __future__ import annotations

import marshal
import os
import sys
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from migrate import __version__
from migrate.analysis import analyse_bytes, look
from migrate.errors import UserError
from migrate.hashes import blake2b
from migrate.packed import FORMAT, pack, pack_look
from migrate.parse.macros import Learned
from migrate.source import TooLargeError, read, read_failure
from migrate.tables import compiled
from migrate.tables.inventory import Inventory
from migrate.tables.rules import rules_dir

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from concurrent.futures import Executor, Future

#: A chunk holds about so many bytes of source: long enough to hide its travel, short enough to keep every core busy.
CHUNK_BYTES = 1_000_000
CHUNK_FILES = 64

#: Below so much work (files, bytes) starting processes costs more than it saves (two spawned ones need 0.3 s).
WORTH_FILES = 120
WORTH_BYTES = 2_000_000


class Item(NamedTuple):
    """One file to work on."""

    number: int  # given back with the result
    file: str  # what to open when *data* is None
    language: str
    size: int  # bytes, to fill chunks evenly
    data: bytes | None = None
    words: bytes | None = None  # for the analysis: what the first look found, joined by blanks; None when forgotten
    cuda: bool = False  # CUDA whatever its suffix says, because a CUDA file includes it
    to_rewrite: bool = False  # for the analysis: only what edits rest on
    kernels: bool = True  # for the analysis: what each kernel computes, which targets with CUDA's threads do not ask


class Failure(NamedTuple):
    """A file that could not be read."""

    state: str  # skipped or unreadable
    reason: str


class Workers(Protocol):
    """What runs the two steps over many files."""

    carries_bytes: bool  # items must bring their bytes

    def look(self, items: Iterable[Item], max_file_size: int) -> Iterator[tuple[int, bytes | Failure, bytes | None]]:
        """First looks, packed; the file's bytes come back where they stayed in this process."""

    def analyse(
        self, items: Iterable[Item], learned: Learned, max_file_size: int
    ) -> Iterator[tuple[int, bytes | Failure]]:
        """Results, packed, without paths."""

    def close(self, *, cancel: bool = False) -> None:
        """Ends the workers; with *cancel* at once."""


@lru_cache(maxsize=1)
def inventory() -> Inventory:
    """CUDA's names, read once a process."""
    return Inventory.load(rules_dir())


def _open(item: Item, max_file_size: int) -> bytes | Failure:
    if item.data is not None:
        if 0 < max_file_size < len(item.data):
            return Failure("skipped", "larger than --max-file-size")
        return item.data
    try:
        return read(item.file, max_file_size)
    except TooLargeError as error:
        return Failure("skipped", read_failure(error))
    except OSError as error:
        return Failure("unreadable", read_failure(error))


def look_item(item: Item, max_file_size: int) -> tuple[int, bytes | Failure, bytes | None]:
    """The first look at one file."""
    data = _open(item, max_file_size)
    if isinstance(data, Failure):
        return item.number, data, None
    return item.number, pack_look(look(data, item.language, inventory())), data


def analyse_item(item: Item, learned: Learned, max_file_size: int) -> tuple[int, bytes | Failure]:
    """The analysis of one file."""
    data = _open(item, max_file_size)
    if isinstance(data, Failure):
        return item.number, data
    try:
        words = None if item.words is None else frozenset(item.words.split())
        result = analyse_bytes(
            "",
            item.language,
            data,
            inventory(),
            learned,
            words,
            cuda=item.cuda,
            to_rewrite=item.to_rewrite,
            kernels=item.kernels,
        )
        return item.number, pack(result)
    except Exception as error:
        if os.environ.get("MIGRATE_DEBUG"):
            raise
        # One file that we cannot cope with must not cost the answers for all others.
        return item.number, Failure(
            "unreadable", f"fault of migrate ({type(error).__name__}: {error}); please report it"
        )


class Serial:
    """Works in this process, one file after the other."""

    carries_bytes = False

    def look(self, items: Iterable[Item], max_file_size: int) -> Iterator[tuple[int, bytes | Failure, bytes | None]]:
        """First looks, in order."""
        for item in items:
            yield look_item(item, max_file_size)

    def analyse(
        self, items: Iterable[Item], learned: Learned, max_file_size: int
    ) -> Iterator[tuple[int, bytes | Failure]]:
        """Analyses, in order."""
        for item in items:
            yield analyse_item(item, learned, max_file_size)

    def close(self, *, cancel: bool = False) -> None:
        """Nothing to end."""


def look_chunk(chunk: list[Item], max_file_size: int, made_by: str) -> list[tuple[int, bytes | Failure, None]]:
    """First looks at a chunk, in a worker; bytes stay there."""
    _same_version(made_by)
    return [(number, found, None) for number, found, _ in (look_item(item, max_file_size) for item in chunk)]


def analyse_chunk(
    chunk: list[Item], learned: bytes, max_file_size: int, made_by: str
) -> list[tuple[int, bytes | Failure]]:
    """Analyses of a chunk, in a worker; *learned* is made bytes once for all chunks."""
    _same_version(made_by)
    known = _unpickled(learned)
    return [analyse_item(item, known, max_file_size) for item in chunk]


@lru_cache(maxsize=2)
def _unpickled(learned: bytes) -> Learned:
    return Learned(*marshal.loads(learned))  # noqa: S302 - made by our own parent process


@lru_cache(maxsize=1)
def version() -> str:
    """Tool and inventory in one word: results of workers with another word must not be mixed."""
    return f"{__version__}+{inventory_digest()}.{FORMAT}"


@lru_cache(maxsize=1)
def build() -> str:
    """The state of this program's files and CUDA's name tables: results of others must not be taken for this one's.

    Sizes and times suffice, since a cache stays on its machine; reading the files would cost 20 ms.
    """
    state = blake2b(f"{__version__} {FORMAT} {sys.implementation.cache_tag}".encode(), digest_size=8)
    tables = [*os.walk(rules_dir() / "cuda"), *os.walk(rules_dir() / "ptx")]
    for folder, _, names in [*sorted(os.walk(Path(__file__).parent)), *tables]:
        for name in sorted(names):
            if name.endswith((".py", ".tsv")):
                status = os.stat(os.path.join(folder, name))  # noqa: PTH116, PTH118 - 100 Path objects cost 1 ms
                state.update(f"{name} {status.st_size} {status.st_mtime_ns}\n".encode())
    return state.hexdigest()


@lru_cache(maxsize=1)
def inventory_digest() -> str:
    """A digest of the tables of CUDA's names and of PTX, on which every analysis rests."""
    digests = inventory().digest + compiled.digest_of(rules_dir() / "ptx")
    return blake2b(digests.encode(), digest_size=8).hexdigest()


def _same_version(made_by: str) -> None:
    if made_by and made_by != version():
        raise UserError(
            f"a worker runs migrate {version()}, this command {made_by}; install the same cuda-migrate on every worker"
        )


class Pool:
    """Works through any executor of concurrent.futures, a bounded number of chunks under way at once."""

    def __init__(self, executor: Executor, *, workers: int, carries_bytes: bool, made_by: str = "") -> None:
        self._executor = executor
        self._window = 3 * workers
        self._made_by = made_by
        self.carries_bytes = carries_bytes

    def look(self, items: Iterable[Item], max_file_size: int) -> Iterator[tuple[int, bytes | Failure, bytes | None]]:
        """First looks, as chunks end."""
        yield from self._run(look_chunk, items, max_file_size, self._made_by)

    def analyse(
        self, items: Iterable[Item], learned: Learned, max_file_size: int
    ) -> Iterator[tuple[int, bytes | Failure]]:
        """Analyses, as chunks end."""
        blob = marshal.dumps(tuple(learned))
        yield from self._run(analyse_chunk, items, blob, max_file_size, self._made_by)

    def _run(self, function: Callable[..., Any], items: Iterable[Item], *arguments: object) -> Iterator[Any]:
        from concurrent.futures import FIRST_COMPLETED, wait

        under_way: set[Future[Any]] = set()
        for chunk in chunks(items):
            carried = [_with_bytes(item) for item in chunk] if self.carries_bytes else chunk
            under_way.add(self._executor.submit(function, carried, *arguments))
            if len(under_way) >= self._window:
                done, under_way = wait(under_way, return_when=FIRST_COMPLETED)
                for future in done:
                    yield from future.result()
        while under_way:
            done, under_way = wait(under_way, return_when=FIRST_COMPLETED)
            for future in done:
                yield from future.result()

    def close(self, *, cancel: bool = False) -> None:
        """Ends the executor's processes; with *cancel* without waiting for the chunks under way."""
        processes = list((getattr(self._executor, "_processes", None) or {}).values())
        thread = getattr(self._executor, "_executor_manager_thread", None)
        self._executor.shutdown(wait=not cancel, cancel_futures=True)
        if cancel:
            for process in processes:
                process.terminate()
            if thread is not None:
                # Left alone it may close its pipe while the interpreter, ending, writes to it: a traceback for nothing.
                thread.join(timeout=5)


def _with_bytes(item: Item) -> Item:
    """An item with its bytes, for a machine that cannot open the file; one that cannot be read is sent as it is."""
    if item.data is not None:
        return item
    try:
        return item._replace(data=Path(item.file).read_bytes())
    except OSError:
        return item


def chunks(items: Iterable[Item]) -> Iterator[list[Item]]:
    """Items in groups of about CHUNK_BYTES, the largest files first so that no core waits for one at the end."""
    chunk: list[Item] = []
    size = 0
    left = sorted(items, key=lambda item: (item.size, -item.number))
    while left:
        item = left.pop()  # what is sent away need not be held
        chunk.append(item)
        size += item.size
        if size >= CHUNK_BYTES or len(chunk) >= CHUNK_FILES:
            yield chunk
            chunk, size = [], 0
    if chunk:
        yield chunk


def make(jobs: int, executor: str, sizes: Sequence[int]) -> Workers:
    """The workers for a job.

    Args:
        jobs: processes to use; 0 for one a core, 1 for none but this one.
        executor: "" for this machine, "dask=ADDRESS" for an existing Dask cluster.
        sizes: bytes of the files to come; little work is done in this process.

    Raises:
        UserError: *executor* is not understood, or the cluster cannot be reached.
    """
    if executor:
        kind, _, address = executor.partition("=")
        if kind != "dask" or not address:
            raise UserError(f'--executor "{executor}" is not understood; write dask=tcp://HOST:8786')
        from migrate.cluster import connect

        return connect(address, version())
    count = jobs or _cores()
    if count <= 1 or (jobs == 0 and (len(sizes) < WORTH_FILES or sum(sizes) < WORTH_BYTES)):
        return Serial()
    from concurrent.futures import ProcessPoolExecutor
    from multiprocessing import get_context

    pool = ProcessPoolExecutor(
        count, mp_context=get_context("spawn"), initializer=_start, initargs=(compiled.folder(),)
    )
    _start_all(pool, count)
    return Pool(pool, workers=count, carries_bytes=False)


def _start_all(executor: Executor, count: int) -> None:
    """Starts the processes while Ctrl-C is ignored, which they inherit: one that comes early must not trace back."""
    import signal
    import threading

    if threading.current_thread() is not threading.main_thread():
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        for _ in range(count):
            executor.submit(_cores)
    finally:
        signal.signal(signal.SIGINT, before)


def _start(tables: Path | None) -> None:
    """A worker process leaves Ctrl-C to its parent, which ends it, and uses the tables its parent compiled."""
    import signal

    compiled.keep_in(tables, __version__)
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _cores() -> int:
    """Cores this process may use."""
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # not on macOS and Windows
        return os.cpu_count() or 1
