"""What the words around a name say without a tree: `= cudaMalloc(` is a call whatever the rest of the file holds.

The grammar is asked only about names that these few rules leave open, so that most of a source need not be parsed
(see `trim`). `benchmarks/trimming.py` compares the answers with those of the whole tree.
"""

from __future__ import annotations

import re

from migrate.parse.tree import Position

_AFTER = re.compile(rb"(?:\s|\\\r?\n)*([\w\x80-\xff]|[^\s])?")
_LAST_WORD = re.compile(rb"[\w\x80-\xff]+\Z")

_WORD = frozenset(byte for byte in range(256) if byte > 127 or byte == 95 or chr(byte).isalnum())
_NAME_START = frozenset(byte for byte in range(256) if byte > 127 or byte == 95 or chr(byte).isalpha())

#: Before a name with `(` behind it these say that it is called, not declared.
_BEFORE_CALL = frozenset(b"=(,{;}!|?+-/%<")
_WORDS_BEFORE_CALL = frozenset((b"return", b"else", b"do", b"throw", b"case"))
_BEFORE_VALUE = frozenset(b"=(,|?!+-/%")
_AFTER_VALUE = frozenset(b",);|?:&}=!]<>-+/%*")
_BEFORE_TYPE = frozenset(b"(,;{}<")
_WORDS_BEFORE_TYPE = frozenset((b"const", b"static", b"volatile", b"constexpr", b"new", b"register", b"inline"))
_CALLABLE = frozenset(("function", "builtin", "macro"))
_VALUES = frozenset(("enum", "macro", "function"))

_CALL = Position("use", is_type=False, is_call=True)
_VALUE = Position("use", is_type=False, is_call=False)
_TYPE = Position("use", is_type=True, is_call=False)


def told(text: bytes, start: int, end: int, kind: str, *, strong: bool, enums: bool) -> Position | None:
    """What the name in [start, end) of a view is, from the token before and the one behind; None: the tree must say.

    *kind* is the inventory's; *strong* says that no other code would have such a name; *enums*, that the file
    declares enumerations, whose members look like arguments.
    """
    head = text[max(0, start - 80) : start].rstrip() or text[max(0, start - 800) : start].rstrip()
    if not head:
        return None
    last = head[-1]
    match = _AFTER.match(text, end)
    following = ord(match[1]) if match is not None and match[1] else 0
    word = b""
    if last in _WORD:
        found = _LAST_WORD.search(head)
        word = found[0] if found is not None else head
    if kind == "type":
        if following in _NAME_START:
            certain = word in _WORDS_BEFORE_TYPE if word else last in _BEFORE_TYPE
        elif not strong:
            certain = False
        elif following in b"*&":
            certain = word in _WORDS_BEFORE_TYPE if word else last in _BEFORE_TYPE
        else:
            certain = (following == 62 and last in b"<,") or (following == 44 and last == 60)
        return _TYPE if certain else None
    if following == 40:
        if kind not in _CALLABLE:
            return None
        if word:
            return _CALL if word in _WORDS_BEFORE_CALL else None
        if last == 44 and not strong:
            return None  # `: first(1), max(v) {}` sets a member
        if last in _BEFORE_CALL or head.endswith((b"&&", b"<<", b"(void)")):
            return _CALL
        return None
    if kind in _VALUES and following in _AFTER_VALUE:
        if word:
            return _VALUE if word in (b"return", b"case") else None
        if last not in _BEFORE_VALUE and not head.endswith(b"&&"):
            return None
        if last == 44 and enums and following not in b")|":
            return None
        if last == 40 and following in b";:}]":
            return None
        return _VALUE
    return None
