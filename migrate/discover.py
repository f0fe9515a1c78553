"""Which files are looked at: paths from the command line become candidates, sorted, each file once.

Folders are listed by git where there is a work tree, so its ignore rules hold exactly; elsewhere they are walked.
Links inside a folder never lead out of what was named, and what is left out is said with its reason.
"""

from __future__ import annotations

import errno
import os
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from migrate import git
from migrate.config import DEFAULT_EXCLUDE
from migrate.errors import UserError
from migrate.globs import Patterns
from migrate.paths import display_path, language_of, shown_path, slashed

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = [
    "DEFAULT_EXCLUDE",
    "WALK_SKIP",
    "Candidate",
    "Discovery",
    "Skipped",
    "discover",
    "display_path",
    "language_of",
]

#: Folders a walk leaves out besides the exclude patterns, because no ignore rules tell generated files apart.
WALK_SKIP = ("build", "build-*", "build_*", "cmake-build-*", "_skbuild")


class Candidate(NamedTuple):
    """A file to look at."""

    path: str  # as shown: relative to the working directory where possible, with "/", safe for a terminal
    file: str  # what to open; may hold bytes that are no UTF-8 as surrogates
    language: str  # cuda, c++, ptx, python, cython, template, build, other
    size: int = 0  # bytes, 0 for standard input
    stdin: bool = False  # read standard input instead of opening `file`

    @property
    def real(self) -> Path:
        """The file as a path; made when asked for, since 20,000 of them cost 90 ms."""
        return Path(self.file)


class Skipped(NamedTuple):
    """A file or folder (with a "/" at its end) that is not looked at, and why."""

    path: str
    reason: str
    state: str = "skipped"  # or "unreadable"


@dataclass(frozen=True, slots=True)
class Discovery:
    """What the paths came to; the lists are sorted, so the order of the paths changes nothing."""

    candidates: list[Candidate]
    skipped: list[Skipped]
    notes: list[str]  # remarks on the listing itself: git missing, a folder git could not open


def discover(
    paths: Sequence[str],
    *,
    exclude: Sequence[str] = DEFAULT_EXCLUDE,
    extend_exclude: Sequence[str] = (),
    include: Sequence[str] = (),
    respect_gitignore: bool = True,
    force_exclude: bool = False,
    stdin_filename: str = "",
) -> Discovery:
    """Find the files behind *paths*: files, folders, or `-` for standard input.

    A pattern without a slash is held against the name of the file and of each folder above it, one with a slash against
    the path below the working directory or below a named folder; `*` and `?` stop at a slash, `**` does not.

    Args:
        paths: As typed. A named file is a candidate whatever its name; in folders the name decides.
        exclude: Patterns of what is left out.
        extend_exclude: More of them.
        include: When given, files found in folders must match one of these; their suffix may then be any.
        respect_gitignore: Leave out what git ignores.
        force_exclude: Apply the exclude patterns to named files and folders too.
        stdin_filename: Name under which standard input is shown; it decides the language (CUDA without one).

    Raises:
        UserError: A path does not exist, or a pattern is malformed.
    """
    named: list[tuple[str, os.stat_result]] = []
    missing: list[str] = []
    broken: list[Skipped] = []
    for path in sorted({*paths} - {"-"}):
        try:
            named.append((path, os.stat(path)))  # noqa: PTH116 - the text, so that no form of it is lost
        except (OSError, ValueError) as error:
            reason = _unreachable(path, error)
            if reason:
                broken.append(Skipped(display_path(shown_path(path)), reason, "unreadable"))
            else:
                missing.append(path)
    if missing:
        raise UserError("\n".join(map(_missing_message, missing)))

    folders = [_folder(path) for path, status in named if stat.S_ISDIR(status.st_mode)]
    anchors = {slashed(os.getcwd()), *(folder.absolute for folder in folders)}  # noqa: PTH109
    finder = _Finder(
        exclude=Patterns((*exclude, *extend_exclude), anchors),
        include=Patterns(include, anchors) if include else None,
        roots=folders,
        respect_gitignore=respect_gitignore,
    )
    finder.skip(*broken)
    for path, status in named:
        if force_exclude and (pattern := finder.excluded_when_named(path)):
            finder.skip(Skipped(display_path(shown_path(path)), _excluded_reason(pattern)))
        elif stat.S_ISDIR(status.st_mode):
            finder.add_folder(_folder(path))
        elif stat.S_ISREG(status.st_mode):
            finder.add_named(path, status.st_size)
        else:
            finder.skip(
                Skipped(display_path(shown_path(path)), "not an ordinary file; give its text as standard input, -")
            )
    found = finder.finish()
    if "-" in paths:
        shown = shown_path(stdin_filename) if stdin_filename else "<stdin>"
        pattern = finder.excluded_when_named(stdin_filename) if force_exclude and stdin_filename else ""
        if pattern:
            finder.skip(Skipped(display_path(shown), _excluded_reason(pattern)))
        else:
            language = (language_of(Path(stdin_filename).name) or "other") if stdin_filename else "cuda"
            typed = Candidate(display_path(shown), "-", language, stdin=True)
            # an editor's buffer stands for the file on disk
            found = [candidate for candidate in found if candidate.path != typed.path]
            found.append(typed)
    # no skipped folder whose files were asked for by name
    asked = {display_path(folder.prefix) for folder in folders} if not force_exclude else set()
    return Discovery(
        sorted(found),
        sorted(skipped for path, skipped in finder.skipped.items() if path not in asked),
        sorted(finder.notes),
    )


class _Folder(NamedTuple):
    """A folder whose files are listed in one go."""

    prefix: str  # how paths below it are shown: "", "src/", "/data/x/"
    absolute: str  # with "/", no slash at its end; patterns are held against it
    real: str  # the same without links, so that one file has one name

    def child(self, relative: str) -> _Folder:
        return _Folder(f"{self.prefix}{relative}/", f"{self.absolute}/{relative}", f"{self.real}/{relative}")


def _folder(path: str) -> _Folder:
    shown = shown_path(path)
    prefix = "" if shown == "." else f"{shown.rstrip('/')}/"
    return _Folder(prefix, slashed(os.path.abspath(path)), slashed(os.path.realpath(path)))  # noqa: PTH100


class _Finder:
    """Collects files from any number of folders; what decides between two names of one file is decided at the end."""

    def __init__(
        self, *, exclude: Patterns, include: Patterns | None, roots: Sequence[_Folder], respect_gitignore: bool
    ) -> None:
        self.skipped: dict[str, Skipped] = {}
        self.notes: set[str] = set()
        self._exclude = exclude
        self._include = include
        self._roots = roots
        self._respect_gitignore = respect_gitignore
        self._pending: list[_Folder] = []
        self._found: dict[str, Candidate] = {}  # by real path
        self._links: dict[str, tuple[str, str, bool]] = {}  # shown path: real path, language, named

    def skip(self, *entries: Skipped) -> None:
        self.skipped.update((entry.path, entry) for entry in entries)

    def excluded_when_named(self, path: str) -> str:
        """The pattern that excludes a named path or a folder above it, below the working directory."""
        parts = shown_path(path).split("/")
        start = slashed(os.path.abspath(path)).removesuffix("/".join(parts)).rstrip("/")  # noqa: PTH100
        for count, name in enumerate(parts, 1):
            if pattern := self._exclude.match(name, "/".join((start, *parts[:count]))):
                return pattern
        return ""

    def add_named(self, path: str, size: int) -> None:
        """Take a file that was named; what its name says does not matter."""
        real = slashed(os.path.realpath(path))
        language = language_of(Path(path).name) or "other"
        if Path(path).is_symlink():
            self._links[shown_path(path)] = (real, language, True)
        else:
            location = slashed(os.path.abspath(path))  # noqa: PTH100
            self._take(real, Candidate(display_path(shown_path(path)), location, language, size))

    def add_folder(self, folder: _Folder) -> None:
        """Take the files of a folder later: a queue, since repositories can be nested deeper than calls can."""
        self._pending.append(folder)

    def finish(self) -> list[Candidate]:
        """List the folders, decide what becomes of the links, then give all candidates."""
        while self._pending:
            self._list(self._pending.pop())
        for shown, (real, language, named) in sorted(self._links.items()):
            path = display_path(shown)
            base = next((root for root in self._roots if f"{real}/".startswith(f"{root.real}/")), None)
            if Path(real).is_dir():
                if base is None:
                    reason = f"link to a folder outside the tree: {display_path(real)}"
                    self.skip(Skipped(f"{path}/", reason))
                continue
            if not language:
                continue
            if real in self._found:
                self.skip(Skipped(path, f"link to {self._found[real].path}"))
            elif base is None and not named:
                self.skip(Skipped(path, f"link to a file outside the tree: {display_path(real)}"))
            elif base and not named and (pattern := self._excluded_below(base, real)):
                self.skip(Skipped(path, f"link to {display_path(real)}, {_excluded_reason(pattern)}"))
            else:
                try:
                    status = os.stat(real)  # noqa: PTH116
                except OSError:
                    continue
                if stat.S_ISREG(status.st_mode):
                    self._take(real, Candidate(path, real, language, status.st_size))
        return list(self._found.values())

    def _take(self, real: str, candidate: Candidate) -> None:
        known = self._found.get(real)
        if known is None or candidate.path < known.path:
            self._found[real] = candidate

    def _take_link(self, shown: str, location: str, language: str) -> None:
        try:
            real = os.path.realpath(location, strict=True)
        except OSError as error:
            if language:
                reason = _unreachable(location, error) or f"cannot be read: {error.strerror}"
                self.skip(Skipped(display_path(shown), reason, "unreadable"))
            return
        self._links[shown] = (slashed(real), language, False)

    def _wanted(self, name: str, absolute: str) -> str:
        """Language of a file found in a folder, "" when it is none of ours."""
        language = language_of(name)
        if self._include is None:
            return language
        return (language or "other") if self._include.match(name, absolute) else ""

    def _excluded_folder(self, folder: _Folder, relative: str, known: dict[str, str]) -> str:
        """The pattern that excludes a folder or one above it, up to *folder*, which itself was asked for.

        Args:
            folder: Where *relative* starts.
            relative: Path of the folder in question, "" for *folder* itself.
            known: Answers, kept between calls.
        """
        unknown: list[str] = []
        while relative and relative not in known:
            unknown.append(relative)
            relative = relative.rpartition("/")[0]
        pattern = known.get(relative, "")
        for path in reversed(unknown):
            if not pattern:
                pattern = self._exclude.match(path.rpartition("/")[2], f"{folder.absolute}/{path}")
                if pattern:
                    self._say_excluded(f"{folder.prefix}{path}/", pattern)
            known[path] = pattern
        return pattern

    def _excluded_below(self, folder: _Folder, real: str) -> str:
        """The pattern that excludes a file below *folder*, given by its real path."""
        relative = real[len(folder.real) + 1 :]
        above, _, name = relative.rpartition("/")
        pattern = self._excluded_folder(folder, above, {})
        return pattern or self._exclude.match(name, f"{folder.absolute}/{relative}")

    def _say_excluded(self, shown: str, pattern: str) -> None:
        if pattern not in DEFAULT_EXCLUDE:  # nobody misses .git
            self.skip(Skipped(display_path(shown), _excluded_reason(pattern)))

    def _list(self, folder: _Folder) -> None:
        """Take the files of a folder, as git lists them or else by walking."""
        if not self._respect_gitignore:
            self._walk(folder, ())
            return
        shown = display_path(folder.prefix) or "."
        answer = git.list_files(folder.absolute)
        if answer is None:
            if any(Path(level, ".git").exists() for level in (Path(folder.absolute), *Path(folder.absolute).parents)):
                self.notes.add(f"{shown}: git is not installed, so its ignore rules are not applied")
            self._walk(folder, WALK_SKIP)
            return
        status, output, complaint = answer
        if status:
            if "not a git repository" not in complaint:
                self.notes.add(f"{shown}: git cannot list it, so its ignore rules are not applied: {complaint}")
            self._walk(folder, WALK_SKIP)
            return
        if complaint:
            self.notes.add(f"{shown}: git says: {complaint}")
        if output:
            self._take_listed(folder, output)
        elif git.is_ignored(folder.absolute):
            self._walk(folder, ())  # named all the same, so it is wanted

    def _take_listed(self, folder: _Folder, output: str) -> None:
        """Take what git listed."""
        known: dict[str, str] = {}
        for mode, relative in git.entries(output):
            if mode == "160000" or relative.endswith("/"):
                self._take_nested(folder, relative.rstrip("./" if relative == "./" else "/"), known)
                continue
            location = f"{folder.absolute}/{relative}"
            above, _, name = relative.rpartition("/")
            language = self._wanted(name, location)
            if not language and mode not in {"", "120000"}:
                continue
            try:
                status = os.lstat(location)
            except OSError:  # deleted, or left out by a sparse checkout: nothing to look at
                continue
            link = stat.S_ISLNK(status.st_mode)
            if (not language and not link) or self._excluded_folder(folder, above, known):
                continue
            if pattern := self._exclude.match(name, location):
                self._say_excluded(f"{folder.prefix}{relative}", pattern)
            elif link:
                self._take_link(f"{folder.prefix}{relative}", location, language)
            elif stat.S_ISREG(status.st_mode):
                path = display_path(f"{folder.prefix}{relative}")
                self._take(f"{folder.real}/{relative}", Candidate(path, location, language, status.st_size))

    def _take_nested(self, folder: _Folder, relative: str, known: dict[str, str]) -> None:
        """Take a repository inside another; where the inner one was not fetched git would answer for the outer one."""
        if not relative:
            self._walk(folder, WALK_SKIP)
            return
        child = folder.child(relative)
        inner = Path(child.absolute)
        if not self._excluded_folder(folder, relative, known) and inner.is_dir() and not inner.is_symlink():
            if (inner / ".git").exists():
                self.add_folder(child)
            else:
                self._walk(child, WALK_SKIP)

    def _walk(self, folder: _Folder, skip: Sequence[str]) -> None:
        """Take the files below a folder, leaving out folders that match *skip*; repositories below are git's again."""
        generated = Patterns(skip, ())
        pending = [""]
        while pending:
            relative = pending.pop()
            try:
                with os.scandir(f"{folder.absolute}/{relative}") as listing:
                    below = list(listing)
            except OSError as error:
                path = display_path(f"{folder.prefix}{relative}") or "./"
                self.skip(Skipped(path, f"folder cannot be read: {error.strerror}", "unreadable"))
                continue
            if relative and self._respect_gitignore and any(entry.name == ".git" for entry in below):
                self.add_folder(folder.child(relative.rstrip("/")))
                continue
            for entry in below:
                path = f"{relative}{entry.name}"
                try:
                    directory = entry.is_dir(follow_symlinks=False)
                    if directory and (pattern := generated.match(entry.name, "")):
                        self._say_excluded(f"{folder.prefix}{path}/", pattern)
                    elif self._take_entry(folder, path, entry, directory=directory):
                        pending.append(f"{path}/")
                except OSError:  # gone since it was listed
                    continue

    def _take_entry(self, folder: _Folder, relative: str, entry: os.DirEntry[str], *, directory: bool) -> bool:
        """Take what a walk met; true for a folder to go into."""
        location = f"{folder.absolute}/{relative}"
        language = "" if directory else self._wanted(entry.name, location)
        if not directory and not language and not entry.is_symlink():
            return False
        if pattern := self._exclude.match(entry.name, location):
            self._say_excluded(f"{folder.prefix}{relative}{'/' * directory}", pattern)
            return False
        if entry.is_symlink():
            self._take_link(f"{folder.prefix}{relative}", location, language)
        elif entry.is_file(follow_symlinks=False):
            size = entry.stat(follow_symlinks=False).st_size
            path = display_path(f"{folder.prefix}{relative}")
            self._take(f"{folder.real}/{relative}", Candidate(path, location, language, size))
        return directory


def _unreachable(path: str, error: OSError | ValueError) -> str:
    """Why a path that exists as a link cannot be followed, "" when there is no such path."""
    if isinstance(error, PermissionError):
        return "no permission to reach it"
    if isinstance(error, ValueError) or not os.path.islink(path):  # noqa: PTH114 - says no to overlong names
        return ""
    if error.errno == errno.ELOOP:
        return "link that leads back to itself"
    return f"link to nothing: {display_path(str(Path(path).readlink()))}"


def _excluded_reason(pattern: str) -> str:
    return f"excluded by the pattern {display_path(pattern)!r}"


def _missing_message(path: str) -> str:
    """Say that a path does not exist, with the nearest name that does."""
    from difflib import get_close_matches

    message = f"{display_path(path) or '(empty path)'}: no such file or folder"
    if "\0" in path:
        return message
    existing, wanted = Path(path).parent, Path(path).name
    while not existing.is_dir() and existing != existing.parent:
        existing, wanted = existing.parent, existing.name
    try:
        near = get_close_matches(wanted, sorted(os.listdir(existing)), n=1)  # noqa: PTH208 - names only
    except OSError:
        near = []
    return f"{message}; did you mean {display_path(slashed(str(existing / near[0])))}?" if near else message
