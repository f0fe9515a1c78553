"""A use of CUDA as recipes see it: the call's arguments, the statement around it, and helpers that make edits.

Everything is read from the view, where comments and literals are blank, so brackets in them cannot mislead; texts are
taken from the source, comments included.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from migrate.model import Edit, Fix, Span
from migrate.parse.words import close_angle, close_round

if TYPE_CHECKING:
    from migrate.model import Launch, Target, Use

_BLANK = re.compile(rb"(?:\s|\\\r?\n)*")
_TOKEN = re.compile(rb"[()\[\]{},<;]|->")
_STATEMENT_START = re.compile(rb"[;{}]")
_REFERENCE = re.compile(r"\$([1-9]|\*)")
_CALL_TEMPLATE = re.compile(r"([A-Za-z_][\w:]*)\((.*)\)", re.DOTALL)
_BLANKS = b" \t\r\n\f\v\\"
#: How far before a call its statement may begin, in bytes.
_REACH = 4000


@dataclass(slots=True)
class Call:
    """One use of CUDA: a call, or a name alone (then there are no arguments and `called` is false)."""

    source: bytes
    view: bytes  # as long as the source; comments and insides of literals are blank
    use: Use
    target: Target
    name: Span  # the name as written, without template arguments
    launch: Launch | None = None
    called: bool = False
    arguments: tuple[Span, ...] = ()  # without the blanks around them
    open: int = 0  # of the "(", the end of the name when not called
    close: int = 0  # of the ")"
    level: str = "unsafe"  # from the recipe's row; fix() carries it
    _statement: Span | None = field(default=None, repr=False)

    @property
    def span(self) -> Span:
        """From the name to after the `)`."""
        return Span(self.name.start, self.close + 1 if self.called else self.name.end)

    @property
    def template(self) -> Span:
        """The explicit template arguments with their angle brackets, empty without them."""
        start = _skip(self.view, self.name.end)
        end = close_angle(self.view, start) if self.view[start : start + 1] == b"<" and self.called else -1
        return Span(start, end) if end > 0 else Span(self.name.end, self.name.end)

    @property
    def statement(self) -> Span:
        """The statement the use stands in, from its first byte to after its `;`; the call itself if none is found."""
        if self._statement is None:
            self._statement = _statement(self.view, self.span)
        return self._statement

    @property
    def discarded(self) -> bool:
        """Whether the statement is the call and nothing else: nobody looks at its result."""
        start, end = self.statement
        return (start, self.view[self.span.end : end].strip()) == (self.span.start, b";")

    @property
    def indent(self) -> bytes:
        """The blanks before the statement's line."""
        line = self.source.rfind(b"\n", 0, self.statement.start) + 1
        return self.source[
            line : line
            + len(self.source[line : self.statement.start])
            - len(self.source[line : self.statement.start].lstrip(b" \t"))
        ]

    @property
    def newline(self) -> bytes:
        """How the file ends its lines."""
        first = self.source.find(b"\n")
        return b"\r\n" if first > 0 and self.source[first - 1] == 13 else b"\n"

    def text(self, number: int) -> str:
        """Argument *number*, counted from 1, as written."""
        start, end = self.arguments[number - 1]
        return self.source[start:end].decode("utf-8", "surrogateescape")

    def argument(self, number: int) -> bytes:
        """Argument *number*, counted from 1, without comments: for looking at."""
        start, end = self.arguments[number - 1]
        return self.view[start:end].strip(_BLANKS)

    # ---- edits

    def rename(self, name: str) -> Edit:
        """The name replaced."""
        return Edit(self.name.start, self.name.end, encode(name))

    def wrap(self, number: int, before: str, after: str = ")") -> tuple[Edit, ...]:
        """Argument *number* between *before* and *after*: `wrap(1, "HIP_SYMBOL(")`."""
        start, end = self.arguments[number - 1]
        return (Edit(start, start, encode(before)), Edit(end, end, encode(after)))

    def replace(self, number: int, text: str) -> Edit:
        """Argument *number* replaced."""
        start, end = self.arguments[number - 1]
        return Edit(start, end, encode(text))

    def insert(self, number: int, text: str) -> Edit:
        """A new argument that becomes number *number*, counted from 1."""
        if number <= len(self.arguments):
            start = self.arguments[number - 1].start
            return Edit(start, start, encode(text + ", "))
        at = self.arguments[-1].end if self.arguments else self.open + 1
        return Edit(at, at, encode((", " if self.arguments else "") + text))

    def remove(self, number: int) -> Edit:
        """Argument *number* with its comma removed."""
        start, end = self.arguments[number - 1]
        if number < len(self.arguments):
            return Edit(start, self.arguments[number].start, b"")
        if number > 1:
            return Edit(self.arguments[number - 2].end, end, b"")
        return Edit(start, end, b"")

    def before(self, statement: str) -> Edit:
        """*statement*, without line end, on a line of its own before the one the use stands in."""
        start = self.statement.start
        return Edit(start, start, encode(statement) + self.newline + self.indent)

    def after(self, statement: str) -> Edit:
        """*statement*, without line end, on a line of its own after the one the use stands in."""
        end = self.statement.end
        return Edit(end, end, self.newline + self.indent + encode(statement))

    def whole(self, text: str) -> Edit:
        """The whole call replaced."""
        start, end = self.span
        return Edit(start, end, encode(text))

    def fix(self, *edits: Edit | tuple[Edit, ...]) -> Fix:
        """One fix of *edits*, which may come in any order, each alone or in tuples."""
        flat: list[Edit] = []
        for edit in edits:
            if isinstance(edit, Edit):
                flat.append(edit)
            else:
                flat.extend(edit)
        return Fix(tuple(sorted(flat, key=lambda edit: (edit.start, edit.end))), self.level)

    def from_template(self, template: str) -> Fix | None:
        """The edits that make *template* of the call; None when it asks for an argument that is not there."""
        shape = _CALL_TEMPLATE.fullmatch(template)
        wanted = {found for found in _REFERENCE.findall(template) if found != "*"}
        if any(int(number) > len(self.arguments) for number in wanted):
            return None
        if not self.called:
            if shape is not None and shape[2] == "$*":
                return self.fix(self.rename(shape[1]))  # the same arguments: the name alone may be written too
            return None if wanted or "$*" in template else self.fix(self.rename(template))
        pieces = _split_template(shape[2]) if shape and _balanced(shape[2]) else None
        if pieces is None or shape is None:
            return self.fix(self.whole(_REFERENCE.sub(self._reference, template)))
        if pieces == ["$*"]:
            return self.fix(self.rename(shape[1]))
        # Explicit template arguments belong to the CUDA name: a template that is a call leaves them where they are.
        return self.fix(self.rename(shape[1]), *self._arranged(pieces))

    def _reference(self, found: re.Match[str]) -> str:
        if found[1] == "*":
            return ", ".join(self.text(number) for number in range(1, len(self.arguments) + 1))
        return self.text(int(found[1]))

    def _arranged(self, pieces: list[str]) -> tuple[Edit, ...]:
        """The edits that turn the arguments into *pieces*, with those that keep their order left in place."""
        main = [_main_argument(piece) for piece in pieces]
        kept = _increasing(main)
        edits: list[Edit] = []
        done = 0  # arguments dealt with
        pending: list[str] = []
        for index, piece in enumerate(pieces):
            if index not in kept:
                pending.append(_REFERENCE.sub(self._reference, piece))
                continue
            number = main[index]
            start = self.arguments[number - 1].start
            added = "".join(text + ", " for text in pending)
            if number - 1 > done:  # arguments in between go
                start_gap = self.arguments[done].start
                edits.append(Edit(start_gap, start, encode(added)))
            elif added:
                edits.append(Edit(start, start, encode(added)))
            pending.clear()
            before, after = piece.split(f"${number}", 1)
            if before:
                edits.append(Edit(start, start, encode(_REFERENCE.sub(self._reference, before))))
            if after:
                end = self.arguments[number - 1].end
                edits.append(Edit(end, end, encode(_REFERENCE.sub(self._reference, after))))
            done = number
        edits.extend(self._tail(done, pending))
        return tuple(_joined(edits))

    def _tail(self, done: int, pending: list[str]) -> list[Edit]:
        """Edits behind the last argument that stays: further arguments go, *pending* ones come."""
        count = len(self.arguments)
        text = ", ".join(pending)
        if done:
            at = self.arguments[done - 1].end
            end = self.arguments[-1].end
            text = ", " + text if text else ""
        elif count:
            at, end = self.arguments[0].start, self.arguments[-1].end
        else:
            at = end = self.open + 1
        if done < count or text:
            return [Edit(at, end, encode(text))]
        return []


def encode(text: str) -> bytes:
    """*text*, parts of which came from `Call.text`, as the file's own bytes."""
    return text.encode("utf-8", "surrogateescape")


def make_call(source: bytes, view: bytes, use: Use, target: Target, name: Span, launch: Launch | None = None) -> Call:
    """The call whose name stands at *name*, its arguments found on the view."""
    call = Call(source, view, use, target, name, launch)
    at = _skip(view, name.end)
    if view[at : at + 1] == b"<" and view[at : at + 3] != b"<<<":
        close = close_angle(view, at)
        at = _skip(view, close) if close > 0 else at
    call.open = call.close = name.end
    if view[at : at + 1] == b"(":
        end = close_round(view, at)
        if end > 0:
            call.called, call.open, call.close = True, at, end - 1
            call.arguments = split_arguments(view, at + 1, end - 1)
    return call


def split_arguments(view: bytes, start: int, end: int) -> tuple[Span, ...]:
    """The arguments between two parentheses; commas in brackets, braces and template arguments do not count."""
    if not view[start:end].strip(_BLANKS):
        return ()
    spans: list[Span] = []
    depth = 0
    first = position = start
    while True:
        token = _TOKEN.search(view, position, end)
        if token is None:
            break
        what, position = token[0], token.end()
        if what in b"([{":
            depth += 1
        elif what in b")]}":
            depth -= 1
        elif what == b"<" and depth == 0:
            close = _template_end(view, token.start(), end)
            position = max(position, close)
        elif what == b"," and depth == 0:
            spans.append(trim(view, first, token.start()))
            first = position
    spans.append(trim(view, first, end))
    return tuple(spans)


def _template_end(view: bytes, start: int, end: int) -> int:
    """Where the template arguments that begin at *start* end; -1 when the `<` is a comparison.

    `f<a, b>(c)` and `f<a, b>::g` are taken for template arguments, as compilers do for a name that is a template;
    `a < b, c > d` is not.
    """
    if not re.search(rb"[\w\x80-\xff]\s*\Z", view[max(0, start - 80) : start]):
        return -1
    close = close_angle(view, start, end - start)
    if close <= 0:
        return -1
    after = _skip(view, close)
    return close if after >= end or view[after : after + 1] in (b"(", b":", b"{", b",", b")", b"*", b"&", b">") else -1


def trim(view: bytes, start: int, end: int) -> Span:
    """The span without the blanks at its ends."""
    piece = view[start:end]
    left = len(piece) - len(piece.lstrip(_BLANKS))
    right = len(piece.rstrip(_BLANKS))
    return Span(start + left, start + max(left, right))


def _skip(view: bytes, at: int) -> int:
    found = _BLANK.match(view, at)
    return found.end() if found else at


def _statement(view: bytes, span: Span) -> Span:
    """The statement around *span*, found by brackets: backward to `;`, `{`, `}` outside parentheses, forward to `;`."""
    floor = max(0, span.start - _REACH)
    depth = 0
    start = floor
    position = span.start
    while position > floor:
        position -= 1
        byte = view[position]
        if byte in b")]":
            depth += 1
        elif byte in b"([":
            depth = max(0, depth - 1)
        elif depth == 0 and byte in b";{}":
            start = position + 1
            break
    start = _skip(view, start)
    # A directive line is no part of a statement.
    while view[start : start + 1] == b"#":
        line = view.find(b"\n", start)
        while line > 0 and view[line - 1 : line] == b"\\":
            line = view.find(b"\n", line + 1)
        if line < 0 or line >= span.start:
            return span
        start = _skip(view, line)
    depth = 0
    for token in re.finditer(rb"[()\[\]{};]", view[span.end : span.end + _REACH]):
        if token[0] in b"([{":
            depth += 1
        elif token[0] == b";" and depth <= 0:
            return Span(start, span.end + token.end())
        elif token[0] in b")]":
            depth -= 1
        elif token[0] == b"}":
            depth -= 1
            if depth < 0:
                break
    return span


# ---- templates


def _balanced(text: str) -> bool:
    depth = 0
    for character in text:
        depth += (character == "(") - (character == ")")
        if depth < 0:
            return False
    return depth == 0


def _split_template(text: str) -> list[str]:
    """The arguments of a template's call."""
    pieces, depth, first = [], 0, 0
    for position, character in enumerate(text):
        if character in "([{":
            depth += 1
        elif character in ")]}":
            depth -= 1
        elif character == "," and depth == 0:
            pieces.append(text[first:position].strip())
            first = position + 1
    pieces.append(text[first:].strip())
    return pieces if pieces != [""] else []


def _main_argument(piece: str) -> int:
    """The argument that a piece is made of when it holds exactly one, 0 otherwise."""
    found = _REFERENCE.findall(piece)
    return int(found[0]) if len(found) == 1 and found[0] != "*" else 0


def _increasing(numbers: list[int]) -> set[int]:
    """Indexes of a longest increasing run of the non-zero *numbers*: what keeps its order."""
    best: list[tuple[int, list[int]]] = []  # (last number, indexes)
    longest: list[int] = []
    for index, number in enumerate(numbers):
        if not number:
            continue
        chain = max((chain for last, chain in best if last < number), key=len, default=[])
        best.append((number, [*chain, index]))
        if len(best[-1][1]) > len(longest):
            longest = best[-1][1]
    return set(longest)


def _joined(edits: list[Edit]) -> list[Edit]:
    """Neighbouring edits at one place as one, so that their order is beyond doubt."""
    joined: list[Edit] = []
    for edit in edits:
        if joined and joined[-1].end == edit.start:
            last = joined.pop()
            edit = Edit(last.start, edit.end, last.text + edit.text)  # noqa: PLW2901 - the pair is one edit now
        joined.append(edit)
    return joined
