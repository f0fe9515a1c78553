"""Findings as values of their own: a scan's uses and files turned into what people are told one by one."""

from __future__ import annotations

import os
import posixpath
from typing import TYPE_CHECKING, NamedTuple

from migrate.model import CLASSES, Span, answer_key
from migrate.paths import display_path

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from migrate.model import Answer, FileResult, Scan, Shape, Use

#: Ids of what concerns a file and no use in it.
_NOT_ANALYSED = {"build": "MIG701", "python": "MIG801"}

#: What became of a finding: reported, in the baseline, or kept quiet by a comment.
NEW, KNOWN, SUPPRESSED = "new", "known", "suppressed"


class Finding(NamedTuple):
    """One id at one place, with the answer of every target that gives it."""

    path: str  # as a person in the working folder types it
    place: str  # from the project's folder: the same on every machine
    line: int
    column: int
    start: int  # byte offset
    length: int
    id: str
    category: str
    name: str  # "cudaDeviceProp.major" for a member; "" for a finding about a file or a comment
    shape: Shape | None = None
    answers: tuple[tuple[str, Answer], ...] = ()  # (target, its answer)
    detail: str = ""  # what a finding about a file or a comment speaks of
    key: str = ""  # digest of the line's text without blanks
    occurrence: int = 1  # which of the file's findings with the same id, name and key
    fingerprint: str = ""  # the same wherever the line stands and whatever the file is called
    end: tuple[int, int] = (0, 0)  # line and column after the last character; (0, 0) when unknown
    state: str = NEW
    reason: str = ""  # of the comment that suppresses it

    @property
    def identity(self) -> tuple[str, str, str, str]:
        """What the baseline knows it by."""
        return self.place, self.id, self.name, self.key


class Project:
    """The folder that findings, baselines and reports speak of, and how paths look from it."""

    def __init__(self, root: str, here: str = "") -> None:
        """Args.

        Args:
            root: absolute folder of the project.
            here: absolute working folder, the process's own when left out.
        """
        self.root = root
        self._here = display_path(here or os.getcwd())  # noqa: PTH109
        self._root = display_path(root).rstrip("/")

    def absolute(self, path: str) -> str:
        """The whole path of one that a scan shows."""
        return posixpath.normpath(posixpath.join(self._here, path))

    def place(self, path: str) -> str:
        """*path*, as a scan shows it, from the project's folder."""
        whole = self.absolute(path)
        if whole.startswith(self._root + "/"):
            return whole[len(self._root) + 1 :]
        return posixpath.relpath(whole, self._root)

    def shown(self, path: str) -> str:
        """*path*, as a scan shows it, from the working folder where it lies below it."""
        whole = self.absolute(path)
        return whole[len(self._here) + 1 :] if whole.startswith(self._here + "/") else path


def find_root(settings_root: str, start: str) -> str:
    """The project's folder: the configuration file's, else the nearest with a `.git` above *start*, else *start*."""
    if settings_root:
        return settings_root
    folder = start
    while True:
        if os.path.exists(os.path.join(folder, ".git")):  # noqa: PTH110, PTH118 - strings all the way
            return folder
        above = os.path.dirname(folder)  # noqa: PTH120
        if above == folder:
            return start
        folder = above


def use_name(shape: Shape) -> str:
    """The name by which a use is known in baselines and reports."""
    return f"{shape.owner}.{shape.name}" if shape.kind == "member" and shape.owner else shape.name


def findings(scan: Scan, project: Project) -> list[Finding]:
    """Every finding of *scan*, of every class, by path, line and column.

    Files with the same bytes as another have its findings too: each path stands for itself in a baseline.
    """
    by_path = {file.path: file for file in scan.files}
    decided: dict[Shape, tuple[tuple[str, str, tuple[tuple[str, Answer], ...]], ...]] = {}

    def answers_of(shape: Shape) -> tuple[tuple[str, str, tuple[tuple[str, Answer], ...]], ...]:
        if shape not in decided:
            decided[shape] = _by_id(scan, shape)
        return decided[shape]

    found: list[Finding] = []
    for file in scan.files:
        original = by_path.get(file.copy_of, file) if file.state == "copy" else file
        uses = original.uses
        if not uses and file.state in ("no-cuda", "copy") and not original.gaps:
            continue
        path, place = project.shown(file.path), project.place(file.path)
        found += _of_uses(path, place, uses, answers_of)
        found += _of_file(path, place, file, original.gaps)
    found.sort(key=lambda finding: (finding.path, finding.line, finding.column, finding.id))
    return found


def _by_id(scan: Scan, shape: Shape) -> tuple[tuple[str, str, tuple[tuple[str, Answer], ...]], ...]:
    """The answers for *shape*, those of one id and class together."""
    key = answer_key(shape)
    found: dict[tuple[str, str], list[tuple[str, Answer]]] = {}
    for target in scan.targets:
        answer = scan.answers[target.key].get(key)
        if answer is not None and answer.id:
            found.setdefault((answer.id, answer.category), []).append((target.key, answer))
    return tuple((identifier, category, tuple(answers)) for (identifier, category), answers in found.items())


def _of_uses(
    path: str,
    place: str,
    uses: Iterable[Use],
    answers_of: Callable[[Shape], tuple[tuple[str, str, tuple[tuple[str, Answer], ...]], ...]],
) -> Iterator[Finding]:
    for use in uses:
        shape = use.shape
        for identifier, category, answers in answers_of(shape):
            yield Finding(
                path,
                place,
                use.line,
                use.column,
                use.start,
                use.length,
                identifier,
                category,
                use_name(shape),
                shape,
                answers,
            )


def _of_file(path: str, place: str, file: FileResult, gaps: tuple[Span, ...]) -> Iterator[Finding]:
    """What concerns the file: it was not read, or parts of it could not be.

    What discovery left out (no language known) was left out on purpose and is no finding.
    """
    if file.state == "not-analysed":
        identifier = _NOT_ANALYSED.get(file.language, "MIG903")
        yield Finding(path, place, 1, 1, 0, 0, identifier, "unknown", "", detail=file.reason)
    elif file.state == "unreadable" or (file.state == "skipped" and file.language):
        yield Finding(path, place, 1, 1, 0, 0, "MIG903", "unknown", "", detail=file.reason)
    for gap in gaps:
        yield Finding(path, place, 0, 0, gap.start, 0, "MIG902", "check", "")


def failing(found: Iterable[Finding], classes: Iterable[str]) -> list[Finding]:
    """Those of *found* whose class is one of *classes*, or of every class but auto when there are none."""
    wanted = frozenset(classes) or frozenset(CLASSES) - {"auto"}
    return [finding for finding in found if finding.category in wanted]
