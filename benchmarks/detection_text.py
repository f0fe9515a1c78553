"""Places in source text for detection_clang.py: lines, columns, tokens, the start of a qualified name."""

from __future__ import annotations

import re
from pathlib import Path

_QUALIFIER = re.compile(rb"([A-Za-z_]\w*)\s*::\s*\Z")
_CONDITION = re.compile(rb"^[ \t]*#[ \t]*(?:if|ifdef|ifndef|elif)\b(?:[^\n\\]|\\\r?\n|\\)*", re.MULTILINE)
_COMMENT = re.compile(rb"//.*|/\*.*?(?:\*/|\Z)", re.DOTALL)
_PREDEFINED = re.compile(rb"\b__(?:CUDA_ARCH|CUDACC|NVCC|CUDACC_VER_\w+?|CUDA_ARCH_\w+?)__\b")


class Texts:
    """The bytes of every file that clang mentioned, read once."""

    def __init__(self) -> None:
        self._texts: dict[str, bytes] = {}
        self._starts: dict[str, list[int]] = {}

    def text(self, path: str) -> bytes:
        """The bytes of *path*."""
        if path not in self._texts:
            self._texts[path] = Path(path).read_bytes()
        return self._texts[path]

    def line_column(self, path: str, offset: int) -> tuple[int, int]:
        """The 1-based line and column of a byte offset; the column counts characters, a BOM is none."""
        starts = self._starts.get(path)
        text = self.text(path)
        if starts is None:
            starts = [0, *(match.end() for match in re.finditer(rb"\r\n|\n|\r", text))]
            self._starts[path] = starts
        low, high = 0, len(starts)
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (middle, high) if starts[middle] <= offset else (low, middle)
        piece = text[starts[low] : offset]
        if low == 0 and piece.startswith(b"\xef\xbb\xbf"):
            piece = piece[3:]
        try:
            characters = len(piece.decode())
        except UnicodeDecodeError:
            characters = len(piece)
        return low + 1, characters + 1

    def token(self, path: str, offset: int, wanted: bytes) -> bool:
        """Whether *wanted* stands at *offset* as a whole token."""
        text = self.text(path)
        if not text.startswith(wanted, offset):
            return False
        if wanted == b"<<<":
            return True
        after = text[offset + len(wanted) : offset + len(wanted) + 1]
        return not (after.isalnum() or after == b"_")

    def qualified_start(self, path: str, offset: int) -> int:
        """The offset where the qualified name begins whose last component is at *offset*."""
        text = self.text(path)
        while match := _QUALIFIER.search(text, max(0, offset - 120), offset):
            offset = match.start(1)
        return offset

    def callee_starts(self, path: str, offset: int) -> tuple[tuple[int, int], ...]:
        """Where the kernel's name starts, before `<<<`: its last component and its qualified name."""
        text = self.text(path)
        at = offset
        while at and text[at - 1 : at] in (b" ", b"\t", b"\n", b"\r", b"\\"):
            at -= 1
        if text[at - 1 : at] == b">":
            depth = 0
            while at:
                at -= 1
                char = text[at : at + 1]
                if char in (b">", b")", b"]") and text[at - 1 : at + 1] != b"->":
                    depth += 1
                elif char in (b"<", b"(", b"["):
                    depth -= 1
                    if depth == 0:
                        break
            while at and text[at - 1 : at].isspace():
                at -= 1
        end = at
        while at and re.match(rb"\w", text[at - 1 : at]):
            at -= 1
        if at == end:
            return ()
        return (self.line_column(path, at), self.line_column(path, self.qualified_start(path, at)))

    def predefined(self, path: str) -> list[tuple[str, int]]:
        """Macros that the compiler itself defines, in conditions; clang keeps no record of their use there."""
        found = []
        for condition in _CONDITION.finditer(self.text(path)):
            code = _COMMENT.sub(lambda match: b" " * len(match.group()), condition.group())
            found += [
                (match.group().decode(), condition.start() + match.start()) for match in _PREDEFINED.finditer(code)
            ]
        return found
