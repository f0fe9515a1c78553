"""Which bracket closes which, and which one a place stands in: one pass over a text, then look-ups."""

from __future__ import annotations

import re
from bisect import bisect_left

_BRACKET = re.compile(rb"[()\[\]{}]")
_BLANKS = b" \t\r\n\f\v\\"
_NAME_BYTES = frozenset(range(128, 256)) | frozenset(b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_")
_CLOSES = {41: 40, 93: 91, 125: 123}


def last_before(text: bytes | bytearray, end: int) -> int:
    """The position of the last byte before *end* that is no blank, -1 when there is none."""
    width = 32
    while end > 0:
        start = max(0, end - width)
        kept = len(text[start:end].rstrip(_BLANKS))
        if kept:
            return start + kept - 1
        end = start
        width *= 4
    return -1


_SOLID = re.compile(rb"[^ \t\r\n\f\v\\]")


def first_after(text: bytes | bytearray, start: int) -> int:
    """The position of the first byte from *start* on that is no blank, the length of *text* when there is none."""
    found = _SOLID.search(text, start)
    return found.start() if found else len(text)


def word_before(text: bytes | bytearray, end: int) -> bytes:
    """The name that ends right before *end* but for blanks, empty when something else stands there."""
    end = last_before(text, end) + 1
    start = end
    while start > 0 and text[start - 1] in _NAME_BYTES:
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
