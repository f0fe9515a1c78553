"""`#if` groups that cut a statement: the grammar reads each branch by itself, so such a group keeps one branch only.

A group cuts when a branch has brackets that close elsewhere, begins or ends inside an expression, or when the group
itself does. Its directives and other branches become blanks; what they hold is answered from tokens.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from itertools import pairwise

from migrate.parse.brackets import first_after, last_before, word_before
from migrate.parse.view import BLANK

DIRECTIVE = re.compile(rb"#[^\\\n]*(?:\\(?:\r?\n)?[^\\\n]*)*")
_WORD = re.compile(rb"#[ \t]*(\w*)[ \t]*(\w*)")
_FOREIGN = re.compile(rb"HIP|ROCM|AMD|SYCL|MUSA|_GCN|RDNA|CDNA|CANN|MSC_VER|_WIN32")
_NEGATION = re.compile(rb"ifndef|!")
_OFF = re.compile(rb"#[ \t]*if[ \t]+(?:0|false)\b")
_CONDITION = re.compile(rb"#[ \t]*(?:el)?if[ \t]+(?=\S)")
#: Conditions that the grammar cannot read: `__has_include(<x>)`, `VERSION(GCC, <, 7)`, `A and B`.
_ODD_CONDITION = re.compile(rb"\(\s*[<\"]|,\s*[<>=!]+\s*,|\b(?:and|or|not)\b")
_BRACKET = re.compile(rb"[()\[\]{}]")
_OPENS = {41: 40, 93: 91, 125: 123}
#: Deeper groups are left alone: no real file nests its conditions that far, and hostile ones would cost too much.
_DEEPEST = 60
_NAME_END = frozenset(b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_")
#: A statement, declaration or label ends with one of these.
_ENDS = frozenset(b";{}:")
#: What no statement begins with.
_NO_START = frozenset(b",.)]?/%|=<>^;:")

#: An open bracket and the ones around it: a chain, so that a branch remembers all of them at no cost.
_Open = tuple[int, "_Open | None", int]  # the bracket, the ones around it, its position


@dataclass(slots=True)
class _Group:
    """One `#if` … `#endif` while it is read."""

    entry: _Open | None  # brackets open before it
    cuts: bool
    directives: list[int] = field(default_factory=list)  # indices of #if, #elif, #else
    exits: list[_Open | None] = field(default_factory=list)  # brackets open at the end of each branch


class Directives:
    """The directive lines of a text, which of them are to stay, and the code without them."""

    def __init__(self, text: bytes) -> None:
        """Takes every directive out of *text*."""
        self.text = text
        self.spans: list[tuple[int, int]] = []
        self.code = bytearray(text)
        for found in DIRECTIVE.finditer(text):
            start, end = found.span()
            if text[text.rfind(b"\n", 0, start) + 1 : start].strip(b" \t\r\f\v"):
                continue
            self.spans.append((start, end))
            self.code[start:end] = text[start:end].translate(BLANK)
        self.dropped = bytearray(len(self.spans))

    def restored(self, code: bytes | bytearray) -> bytes:
        """*code* with the directives that stay put back."""
        out = bytearray(code)
        for (start, end), dropped in zip(self.spans, self.dropped, strict=True):
            if dropped:
                continue
            line = self.text[start:end]
            if _ODD_CONDITION.search(line) and (condition := _CONDITION.match(line)):
                kept = condition.end()
                line = line[:kept] + b"1" + line[kept + 1 :].translate(BLANK)
            out[start:end] = line
        return bytes(out)


def cut_conditionals(directives: Directives) -> None:
    """Drops from *directives* what cuts a statement and blanks the branches that go with it in their code."""
    code = directives.code
    spans = directives.spans
    groups: list[_Group] = []
    state: _Open | None = None
    opens: dict[int, int] = {}  # position of a closing parenthesis → of its opening one
    position = 0
    for index, (start, end) in enumerate(spans):
        state = _walk(code, position, start, state, opens)
        position = end
        found = _WORD.match(directives.text, start, end)
        word, argument = found.groups() if found else (b"", b"")
        if word in (b"if", b"ifdef", b"ifndef"):
            group = _Group(state, _cuts_before(code, start, state, opens))
            group.directives.append(index)
            groups.append(group)
        elif word in (b"elif", b"else", b"elifdef", b"elifndef") and groups:
            group = groups[-1]
            _end_branch(code, group, range(spans[group.directives[-1]][1], start), state, opens)
            group.directives.append(index)
            state = group.entry
        elif word == b"endif" and groups:
            group = groups.pop()
            _end_branch(code, group, range(spans[group.directives[-1]][1], start), state, opens)
            kept = _best_branch(directives, group, index)
            state = group.exits[kept]
            if len(groups) < _DEEPEST and (group.cuts or _cuts_after(code, end, spans[group.directives[-1]][1], start)):
                _keep_branch(directives, group, index, kept)
        elif (word == b"pragma" and argument != b"once") or (state is not None and state[0] in (40, 91)):
            directives.dropped[index] = 1


def _walk(code: bytearray, start: int, end: int, state: _Open | None, opens: dict[int, int]) -> _Open | None:
    """The open brackets at *end* when *state* were open at *start*; notes in *opens* which parenthesis closes which."""
    for bracket in _BRACKET.finditer(code, start, end):
        position = bracket.start()
        byte = code[position]
        if byte in b"([{":
            state = (byte, state, position)
        elif state is not None:
            # A chain that was changed is another object: `} else {` does not count as balanced.
            if byte == 41:
                opens[position] = state[2]
            state = state[1] if state[0] == _OPENS[byte] else (byte, state[1], position)
        else:
            state = None if byte != 125 else state
    return state


def _end_branch(code: bytearray, group: _Group, branch: range, state: _Open | None, opens: dict[int, int]) -> None:
    """Closes the current *branch* of *group*, positions from behind its directive to before the next."""
    group.exits.append(state)
    if group.cuts:
        return
    if state is not group.entry:
        group.cuts = True
        return
    first = first_after(code, branch.start)
    if first >= branch.stop:
        return
    last = last_before(code, branch.stop)
    if code[first] in _NO_START or code[first : first + 4] == b"else" or not _may_end(code, last, opens):
        group.cuts = True


def _cuts_before(code: bytearray, start: int, state: _Open | None, opens: dict[int, int]) -> bool:
    """Whether a group that starts at *start* stands inside a statement."""
    if state is not None and state[0] != 123:
        return True
    last = last_before(code, start)
    if last < 0:
        return False
    if code[last] == 123 and last > 0:
        opener = last_before(code, last)
        return opener >= 0 and code[opener] in b"=,("
    return not _may_end(code, last, opens)


def _cuts_after(code: bytearray, end: int, branch: int, branch_end: int) -> bool:
    """Whether the text behind a group goes on with its statement."""
    first = first_after(code, end)
    if first >= len(code):
        return False
    if code[first : first + 4] == b"else":
        return True
    if code[first] in _NO_START:
        return True
    if code[first] == 123:
        last = last_before(code, branch_end)
        return last >= branch and code[last] not in _ENDS
    return False


def _may_end(code: bytearray, last: int, opens: dict[int, int]) -> bool:
    """Whether a statement may end with the byte at *last*; a macro in capitals may stand without `;`."""
    byte = code[last]
    if byte in _ENDS:
        return True
    if byte in _NAME_END:
        word = word_before(code, last + 1)
        return len(word) > 2 and word.isupper()
    if byte == 41 and last in opens:
        word = word_before(code, opens[last])
        return len(word) > 2 and word.isupper()
    return False


def _best_branch(directives: Directives, group: _Group, end_index: int) -> int:
    """The branch of *group* worth keeping: the longest one that is not for another platform and not switched off."""
    marks = [*group.directives, end_index]
    sizes: list[int] = []
    negated = False
    for first, last in pairwise(marks):
        start, end = directives.spans[first]
        line = directives.text[start:end]
        if b"else" in line:
            foreign = negated  # the branch behind `#ifndef USE_ROCM`
        else:
            foreign = _FOREIGN.search(line) is not None
            negated = foreign and _NEGATION.search(line) is not None
            foreign = (foreign and not negated) or _OFF.match(line) is not None
        sizes.append(0 if foreign else directives.spans[last][0] - end)
    return sizes.index(max(sizes))


def _keep_branch(directives: Directives, group: _Group, end_index: int, kept: int) -> None:
    """Blanks the branches of *group* but the *kept* one, and drops its directives."""
    code = directives.code
    marks = [*group.directives, end_index]
    for number, (first, last) in enumerate(pairwise(marks)):
        directives.dropped[first] = 1
        if number != kept:
            start, end = directives.spans[first][1], directives.spans[last][0]
            code[start:end] = code[start:end].translate(BLANK)
            directives.dropped[first:last] = b"\x01" * (last - first)
    directives.dropped[end_index] = 1
