"""Preprocessor directives of a view: where `#define` bodies lie and under which conditions a place stands.

The grammar keeps directive bodies as raw text, so this is read from the text, line continuations included.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from typing import NamedTuple

_DIRECTIVE = re.compile(rb"#[ \t]*([a-z_]+)")
_BLANKS = re.compile(rb"\s*")
_LINE_END = re.compile(rb"(?:\\\r?\n|[^\n])*")
_DEFINE = re.compile(rb"#[ \t]*define[ \t]+(\w+)(\([^)\n]*\))?")
_NOT_DEFINED = re.compile(rb"!\s*defined\s*\(?\s*(\w+)\s*\)?")
_ASKED = re.compile(r"!?defined ?\(\w+\)")
_SPACES = re.compile(r"\s+")

#: How many nested conditions are written out; the outermost give way first.
CONDITION_DEPTH = 6


class Directive(NamedTuple):
    """One directive with its continuation lines; byte offsets, half-open."""

    start: int  # of the "#"
    end: int
    word: str  # define, include, if …
    name: bytes  # of a #define
    body: int  # start of a #define's body, else of what follows the word
    parameters: frozenset[bytes]  # of a function-like macro


class Directives:
    """All directives of one view, asked by position."""

    def __init__(self, text: bytes) -> None:
        self.all: list[Directive] = []
        self._starts: list[int] = []
        self._turns: list[int] = [0]  # offsets from which a condition holds
        self._conditions: list[str] = [""]
        self._read(text)

    def at(self, offset: int) -> Directive | None:
        """The directive that *offset* lies in, if any."""
        index = bisect_right(self._starts, offset) - 1
        if index >= 0 and offset < self.all[index].end:
            return self.all[index]
        return None

    def condition(self, offset: int) -> str:
        """The conditions *offset* stands under, joined by ` && `; include guards are none."""
        return self._conditions[bisect_right(self._turns, offset) - 1]

    def last_end(self, offset: int) -> int:
        """Where the last directive before *offset* ends, 0 when there is none."""
        index = bisect_right(self._starts, offset) - 1
        return self.all[index].end if index >= 0 else 0

    def _read(self, text: bytes) -> None:
        stack: list[tuple[str, str]] = []  # (condition of this branch, all earlier branches negated)
        position = line_start = 0
        for match in _DIRECTIVE.finditer(text):
            start = match.start()
            if start < position:
                continue
            line_start = max(line_start, text.rfind(b"\n", line_start, start) + 1)
            if _BLANKS.match(text, line_start, start).end() < start:  # type: ignore[union-attr]
                continue
            line = _LINE_END.match(text, start)
            end = line.end() if line else match.end()
            position = end
            word = match[1].decode()
            name, body, parameters = b"", match.end(), frozenset[bytes]()
            if word == "define":
                define = _DEFINE.match(text, start)
                if define is not None:
                    name, body = define[1], define.end()
                    if define[2]:
                        parameters = frozenset(re.findall(rb"\w+", define[2]))
            self.all.append(Directive(start, end, word, name, body, parameters))
            if word in ("if", "ifdef", "ifndef"):
                said = _said(word, text[match.end() : end])
                stack.append((said, _negated(said)))
            elif word in ("elif", "elifdef", "elifndef") and stack:
                said = _said(word, text[match.end() : end])
                stack[-1] = (said, f"{stack[-1][1]} && {_negated(said)}" if len(stack[-1][1]) < 200 else stack[-1][1])
            elif word == "else" and stack:
                stack[-1] = (stack[-1][1], stack[-1][1])
            elif word == "endif" and stack:
                stack.pop()
            else:
                continue
            self._turns.append(end)
            shown = [said for said, _ in stack[-CONDITION_DEPTH:] if said]
            if len(stack) > CONDITION_DEPTH:
                shown.insert(0, "…")
            self._conditions.append(" && ".join(shown))
        self._starts = [directive.start for directive in self.all]
        self._drop_guard(text)

    def _drop_guard(self, text: bytes) -> None:
        """An `#ifndef X` or `#if !defined(X)` followed at once by `#define X` guards a header: it is no condition."""
        for index, directive in enumerate(self.all[:-1]):
            if directive.word in ("pragma", "include"):
                continue
            after = self.all[index + 1]
            guard = text[directive.body : directive.end].strip()
            asked = _NOT_DEFINED.fullmatch(guard) if directive.word == "if" else None
            if asked is not None:
                guard = asked[1]
            if (
                (directive.word == "ifndef" or asked)
                and after.word == "define"
                and after.name == guard
                and not text[after.body : after.end].strip()
            ):
                said = _said(directive.word, text[directive.body : directive.end])
                self._conditions = [
                    "" if condition == said else condition.removeprefix(f"{said} && ") for condition in self._conditions
                ]
            return


def _said(word: str, rest: bytes) -> str:
    """A condition as one line of text: `#ifdef X` as `defined(X)`."""
    text = _SPACES.sub(" ", rest.replace(b"\\", b" ").decode("utf-8", "replace")).strip()[:160]
    if word.endswith("ndef"):
        return f"!defined({text})"
    if word.endswith("def"):
        return f"defined({text})"
    return f"({text})" if "||" in text else text


def _negated(said: str) -> str:
    if _ASKED.fullmatch(said):
        return said.removeprefix("!") if said[0] == "!" else f"!{said}"
    return f"!{said}" if said[:1] == "(" and said[-1:] == ")" and said.count("(") == 1 else f"!({said})"
