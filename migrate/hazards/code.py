"""One analysed file as hazards look at it: words, constants, functions, calls, and how to report a place.

Everything is read from the view (comments and literals blank), computed when first asked for and kept.
"""

from __future__ import annotations

from bisect import bisect_right
from functools import cached_property
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from migrate import lazy
from migrate.hazards.constants import Constants
from migrate.model import Shape
from migrate.parse.words import IS_WORD, occurrences

if TYPE_CHECKING:
    import re
    from collections.abc import Iterable, Iterator

    from migrate.parse.uses import Finder, Found

#: How far the arguments of a call may reach, in bytes.
_REACH = 4000
#: How many functions that ended before a place are stepped over in search of the one around it.
_NEAR = 40
_WARP = lazy.pattern(
    rb"[wW]arp|WARP|[lL]ane|LANE|__shfl|__ballot|__activemask|__match_|__any|__all|_sync\Z|tiled_partition|block_tile|[sS]huffle|SHFL"
)
#: What stands in all of these, in small letters, and in every name of a mask or of a project's own warp function.
_TELLING = (
    b"warp", b"lane", b"mask", b"shfl", b"shuffle", b"ballot", b"__match_", b"__any", b"__all", b"_sync\n",
    b"tiled_partition", b"block_tile",
)  # fmt: skip
_OPEN = lazy.pattern(rb"\s*\(")
_INSIDE = lazy.pattern(rb"[()\[\]{},;]")
_DIM3 = lazy.pattern(rb"dim3(?<!\wdim3)\s+(\w+)\s*[({]([^(){};]{1,80})[)}]")
_THREAD_WORDS = (b"threadIdx", b"thread_rank", b"thread_index")
#: `name = … threadIdx`, with nothing between that ends the assignment: what stands before its sign and behind.
_NAMED = lazy.pattern(rb"(?<![.\w>])(\w+)\s*\Z")
_ENDED = lazy.pattern(rb"[;{}]")
#: `name = tid` with `tid` the next thing after the sign.
_COPIED = lazy.pattern(rb"(?<![.\w>])(\w+)\s*=\s*(?:\(\w+\)\s*)?\Z")
#: How many uses of a thread's index are looked at for what is made from it.
_PLACES = 200


class Function(NamedTuple):
    """A function definition; byte offsets."""

    start: int
    end: int
    body: int
    name: str
    side: str  # "host", "device", "host device"


class Call(NamedTuple):
    """One call by name, with its arguments as byte ranges of the text."""

    start: int
    name_end: int
    end: int  # after the closing parenthesis
    arguments: tuple[tuple[int, int], ...]


class Code:
    """A file's text and what hazards ask of it; made once a file and shared by all of them."""

    def __init__(self, finder: Finder) -> None:
        self.finder = finder
        self.text: bytes = finder.text
        self.directives = finder.directives
        self.words: set[bytes] = finder.said
        self._shapes: dict[tuple[str, ...], Shape] = {}

    # ---- looking

    @cached_property
    def constants(self) -> Constants:
        """The names the file gives a constant value."""
        return Constants(self.text, self.finder.learned.numbers)

    @cached_property
    def dimensions(self) -> dict[bytes, list[tuple[int, bytes]]]:
        """Where each `dim3` variable is declared, in order, and with what."""
        found: dict[bytes, list[tuple[int, bytes]]] = {}
        for match in _DIM3.finditer(self.text) if b"dim3" in self.words else ():
            found.setdefault(match[1], []).append((match.start(), match[2]))
        return found

    @cached_property
    def functions(self) -> list[Function]:
        """Function definitions in order; lambdas count as part of the function around them."""
        return [Function(*described) for described in self.finder.described_functions()]

    @cached_property
    def device_functions(self) -> list[Function]:
        """Those that run on the device, `__host__ __device__` ones among them."""
        return [function for function in self.functions if "device" in function.side]

    @cached_property
    def thread_names(self) -> frozenset[bytes]:
        """Variables that hold a thread's index in its block: assigned from `threadIdx`, or from such a variable."""
        text = self.text
        names: set[bytes] = set()
        for word in _THREAD_WORDS:
            if word in self.words:
                for start in occurrences(text, word):
                    name, sign, rest = text[max(0, start - 120) : start].rpartition(b"=")
                    match = _NAMED.search(name.rpartition(b";")[2]) if sign and not _ENDED.search(rest) else None
                    if match is not None:
                        names.add(match[1])
        for name in sorted(names):
            for start in islice(occurrences(text, name), _PLACES):
                head = text[max(0, start - 60) : start]
                match = _COPIED.search(head.rpartition(b";")[2]) if b"=" in head[-12:] else None
                if match is not None:
                    names.add(match[1])
        return frozenset(names)

    def side_at(self, offset: int) -> str:
        """Which side runs the code at *offset*: "host", "device", "host device", or "" at file level."""
        return self.finder.function_at(offset)[1]

    @cached_property
    def _function_starts(self) -> list[int]:
        return [function.start for function in self.functions]

    def function_around(self, offset: int) -> Function | None:
        """The innermost function definition around *offset*, looked for among the nearest before it."""
        index = bisect_right(self._function_starts, offset) - 1
        for function in reversed(self.functions[max(0, index - _NEAR) : index + 1]):
            if offset < function.end:
                return function
        return None

    @cached_property
    def warp_words(self) -> set[bytes]:
        """Words that speak of warps, lanes or their functions."""
        return {word for word in self.telling_words if _WARP.search(word)}

    @cached_property
    def telling_words(self) -> set[bytes]:
        """Words in which one of `_TELLING` stands: all that speak of warps, and all that are called masks."""
        return self.words_with(*_TELLING)

    @cached_property
    def _lines(self) -> tuple[bytes, bytes]:
        """The words, a line break before and behind each, as they are and in small letters."""
        lines = b"\n%s\n" % b"\n".join(self.words)
        return lines, lines.lower()

    def says(self, *parts: bytes) -> bool:
        """Whether one of *parts* stands in a word of the file."""
        return any(part in self._lines[0] for part in parts)

    def words_with(self, *parts: bytes) -> set[bytes]:
        """The file's words in which one of *parts* stands; a line break is a word's beginning or end.

        Parts are written in small letters and stand for any case. They are looked for in all words at once: asking
        each word is several times slower.
        """
        lines, small = self._lines
        found = set()
        for part in parts:
            at = small.find(part)
            while at >= 0:
                end = small.find(b"\n", at + 1)
                found.add(lines[small.rfind(b"\n", 0, at + 1) + 1 : end])
                at = small.find(part, end)
        return found

    def calls(self, pattern: re.Pattern[bytes]) -> Iterator[Call]:
        """Calls of the file's words that *pattern* matches as a whole, in order of their places."""
        return self.calls_named(word for word in self.words if pattern.fullmatch(word))

    def calls_named(self, words: Iterable[bytes]) -> Iterator[Call]:
        """Calls of *words*, in order of their places."""
        names = sorted(words)
        if len(names) == 1:
            return self.calls_of(names[0])
        return iter(sorted(call for name in names for call in self.calls_of(name)))

    def calls_with_template(self, pattern: re.Pattern[bytes]) -> Iterator[Call]:
        """Calls whose name, template arguments included, *pattern* matches."""
        text = self.text
        for match in pattern.finditer(text):
            start, end = match.span()
            if start and IS_WORD[text[start - 1]]:
                continue
            opening = _OPEN.match(text, end)
            if opening is None:
                continue
            arguments = self.split(opening.end())
            if arguments is not None:
                yield Call(start, end, arguments[-1][1] + 1, tuple(arguments))

    def calls_of(self, name: bytes) -> Iterator[Call]:
        """Calls of *name*."""
        text = self.text
        for start in occurrences(text, name):
            end = start + len(name)
            opening = _OPEN.match(text, end)
            arguments = self.split(opening.end()) if opening is not None else None
            if arguments is not None:
                yield Call(start, end, arguments[-1][1] + 1, tuple(arguments))

    def split(self, inside: int) -> list[tuple[int, int]] | None:
        """The comma-separated pieces from *inside* a parenthesis to its end, None without one in reach."""
        depth = 0
        pieces = []
        start = inside
        for match in _INSIDE.finditer(self.text, inside, inside + _REACH):
            what = match[0]
            if what in b"([{":
                depth += 1
            elif what in b")]}":
                if depth == 0:
                    pieces.append((start, match.start()))
                    return pieces
                depth -= 1
            elif what == b";":
                if depth == 0:
                    return None
            elif depth == 0:
                pieces.append((start, match.start()))
                start = match.end()
        return None

    def statement_start(self, offset: int) -> int:
        """Where the statement that holds *offset* begins, at most 400 bytes before it."""
        floor = max(0, offset - 400)
        text = self.text
        return max(floor, *(text.rfind(mark, floor, offset) + 1 for mark in (b";", b"{", b"}")))

    def is_defined_at(self, offset: int) -> bool:
        """Whether *offset* is that of the name a `#define` gives a meaning: there it is no use of what it names."""
        directive = self.directives.at(offset)
        return directive is not None and directive.word == "define" and not self.text[directive.body : offset].strip()

    def dimension(self, name: bytes, offset: int) -> bytes | None:
        """What the nearest `dim3` called *name* before *offset* is declared with, None without one in its function."""
        around = self.function_around(offset)
        found = None
        for start, declared in self.dimensions.get(name, ()):
            if start < offset and (around is None or start >= around.start):
                found = declared
        return found

    def value(self, text: bytes) -> int | None:
        """*text* as a constant expression over the file's constants, None when it is none."""
        return self.constants.evaluate(text)

    # ---- reporting

    def found(self, start: int, end: int, owner: str, name: str = "") -> Found:
        """A use of kind hazard at [start, end); *name* is what people read, the source's own text by default."""
        from migrate.parse.uses import Found

        if not name:
            name = " ".join(self.text[start:end].replace(b"\\\n", b" ").decode("utf-8", "replace").split())
        if len(name) > 60:
            name = name[:59] + "…"
        directive = self.directives.at(start)
        function = side = define = ""
        if directive is None:
            function, side = self.finder.around(start)
        elif directive.word == "define":
            define = directive.name.decode("utf-8", "replace")
        key = (name, owner, function, side, define, self.directives.condition(start))
        shape = self._shapes.get(key)
        if shape is None:
            shape = self._shapes[key] = Shape(name, "hazard", "hazard", owner, function, side, define, key[-1])
        return Found(start, end, shape)
