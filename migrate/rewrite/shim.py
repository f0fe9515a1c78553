"""A shim header: exactly the CUDA names a project uses, in a target's words, so that one source serves several stacks.

What a header can say is said: renames as `#define`, types whose names are ordinary words as `typedef`, namespaces as
aliases, changed arguments as inline functions or function-like macros where a recipe is a template. What it cannot say
stops the compiler with the reason where it is used, and only there; what needs another look compiles and warns where
the compiler can.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from migrate.model import AnswerKey
from migrate.rewrite import shim_recipes
from migrate.rewrite.shim_names import VERSIONS, main_header

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from migrate.messages import Messages
    from migrate.rewrite.shim_names import Header, Name, Project

_IDENTIFIER = re.compile(r"[A-Za-z_]\w*")
#: An ordinary word has no capital and no underscore within; defining one as a macro would hit other code.
_MARKED = re.compile(r"\w*[a-z0-9][A-Z_]\w*")
#: Macros of CUDA's compiler that say who compiles; they must not become defined where the target's compiler does not.
_COMPILER_MACRO = re.compile(r"__CUDACC\w*|__NVCC\w*")
#: How libraries follow each other.
_ORDER = (
    "runtime",
    "driver",
    "device",
    "blas",
    "dnn",
    "fft",
    "rand",
    "sparse",
    "solver",
    "ccl",
    "nvrtc",
    "nvml",
    "nvtx",
    "cub",
    "thrust",
)


class Shim(NamedTuple):
    """One target's part of a header."""

    lines: tuple[str, ...]
    renamed: int
    adapted: int
    stopped: int
    unsaid: int  # names only a comment speaks of


def header(projects: Sequence[Project], text: Messages, *, tool: str, command: str) -> str:
    """The whole header for one target, or for several under their compilers' macros and CUDA else.

    Args:
        projects: the project as each target sees it.
        text: language of the comments.
        tool: this tool's name and version.
        command: how to make the header again.
    """
    shims = [part(project, text) for project in projects]
    lines = [f"// {text('shim.made', tool=tool)}", f"// {text('shim.again', command=command)}"]
    for project, shim in zip(projects, shims, strict=True):
        lines.append(f"// {project.target.title}: {summary(shim, text)}")
    lines += ["#pragma once", ""]
    if len(projects) == 1:
        return "\n".join([*lines, *shims[0].lines]) + "\n"
    word = "#if"
    for project, shim in zip(projects, shims, strict=True):
        lines += [f"{word} {condition(project)}  // {project.target.title}", "", *shim.lines, ""]
        word = "#elif"
    lines += [
        "#else  // CUDA",
        "",
        *_includes([one._replace(target=one.name, firm=True) for one in projects[0].headers], "cuda_runtime.h"),
    ]
    return "\n".join([*lines, "", "#endif"]) + "\n"


def summary(shim: Shim, text: Messages) -> str:
    """What one target's part holds, in one line."""
    pairs = (("renamed", shim.renamed), ("adapted", shim.adapted), ("stopped", shim.stopped), ("unsaid", shim.unsaid))
    return text("shim.joint").join(text.count(f"shim.{word}", number) for word, number in pairs)


def condition(project: Project) -> str:
    """The condition under which a target's part is read: its compiler, or a macro by which projects choose it."""
    macros = project.manifest.macros
    generic = [name for name in macros.guards if name.startswith("USE_") and not name.endswith("_ADAPTOR")][:1]
    names = dict.fromkeys([*macros.compiler, *generic, *project.guards])
    chosen = [name for name in names if name != macros.device or name in macros.compiler]
    return " || ".join(f"defined({name})" for name in chosen)


def part(project: Project, text: Messages) -> Shim:
    """One target's part of the header."""
    return _Part(project, text).build()


class _Part:
    """Builds one target's part."""

    def __init__(self, project: Project, text: Messages) -> None:
        self._project = project
        self._text = text
        self._stack = project.manifest.stack
        self._scopes = _Scopes(project)
        self._renames: dict[str, list[str]] = {}
        self._types: list[str] = []
        self._macros: list[str] = []
        self._adapted: list[str] = []
        self._stopped: list[str] = []
        self._unsaid: list[str] = []
        self._counts = dict.fromkeys(("renamed", "adapted", "stopped", "unsaid"), 0)
        self._headers = {one.name: one for one in project.headers}

    def build(self) -> Shim:
        """Sorts every name into its section and writes the sections."""
        for name in self._project.names:
            self._place(name)
        lines = _includes(self._project.headers, self._project.manifest.headers.get("runtime", ""))
        lines += _unless_nvcc([f"#define {name}" for name in self._project.included])
        for library in sorted(
            self._renames, key=lambda one: (_ORDER.index(one) if one in _ORDER else len(_ORDER), one)
        ):
            lines += ["", f"// {library}", *self._renames[library]]
        for title, section in (
            ("macros", _unless_nvcc(self._macros)),
            ("types", _unless_nvcc(self._types)),
            ("namespaces", _unless_nvcc(self._scopes.lines())),
            ("adapted", self._adapted),
            ("stopped", _unless_nvcc(self._stopped)),
            ("unsaid", [*self._unsaid, *self._beyond()]),
        ):
            if section:
                lines += ["", f"// {self._text(f'shim.section-{title}')}", *section]
        return Shim(tuple(lines), *self._counts.values())

    def _beyond(self) -> Iterator[str]:
        """What no header can change, in numbers."""
        launch = self._project.matcher.answer(AnswerKey("kernel", "launch", "", ""))
        if self._project.launches and launch.id != "MIG102":
            yield f"// {self._text.count('shim.launches', self._project.launches)}"
        if self._project.pasted:
            yield f"// {self._text.count('shim.pasted', self._project.pasted)}"
        if self._project.assembly:
            yield f"// {self._text.count('shim.assembly', self._project.assembly)}"

    def _place(self, name: Name) -> None:
        if name.way == "same":
            return
        if name.kind == "member":
            if name.target not in ("", name.name):
                self._say(name)
            return
        if "::" in name.name or name.kind == "namespace":
            self._counts["renamed" if self._scopes.covers(name) else "unsaid"] += 1
            if not self._scopes.covers(name):
                self._unsaid.append(f"// {self._remark(name)}")
            return
        if _IDENTIFIER.fullmatch(name.name) is None or name.way in ("unknown", "version"):
            self._say(name)
        elif _COMPILER_MACRO.fullmatch(name.name):
            self._compiler_macro(name)
        elif name.way == "none":
            self._stop(name)
        elif not self._recipe(name):
            self._rename(name)

    def _rename(self, name: Name) -> None:
        target = name.target
        if target == name.name or _IDENTIFIER.fullmatch(target) is None:
            if name.way == "adapt" and target != name.name:
                self._stop(name)
            else:
                self._say(name)
            return
        level = name.answer.id == "MIG103"
        remark = f"  // {self._text('shim.inferred')}" if level else ""
        if self._defines(name):
            line = f"#define {name.name} {target}{remark}"
        elif name.kind == "type":
            line = f"typedef {target} {name.name};{remark}"
        else:
            self._say(name)
            return
        if name.way == "adapt":
            self._speak(name, line)
            return
        self._counts["renamed"] += 1
        if line.startswith("typedef"):
            self._types += self._declared(name, [line])
        elif self._is_macro(name.name):
            self._macros.append(line)
        else:
            self._renames.setdefault(name.library or "other", []).append(line)

    def _is_macro(self, name: str) -> bool:
        """Whether CUDA's headers define the name as a macro: flags, functions with a newer version (`cublasCreate`)."""
        inventory = self._project.matcher.inventory
        entry = inventory.get(name)
        return (entry is not None and entry.kind == "macro") or any(f"{name}_v{one}" in inventory for one in (2, 3, 4))

    def _defines(self, name: Name) -> bool:
        """Whether a macro of the name can hit nothing but CUDA's."""
        word = name.name.encode()
        return self._project.matcher.inventory.is_strong(word) or (
            name.kind != "type" and _MARKED.fullmatch(name.name) is not None
        )

    def _speak(self, name: Name, line: str) -> None:
        """A line that compiles and is to be looked at: the reason above, a warning where clang reads it."""
        self._counts["adapted"] += 1
        shown = [line] if line.startswith("#") else _unless_nvcc(self._declared(name, [line]))
        self._adapted += [f"// {self._remark(name)}", *shown]
        if line.startswith("#define"):
            self._adapted += [
                "#if defined(__clang__)",
                f'#pragma clang deprecated({name.name}, "{_quoted(self._remark(name))}")',
                "#endif",
            ]

    def _stop(self, name: Name) -> None:
        """A name whose use stops the compiler with the reason; a macro that code asks for is left undefined instead."""
        if name.kind == "macro" or not self._defines(name):
            self._say(name)
            return
        self._counts["stopped"] += 1
        remark = _quoted(self._remark(name))
        missing = f"{name.name}_is_not_in_{self._stack.replace(' ', '_')}"
        self._stopped.append(f'#define {name.name} _Pragma("GCC error \\"{remark}\\"") {missing}')

    def _say(self, name: Name) -> None:
        """A name the header cannot do anything about; an unknown one only where it is CUDA's for sure."""
        if name.way == "unknown" and "::" not in name.name and not self._defines(name):
            return
        self._counts["unsaid"] += 1
        self._unsaid.append(f"// {self._remark(name)}")

    def _remark(self, name: Name) -> str:
        """The reason in one line: `cudaFoo → musaFoo: what the notes say`."""
        shown = f"{name.owner}.{name.name}" if name.owner else name.name
        what = f"{shown} → {name.target}" if name.target and name.target != name.name else shown
        said = [note.zh if self._text.language == "zh" else note.en for note in name.notes]
        if not said:
            said = [self._text(f"shim.way-{name.way}", stack=self._stack)]
        return f"{what}: {'; '.join(said)}".replace("\n", " ").rstrip("\\")

    def _recipe(self, name: Name) -> bool:
        """Writes the name's recipes as functions or macros; False where it has none that a header can hold."""
        written, rows = shim_recipes.lines(self._project.matcher, name)
        chinese = self._text.language == "zh"
        said = (row.assumption for row in rows if written and row.level == "unsafe" and row.assumption is not None)
        for what in dict.fromkeys(one.zh if chinese else one.en for one in said):
            self._adapted.append(f"// {name.name}: {self._text('shim.assumes', what=what)}")
        self._counts["adapted"] += bool(written)
        self._adapted += _unless_nvcc(self._declared(name, written))
        return bool(written)

    def _declared(self, name: Name, lines: list[str]) -> list[str]:
        """Declarations where the header of what they name is included; macros need none until they are used."""
        if all(line.startswith("#") for line in lines):
            return lines
        header = self._headers.get(main_header(self._project.matcher, name))
        if header is None:
            return lines
        # Without a header the compiler has the type itself.
        compiler = " || ".join(f"defined({macro})" for macro in self._project.manifest.macros.compiler)
        for condition in _conditions(header) if header.target else filter(None, [compiler]):
            lines = [f"#if {condition}", *lines, "#endif"]
        return lines

    def _compiler_macro(self, name: Name) -> None:
        """`#ifdef __CUDACC__` must ask for the target's compiler."""
        target = name.target
        if name.way == "none" or target == name.name or _IDENTIFIER.fullmatch(target) is None:
            self._say(name)
            return
        self._counts["renamed"] += 1
        self._renames.setdefault(name.library or "runtime", []).extend(
            [f"#if defined({target}) && !defined({name.name})", f"#define {name.name} {target}", "#endif"]
        )


class _Scopes:
    """Namespaces that change as a whole, so that an alias says it: `namespace cub = hipcub;`."""

    def __init__(self, project: Project) -> None:
        pairs: dict[str, set[str]] = {}
        self._of: dict[str, tuple[str, str]] = {}
        for name in project.names:
            if "::" not in name.name or name.way not in ("rename", "same") or name.kind == "member":
                continue
            rule = name.rule
            if rule is not None and "::" not in rule.cuda and rule.target == name.target != rule.cuda:
                # The namespace's own row answers: `cub` → `hipcub`.
                pair: tuple[str, str] | None = (rule.cuda, rule.target)
            else:
                pair = scope_change(name.name, name.target or name.name)
            if pair is not None:
                pairs.setdefault(pair[0], set()).add(pair[1])
                self._of[name.name] = pair
        for name in project.names:
            # A scope some of whose names stay cannot be another's alias.
            if "::" in name.name and name.way in ("rename", "same") and name.name not in self._of:
                for scope in list(pairs):
                    if name.name.startswith(f"{scope}::"):
                        pairs[scope].add(scope)
        self.aliases = {scope: next(iter(targets)) for scope, targets in pairs.items() if len(targets) == 1}

    def covers(self, name: Name) -> bool:
        """Whether an alias brings the name."""
        if name.kind == "namespace":
            return any(name.name == scope or scope.startswith(f"{name.name}::") for scope in self.aliases)
        pair = self._of.get(name.name)
        return pair is not None and self.aliases.get(pair[0]) == pair[1]

    def lines(self) -> list[str]:
        """The aliases, outer scopes first."""
        lines = []
        for scope, target in sorted(self.aliases.items()):
            line = alias(scope, target)
            lines += ["#if defined(THRUST_VERSION)", line, "#endif"] if target.startswith("thrust::") else [line]
        return lines


def scope_change(name: str, target: str) -> tuple[str, str] | None:
    """The namespaces that differ when the same last parts are taken off: `cub::A::B`, `hipcub::A::B` → `cub`, `hipcub`.

    None where the names are the same or end differently.
    """
    old, new = name.split("::"), target.split("::")
    if old == new or old[-1] != new[-1]:
        return None
    while len(old) > 1 and len(new) > 1 and old[-1] == new[-1]:
        old.pop()
        new.pop()
    if old[-1] == new[-1]:
        return None  # a namespace less or more: no alias says that
    return "::".join(old), "::".join(new)


def alias(scope: str, target: str) -> str:
    """The line that makes *scope* another name of the namespace *target*.

    A namespace of its own is declared here, so that no header must have been; one within a library is that library's to
    declare, often as an alias itself.
    """
    *outer, last = scope.split("::")
    opened = "" if "::" in target else f"namespace {target} {{ }} "
    inside = "".join(f"namespace {part} {{ " for part in outer)
    return f"{opened}{inside}namespace {last} = ::{target};{' }' * len(outer)}"


def _includes(headers: Sequence[Header], runtime: str) -> list[str]:
    """The target's headers, its main one first, each once; optional ones as the project asks for them."""
    lines = [f"#include <{runtime}>"] if runtime else []
    seen = {runtime}
    for one in headers:
        if not one.target or one.target in seen:
            continue
        seen.add(one.target)
        include = [f"#include <{one.target}>"]
        if one.otherwise and one.firm:
            include = [f"#if __has_include(<{one.target}>)", *include, "#else", f"#include <{one.otherwise}>", "#endif"]
        for condition in _conditions(one):
            include = [f"#if {condition}", *include, "#endif"]
        lines += include
    return lines


def _conditions(header: Header) -> Iterator[str]:
    """Under which conditions the shim includes a header, the innermost first."""
    if not header.firm:
        yield f"__has_include(<{header.target}>)"
    if (
        header.condition
        and "…" not in header.condition
        and len(header.condition) < 160
        and not any(word in header.condition for word in VERSIONS)
    ):
        yield header.condition
    elif header.condition and header.firm:
        yield f"__has_include(<{header.target}>)"


def _unless_nvcc(lines: list[str]) -> list[str]:
    """Declarations that would clash with CUDA's own where nvcc reads the header, with the reverse shim."""
    return ["#if !defined(__NVCC__)", *lines, "#endif"] if lines else []


def _quoted(text: str) -> str:
    """*text* for a string within a string."""
    return text.replace("\\", "/").replace('"', "'")
