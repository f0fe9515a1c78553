"""A text without its long runs of blanks, and where each byte of it stood.

The grammar reads blanks at a tenth of the speed of memory, and masked and trimmed texts are mostly blank: what is
cut out here need not be read. A run keeps one line break (directives end there), else one blank.
"""

from __future__ import annotations

import re
from bisect import bisect_right

#: What a run that is worth a cut begins with; shorter ones cost more to cut than to read.
_LONG = b" " * 24
_RUN = re.compile(rb"[ \t\r\n]*")


class Squeezed:
    """A squeezed text; offsets are translated in both directions, those inside a run to its end."""

    def __init__(self, text: bytes) -> None:
        parts = []
        self._outer = [0]  # where each kept piece stood
        self._inner = [0]  # where it stands now
        position = size = 0
        start = text.find(_LONG)
        while start >= 0:
            run = _RUN.match(text, start)
            assert run is not None
            parts.append(text[position:start])
            parts.append(b"\n" if b"\n" in run[0] else b" ")
            size += start - position + 1
            position = run.end()
            self._outer.append(position)
            self._inner.append(size)
            start = text.find(_LONG, position)
        parts.append(text[position:])
        self.text = b"".join(parts)
        self._end = len(text)

    def inside(self, offset: int) -> int:
        """Where the byte at *offset* of the whole text stands in the squeezed one."""
        index = bisect_right(self._outer, offset) - 1
        place = self._inner[index] + offset - self._outer[index]
        return min(place, self._inner[index + 1]) if index + 1 < len(self._inner) else place

    def outside(self, offset: int) -> int:
        """Where the byte at *offset* of the squeezed text stood."""
        index = bisect_right(self._inner, offset) - 1
        return self._outer[index] + offset - self._inner[index]

    def end(self, offset: int) -> int:
        """Where a half-open range that ends at *offset* of the squeezed text ended."""
        return self.outside(offset - 1) + 1 if offset else 0
