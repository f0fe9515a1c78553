"""What git says has changed: lines since a revision, renamed files, and where names are mentioned."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

from migrate.errors import UserError
from migrate.git import run_git
from migrate.paths import display_path

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

_HUNK = re.compile(r"@@ -\d+(?:,(\d+))? \+(\d+)(?:,(\d+))? @@")
_QUOTED = re.compile(r'\\([abtnvfr"\\]|[0-7]{3})')
_LETTERS = {"a": 7, "b": 8, "t": 9, "n": 10, "v": 11, "f": 12, "r": 13, '"': 34, "\\": 92}

#: Files that a look for names may lead to; more would be a scan of the whole project.
_MOST_FILES = 500

#: Lines that say what a macro means for the parser.
_ATTRIBUTE_MACRO = (
    r"^[[:space:]]*#[[:space:]]*define[[:space:]].*(__(host|device|global|forceinline|attribute)__|__declspec)"
)


class Changed:
    """Lines that were added or changed, by path from the project's folder."""

    def __init__(self, lines: dict[str, list[tuple[int, int]]], whole: Collection[str]) -> None:
        """Args.

        Args:
            lines: ranges of changed lines, first and last, by path.
            whole: paths of files that are new altogether.
        """
        self._lines = lines
        self._whole = set(whole)

    @property
    def paths(self) -> list[str]:
        """Paths with changes, sorted."""
        return sorted(self._whole | {path for path, ranges in self._lines.items() if ranges})

    def has(self, path: str, line: int) -> bool:
        """Whether this line is new or changed."""
        return path in self._whole or any(first <= line <= last for first, last in self._lines.get(path, ()))


def changed(root: str, revision: str) -> Changed:
    """What the work tree below *root* has that the last common commit with *revision* had not.

    Raises:
        UserError: git cannot be started, this is no repository, or it does not know the revision.
    """
    if revision.startswith("-"):
        raise UserError(f"{revision!r} is no revision")
    base = _run(root, "merge-base", revision, "HEAD", may_fail=True).strip()
    if not base:  # a shallow clone may lack the common commit; the revision itself is the next best
        base = _run(root, "rev-parse", "--verify", "--quiet", f"{revision}^{{commit}}", may_fail=True).strip()
    if not base:
        raise UserError(
            f"git does not know the revision {revision!r} here; in CI fetch it first (git fetch --depth=1 origin NAME)"
        )
    options = ("--unified=0", "--relative", "--no-color", "--no-ext-diff", "--no-textconv", "--find-renames")
    prefixes = ("--src-prefix=a/", "--dst-prefix=b/")
    diff = _run(root, "-c", "core.quotePath=false", "diff", *options, *prefixes, base, "--")
    untracked = _run(root, "ls-files", "--others", "--exclude-standard", "-z").split("\0")
    return Changed(read_diff(diff), [display_path(path) for path in untracked if path])


def read_diff(diff: str) -> dict[str, list[tuple[int, int]]]:
    """Ranges of new lines by path, from a diff without context lines."""
    found: dict[str, list[tuple[int, int]]] = {}
    path, skip = "", 0
    for line in diff.split("\n"):
        if skip and line[:1] in "+-":
            skip -= 1  # content, whatever it looks like
        elif line.startswith("+++ "):
            path = _path(line[4:])
        elif hunk := _HUNK.match(line):
            removed, first, added = int(hunk[1] or 1), int(hunk[2]), int(hunk[3] or 1)
            skip = removed + added
            if path and added:
                found.setdefault(path, []).append((first, first + added - 1))
    return found


def _path(text: str) -> str:
    """The path in a `+++` line, "" for a file that was deleted."""
    text = text.removesuffix("\t").removesuffix("\r")
    if text.startswith('"') and text.endswith('"'):
        inside = text[1:-1].encode("utf-8", "surrogateescape").decode("latin-1")
        data = _QUOTED.sub(
            lambda found: chr(_LETTERS.get(found[1], -1) if found[1] in _LETTERS else int(found[1], 8)), inside
        )
        text = os.fsdecode(data.encode("latin-1"))
    return display_path(text[2:]) if text.startswith("b/") else ""


def renames(root: str, baseline: str) -> dict[str, str]:
    """Files that were renamed since the baseline was last committed: new path → old path; {} where git cannot say."""
    base = _run(root, "log", "-1", "--format=%H", "--", baseline, may_fail=True).strip() or "HEAD"
    options = ("--relative", "--find-renames", "--diff-filter=R", "--name-status", "--no-ext-diff", "-z")
    fields = _run(root, "diff", *options, base, "--", may_fail=True).split("\0")
    found: dict[str, str] = {}
    for index in range(0, len(fields) - 2, 3):
        found[display_path(fields[index + 2])] = display_path(fields[index + 1])
    return found


def mentions(root: str, names: Iterable[str], headers: Iterable[str], *, macros: bool) -> list[str]:
    """Tracked files below *root* that mention one of *names* or are called as one of *headers*, absolute.

    With *macros* also those that define attribute macros. Only tracked files: what is in no commit is missing in CI.
    """
    paths: list[str] = []
    patterns = [argument for name in sorted(set(names)) for argument in ("-e", name)]
    if patterns:
        paths += _run(root, "grep", "-l", "-z", "-w", "-I", "-F", *patterns, "--", may_fail=True).split("\0")
    if macros:
        paths += _run(root, "grep", "-l", "-z", "-I", "-E", "-e", _ATTRIBUTE_MACRO, "--", may_fail=True).split("\0")
    called = [f":(glob)**/{name}" for name in sorted(set(headers)) if not set(name) & set("*?[\\")]
    if called:
        paths += _run(root, "ls-files", "-z", "--", *called, may_fail=True).split("\0")
    unique = dict.fromkeys(path for path in paths if path)
    return [os.path.join(root, path) for path in list(unique)[:_MOST_FILES]]  # noqa: PTH118


def _run(root: str, *arguments: str, may_fail: bool = False) -> str:
    answer = run_git(root, *arguments)
    if answer is not None and answer[0] == 0:
        return answer[1]
    if may_fail:
        return ""
    if answer is None:
        raise UserError("git is not installed")
    raise UserError(f"git {arguments[0]}: {answer[2] or f'exit status {answer[0]}'}")
