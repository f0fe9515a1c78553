"""Which bracket closes which, and which one a place stands in: one pass over a text, then look-ups."""

from __future__ import annotations

import re
from bisect import bisect_left

_BRACKET = re.compile(rb"[()\[\]{}]")
_BLANKS = b" \t\r\n\f\v\\"
#: The bytes of identifiers; those above 127 belong to names, as in every compiler.
NAME_BYTES = frozenset(range(128, 256)) | frozenset(b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_")
_CLOSES = {41: 40, 93: 91, 125: 123}
_SOLID = re.compile(rb"[^ \t\r\n\f\v\\]")

#: How far to look over blanks, in bytes: hostile text is mostly blank once masked, and looked at from everywhere.
REACH = 4000


def last_before(text: bytes | bytearray, end: int) -> int:
    """The position of the last byte before *end* that is no blank or line joint, -1 when there is none in reach."""
    width = 32
    floor = max(0, end - REACH)
    while end > floor:
        start = max(floor, end - width)
        kept = len(text[start:end].rstrip(_BLANKS))
        if kept:
            return start + kept - 1
        end = start
        width *= 4
    return -1


def first_after(text: bytes | bytearray, start: int) -> int:
    """The position of the first byte from *start* on that is no blank or line joint, or the length of *text*."""
    found = _SOLID.search(text, start, start + REACH)
    return found.start() if found else len(text)


def word_before(text: bytes | bytearray, end: int) -> bytes:
    """The name that ends right before *end* but for blanks, empty when something else stands there."""
    end = last_before(text, end) + 1
    start = end
    while start > 0 and text[start - 1] in NAME_BYTES:
        start -= 1
    return bytes(text[start:end])


class Brackets:
    """The brackets of one text; a closing bracket of another kind closes what is open inside its own kind."""

    def __init__(self, text: bytes | bytearray) -> None:
        """Reads *text* once; stray closing brackets count as nothing."""
        self.closes: dict[int, int] = {}  # position of an opening bracket → of its closing one
        self.opens: dict[int, int] = {}  # the other way round
        self._positions: list[int] = []
        self._inner: list[int] = []
        stack: list[int] = []
        for bracket in _BRACKET.finditer(text):
            position = bracket.start()
            byte = text[position]
            if byte in b"([{":
                stack.append(position)
            else:
                kind = _CLOSES[byte]
                # A brace ends every open parenthesis; a parenthesis ends no brace.
                while stack and text[stack[-1]] != kind and byte == 125:
                    stack.pop()
                if not stack or text[stack[-1]] != kind:
                    continue
                self.closes[stack[-1]] = position
                self.opens[position] = stack.pop()
            self._positions.append(position)
            self._inner.append(stack[-1] if stack else -1)

    def around(self, position: int) -> int:
        """The innermost bracket that is open before *position*, -1 at file level."""
        index = bisect_left(self._positions, position) - 1
        return self._inner[index] if index >= 0 else -1
