"""Macros used as attributes (`HD inline T f()`) or as statements (`CHECK(f())`), learned from `#define` lines.

A first, cheap pass over every file keeps what a macro could be; `Gathered` decides once all files are known. A name is
an attribute when every definition's body is empty or made only of qualifiers, attributes, `inline`, `static` and the
like, or other such names.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from migrate import lazy
from migrate.parse.keywords import (
    BUILT_IN,
    BUILT_IN_DEVICE,
    BUILT_IN_FUNCTIONS,
    BUILT_IN_HOST,
    DEVICE_WORDS,
    HOST_WORDS,
    KEYWORDS,
    QUALIFIERS,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

_DEFINE = re.compile(
    rb"""\#[ \t]*define[ \t]+([A-Za-z_]\w*)      # 1 name
    (?:\(([^()\n]{0,400})\))?                    # 2 parameters, the parenthesis touches the name
    ((?:[^\\\n]|\\(?:\r?\n)?)*)                  # 3 body with its continued lines
    """,
    re.VERBOSE,
)
_COMMENT = lazy.pattern(rb"//[^\n]*|/\*(?:[^*]|\*(?!/))*\*/")
_ARGUMENTS = lazy.pattern(
    rb"""(__attribute__|__attribute|__declspec|__launch_bounds__|__align__|alignas|_Pragma|__pragma
           |__cluster_dims__|__maxnreg__|__block_size__|__tile_size__)
         \s*\((?:[^()]|\((?:[^()]|\((?:[^()]|\([^()]*\))*\))*\))*\)
       | \[\[[^\]]*\]\] | "C(?:\+\+)?"
    """,
    re.VERBOSE,
)
_WORDS = lazy.pattern(rb"[\w\s\\]*\Z")
_INTEGER = lazy.pattern(rb"[ \t]*\(?[ \t]*(0[xX][\da-fA-F]+|0|[1-9]\d*)[uUlL]*[ \t]*\)?[ \t]*(?://[^\n]*|/\*.*)?\r?\Z")
_CONSTEXPR = lazy.pattern(
    rb"constexpr[ \t]+(?:static[ \t]+)?(?:unsigned|int|long|size_t|std::size_t|u?int\d+_t|auto|unsigned[ \t]+int)"
    rb"[ \t]+([A-Za-z_]\w*)[ \t]*=[ \t]*(0[xX][\da-fA-F]+|0|[1-9]\d*)[uUlL]*[ \t]*;"
)
_AT_FILE_LEVEL = frozenset({b"", b"static ", b"inline ", b"static inline ", b"inline static "})
_GUARD = lazy.pattern(rb"\s*#[ \t]*ifndef[ \t]+(\w+)")
#: Types that such a macro may end in.
_RESULTS = frozenset(b"void bool char short int long unsigned signed float double auto".split())
#: A longer body is no attribute; the longest public one (a chain of `__attribute__`) has under 300 bytes.
_LONGEST = 400


class FileMacros(NamedTuple):
    """What the `#define` lines of one file say; small enough to be cached by the file's digest."""

    attributes: dict[bytes, tuple[frozenset[bytes], ...]]  # candidates: words of each definition's body
    values: frozenset[bytes]  # object-like macros with any other body
    functions: frozenset[bytes]  # function-like macros
    with_arguments: frozenset[bytes]  # those of the candidates that are function-like
    numbers: frozenset[bytes] = frozenset()  # `NAME=32`: integers, of `constexpr` at file level too


class Learned(NamedTuple):
    """What is known about a project's macros; picklable, so that every worker gets it once."""

    attributes: frozenset[bytes]  # object-like: blank for the C++ grammar
    with_arguments: frozenset[bytes]  # function-like attributes: blank with their arguments
    device: frozenset[bytes]  # attributes that make what follows device code
    host: frozenset[bytes]  # attributes that say `__host__`
    functions: frozenset[bytes]  # function-like macros that may stand as a statement
    numbers: frozenset[bytes] = frozenset()  # `NAME=32`, for names with one value in the whole project

    @staticmethod
    def default() -> Learned:
        """What is known without any project: names of CUTLASS, CCCL, PyTorch, Eigen, ggml and others."""
        return _DEFAULT


NOTHING = FileMacros({}, frozenset(), frozenset(), frozenset())


def learn(source: bytes) -> FileMacros:
    """What the `#define` lines of *source* could mean; `NOTHING` when it has none."""
    numbers = _constants(source) if b"constexpr" in source else set()
    if b"define" not in source:
        return NOTHING._replace(numbers=frozenset(numbers)) if numbers else NOTHING
    others: set[bytes] = set()  # object-like macros that are no number somewhere in the file
    attributes: dict[bytes, list[frozenset[bytes]]] = {}
    values: set[bytes] = set()
    functions: set[bytes] = set()
    with_arguments: set[bytes] = set()
    guard: bytes | None = None
    for found in _DEFINE.finditer(source):
        name, parameters, body = found.groups()
        if name in KEYWORDS or name in QUALIFIERS:
            continue
        words = _attribute_words(body)
        if guard is None:
            guard = _include_guard(source, found.start())
        if parameters is None:
            if words is None:
                values.add(name)
                integer = _INTEGER.match(body)
                if integer is not None:
                    numbers.add(name + b"=" + integer[1])
                else:
                    others.add(name)
            elif name != guard:
                attributes.setdefault(name, []).append(words)
            continue
        functions.add(name)
        if words is not None and body.strip() and not words & set(parameters.replace(b",", b" ").split()):
            attributes.setdefault(name, []).append(words)
            with_arguments.add(name)
    return FileMacros(
        {name: tuple(dict.fromkeys(bodies)) for name, bodies in attributes.items()},
        frozenset(values),
        frozenset(functions),
        frozenset(with_arguments),
        frozenset(number for number in numbers if number.partition(b"=")[0] not in others),
    )


def _constants(source: bytes) -> set[bytes]:
    """`NAME=32` for each `constexpr` integer that stands at the beginning of a line."""
    found = set()
    for match in _CONSTEXPR.finditer(source):
        if source[source.rfind(b"\n", 0, match.start()) + 1 : match.start()] in _AT_FILE_LEVEL:
            found.add(match[1] + b"=" + match[2])
    return found


class Gathered:
    """What the `#define` lines of many files say, taken in file by file, in any order."""

    def __init__(self) -> None:
        self._candidates: dict[bytes, set[frozenset[bytes]]] = {}
        self._values: set[bytes] = set()
        self._functions: set[bytes] = set(BUILT_IN_FUNCTIONS)
        self._with_arguments: set[bytes] = set()
        self._numbers: set[bytes] = set()
        self._unclear: set[bytes] = set()  # macros that are no number in some file

    def add(self, file: FileMacros) -> None:
        """Takes in one file; a second time changes nothing."""
        for name, bodies in file.attributes.items():
            self._candidates.setdefault(name, set()).update(bodies)
        self._values |= file.values
        self._functions |= file.functions
        self._with_arguments |= file.with_arguments
        said = {number.partition(b"=")[0] for number in file.numbers}
        self._numbers |= file.numbers
        self._unclear |= file.values - said

    def learned(self) -> Learned:
        """What all files say together, with the built-in names."""
        # Empty in one branch and a value in another makes it a setting, unless it says where code runs.
        candidates = {
            name: bodies
            for name, bodies in self._candidates.items()
            if name not in self._values or any(words & (DEVICE_WORDS | HOST_WORDS) for words in bodies)
        }
        known = _stable(candidates, set(BUILT_IN))
        # `#define KERNEL __global__ void`: no attribute, since the grammar needs the type, but it says where code runs.
        typed = {
            name for name, bodies in candidates.items() if all(body <= known | QUALIFIERS | _RESULTS for body in bodies)
        }
        device = _spread(candidates, known | typed, BUILT_IN_DEVICE | DEVICE_WORDS)
        host = _spread(candidates, known, BUILT_IN_HOST | HOST_WORDS)
        functional = frozenset(name for name in self._with_arguments & known if name not in BUILT_IN)
        return Learned(
            frozenset(known) - functional,
            functional,
            frozenset(device & (known | typed)),
            frozenset(host & known),
            frozenset(self._functions - known),
            _single(self._numbers, self._unclear),
        )


def combine(files: Iterable[FileMacros]) -> Learned:
    """What all *files* say together, with the built-in names."""
    gathered = Gathered()
    for file in files:
        gathered.add(file)
    return gathered.learned()


def _single(numbers: set[bytes], unclear: set[bytes]) -> frozenset[bytes]:
    """Those of *numbers* whose name has no other value and is not among *unclear*."""
    values: dict[bytes, set[bytes]] = {}
    for number in numbers:
        values.setdefault(number.partition(b"=")[0], set()).add(number)
    return frozenset(
        number for name, said in values.items() if len(said) == 1 and name not in unclear for number in said
    )


def _attribute_words(body: bytes) -> frozenset[bytes] | None:
    """The words of a body that could be an attribute's, None when it holds anything else."""
    if len(body) > _LONGEST:
        return None
    if b"/" in body:
        body = _COMMENT.sub(b" ", body)
    if b"(" in body or b"[" in body or b'"' in body:
        body = _ARGUMENTS.sub(lambda found: b" " + (found[1] or b"") + b" ", body)
    if not _WORDS.match(body):
        return None
    words = frozenset(body.replace(b"\\", b" ").split())
    if any(word[:1].isdigit() for word in words):
        return None
    return words


def _include_guard(source: bytes, define: int) -> bytes:
    """The name that the `#ifndef` right before the first `#define` of a file asks for, empty without one."""
    line = source.rfind(b"\n", 0, define)
    before = source.rfind(b"#", 0, max(line, 0))
    found = _GUARD.match(source, before) if before >= 0 else None
    return found[1] if found else b""


def _stable(candidates: dict[bytes, set[frozenset[bytes]]], known: set[bytes]) -> set[bytes]:
    """*known* and every candidate all of whose words are qualifiers or, in the end, attributes themselves."""
    waiting = {name: frozenset().union(*bodies) - QUALIFIERS for name, bodies in candidates.items()}
    while True:
        found = {name for name, words in waiting.items() if words <= known}
        if not found:
            return known
        known |= found
        waiting = {name: words for name, words in waiting.items() if name not in found}


def _spread(candidates: dict[bytes, set[frozenset[bytes]]], known: set[bytes], words: frozenset[bytes]) -> set[bytes]:
    """*words* and every known name with one of them in a body, until nothing is added."""
    found = set(words)
    while True:
        more = {
            name
            for name, bodies in candidates.items()
            if name in known and name not in found and any(body & found for body in bodies)
        }
        if not more:
            return found
        found |= more


_DEFAULT = combine(())
