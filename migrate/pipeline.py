"""From paths to a Scan: the only module that knows the order of the steps.

Two passes over the files: the first reads each, tells which may use CUDA and learns the project's macros; the second
analyses those. Nothing depends on the order in which paths were given, on who does the work or on what is cached.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from migrate import __version__, workers
from migrate.analysis import PERHAPS, analyse_bytes
from migrate.answers import answered
from migrate.cache import Cache
from migrate.cache import key as entry_key
from migrate.discover import DEFAULT_EXCLUDE, discover
from migrate.hashes import blake2b
from migrate.model import FileResult, Scan
from migrate.packed import Seen, macros_of, suppressions_of, unpack, unpack_look
from migrate.source import MAX_FILE_SIZE
from migrate.tables import compiled
from migrate.tables.rules import Table, rules_dir
from migrate.workers import Failure, Item

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from migrate.discover import Candidate
    from migrate.model import Shape, Target
    from migrate.parse.macros import Learned
    from migrate.workers import Workers

__all__ = ["analyse_bytes", "scan_paths"]

#: Bytes of small scans kept between the passes, so that they are read once.
_KEEP = 32_000_000

#: Bytes of relevant words kept between the passes; the analysis finds those of further files again.
_KEEP_WORDS = 32_000_000

#: So little (files, bytes) is analysed sooner than a cache is opened.
_LITTLE_FILES = 8
_LITTLE_BYTES = 200_000


def scan_paths(
    paths: Sequence[str],
    targets: tuple[Target, ...],
    *,
    rules_dirs: Sequence[Path] = (),
    exclude: Sequence[str] | None = None,
    extend_exclude: Sequence[str] = (),
    include: Sequence[str] = (),
    respect_gitignore: bool = True,
    force_exclude: bool = False,
    stdin: bytes | None = None,
    stdin_filename: str = "",
    max_file_size: int = MAX_FILE_SIZE,
    jobs: int = 1,
    executor: str = "",
    cache_dir: Path | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Scan:
    """Analyses *paths* and answers every use of CUDA for every one of *targets*.

    Args:
        paths: files and folders; "-" stands for *stdin*.
        targets: resolved targets, in the order in which outputs show them.
        rules_dirs: folders with a user's own rule tables, searched first.
        exclude: patterns of files left out instead of the usual ones; None for the usual ones.
        extend_exclude: further patterns of files left out.
        include: patterns of files taken although their suffix is not known.
        respect_gitignore: leave out what git ignores.
        force_exclude: apply exclusions to files named on the command line too.
        stdin: bytes for "-".
        stdin_filename: the name shown for "-", whose suffix says what it holds.
        max_file_size: bytes; a larger file is skipped and said to be.
        jobs: processes to use; 0 for one a core.
        executor: "dask=ADDRESS" to work on an existing cluster, "" for this machine.
        cache_dir: folder with results of earlier scans; None for no cache.
        progress: called with (steps done, steps in all) now and then; a file is two steps.

    Raises:
        UserError: a path does not exist, a user's rule table is not well-formed, or the executor cannot be had.
    """
    compiled.keep_in(cache_dir, __version__)
    inventory = workers.inventory()
    loaded = {
        name: Table.load(name, rules_dir(), rules_dirs) for name in dict.fromkeys(target.name for target in targets)
    }
    found = discover(
        paths,
        exclude=DEFAULT_EXCLUDE if exclude is None else exclude,
        extend_exclude=extend_exclude,
        include=include,
        respect_gitignore=respect_gitignore,
        force_exclude=force_exclude,
        stdin_filename=stdin_filename,
    )
    results = [FileResult(skipped.path, skipped.state, skipped.reason) for skipped in found.skipped]
    sizes = [candidate.size for candidate in found.candidates]
    if len(sizes) <= _LITTLE_FILES and sum(sizes) <= _LITTLE_BYTES:
        cache_dir = None
    cache = Cache(cache_dir, workers.build() if cache_dir else "")
    crew = workers.make(jobs, executor, sizes)
    finished = False
    try:
        results += _Passes(found.candidates, crew, cache, stdin, max_file_size, progress).run()
        crew.close()
        finished = True
        results.sort(key=lambda result: result.path)
        return answered(results, targets, loaded, inventory, rules_dirs, tuple(found.notes), cache)
    finally:
        if not finished:
            crew.close(cancel=True)
        cache.close()


class _Passes:
    """The two passes over the candidates."""

    def __init__(
        self,
        candidates: Sequence[Candidate],
        crew: Workers,
        cache: Cache,
        stdin: bytes | None,
        max_file_size: int,
        progress: Callable[[int, int], None] | None,
    ) -> None:
        self._candidates = candidates
        self._crew = crew
        self._cache = cache
        self._stdin = stdin
        self._max_file_size = max_file_size
        self._progress = progress
        self._kept: dict[int, bytes] = {}  # bytes kept between the passes, by number of the candidate
        self._pulled: set[int] = set()  # C++ files that are CUDA because a CUDA file includes them
        self._shapes: dict[Shape, Shape] = {}  # equal shapes of all files are one object
        self._done = 0

    def run(self) -> list[FileResult]:
        """The results of all candidates, in no order."""
        looks = self._look()
        results: list[FileResult] = []
        first_of: dict[str, str] = {}
        todo: list[tuple[int, Seen]] = []
        included: set[str] = set()
        for seen in looks.values():
            if isinstance(seen, Seen):
                included.update(seen.includes)
        known, learned = self._learned(looks)
        for number, candidate in enumerate(self._candidates):
            seen = looks.pop(number)
            path, language = candidate.path, candidate.language
            if isinstance(seen, Failure):
                results.append(FileResult(path, seen.state, seen.reason, language, candidate.size))
                continue
            if seen.state == PERHAPS:
                pulled = path.rpartition("/")[2] in included
                seen = seen._replace(state="" if pulled else "no-cuda")
                if pulled:
                    self._pulled.add(number)
            if seen.state:
                own = suppressions_of(seen)
                results.append(FileResult(path, seen.state, seen.reason, language, seen.size, suppressions=own))
            elif first_of.setdefault(seen.digest, path) != path:
                original = first_of[seen.digest]
                reason = f"same bytes as {original}"
                results.append(
                    FileResult(path, "copy", reason, language, seen.size, digest=seen.digest, copy_of=original)
                )
            else:
                todo.append((number, seen._replace(macros=b"", includes=())))  # of no use any more, and much
        self._done = 2 * len(self._candidates) - len(todo)
        return results + self._analyse(todo, known, learned)

    def _look(self) -> dict[int, Seen | Failure]:
        """The first look at every candidate, by its number."""
        looks: dict[int, Seen | Failure] = {}
        stamps: dict[int, tuple[bytes, bytes]] = {}
        if self._cache.is_open:
            looks, stamps = self._cached_looks()
        items = (
            Item(number, candidate.file, candidate.language, candidate.size, self._stdin if candidate.stdin else None)
            for number, candidate in enumerate(self._candidates)
            if number not in looks
        )
        room, words = _KEEP, _KEEP_WORDS
        for number, blob, data in self._crew.look(items, self._max_file_size):
            if isinstance(blob, Failure):
                looks[number] = blob
            else:
                seen = unpack_look(blob)
                if not seen.state and data is not None and (room > 0 or self._candidates[number].stdin):
                    self._kept[number] = data
                    room -= len(data)
                if number in stamps:
                    self._cache.remember(*stamps[number], blob)
                if seen.words:
                    words -= len(seen.words)
                    if words < 0 or seen.state not in ("", PERHAPS):
                        seen = seen._replace(words=None)
                looks[number] = seen
            self._step()
        return looks

    def _cached_looks(self) -> tuple[dict[int, Seen | Failure], dict[int, tuple[bytes, bytes]]]:
        """First looks remembered from earlier scans, and the state on disk of all other files."""
        looks: dict[int, Seen | Failure] = {}
        stamps: dict[int, tuple[bytes, bytes]] = {}
        numbers: dict[bytes, int] = {}
        states: dict[bytes, bytes] = {}
        for number, candidate in enumerate(self._candidates):
            stamp = None if candidate.stdin else self._cache.stamp(candidate.file, candidate.language)
            if stamp is not None and not 0 < self._max_file_size < candidate.size:
                stamps[number] = stamp
                numbers[stamp[0]] = number
                states[stamp[0]] = stamp[1]
        for name, blob in self._cache.looks(states).items():
            number = numbers[name]
            looks[number] = unpack_look(blob)
            del stamps[number]
        self._done = len(looks)
        return looks, stamps

    def _learned(self, looks: dict[int, Seen | Failure]) -> tuple[str, Callable[[], Learned]]:
        """A digest of the project's macros, on which the analysis of every file rests, "" without a cache; and them."""
        from functools import lru_cache

        defining = {seen.digest: seen for seen in looks.values() if isinstance(seen, Seen) and seen.macros}

        @lru_cache(maxsize=1)
        def learned() -> Learned:
            from migrate.parse import macros

            known = macros.combine(map(macros_of, defining.values()))
            defining.clear()
            return known

        if not self._cache.is_open:
            return "", learned
        name = entry_key("macros", workers.build(), *sorted(defining))
        blob = self._cache.get_many([name]).get(name)
        if blob is None:
            state = blake2b(digest_size=16)
            for names in learned():
                state.update(b"\0".join(sorted(names)) + b"\n")
            blob = state.digest()
            self._cache.put(name, blob)
        return blob.hex(), learned

    def _analyse(self, todo: list[tuple[int, Seen]], known: str, learned: Callable[[], Learned]) -> list[FileResult]:
        results: list[FileResult] = []
        keys: dict[int, bytes] = {}
        if known:
            build = workers.build()
            for number, seen in todo:
                pulled = str(number in self._pulled)
                keys[number] = entry_key("uses", build, known, self._candidates[number].language, seen.digest, pulled)
        missing = dict(todo)
        for some in _slices(list(keys)):
            blobs = self._cache.get_many([keys[number] for number in some])
            for number in some:
                found = blobs.get(keys[number])
                if found is not None:
                    results.append(self._unpacked(number, found))
                    del missing[number]
                    self._step()
        digests = {number: seen.digest for number, seen in missing.items()}
        items = (self._item(number, missing.pop(number)) for number in list(missing))
        if not digests:
            return results
        for number, blob in self._crew.analyse(items, learned(), self._max_file_size):
            if isinstance(blob, Failure):
                candidate = self._candidates[number]
                results.append(FileResult(candidate.path, blob.state, blob.reason, candidate.language))
            else:
                result = self._unpacked(number, blob)
                # The file may have changed since the first look: keep the result only for the bytes it is of.
                if keys and result.digest == digests[number]:
                    self._cache.put(keys[number], blob)
                results.append(result)
            self._step()
        return results

    def _item(self, number: int, seen: Seen) -> Item:
        candidate = self._candidates[number]
        data = self._kept.pop(number, None)
        return Item(number, candidate.file, candidate.language, seen.size, data, seen.words, number in self._pulled)

    def _unpacked(self, number: int, blob: bytes) -> FileResult:
        return unpack(blob, self._candidates[number].path, self._shapes)

    def _step(self) -> None:
        self._done += 1
        if self._progress is not None and self._done % 32 == 0:
            self._progress(self._done, 2 * len(self._candidates))


def _slices(numbers: Sequence[int], length: int = 500) -> Iterator[Sequence[int]]:
    return (numbers[start : start + length] for start in range(0, len(numbers), length))
