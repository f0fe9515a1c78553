"""Plain text for a terminal: hostile characters made visible, columns aligned, long lines cut.

Names, paths and source lines come from code nobody here has read, so nothing of them reaches the terminal unescaped.
"""

from __future__ import annotations

import os
import unicodedata
from typing import TYPE_CHECKING

from migrate import lazy

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

#: Widest and narrowest layout, in columns.
_WIDEST, _NARROWEST = 100, 72


def _columns() -> int:
    """Columns of the terminal within these limits; the widest layout where standard output is none."""
    try:
        columns = os.get_terminal_size(1).columns
    except OSError:
        return _WIDEST
    return max(_NARROWEST, min(columns or _WIDEST, _WIDEST))


#: Width every layout is made for.
WIDTH = _columns()

_PRINTABLE_ASCII = lazy.pattern(r"[ -~]*")

#: Categories that move the cursor, hide or reorder text, or have no agreed shape.
_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})

_STYLES = {
    "check": "33",
    "unsupported": "31",
    "rewrite": "35",
    "adapt": "36",
    "unknown": "34",
    "auto": "32",
    "bold": "1",
    "dim": "2",
}


def visible(text: str) -> str:
    r"""*text* with control, formatting and undecodable characters written as escapes: ESC becomes `\x1b`.

    Bytes of a file name that are no text (surrogates, PEP 383) appear as the byte they stand for.
    """
    if _PRINTABLE_ASCII.fullmatch(text):
        return text
    return "".join(map(_visible_character, text))


def _visible_character(character: str) -> str:
    if unicodedata.category(character) not in _HIDDEN:
        return character
    code = ord(character)
    if 0xDC80 <= code <= 0xDCFF:
        return f"\\x{code - 0xDC00:02x}"
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def width(text: str) -> int:
    """Terminal columns *text* takes: two for East Asian wide characters, none for combining marks."""
    if text.isascii():
        return len(text)
    return sum(_character_width(character) for character in text)


def _character_width(character: str) -> int:
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def cut(text: str, columns: int) -> str:
    """*text* cut to *columns* terminal columns, with `…` as the last one where something is missing."""
    if width(text) <= columns:
        return text
    kept: list[str] = []
    room = columns - 1
    for character in text:
        room -= _character_width(character)
        if room < 0:
            break
        kept.append(character)
    return "".join(kept) + "…"


def left(text: str, columns: int) -> str:
    """*text* padded on the right to *columns* terminal columns."""
    return text + " " * (columns - width(text))


def right(text: str, columns: int) -> str:
    """*text* padded on the left to *columns* terminal columns."""
    return " " * (columns - width(text)) + text


def table(rows: Sequence[Sequence[str]], align: str, gap: str = "  ") -> list[str]:
    """Lines of *rows* with columns as wide as their widest cell; *align* has `<` or `>` for each column."""
    widths = [max(width(row[index]) for row in rows) for index in range(len(align))]
    return [
        gap.join(
            right(cell, columns) if side == ">" else left(cell, columns)
            for cell, columns, side in zip(row, widths, align, strict=True)
        ).rstrip()
        for row in rows
    ]


def wrap(text: str, columns: int, indent: str = "") -> list[str]:
    """*text* broken into lines of at most *columns*, each after *indent*; Chinese breaks between characters."""
    lines: list[str] = []
    line = ""
    for piece in _pieces(text):
        candidate = line + piece
        if line and width(candidate.rstrip()) > columns - width(indent):
            lines.append(indent + line.rstrip())
            line = piece.lstrip()
        else:
            line = candidate
    if line.strip():
        lines.append(indent + line.rstrip())
    return lines


#: What stays together: a word or a wide character with opening punctuation before and closing punctuation after it.
_BREAK = lazy.pattern(r"[（《“‘]*(?:[^\s\u2e80-\uffef]+|[\u2e80-\uffef])[，。；：、！？）》”’]*\s*|\s+")


def _pieces(text: str) -> Iterable[str]:
    return _BREAK.findall(text)


def percent(part: int, whole: int, digits: int = 0) -> str:
    """*part* of *whole* as people write it: never 0 % for something, never 100 % for less than everything."""
    if whole == 0 or part == 0:
        return "-"
    if part == whole:
        return "100 %"
    smallest = 10**-digits
    share = 100 * part / whole
    if share < smallest:
        return f"<{smallest:.{digits}f} %"
    if share > 100 - smallest:
        return f">{100 - smallest:.{digits}f} %"
    return f"{share:.{digits}f} %"


class Paint:
    """Colour as a second cue: with *on* false every text comes back as it is."""

    def __init__(self, *, on: bool) -> None:
        """Whether to write ANSI sequences."""
        self.on = on

    def __call__(self, text: str, style: str) -> str:
        """*text* in *style*: a class of finding, `bold` or `dim`."""
        return f"\x1b[{_STYLES[style]}m{text}\x1b[0m" if self.on else text
