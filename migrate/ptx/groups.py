"""What kind of instruction a mnemonic is, and under which finding it is reported.

The facts stand in `rules/ptx/instructions.tsv`. A row without template speaks for every mnemonic that has its opcode
and its modifiers in this order, others may stand between (`ld.acquire` for `ld.global.acquire.gpu.u32`); the row with
the most modifiers wins. A row with template speaks for exactly its mnemonic.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from migrate.model import Note
from migrate.tables.rules import rules_dir

#: Groups of instructions and the finding each is reported under.
GROUPS = {
    "matrix": "MIG503",
    "matrix-load": "MIG504",
    "async-copy": "MIG505",
    "bulk-copy": "MIG506",
    "mbarrier": "MIG507",
    "warp": "MIG508",
    "load-store": "MIG509",
    "texture": "MIG509",
    "order": "MIG510",
    "atomic": "MIG511",
    "multicast": "MIG511",
    "bits": "MIG512",
    "arithmetic": "MIG513",
    "video": "MIG513",
    "convert": "MIG514",
    "approximate": "MIG515",
    "select": "MIG516",
    "move": "MIG516",
    "control": "MIG516",
    "barrier": "MIG517",
    "register": "MIG518",
    "address": "MIG519",
    "cluster": "MIG519",
    "launch": "MIG519",
}

#: Blocks whose instructions cannot be read, modules, and opcodes that no table knows.
GENERAL = "MIG501"

#: What a template takes from CUDA; casts are of the language.
_NAME = re.compile(r"\b(?!static_cast\b)[A-Za-z_]\w*(?=\()|\b(?:threadIdx|blockIdx|blockDim|gridDim|warpSize)\b")
_REFERENCE = re.compile(r"[$@](\d)")

COLUMNS = ("instruction", "group", "template", "level", "when", "assumption", "source")


class Intrinsic(NamedTuple):
    """CUDA C++ that says the same as one instruction."""

    template: (
        str  # `$1` is the first source operand, `@1` the address in brackets; begins with "!" when it gives no value
    )
    level: str  # safe, unsafe
    when: tuple[str, ...]  # conditions on literal operands: 4=31, 2<32, 3~0x8888
    assumption: Note | None  # what an unsafe one takes for granted
    source: str


#: `lop3.b32`, whose expression depends on its table (`replace.logic`).
LOGIC = Intrinsic("~, &, | and ^ of $1, $2 and $3", "safe", (), None, "proven: all 254 tables by value")

#: What a scan says of the statement around an instruction that has an intrinsic: nothing when the statement has a
#: replacement of that level, "unsafe" when it has an unsafe one only, "part" when it has none as a whole.
MARKS = ("unsafe", "part")


class _Table(NamedTuple):
    groups: dict[str, list[tuple[tuple[str, ...], str]]]  # by opcode: (modifiers, group), most modifiers first
    intrinsics: dict[str, tuple[Intrinsic, ...]]  # by mnemonic, "mov %laneid" for special registers; safe ones first


@lru_cache(maxsize=1)
def _table() -> _Table:
    folder = rules_dir() / "ptx"
    notes = {}
    for line in (folder / "notes.tsv").read_text(encoding="utf-8").split("\n")[1:]:
        if line:
            ident, en, zh = line.split("\t")
            notes[ident] = Note(en, zh)
    groups: dict[str, list[tuple[tuple[str, ...], str]]] = {}
    intrinsics: dict[str, tuple[Intrinsic, ...]] = {}
    for line in (folder / "instructions.tsv").read_text(encoding="utf-8").split("\n")[1:]:
        if not line:
            continue
        pattern, group, template, level, when, assumption, source = line.split("\t")
        if not template:
            opcode, *modifiers = pattern.split(".")
            groups.setdefault(opcode, []).append((tuple(modifiers), group))
            continue
        for mnemonic, text in expand(pattern, template):
            one = Intrinsic(text, level, tuple(when.split()), notes.get(assumption), source)
            intrinsics[mnemonic] = tuple(sorted((*intrinsics.get(mnemonic, ()), one), key=lambda item: item.level))
    for rows in groups.values():
        rows.sort(key=lambda row: -len(row[0]))
    return _Table(groups, intrinsics)


def expand(pattern: str, template: str) -> list[tuple[str, str]]:
    """`fma.{rn|rz}.f64`, `__fma_{}($1, $2, $3)` → one pair for each word in braces; the word may be `ptx=c`."""
    head, opening, rest = pattern.partition("{")
    if not opening:
        return [(pattern, template)]
    words, _, tail = rest.partition("}")
    pairs = []
    for word in words.split("|"):
        mine, _, theirs = word.partition("=")
        pairs.append((head + mine + tail, template.replace("{}", theirs or mine)))
    return pairs


@lru_cache(maxsize=4096)
def group(mnemonic: str, register: str = "") -> str:
    """The group of an instruction, "" for an opcode that PTX does not have."""
    if register:
        return "register"
    opcode, *modifiers = mnemonic.split(".")
    best: tuple[int, list[int]] | None = None
    found = ""
    for wanted, name in _table().groups.get(opcode, ()):
        if best is not None and len(wanted) < best[0]:
            break
        places = _places(wanted, modifiers)
        # Of rows with as many modifiers the one whose modifiers come first says what the instruction is.
        if places is not None and (best is None or places < best[1]):
            best, found = (len(wanted), places), name
    return found


def _places(wanted: tuple[str, ...], modifiers: list[str]) -> list[int] | None:
    places = []
    at = 0
    for word in wanted:
        try:
            at = modifiers.index(word, at) + 1
        except ValueError:
            return None
        places.append(at)
    return places


def opcodes() -> frozenset[str]:
    """Every opcode that the table knows."""
    return frozenset(_table().groups)


def finding(mnemonic: str, register: str = "") -> str:
    """The id under which an instruction is reported."""
    return GROUPS.get(group(mnemonic, register), GENERAL)


def register_of(owner: str) -> str:
    """The special register in the owner of a use: "%laneid part" → "%laneid"."""
    first = owner.partition(" ")[0]
    return "" if first in MARKS else first


def mark_of(owner: str) -> str:
    """What the owner of a use says of its statement: one of `MARKS`."""
    last = owner.rpartition(" ")[2]
    return last if last in MARKS else ""


def intrinsics(mnemonic: str, register: str = "") -> tuple[Intrinsic, ...]:
    """Every CUDA C++ for exactly this instruction, safe ones first."""
    if mnemonic == "lop3.b32":
        return (LOGIC,)
    return _table().intrinsics.get(f"mov {register}" if register else mnemonic, ())


def intrinsic(mnemonic: str, register: str = "") -> Intrinsic | None:
    """The best CUDA C++ for exactly this instruction, None where there is none."""
    return next(iter(intrinsics(mnemonic, register)), None)


def names(template: str) -> list[str]:
    """The functions and built-in variables of CUDA that a template uses, in order."""
    return list(dict.fromkeys(_NAME.findall(template)))


def shown(template: str, renamed: dict[str, str]) -> str:
    """A template as people read it: operands are a, b, c …, names as in *renamed*."""
    text = _REFERENCE.sub(lambda match: "abcdefgh"[int(match[1]) - 1], template.removeprefix("!"))
    text = _NAME.sub(lambda match: renamed.get(match[0], match[0]), text)
    return bare(text)


def bare(expression: str) -> str:
    """An expression without the parentheses around the whole of it."""
    if not (expression.startswith("(") and expression.endswith(")")):
        return expression
    depth = 0
    for at, character in enumerate(expression):
        depth += (character == "(") - (character == ")")
        if depth == 0 and at < len(expression) - 1:
            return expression
    return expression[1:-1]


def all_intrinsics() -> dict[str, tuple[Intrinsic, ...]]:
    """Every intrinsic by its mnemonic."""
    return dict(_table().intrinsics)
