"""Whether data say which element a kernel touches: `a[index[i]]`, or an index variable that was read from memory."""

from __future__ import annotations

import re
from functools import cache

from migrate.parse.words import occurrences, words_of

_READ = re.compile(rb"\w\s*\[|(?:\A|[(,+/%?:&|-])\s*\*\s*\(?[A-Za-z_]|__ldg\s*\(|LDG\w*\s*\(")
_INTEGER = re.compile(
    rb"int(?:\d+_t)?|uint(?:\d+_t)?|size_t|long|auto|unsigned|short|char|const"
    rb"|[A-Z]?[iI]ndex(?:_?[tT](?:ype)?)?|TIndex|Itype|I|IdType|data_size_t|index_t|idx_t"
)
#: Before the sign of an assignment: the word before a variable, and the variable.
_VARIABLE = re.compile(rb"(?:(\w+)\s+)?(?<![.>\]\w])(\w+)\s*[-+*]?\Z")
_NO_VARIABLE = (b"]", b")", b"&", b"|", b"/", b"<", b">", b"%", b"^")  # what no variable of these ends with
_COMPARED = (b"=", b"!", b"<", b">")
_ENDS = re.compile(rb"\s*[;,]")
_CAST = re.compile(rb"\s*reinterpret_cast|\s*\(\s*\w+\s*\*\s*\)")
_SUBSCRIPT = re.compile(rb"\w+\s*\[((?:[^\[\]]|\[[^\[\]]*\])*)\]")
_NESTED = re.compile(rb"\w\s*\[[^\[\]]*\b(\w+)\s*\[[^\[\]]*\b[a-z_]\w*[^\[\]]*\][^\[\]]*\]")
#: A read that depends on the block or the row only: where a row begins, not where an element lies.
_ROW_ONLY = re.compile(
    rb"\[\s*(?:blockIdx\.[xyz]|\w*(?:batch|block|seq|bid|row|head|expert|group|split|layer|token)\w*)\s*(?:\+\s*1\s*)?\]"
)
#: `f(array + index[i], …)` and `*(array + index[`.
_OFFSET = re.compile(rb"\([^(),;]*\w+\s*\+\s*\w+\s*\[\s*\w+\s*\]\s*,|\*\(\s*\w+\s*\+\s*\w+\[")
_TWICE = re.compile(rb"\[[^\[\]]*\[")  # in every nested subscript
_ADDED = re.compile(rb"\+\s*\w+\s*\[")  # in every offset
#: What is added to a pointer.
_POINTER = re.compile(
    rb"(?:\*\s*(?:__restrict__\s+)?(?:const\s+)?\w+\s*=|\w*(?:ptr|src|dst)\w*\s*\+?=|\w\(|,)"
    rb"\s*&?\w+\s*\+\s*([^;,]{1,200})[;,)]"
)
#: How often what depends on a read is followed on.
_ROUNDS = 3
#: How far before its sign an assigned variable and its type may stand, in bytes.
_NEAR = 60
#: How much of a body is searched, in bytes: indices are read before they are used, most of them early.
_LONGEST = 6_000


def indirect(body: bytes) -> tuple[str, int]:
    """Which data are indices, and how many different subscripts hold another read.

    "table" if data name elements, "ragged" if only where rows begin, "" if indices are computed.
    """
    body = body[:_LONGEST]
    subscripts = {match[0] for match in _NESTED.finditer(body)} if _TWICE.search(body) else set()
    if any(not _ROW_ONLY.search(subscript) for subscript in subscripts) or (
        _ADDED.search(body) and _OFFSET.search(body)
    ):
        return "table", len(subscripts)
    statements = body.split(b";")
    read = _read(body, statements)
    found = ""
    if read:
        for statement in statements:
            if words_of(statement).isdisjoint(read):
                continue
            for pattern in (_SUBSCRIPT, _POINTER):
                for match in pattern.finditer(statement + b";"):
                    for word in words_of(match[1]) & read.keys():
                        if read[word]:
                            return "table", len(subscripts)
                        found = "ragged"
    return found, len(subscripts)


def _read(body: bytes, statements: list[bytes]) -> dict[bytes, bool]:
    """Integer variables that hold what was read from memory, or were made from it; False for rows' beginnings."""
    assigned = [parts for parts in map(_assignment, statements) if parts is not None]
    read: dict[bytes, bool] = {}
    for known, name, value in assigned:
        if known and _READ.search(value) and not _CAST.match(value):
            read[name] = read.get(name, False) or _ROW_ONLY.search(value) is None
    if not read:
        return read

    @cache
    def bare(name: bytes) -> bool:
        """Whether *name* is declared without a value somewhere: `int index;`, `int row, column;`."""
        return any(_ENDS.match(body, start + len(name)) for start in occurrences(body, name))

    made = [(name, words_of(value), known) for known, name, value in assigned]
    for _ in range(_ROUNDS):
        size = len(read)
        for name, words, known in made:
            sources = words & read.keys()
            if sources and (known or name in read or bare(name)):
                read[name] = read.get(name, False) or any(read[word] for word in sources)
        if len(read) == size:
            break
    return read


def _assignment(statement: bytes) -> tuple[bool, bytes, bytes] | None:
    """Whether *statement* declares an integer, the variable it assigns and what it is given; None without one."""
    at = statement.find(b"=")
    while at > 0 and (statement[at + 1 : at + 2] == b"=" or statement[at - 1 : at] in _COMPARED):
        at = statement.find(b"=", at + 2)
    if at <= 0:
        return None
    before = statement[max(0, at - _NEAR) : at].rstrip()
    if before[-1:] in _NO_VARIABLE:
        return None
    match = _VARIABLE.search(before)
    if match is None:
        return None
    return _INTEGER.fullmatch(match[1] or b"") is not None, match[2], statement[at + 1 :]
