"""Every file of a scan: which change, how files are called afterwards, what git says, and a complete copy elsewhere."""
# ruff: noqa: PTH100, PTH103, PTH108, PTH110, PTH112, PTH113, PTH114, PTH115, PTH116, PTH118, PTH119, PTH120, PTH122, PTH123, PTH211
# Paths stay strings, as the scan has them, with bytes that are no UTF-8 as surrogates.

from __future__ import annotations

import os
import re
import shutil
from dataclasses import replace
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, NamedTuple

from migrate.model import Edit
from migrate.parse.directives import Directives
from migrate.parse.view import make_view
from migrate.rewrite import edits as edit_values
from migrate.rewrite import includes, write
from migrate.rewrite.values import Rewritten
from migrate.source import digest

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from migrate.model import FileResult, Scan
    from migrate.rewrite.rewriter import Rewriter

_BUILD = frozenset(("build", "python"))
_ESCAPE = re.compile(r"\\(?:\\|x([0-9a-f]{2})|u([0-9a-f]{4})|U([0-9a-f]{8}))")
_VERSION_CONTROL = frozenset((".git", ".hg", ".svn"))
#: What in a build file names a CUDA source or a set of them.
_NAMED_SOURCE = re.compile(rb"[\w./*?-]*[\w*?]\.cuh?(?![\w.])")
_LOOKED_AT = frozenset(("analysed", "copy", "no-cuda"))


class Named(NamedTuple):
    """A place of a build file that names a source which is called otherwise afterwards."""

    line: int
    name: str
    suffix: str  # of the new name


class Change(NamedTuple):
    """One file and what became of it."""

    path: str  # as shown
    place: str  # what to open, as the system spells it
    new_place: str  # where it is called otherwise afterwards, else the same
    old: bytes
    rewritten: Rewritten
    problem: str = ""  # why it could not be rewritten, in stable English words
    named: tuple[Named, ...] = ()  # sources by their old names, which a person changes

    @property
    def changes(self) -> bool:
        """Whether anything is to be written."""
        return self.rewritten.data != self.old or self.new_place != self.place


def real_path(shown: str) -> str:
    """The path that `display_path` showed: escapes undone, bytes that are no UTF-8 as surrogates."""
    if "\\" not in shown:
        return shown
    return _ESCAPE.sub(_character, shown)


def _character(found: re.Match[str]) -> str:
    byte, short, long = found.groups()
    if byte:
        code = int(byte, 16)
        return chr(code + 0xDC00 if code >= 0x80 else code)
    return chr(int(short or long, 16)) if short or long else "\\"


def changes(
    scan: Scan, rewriter: Rewriter, *, given: Mapping[str, bytes] | None = None, rename_files: bool = False
) -> Iterator[Change]:
    """What becomes of every file of *scan* that was looked at, in its order.

    Args:
        scan: of any targets; the rewriter answers for its own.
        rewriter: for one target.
        given: bytes of files that cannot be read again, by path: standard input.
        rename_files: give CUDA files the target's suffixes, and let includes of them follow.
    """
    originals = {result.path: result for result in scan.files}
    renames = Renames(rewriter, scan.files) if rename_files else None
    for result in scan.files:
        build = renames is not None and result.language in _BUILD
        bare = result.state == "no-cuda" or (build and result.state == "not-analysed")
        if not bare and result.state not in _LOOKED_AT:
            continue
        if bare and renames is None and not rewriter.may_change(result):
            continue
        place = real_path(result.path)
        new_place = renames.new_place(place) if renames else place
        try:
            data = (given or {}).get(result.path)
            if data is None:
                with open(place, "rb") as stream:
                    data = stream.read()
        except OSError as error:
            yield _failed(result, place, f"cannot be read: {error.strerror or error}")
            continue
        source = result
        if result.state == "copy" and result.copy_of in originals:
            source = replace(originals[result.copy_of], path=result.path, language=result.language)
        if not bare and source.digest != digest(data):
            yield _failed(result, place, "changed since it was scanned")
            continue
        rewritten = (
            rewriter.rewrite(data, source)
            if not bare or rewriter.may_change(result)
            else Rewritten(data, (), 0, (), (), "", converged=True)
        )
        named: tuple[Named, ...] = ()
        if renames and build:
            named = renames.named(data)
        elif renames:
            rewritten = renames.follow(rewritten, place)
        yield Change(result.path, place, new_place, data, rewritten, named=named)


def _failed(result: FileResult, place: str, problem: str) -> Change:
    return Change(result.path, place, place, b"", Rewritten(b"", (), 0, (), (), "", converged=True), problem)


class Renames:
    """New names of CUDA files (`.cu` → `.mu`), and includes that follow them."""

    def __init__(self, rewriter: Rewriter, files: Iterable[FileResult]) -> None:
        """Args.

        Args:
            rewriter: its target's manifest says which suffixes.
            files: all files of the project.
        """
        compiler = rewriter.manifest.compiler
        source = compiler.get("suffix", ".cu")
        self._suffixes = {".cu": source, ".cuh": compiler.get("header_suffix", ".cuh")}
        paths = [real_path(result.path) for result in files if result.state in _LOOKED_AT]
        self._new = {path: new for path in paths if (new := self._renamed(path)) != path}
        self._names = {os.path.basename(path) for path in self._new}
        self._tails = list(self._new)

    def _renamed(self, path: str) -> str:
        stem, suffix = os.path.splitext(path)
        return stem + self._suffixes.get(suffix, suffix)

    def new_place(self, place: str) -> str:
        """What the file at *place* is called afterwards."""
        return self._new.get(place, place)

    def follow(self, rewritten: Rewritten, place: str) -> Rewritten:
        """*rewritten* with includes of renamed files following."""
        data = rewritten.data
        if not self._names or b".cu" not in data:
            return rewritten
        view = make_view(data).text
        more = [
            Edit(include.start, include.end, self._renamed(include.name).encode("utf-8", "surrogateescape"))
            for include in includes.find(view, Directives(view))
            if self._is_ours(include.name, place)
        ]
        if not more:
            return rewritten
        new = edit_values.apply(data, more)
        composed = edit_values.compose(rewritten.edits, more, data) if rewritten.edits else tuple(more)
        return rewritten._replace(data=new, edits=composed)

    def named(self, data: bytes) -> tuple[Named, ...]:
        """Where *data*, a build file, names sources that are called otherwise afterwards."""
        found = []
        for match in _NAMED_SOURCE.finditer(data) if self._names else ():
            name = match[0].decode()
            pattern = os.path.basename(name)
            if any(fnmatchcase(known, pattern) for known in self._names):
                line = data.count(b"\n", 0, match.start()) + 1
                found.append(Named(line, name, os.path.splitext(self._renamed(name))[1]))
        return tuple(found)

    def _is_ours(self, name: str, place: str) -> bool:
        """Whether an include names a renamed file: beside the including one, or by the end of its path."""
        if os.path.basename(name) not in self._names:
            return False
        beside = os.path.normpath(os.path.join(os.path.dirname(place), name))
        tail = "/" + os.path.normpath(name).lstrip("./")
        return beside in self._new or any(("/" + path).endswith(tail) for path in self._tails)


# ---- what git says


def uncommitted(places: Sequence[str]) -> tuple[list[str], list[str]]:
    """Of *places*, those in no work tree of git, and those with changes that are not committed."""
    from migrate.git import run_git

    folders: dict[str, list[str]] = {}
    for place in places:
        real = os.path.realpath(place)
        folders.setdefault(os.path.dirname(real), []).append(place)
    tops: dict[str, str | None] = {}
    changed: dict[str, set[str]] = {}
    loose: list[str] = []
    dirty: list[str] = []
    for folder, files in folders.items():
        top = _top(folder, tops)
        if top is None:
            loose += files
            continue
        if top not in changed:
            answer = run_git(top, "status", "--porcelain", "-z", "--untracked-files=all", "--ignored=matching")
            changed[top] = set() if answer is None else _changed(answer[1])
        for place in files:
            relative = os.path.relpath(os.path.realpath(place), top).replace(os.sep, "/")
            if relative in changed[top] or any(
                relative.startswith(name) for name in changed[top] if name.endswith("/")
            ):
                dirty.append(place)
    return sorted(loose), sorted(dirty)


def _top(folder: str, known: dict[str, str | None]) -> str | None:
    """The work tree a folder lies in; one that git ignores as a whole counts as in none."""
    from migrate.git import run_git

    for parent, top in known.items():
        if top is not None and (folder == parent or folder.startswith(parent + "/")):
            return top
    if folder not in known:
        answer = run_git(folder, "rev-parse", "--show-toplevel")
        known[folder] = answer[1].rstrip("\n") if answer is not None and answer[0] == 0 else None
        top = known[folder]
        if top is not None:
            known[top] = top
    return known[folder]


def _changed(output: str) -> set[str]:
    """Paths of `git status --porcelain -z`; the old name of a renamed file is left out."""
    paths = set()
    entries = iter(output.split("\0"))
    for entry in entries:
        if len(entry) > 3:
            paths.add(entry[3:])
            if entry[0] in "RC":
                next(entries, None)
    return paths


# ---- a copy elsewhere


def copy_tree(root: str, out: str, skip: frozenset[str]) -> int:
    """Copies what lies below *root* to *out* but for version control's folders and the real paths in *skip*.

    Links are copied as links. Returns how many files were copied.
    """
    copied = 0
    inside = os.path.realpath(out)
    for folder, folders, files in os.walk(root):
        folders[:] = sorted(
            name
            for name in folders
            if name not in _VERSION_CONTROL and os.path.realpath(os.path.join(folder, name)) != inside
        )
        relative = os.path.relpath(folder, root)
        there = os.path.normpath(os.path.join(out, relative))
        os.makedirs(there, exist_ok=True)
        for name in sorted(files):
            source = os.path.join(folder, name)
            if os.path.realpath(source) in skip and not os.path.islink(source):
                continue
            target = os.path.join(there, name)
            if os.path.islink(source):
                if os.path.lexists(target):
                    os.unlink(target)
                os.symlink(os.readlink(source), target)
            elif os.path.isfile(source):
                shutil.copy(source, target)
            copied += 1
        for name in folders:
            source = os.path.join(folder, name)
            if os.path.islink(source) and not os.path.lexists(os.path.join(there, name)):
                os.symlink(os.readlink(source), os.path.join(there, name))
    return copied


def out_places(paths: Sequence[str], out: str, found: Sequence[Change]) -> dict[str, str]:
    """Where the files of *found* go below *out*, by their place now.

    One file goes to *out* itself, unless that is a folder or ends in "/"; a folder's files keep their places below it;
    of several paths each file keeps the path it is shown under.
    """
    if len(paths) == 1 and not os.path.isdir(paths[0]):
        folder = out.endswith(("/", os.sep)) or os.path.isdir(out)
        return {
            change.place: os.path.join(out, os.path.basename(change.new_place)) if folder else out for change in found
        }
    places = {}
    for change in found:
        relative = change.new_place.lstrip("/")
        if len(paths) == 1:
            relative = os.path.relpath(os.path.abspath(change.new_place), os.path.abspath(paths[0]))
        while relative.startswith("../"):
            relative = relative[3:]
        places[change.place] = os.path.join(out, relative)
    return places


def write_out(paths: Sequence[str], out: str, found: Sequence[Change]) -> int:
    """Writes the whole of *paths* to *out*, rewritten files in their new form; returns how many files were written."""
    places = out_places(paths, out, found)
    done = frozenset(os.path.realpath(change.place) for change in found if not change.problem)
    count = 0
    for path in paths:
        if os.path.isdir(path):
            below = out if len(paths) == 1 else os.path.join(out, os.path.relpath(path).replace("../", ""))
            count += copy_tree(path, below, done)
    for change in found:
        if not change.problem:
            mode = os.stat(change.place).st_mode & 0o7777 if os.path.exists(change.place) else 0o644
            write.create(places[change.place], change.rewritten.data, mode)
            count += 1
    return count
