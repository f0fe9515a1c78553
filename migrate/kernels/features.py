"""What a kernel's body uses: memory, threads, indices, loops. Read from the view, comments and literals blank."""

from __future__ import annotations

import re
from itertools import islice
from typing import NamedTuple

from migrate.kernels.indices import indirect
from migrate.kernels.signs import INNER, by_sign
from migrate.parse.words import words_of

_SPACE = re.compile(rb"\s\s+")
_FIND = re.compile(rb"\w\.(?:find|insert)\s*\(")
_GRID_SYNC = re.compile(rb"\bthis_grid\s*\(\s*\)\s*\.\s*sync|\bgrid\.sync\b")
_BLOCK_SYNC = re.compile(rb"\bblock\.sync\b")
#: Bits taken out of a packed word: `(w >> s) & mask`, a loaded byte shifted, `q & 0xF`, llama.cpp's packed fields.
#: What must not stand before a word is asked for behind it: so the engine finds the word as fast as plain text.
_UNPACK = (
    re.compile(rb">>\s*\(?[\w\s*+%()-]{1,24}\)?\s*\)?\s*&"),
    re.compile(rb"\]\s*(?:>>|&\s*0[xX][0-9a-fA-F]+)"),
    re.compile(rb"&\s*0[xX](?:0?[fF]|0?3|0?[fF]0|[cC]0|0[fF]0[fF]0[fF]0[fF])\b"),
    re.compile(rb"q(?<!\wq)[sh]\s*\["),
    re.compile(rb"dequant(?<!\wdequant)\w*\s*[<(]"),
)
_BLOCKS = re.compile(rb"\b(?:for\s*\([^;{}]*;[^;{}]*;|for\b|while\b|do\b)|[{};]")
_INSIDE = re.compile(rb"\[[^\[\]]*\]")
#: A product added up: `acc += a[i] * b[j]`.
_MAC = re.compile(rb"\+=\s*[^;=]*\*[^;=]*;")
_TERM = re.compile(rb"\+=\s*(?:\(\w+\)\s*)?(?:\w+\s*\*\s*)?(?:static_cast<\w+>\()?\w+(?:\s*\[[^;=]*\])?[^*;=]*;")
_TREE = (
    re.compile(rb"for(?<!\wfor)\s*\([^;{}]*;[^;{}]*;\s*(\w+)\s*(?:>>=\s*1|/=\s*2|=\s*\1\s*(?:/\s*2|>>\s*1))\s*\)"),
    re.compile(rb"while(?<!\wwhile)\s*\([^;{}]*\)[^}]*\b\w+\s*(?:>>=\s*1|/=\s*2)\s*;"),
)
_RUNNING = re.compile(rb"\]\s*\+?=\s*(\w+)\s*\[\s*(\w+)(?:\s*-\s*1)?\s*\]\s*\+")
#: An element, and what it is made of.
_MADE = re.compile(rb"(\w+)\s*\[\s*(\w+)\s*\]\s*[-+*/]?=(?!=)([^;]*\[[^;]*)")
#: A value stored: to an element, through a pointer at the beginning of a statement, to a field.
_STORE = re.compile(rb"\]\s*[-+*/|&]?=(?!=)|(?:[;{})]|else)\s*\*\s*\(?[\w\s+*]+\)?\s*=(?!=)|->\s*\w+\s*=(?!=)")
_STORED = re.compile(rb"\s*(?:\([\w\s]+\)|static_cast<\w+>\()?\s*(-?\w[\w.]*|\{\s*\})\s*\)?\s*[;,]")
_BREAK = re.compile(rb"\bif\s*\([^;{}]*\)\s*\{?[^;{}]*\bbreak\s*;")
_FOREVER = (
    re.compile(rb"while(?<!\wwhile)\s*\(\s*(?:true|1)\s*\)"),
    re.compile(rb"for(?<!\wfor)\s*\(\s*;\s*;\s*\)"),
)
_STEP = re.compile(rb"[-+]\s*1\b[^\[\]]{0,60}\]")
#: An element at a place that has a name.
_NAMED = re.compile(rb"(\w+)\[(\w+)\]")
_CALLED = re.compile(rb"(\w+)\s*\(")
_KNOWN = re.compile(
    rb"if|for|while|switch|return|sizeof|(?:static|reinterpret)_cast|u?int(?:\d+_t)?|size_t|float|half|double|min|max|T"
    rb"|[A-Z0-9_]+|__\w+|\w*(?:[cC]ast|[cC]onvert|2float|2half|[lL]oad|[sS]tore|[sS]ync|[rR]ank|size)\w*"
)
_COMPACT = re.compile(rb"\[\s*\w*[aA]tomic\w*\s*\(")
_SCALED = re.compile(rb"\]\s*[*/]|[*/]\s*\w+\s*\[")
#: Work taken from a queue: a counter that a thread adds to, and what it read decides about an end.
_QUEUE = re.compile(rb"=\s*atomic(?:Add|Inc)\s*\(\s*&?\w+\s*,\s*1u?\s*\)")
_DIV_BY = re.compile(rb"/=?\s*\(?\s*(?:\w*sum\w*|\w*denom\w*|\w*total\w*|\w*norm\w*)\b")
_INVERSE = re.compile(rb"inv_(?<!\winv_)\w*sum\b")
_ONE_THREAD = re.compile(rb"if\s*\([^()]*\b(?:thread\w*|tid|idx|i)(?:\.x)?\s*==\s*\d+")

#: Statements up to which a body is taken for one that leaves its work to what it calls.
_CALLER = 12
#: Statements up to which what a body calls matters.
_FORMULA = 25
#: How much of a body is read, in bytes without blanks; what lies beyond is like it.
_LONGEST = 16_000
#: How much of a body is searched for places with names, in bytes.
_STENCIL = 3_000
#: Stores beyond which their number tells nothing more.
_STORES = 4
_HEADS = frozenset({b"for", b"while"})


class Features(NamedTuple):
    """What a body shows; `signs` are those of `migrate.kernels.signs`."""

    signs: frozenset[str]
    math: frozenset[str]  # functions of <cmath>, without `f`
    depth: int  # of loops in one another, those of macros not counted
    indirect: str  # "": indices are computed; "ragged": offsets of rows are read; "table": elements are named by data
    products: bool  # sums of products of two reads
    sums: bool  # sums of single reads
    tree: bool  # halving loop as in a reduction
    running: bool  # each element built on the one before
    unpacks: bool
    stores: int
    threads: bool  # asks which thread it is
    window: int  # words of a window: kernel size, padding, stride
    neighbours: bool  # reads what lies before and behind in one array
    tables: int  # subscripts that hold another
    fills: bool  # stores one value that it does not compute
    calls: bool  # is short and calls functions of which nothing is known
    compacts: bool  # stores at a place that a shared counter gives
    scales: bool  # multiplies or divides what it reads
    divides_by_sum: bool
    leaves_early: bool  # a loop that ends when data say so
    single_threads: int  # tests for one thread each
    statements: int


def features(body: bytes, helpers: bytes = b"") -> Features:
    """The features of *body*; *helpers* are the bodies of device functions it calls.

    Helpers count for signs, and as a whole for a body that hardly does more than call them. Of a very long body the
    beginning is read.
    """
    body = _SPACE.sub(b" ", body)[:_LONGEST]
    helpers = _SPACE.sub(b" ", helpers)
    whole = body + b" " + helpers
    shape = whole if body.count(b";") <= _CALLER else body
    own = words_of(shape)
    words = own if shape is whole else own | words_of(helpers)
    found = by_sign(words)
    inner = found if shape is whole else by_sign(own)
    indices, tables = indirect(shape)
    depth = loop_depth(shape) if not own.isdisjoint(_HEADS) else 0
    return Features(
        signs=_signs(whole, words, found),
        math=_functions(whole, found.get("function", [])),
        depth=depth,
        indirect=indices,
        products="product" in found or any(_reads_two(match[0]) for match in _MAC.finditer(whole)),
        sums=_TERM.search(shape) is not None,
        tree=depth > 0 and _any(_TREE, shape),
        running=_running(shape),
        unpacks=_any(_UNPACK, shape),
        stores=sum(1 for _ in islice(_STORE.finditer(shape), _STORES)),
        threads="thread" in inner,
        window=len(inner.get("window", ())),
        neighbours=_neighbours(shape),
        fills=_fills(shape),
        calls=shape.count(b";") <= _FORMULA and _calls(shape),
        compacts="atomics" in found and _COMPACT.search(shape) is not None,
        scales=_SCALED.search(shape) is not None,
        tables=tables,
        divides_by_sum="sum-name" in inner and (_DIV_BY.search(shape) or _INVERSE.search(shape)) is not None,
        leaves_early=depth > 0 and _leaves_early(shape, own),
        single_threads=len(_ONE_THREAD.findall(shape)),
        statements=shape.count(b";"),
    )


def _any(patterns: tuple[re.Pattern[bytes], ...], text: bytes) -> bool:
    return any(pattern.search(text) for pattern in patterns)


def _signs(text: bytes, words: set[bytes], found: dict[str, list[bytes]]) -> frozenset[str]:
    """The signs that words show, and those that take more than a word."""
    signs = found.keys() - INNER
    if b"<<<" in text:
        signs |= {"launch"}
    if not words.isdisjoint((b"find", b"insert")) and _FIND.search(text):
        signs |= {"hash"}
    if b"sync" in words:
        if _GRID_SYNC.search(text):
            signs |= {"grid-sync"}
        if _BLOCK_SYNC.search(text):
            signs |= {"barrier"}
    if "atomics" in found and _QUEUE.search(text) and _leaves_early(text, words):
        signs |= {"queue"}
    return frozenset(signs)


def _functions(text: bytes, words: list[bytes]) -> frozenset[str]:
    """Which of *words* are called, without the marks of their precision."""
    called = (word for word in words if word + b"(" in text or word + b" (" in text)
    return frozenset(word.decode().removeprefix("__").removesuffix("f") for word in called)


def _leaves_early(text: bytes, words: set[bytes]) -> bool:
    """Whether a loop ends when data say so."""
    return b"done" in words or (b"break" in words and _BREAK.search(text) is not None) or _any(_FOREVER, text)


def _running(text: bytes) -> bool:
    """Whether an element is made of one before it: `a[i] = a[i - 1] + …`, `a[i + 1] = a[i] + …`, `a[i] /= a[i - n]`."""
    for match in _RUNNING.finditer(text):
        before = text[max(0, match.start() - 60) : match.start()]
        if re.search(rb"\b" + match[1] + rb"\s*\[\s*" + match[2] + rb"(?:\s*\+\s*1)?\s*\Z", before):
            return True
    for statement in text.split(b";"):
        if b"-" in statement and statement.count(b"[") > 1:
            for array, place, made in _MADE.findall(statement):
                if re.search(rb"\b" + array + rb"\s*\[\s*" + place + rb"\s*-\s*\w+\s*\]", made):
                    return True
    return False


def _neighbours(text: bytes) -> bool:
    """Whether one array is read both before and behind a place."""
    sides: dict[bytes, set[bytes]] = {}
    for match in _STEP.finditer(text):
        opening = text.rfind(b"[", max(0, match.start() - 80), match.start())
        if opening > 0 and text.find(b"]", opening, match.start()) < 0:
            name = text[max(0, opening - 40) : opening].rstrip()
            sides.setdefault(re.split(rb"\W", name)[-1], set()).add(match[0][:1])
    return any(len(signs) == 2 for signs in sides.values()) or _named_neighbours(text)


def _named_neighbours(text: bytes) -> bool:
    """Whether one array is read at three named places or more, of which some lie before and some behind another."""
    places: dict[bytes, set[bytes]] = {}
    text = text[:_STENCIL]
    for array, place in _NAMED.findall(text):
        places.setdefault(array, set()).add(place)
    most = max(places.values(), key=len, default=set())
    if len(most) < 3:
        return False
    signs: set[bytes] = set()
    for part in text.replace(b";", b",").split(b","):
        name, _, value = part.partition(b"=")
        if most.intersection(name.split()[-1:]):
            signs.update(sign for sign in (b"-", b"+") if sign in value)
    return len(signs) == 2


def _calls(text: bytes) -> bool:
    """Whether a function is called that is none of CUDA, of a reduction or of a conversion."""
    names = {name for name in _CALLED.findall(text) if not _KNOWN.fullmatch(name)}
    return bool(names.difference(*by_sign(names).values()))


def _fills(text: bytes) -> bool:
    """Whether a number, or a parameter as it came, is stored whatever the data: nothing is read or called."""
    stores = list(islice(_STORE.finditer(text), _STORES + 1))
    if not 0 < len(stores) <= _STORES or text.count(b"[") > sum(store[0].startswith(b"]") for store in stores):
        return False
    if _calls(text):
        return False
    for store in stores:
        value = _STORED.match(text, store.end())
        if store[0].rstrip(b"=").rstrip()[-1:] in b"-+*/|&" or value is None:
            return False
        if value[1][:1].isalpha() and re.search(rb"\b" + re.escape(value[1]) + rb"\s*[-+*/|&]?=(?!=)", text):
            return False
    return True


def _reads_two(term: bytes) -> bool:
    """Whether a product added up is one of two different things, at least one of them read from an array."""
    value = term.partition(b"=")[2].rstrip(b"; ")
    plain = _INSIDE.sub(lambda match: b"." * len(match[0]), value)  # a product in a subscript is none
    at = plain.find(b"*")
    left, right = value[:at].strip(), value[at + 1 :].strip()
    return at > 0 and left != right and b"[" in term and re.search(rb"[A-Za-z]", right) is not None


def loop_depth(body: bytes) -> int:
    """How deep loops are nested; loops that macros make are not seen."""
    if body.count(b"for") + body.count(b"while") < 2:
        return int(not words_of(body).isdisjoint(_HEADS))
    deepest = depth = 0
    pending = 0  # loop heads whose body has not begun
    stack: list[int] = []  # for each open brace, the loops it stands for
    for match in _BLOCKS.finditer(body):
        word = match[0]
        if word == b"{":
            stack.append(pending)
            pending = 0
        elif word == b"}":
            if stack:
                depth -= stack.pop()
        elif word == b";":
            depth -= pending
            pending = 0
        elif word != b"do":
            pending += 1
            depth += 1
            deepest = max(deepest, depth)
    return deepest
