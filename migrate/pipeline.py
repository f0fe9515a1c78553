"""From paths to a Scan: the only module that knows the order of the steps.

Two passes over the files: the first reads each, tells which may use CUDA and learns the project's macros; the second
analyses those. Nothing depends on the order in which paths were given, on who does the work or on what is cached.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from migrate import __version__, workers
from migrate.analysis import PERHAPS, analyse_bytes
from migrate.answers import answered
from migrate.cache import Cache
from migrate.cache import key as entry_key
from migrate.discover import DEFAULT_EXCLUDE, Candidate, discover
from migrate.hashes import blake2b
from migrate.hazards.facts import facts_of
from migrate.model import FileResult, Scan
from migrate.packed import macros_of, suppressions_of, unpack, unpack_look
from migrate.parse.macros import Gathered
from migrate.source import MAX_FILE_SIZE
from migrate.tables import compiled
from migrate.tables.rules import Table, rules_dir
from migrate.workers import Failure, Item

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from pathlib import Path

    from migrate.model import Shape, Suppression, Target
    from migrate.packed import Seen
    from migrate.parse.macros import Learned
    from migrate.workers import Workers

__all__ = ["analyse_bytes", "scan_paths"]

#: Bytes of small scans kept between the passes, so that they are read once.
_KEEP = 32_000_000

#: Bytes of relevant words kept between the passes; the analysis finds those of further files again.
_KEEP_WORDS = 32_000_000

#: Stands in the place of a candidate that is done with.
_TAKEN = Candidate("", "", "")

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
    to_rewrite: bool = False,
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
        to_rewrite: only what edits rest on, in less time: uses without answers and without their functions, and of the
            hazards those that can be mended.

    Raises:
        UserError: a path does not exist, a user's rule table is not well-formed, or the executor cannot be had.
    """
    if to_rewrite:
        targets = ()  # who writes edits asks for the answers himself
    kernels = not all(facts_of(target, rules_dir()).runs_threads for target in targets)
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
        passes = _Passes(
            found.candidates, crew, cache, stdin, max_file_size, progress, to_rewrite=to_rewrite, kernels=kernels
        )
        analysed, declared = passes.run()
        results += analysed
        del passes, analysed
        crew.close()
        finished = True
        results.sort(key=lambda result: result.path)
        return answered(results, targets, loaded, inventory, rules_dirs, tuple(found.notes), cache, declared)
    finally:
        if not finished:
            crew.close(cancel=True)
        cache.close()


class _Open(NamedTuple):
    """A file to analyse, or one of which that is not known yet."""

    state: str  # "" or PERHAPS
    size: int
    digest: str
    words: bytes | None  # joined by blanks; None when forgotten
    suppressions: tuple[Suppression, ...]


class _Passes:
    """The two passes over the candidates; what is used is let go, for there may be 100,000 of them."""

    def __init__(
        self,
        candidates: list[Candidate],
        crew: Workers,
        cache: Cache,
        stdin: bytes | None,
        max_file_size: int,
        progress: Callable[[int, int], None] | None,
        *,
        to_rewrite: bool = False,
        kernels: bool = True,
    ) -> None:
        self._candidates = candidates
        self._crew = crew
        self._cache = cache
        self._stdin = stdin
        self._max_file_size = max_file_size
        self._progress = progress
        self._to_rewrite = to_rewrite
        self._kernels = kernels
        self._open: dict[int, _Open] = {}  # by number of the candidate
        self._kept: dict[int, bytes] = {}  # bytes kept between the passes
        self._words = _KEEP_WORDS  # bytes of words that may still be kept
        self._included: set[str] = set()  # base names of the headers that CUDA files include
        self._pulled: set[int] = set()  # C++ files that are CUDA because a CUDA file includes them
        self._gathered = Gathered()  # macros of the files looked at now
        self._defining: dict[str, bytes] = {}  # by digest; of files whose look was remembered their macros
        self._shapes: dict[Shape, Shape] = {}  # equal shapes of all files are one object
        self._results: list[FileResult] = []
        self._declared: set[str] = set()  # names that the files declare themselves; left out of their results
        self._done = 0

    def run(self) -> tuple[list[FileResult], set[str]]:
        """The results of all candidates, in no order, and the names that the files declare themselves."""
        self._look()
        known, learned = self._learned()
        self._analyse(self._decided(), known, learned)
        return self._results, self._declared

    def _look(self) -> None:
        """The first look at every candidate."""
        numbers: Iterable[int] = range(len(self._candidates))
        stamps: dict[int, tuple[bytes, bytes]] = {}
        if self._cache.is_open:
            stamps, numbers = self._cached_looks()
        items = (self._first_item(number) for number in numbers)
        room = _KEEP
        for number, blob, data in self._crew.look(items, self._max_file_size):
            if isinstance(blob, Failure):
                candidate = self._take(number)
                self._fail(candidate, blob, candidate.size)
            else:
                seen = unpack_look(blob)
                if not seen.state and data is not None and (room > 0 or self._candidates[number].stdin):
                    self._kept[number] = data
                    room -= len(data)
                if number in stamps:
                    self._cache.remember(*stamps.pop(number), blob)
                if seen.macros and seen.digest not in self._defining:
                    self._defining[seen.digest] = b""
                    self._gathered.add(macros_of(seen.macros))  # while workers are busy with other files
                self._saw(number, seen)
            self._step()

    def _first_item(self, number: int) -> Item:
        candidate = self._candidates[number]
        data = self._stdin if candidate.stdin else None
        return Item(number, candidate.file, candidate.language, candidate.size, data)

    def _cached_looks(self) -> tuple[dict[int, tuple[bytes, bytes]], list[int]]:
        """Takes looks remembered from earlier scans; the state on disk of other files, and the numbers of these."""
        numbers: dict[bytes, int] = {}
        states: dict[bytes, bytes] = {}
        left = []
        for number, candidate in enumerate(self._candidates):
            stamp = None if candidate.stdin else self._cache.stamp(candidate.file, candidate.language)
            if stamp is not None and not 0 < self._max_file_size < candidate.size:
                numbers[stamp[0]] = number
                states[stamp[0]] = stamp[1]
            else:
                left.append(number)
        for name, blob in self._cache.looks(states):
            seen = unpack_look(blob)
            if seen.macros:
                self._defining[seen.digest] = seen.macros
            self._saw(numbers.pop(name), seen)
            self._done += 1
        stamps = {number: (name, states[name]) for name, number in numbers.items()}
        return stamps, sorted([*left, *stamps])

    def _saw(self, number: int, seen: Seen) -> None:
        """Takes what a first look says."""
        self._included.update(seen.includes)
        if seen.state in ("", PERHAPS):
            self._words -= len(seen.words)
            words = seen.words if self._words >= 0 else None
            self._open[number] = _Open(seen.state, seen.size, seen.digest, words, suppressions_of(seen))
        else:
            path, _, language, *_ = self._take(number)
            own = suppressions_of(seen)
            self._results.append(FileResult(path, seen.state, seen.reason, language, seen.size, suppressions=own))

    def _take(self, number: int) -> Candidate:
        """A candidate that is not needed any more."""
        candidate = self._candidates[number]
        self._candidates[number] = _TAKEN
        return candidate

    def _fail(self, candidate: Candidate, failure: Failure, size: int = 0) -> None:
        self._results.append(FileResult(candidate.path, failure.state, failure.reason, candidate.language, size))

    def _learned(self) -> tuple[str, Callable[[], Learned]]:
        """A digest of the project's macros, on which the analysis of every file rests, "" without a cache; and them."""
        from functools import lru_cache

        @lru_cache(maxsize=1)
        def learned() -> Learned:
            for blob in filter(None, self._defining.values()):
                self._gathered.add(macros_of(blob))
            self._defining.clear()
            return self._gathered.learned()

        if not self._cache.is_open:
            return "", learned
        name = entry_key("macros", workers.build(), *sorted(self._defining))
        blob = self._cache.get_many([name]).get(name)
        if blob is None:
            state = blake2b(digest_size=16)
            for names in learned():
                state.update(b"\0".join(sorted(names)) + b"\n")
            blob = state.digest()
            self._cache.put(name, blob)
        return blob.hex(), learned

    def _decided(self) -> dict[int, _Open]:
        """The files to analyse; the results of copies and of files that no CUDA file includes are taken."""
        todo: dict[int, _Open] = {}
        first_of: dict[str, str] = {}
        for number in sorted(self._open):
            found = self._open.pop(number)
            candidate = self._candidates[number]
            path, language = candidate.path, candidate.language
            if found.state == PERHAPS:
                if path.rpartition("/")[2] not in self._included:
                    own = found.suppressions
                    self._results.append(FileResult(path, "no-cuda", "", language, found.size, suppressions=own))
                    self._take(number)
                    continue
                self._pulled.add(number)
            original = first_of.setdefault(found.digest, path)
            if original != path:
                reason = f"same bytes as {original}"
                self._results.append(
                    FileResult(path, "copy", reason, language, found.size, digest=found.digest, copy_of=original)
                )
                self._take(number)
            else:
                todo[number] = found
        self._included.clear()
        self._done = 2 * len(self._candidates) - len(todo)
        return todo

    def _analyse(self, todo: dict[int, _Open], known: str, learned: Callable[[], Learned]) -> None:
        """The analysis of every file of *todo*, which is emptied."""
        keys: dict[int, bytes] = {}
        kind = ""
        for kind in self._kinds():
            if known:
                for number, found in todo.items():
                    language = self._candidates[number].language
                    keys[number] = self._key(kind, known, language, found.digest, number)
            for some in _slices(list(keys)):
                blobs = self._cache.get_many([keys[number] for number in some])
                for number in some:
                    kept = blobs.get(keys[number])
                    if kept is not None:
                        del keys[number], todo[number]
                        self._unpacked(number, kept)
                        self._step()
        if not todo:
            return
        items = (self._item(number, todo.pop(number)) for number in list(todo))
        for number, blob in self._crew.analyse(items, learned(), self._max_file_size):
            if isinstance(blob, Failure):
                self._fail(self._take(number), blob)
            else:
                result = self._unpacked(number, blob)
                # The file may have changed since the first look: keep the result only for the bytes it is of.
                if keys:
                    key = keys.pop(number)
                    if key == self._key(kind, known, result.language, result.digest, number):
                        self._cache.put(key, blob)
            self._step()

    def _kinds(self) -> tuple[str, ...]:
        """What the cache may hold of a file that does, most first; the last is what an analysis now gives.

        What holds more will do, for nothing is answered that no target asks; the other way round it would not.
        """
        if self._to_rewrite:
            return ("uses", "threads", "edits")
        return ("uses",) if self._kernels else ("uses", "threads")

    def _key(self, kind: str, known: str, language: str, digest: str, number: int) -> bytes:
        """The name under which the cache keeps a result of *kind*."""
        return entry_key(kind, workers.build(), known, language, digest, str(number in self._pulled))

    def _item(self, number: int, found: _Open) -> Item:
        candidate = self._candidates[number]
        data = self._kept.pop(number, None)
        pulled = number in self._pulled
        how = (pulled, self._to_rewrite, self._kernels)
        return Item(number, candidate.file, candidate.language, found.size, data, found.words, *how)

    def _unpacked(self, number: int, blob: bytes) -> FileResult:
        result = unpack(blob, self._take(number).path, self._shapes)
        if result.declared:
            self._declared |= result.declared
            result = replace(result, declared=frozenset())
        self._results.append(result)
        return result

    def _step(self) -> None:
        self._done += 1
        if self._progress is not None and self._done % 32 == 0:
            self._progress(self._done, 2 * len(self._candidates))


def _slices(numbers: Sequence[int], length: int = 500) -> Iterator[Sequence[int]]:
    return (numbers[start : start + length] for start in range(0, len(numbers), length))
