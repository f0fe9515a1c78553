"""From paths to a Scan: the only module that knows the order of the steps.

Two passes over the files: the first reads each, tells which may use CUDA and learns the project's macros; the second
analyses those. Nothing depends on the order in which paths were given or files were finished.
"""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import TYPE_CHECKING, NamedTuple

from migrate import __version__
from migrate.discover import DEFAULT_EXCLUDE, discover
from migrate.match import Matcher
from migrate.model import AnswerKey, CudaNote, FileResult, Scan, Use, answer_key
from migrate.source import MAX_FILE_SIZE, Source, TooLargeError, digest, read, read_failure, unsupported_reason, word_reason
from migrate.tables.inventory import Inventory
from migrate.tables.rules import Table, rules_dir

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path

    from migrate.discover import Candidate
    from migrate.model import Answer, RuleText, Target
    from migrate.parse.macros import FileMacros, Learned

#: Languages whose files are analysed; others with CUDA words are named as not analysed yet.
ANALYSED = frozenset({"cuda", "c++", "other"})

#: A file that defines so many of CUDA's names as macros maps CUDA to something else: it is half a port.
COMPATIBILITY_MAP = 10

#: Bytes of small scans kept between the passes, so that they are read once.
_KEEP = 32_000_000


class _Read(NamedTuple):
    """What the first pass leaves of a file."""

    candidate: Candidate
    result: FileResult | None  # final already: skipped, unreadable, without CUDA …
    data: bytes | None  # kept for the second pass when small enough
    words: frozenset[bytes] = frozenset()  # its relevant words


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
        progress: called with (files done, files in all) now and then.

    Raises:
        UserError: a path does not exist, or a user's rule table is not well-formed.
    """
    from migrate.parse import macros

    tables_dir = rules_dir()
    inventory = Inventory.load(tables_dir)
    loaded = {name: Table.load(name, tables_dir, rules_dirs) for name in dict.fromkeys(target.name for target in targets)}
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
    todo: list[_Read] = []
    learned_from: list[FileMacros] = []
    first_of: dict[str, str] = {}
    kept = 0
    total = len(found.candidates)
    for number, candidate in enumerate(found.candidates):
        if progress is not None and number % 64 == 0:
            progress(number, 2 * total)
        read_file = _first_look(candidate, stdin if candidate.stdin else None, inventory, max_file_size, first_of)
        if read_file.data is not None:
            learned_from.append(macros.learn(read_file.data))
        if read_file.result is not None:
            results.append(read_file.result)
            continue
        kept += len(read_file.data or b"")
        todo.append(read_file if kept <= _KEEP or candidate.stdin else read_file._replace(data=None))
    learned = macros.combine(learned_from)
    for number, read_file in enumerate(todo):
        if progress is not None and number % 16 == 0:
            progress(total + number * total // max(1, len(todo)), 2 * total)
        results.append(_analyse(read_file, inventory, learned, max_file_size))
    results.sort(key=lambda result: result.path)
    files = tuple(_without_own_names(results, inventory))
    return _answered(files, targets, loaded, inventory, tables_dir, rules_dirs, tuple(found.notes))


def _first_look(
    candidate: Candidate, data: bytes | None, inventory: Inventory, max_file_size: int, first_of: dict[str, str]
) -> _Read:
    """Reads a file and decides whether it needs analysis."""
    from migrate.parse.words import words_of

    path, language = candidate.path, candidate.language
    if data is None:
        try:
            data = read(candidate.file, max_file_size)
        except TooLargeError as error:
            return _Read(candidate, FileResult(path, "skipped", read_failure(error), language, candidate.size), None)
        except OSError as error:
            return _Read(candidate, FileResult(path, "unreadable", read_failure(error), language), None)
    elif 0 < max_file_size < len(data):
        return _Read(candidate, FileResult(path, "skipped", "larger than --max-file-size", language, len(data)), None)
    size = len(data)
    reason = unsupported_reason(data)
    if reason:
        return _Read(candidate, FileResult(path, "skipped", reason, language, size), None)
    if language not in ANALYSED:
        reason = word_reason(data, language)
        state = "not-analysed" if reason else "no-cuda"
        return _Read(candidate, FileResult(path, state, reason, language, size), None)
    words = inventory.relevant(words_of(data))
    if language != "cuda" and not inventory.is_candidate(words):
        return _Read(candidate, FileResult(path, "no-cuda", "", language, size), data)
    name = digest(data)
    original = first_of.setdefault(name, path)
    if original != path:
        copy = FileResult(path, "copy", f"same bytes as {original}", language, size, digest=name, copy_of=original)
        return _Read(candidate, copy, None)
    return _Read(candidate, None, data, frozenset(words))


def _analyse(read_file: _Read, inventory: Inventory, learned: Learned, max_file_size: int) -> FileResult:
    """The second pass over one file."""
    candidate, data = read_file.candidate, read_file.data
    if data is None:
        try:
            data = read(candidate.file, max_file_size)
        except OSError as error:
            return FileResult(candidate.path, "unreadable", read_failure(error), candidate.language)
    return analyse_bytes(candidate.path, candidate.language, data, inventory, learned, read_file.words)


def analyse_bytes(
    path: str, language: str, data: bytes, inventory: Inventory, learned: Learned, words: frozenset[bytes] | None = None
) -> FileResult:
    """The uses of CUDA in *data*, with lines and columns; pure, so that any process can do it.

    *words* are the file's relevant words when they are known already (`Inventory.relevant`).
    """
    from migrate.parse.uses import find_uses

    found = find_uses(data, inventory, learned, cuda_file=language == "cuda", words=words)
    source = Source(data)
    positions = source.positions([use.start for use in found.uses])
    uses = tuple(
        Use(use.start, use.end - use.start, line, column, use.shape)
        for use, (line, column) in zip(found.uses, positions, strict=True)
    )
    reason = source.encoding_note()
    if found.mapped >= COMPATIBILITY_MAP:
        reason = f"compatibility map: defines {found.mapped} of CUDA's names as macros"
    return FileResult(
        path,
        "analysed" if uses else "no-cuda",
        reason,
        language,
        len(data),
        source.line_count,
        source.encoding,
        digest(data),
        "",
        uses,
        found.launches,
        tuple(found.gaps),
        frozenset(found.declared),
    )


def _without_own_names(results: Iterable[FileResult], inventory: Inventory) -> Iterable[FileResult]:
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
        for key in keys:
            if matcher.answer(key).id == "MIG901":
                unknown.add(key.name)
        answers[target.key] = matcher.answers
        rules[target.key] = dict(sorted(matcher.rules.items()))
    cuda: dict[str, CudaNote] = {}
    for name in sorted({key.name for key in keys}):
        entry = inventory.get(name) or inventory.get(f"<{name}>")
        if entry is not None and (entry.deprecated or entry.removed):
            cuda[name] = CudaNote(entry.added, entry.deprecated, entry.removed)
    near = {name: inventory.nearest(name) for name in sorted(unknown) if name not in inventory}
    return Scan(__version__, {"digest": _tables_digest(tables_dir, [*tables], rules_dirs)}, targets, files, answers, rules, cuda, near, remarks)


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
