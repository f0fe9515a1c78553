"""Glob patterns for leaving files out and taking them in."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

from migrate.errors import UserError
from migrate.paths import slashed

if TYPE_CHECKING:
    from collections.abc import Iterable


class Patterns:
    """Glob patterns, ready to be held against many paths."""

    def __init__(self, patterns: Iterable[str], anchors: Iterable[str]) -> None:
        self._names: set[str] = set()
        self._globs: list[tuple[re.Pattern[str], bool, str]] = []  # expression, held against the path, pattern
        start = "|".join(re.escape(anchor) for anchor in sorted(anchors))
        for pattern in dict.fromkeys(patterns):
            text = slashed(pattern).removeprefix("./")
            if not text:
                raise UserError(f"pattern {pattern!r} is empty")
            whole = "/" in text
            if not whole and not re.search(r"[*?\[{]", text):
                self._names.add(text)
                continue
            stem = text.removesuffix("/**")  # a folder with all that is below it
            expression = _glob_expression(stem, pattern) + ("(?:/.*)?" if stem != text else "")
            if whole and not os.path.isabs(text):  # noqa: PTH117 - a pattern, not a path
                expression = f"(?:{start})/{expression}"
            try:
                self._globs.append((re.compile(expression, re.DOTALL), whole, text))
            except re.error as error:  # [z-a]
                raise UserError(f"pattern {pattern!r}: {error.msg}") from error

    def match(self, name: str, absolute: str) -> str:
        """The first pattern that holds for a file or folder, "" when none does."""
        if name in self._names:
            return name
        for expression, whole, text in self._globs:
            if expression.fullmatch(absolute if whole else name):
                return text
        return ""


def _glob_expression(text: str, pattern: str) -> str:
    """Translate a glob: `*` `?` `[a-z]` `[!a]` within a name, `{a,b}`, `**` across folders."""
    pieces = re.findall(r"\*\*/|\*+|\?|\[!?(?:\][^\]]*|[^\]]+)\]|[{},]|[^*?{},\[]+|\[", text)
    depth = 0
    parts: list[str] = []
    for piece in pieces:
        if piece == "**/":
            parts.append("(?:.*/)?")
        elif piece[0] == "*":
            parts.append("[^/]*" if piece == "*" else ".*")
        elif piece == "?":
            parts.append("[^/]")
        elif piece == "[":
            raise UserError(f"pattern {pattern!r}: a [ is not closed; write [[] for the character itself")
        elif piece[0] == "[":
            negated = piece[1] == "!" and len(piece) > 3
            members = re.sub(r"([\\\[\]^&~|])", r"\\\1", piece[2 if negated else 1 : -1]).replace("--", r"-\-")
            parts.append(f"[^/{members}]" if negated else f"[{members}]")
        elif piece == "{":
            depth += 1
            parts.append("(?:")
        elif piece == "}" and depth:
            depth -= 1
            parts.append(")")
        elif piece == "," and depth:
            parts.append("|")
        else:
            parts.append(re.escape(piece))
    if depth:
        raise UserError(f"pattern {pattern!r}: a {{ is not closed; write [{{] for the character itself")
    return "".join(parts)
