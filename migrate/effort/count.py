"""What the effort model counts in a scan: names with their files and places, kernels, files, distinct symbols.

Never lines: on eleven finished ports lines predicted far worse than distinct names (docs/explanation/effort.md).
A file that is a copy of another carries no uses, so identical files count once.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from migrate.model import CLASSES, answer_key, label

if TYPE_CHECKING:
    from collections.abc import Iterable

    from migrate.model import Scan, Shape

#: Libraries whose names are the kernel language or C++ templates; the cross-check counts the others' names.
_NO_SYMBOLS = frozenset({"", "device", "hazard", "thrust", "cub", "cutlass", "torch", "ptx", "build", "python"})

#: Kinds of uses that name something of an interface.
_SYMBOL_KINDS = frozenset({"call", "function", "type", "constant", "macro"})

#: Findings about whole kernels on foreign targets, and the ways they name: one vendor operator does all, several
#: operators do, it is written anew, or it needs another algorithm.
WAYS = {"MIG610": "operator", "MIG611": "composed", "MIG612": "write", "MIG613": "risk"}

#: Where a name stands: path → its lines, ascending; a line comes as often as the name stands on it.
Places = dict[str, tuple[int, ...]]


@dataclass(frozen=True, slots=True)
class Group:
    """The findings that are one question: same id and name on one target."""

    id: str
    category: str  # one of CLASSES
    name: str  # label: cublasGemmEx, <cub/cub.cuh>, asm bfe.u32
    kind: str  # of the first use
    library: str
    rule: str  # key into Scan.rules of the target
    files: int
    hits: int
    python: bool = False  # all places are in Python files
    places: Places = field(default_factory=dict)


class Sizes(NamedTuple):
    """What the project costs depend on."""

    kernels: int = 0  # __global__ functions
    cuda_files: int = 0  # .cu and .cuh files with uses of CUDA
    build_files: int = 0  # build files that name CUDA
    python_files: int = 0  # Python files that name CUDA and were not analysed
    symbols: int = 0  # distinct names of CUDA's libraries, the kernel language left out


@dataclass(frozen=True, slots=True)
class Counts:
    """What one target's port is made of."""

    target: str  # key
    name: str  # of the stack
    kind: str  # cuda-like, compile-as-is, foreign
    groups: tuple[Group, ...]  # ordered by class, then id, then name
    sizes: Sizes
    kernel_places: Places = field(default_factory=dict)
    ways: dict[str, Places] = field(default_factory=dict)  # way → kernels told to go it; foreign targets
    within_kernels: int = 0  # places that are ported with the kernel they stand in
    left_out: dict[str, int] = field(default_factory=dict)  # what was not looked into → files


class Census(NamedTuple):
    """Where each shape of use occurs; made once, whatever the number of targets."""

    shapes: dict[Shape, Places]
    python: frozenset[str]  # paths of Python files
    sizes: Sizes
    kernels: Places
    left_out: dict[str, int]


def census(scan: Scan) -> Census:
    """Collects the uses of *scan* by shape."""
    shapes: dict[Shape, dict[str, list[int]]] = {}
    kernels: dict[str, list[int]] = {}
    symbols: set[str] = set()
    left_out: dict[str, int] = {}
    numbers = {"cuda": 0, "build": 0, "python": 0}
    for file in scan.files:
        if file.state in ("skipped", "unreadable"):
            left_out[file.state] = left_out.get(file.state, 0) + 1
        elif file.state == "not-analysed":
            left_out[file.language] = left_out.get(file.language, 0) + 1
        if file.gaps:
            left_out["gaps"] = left_out.get("gaps", 0) + 1
        if file.language == "build" and (file.state == "not-analysed" or file.uses):
            numbers["build"] += 1
        elif file.language == "python" and file.state == "not-analysed":
            numbers["python"] += 1
        elif file.language == "cuda" and file.uses:
            numbers["cuda"] += 1
        # Equal shapes of one file are one object: identity spares hashing nine fields for every use.
        here: dict[int, list[int]] = {}
        for use in file.uses:
            lines = here.get(id(use.shape))
            if lines is None:
                lines = shapes.setdefault(use.shape, {}).setdefault(file.path, [])
                here[id(use.shape)] = lines
            lines.append(use.line)
            if use.shape.name == "__global__" and use.shape.kind == "qualifier":
                kernels.setdefault(file.path, []).append(use.line)
    for shape in shapes:
        if shape.kind in _SYMBOL_KINDS and shape.library not in _NO_SYMBOLS and "::" not in shape.name:
            symbols.add(shape.name)
    sizes = Sizes(sum(map(len, kernels.values())), numbers["cuda"], numbers["build"], numbers["python"], len(symbols))
    frozen = {shape: _frozen(places) for shape, places in shapes.items()}
    python = frozenset(file.path for file in scan.files if file.language == "python")
    return Census(frozen, python, sizes, _frozen(kernels), dict(sorted(left_out.items())))


def _frozen(places: dict[str, list[int]]) -> Places:
    return {path: tuple(sorted(lines)) for path, lines in sorted(places.items())}


class _Open(NamedTuple):
    shape: Shape
    rule: str
    places: list[Places]


def count(scan: Scan, target: str, counted: Census | None = None) -> Counts:
    """What the port to *target*, a key of `scan.answers`, is made of.

    On foreign targets device code and the kernel language around it are no groups of their own: kernels are ported as a
    whole. A project without kernels keeps them.
    """
    counted = counted or census(scan)
    wanted = next(item for item in scan.targets if item.key == target)
    answers = scan.answers[target]
    absorb = wanted.kind == "foreign" and counted.sizes.kernels > 0
    within = 0
    found: dict[tuple[int, str, str], _Open] = {}
    ways: dict[str, list[Places]] = {}
    for shape, places in counted.shapes.items():
        answer = answers.get(answer_key(shape))
        if answer is None or not answer.id:
            continue
        if absorb and answer.id in WAYS:
            ways.setdefault(WAYS[answer.id], []).append(places)  # the layer of kernels has it
            continue
        if absorb and (shape.side == "device" or answer.category == "rewrite"):
            within += sum(map(len, places.values()))
            continue
        key = (CLASSES.index(answer.category), answer.id, label(shape))
        found.setdefault(key, _Open(shape, answer.rule, [])).places.append(places)
    groups = []
    for (order, identifier, name), group in sorted(found.items()):
        places = merged(group.places)
        groups.append(
            Group(
                id=identifier,
                category=CLASSES[order],
                name=name,
                kind=group.shape.kind,
                library=group.shape.library,
                rule=group.rule,
                files=len(places),
                hits=sum(map(len, places.values())),
                python=counted.python.issuperset(places),
                places=places,
            )
        )
    return Counts(
        target=target,
        name=wanted.name,
        kind=wanted.kind,
        groups=tuple(groups),
        sizes=counted.sizes,
        kernel_places=counted.kernels,
        ways={way: merged(places) for way, places in ways.items()},
        within_kernels=within,
        left_out=counted.left_out,
    )


def merged(parts: Iterable[Places]) -> Places:
    """The places of several names as one."""
    parts = list(parts)
    if len(parts) == 1:
        return parts[0]
    places: dict[str, list[int]] = {}
    for part in parts:
        for path, lines in part.items():
            places.setdefault(path, []).extend(lines)
    return _frozen(places)
