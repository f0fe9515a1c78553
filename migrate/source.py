"""The bytes of one file and the questions about them: encoding, lines, columns, what to show a person.

Everything works on bytes, so offsets stay valid for rewriting; text is decoded for display and for columns only.
A line ends at LF, CR LF or a lone CR, as clang counts them; form feeds and Unicode line separators end no line.
"""

from __future__ import annotations

import codecs
import errno
import os
import re
import stat
from bisect import bisect_right
from io import FileIO
from itertools import accumulate
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

#: Largest file that is analysed unless `--max-file-size` says otherwise, in bytes. The largest CUDA file of the
#: survey behind the design has 4.2 MB; larger C++ files were generated tables.
MAX_FILE_SIZE = 16 * 1024 * 1024

_BYTE_ORDER_MARKS = (  # UTF-32 first: its little-endian mark begins with that of UTF-16
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


class TooLargeError(OSError):
    """The file has more bytes than the limit; the message names the option that raises it."""


def read(path: str | os.PathLike[str], limit: int = MAX_FILE_SIZE) -> bytes:
    """Read a whole file.

    Args:
        path: An ordinary file; anything else is refused, since a device can be endless.
        limit: Most bytes accepted; 0 for no limit.

    Raises:
        TooLargeError: The file is larger than *limit*; it is not read then.
        OSError: It cannot be read; `read_failure` puts that in words.
    """
    with FileIO(os.fspath(path)) as stream:
        status = os.fstat(stream.fileno())
        if not stat.S_ISREG(status.st_mode):
            raise OSError(errno.EINVAL, "not an ordinary file")
        size = status.st_size
        data = b"" if 0 < limit < size else stream.readall()
        # a file can grow between fstat and read, and files under /proc say they have 0 bytes
        size = max(size, len(data))
    if 0 < limit < size:
        raise TooLargeError(errno.EFBIG, f"{size:,} bytes, more than {limit:,}; raise the limit with --max-file-size")
    return data


def read_failure(error: OSError) -> str:
    """Say why a file could not be read and what to do about it, in one line without the file's name."""
    if isinstance(error, TooLargeError):
        return str(error.strerror)
    if isinstance(error, PermissionError):
        return "no permission to read it; grant it, or leave the file out with --exclude"
    if isinstance(error, FileNotFoundError):
        return "not there any more: removed during the scan, or a link to nothing"
    if isinstance(error, IsADirectoryError):
        return "a folder, not a file"
    return f"cannot be read: {error.strerror or error}"


def digest(data: bytes) -> str:
    """Name the content: BLAKE2b of 16 bytes, as 32 hexadecimal digits."""
    from migrate.hashes import blake2b

    return blake2b(data, digest_size=16).hexdigest()


def unsupported_reason(data: bytes) -> str:
    """Say why these bytes are not analysed: UTF-16, UTF-32 or no text at all; "" when they can be.

    A few NUL bytes are harmless in text and pass; more than one in a thousand mark a binary file.
    """
    for mark, name in _BYTE_ORDER_MARKS:
        if data.startswith(mark):
            return f"{name[:6].upper()}; convert to UTF-8 first (iconv -f {name[:6].upper()} -t UTF-8)"
    if b"\0" not in data:
        return ""
    nuls = data.count(b"\0")
    if nuls <= max(8, len(data) // 1000):
        return ""
    for offset, name in ((1, "UTF-16LE"), (0, "UTF-16BE")):
        # ASCII written as UTF-16 has a NUL in every second byte
        if data[offset::2].count(b"\0") > len(data) * 0.4 and data[1 - offset :: 2].count(b"\0") <= len(data) // 1000:
            return f"UTF-16 without byte order mark; convert to UTF-8 first (iconv -f {name} -t UTF-8)"
    line = Source(data, "latin-1").position(data.index(b"\0"))[0]
    return f"binary: {nuls:,} NUL bytes, the first in line {line}; leave it out with --exclude if it is no source"


def detect_encoding(data: bytes) -> str:
    """Find the encoding by trial: UTF-8, then GB18030, then Latin-1, which always fits; ASCII counts as UTF-8.

    UTF-16 and UTF-32 are known by their byte order mark. Two guards keep the trial honest: a file that is UTF-8 but for
    a few bytes stays UTF-8, and bytes that happen to decode as GB18030 are taken for Chinese only when most pairs lie
    in the common block (both bytes ≥ 0xA1), which accented Western letters before ASCII letters do not.
    """
    if data.isascii():
        return "utf-8"
    for mark, name in _BYTE_ORDER_MARKS:
        if data.startswith(mark):
            return name
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        pass
    else:
        return "utf-8"
    text = data.decode("utf-8", "replace")
    wrong = text.count("\ufffd")
    if len(text) - len(text.encode("ascii", "ignore")) > 5 * wrong:
        return "utf-8"
    try:
        wide = data.decode("gb18030")
    except UnicodeDecodeError:
        return "latin-1"
    pairs = len(wide) - len(wide.encode("ascii", "ignore"))
    return "gb18030" if 2 * len(re.findall(rb"[\xa1-\xf7][\xa1-\xfe]", data)) >= pairs else "latin-1"


class Source:
    """One file's bytes with everything derived from them, each computed when first asked for.

    Treat it as a value: nothing changes `data`. Offsets are bytes, lines and columns are 1-based, and a column counts
    the characters of the line before the offset; the byte order mark is no character.

    Args:
        data: The file as it is on disk.
        encoding: Codec name, when already known.
    """

    __slots__ = ("_encoding", "_starts", "data", "is_ascii")

    def __init__(self, data: bytes, encoding: str = "") -> None:
        self.data = data
        self.is_ascii = data.isascii()
        self._encoding = encoding
        self._starts: list[int] | None = None

    @property
    def encoding(self) -> str:
        """Codec name: utf-8 (ASCII too), gb18030, latin-1, or a UTF-16/32 form that is not analysed."""
        if not self._encoding:
            self._encoding = detect_encoding(self.data)
        return self._encoding

    @property
    def bom(self) -> bytes:
        """The UTF-8 byte order mark the file begins with, or b""."""
        return codecs.BOM_UTF8 if self.data.startswith(codecs.BOM_UTF8) else b""

    @property
    def newline(self) -> bytes:
        r"""The file's first line end, `\n` when it has none."""
        found = re.search(rb"\r\n?|\n", self.data)
        return found.group() if found else b"\n"

    @property
    def starts(self) -> list[int]:
        """Offset at which each line begins; after a final line end there is one more, empty, line."""
        if self._starts is None:
            # bytes.splitlines knows exactly LF, CR and CR LF; measured 1.6 times faster than a regex over LF
            lines = self.data.splitlines(keepends=True)
            self._starts = list(accumulate(map(len, lines), initial=0))
            if lines and not lines[-1].endswith((b"\n", b"\r")):
                self._starts.pop()
        return self._starts

    @property
    def line_count(self) -> int:
        """Number of lines; text after the last line end is a line, nothing after it is none."""
        data = self.data
        if self._starts is None and not self._has_lone_cr():
            return data.count(b"\n") + (bool(data) and not data.endswith(b"\n"))
        return len(self.starts) - (self.starts[-1] == len(data))

    def position(self, offset: int) -> tuple[int, int]:
        """Line and column of one offset; for many use `positions`."""
        return self.positions((offset,))[0]

    def positions(self, offsets: Sequence[int]) -> list[tuple[int, int]]:
        """Lines and columns of many offsets in one pass.

        Args:
            offsets: Ascending, each from 0 to the length of the data.

        Raises:
            ValueError: The offsets are not ascending.
        """
        lines: list[tuple[int, int]] = []
        line, start, previous = 1, 0, 0
        if self._starts is None and not self._has_lone_cr():
            # counting between neighbours needs no list of lines: measured 3 times faster for 1,000 offsets of 285 kB
            count, rfind = self.data.count, self.data.rfind
            for offset in offsets:
                ends = count(b"\n", previous, offset)
                if ends:
                    line += ends
                    start = rfind(b"\n", previous, offset) + 1
                elif offset < previous:
                    raise ValueError("offsets must be ascending")
                lines.append((line, start))
                previous = offset
        else:
            starts = self.starts
            for offset in offsets:
                if offset < previous:
                    raise ValueError("offsets must be ascending")
                line = bisect_right(starts, offset, line - 1)
                lines.append((line, starts[line - 1]))
                previous = offset
        if self.is_ascii:
            return [(line, offset - start + 1) for (line, start), offset in zip(lines, offsets, strict=True)]
        return self._columns(lines, offsets)

    def _columns(self, lines: list[tuple[int, int]], offsets: Sequence[int]) -> list[tuple[int, int]]:
        """Add columns to lines of text that is not all ASCII, decoding each byte of a line at most once."""
        positions: list[tuple[int, int]] = []
        make_decoder = codecs.getincrementaldecoder(self.encoding)
        decoder: codecs.IncrementalDecoder | None = None
        current = previous = characters = 0
        for (line, start), offset in zip(lines, offsets, strict=True):
            if line != current:
                current, previous, characters, decoder = line, start or len(self.bom), 0, None
            part = self.data[previous:offset]
            if decoder is None and part.isascii():
                characters += len(part)
            else:
                # an incremental decoder holds back the bytes of a character that is not complete yet
                decoder = decoder or make_decoder("replace")
                characters += len(decoder.decode(part))
            previous = max(previous, offset)
            positions.append((line, characters + 1))
        return positions

    def line_text(self, line: int, width: int = 0, column: int = 1) -> str:
        """Text of a line for display: one safe character for each of the source, so columns still fit.

        Args:
            line: 1-based.
            width: Most characters of the result, at least 3, 0 for the whole line; "…" stands where text was cut off.
            column: 1-based column that must stay visible.
        """
        start = self.starts[line - 1] or len(self.bom)
        end = self.starts[line] if line < len(self.starts) else len(self.data)
        text = self.data[start:end].rstrip(b"\r\n").decode(self.encoding, "replace")
        width = max(width, 3) if width else len(text)
        if width < len(text):
            first = max(0, min(column - 1 - width // 2, len(text) - width))
            head = "…" if first else ""
            tail = "…" if first + width < len(text) else ""
            text = head + text[first + len(head) : first + width - len(tail)] + tail
        return display_text(text)

    def encoding_note(self) -> str:
        """Say where and how the file departs from UTF-8 and how to mend it, "" when it does not."""
        if self.is_ascii:
            return ""
        try:
            self.data.decode("utf-8")
        except UnicodeDecodeError as error:
            line = self.position(error.start)[0]
            note = f"not UTF-8: byte 0x{self.data[error.start]:02X} in line {line}"
            if self.encoding == "utf-8":
                return f"{note}; read as UTF-8 all the same, save the file again as UTF-8"
            name = self.encoding.upper()
            return f"{note}; read as {name}, convert with iconv -f {name.replace('LATIN-', 'LATIN')} -t UTF-8"
        return ""

    def _has_lone_cr(self) -> bool:
        return b"\r" in self.data and self.data.count(b"\r") != self.data.count(b"\r\n")


class _Pictures(dict[int, str]):
    """Display form of a character, worked out when first met."""

    def __missing__(self, code: int) -> str:
        from unicodedata import category

        character = chr(code)
        if code == 0x09:
            shown = " "
        elif code < 0x20:
            shown = chr(0x2400 + code)
        elif code == 0x7F:
            shown = "\u2421"
        elif character.isprintable() or category(character) == "Zs":  # U+3000 is ordinary in Chinese text
            shown = character
        else:
            shown = "\ufffd"
        self[code] = shown
        return shown


_PICTURES = _Pictures()


def display_text(text: str) -> str:
    """Make text from a file safe for a terminal, each character still one character.

    A tab becomes a space, control characters their pictures (ESC becomes ␛), and what can reorder or hide text
    (bidirectional marks, zero-width characters) the replacement character.
    """
    return text if text.isprintable() else text.translate(_PICTURES)


_WORD = re.compile(
    rb"cuda|CUDA|Cuda|nvcc|NVCC|__global__|cupy|triton|nccl|NCCL|cutlass|CUTLASS|nvrtc|NVRTC"
    rb"|cu(?:blas|dnn|fft|rand|sparse|solver)|CU(?:BLAS|DNN|FFT|RAND|SPARSE|SOLVER)|\.cuh?\b"
)
#: One of these stands in lower case in all that `_WORD` finds.
_MARKS = tuple(
    b"cuda nvcc __global__ cupy triton nccl cutlass nvrtc .cu cublas cudnn cufft curand cusparse cusolver".split()
)
_BEFORE = re.compile(rb"(?:\b(?:torch|numba|cupy|jax|tf|paddle)\.)?\w*\Z")
_AFTER = re.compile(rb"\w*")
_LONGEST_WORD = 40
_SHOWN_WORDS = 4


def word_reason(data: bytes, language: str) -> str:
    """Say that a file of a language which is not analysed yet has CUDA words, and which; "" when it has none.

    Args:
        data: The whole file.
        language: python, cython, template or build; any other gives "".
    """
    if language not in {"python", "cython", "template", "build"}:
        return ""
    words = _cuda_words(data)
    if not words:
        return ""
    more = ", …" if len(words) > _SHOWN_WORDS else ""
    return f"{language} file with CUDA words ({', '.join(words[:_SHOWN_WORDS])}{more}), not analysed yet"


def _cuda_words(data: bytes) -> list[str]:
    """Distinct words that name CUDA in order of appearance, one more than is shown at most."""
    words: list[str] = []
    folded = data.lower()
    if not any(mark in folded for mark in _MARKS):  # at memory speed; most files hold none
        return words
    for found in _WORD.finditer(data):
        start, end = found.span()
        # bounded on both sides, so a megabyte of letters costs no more than a word
        before = _BEFORE.search(data[max(0, start - _LONGEST_WORD) : start])
        after = _AFTER.match(data, end, end + _LONGEST_WORD)
        word = (before.group() if before else b"") + found.group() + (after.group() if after else b"")
        if found.group().startswith(b".cu"):
            word = found.group()
        if len(word) > _LONGEST_WORD:  # "cuda" by chance inside encoded data, as notebooks have it
            continue
        text = word.decode("ascii", "replace")
        if text not in words:
            words.append(text)
            if len(words) > _SHOWN_WORDS:
                break
    return words
