"""From paths to a Scan: the only module that knows the order of the steps.

Two passes over the files: the first reads each, tells which may use CUDA and learns the project's macros; the second
analyses those. Nothing depends on the order in which paths were given, on who does the work or on what is cached.
"""

from __future__ import annotations

import os
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from migrate import __version__, workers
from migrate.analysis import PERHAPS, Look, analyse_bytes
from migrate.cache import Cache
from migrate.cache import key as entry_key
from migrate.discover import DEFAULT_EXCLUDE, discover
from migrate.match import Matcher
from migrate.model import AnswerKey, CudaNote, FileResult, Scan, answer_key
from migrate.source import MAX_FILE_SIZE
from migrate.tables.rules import Table, rules_dir
from migrate.workers import Failure, Item

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path

    from migrate.discover import Candidate
    from migrate.model import Answer, RuleText, Target
    from migrate.parse.macros import Learned
    from migrate.tables.inventory import Inventory
    from migrate.workers import Workers

__all__ = ["analyse_bytes", "scan_paths"]

#: Bytes of small scans kept between the passes, so that they are read once.
_KEEP = 32_000_000


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
    tables_dir = rules_dir()
    inventory = workers.inventory()
    loaded = {
        name: Table.load(name, tables_dir, rules_dirs) for name in dict.fromkeys(target.name for target in targets)
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
    cache = Cache(cache_dir)
    crew = workers.make(jobs, executor, [candidate.size for candidate in found.candidates])
    finished = False
    try:
        results += _Passes(found.candidates, crew, cache, stdin, max_file_size, progress).run()
        finished = True
    finally:
        crew.close(cancel=not finished)
        cache.close()
    results.sort(key=lambda result: result.path)
    files = tuple(_without_own_names(results))
    return _answered(files, targets, loaded, inventory, tables_dir, rules_dirs, tuple(found.notes))


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
        self._done = 0

    def run(self) -> list[FileResult]:
        """The results of all candidates, in no order."""
        from migrate.parse import macros

        looks = self._look()
        results: list[FileResult] = []
        first_of: dict[str, str] = {}
        todo: list[tuple[int, Look]] = []
        included: set[str] = set()
        for seen in looks.values():
            if isinstance(seen, Look):
                included |= seen.includes
        for number, candidate in enumerate(self._candidates):
            seen = looks[number]
            if isinstance(seen, Look) and seen.state == PERHAPS:
                pulled = PurePosixPath(candidate.path).name in included
                seen = seen._replace(state="" if pulled else "no-cuda")
                if pulled:
                    self._pulled.add(number)
            path, language = candidate.path, candidate.language
            if isinstance(seen, Failure):
                results.append(FileResult(path, seen.state, seen.reason, language, candidate.size))
            elif seen.state:
                results.append(
                    FileResult(path, seen.state, seen.reason, language, seen.size, suppressions=seen.suppressions)
                )
            elif first_of.setdefault(seen.digest, path) != path:
                original = first_of[seen.digest]
                reason = f"same bytes as {original}"
                results.append(
                    FileResult(path, "copy", reason, language, seen.size, digest=seen.digest, copy_of=original)
                )
            else:
                todo.append((number, seen))
        learned = macros.combine([seen.macros for seen in looks.values() if isinstance(seen, Look) and seen.macros])
        self._done = 2 * len(self._candidates) - len(todo)
        return results + self._analyse(todo, learned)

    def _look(self) -> dict[int, Look | Failure]:
        looks: dict[int, Look | Failure] = {}
        status: dict[int, os.stat_result] = {}
        if self._cache.is_open:
            looks, status = self._cached_looks()
        items = (
            Item(number, candidate.file, candidate.language, candidate.size, self._stdin if candidate.stdin else None)
            for number, candidate in enumerate(self._candidates)
            if number not in looks
        )
        room = _KEEP
        for number, seen, data in self._crew.look(items, self._max_file_size):
            looks[number] = seen
            if isinstance(seen, Look):
                if not seen.state and data is not None and (room > 0 or self._candidates[number].stdin):
                    self._kept[number] = data
                    room -= len(data)
                if number in status:
                    candidate = self._candidates[number]
                    self._cache.remember(candidate.file, status[number], seen.digest.encode())
                    self._cache.put(_look_key(seen.digest, candidate.language), seen)
            self._step()
        return looks

    def _cached_looks(self) -> tuple[dict[int, Look | Failure], dict[int, os.stat_result]]:
        """First looks remembered from earlier scans, and the state of every file on disk."""
        status: dict[int, os.stat_result] = {}
        for number, candidate in enumerate(self._candidates):
            if not candidate.stdin:
                try:
                    status[number] = os.stat(candidate.file)  # noqa: PTH116 - 40,000 Path objects cost 90 ms
                except OSError:
                    continue
        digests = self._cache.digests((self._candidates[number].file, state) for number, state in status.items())
        keys: dict[bytes, list[int]] = {}
        for number, state in status.items():
            candidate = self._candidates[number]
            digest = digests.get(candidate.file)
            if digest is not None and not 0 < self._max_file_size < state.st_size:
                keys.setdefault(_look_key(digest.decode(), candidate.language), []).append(number)
        looks: dict[int, Look | Failure] = {}
        for name, seen in self._cache.get_many(list(keys)).items():
            if isinstance(seen, Look):
                looks.update(dict.fromkeys(keys[name], seen))
        self._done = len(looks)
        return looks, status

    def _analyse(self, todo: list[tuple[int, Look]], learned: Learned) -> list[FileResult]:
        results: list[FileResult] = []
        known = _learned_digest(learned) if self._cache.is_open else ""
        keys = {}
        if known:
            keys = {
                number: entry_key(
                    "uses",
                    workers.build(),
                    known,
                    self._candidates[number].language,
                    seen.digest,
                    str(number in self._pulled),
                )
                for number, seen in todo
            }
        cached = self._cache.get_many(list(keys.values()))
        digests = {number: seen.digest for number, seen in todo}
        items = []
        for number, seen in todo:
            result = cached.get(keys[number]) if keys else None
            if isinstance(result, FileResult):
                results.append(self._named(number, result))
                self._step()
                continue
            candidate = self._candidates[number]
            data = self._kept.pop(number, None)
            cuda = number in self._pulled
            items.append(Item(number, candidate.file, candidate.language, seen.size, data, seen.words, cuda))
        for number, result in self._crew.analyse(items, learned, self._max_file_size):
            if isinstance(result, Failure):
                candidate = self._candidates[number]
                results.append(FileResult(candidate.path, result.state, result.reason, candidate.language))
            else:
                # The file may have changed since the first look: keep the result only for the bytes it is of.
                if keys and result.digest == digests[number]:
                    self._cache.put(keys[number], result)
                results.append(self._named(number, result))
            self._step()
        return results

    def _named(self, number: int, result: FileResult) -> FileResult:
        from dataclasses import replace

        return replace(result, path=self._candidates[number].path)

    def _step(self) -> None:
        self._done += 1
        if self._progress is not None and self._done % 32 == 0:
            self._progress(self._done, 2 * len(self._candidates))


def _look_key(digest: str, language: str) -> bytes:
    return entry_key("look", workers.build(), language, digest)


def _learned_digest(learned: Learned) -> str:
    """A digest of a project's macros, on which the analysis of every file rests."""
    from hashlib import blake2b

    state = blake2b(digest_size=16)
    for names in learned:
        state.update(b"\0".join(sorted(names)) + b"\n")
    return state.hexdigest()


def _without_own_names(results: Iterable[FileResult]) -> Iterable[FileResult]:
    """Drops uses of names that no table knows and the project declares itself, its own headers too."""
    from dataclasses import replace

    results = list(results)
    declared: set[str] = set()
    for result in results:
        declared |= result.declared
    own = {PurePosixPath(result.path).name for result in results}
    for result in results:
        dropped = {
            use.shape
            for use in result.uses
            if (use.shape.library in ("", "torch") and use.shape.name in declared and use.shape.kind != "include")
            or (use.shape.library == "" and use.shape.kind == "include" and use.shape.name.rpartition("/")[2] in own)
        }
        if not dropped:
            yield result
            continue
        uses = tuple(use for use in result.uses if use.shape not in dropped)
        yield replace(result, uses=uses, state="analysed" if uses else "no-cuda")


def _without(result: FileResult, unanswered: set[AnswerKey]) -> FileResult:
    """*result* without the uses that no target has an answer for."""
    from dataclasses import replace

    uses = tuple(use for use in result.uses if answer_key(use.shape) not in unanswered)
    return result if len(uses) == len(result.uses) else replace(result, uses=uses)


def _answered(
    files: tuple[FileResult, ...],
    targets: tuple[Target, ...],
    tables: dict[str, Table],
    inventory: Inventory,
    tables_dir: Path,
    rules_dirs: Sequence[Path],
    remarks: tuple[str, ...],
) -> Scan:
    """The Scan of analysed files: every distinct key answered once a target."""
    keys = sorted({answer_key(use.shape) for result in files for use in result.uses})
    answers: dict[str, dict[AnswerKey, Answer]] = {}
    rules: dict[str, dict[str, RuleText]] = {}
    unknown: set[str] = set()
    for target in targets:
        matcher = Matcher(target, tables[target.name], inventory)
        for asked in keys:
            if matcher.answer(asked).id == "MIG901" and asked.kind != "launch":
                unknown.add(asked.name)
        # What is of no concern for a target (a hazard that is none there) has no answer.
        answers[target.key] = {asked: answer for asked, answer in matcher.answers.items() if answer.id}
        rules[target.key] = dict(sorted(matcher.rules.items()))
    unanswered = {key for key in keys if not any(key in given for given in answers.values())} if targets else set()
    if unanswered:
        files = tuple(_without(result, unanswered) for result in files)
    cuda: dict[str, CudaNote] = {}
    for name in sorted({key.name for key in keys}):
        entry = inventory.get(name) or inventory.get(f"<{name}>")
        if entry is not None and (entry.deprecated or entry.removed):
            cuda[name] = CudaNote(entry.added, entry.deprecated, entry.removed)
    near = {
        name: inventory.nearest(name)
        for name in sorted(unknown)
        if name not in inventory and f"<{name}>" not in inventory
    }
    return Scan(
        __version__,
        {"digest": _tables_digest(tables_dir, [*tables], rules_dirs)},
        targets,
        files,
        answers,
        rules,
        cuda,
        near,
        remarks,
    )


def _tables_digest(tables_dir: Path, names: Sequence[str], rules_dirs: Sequence[Path]) -> str:
    """A digest of every table the answers rest on: equal digests mean equal answers."""
    from hashlib import blake2b

    state = blake2b(digest_size=16)
    folders = [tables_dir / "cuda", *(tables_dir / name for name in sorted(names)), *rules_dirs]
    for folder in folders:
        for path in sorted(folder.rglob("*.t?*")):
            if path.suffix in (".tsv", ".toml"):
                state.update(path.name.encode())
                state.update(path.read_bytes())
    return state.hexdigest()
