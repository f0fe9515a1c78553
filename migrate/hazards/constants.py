"""Names with a constant value in one file: `#define`, `const`, `constexpr`, enumerators and template defaults."""

from __future__ import annotations

import ast
import operator
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from migrate import lazy
from migrate.parse.words import occurrences

if TYPE_CHECKING:
    from collections.abc import Callable

_DEFINED = lazy.pattern(rb"#[ \t]*define[ \t]+\Z")
_BODY = lazy.pattern(rb"[ \t]+((?:[^\\\n]|\\\r?\n)+)")
#: What stands before a name that is declared with a value: a type, or the brace or comma of an enumeration.
_TYPE = lazy.pattern(
    rb"\b(?:unsigned|signed|int|long|short|char|size_t|u?int\d+_t|uint|auto|bool|const|constexpr)\s+\Z|[{,]\s*\Z"
)
_VALUE = lazy.pattern(rb"\s*=(?!=)\s*([^;,<>{}=]*(?:<<[^;,<>{}=]*)?)(?=[;,>}])")
_TOKEN = lazy.pattern(rb"\s*(?:(0[xX][\da-fA-F']+|\d[\d']*)[uUlLzZ]*|(\w+)|(<<|>>|[-+*/%()&|^~]))")
_CAST = lazy.pattern(rb"\(\s*(?:(?:unsigned|signed|int|long|size_t|u?int\d+_t)\s*)+\)")
_SIZEOF = lazy.pattern(rb"sizeof\s*\(\s*(\w+)\s*\)")
_SIZES = {
    **dict.fromkeys((b"char", b"bool", b"int8_t", b"uint8_t"), 1),
    **dict.fromkeys((b"short", b"half", b"__half", b"__nv_bfloat16", b"int16_t", b"uint16_t"), 2),
    **dict.fromkeys((b"int", b"float", b"unsigned", b"int32_t", b"uint32_t", b"half2", b"__half2"), 4),
    **dict.fromkeys((b"double", b"int64_t", b"uint64_t", b"float2", b"int2", b"size_t"), 8),
    **dict.fromkeys((b"float4", b"int4", b"uint4", b"double2"), 16),
}
_MOST = 1 << 64
#: How many places of a name are looked at for its definition.
_PLACES = 50

_OPERATIONS: dict[type[ast.AST], Callable[[int, int], int]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
    ast.LShift: operator.lshift,
    ast.RShift: operator.rshift,
    ast.BitAnd: operator.and_,
    ast.BitOr: operator.or_,
    ast.BitXor: operator.xor,
}


class Definition(NamedTuple):
    """One place that gives a name a value; byte offsets of the name."""

    name: bytes
    start: int
    end: int
    text: bytes  # the value as written


@lru_cache(maxsize=4)
def _by_name(numbers: frozenset[bytes]) -> dict[bytes, int]:
    """`NAME=32` as a table."""
    return {name: int(value, 0) for name, _, value in (number.partition(b"=") for number in numbers)}


class Constants:
    """The constant names of one text, looked for and evaluated when asked about."""

    def __init__(self, text: bytes, project: frozenset[bytes] = frozenset()) -> None:
        self._text = text
        self._project = _by_name(project)  # names with one value in the whole project, for those not defined here
        self._definitions: dict[bytes, list[Definition]] = {}
        self._values: dict[bytes, int | None] = {}

    def definitions(self, name: bytes) -> list[Definition]:
        """Every place that gives *name* a value."""
        found = self._definitions.get(name)
        if found is None:
            found = self._definitions[name] = []
            text = self._text
            for number, start in enumerate(occurrences(text, name)):
                if number >= _PLACES:
                    break
                end = start + len(name)
                head = text[max(0, start - 40) : start]
                if _DEFINED.search(head):
                    match = _BODY.match(text, end)
                elif (match := _VALUE.match(text, end)) is not None and not _TYPE.search(head):
                    continue
                if match is not None:
                    found.append(Definition(name, start, end, match[1].replace(b"\\\n", b" ").strip()))
        return found

    def of(self, name: bytes) -> int | None:
        """The value of *name* when every definition in the file, or without one the project, gives the same."""
        if name not in self._values:
            self._values[name] = None  # a definition by itself has no value
            values = {self.evaluate(definition.text) for definition in self.definitions(name)}
            if values:
                self._values[name] = values.pop() if len(values) == 1 else None
            else:
                self._values[name] = self._project.get(name)
        return self._values[name]

    def evaluate(self, text: bytes) -> int | None:
        """*text* as an integer constant expression, None when a part of it is no constant of this file."""
        if text.isdigit() and text[:1] != b"0":
            return int(text)
        if len(text) > 200 or not text:
            return None
        if b"sizeof" in text:
            text = _SIZEOF.sub(lambda match: str(_SIZES.get(match[1], "?")).encode(), text)
        text = _CAST.sub(b" ", text) if b"(" in text else text
        pieces: list[str] = []
        position = 0
        while position < len(text.rstrip()):
            token = _TOKEN.match(text, position)
            if token is None:
                return None
            position = token.end()
            if token[1]:
                digits = token[1].replace(b"'", b"").decode()
                octal = len(digits) > 1 and digits.isdigit() and digits[0] == "0" and not set(digits) & {"8", "9"}
                pieces.append(str(int(digits, 8 if octal else 16 if digits[:2] in ("0x", "0X") else 10)))
            elif token[2]:
                value = self.of(token[2])
                if value is None:
                    return None
                pieces.append(f"({value})")
            else:
                pieces.append("//" if token[3] == b"/" else token[3].decode())
        try:
            return _evaluated(ast.parse(" ".join(pieces), mode="eval").body)
        except (SyntaxError, ValueError, ZeroDivisionError, RecursionError, MemoryError):
            return None


def _evaluated(node: ast.AST) -> int:
    """The value of an expression made of integers and the operators of C that Python shares."""
    if isinstance(node, ast.Constant) and isinstance(node.value, int):
        return node.value
    if isinstance(node, ast.UnaryOp):
        value = _evaluated(node.operand)
        return ~value if isinstance(node.op, ast.Invert) else -value if isinstance(node.op, ast.USub) else value
    if isinstance(node, ast.BinOp) and type(node.op) in _OPERATIONS:
        left, right = _evaluated(node.left), _evaluated(node.right)
        if isinstance(node.op, (ast.LShift, ast.RShift)) and not 0 <= right < 64:
            raise ValueError("shift out of range")
        value = _OPERATIONS[type(node.op)](left, right)
        if abs(value) < _MOST:
            return value
    raise ValueError("no constant")
