"""The lines of an estimate: each name with its findings and each project cost, in numbers of triples of hours."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, NamedTuple

from migrate.effort.count import WAYS, merged
from migrate.effort.weights import NOTHING, FindingCost, Triple

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from migrate.effort.count import Counts, Group, Places
    from migrate.effort.weights import Cost, Weights

#: Ways to do a port. Which of them a target has, `routes` says.
ROUTES = ("rewrite", "shim", "compile-as-is", "adapter")

#: What is no library beside CUDA's runtime, or has findings of its own kind.
NO_LIBRARY = frozenset({"runtime", "driver", "device", "ptx", "hazard", "torch", "nvtx", "build", "python", "other"})


class Part(NamedTuple):
    """One product of a line: *number* times *each*, in hours."""

    what: str  # first, next_name, next_file, next_place, one
    number: float
    each: Triple
    along: float = 1.0  # standard deviation of all that one draw decides, over that of this part alone

    @property
    def hours(self) -> float:
        """Expected value."""
        return self.number * self.each.mean

    @property
    def variance(self) -> float:
        """One draw counts for all: variance grows with the square of the number.

        The shares of parts that one draw decides together add up to the square of their summed deviations.
        """
        return self.number * self.number * self.each.variance * self.along


@dataclass(frozen=True, slots=True)
class Line:
    """The smallest thing that has hours: a name with its findings, or one project cost."""

    layer: str
    key: str  # "MIG501 asm bfe.u32", "setup"
    weights: str  # where its triples stand in the file of weights
    evidence: str  # what these triples rest on
    parts: tuple[Part, ...]
    days: float = 0.0  # share of P50
    id: str = ""  # finding id
    name: str = ""
    kind: str = ""
    library: str = ""
    rule: str = ""  # key into Scan.rules of the target
    files: int = 0
    hits: int = 0
    places: Places = field(default_factory=dict)

    @property
    def hours(self) -> float:
        """Expected hours before multipliers and reserve."""
        return sum(part.hours for part in self.parts)

    @property
    def variance(self) -> float:
        """Their variance."""
        return sum(part.variance for part in self.parts)


def routes(counts: Counts, adapter: str = "") -> tuple[str, ...]:
    """The routes to the target of *counts*; *adapter* is its package that redirects torch.cuda, "" for none.

    A header can rename, it cannot change signatures: only cuda-like targets have the route shim. An adapter is offered
    where Python names CUDA.
    """
    if counts.kind == "compile-as-is":
        return ("compile-as-is",)
    found = ["rewrite"]
    if counts.kind == "cuda-like":
        found.append("shim")
    if adapter and (counts.sizes.python_files or any(group.python for group in counts.groups)):
        found.append("adapter")
    return tuple(found)


def finding_lines(counts: Counts, weights: Weights, family: str, route: str, operators: float) -> Iterable[Line]:
    """Findings, libraries and kernels; *operators* is the share of kernels told to go to operators that do."""
    known: set[tuple[str, str, str]] = set()
    found = []
    # Of the names that are one topic the most frequent is met first; the sum does not depend on which.
    for group in sorted(counts.groups, key=lambda group: (-group.files, -group.hits, group.name)):
        if route == "adapter" and group.python:
            continue
        # A name that belongs to no library has nothing in common with the next one.
        topic = (group.id, group.category, group.library or f"name {group.name}")
        cost = weights.finding(family, group.id, group.category, group.kind)
        if route == "shim" and group.category == "auto":
            # The header renames; the source stays, so nobody reviews its lines.
            cost = FindingCost("routes.shim", NOTHING, NOTHING, NOTHING, NOTHING, "the header renames, no line changes")
        found.append(_finding_line(group, cost, further=topic in known))
        known.add(topic)
    yield from _together(found)
    yield from _library_lines(counts, weights)
    yield from _kernel_lines(counts, weights, operators)


def _finding_line(group: Group, cost: FindingCost, *, further: bool) -> Line:
    parts = (
        Part("next_name", 1, cost.next_name) if further else Part("first", 1, cost.first),
        Part("next_file", group.files - 1, cost.next_file),
        Part("next_place", group.hits - group.files, cost.next_place),
    )
    return Line(
        layer=group.category,
        key=f"{group.id} {group.name}",
        weights=cost.key,
        evidence=cost.evidence,
        parts=tuple(part for part in parts if part.number and part.each != NOTHING),
        id=group.id,
        name=group.name,
        kind=group.kind,
        library=group.library,
        rule=group.rule,
        files=group.files,
        hits=group.hits,
        places=group.places,
    )


def _together(lines: Sequence[Line]) -> Iterable[Line]:
    """*lines* with those of class unknown decided by one draw.

    What no table knows is unknown for one reason, missing documentation of the stack: if the first such name turns out
    hard, the next ones will. Independent draws would average this out and make ignorance look certain.
    """
    unknown = [line for line in lines if line.layer == "unknown"]
    deviation = sum(math.sqrt(part.variance) for line in unknown for part in line.parts)
    for line in lines:
        if line.layer != "unknown":
            yield line
            continue
        parts = (
            part._replace(along=deviation / own) if (own := math.sqrt(part.variance)) else part for part in line.parts
        )
        yield replace(line, parts=tuple(parts))


def _library_lines(counts: Counts, weights: Weights) -> Iterable[Line]:
    """Libraries whose names are all renamed or unchanged: versions, workspaces and results want a look all the same.

    A library with names to adapt has that cost as their `first`.
    """
    cost = weights.project["library"]
    libraries: dict[str, list[Group]] = {}
    for group in counts.groups:
        if group.library and group.library not in NO_LIBRARY:
            libraries.setdefault(group.library, []).append(group)
    for library, groups in sorted(libraries.items()):
        if all(group.category == "auto" for group in groups):
            yield Line(
                layer="adapt",
                key=f"library {library}",
                weights="project.library",
                evidence=cost.evidence,
                parts=(Part("one", 1, cost.each),),
                library=library,
                files=len({path for group in groups for path in group.places}),
                hits=sum(group.hits for group in groups),
                places=merged(group.places for group in groups),
            )


def kernel_numbers(counts: Counts, weights: Weights) -> dict[str, float]:
    """Kernels of a foreign target by way as told; what no way is told for goes the ways of other projects' kernels."""
    if counts.kind != "foreign" or not counts.sizes.kernels:
        return {}
    told = {way: sum(map(len, counts.ways.get(way, {}).values())) for way in WAYS.values()}
    rest = max(counts.sizes.kernels - sum(told.values()), 0)
    return {way: number + rest * weights.kernel[way].share for way, number in told.items()}


def _kernel_lines(counts: Counts, weights: Weights, operators: float) -> Iterable[Line]:
    """Kernels of a foreign target: *operators* of those told to go to operators do, the others are written anew."""
    numbers = kernel_numbers(counts, weights)
    for way in ("operator", "composed"):
        if way in numbers:
            numbers["write"] += (1 - operators) * numbers[way]
            numbers[way] *= operators
    for way, number in numbers.items():
        cost = weights.kernel[way]
        places = counts.ways.get(way, {}) if counts.ways else counts.kernel_places
        yield Line(
            layer="kernels",
            key=way,
            weights=f"foreign.kernel.{way}",
            evidence=cost.evidence,
            # What an assumption can move stays, so that the page has a line for it.
            parts=(Part("one", number, cost.each),) if number or way == "write" else (),
            files=len(places),
            hits=sum(map(len, places.values())),
            places=places,
        )


def project_lines(counts: Counts, weights: Weights, route: str) -> Iterable[Line]:
    """What a port costs besides its findings."""
    sizes = counts.sizes
    numbers = {
        "setup": 1,
        "build": sizes.build_files,
        "python": 0 if route == "adapter" else sizes.python_files,
        "compile": sizes.cuda_files,
        "numerics": sizes.kernels,
    }
    for key, number in numbers.items():
        yield _project_line(f"project.{key}", key, weights.project[key], number)
    if route == "shim":
        names = sum(1 for group in counts.groups if group.id in ("MIG101", "MIG103"))
        yield _project_line("routes.shim.header", "shim-header", weights.shim["header"], 1)
        yield _project_line("routes.shim.name", "shim-names", weights.shim["name"], names)
    if route == "adapter":
        yield _project_line("routes.adapter.adapter", "adapter", weights.adapter, 1)


def _project_line(place: str, key: str, cost: Cost, number: float) -> Line:
    parts = (Part("one", number, cost.each),) if number else ()
    return Line(layer="project", key=key, weights=place, evidence=cost.evidence, parts=parts)
