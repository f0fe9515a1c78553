"""Recipes as lines of a shim header: inline functions with the target's types, else function-like macros."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from migrate.model import AnswerKey
from migrate.tables.recipes import PYTHON

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from migrate.match import Matcher
    from migrate.rewrite.shim_names import Name
    from migrate.tables.recipes import RecipeRow

_IDENTIFIER = re.compile(r"[A-Za-z_]\w*")
_SIGNATURE = re.compile(r"(?P<returns>.+?)\b(?P<name>\w+)\s*\((?P<parameters>.*)\)")
_PARAMETER = re.compile(r"(?P<type>.+?[\s*&])(?P<name>[A-Za-z_]\w*)")
_REFERENCE = re.compile(r"\$([1-9]|\*)")
_CALL = re.compile(r"[A-Za-z_][\w:]*\(.*\)")
#: Words of C in signatures, which are no names of CUDA's.
_C_WORDS = frozenset(
    "void char short int long float double unsigned signed const volatile struct enum size_t bool "
    "int8_t int16_t int32_t int64_t uint8_t uint16_t uint32_t uint64_t".split()
)


def lines(matcher: Matcher, name: Name) -> tuple[list[str], list[RecipeRow]]:
    """The lines that carry out the recipes of *name*, and the rows they come from; nothing where a header cannot."""
    rows = [row for row in matcher.recipes(AnswerKey(name.name, name.kind, name.owner, "")) if row.template != PYTHON]
    written: dict[str, str] = {}
    for row in rows:
        line = _function(matcher, name, row)
        if line is not None:
            written.setdefault(row.arguments, line)
    if rows and not written:
        macro = _macro(name, rows)
        if macro is not None:
            written[""] = macro
    return list(written.values()), rows


def _function(matcher: Matcher, name: Name, row: RecipeRow) -> str | None:
    """An inline function where the signature with the row's number of arguments is known and can be said."""
    entry = matcher.inventory.get(name.name)
    if (
        name.kind not in ("call", "function")
        or entry is None
        or not row.arguments.isdigit()
        or not _CALL.fullmatch(row.template)
    ):
        return None
    for signature in (entry.signature, *_old_signatures(name.name)):
        found = parameters(signature)
        if found is None or len(found[1]) != int(row.arguments):
            continue
        types = [_in_target(matcher, kind) for kind, _ in found[1]]
        returns = _in_target(matcher, found[0])
        if returns is None or None in types:
            continue
        names = [word for _, word in found[1]]
        shown = ", ".join(f"{kind} {word}" for kind, word in zip(types, names, strict=True))
        body = _filled(row.template, names)
        give = "" if returns == "void" else "return "
        return f"static inline {returns} {name.name}({shown}) {{ {give}{body}; }}" if body else None
    return None


def _macro(name: Name, rows: list[RecipeRow]) -> str | None:
    """A function-like macro, or a type, where one row says it all."""
    row = rows[0]
    if len(rows) > 1 or ";" in row.template:
        return None
    if name.kind == "type":
        return None if "$" in row.template else f"typedef {row.template} {name.name};"
    if row.template.count("$*") == 1 and len(_REFERENCE.findall(row.template)) == 1:
        return f"#define {name.name}(...) {row.template.replace('$*', '__VA_ARGS__')}"
    if row.arguments.isdigit() and "$" in row.template:
        names = [f"a{number}" for number in range(1, int(row.arguments) + 1)]
        body = _filled(row.template, names)
        return f"#define {name.name}({', '.join(names)}) {body}" if body else None
    return None


def _in_target(matcher: Matcher, written: str) -> str | None:
    """A C type of CUDA's in the target's words; None where a word of it has none."""
    result = written
    for word in sorted(set(_IDENTIFIER.findall(written)) - _C_WORDS):
        answer = matcher.answer(AnswerKey(word, "type", "", ""))
        if answer.id == "MIG102":
            continue
        if answer.id not in ("MIG101", "MIG103") or _IDENTIFIER.fullmatch(answer.replacement) is None:
            return None
        result = re.sub(rf"\b{word}\b", answer.replacement, result)
    return result


def _old_signatures(name: str) -> Iterator[str]:
    """What a function took before CUDA changed it."""
    from migrate.tables.rules import rules_dir

    for line in (rules_dir() / "cuda" / "changed.tsv").read_text(encoding="utf-8").split("\n")[1:]:
        cells = line.split("\t")
        if cells[0] == name and len(cells) > 4:
            yield from cells[3:5]


def parameters(signature: str) -> tuple[str, list[tuple[str, str]]] | None:
    """What a C function returns, and type and name of each parameter; None for a template or what cannot be read."""
    found = _SIGNATURE.fullmatch(signature.strip())
    if found is None:
        return None
    written = [one.strip() for one in _split(found["parameters"])]
    said = [_PARAMETER.fullmatch(one) for one in written if one != "void"]
    pairs = [(one["type"].strip(), one["name"]) for one in said if one is not None]
    if len(pairs) != len(said) or any(re.search(r"\bT\b", kind) for kind, _ in pairs):
        return None
    return found["returns"].strip(), pairs


def _filled(template: str, names: Sequence[str]) -> str:
    """*template* with its references replaced; "" when it asks for an argument there is not."""
    wanted = [int(number) for number in _REFERENCE.findall(template) if number != "*"]
    if any(number > len(names) for number in wanted):
        return ""
    return _REFERENCE.sub(lambda found: ", ".join(names) if found[1] == "*" else names[int(found[1]) - 1], template)


def _split(parameters: str) -> list[str]:
    """Parameters at commas outside brackets."""
    parts, depth, first = [], 0, 0
    for index, character in enumerate(parameters):
        depth += (character in "(<[") - (character in ")>]")
        if character == "," and depth == 0:
            parts.append(parameters[first:index])
            first = index + 1
    return [part for part in [*parts, parameters[first:]] if part.strip()]
