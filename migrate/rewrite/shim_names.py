"""The CUDA names a project uses, each with one target's answer: what shim headers are made of and checked against."""

# Names of files may hold any bytes, so they stay strings.
# ruff: noqa: PTH123

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

from migrate.match import Matcher
from migrate.model import AnswerKey, answer_key
from migrate.rewrite.conditions import Known, holds
from migrate.tables.rules import Table, rules_dir

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence
    from pathlib import Path

    from migrate.manifest import Manifest
    from migrate.model import Answer, Note, Scan, Target, Use
    from migrate.tables.inventory import Inventory
    from migrate.tables.rules import Rule

#: What becomes of a name, in the order a shim lists it.
WAYS = ("rename", "same", "adapt", "none", "unknown", "version")

#: Kinds of uses that are names of an API; launches, assembly and hazards are no matter for a header.
NAMED = frozenset({"call", "function", "type", "constant", "macro", "qualifier", "variable", "member", "namespace"})

#: CUDA's version macros: nothing but CUDA's own headers and compiler defines them.
VERSIONS = ("CUDART_VERSION", "CUDA_VERSION")

#: Macros of CUDA's runtime headers by which code asks whether they are included, as `helper_cuda.h` does.
_INCLUDED = ("__DRIVER_TYPES_H__", "__CUDA_RUNTIME_H__", "__CUDA_RUNTIME_API_H__")

_READ = frozenset(("analysed", "no-cuda", "copy"))
_NOT_C = frozenset(("python", "cython", "build", "ptx"))

#: CUDA's header of each library, and those of its small number types.
_MAIN_HEADERS = {
    "driver": "cuda.h",
    "blas": "cublas_v2.h",
    "dnn": "cudnn.h",
    "fft": "cufft.h",
    "rand": "curand.h",
    "sparse": "cusparse.h",
    "ccl": "nccl.h",
    "nvrtc": "nvrtc.h",
    "nvml": "nvml.h",
}
_TYPE_HEADERS = ("cuda_fp16", "cuda_bf16", "cuda_fp8")

#: The note of a row for another place of a header.
_OTHERWISE = re.compile(r"\botherwise\(<([^>]+)>\)")

_WAY_OF_ID = {"MIG101": "rename", "MIG103": "rename", "MIG102": "same", "MIG401": "version", "MIG901": "unknown"}


class Name(NamedTuple):
    """One CUDA name the project uses."""

    name: str
    kind: str  # of the use seen first
    library: str
    owner: str  # struct of a member
    way: str  # one of WAYS
    target: str  # what the target calls it; "" where it has no name for it
    answer: Answer
    rule: Rule | None
    notes: tuple[Note, ...]
    uses: int
    path: str  # where it is used first
    line: int
    condition: str  # "" where some use stands under none, else that of the first use


class Header(NamedTuple):
    """One of CUDA's headers the project includes."""

    name: str
    target: str  # the target's header; its own name where it is the same, "" where there is none
    firm: bool  # whether the rule is a plain rename
    condition: str  # "" where some include stands under none
    otherwise: str = ""  # where other versions of the target keep it


def main_header(matcher: Matcher, name: Name) -> str:
    """CUDA's header of the library that *name* is of; "" for the runtime's own names."""
    entry = matcher.inventory.get(name.name)
    own = entry.header.replace(".hpp", ".h") if entry is not None else ""
    return own if own.startswith(_TYPE_HEADERS) else _MAIN_HEADERS.get(name.library, "")


class Project(NamedTuple):
    """A project as one target sees it."""

    target: Target
    manifest: Manifest
    matcher: Matcher
    names: tuple[Name, ...]  # sorted by name
    headers: tuple[Header, ...]  # in the order in which they are met
    guards: tuple[str, ...]  # macros of the target that the project's conditions ask for
    launches: int  # kernel launches
    assembly: int  # PTX instructions
    pasted: int  # names made by ##, which nobody can list
    included: tuple[str, ...] = ()  # macros by which it asks whether CUDA's runtime header is included


def known_macros(target: Manifest, *, defined: dict[str, int | None] | None = None) -> Known:
    """What a condition can count on where the target's compiler reads the code.

    Args:
        target: its manifest.
        defined: further macros with their values, as a vendor header defines them.
    """
    from migrate import manifest as manifests
    from migrate import targets

    device = {target.macros.device} - {""}
    values: dict[str, int | None] = {
        name: 1
        for name in (*target.macros.compiler, *target.macros.guards)
        if name not in device and "_ARCH__" not in name
    }
    values.update(defined or {})
    undefined: set[str] = set()
    for name in targets.names(rules_dir()):
        if name != target.name:
            other = manifests.load_manifest(rules_dir(), name)
            undefined.update(other.macros.guards, other.macros.compiler)
    undefined -= {*target.macros.guards, *target.macros.compiler, "__CUDA_ARCH__", "__CUDACC__", *values}
    if target.kind != "compile-as-is" and target.arch.cuda_version == (0, 0):
        undefined.update(name for name in VERSIONS if name not in values)
    return Known(values, undefined)


def collect(
    scan: Scan,
    target: Target,
    *,
    rules_dirs: Sequence[Path] = (),
    skip: Collection[str] = (),
    known: Known | None = None,
    matcher: Matcher | None = None,
) -> Project:
    """The names of *scan* that *target*'s compiler gets to see.

    Code under another stack's macros is left out, and so are files that map CUDA's names themselves.

    Args:
        scan: of the project, for any targets.
        target: whose answers are wanted.
        rules_dirs: folders with a user's own tables.
        skip: paths of files left out, as the scan shows them.
        known: what conditions can count on; the manifest's macros when left out.
        matcher: the target's, when it is loaded already.
    """
    from migrate.manifest import at_variant, load_manifest
    from migrate.workers import inventory as shared_inventory

    manifest = at_variant(load_manifest(rules_dir(), target.name), target.variant)
    matcher = matcher or Matcher(target, Table.load(target.name, rules_dir(), rules_dirs), shared_inventory())
    known = known or known_macros(manifest)
    verdicts: dict[str, bool | None] = {}
    found: dict[tuple[str, str], list[tuple[str, Use]]] = {}
    headers: dict[str, list[str]] = {}
    conditions: set[str] = set()
    launches = assembly = pasted = 0
    if known.undefined:
        skip = {*skip, *unreached(scan, known, matcher.inventory)}
    for result in scan.files:
        if result.path in skip or result.reason.startswith("compatibility map"):
            continue
        for use in result.uses:
            shape = use.shape
            if shape.condition not in verdicts:
                verdicts[shape.condition] = holds(shape.condition, known)
            conditions.add(shape.condition)
            if verdicts[shape.condition] is False:
                continue
            if shape.kind == "include":
                headers.setdefault(shape.name, []).append(_open_part(shape.condition, known))
            elif shape.kind in NAMED:
                found.setdefault((shape.name, shape.owner), []).append((result.path, use))
            launches += shape.kind == "launch"
            assembly += shape.kind == "ptx"
            pasted += shape.kind == "pasted"
    names = tuple(_name(matcher, uses, known) for _, uses in sorted(found.items()))
    asked = " ".join(conditions)
    guards = tuple(name for name in manifest.macros.guards if name in asked and name != manifest.macros.device)
    # `#include MACRO(x)` names no header; helpers of CUDA's samples are the project's own and use CUDA's names.
    listed = tuple(
        _header(matcher, name, places)
        for name, places in headers.items()
        if f"<{name}>" in matcher.inventory and not name.startswith("helper_")
    )
    listed += tuple(
        _header(matcher, name, places) for name, places in _implied(matcher, names).items() if name not in headers
    )
    seen = tuple(name for name in _INCLUDED if name in asked)
    return Project(target, manifest, matcher, names, listed, guards, launches, assembly, pasted, seen)


def _implied(matcher: Matcher, names: Iterable[Name]) -> dict[str, list[str]]:
    """CUDA's headers of the libraries that *names* are of, with the conditions the names stand under.

    Where a header for CUDA alone includes them (`vendors/cuda.h`), no file that the target's compiler reads does.
    """
    found: dict[str, list[str]] = {}
    for name in names:
        if name.way not in ("rename", "adapt"):
            continue
        header = main_header(matcher, name)
        if header:
            found.setdefault(header, []).append(name.condition)
    return found


def everything(scan: Scan, target: Target, **options: Any) -> Project:
    """As `collect`, whatever conditions code stands under: the names that rewriting may have changed."""
    return collect(scan, target, known=Known({}, frozenset()), **options)


def _name(matcher: Matcher, uses: list[tuple[str, Use]], known: Known) -> Name:
    """The name that all of *uses* are of, answered for the use a rule says most about."""
    path, first = uses[0]
    shape = first.shape
    answer = matcher.answer(answer_key(shape))
    for _, use in uses[1:]:
        if answer.fix == "safe" or use.shape.kind == shape.kind:
            continue
        other = matcher.answer(answer_key(use.shape))
        if other.fix == "safe" and use.shape.kind != "namespace":
            answer, shape = other, use.shape
    hit = matcher.lookup(shape.name, shape.kind, shape.owner)
    text = matcher.rules.get(answer.rule)
    conditions = [_open_part(use.shape.condition, known) for _, use in uses]
    return Name(
        shape.name,
        shape.kind,
        shape.library,
        shape.owner,
        _way(answer),
        answer.replacement,
        answer,
        hit.rule if hit is not None else None,
        text.notes if text is not None else (),
        len(uses),
        path,
        first.line,
        "" if "" in conditions else conditions[0],
    )


def _way(answer: Answer) -> str:
    way = _WAY_OF_ID.get(answer.id)
    if way is not None:
        return way
    if not answer.id:
        return "same"
    return "adapt" if answer.id.startswith("MIG2") else "none"


def _header(matcher: Matcher, name: str, conditions: list[str]) -> Header:
    answer = matcher.answer(AnswerKey(name, "include", "", ""))
    way = _way(answer)
    target = name if way == "same" else "" if answer.replacement.endswith("*") else answer.replacement
    hit = matcher.lookup(name, "include")
    other = _OTHERWISE.search(hit.rule.note) if hit is not None and target else None
    open_place = "" if "" in conditions else conditions[0]
    return Header(name, target, way in ("same", "rename"), open_place, other[1] if other is not None else "")


def _open_part(condition: str, known: Known) -> str:
    """*condition* without what always holds for the target: "" where nothing is left."""
    return "" if holds(condition, known) else condition


def include_graph(scan: Scan, inventory: Inventory) -> dict[str, list[tuple[str, str]]]:
    """Which of the project's files each file includes, and under which conditions; files by the path the scan shows.

    A header is found beside the file that includes it, else by the end of its path.
    """
    from posixpath import basename, dirname, join, normpath

    from migrate.parse.directives import Directives
    from migrate.parse.view import make_view
    from migrate.rewrite import includes
    from migrate.rewrite.tree import real_path

    paths = {
        real_path(result.path): result.path
        for result in scan.files
        if result.state in _READ and result.language not in _NOT_C
    }
    by_name: dict[str, list[str]] = {}
    for place in paths:
        by_name.setdefault(basename(place), []).append(place)
    graph: dict[str, list[tuple[str, str]]] = {}
    for place, shown in paths.items():
        try:
            with open(place, "rb") as stream:
                data = stream.read()
        except OSError:
            continue
        if b"include" not in data:
            continue
        view = make_view(data).text
        for include in includes.find(view, Directives(view)):
            entry = inventory.get(f"<{include.name}>")
            if entry is not None and not entry.name.startswith("<helper_"):  # CUDA's samples bring those along
                continue
            beside = normpath(join(dirname(place), include.name))
            tail = "/" + normpath(include.name).lstrip("./")
            found = (
                [beside]
                if beside in paths
                else [one for one in by_name.get(basename(include.name), ()) if f"/{one}".endswith(tail)]
            )
            graph.setdefault(shown, []).extend((paths[one], include.condition) for one in found if one != place)
    return graph


def unreached(scan: Scan, known: Known, inventory: Inventory) -> set[str]:
    """Files that others include only under conditions which do not hold: headers of other stacks (`vendors/hip.h`)."""
    reached: dict[str, list[tuple[str, bool]]] = {}  # file → (who includes it, whether the condition may hold)
    for place, included in include_graph(scan, inventory).items():
        for one, condition in included:
            reached.setdefault(one, []).append((place, holds(condition, known) is not False))
    gone: set[str] = set()
    while True:
        more = {
            one
            for one, uses in reached.items()
            if one not in gone and not any(may and who not in gone for who, may in uses)
        }
        if not more:
            return gone
        gone |= more


def unit(path: str, graph: dict[str, list[tuple[str, str]]]) -> set[str]:
    """The file *path* and all of the project's that it includes, directly or not."""
    found = {path}
    waiting = [path]
    while waiting:
        for one, _ in graph.get(waiting.pop(), ()):
            if one not in found:
                found.add(one)
                waiting.append(one)
    return found
