"""Whether data say which element a kernel touches: `a[index[i]]`, or an index variable that was read from memory."""

from __future__ import annotations

import re

_READ = re.compile(rb"\w\s*\[|(?:\A|[(,+/%?:&|-])\s*\*\s*\(?[A-Za-z_]|__ldg\s*\(|LDG\w*\s*\(")
_INTEGER = (
    rb"(?:(?:const|unsigned|signed|register|volatile)\s+)*"
    rb"(?:int(?:\d+_t)?|uint(?:\d+_t)?|size_t|long(?:\s+long)?|auto|unsigned|short|char"
    rb"|[A-Z]?[iI]ndex(?:_?[tT](?:ype)?)?|TIndex|Itype|I|IdType|data_size_t|index_t|idx_t)(?:\s+const)?"
)
_DECLARED = re.compile(rb"\b" + _INTEGER + rb"\s+(\w+)\s*=\s*([^;]{1,300});")
_PLAIN = re.compile(rb"(?<![\w.>\]])(\w+)\s*[-+*]?=\s*([^;=]{1,200});")
_NAMED = re.compile(rb"\b(\w+)\s*[;,]")
_CAST = re.compile(rb"\s*reinterpret_cast|\s*\(\s*\w+\s*\*\s*\)")
_SUBSCRIPT = re.compile(rb"\w+\s*\[((?:[^\[\]]|\[[^\[\]]*\])*)\]")
_NESTED = re.compile(rb"\w\s*\[[^\[\]]*\b(\w+)\s*\[[^\[\]]*\b[a-z_]\w*[^\[\]]*\][^\[\]]*\]")
#: A read that depends on the block or the row only: where a row begins, not where an element lies.
_ROW_ONLY = re.compile(
    rb"\[\s*(?:blockIdx\.[xyz]|\w*(?:batch|block|seq|bid|row|head|expert|group|split|layer|token)\w*)\s*(?:\+\s*1\s*)?\]"
)
#: `f(array + index[i], …)` and `*(array + index[`.
_OFFSET = re.compile(rb"\([^(),;]*\w+\s*\+\s*\w+\s*\[\s*\w+\s*\]\s*,|\*\(\s*\w+\s*\+\s*\w+\[")
#: What is added to a pointer.
_POINTER = re.compile(
    rb"(?:\*\s*(?:__restrict__\s+)?(?:const\s+)?\w+\s*=|\w*(?:ptr|src|dst)\w*\s*\+?=|\w\(|,)"
    rb"\s*&?\w+\s*\+\s*([^;,]{1,200})[;,)]"
)
_WORD = re.compile(rb"\w+")
#: How often what depends on a read is followed on.
_ROUNDS = 3


def nested(body: bytes) -> int:
    """How many different subscripts hold another read."""
    return len({match[0] for match in _NESTED.finditer(body)})


def indirect(body: bytes) -> str:
    """ "table" when data name the elements, "ragged" when they say where rows begin, "" when indices are computed."""
    if any(not _ROW_ONLY.search(match[0]) for match in _NESTED.finditer(body)) or _OFFSET.search(body):
        return "table"
    read = _read(body)
    if not read:
        return ""
    found = ""
    for pattern in (_SUBSCRIPT, _POINTER):
        for match in pattern.finditer(body):
            for word in set(_WORD.findall(match[1])) & read.keys():
                if read[word]:
                    return "table"
                found = "ragged"
    return found


def _read(body: bytes) -> dict[bytes, bool]:
    """Integer variables that hold what was read from memory, or were made from it; False for rows' beginnings."""
    seen: dict[bytes, int] = {}
    for match in _NAMED.finditer(body):
        seen.setdefault(match[1], match.end())
    declared = [(match[1], match[2], set(_WORD.findall(match[2]))) for match in _DECLARED.finditer(body)]
    plain = [
        (match[1], set(_WORD.findall(match[2])), seen.get(match[1], len(body) + 1) <= match.start())
        for match in _PLAIN.finditer(body)
    ]
    read: dict[bytes, bool] = {}
    for _ in range(_ROUNDS):
        before = len(read)
        for name, value, words in declared:
            if _READ.search(value) and not _CAST.match(value):
                read[name] = read.get(name, False) or _ROW_ONLY.search(value) is None
            for word in words & read.keys():
                read[name] = read.get(name, False) or read[word]
        for name, words, known in plain:
            if known or name in read:
                for word in words & read.keys():
                    read[name] = read.get(name, False) or read[word]
        if len(read) == before:
            break
    return read
