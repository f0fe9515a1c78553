"""Names with a constant value in one file: `#define`, `const`, `constexpr`, enumerators and template defaults."""

from __future__ import annotations

import ast
import operator
import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

_DEFINE = re.compile(rb"#[ \t]*define[ \t]+([A-Za-z_]\w*)[ \t]+((?:[^\\\n]|\\\r?\n)+)")
_TYPE = rb"(?:unsigned|signed|int|long|short|char|size_t|u?int\d+_t|uint|auto|bool)"
_NAMED = re.compile(
    rb"(?:\b(?:const|constexpr|static|inline|__constant__|__device__)\s+)*\b"
    + _TYPE
    + rb"(?:\s+(?:const|constexpr|"
    + _TYPE
    + rb"))*\s+(\w+)\s*=(?!=)\s*([^;,<>{}=]*(?:<<[^;,<>{}=]*)?)(?=[;,>])"
)
_ENUM = re.compile(rb"\benum\b[^{;()]*\{([^{}]*)\}")
_ENUMERATOR = re.compile(rb"(\w+)\s*=\s*([^,}]+)")
_TOKEN = re.compile(rb"\s*(?:(0[xX][\da-fA-F']+|\d[\d']*)[uUlLzZ]*|(\w+)|(<<|>>|[-+*/%()&|^~]))")
_CAST = re.compile(rb"\(\s*(?:(?:unsigned|signed|int|long|size_t|u?int\d+_t)\s*)+\)")
_SIZES = {b"char": 1, b"bool": 1, b"int8_t": 1, b"uint8_t": 1, b"short": 2, b"half": 2, b"__half": 2, b"__nv_bfloat16": 2, b"int": 4, b"float": 4, b"unsigned": 4, b"int32_t": 4, b"uint32_t": 4, b"double": 8, b"int64_t": 8, b"uint64_t": 8, b"float2": 8, b"float4": 16, b"int4": 16, b"double2": 16}  # fmt: skip
_SIZEOF = re.compile(rb"sizeof\s*\(\s*(\w+)\s*\)")
_MOST = 1 << 64

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
    """One place that gives a name a value; byte offsets of the name and of the end of the value."""

    name: bytes
    start: int
    end: int
    text: bytes  # the value as written


class Constants:
    """The constant names of one text, evaluated when asked for."""

    def __init__(self, text: bytes) -> None:
        self.definitions: list[Definition] = []
        for match in _DEFINE.finditer(text):
            self._add(match[1], match.start(1), match.start(2), match[2].replace(b"\\\n", b" "))
        for match in _NAMED.finditer(text):
            self._add(match[1], match.start(1), match.start(2), match[2])
        if b"enum" in text:
            for block in _ENUM.finditer(text):
                for match in _ENUMERATOR.finditer(text, block.start(1), block.end(1)):
                    self._add(match[1], match.start(1), match.start(2), match[2])
        self._texts: dict[bytes, list[bytes]] = {}
        for definition in self.definitions:
            self._texts.setdefault(definition.name, []).append(definition.text)
        self._values: dict[bytes, int | None] = {}

    def _add(self, name: bytes, start: int, value: int, text: bytes) -> None:
        self.definitions.append(Definition(name, start, value + len(text.rstrip()), text.strip()))

    def of(self, name: bytes) -> int | None:
        """The value of *name* when every definition in the file gives the same, else None."""
        if name not in self._values:
            self._values[name] = None  # a definition by itself has no value
            values = {self.evaluate(text) for text in self._texts.get(name, ())}
            self._values[name] = values.pop() if len(values) == 1 else None
        return self._values[name]

    def evaluate(self, text: bytes) -> int | None:
        """*text* as an integer constant expression, None when a part of it is no constant of this file."""
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
                octal = len(digits) > 1 and digits[0] == "0" and digits.isdigit()
                pieces.append(str(int(digits, 8 if octal and not set(digits) & {"8", "9"} else 0 if not octal else 10)))
            elif token[2]:
                value = self.of(token[2])
                if value is None:
                    return None
                pieces.append(f"({value})")
            else:
                pieces.append("//" if token[3] == b"/" else token[3].decode())
        try:
            return _evaluated(ast.parse(" ".join(pieces), mode="eval").body)
        except (SyntaxError, ValueError, ZeroDivisionError, RecursionError):
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
