"""Calls in the form of a newer CUDA than the target follows: `cudaMemPrefetchAsync(p, n, location, 0)` of CUDA 13.

The forms are those of `rules/cuda/changed.tsv`: parameters that were added, or an integer that became a structure.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from migrate import lazy
from migrate.hazards.facts import Verdict
from migrate.hazards.hazard import Hazard
from migrate.model import Note
from migrate.tables.rules import rules_dir

if TYPE_CHECKING:
    from collections.abc import Iterator

    from migrate.hazards.code import Code
    from migrate.hazards.facts import Facts
    from migrate.parse.uses import Found

_PARAMETERS = lazy.pattern(r"\(([^()]*)\)\s*\Z")
_STRUCT = lazy.pattern(r"\b(?:cuda|CU)\w+")
_VERSION = lazy.pattern(r"(\w+) of CUDA (\d+)")

_TEXT = Note(
    "the call has the form of CUDA {version}, while the target follows {own}: write the older form",
    "该调用采用 CUDA {version} 的形式，而目标遵循 {own}：应改写为较早的形式",
)


class _Change(NamedTuple):
    """How a function's parameters changed."""

    major: str  # version of CUDA that brought the new form
    old: int  # number of parameters
    new: int
    structures: tuple[tuple[int, bytes], ...]  # place and type of parameters that were integers before


@lru_cache(maxsize=1)
def _changes() -> dict[bytes, _Change]:
    """The latest change of each function whose two forms can be told apart."""
    found = {}
    lines = (rules_dir() / "cuda" / "changed.tsv").read_text(encoding="utf-8").splitlines()
    for line in lines[1:]:
        name, _, changed, *signatures = line.split("\t")
        forms = [match[1].split(",") for text in signatures if (match := _PARAMETERS.search(text))]
        if len(forms) == 2 and not any(text.startswith("#define") for text in signatures):
            old, new = forms
            structures = tuple(
                (place, match[0].encode())
                for place, (before, after) in enumerate(zip(old, new, strict=False))
                if "*" not in after
                and not _STRUCT.search(before.replace("CUdevice", ""))
                and (match := _STRUCT.search(after))
            )
            found[name.encode()] = _Change(changed.partition(".")[0], len(old), len(new), structures)
    return found


def find(code: Code) -> Iterator[Found]:
    """Calls with more arguments than the older form takes, or with a structure where it takes an integer."""
    changes = _changes()
    for use in code.finder.result.uses:
        change = changes.get(use.shape.name.encode()) if use.shape.kind == "call" else None
        if change is None:
            continue
        pieces = code.split(code.text.find(b"(", use.end) + 1) or []
        arguments = [code.text[start:end].strip() for start, end in pieces]
        if len(arguments) > change.old or any(
            place < len(arguments) and _is_of(code, arguments[place], kind) for place, kind in change.structures
        ):
            shown = f"{use.shape.name} of CUDA {change.major}"
            yield code.found(use.start, use.end, "changed-signature/newer", shown)


def _is_of(code: Code, argument: bytes, kind: bytes) -> bool:
    """Whether *argument* is made as a *kind*, or is a variable that the file declares as one."""
    if kind in argument or argument.startswith(b"{"):
        return True
    return re.fullmatch(rb"\w+", argument) is not None and (
        re.search(rb"\b" + kind + rb"\s+(?:&\s*|const\s+)?" + argument + rb"\b", code.text) is not None
    )


def judge(detail: str, name: str, facts: Facts) -> Verdict | None:  # noqa: ARG001
    """A hazard where the target follows an older CUDA than the one that brought the form."""
    match = _VERSION.fullmatch(name)
    version = int(match[2]) if match else 0
    span = facts.manifest.arch.cuda_version
    if span is not None and 0 < span[1] < version * 1000:
        words = {"version": str(version), "own": f"CUDA {span[1] // 1000}.{span[1] % 1000 // 10}"}
        evidence = tuple(piece for piece in facts.manifest.arch.source.split("; ") if piece)
        return Verdict(Note(_TEXT.en.format(**words), _TEXT.zh.format(**words)), evidence)
    for fact in facts.features("older-signatures"):
        if version > fact.number:
            return Verdict(Note(fact.en, fact.zh), (fact.evidence,))
    return None


HAZARD = Hazard(
    "changed-signature",
    "MIG204",
    frozenset(
        {
            b"cuCtxCreate",
            b"cuMemAdvise",
            b"cuMemPrefetchAsync",
            b"cudaMemAdvise",
            b"cudaMemPrefetchAsync",
            b"cudaMemcpyBatchAsync",
            b"cudaGraphAddDependencies",
            b"cudaGraphGetEdges",
            b"cudaGraphRemoveDependencies",
            b"cudaGraphNodeGetDependencies",
            b"cudaStreamUpdateCaptureDependencies",
        }
    ),
    find,
    ("newer",),
    judge,
    kernel=False,
    category="adapt",
)
