"""The shim the other way round: a target's names as CUDA's, so that ported code still builds with nvcc.

A ported tree includes the target's headers; headers of these names beside the shim forward to CUDA's. Where several
CUDA names became one, the shim gives back the one the project used, or the most used one where it used several.
"""

# Names of files may hold any bytes, so they stay strings.
# ruff: noqa: PTH119, PTH123

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, NamedTuple

from migrate.model import AnswerKey
from migrate.parse.words import words_of
from migrate.rewrite.shim import alias, scope_change
from migrate.rewrite.shim_names import VERSIONS
from migrate.rewrite.shim_recipes import parameters
from migrate.tables import condition as conditions
from migrate.tables.recipes import PYTHON
from migrate.tables.rules import rules_dir

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from migrate.match import Matcher
    from migrate.messages import Messages
    from migrate.model import Scan
    from migrate.rewrite.shim_names import Project
    from migrate.tables.rules import Rule

_IDENTIFIER = re.compile(r"[A-Za-z_]\w*")
_SAME_ARGUMENTS = re.compile(r"([A-Za-z_]\w*)\(\$\*\)")
_COMPILER_MACRO = re.compile(r"__CUDACC\w*|__NVCC\w*|__CUDA_ARCH__")
#: A field's new name is a macro for the whole file, so only one that nobody else would use is.
_RARE_FIELD = re.compile(r"(?=\w{8})[a-z]\w*[A-Z_]\w*")
_FUNCTIONS = frozenset(("call", "function"))

#: What stands for both of CUDA's status types where a port has one: code may take the driver's for the runtime's.
_STATUS_TYPES = frozenset(("cudaError_t", "CUresult"))
_STATUS = """\
struct migrate_status {
  int value;
  migrate_status() = default;
  __host__ __device__ constexpr migrate_status(cudaError_t given) : value(given) {}
  __host__ __device__ constexpr migrate_status(CUresult given) : value(given) {}
  __host__ __device__ constexpr operator cudaError_t() const { return static_cast<cudaError_t>(value); }
  __host__ __device__ constexpr operator CUresult() const { return static_cast<CUresult>(value); }
  template <class Number, decltype(static_cast<Number>(0.5f)) * = nullptr>
  __host__ __device__ constexpr explicit operator Number() const { return static_cast<Number>(value); }
};
#define MIGRATE_COMPARED(First, Second) \\
  __host__ __device__ static inline bool operator==(First one, Second other) { \\
    return static_cast<int>(one) == static_cast<int>(other); \\
  } \\
  __host__ __device__ static inline bool operator!=(First one, Second other) { \\
    return static_cast<int>(one) != static_cast<int>(other); \\
  }
MIGRATE_COMPARED(migrate_status, migrate_status)
MIGRATE_COMPARED(migrate_status, cudaError_t)
MIGRATE_COMPARED(cudaError_t, migrate_status)
MIGRATE_COMPARED(migrate_status, CUresult)
MIGRATE_COMPARED(CUresult, migrate_status)"""
#: Arguments of functions whose names became one: a status of the driver's may go where the runtime's is wanted.
_ARGUMENT = """\
template <class Type> static inline Type migrate_argument(Type given) { return given; }
static inline cudaError_t migrate_argument(CUresult given) { return static_cast<cudaError_t>(given); }"""
_READ = frozenset(("analysed", "no-cuda", "copy"))
_NOT_C = frozenset(("python", "cython", "build", "ptx"))


class Reverse(NamedTuple):
    """A reverse shim and the headers that bring it in."""

    header: str
    forwards: dict[str, str]  # name of the target's header → what it holds
    names: dict[str, str]  # the target's name → CUDA's
    chosen: dict[str, tuple[str, ...]]  # the target's name → the other CUDA names it stands for in this project


def reverse(
    project: Project,
    text: Messages,
    *,
    tool: str,
    command: str,
    place: str,
    ported: Iterable[str] = (),
    headers: Iterable[str] = (),
) -> Reverse:
    """The reverse shim of *project*.

    Args:
        project: the code before the port, after it, or a mixture.
        text: language of the comments.
        tool: this tool's name and version.
        command: how to make the header again.
        place: file name of the shim, which forwarding headers include.
        ported: words of the sources that may be the target's names (`ported_words`).
        headers: headers that the sources include.
    """
    counted = dict(_pairs(project))
    kinds = {name.name: name.kind for name in project.names}
    weight: dict[
        str, int
    ] = {}  # how much the project uses a library: names that became one are taken to be of the same
    library = {name.name: name.library for name in project.names}
    always = {name.name for name in project.names if not name.condition}
    for name in project.names:
        weight[name.library] = weight.get(name.library, 0) + name.uses
    scopes: dict[str, str] = {}
    for target, sources in list(counted.items()):
        if "::" in target:
            for source in sources:
                change = scope_change(source, target)
                if change is not None:
                    scopes.setdefault(change[1], change[0])
            del counted[target]
    words = set(ported)
    known = _known(project.matcher, words - set(counted), scopes, words)
    for target, source in known.items():
        counted.setdefault(target, {source: 0})
    names: dict[str, str] = {}
    chosen: dict[str, tuple[str, ...]] = {}
    for target, sources in sorted(counted.items()):
        if target in project.matcher.inventory:
            continue  # CUDA has the name too: it must go on meaning what it means there
        best, *others = sorted(
            sources, key=lambda source: (-weight.get(library.get(source, ""), 0), -sources[source], source)
        )
        names[target] = best
        if others:
            chosen[target] = tuple(others)
    forwards = _forwards(project, {*headers, *_asked(project)})
    lines = [
        f"// {text('shim.made-reverse', tool=tool, stack=project.target.title)}",
        f"// {text('shim.again', command=command)}",
        "#pragma once",
        "",
        "#include <cuda_runtime.h>",
        *(["#include <cuda.h>"] if any(library.get(source) == "driver" for source in names.values()) or chosen else []),
        "",
    ]
    if chosen:
        lines += _ARGUMENT.split("\n")
    for target, source in names.items():
        # Where one of them is used under a condition only, the other is taken: a class is no type for a callback.
        if target in chosen and {source, *chosen[target]} == _STATUS_TYPES == always & _STATUS_TYPES:
            lines += [*_STATUS.split("\n"), f"#define {target} migrate_status"]
            continue
        if target in chosen and all(kinds.get(one) in _FUNCTIONS for one in (source, *chosen[target])):
            lines += _overloads(target, (source, *chosen[target]), project.matcher)
            continue
        also = f"  // {text('shim.also', names=', '.join(chosen[target]))}" if target in chosen else ""
        if _COMPILER_MACRO.fullmatch(source):
            lines += [f"#if defined({source}) && !defined({target})", f"#define {target} {source}", "#endif"]
        elif target != source:
            lines.append(f"#define {target} {source}{also}")
    for scope in sorted(scopes):
        outer = any(scope.startswith(f"{other}::") for other in scopes)
        if not outer and scope not in project.matcher.inventory.scopes:
            lines.append(_scope(scope, scopes[scope]))
    written = {
        name: _forward(name, sources, place, text("shim.made-forward", tool=tool, header=name))
        for name, sources in forwards.items()
    }
    return Reverse("\n".join(lines) + "\n", written, names, chosen)


def _overloads(target: str, sources: tuple[str, ...], matcher: Matcher) -> Iterator[str]:
    """Functions for the CUDA functions that became one: the arguments tell which is meant.

    With the types of the signature, so that a literal 0 is a pointer where one is wanted, and for any types, since CUDA
    declares templates too.
    """
    for source in sources:
        entry = matcher.inventory.get(source)
        said = parameters(entry.signature) if entry is not None else None
        if said is not None:
            returns, pairs = said
            shown = ", ".join(f"{kind} {word}" for kind, word in pairs)
            body = f"{source}({', '.join(word for _, word in pairs)})"
            yield f"static inline {returns} {target}({shown}) {{ return {body}; }}"
        yield (
            f"template <class... Arguments> static inline auto {target}(Arguments... arguments) -> "
            f"decltype({source}(migrate_argument(arguments)...)) {{ return {source}(migrate_argument(arguments)...); }}"
        )


def _scope(scope: str, source: str) -> str:
    """The line that makes a target's namespace CUDA's.

    A macro for the part that differs: `thrust::musa` cannot be an alias before Thrust has declared what it stands for,
    and nothing of CUDA's own has a part of that name.
    """
    old, new = source.split("::"), scope.split("::")
    differ = [(one, other) for one, other in zip(old, new, strict=False) if one != other]
    if len(old) == len(new) and len(differ) == 1:
        return f"#define {differ[0][1]} {differ[0][0]}"
    return alias(scope, source)


def ported_words(scan: Scan, given: Mapping[str, bytes] | None = None) -> tuple[set[str], set[str]]:
    """Words that occur in the code of *scan*'s C and C++ files, and the headers they include."""
    from migrate.parse.directives import Directives
    from migrate.parse.view import make_view
    from migrate.rewrite import includes
    from migrate.rewrite.tree import real_path

    words: set[bytes] = set()
    headers: set[str] = set()
    for result in scan.files:
        if result.state not in _READ or result.language in _NOT_C or result.reason.startswith("compatibility map"):
            continue
        data = (given or {}).get(result.path)
        if data is None:
            try:
                with open(real_path(result.path), "rb") as stream:
                    data = stream.read()
            except OSError:
                continue
        view = make_view(data).text
        words |= words_of(view)
        headers.update(include.name for include in includes.find(view, Directives(view)))
    return {word.decode("ascii", "replace") for word in words}, headers


def _pairs(project: Project) -> Iterator[tuple[str, dict[str, int]]]:
    """The target's names with the CUDA names that become them in this project, and how often."""
    found: dict[str, dict[str, int]] = {}
    for name in project.names:
        targets = {name.target} if name.way in ("rename", "adapt") else set()
        for row in project.matcher.recipes(AnswerKey(name.name, name.kind, name.owner, "")):
            if row.template != PYTHON and (same := _SAME_ARGUMENTS.fullmatch(row.template)):
                targets.add(same[1])
        for target in targets:
            plain = _IDENTIFIER.fullmatch(target) is not None and "::" not in name.name
            if name.owner or name.kind == "member":
                plain = plain and name.way == "rename" and _RARE_FIELD.fullmatch(target) is not None
            scoped = "::" in target and "::" in name.name
            if target != name.name and (plain or scoped):
                counts = found.setdefault(target, {})
                counts[name.name] = counts.get(name.name, 0) + name.uses
    yield from found.items()


def _known(matcher: Matcher, words: set[str], scopes: dict[str, str], every: set[str]) -> dict[str, str]:
    """Words that are the target's names for something of CUDA's, each with the CUDA name that public code uses most."""
    best: dict[str, tuple[tuple[int, int, str], str]] = {}
    used = _usage()
    facts = matcher.target.facts
    rows: dict[str, Rule] = {}
    for rule in matcher.table.all_rows():  # better rows of one name come first
        if not conditions.failing(rule.when, facts):
            rows.setdefault(rule.cuda, rule)
    for name in matcher.inventory:
        if "<" in name or "." in name or name in VERSIONS:
            continue
        found = rows.get(name)
        if found is None:
            hit = matcher.lookup(name)
            found = hit.rule if hit is not None and hit.family else None
        if found is None or found.status not in ("rename", "adapt") or not found.target:
            continue
        rule = found
        if "::" in rule.target:
            change = scope_change(name, rule.target)
            if (
                change is not None
                and change[1].partition("::")[0] in every
                and change[1] not in matcher.inventory.scopes
            ):
                scopes.setdefault(change[1], change[0])
            continue
        if rule.target not in words or "::" in name or rule.target == name:
            continue
        rank = (rule.status != "rename", -used.get(name, 0), name)
        if rule.target not in best or rank < best[rule.target][0]:
            best[rule.target] = (rank, name)
    return {target: name for target, (_, name) in best.items()}


def _usage() -> dict[str, int]:
    """How often public code uses a name of CUDA's."""
    lines = (rules_dir() / "cuda" / "usage.tsv").read_text(encoding="utf-8").split("\n")[1:]
    return {
        cells[0]: int(cells[2])
        for cells in (line.split("\t") for line in lines)
        if len(cells) > 2 and cells[2].isdigit()
    }


def _asked(project: Project) -> Iterator[str]:
    """The target's headers that the project's port includes."""
    yield project.manifest.headers.get("runtime", "")
    for header in project.headers:
        yield header.target


def _forwards(project: Project, wanted: set[str]) -> dict[str, list[str]]:
    """The target's headers that need a forwarding one, each with CUDA's that it stands for: the project's own first."""
    matcher = project.matcher
    found: dict[str, list[str]] = {}
    for header in project.headers:
        if header.target != header.name and header.target:
            found.setdefault(header.target, []).append(header.name)
    missing = {name for name in wanted if name and name not in found and f"<{name}>" not in matcher.inventory}
    if missing:
        used = _usage()
        every: dict[str, list[str]] = {}
        for key in matcher.inventory:
            if key[:1] == "<":
                answer = matcher.answer(AnswerKey(key[1:-1], "include", "", ""))
                if answer.replacement in missing:
                    every.setdefault(answer.replacement, []).append(key[1:-1])
        for name, sources in every.items():
            found[name] = [max(sources, key=lambda source: (used.get(f"<{source}>", 0), source))]
    runtime = project.manifest.headers.get("runtime", "")
    if runtime in missing or runtime in found:
        found[runtime] = list(dict.fromkeys(["cuda_runtime.h", *found.get(runtime, ())]))
    own = {f"<{name}>" for name in found} & set(matcher.inventory)
    return {name: sources for name, sources in sorted(found.items()) if f"<{name}>" not in own}


def _forward(name: str, sources: list[str], place: str, made: str) -> str:
    """A header of the target's name that includes CUDA's and the shim."""
    up = "../" * name.count("/")
    return (
        "\n".join(
            [
                f"// {made}",
                "#pragma once",
                *(f"#include <{source}>" for source in sources),
                f'#include "{up}{os.path.basename(place)}"',
            ]
        )
        + "\n"
    )
