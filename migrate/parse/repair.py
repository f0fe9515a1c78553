"""Stage B of the mask: what still breaks the C++ grammar after stage A, changed so that the tree around it is right.

It runs only where the tree of stage A has errors. It may change what a token says, never where one stands: the length
and every line break are kept, and whoever reads a name reads it from the source. The rules were ranked on 3,983
public CUDA files by how many of them fail without the rule; each is one regular expression or one pass.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from migrate.parse.brackets import NAME_BYTES, Brackets, last_before, word_before
from migrate.parse.conditionals import Directives, cut_conditionals
from migrate.parse.statements import Statements
from migrate.parse.view import BLANK

if TYPE_CHECKING:
    from collections.abc import Callable

    from migrate.parse.macros import Learned

_PRIMITIVE = (
    rb"(?:unsigned|signed|int|short|long|char|float|double|bool|void|size_t|ssize_t|ptrdiff_t|u?intptr_t"
    rb"|u?int(?:8|16|32|64)_t|char(?:8|16|32)_t|wchar_t|nullptr_t|max_align_t)"
)
_NAME = rb"(?:::)?[A-Za-z_]\w*(?:::\w+)*(?:<[^<>();{}]{0,200}>)?(?:::\w+)*"

#: A primitive type with all that belongs to it, or a type with `const`, as a whole argument.
_TYPE_ARGUMENT = re.compile(
    rb"""[(,]\s*(?:
        ((?:(?:const|volatile|unsigned|signed|long|short)\s+)*)  # 1 before the name
        (%s)                                                     # 2 the name
        ((?:\s*(?:\bconst\b|\*|&))*)                             # 3 behind it
      | (const\s+)%s                                             # 4 before any other name
    )(?=\s*[,)])
    """
    % (_PRIMITIVE, _NAME),
    re.VERBOSE,
)
#: `*` or `&` with nothing behind, and what must stand before them.
_TYPE_END = re.compile(rb"[*&](?:\s*(?:\bconst\b|\*|&))*(?=\s*[,)]|\s*\.\.\.)")
_QUALIFIER = re.compile(rb"\b(?:const|volatile|struct)\b")
_TYPE_WORDS = frozenset((b"const", b"volatile", b"struct"))
#: Before `(type)` these want a type, and a cast has no name before it.
_WANT_TYPE = frozenset(
    b"sizeof alignof __alignof__ __alignof decltype typeid if while for switch return operator catch noexcept case "
    b"typeof __typeof__ else new delete throw and or not".split()
)
_TYPENAME = re.compile(rb"typename(?=\s+(?:::)?[A-Za-z_]\w*\s*(?:::|<))")
_TEMPLATE_NAME = re.compile(rb"template(?<!\wtemplate)(?=\s+[A-Za-z_:])")
_EMPTY_DEFAULT = re.compile(rb"=\s*(\{)\s*(\})(?=\s*[,)])")
_VALUE_DEFAULT = re.compile(rb"=\s*(\{)[^{};,()]+(\})(?=\s*[,)])")
_POINTER_DEFAULT = re.compile(rb"=\s*(?:const\s+)?%s\s*(\*+)(?=\s*[,>])" % _NAME)
_PACK = re.compile(rb"\}\s*(\.\.\.)")
_MEMBER_POINTER = re.compile(rb"\(\s*((?:[A-Za-z_]\w*(?:<[^<>();{}]{0,200}>)?::)+)(?=\s*\*)")
_NAMED_OPERATOR = re.compile(rb"(?:\.|->)\s*(operator)(\s*(?:->|\(\)|\[\]|[-+*/%=<>!&|^~]+)|\s+[\w:]+)(?=\s*\()")
_BETWEEN_STRINGS = re.compile(rb'"\s*([A-Za-z_]\w*(?:\([^()"]{0,100}\))?)(?=\s*")')
_BEHIND_STRING = re.compile(rb'"\s+([A-Z_][A-Z0-9_]{2,})(?=\s*[,;)])')
_POINTER_NEW = re.compile(rb"new(?<!\wnew)\s+(?:const\s+)?[\w:]+\s*(\*+)(?=\s*[\[(])")
_ALIAS_ATTRIBUTE = re.compile(rb"using(?<!\wusing)\s+\w+\s+([A-Z_][A-Z0-9_]{2,}(?:\s*\([^()]{0,200}\))?)(?=\s*=)")
_NULL_DEFAULT = re.compile(rb"\*\s*=\s*nullptr(?=\s*[,>])")
_ENUM_BASE = re.compile(rb"enum\s*(:[\w:\s]{1,80})(?=\{)")
_FUNCTIONAL_CAST = re.compile(rb"\b(?:unsigned|signed|long|short)\((?!\s*\*)")
_LAST_SEMICOLON = re.compile(rb";(?=[\s\\]*\))")
_DECLTYPE = re.compile(rb"decltype(?<!\wdecltype)\s*(?=\()")
_STRING_PREFIXES = frozenset((b"L", b"u", b"U", b"u8", b"R", b"LR", b"uR", b"UR", b"u8R"))


def stage_b(masked: bytes, learned: Learned) -> bytes:
    """*masked*, a text of stage A, with everything mended that the grammar is known to fail on."""
    directives = Directives(masked)
    cut_conditionals(directives)
    code = directives.code
    for triggers, rule in _RULES:
        if any(trigger in code for trigger in triggers):
            rule(code)
    brackets = Brackets(code)
    if b"decltype" in code:
        _mend_decltype(code, brackets)
    if b"typename" in code:
        _blank_groups(code, _TYPENAME, 0)
    Statements(code, brackets, directives.spans, learned).repair()
    _mend_last_semicolons(code, brackets)
    return directives.restored(code)


def _blank(code: bytearray, start: int, end: int) -> None:
    code[start:end] = code[start:end].translate(BLANK)


def _blank_groups(code: bytearray, pattern: re.Pattern[bytes], group: int) -> None:
    """Blanks one *group* of every match."""
    for found in pattern.finditer(code):
        _blank(code, *found.span(group))


def _mend_type_arguments(code: bytearray) -> None:
    """`LAUNCH(uint8_t, float*)` → `LAUNCH(Uint8_t, Float )`: plain names, and no operator waits."""
    for found in _TYPE_END.finditer(code):
        start = _type_start(code, found.start())
        if start >= 0 and _takes_arguments(code, start):
            _blank(code, *found.span())
            for word in _QUALIFIER.finditer(code, start, found.start()):
                _blank(code, *word.span())
    position = 0
    while argument := _TYPE_ARGUMENT.search(code, position):
        position = argument.end()
        if _takes_arguments(code, argument.start()):
            _blank(code, *argument.span(4 if argument[4] else 1))
            _blank(code, *argument.span(3))
            if argument[2]:
                code[argument.start(2)] -= 32


def _type_start(code: bytearray, end: int) -> int:
    """The `(` or `,` before a type that ends at *end*, -1 when something else than a type stands there."""
    end = last_before(code, end) + 1
    if word_before(code, end) == b"const":
        end = last_before(code, end - 5) + 1
    if end and code[end - 1] == 62:
        end = max(0, code.rfind(b"<", max(0, end - 200), end))
    if code[end - 1] == 58:
        return -1  # a pointer to member
    start = end
    while start > 0 and (code[start - 1] in NAME_BYTES or code[start - 1] == 58):
        start -= 1
    if start == end:
        return -1
    while (last := last_before(code, start)) >= 0:
        if code[last] in b"(,":
            return last
        word = word_before(code, last + 1)
        if word not in _TYPE_WORDS:
            return -1
        start = last + 1 - len(word)
    return -1


def _takes_arguments(code: bytearray, start: int) -> bool:
    """Whether the `,` or `(` at *start* stands among arguments; before a cast or `sizeof` no name is called."""
    if code[start] == 44:
        return True
    word = word_before(code, start)
    return bool(word) and word not in _WANT_TYPE


def _mend_braced_defaults(code: bytearray) -> None:
    """`E e = {}` as a parameter → `E e = 0 `, and `E e = {x}` → `E e =  x `."""
    for found in _EMPTY_DEFAULT.finditer(code):
        code[found.start(1)] = 48
        code[found.start(2)] = 32
    for found in _VALUE_DEFAULT.finditer(code):
        code[found.start(1)] = code[found.start(2)] = 32


def _mend_strings(code: bytearray) -> None:
    """`"a" PRIu64 "b"` → `"a"        "b"`."""
    for found in _BETWEEN_STRINGS.finditer(code):
        if not (found[1] in _STRING_PREFIXES and code[found.end()] == 34):
            _blank(code, *found.span(1))
    _blank_groups(code, _BEHIND_STRING, 1)


def _mend_operators(code: bytearray) -> None:
    """`p.operator->()` → `p.Operator  ()`."""
    for found in _NAMED_OPERATOR.finditer(code):
        code[found.start(1)] = 79
        _blank(code, *found.span(2))


def _mend_casts(code: bytearray) -> None:
    """`unsigned(x)` → `Unsigned(x)`: the grammar reads a declaration otherwise."""
    for found in _FUNCTIONAL_CAST.finditer(code):
        code[found.start()] -= 32


def _mend_decltype(code: bytearray, brackets: Brackets) -> None:
    """`decltype(x){}` and `typename decltype(x)::T` → a plain name `D` in its place."""
    for found in _DECLTYPE.finditer(code):
        close = brackets.closes.get(found.end(), -1)
        if close < 0:
            continue
        if code[close + 1 : close + 2] == b"{" or word_before(code, found.start()) == b"typename":
            _blank(code, found.start() + 1, close + 1)
            code[found.start()] = 68


def _mend_last_semicolons(code: bytearray, brackets: Brackets) -> None:
    """`IF_TARGET(C, (f();))` → `IF_TARGET(C, (f() ))`; the last `;` of `for (;;)` stays."""
    for found in _LAST_SEMICOLON.finditer(code):
        opening = brackets.around(found.start())
        if opening >= 0 and code[opening] == 40 and word_before(code, opening) != b"for":
            code[found.start()] = 32


#: What a text must hold for a rule to be tried, and the rule.
_RULES: tuple[tuple[tuple[bytes, ...], Callable[[bytearray], None]], ...] = (
    ((b"(",), _mend_type_arguments),
    ((b"= {", b"={", b"=\n"), _mend_braced_defaults),
    ((b'"',), _mend_strings),
    ((b"template",), lambda code: _blank_groups(code, _TEMPLATE_NAME, 0)),
    ((b"unsigned(", b"signed(", b"long(", b"short("), _mend_casts),
    ((b".operator", b"->operator"), _mend_operators),
    ((b"...",), lambda code: _blank_groups(code, _PACK, 1)),
    ((b"::*", b":: *"), lambda code: _blank_groups(code, _MEMBER_POINTER, 1)),
    ((b"new ",), lambda code: _blank_groups(code, _POINTER_NEW, 1)),
    ((b"using ",), lambda code: _blank_groups(code, _ALIAS_ATTRIBUTE, 1)),
    ((b"nullptr",), lambda code: _blank_groups(code, _NULL_DEFAULT, 0)),
    ((b"*,", b"*>", b"* >", b"*\n", b"* ,"), lambda code: _blank_groups(code, _POINTER_DEFAULT, 1)),
    ((b"enum:", b"enum :"), lambda code: _blank_groups(code, _ENUM_BASE, 1)),
)
