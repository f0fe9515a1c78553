"""One source as the analysis sees it: its view, directives, launches and tree, and the uses found in it so far."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from migrate.model import LaunchText, Shape, Span
from migrate.parse.directives import Directives
from migrate.parse.launches import find_launches
from migrate.parse.mask import mask
from migrate.parse.tree import FunctionRange, SyntaxTree
from migrate.parse.trim import trim
from migrate.parse.view import make_view
from migrate.parse.words import words_of

if TYPE_CHECKING:
    from migrate.model import Launch
    from migrate.parse.macros import Learned
    from migrate.parse.tree import Position
    from migrate.parse.view import View
    from migrate.tables.inventory import Inventory

#: A hit this near an error makes the second, repaired parse worth its time (PARSING: all but 8 % of affected hits).
NEAR_ERROR = 200

#: Sources longer than this are answered from tokens alone, as those that nest too deeply are: the grammar needs 70
#: bytes of memory a byte.
PARSE_LIMIT = 4_000_000

#: A lambda that says where it runs: `[=] __device__ (int i) {`.
_DEVICE_LAMBDA = re.compile(rb"\]\s*(?:\([^()]*\)\s*)?(?:__host__\s*)?(?:__device__|[A-Z]\w*(?:DEVICE|HD)\w*)")
_DEVICE = (b"__global__", b"__device__")


class Found(NamedTuple):
    """One use before lines and columns are known; byte offsets, half-open."""

    start: int
    end: int
    shape: Shape


@dataclass(slots=True)
class FileUses:
    """What one source holds."""

    uses: list[Found] = field(default_factory=list)
    launches: dict[int, LaunchText] = field(default_factory=dict)  # by start of the launch use
    gaps: list[Span] = field(default_factory=list)
    declared: set[str] = field(default_factory=set)
    mapped: int = 0  # CUDA names that the file defines as macros: a compatibility map


class ParsedFile:
    """The state of one file's analysis: text, directives, tree and uses, for those that look further (hazards)."""

    def __init__(
        self, source: bytes, words: set[bytes], inventory: Inventory, learned: Learned, result: FileUses
    ) -> None:
        self.source = source
        self.words = words
        self.inventory = inventory
        self.learned = learned
        self.result = result
        self.view: View = make_view(source)
        self.text = self.view.text
        self.directives = Directives(self.text)
        self.launches: list[Launch] = find_launches(self.text)
        self.said: set[bytes] = words_of(self.text)  # all words of the view
        # Macros that say where code runs and that the mask leaves alone: they hold a type, too.
        self._marks = (learned.device - learned.attributes - learned.with_arguments) & self.said
        self._tree: SyntaxTree | None = None
        self._hits: list[int] | None = None  # sorted starts of the hits, until the tree is asked for
        self._told: dict[int, Position] = {}  # what needs no tree, by start
        self._asked: list[int] = []  # those of them that only the tree can judge, sorted
        self.taken: set[int] = set()  # starts of words that belong to a longer use
        self.local: set[str] = set()  # names the file declares as variables or parameters
        self.shapes: dict[tuple[object, ...], Shape] = {}
        self.strong_use = False
        self.named = True  # whether uses say in which function they stand: that takes the tree of nearly every file
        self._qualifiers: list[tuple[int, bytes]] = []  # those that say where code runs, with their starts, sorted
        self._ranges: list[FunctionRange] = []
        self._function_starts: list[int] = []
        self._outer: list[int] = []  # for each function, the index of the one around it, -1 at file level
        self._described: dict[int, tuple[str, str]] = {}

    @property
    def tree(self) -> SyntaxTree | None:
        """The tree, parsed when first asked for: many headers hold CUDA in directives only; None: tokens must do."""
        if self._hits is not None:
            starts, self._hits = self._hits, None
            self._parse(starts)
        return self._tree

    @property
    def _functions(self) -> list[FunctionRange]:
        """The function definitions of the tree."""
        return self._ranges if self.tree is not None else []

    def _parse(self, starts: list[int]) -> None:
        if len(self.text) > PARSE_LIMIT:
            self.result.gaps = [Span(0, len(self.text))]
            return
        masked, qualifiers = mask(self.view, self.launches, self.learned, self.said, self.directives)
        self._qualifiers = [(span.start, name) for span, name in qualifiers]
        lambdas = [found.end() for found in _DEVICE_LAMBDA.finditer(self.text)]
        masked = trim(masked, sorted([*self._asked, *lambdas]), self.directives.all)
        tree = SyntaxTree(masked)
        if any(tree.is_deep(start) for start in starts[::32]):
            self.result.gaps = [Span(0, len(self.text))]
            return
        if tree.errors and _near(starts, tree.errors):
            from migrate.parse.repair import stage_b  # only files with errors near a hit need it

            repaired = stage_b(masked, self.learned)
            if repaired != masked:
                second = SyntaxTree(repaired)
                if second.error_bytes() <= tree.error_bytes():
                    tree = second
        self._tree = tree
        self._ranges = tree.functions(lambdas=bool(lambdas))
        self._function_starts = [function.start for function in self._ranges]
        self._outer = _enclosing(self._ranges)
        # Only gaps that hold a hit change an answer; the rest of the file's errors are of no concern.
        self.result.gaps = [error for error in tree.errors if _holds(starts, error)]
        self._gap_starts = [gap.start for gap in self.result.gaps]

    def function_at(self, offset: int) -> tuple[str, str]:
        """Name and side of the function that *offset* lies in, ("", "") at file level."""
        functions = self._functions
        index = bisect_right(self._function_starts, offset) - 1
        while index >= 0 and offset >= functions[index].end:
            index = self._outer[index]
        return self._describe(index)

    def around(self, offset: int) -> tuple[str, str]:
        """What a use at *offset* says of its function: as `function_at`, ("", "") where nobody asked."""
        return self.function_at(offset) if self.named else ("", "")

    def described_functions(self) -> list[tuple[int, int, int, str, str]]:
        """Start, end, start of the body, name and side of every function definition, in order; lambdas are left out."""
        return [
            (function.start, function.end, function.body, *self._describe(index))
            for index, function in enumerate(self._functions)
            if self.text[function.start : function.start + 1] != b"["
        ]

    def _describe(self, index: int) -> tuple[str, str]:
        """Name and side of a function; what a lambda or a method does not say itself, the function around it says."""
        inside = []  # lambdas may be nested as deep as the stack of Python is not
        while index >= 0 and index not in self._described:
            inside.append(index)
            index = self._outer[index]
        name, side = self._described.get(index, ("", ""))
        for index in reversed(inside):
            function = self._functions[index]
            assert self.tree is not None
            name = self.tree.function_name(function) or name
            side = self._side(function) or side or "host"
            self._described[index] = (name, side)
        return name, side

    def _side(self, function: FunctionRange) -> str:
        """Host or device, from the qualifiers before a function's body; blank in the tree, the mask noted them."""
        start = function.start
        if self.text[start : start + 1] != b"[":
            floor = max(0, start - 2000)
            floor = max(floor, *(self.text.rfind(mark, floor, start) + 1 for mark in (b";", b"}", b"{")))
            start = max(floor, self.directives.last_end(start))
        first = bisect_left(self._qualifiers, (start, b""))
        last = bisect_left(self._qualifiers, (function.body, b""), first)
        names = {name for _, name in self._qualifiers[first:last]}
        if self._marks:
            names |= self._marks & words_of(self.text[start : function.body])
        device = not names.isdisjoint(_DEVICE) or not self.learned.device.isdisjoint(names)
        host = b"__host__" in names or not self.learned.host.isdisjoint(names)
        if device:
            return "host device" if host else "device"
        return "host" if host else ""

    def _emit(
        self, start: int, end: int, name: str, kind: str, library: str, *, owner: str = "", strong: bool = True
    ) -> None:
        if strong:
            self.strong_use = True
        function, side, define = "", "", ""
        directive = self.directives.at(start)
        if directive is not None:
            define = directive.name.decode("utf-8", "replace") if directive.word == "define" else ""
        else:
            function, side = self.around(start)
        gap = False
        if self.result.gaps:
            gap = self._in_gap(start)
        key = (name, kind, library, owner, function, side, define, condition := self.directives.condition(start), gap)
        shape = self.shapes.get(key)
        if shape is None:
            shape = self.shapes[key] = Shape(name, kind, library, owner, function, side, define, condition, gap)
        self.result.uses.append(Found(start, end, shape))

    def _in_gap(self, start: int) -> bool:
        gaps = self.result.gaps
        if self.tree is None:
            return True
        index = bisect_right(self._gap_starts, start) - 1
        steps = 0
        while index >= 0 and steps < 50:
            if start < gaps[index].end:
                return True
            index -= 1
            steps += 1
        return False


def _enclosing(functions: list[FunctionRange]) -> list[int]:
    """For each of the sorted, properly nested *functions*, the index of the innermost one around it, -1 without one."""
    outer = []
    stack: list[int] = []
    for index, function in enumerate(functions):
        while stack and functions[stack[-1]].end <= function.start:
            stack.pop()
        outer.append(stack[-1] if stack else -1)
        stack.append(index)
    return outer


def _near(starts: list[int], errors: list[Span]) -> bool:
    """Whether any of the sorted *starts* lies within NEAR_ERROR bytes of an error."""
    for error in errors:
        index = bisect_right(starts, error.start - NEAR_ERROR)
        if index < len(starts) and starts[index] <= error.end + NEAR_ERROR:
            return True
    return False


def _holds(starts: list[int], span: Span) -> bool:
    """Whether any of the sorted *starts* lies in *span*."""
    index = bisect_right(starts, span.start - 1)
    return index < len(starts) and starts[index] < span.end
