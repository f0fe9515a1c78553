"""Macros used as a statement, a declaration or an attribute: the C++ grammar needs a `;` or their absence.

Only names in capitals and known function-like macros count, and only where a statement may begin: a name in capitals
that is an operand stays. What is blanked is still answered from tokens.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from typing import TYPE_CHECKING

from migrate.parse.brackets import NAME_BYTES, Brackets, first_after, last_before, word_before
from migrate.parse.keywords import KEYWORDS
from migrate.parse.view import BLANK, words

if TYPE_CHECKING:
    from migrate.parse.macros import Learned

_DECLARATION = re.compile(
    rb"""(?:inline|static|constexpr|consteval|constinit|void|int|unsigned|signed|long|short|char|bool|float|double|auto
           |template|class|struct|union|enum|namespace|typename|extern|friend|virtual|explicit|using|typedef|size_t
           |u?int\d+_t)\b
       | (?:const\s+)?(?:::)?(?!const\b)[A-Za-z_]\w*(?:::\w+)*(?:<[^;{}()]{0,300}>)?(?:::\w+)*  # a type
         (?:\s*[*&]+\s*|\s+)(?:const\s+)?[*&]*[A-Za-z_~]                            # and what it is the type of
    """,
    re.VERBOSE,
)
_CLASS = re.compile(rb"\b(class|struct|union|enum|namespace)\b[^;{}()]*\Z")
_STATEMENT = re.compile(
    rb"\s*(?:return|break|continue|goto|throw|if|for|while|do|switch|case|delete|try|constexpr|using|typedef)\b"
)
_TOP = re.compile(rb"[()\[\]{},;<]")
#: Template arguments, whose commas part nothing.
_ANGLES = re.compile(rb"<[\w\s:,.*&]{1,200}(?:<[\w\s:,.*&]{1,200}>[\w\s:,.*&]{0,200}){0,8}>")
_ANY_NAME = re.compile(rb"[A-Za-z_]\w*")
#: More names than this are looked up word by word: each alternative of an expression costs.
_MANY = 200
_CONTROL = frozenset((b"if", b"for", b"while", b"switch", b"constexpr", b"catch"))
_LABELS = frozenset((b"public", b"private", b"protected", b"default", b"signals", b"slots"))
_TAGS = frozenset((b"class", b"struct", b"union", b"enum"))


class Statements:
    """One pass over the code of a file; edits *code* in place and keeps its length and line breaks."""

    def __init__(
        self, code: bytearray, brackets: Brackets, directives: list[tuple[int, int]], learned: Learned
    ) -> None:
        """*directives* are the directive lines, blank in *code*."""
        self.code = code
        self.brackets = brackets
        self.starts = [start for start, _ in directives]
        self.learned = learned
        self.unfolded: dict[int, int] = {}  # parentheses taken away → the bracket around them
        self.kinds: dict[int, bytes] = {}  # what a brace belongs to, as far as it was asked
        self.ended = -1  # last byte of the macro that was closed last

    def repair(self) -> None:
        """Repairs every macro that stands where a statement may begin."""
        code = self.code
        names = [name for name in words(bytes(code)) if self._is_macro_name(name)]
        if not names:
            return
        known = frozenset(names)
        pattern = _ANY_NAME
        if len(names) <= _MANY:
            pattern = re.compile(rb"(?:%s)(?![\w\x80-\xff])" % b"|".join(sorted(names, reverse=True)))
        for found in pattern.finditer(code):
            start, end = found.span()
            if (start and code[start - 1] in NAME_BYTES) or found[0] not in known:
                continue
            inner = self.brackets.around(start)
            inner = self.unfolded.get(inner, inner)
            if inner >= 0 and code[inner] != 123:
                continue
            before = last_before(code, start)
            after = first_after(code, end)
            if self._is_extern(before, after):
                self._blank(before - 5, self.brackets.closes[after] + 1)
            elif self._is_tag(code, before, start):
                self._after_tag(start, end, after)
            elif before >= 0 and code[before] == 62:
                self._behind_template(start, end, after)
            elif self._begins(before, start):
                if after < len(code) and code[after] == 40:
                    self._call(start, after, inner, before)
                else:
                    self._word(start, end, after)
            elif before >= 0 and (
                self._is_parameters(before) or word_before(code, before + 1) in (b"const", b"noexcept", b"override")
            ):
                self._behind_function(start, end, after)

    def _is_macro_name(self, name: bytes) -> bool:
        """Whether *name* is in capitals or a known function-like macro."""
        if not name or name in KEYWORDS or name[0] < 58:
            return False
        return (len(name) > 2 and name.isupper()) or name in self.learned.functions or name in self.learned.attributes

    def _is_extern(self, before: int, after: int) -> bool:
        """Whether the macro is the whole of `extern INSTANTIATE(float);`."""
        code = self.code
        if before < 5 or code[before] != 110 or after >= len(code) or code[after] != 40:
            return False
        close = self.brackets.closes.get(after, -1)
        return (
            close > 0
            and word_before(code, before + 1) == b"extern"
            and code.startswith(b";", first_after(code, close + 1))
        )

    def _is_tag(self, code: bytearray, before: int, start: int) -> bool:
        """Whether `class` or the like stands before *start*."""
        return before >= 0 and code[before] in NAME_BYTES and word_before(code, start) in _TAGS

    def _after_tag(self, start: int, end: int, after: int) -> None:
        """`class EXPORT Name {`: blanks the macro, with arguments if it has some."""
        code = self.code
        if after < len(code) and code[after] == 40:
            close = self.brackets.closes.get(after, -1)
            if close < 0:
                return
            end = close + 1
            after = first_after(code, end)
        if after < len(code) and code[after] in NAME_BYTES and not code.startswith(b"final", after):
            self._blank(start, end)

    def _begins(self, before: int, start: int) -> bool:
        """Whether a statement may begin at *start* when *before* is the last byte before it."""
        if before < 0:
            return True
        code = self.code
        byte = code[before]
        if byte in b";{}":
            return not (byte == 123 and (opener := last_before(code, before)) >= 0 and code[opener] in b"=,(")
        if before == self.ended:
            return True
        if byte == 58:
            return (
                word_before(code, before) in _LABELS
                or b"case" in code[max(code.rfind(b"\n", max(0, before - 200), before) + 1, before - 200) : before]
            )
        if byte == 41:
            opening = self.brackets.opens.get(before, -1)
            if opening >= 0 and word_before(code, opening) in _CONTROL:
                return True
        elif byte in NAME_BYTES:
            if word_before(code, before + 1) in (b"else", b"do"):
                return True
        elif byte != 34:
            return False
        index = bisect_left(self.starts, before)
        return index < len(self.starts) and self.starts[index] < start

    def _is_parameters(self, before: int) -> bool:
        """Whether the byte *before* ends the parameters of a function; a cast has no name before its parenthesis."""
        opening = self.brackets.opens.get(before, -1)
        if opening < 0 or self.code[before] != 41:
            return False
        word = word_before(self.code, opening)
        return bool(word) and word not in KEYWORDS

    def _behind_template(self, start: int, end: int, after: int) -> None:
        """`template <class T> DEPRECATED("…") void f()`: blanks the macro when a declaration follows."""
        code = self.code
        if after < len(code) and code[after] == 40:
            end = self.brackets.closes.get(after, after - 1) + 1
            after = first_after(code, end)
        if _DECLARATION.match(code, after):
            self._blank(start, end)

    def _call(self, start: int, opening: int, inner: int, before: int) -> None:
        """`NAME(…)` at the start of a statement."""
        code = self.code
        close = self.brackets.closes.get(opening, -1)
        if close < 0:
            return
        after = first_after(code, close + 1)
        byte = code[after] if after < len(code) else 125
        kind = self._kind(inner)
        if kind == b"enum":
            return
        if code.startswith(b"else", after) and code[after + 4 : after + 5].isspace() and not self._is_branch(before):
            self._blank(after, after + 4)  # `CASE(4) CASE(8) else { … }`: the `if` is in the macro
            byte = 123
        commas, wrapped, holds = self._parts(opening, close)
        if holds:
            self._unfold((start, opening, close), commas, wrapped, inner)
            return
        if byte == 59:
            if kind in (b"class", b"struct", b"union"):
                self._blank(start, close + 1)
            return
        if byte == 123:
            if kind in (b"class", b"struct", b"union"):
                return
            if inner < 0 or kind == b"namespace":
                self._blank(opening + 1, close)
            else:
                self._end(start, opening, close, bare=False)
        elif byte == 125 or byte in NAME_BYTES or byte == 126:
            if byte in NAME_BYTES and b"\n" not in code[close:after] and not self._is_macro_at(after):
                if _DECLARATION.match(code, after):
                    self._blank(start, close + 1)
                else:
                    self._blank(opening, close + 1)
                return
            bare = inner < 0 or kind in (b"namespace", b"class", b"struct", b"union") or code[start - 1] == 10
            self._end(start, opening, close, bare=bare)

    def _end(self, start: int, opening: int, close: int, *, bare: bool) -> None:
        """Ends the call with a `;`, or takes it out altogether when it is *bare* of an enclosing function."""
        code = self.code
        if bare:
            self._blank(start, close + 1)
        elif close + 1 < len(code) and code[close + 1] in b" \t":
            code[close + 1] = 59
            self.ended = close + 1
        else:
            self._blank(start, opening + 1)
            code[close] = 59
            self.ended = close

    def _is_branch(self, before: int) -> bool:
        """Whether the byte *before* ends `if (…)` or `else`, so that an `else` behind the statement is its own."""
        if self.code[before] == 41:
            return word_before(self.code, self.brackets.opens.get(before, 0)) in _CONTROL
        return before != self.ended and word_before(self.code, before + 1) == b"else"

    def _parts(self, opening: int, close: int) -> tuple[list[int], list[int], bool]:
        """The commas between arguments, the parentheses around whole ones, and whether one is a statement or a block.

        Such are `IF_DEVICE(x, { f(); })`, `REPEAT(a(); b();)` and `IF_TARGET(C, (return f();))`. Brackets inside an
        argument are stepped over, so that all walks of a file are linear together.
        """
        code = self.code
        closes = self.brackets.closes
        commas: list[int] = []
        wrapped: list[int] = []
        holds = _STATEMENT.match(code, opening + 1) is not None
        fresh = True  # at the start of an argument
        position = opening + 1
        while token := _TOP.search(code, position, close):
            place = token.start()
            byte = code[place]
            position = place + 1
            if byte == 44:
                commas.append(place)
                fresh = True
                holds = holds or _STATEMENT.match(code, position) is not None
                continue
            if byte == 60:
                if angles := _ANGLES.match(code, place, close):
                    position = angles.end()
            elif byte == 59:
                holds = True
            elif byte in b"([{" and place in closes:
                position = closes[place] + 1
                if fresh and byte == 123 and self._starts_argument(place):
                    holds = True
                elif fresh and byte == 40 and self._is_statement_in_parentheses(place):
                    wrapped.append(place)
                    holds = True
            fresh = False
        return commas, wrapped, holds

    def _starts_argument(self, place: int) -> bool:
        """Whether nothing but blanks stands between *place* and the `(` or `,` before it."""
        return self.code[last_before(self.code, place)] in b"(,"

    def _is_statement_in_parentheses(self, opening: int) -> bool:
        """Whether the parenthesis at *opening* is a whole argument that holds a statement: `(return x;)`."""
        code = self.code
        if not self._starts_argument(opening):
            return False
        last = last_before(code, self.brackets.closes[opening])
        return code[last] in b";}" or _STATEMENT.match(code, opening + 1) is not None

    def _unfold(self, call: tuple[int, int, int], commas: list[int], wrapped: list[int], inner: int) -> None:
        """Makes each argument of *call* (its start and its parentheses) a statement of its own."""
        code = self.code
        start, opening, close = call
        self._blank(start, opening + 1)
        for place in commas:
            code[place] = 59
        for place in wrapped:
            code[place] = 32
            code[self.brackets.closes[place]] = 59
            self.unfolded[place] = inner
        code[close] = 59
        self.unfolded[opening] = inner
        self.ended = close

    def _word(self, start: int, end: int, after: int) -> None:
        """A lone `NAME` at the start of a statement: blank before a declaration and alone on its line."""
        code = self.code
        if after >= len(code):
            self._blank(start, end)
            return
        byte = code[after]
        alone = b"\n" in code[end:after]
        if byte == 125:
            goes = alone or self._is_body(start)
        elif byte == 123:
            goes = alone
        elif byte in NAME_BYTES or byte == 126 or code.startswith(b"::", after):
            goes = bool(_DECLARATION.match(code, after) or _STATEMENT.match(code, after))
            goes = goes or (alone and self._is_macro_at(after))
        else:
            goes = False
        if goes:
            self._blank(start, end)

    def _is_body(self, start: int) -> bool:
        """Whether *start* is the first thing in a function's braces: `f() {UNREACHABLE}`."""
        opening = last_before(self.code, start)
        before = last_before(self.code, opening)
        return opening > 0 and self.code[opening] == 123 and before > 0 and self.code[before] == 41

    def _is_macro_at(self, start: int) -> bool:
        """Whether a macro's name begins at *start*."""
        end = start
        while end < len(self.code) and self.code[end] in NAME_BYTES:
            end += 1
        return self._is_macro_name(bytes(self.code[start:end]))

    def _behind_function(self, start: int, end: int, after: int) -> None:
        """`f() NOEXCEPT {` and `f() REQUIRES(x) {`: blanks the macro."""
        code = self.code
        if after < len(code) and code[after] == 40:
            close = self.brackets.closes.get(after, -1)
            if close < 0:
                return
            end = close + 1
            after = first_after(code, end)
        if after < len(code) and code[after] in b"{;:" and not code.startswith(b"::", after):
            self._blank(start, end)

    def _kind(self, opening: int) -> bytes:
        """What the brace at *opening* belongs to: class, namespace, enum …, empty for a function or block."""
        if opening < 0:
            return b""
        if opening not in self.kinds:
            found = _CLASS.search(self.code, max(0, opening - 300), opening)
            self.kinds[opening] = found[1] if found else b""
        return self.kinds[opening]

    def _blank(self, start: int, end: int) -> None:
        self.code[start:end] = self.code[start:end].translate(BLANK)
