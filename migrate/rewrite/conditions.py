"""What a preprocessor condition comes to where some macros are known: true, false, or not to be told."""

from __future__ import annotations

import operator
import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

_TOKEN = re.compile(r"\s*(?:(\w+)|(&&|\|\||[<>=!]=|[-!()<>+*/%?:,&|^~]))")
_LEVELS = (("||",), ("&&",), ("==", "!="), ("<=", ">=", "<", ">"))
_COMPARE: dict[str, Callable[[int, int], bool]] = {
    "==": operator.eq, "!=": operator.ne, "<=": operator.le, ">=": operator.ge, "<": operator.lt, ">": operator.gt,
}  # fmt: skip
_NUMBER = re.compile(r"(0[xX][0-9a-fA-F]+|\d+)[uUlL]*")


class Known(NamedTuple):
    """What is known about macros; `GGML_USE_HIP` is taken for `USE_HIP` when only that is known."""

    values: Mapping[str, int | None]  # defined; None where the value is not known
    undefined: Collection[str]

    def defined(self, name: str) -> bool | None:
        """Whether *name* is defined; None when that is not known."""
        for spelled in (name, _switch(name)):
            if spelled in self.values:
                return True
            if spelled in self.undefined:
                return False
        return None

    def value(self, name: str) -> int | None:
        """The value *name* has in a condition; None when that is not known."""
        for spelled in (name, _switch(name)):
            if spelled in self.values:
                return self.values[spelled]
            if spelled in self.undefined:
                return 0
        return None


def _switch(name: str) -> str:
    """The switch without the project's own prefix: `USE_HIP` of `GGML_USE_HIP`."""
    _, found, stack = name.partition("_USE_")
    return f"USE_{stack}" if found else ""


class _Unreadable(Exception):  # noqa: N818 - never leaves this module
    """Something this reader does not follow; the condition counts as not to be told."""


def holds(condition: str, known: Known) -> bool | None:
    """Whether *condition*, as `Shape.condition` spells it, holds; None when that depends on what is not known.

    Conjunctions are judged part by part, so that one part that cannot be read does not hide another that is false.
    """
    if not condition:
        return True
    results = [_part(part, known) for part in _conjunction(condition)]
    if False in results:
        return False
    return None if None in results else True


def _part(text: str, known: Known) -> bool | None:
    try:
        reader = _Reader(text, known)
        value = reader.read(0)
        if reader.peek():
            return None
    except _Unreadable:
        return None
    return None if value is None else bool(value)


def _conjunction(condition: str) -> list[str]:
    """The parts that must all hold: split at `&&` outside parentheses, unless `||` stands beside it."""
    parts, depth, first = [], 0, 0
    for found in re.finditer(r"&&|\|\||[()]", condition):
        word = found[0]
        depth += (word == "(") - (word == ")")
        if depth == 0 and word == "||":
            return [condition]
        if depth == 0 and word == "&&":
            parts.append(condition[first : found.start()])
            first = found.end()
    return [*parts, condition[first:]]


class _Reader:
    """Reads one expression; a value of None is one that nobody knows."""

    def __init__(self, text: str, known: Known) -> None:
        self._known = known
        self._tokens: list[str] = []
        position = 0
        text = text.strip()
        while position < len(text):
            found = _TOKEN.match(text, position)
            if found is None:
                raise _Unreadable
            self._tokens.append(found[1] or found[2])
            position = found.end()
        self._at = 0

    def peek(self) -> str:
        return self._tokens[self._at] if self._at < len(self._tokens) else ""

    def _take(self) -> str:
        word = self.peek()
        if not word:
            raise _Unreadable
        self._at += 1
        return word

    def read(self, level: int) -> int | None:
        if level == len(_LEVELS):
            return self._unary()
        left = self.read(level + 1)
        while self.peek() in _LEVELS[level]:
            sign = self._take()
            left = _combined(sign, left, self.read(level + 1))
        return left

    def _unary(self) -> int | None:
        word = self._take()
        if word == "!":
            value = self._unary()
            return None if value is None else int(not value)
        if word == "(":
            value = self.read(0)
            if self._take() != ")":
                raise _Unreadable
            return value
        if word == "defined":
            bracket = self.peek() == "("
            name = self._take() if not bracket else (self._take(), self._take())[1]
            if bracket and self._take() != ")":
                raise _Unreadable
            known = self._known.defined(name)
            return None if known is None else int(known)
        number = _NUMBER.fullmatch(word)
        if number is not None:
            return int(number[1], 16 if number[1][:2] in ("0x", "0X") else 10)
        if not (word[0].isalpha() or word[0] == "_") or self.peek() == "(":
            raise _Unreadable
        return self._known.value(word)


def _combined(sign: str, left: int | None, right: int | None) -> int | None:
    if sign == "&&":
        if 0 in (left, right):
            return 0
        return None if None in (left, right) else 1
    if sign == "||":
        if (left or 0) or (right or 0):
            return 1
        return None if None in (left, right) else 0
    if left is None or right is None:
        return None
    return int(_COMPARE[sign](left, right))
