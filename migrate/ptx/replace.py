"""One asm statement → the CUDA C++ that says the same, as a fix for the rewriter.

Several instructions become one expression when each value they keep in a register is used once. Whatever cannot be
shown to mean the same is left alone: guards, jumps, several outputs, macros in the template, comments between operands.
"""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

from migrate.model import Edit, Fix, Note, Span
from migrate.ptx import groups
from migrate.ptx.parse import MARKER, Instruction, instructions, operands

_KEYWORD = re.compile(rb"(?:__asm__|__asm|asm)(?:\s|\\\r?\n|\b(?:volatile|__volatile__)\b)*\(")
_OPERAND = re.compile(rb'\s*(?:\[\s*(\w+)\s*\]\s*)?"(\s*)"\s*\(')
_CLOBBERS = re.compile(rb'(?:\s|,|"|\\\r?\n)*')
_BRACKETS = re.compile(rb"[()\[\]{}:]")
_REGISTERS = re.compile(rb"\.reg(?:\s|\\[nrt])+(?:\.v[24](?:\s|\\[nrt])+)?\.\w+(?:\s|\\[nrt])+([^;]*);")
_REFERENCE = re.compile(r"([$@])(\d)")
_PLACE = re.compile(r"%(\d+)|%\[(\w+)\]")
_ADDRESS = re.compile(r"\[\s*(?:%(\d+)|%\[(\w+)\])\s*(?:\+\s*0\s*)?\]")
_INTEGER = re.compile(r"-?(?:0[xX][0-9a-fA-F]+|\d+)U?")
_SIMPLE = re.compile(r"[A-Za-z_][\w.]*")
_PLAIN = re.compile(r"[\w.]+(?:\[[\w.]+\])?")
_TEMPORARY = re.compile(r"%{0,2}[A-Za-z_$][\w$]*")

#: What an asm statement's "memory" clobber is lost for.
_ORDER = Note(
    'the "memory" clobber goes: the compiler may move other accesses across',
    "原来的 “memory” 约束不再有效：编译器可以把其他访存移过这里",
)
#: Groups whose CUDA C++ keeps the compiler from moving accesses as the clobber does.
_FENCING = frozenset({"order", "barrier", "async-copy", "control", "launch", "cluster"})


class Argument(NamedTuple):
    """One operand of an asm statement."""

    name: str  # of `[name]`, "" without one
    constraint: str
    text: str  # the C++ expression


class Statement(NamedTuple):
    """One asm statement, read."""

    span: Span  # from the keyword to after its `)`
    code: bytes  # its template, literals joined
    outputs: tuple[Argument, ...]
    inputs: tuple[Argument, ...]
    clobbers: tuple[str, ...]
    clean: bool  # whether it holds no comment and no macro that replacing would lose


def statement_at(source: bytes, view: bytes, offset: int) -> Statement | None:
    """The asm statement around *offset*; *view* is *source* with comments and the insides of literals blank."""
    end = offset + 1
    while True:
        start = view.rfind(b"asm", 0, end)
        if start < 0 or offset - start > 100_000:
            return None
        begin = start - 2 if view[start - 2 : start] == b"__" else start
        opening = _KEYWORD.match(view, begin)
        if opening is not None and not (begin and (view[begin - 1 : begin].isalnum() or view[begin - 1] == 95)):
            return _read(source, view, begin, opening.end())
        end = start


def _read(source: bytes, view: bytes, start: int, inside: int) -> Statement | None:
    """The statement whose `(` ends at *inside*."""
    cuts = [inside]
    depth = 0
    end = -1
    for token in _BRACKETS.finditer(view, inside, inside + 100_000):
        if token[0] in b"([{":
            depth += 1
        elif token[0] in b")]}":
            depth -= 1
            if depth < 0:
                end = token.start()
                break
        elif depth == 0:
            cuts.append(token.end())
    if end < 0 or len(cuts) > 4:
        return None
    cuts.append(end + 1)
    sections = [Span(first, last - 1) for first, last in pairwise(cuts)]
    pieces: list[bytes] = []
    clean = _literals(source, view, sections[0], pieces)
    outputs = _arguments(source, view, sections[1]) if len(sections) > 1 else ()
    inputs = _arguments(source, view, sections[2]) if len(sections) > 2 else ()
    if outputs is None or inputs is None:
        return None
    clobbers: list[bytes] = []
    if len(sections) > 3:
        clean = _literals(source, view, sections[3], clobbers, b",") and clean
    for section in sections[1:3]:
        clean = clean and view[section.start : section.end].count(b"\n") == source[section.start : section.end].count(
            b"\n"
        )
        clean = (
            clean
            and b"//" not in source[section.start : section.end]
            and b"/*" not in source[section.start : section.end]
        )
    words = tuple(clobber.decode("utf-8", "replace") for clobber in clobbers)
    return Statement(Span(start, end + 1), b"".join(pieces), outputs, inputs, words, clean)


def _literals(source: bytes, view: bytes, section: Span, pieces: list[bytes], between: bytes = b"") -> bool:
    """The insides of a section's string literals; whether nothing else stands there."""
    at = section.start
    clean = True
    while True:
        opening = view.find(b'"', at, section.end)
        gap = source[at : opening if opening >= 0 else section.end]
        if gap.replace(b"\\", b"").translate(None, between).strip():
            clean = False
            pieces.append(MARKER)
        if opening < 0:
            return clean
        closing = view.find(b'"', opening + 1, section.end)
        if closing < 0:
            return False
        pieces.append(source[opening + 1 : closing])
        at = closing + 1


def _arguments(source: bytes, view: bytes, section: Span) -> tuple[Argument, ...] | None:
    """The operands of a section, None when they cannot be read."""
    found = []
    at = section.start
    while view[at : section.end].replace(b"\\", b"").strip():
        while view[at : at + 1] in (b"\\", b" ", b"\t", b"\n", b"\r"):
            at += 1
        match = _OPERAND.match(view, at, section.end)
        if match is None:
            return None
        depth = 1
        close = -1
        for token in _BRACKETS.finditer(view, match.end(), section.end):
            depth += token[0] in b"([{"
            depth -= token[0] in b")]}"
            if depth == 0:
                close = token.start()
                break
        if close < 0:
            return None
        constraint = source[match.start(2) : match.end(2)].decode("ascii", "replace").strip()
        text = source[match.end() : close].decode("utf-8", "surrogateescape").strip()
        found.append(Argument((match[1] or b"").decode(), constraint, text))
        at = close + 1
        comma = re.compile(rb"(?:\s|\\\r?\n)*,?").match(view, at, section.end)
        at = comma.end() if comma else at
    return tuple(found)


class _RefusedError(Exception):
    """The statement has no replacement that is known to mean the same."""


def replacement(statement: Statement) -> Fix | None:
    """The fix that writes CUDA C++ for *statement*, None where none is known to mean the same."""
    if not statement.clean:
        return None
    try:
        text, level, assumption = _Composer(statement).run()
    except _RefusedError:
        return None
    return Fix(
        (Edit(statement.span.start, statement.span.end, text.encode("utf-8", "surrogateescape")),), level, assumption
    )


def fix_at(source: bytes, view: bytes, offset: int) -> Fix | None:
    """The fix for the asm statement around *offset*, None where there is none."""
    statement = statement_at(source, view, offset)
    return None if statement is None else replacement(statement)


class _Composer:
    """Puts the instructions of a statement together to one C++ statement."""

    def __init__(self, statement: Statement) -> None:
        self.statement = statement
        self.arguments = (*statement.outputs, *statement.inputs)
        self.temporaries: dict[str, str] = {}  # register → expression, taken out when used
        self.declared = {
            name.strip().lstrip("%")
            for match in _REGISTERS.finditer(statement.code)
            for name in match[1].decode("utf-8", "replace").split(",")
        }
        self.used: dict[int, int] = {}  # how often each argument stands in the text
        self.level = "safe"
        self.assumption: Note | None = None

    def run(self) -> tuple[str, str, Note | None]:
        """Text, level and assumption of the replacement."""
        result = ""
        fencing = True
        found = list(instructions(self.statement.code))
        for number, instruction in enumerate(found):
            if not instruction.mnemonic or instruction.guarded or result:
                raise _RefusedError
            result = self._instruction(instruction, last=number + 1 == len(found))
            fencing = fencing and groups.group(instruction.mnemonic) in _FENCING
        if not result or self.temporaries or b":" in self.statement.code.replace(b"::", b""):
            raise _RefusedError
        inputs = range(len(self.statement.outputs), len(self.arguments))
        if any(number not in self.used for number in inputs):
            raise _RefusedError
        for number, times in self.used.items():
            if times > 1 and not _PLAIN.fullmatch(self.arguments[number].text):
                raise _RefusedError
        if self.statement.clobbers and not fencing:
            if self.statement.clobbers != ("memory",):
                raise _RefusedError
            self.level = "unsafe"
            self.assumption = self.assumption or _ORDER
        return result, self.level, self.assumption

    def _instruction(self, instruction: Instruction, *, last: bool) -> str:
        """The statement that the last instruction makes; the others only fill a register."""
        rules = groups.intrinsics(instruction.mnemonic, instruction.register)
        if not rules:
            raise _RefusedError
        pieces = operands(self.statement.code, instruction)
        if rules[0].template.startswith("!"):
            if self.statement.outputs or not last:
                raise _RefusedError
            return self._fill(rules, pieces)
        if not pieces:
            raise _RefusedError
        destination, *inputs = pieces
        if rules[0] is groups.LOGIC:
            expression = self._logic(inputs)
        else:
            expression = self._fill(rules, [] if instruction.register else inputs)
        if _TEMPORARY.fullmatch(destination) and destination.lstrip("%") in self.declared and not last:
            self.temporaries[destination.lstrip("%")] = expression
            return ""
        number = self._number(destination)
        if number is None or number >= len(self.statement.outputs) or len(self.statement.outputs) != 1 or not last:
            raise _RefusedError
        target = self.arguments[number].text
        return f"{target if _is_operand(target.lstrip('*')) else f'({target})'} = {groups.bare(expression)}"

    def _fill(self, rules: tuple[groups.Intrinsic, ...], pieces: list[str]) -> str:
        """The template of the first rule whose conditions hold, filled in."""
        rule = next((rule for rule in rules if all(_holds(condition, pieces) for condition in rule.when)), None)
        if rule is None or (
            rule is not rules[0] and any(_is_literal(condition, pieces) for condition in rules[0].when)
        ):
            raise _RefusedError
        template = rule.template.removeprefix("!")
        wanted = {int(number) for _, number in _REFERENCE.findall(template)} | {
            int(condition[0]) for condition in rule.when
        }
        if wanted != set(range(1, len(pieces) + 1)):
            raise _RefusedError
        if rule.level == "unsafe":
            self.level = "unsafe"
            self.assumption = self.assumption or rule.assumption
        return _REFERENCE.sub(
            lambda match: self._value(match[1], pieces[int(match[2]) - 1], alone=_is_argument(match)), template
        )

    def _value(self, kind: str, piece: str, *, alone: bool = False) -> str:
        """The C++ for one source operand; *alone* as a whole argument of a call, where no parentheses are needed."""
        if kind == "@":
            match = _ADDRESS.fullmatch(piece)
            if match is None:
                raise _RefusedError
            piece = f"%{match[1]}" if match[1] else f"%[{match[2]}]"
        elif _INTEGER.fullmatch(piece):
            return piece
        name = piece.lstrip("%")
        if name in self.temporaries:
            return self.temporaries.pop(name)
        number = self._number(piece)
        if number is None or (
            number < len(self.statement.outputs) and not self.arguments[number].constraint.startswith("+")
        ):
            raise _RefusedError
        self.used[number] = self.used.get(number, 0) + 1
        text = self.arguments[number].text
        return text if _is_operand(text) or (alone and "," not in text) else f"({text})"

    def _number(self, piece: str) -> int | None:
        match = _PLACE.fullmatch(piece)
        if match is None:
            return None
        if match[1]:
            return int(match[1]) if int(match[1]) < len(self.arguments) else None
        return next((number for number, argument in enumerate(self.arguments) if argument.name == match[2]), None)

    def _logic(self, inputs: list[str]) -> str:
        """`lop3.b32` with its table as a literal: the shortest C++ expression of that table."""
        if len(inputs) != 4 or not _INTEGER.fullmatch(inputs[3]):
            raise _RefusedError
        table = int(inputs[3].rstrip("U"), 0)
        if not 0 <= table < 256 or table in (0, 255):
            raise _RefusedError
        template = logic(table)
        missing = [number for number in (1, 2, 3) if f"${number}" not in template]
        if any(_INTEGER.fullmatch(inputs[number - 1]) is None for number in missing):
            raise _RefusedError
        return _REFERENCE.sub(lambda match: self._value(match[1], inputs[int(match[2]) - 1]), template)


def _is_literal(condition: str, pieces: list[str]) -> bool:
    """Whether the operand of a condition is a number, so that what it fails cannot be taken for granted."""
    place = int(condition[0])
    return place <= len(pieces) and _INTEGER.fullmatch(pieces[place - 1]) is not None


def _holds(condition: str, pieces: list[str]) -> bool:
    """Whether a literal operand meets a condition of the table: `4=31`, `2<32`, `3~0x8888`."""
    place, operator, value = int(condition[0]), condition[1], condition[2:]
    if place > len(pieces) or not _INTEGER.fullmatch(pieces[place - 1]):
        return False
    number = int(pieces[place - 1].rstrip("U"), 0)
    if operator == "=":
        return number == int(value, 0)
    return 0 <= number < int(value, 0) if operator == "<" else number >= 0 and not number & int(value, 0)


def _is_argument(match: re.Match[str]) -> bool:
    """Whether a reference is the whole argument of a call in its template."""
    before, after = match.string[: match.start()], match.string[match.end() :]
    return re.search(r"(?:\w|>)\($|, $", before) is not None and after[:1] in (",", ")")


def _is_operand(text: str) -> bool:
    """Whether an expression can stand as an operand or argument as it is: a name, a call, a subscript."""
    return (
        _SIMPLE.fullmatch(text) is not None
        or re.fullmatch(r"[\w.]+(?:(?:\.|->|::)\w+|\[[\w.+\- ]*\]|\([\w., ]*\))*", text) is not None
    )


@lru_cache(maxsize=1)
def _expressions() -> dict[int, str]:
    """The shortest C++ expression of every function of three bits, by its table.

    The tables of a, b and c themselves are 0xF0, 0xCC and 0xAA (PTX ISA, lop3).
    """
    best: dict[int, str] = {0xF0: "$1", 0xCC: "$2", 0xAA: "$3"}
    by_size: dict[int, list[int]] = {1: list(best)}
    size = 1
    while len(best) < 254 and size < 16:
        size += 1
        fresh: dict[int, str] = {}
        for table in by_size.get(size - 1, ()):
            fresh.setdefault(~table & 255, f"~{best[table]}")
        for left in range(1, size - 1):
            for one in by_size.get(left, ()):
                for other in by_size.get(size - 1 - left, ()):
                    for operator, value in (("&", one & other), ("|", one | other), ("^", one ^ other)):
                        fresh.setdefault(value, f"({best[one]} {operator} {best[other]})")
        new = [table for table in fresh if table not in best and 0 < table < 255]
        best |= {table: fresh[table] for table in new}
        by_size[size] = new
    return best


def logic(table: int) -> str:
    """The template of `lop3.b32` with *table*, 1 to 254."""
    return _expressions()[table]
