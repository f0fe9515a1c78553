"""One CUDA name: what CUDA says of it, and what every target answers, with the evidence of each answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from migrate.match import Matcher
from migrate.phrases import said
from migrate.report.plain import WIDTH, Paint, left, visible, width, wrap
from migrate.tables import condition
from migrate.tables.rules import best_level, evidence_pieces

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from migrate.match import Hit
    from migrate.messages import Messages
    from migrate.model import Note, Target
    from migrate.tables.inventory import Entry, Inventory
    from migrate.tables.rules import Rule, Table


class Name(NamedTuple):
    """A CUDA name as a use would be asked for."""

    name: str
    kind: str  # of a use: include, ptx, member, launch, or "" for a plain name
    owner: str  # struct of a member


class Line(NamedTuple):
    """One row's answer on one target."""

    status: str  # "unknown" without a row
    replacement: str
    level: str
    evidence: tuple[str, ...]
    notes: tuple[Note, ...]
    when: str
    family: str
    carried: str
    holds: bool  # whether the row's condition holds for the target as asked for


class Explanation(NamedTuple):
    """Everything the tables say of one name."""

    name: str  # as the tables spell it: <cuda_runtime.h>, cudaDeviceProp.major
    entry: Entry | None  # CUDA's own
    targets: tuple[tuple[Target, tuple[Line, ...]], ...]


def parse_name(text: str, inventory: Inventory) -> Name:
    """The use that *text* stands for, in the spellings of the tables and in those people type."""
    name = text.strip().removesuffix("()")
    if name in ("<<<>>>", "<<<…>>>", "<<<...>>>", "launch"):
        return Name("<<<>>>", "launch", "")
    if name.startswith("<") and name.endswith(">"):
        return Name(name[1:-1], "include", "")
    if f"<{name}>" in inventory or name.endswith((".h", ".cuh", ".hpp")):
        return Name(name, "include", "")
    if name.startswith(("asm:", "asm ")):
        mnemonic, _, register = name[4:].strip().partition(" ")
        return Name(mnemonic, "ptx", register.strip())
    owner, dot, member = name.partition(".")
    if dot and owner.encode() in inventory.structs:
        return Name(member, "member", owner)
    return Name(name, "", "")


def row_key(name: Name) -> str:
    """The spelling of *name* in tables."""
    if name.kind == "include":
        return f"<{name.name}>"
    if name.kind == "ptx":
        return f"asm:{name.name} {name.owner}" if name.owner else f"asm:{name.name}"
    return f"{name.owner}.{name.name}" if name.owner else name.name


def explain(name: Name, targets: Sequence[Target], tables: dict[str, Table], inventory: Inventory) -> Explanation:
    """What *targets* answer for *name*; *tables* by target name."""
    found = []
    for target in targets:
        matcher = Matcher(target, tables[target.name], inventory)
        found.append((target, tuple(_lines(name, matcher, target))))
    return Explanation(row_key(name), inventory.get(row_key(name)), tuple(found))


def _lines(name: Name, matcher: Matcher, target: Target) -> Iterator[Line]:
    rows = list(matcher.alternatives(name.name, name.kind, name.owner))
    hit = matcher.lookup(name.name, name.kind, name.owner)
    if hit is not None and (hit.family or hit.carried or not rows):
        yield _line(hit.rule, matcher.table, hit, holds=True)
    for rule in rows:
        holds = not condition.failing(rule.when, target.facts)
        yield _line(rule, matcher.table, None, holds=holds)


def _line(rule: Rule, table: Table, hit: Hit | None, *, holds: bool) -> Line:
    notes = tuple(table.note(reference) for reference in rule.note.split(";") if reference)
    return Line(
        rule.status,
        rule.target,
        hit.level if hit else best_level(rule.evidence),
        evidence_pieces(rule.evidence) if rule.evidence else (),
        notes,
        rule.when,
        hit.family if hit else "",
        hit.carried if hit else "",
        holds,
    )


def text_lines(found: Explanation, text: Messages, paint: Paint, *, verbose: bool = False) -> Iterator[str]:
    """*found* for a terminal: the name's own line, then a line for each target's row, notes below it."""
    yield from _header(found, text, paint)
    names = max((width(target.key) for target, _ in found.targets), default=0)
    shown = [(target, _shown(lines, verbose=verbose)) for target, lines in found.targets]
    replacements = max((min(width(visible(line.replacement)), 34) for _, lines in shown for line in lines), default=0)
    status_width = max(width(text("status." + word)) for word in ("rename", "same", "adapt", "none", "unknown"))
    level_width = max(width(text("level." + word)) for word in ("declared", "documented", "used", "mapped", "inferred"))
    indent = " " * (2 + names + 2 + status_width + 2)
    for target, lines in shown:
        key = left(target.key, names)
        if not lines:
            yield f"  {key}  {text('explain.no-row')}"
            continue
        for index, line in enumerate(lines):
            head = key if index == 0 else " " * names
            status = left(text("status." + line.status), status_width)
            level = left(text("level." + line.level), level_width)
            parts = [
                f"  {head}",
                paint(status, _STYLE[line.status]),
                left(visible(line.replacement), replacements),
                level,
            ]
            if line.evidence:
                parts.append(visible(line.evidence[0]).partition(":")[2])
            yield "  ".join(parts).rstrip()
            yield from _details(line, text, indent, several=len(lines) > 1, verbose=verbose)


_STYLE = {"rename": "auto", "same": "auto", "adapt": "adapt", "none": "unsupported"}


def _shown(lines: tuple[Line, ...], *, verbose: bool) -> tuple[Line, ...]:
    """All rows when verbose; otherwise the row that answers and, beside it, the preferred rows of other conditions."""
    if verbose:
        return lines
    answering = next((line for line in lines if line.holds), None)
    beside = tuple(line for line in lines if not line.holds and "rank=" not in line.when)
    return beside if answering is None else (answering, *beside)


def _details(line: Line, text: Messages, indent: str, *, several: bool, verbose: bool) -> Iterator[str]:
    """What stands below a row: its condition where rows stand beside each other, how it came to answer, its notes."""
    parts: list[str] = []
    when = " ".join(token for token in line.when.split() if verbose or not token.startswith("rank="))
    if when and (several or verbose or not line.holds):
        parts.append(text("explain.when", when=visible(when)))
    if line.family:
        parts.append(text("explain.family", family=visible(line.family)))
    if line.carried:
        parts.append(text("evidence.carried", reason=visible(said(line.carried, text.language))))
    parts += [visible(note.zh if text.language == "zh" else note.en) for note in line.notes]
    if verbose:
        for source in line.evidence[1:]:
            yield from wrap(visible(source), WIDTH, indent)
    yield from wrap(text("semicolon").join(parts), WIDTH, indent)


def _header(found: Explanation, text: Messages, paint: Paint) -> Iterator[str]:
    name = paint(visible(found.name), "bold")
    entry = found.entry
    if entry is None:
        yield f"{name} ({text('explain.no-name')})" if text.language == "en" else f"{name}（{text('explain.no-name')}）"
        return
    kind = text("kind." + entry.kind) if "kind." + entry.kind in text else entry.kind
    versions = []
    if entry.added:
        earlier = entry.added.startswith("<=")  # in the oldest headers that were read
        versions.append(text("explain.since-before" if earlier else "explain.since", added=entry.added.lstrip("<=")))
    if entry.deprecated:
        versions.append(text("explain.deprecated", version=entry.deprecated))
    if entry.removed:
        versions.append(text("explain.removed", version=entry.removed))
    space = " " if text.language == "en" else ""
    if versions:
        facts = text(
            "explain.header-versions", library=entry.library, kind=kind, versions=text("files.comma").join(versions)
        )
    else:
        facts = text("explain.header", library=entry.library, kind=kind)
    line = f"{name}{space}{facts}"
    signature = visible(entry.signature)
    if signature and width(line) + 6 + width(signature) <= WIDTH:
        yield f"{line}      {signature}"
        return
    yield line
    if signature:
        yield from wrap(signature, WIDTH, "  ")


def as_data(found: Explanation) -> dict[str, object]:
    """*found* as JSON values."""
    entry = found.entry
    return {
        "schema_version": 1,
        "name": found.name,
        "cuda": None if entry is None else dict(entry._asdict()),
        "targets": {
            target.key: [
                {
                    **line._asdict(),
                    "evidence": list(line.evidence),
                    "notes": [{"en": note.en, "zh": note.zh} for note in line.notes],
                }
                for line in lines
            ]
            for target, lines in found.targets
        },
    }
