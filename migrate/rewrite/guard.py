"""Code that is not CUDA's alone: what stands under a vendor's macro, and output that keeps CUDA beside new lines."""

from __future__ import annotations

import re
from bisect import bisect_right
from typing import TYPE_CHECKING

from migrate.model import Edit
from migrate.rewrite.device_code import KEPT
from migrate.rewrite.edits import apply

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from migrate.manifest import Manifest
    from migrate.parse.directives import Directives
    from migrate.tables.inventory import Inventory

_WORD = re.compile(r"[A-Za-z_]\w*")
_NEGATED = re.compile(r"!\s*(?:defined\s*)?\(?\s*\Z")
#: Macros that say CUDA is meant, so that code under `A || CUDA` is CUDA code too.
_CUDA = re.compile(
    r"__CUDACC\w*|__NVCC__|__CUDA\w*|\w*USE_CUDA\w*|\w*WITH_CUDA\w*|\w*CUDA_ENABLED\w*|\b(?!\w*HIP)\w*NVIDIA\w*"
)


class Guards:
    """Which conditions mean code that another stack, or the target itself, has already."""

    def __init__(self, target: Iterable[str], others: Iterable[str]) -> None:
        """Args.

        Args:
            target: macros that mark code for the target.
            others: macros that mark code for other stacks.
        """
        self._target = frozenset(target)
        self._others = frozenset(others) - self._target
        self._answers: dict[str, bool] = {"": False}

    def skip(self, condition: str) -> bool:
        """Whether code under *condition* (as `Shape.condition` spells it) is to be left alone.

        That is code under a vendor's macro, and the branch that is compiled only where the target's macro is not set:
        its counterpart for the target stands beside it.
        """
        answer = self._answers.get(condition)
        if answer is None:
            answer = self._answers[condition] = any(self._alone(part) for part in _parts(condition))
        return answer

    def _alone(self, part: str) -> bool:
        words = [found for found in _WORD.finditer(part) if found[0] in self._target or found[0] in self._others]
        if not words or ("||" in part and _CUDA.search(part)):
            return False
        for found in words:
            negated = _is_negated(part, found.start())
            if not negated or found[0] in self._target:
                return True
        return False


def other_stacks(shipped: Path, own: Manifest, inventory: Inventory) -> tuple[Guards, frozenset[str]]:
    """The macros that mark code of any stack, and the headers that mark files of the other ones."""
    from migrate import manifest as manifests
    from migrate import targets

    guards: set[str] = set()
    headers: set[str] = set()
    for name in targets.names(shipped):
        manifest = manifests.load_manifest(shipped, name)
        if name == own.name:
            continue
        guards.update(manifest.macros.guards)
        guards.update(manifest.macros.compiler)
        headers.update(header for header in manifest.headers.values() if f"<{header}>" not in inventory)
    mine = {*own.macros.guards, *own.macros.compiler}
    return Guards({*mine, KEPT}, guards), frozenset(headers - set(own.headers.values()))


def _parts(condition: str) -> list[str]:
    """The conditions that must all hold."""
    parts, depth, first = [], 0, 0
    position = 0
    while position < len(condition):
        character = condition[position]
        depth += (character == "(") - (character == ")")
        if depth == 0 and condition.startswith("&&", position):
            parts.append(condition[first:position].strip())
            position += 2
            first = position
            continue
        position += 1
    parts.append(condition[first:].strip())
    return parts


def _is_negated(part: str, position: int) -> bool:
    """Whether the macro at *position* must not be set: an odd number of `!` stands over it."""
    count = 1 if _NEGATED.search(part[:position]) else 0
    # `!(A || B)`: brackets around it with a `!` before.
    depth = 0
    for index in range(position - 1, -1, -1):
        if part[index] == ")":
            depth += 1
        elif part[index] == "(":
            if depth:
                depth -= 1
            elif index and part[:index].rstrip().endswith("!") and not _NEGATED.search(part[:position]):
                count += 1
    return count % 2 == 1


def guarded(source: bytes, view: bytes, directives: Directives, edits: Sequence[Edit], macro: str) -> tuple[Edit, ...]:
    """*edits* as whole lines for the target beside CUDA's own: `#ifdef MACRO`, new lines, `#else`, old lines, `#endif`.

    Lines that belong together stay together: a directive with its continued lines, everything inside one pair of
    parentheses.
    """
    if not _balanced(directives):
        return ()  # a guard put into groups that do not close would guard something else

    blocks: list[list[int]] = []  # start, end of the old lines
    rounds = _round_ranges(view)
    for edit in edits:
        start, end = _lines(source, edit.start, edit.end, directives, rounds)
        if blocks and start <= blocks[-1][1]:
            blocks[-1][1] = max(blocks[-1][1], end)
            blocks[-1][0] = min(blocks[-1][0], start)
        else:
            blocks.append([start, end])
    newline = b"\r\n" if b"\r\n" in source[:4096] else b"\n"
    result: list[Edit] = []
    for start, end in blocks:
        inner = [Edit(e.start - start, e.end - start, e.text) for e in edits if start <= e.start and e.end <= end]
        old = source[start:end]
        new = apply(old, inner)
        if old and not old.endswith(b"\n"):
            old += newline
        if new and not new.endswith(b"\n"):
            new += newline
        if not old:
            text = b"#ifdef " + macro.encode() + newline + new + b"#endif" + newline
        else:
            text = b"#ifdef " + macro.encode() + newline + new + b"#else" + newline + old + b"#endif" + newline
        result.append(Edit(start, end, text))
    return tuple(result)


def _balanced(directives: Directives) -> bool:
    """Whether every `#if` has its `#endif`."""
    depth = 0
    for directive in directives.all:
        if directive.word in ("if", "ifdef", "ifndef"):
            depth += 1
        elif directive.word == "endif":
            depth -= 1
            if depth < 0:
                return False
    return depth == 0


def _round_ranges(view: bytes) -> list[tuple[int, int]]:
    """Outermost pairs of parentheses, sorted: a directive inside a macro's arguments would be undefined."""
    ranges: list[tuple[int, int]] = []
    depth = start = 0
    for found in re.finditer(rb"[()]", view):
        byte = found[0]
        if byte == b"(":
            if depth == 0:
                start = found.start()
            depth += 1
        elif byte == b")":
            if depth == 1:
                ranges.append((start, found.end()))
            depth = max(0, depth - 1)
    return ranges


def _lines(
    source: bytes, start: int, end: int, directives: Directives, rounds: list[tuple[int, int]]
) -> tuple[int, int]:
    """The whole lines around a range, grown until nothing that belongs together is cut."""
    first = 3 if source.startswith(b"\xef\xbb\xbf") else 0
    while True:
        before = (start, end)
        index = bisect_right(rounds, (start, len(source))) - 1
        for low, high in rounds[max(0, index) : index + 8]:
            if low < end and start < high:
                start, end = min(start, low), max(end, high)
        for at in (start, max(start, end - 1)):
            directive = directives.at(at)
            if directive is not None:
                start, end = min(start, directive.start), max(end, directive.end)
        start = max(source.rfind(b"\n", 0, start) + 1, first)
        if end == before[0] == start:  # an insertion of whole lines
            return start, end
        if not (end > 0 and source[end - 1 : end] == b"\n" and end > start):
            line = source.find(b"\n", end)
            end = len(source) if line < 0 else line + 1
        if (start, end) == before:
            return start, end
