"""Recipes as lines of a shim header: inline functions with the target's types, else function-like macros."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from migrate.model import AnswerKey, Shape, Span, Use
from migrate.rewrite import recipes
from migrate.rewrite.calls import make_call
from migrate.rewrite.edits import apply
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
    answering = list(matcher.recipes(AnswerKey(name.name, name.kind, name.owner, "")))
    rows = [row for row in answering if row.template != PYTHON]
    made = []
    if not rows and name.kind in ("call", "function"):
        rows = made = [found for row in answering for found in _from_python(matcher, row)]
    written: dict[str, str] = {}
    for row in rows:
        line = _function(matcher, name, row)
        if line is not None:
            written.setdefault(row.arguments, line)
    for row in rows if written else ():
        line = written.get(row.arguments, "")
        if not line or "void ** " in line:
            # CUDA's C++ interface takes what its C signature does not: any pointer's address, one argument more.
            written.setdefault(f"{row.arguments} of any type", _template(name, row))
    written = {arguments: line for arguments, line in written.items() if line}
    if rows and not written:
        macro = _with_defaults(matcher, name, rows) or _by_number(name, rows) or _macro(name, made[:1] or rows)
        if macro is not None:
            written[""] = macro
    return list(written.values()), rows


def _from_python(matcher: Matcher, row: RecipeRow) -> list[RecipeRow]:
    """What a Python recipe writes for arguments that it cannot look into, as rows with a template, one a number.

    Nothing where it would leave an argument out, write a statement, or not apply.
    """
    recipes.load(matcher.target.name)
    function = recipes.find(matcher.target.name, row.cuda)
    low, _, high = row.arguments.partition("-")
    if function is None or not low:
        return []
    found = []
    for count in range(int(high or low), int(low) - 1, -1):
        shown = ", ".join(f"(${number})" for number in range(1, count + 1))
        source = f"r = {row.cuda}({shown});".encode()
        shape = Shape(row.cuda, "call")
        span = Span(len("r = "), len("r = ") + len(row.cuda))
        call = make_call(source, source, Use(span.start, len(row.cuda), 1, 1, shape), matcher.target, span)
        fix = function(call)
        written = apply(source, fix.edits).decode() if fix is not None else ""
        body = written.removeprefix("r = ").removesuffix(";")
        asked = {int(number) for number in _REFERENCE.findall(body) if number != "*"}
        if f"r = {body};" == written and ";" not in body and asked == set(range(1, count + 1)):
            template = re.sub(r"(?<=[(,] )\(\$(\d)\)(?=[,)])|(?<=\()\(\$(\d)\)(?=[,)])", r"$\1\2", body)
            if template.partition("(")[2] != ", ".join(f"${number}" for number in sorted(asked)) + ")":
                found.append(row._replace(arguments=str(count), template=template))
    return found


def _function(matcher: Matcher, name: Name, row: RecipeRow) -> str | None:
    """An inline function where the signature with the row's number of arguments is known and can be said."""
    entry = matcher.inventory.get(name.name)
    if (
        name.kind not in ("call", "function")
        or entry is None
        or not row.arguments.isdigit()
        or not _CALL.fullmatch(row.template)
        or "(void**)" in row.template  # takes the address of any pointer: only a macro can
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


def _template(name: Name, row: RecipeRow) -> str:
    """The row as a C++ function of any types; "" where it is no call of all its arguments."""
    if not row.arguments.isdigit() or not _CALL.fullmatch(row.template):
        return ""
    count = int(row.arguments)
    body = _filled(row.template, [f"a{number}" for number in range(1, count + 1)])
    types = ", ".join(f"class A{number}" for number in range(1, count + 1))
    shown = ", ".join(f"A{number} a{number}" for number in range(1, count + 1))
    return (
        f"#if defined(__cplusplus)\ntemplate <{types}> static inline auto {name.name}({shown}) -> decltype({body}) "
        f"{{ return {body}; }}\n#endif"
        if body
        else ""
    )


def _with_defaults(matcher: Matcher, name: Name, rows: list[RecipeRow]) -> str | None:
    """A macro for a rename whose last arguments CUDA lets a caller leave out: the row gives them.

    The arguments given come first, then the row's; what is too much falls to the ellipsis.
    """
    row = rows[0]
    hit = matcher.lookup(name.name, name.kind, name.owner)
    if hit is None or hit.rule.status != "rename" or len(rows) > 1 or not row.arguments.isdigit():
        return None
    given = ", ".join(f"${number}" for number in range(1, int(row.arguments) + 1))
    head = f"{hit.rule.target}({given}, "
    if not row.template.startswith(head) or "$" in row.template[len(head) :]:
        return None
    more = row.template[len(head) : -1]
    names = ", ".join(f"a{number}" for number in range(1, int(row.arguments) + more.count(",") + 2))
    return (
        f"#define MIGRATE_{name.name}({names}, ...) {hit.rule.target}({names})\n"
        f"#define {name.name}(...) MIGRATE_{name.name}(__VA_ARGS__, {more}, 0)"
    )


def _by_number(name: Name, rows: list[RecipeRow]) -> str | None:
    """Macros for several numbers of arguments: the ones given push the right macro's name to the place that is read."""
    bodies: dict[int, str] = {}
    for row in rows:
        count = int(row.arguments) if row.arguments.isdigit() else 0
        body = _filled(row.template, [f"a{number}" for number in range(1, count + 1)])
        if count == 0 or not body or ";" in body or bodies.setdefault(count, body) != body:
            return None
    most = max(bodies)
    if len(bodies) < 2:
        return None
    own = f"MIGRATE_{name.name}"

    def listed(count: int) -> str:
        return ", ".join(f"a{number}" for number in range(1, count + 1))

    lines = [f"#define {own}_{count}({listed(count)}) {body}" for count, body in sorted(bodies.items())]
    places = ", ".join(f"{own}_{count if count in bodies else most}" for count in range(most, 0, -1))
    return "\n".join(
        [
            *lines,
            f"#define {own}_N({listed(most)}, name, ...) name",
            f"#define {name.name}(...) {own}_N(__VA_ARGS__, {places}, 0)(__VA_ARGS__)",
        ]
    )


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
