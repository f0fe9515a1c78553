"""Results as bytes: how they travel between processes, rest in the cache and stay in memory.

A result in this form is a tenth of the objects it stands for, and reading it back costs no more than the parts asked
for. The bytes are those of `marshal`, which other versions of Python may not read: keys and version checks hold
`FORMAT`.
"""

from __future__ import annotations

import marshal
import zlib
from array import array
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from functools import partial
from itertools import accumulate, compress
from itertools import count as count_from
from operator import sub
from sys import intern
from typing import TYPE_CHECKING, Any, NamedTuple, overload

from migrate.model import FileResult, LaunchText, Shape, Span, Suppression, Use

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from migrate.analysis import Look
    from migrate.parse.macros import FileMacros

#: Changes whenever these bytes are read differently.
FORMAT = f"3.{marshal.version}"

_use: Callable[[tuple[Any, ...]], Use] = partial(tuple.__new__, Use)  # `Use._make` without its Python frame
_shape: Callable[[tuple[Any, ...]], Shape] = partial(tuple.__new__, Shape)

#: Bytes of a number by the type code of its array.
_ITEM_SIZES = {code: array(code).itemsize for code in "bhiq"}

#: One for all files without launches; nobody writes to a result.
_NO_LAUNCHES: dict[int, LaunchText] = {}


#: More bytes of numbers than this are deflated, to about a third: 100,000 files must fit a laptop's memory.
_DEFLATED = 100

#: What begins a deflated text, and no array's type code does.
_DEFLATE_MARK = 0x78


class Uses(Sequence[Use]):
    """The uses of one file: a tuple of `Use` that keeps numbers as bytes, some 4 a use instead of 200."""

    __slots__ = ("_all", "_blob", "_count", "shapes")

    def __init__(self, shapes: tuple[Shape, ...], count: int, blob: bytes) -> None:
        self.shapes = shapes  # distinct ones, in the order of their first use
        self._all: tuple[Shape | None, ...] = shapes  # those of *blob*; None for one that was dropped
        self._count = count
        # The number of uses of each shape; then, deflated when they are many, of all uses start, length, line, column
        # and place in *shapes*, starts and lines as distances from the one before. Each array after its type code.
        self._blob = blob

    def counts(self) -> Iterable[int]:
        """How often each of `shapes` occurs."""
        return compress(_array(memoryview(self._blob), len(self._all))[0], self._all)

    def _columns(self) -> list[list[int]]:
        """Starts, lengths, lines, columns and places in `shapes`."""
        numbers, rest = _array(memoryview(self._blob), len(self._all))
        count = sum(numbers)
        if rest[0] == _DEFLATE_MARK:
            rest = memoryview(zlib.decompress(rest))
        columns = []
        for _ in range(5):
            numbers, rest = _array(rest, count)
            columns.append(numbers.tolist())
        columns[0] = list(accumulate(columns[0]))
        columns[2] = list(accumulate(columns[2]))
        if len(self._all) == len(self.shapes):
            return columns
        places = dict(zip(compress(count_from(), self._all), count_from()))
        kept = [place in places for place in columns[4]]
        columns = [list(compress(column, kept)) for column in columns]
        return [*columns[:4], [places[place] for place in columns[4]]]

    @classmethod
    def _made(cls, shapes: tuple[Shape, ...], columns: list[list[int]]) -> Uses:
        starts, lengths, lines, line_columns, places = columns
        rest = b"".join(map(_narrow, (_distances(starts), lengths, _distances(lines), line_columns, places)))
        if len(rest) > _DEFLATED:
            rest = min(zlib.compress(rest, 1), rest, key=len)
        occurs = Counter(places)
        return cls(shapes, len(starts), _narrow([occurs[place] for place in range(len(shapes))]) + rest)

    @classmethod
    def of(cls, uses: Sequence[Use]) -> Uses:
        """*uses* in this form."""
        if type(uses) is Uses:
            return uses
        places: dict[Shape, int] = {}
        for use in uses:
            places.setdefault(use.shape, len(places))
        columns: list[list[int]] = [[use[column] for use in uses] for column in range(4)]  # type: ignore[misc]
        return cls._made(tuple(places), [*columns, [places[use.shape] for use in uses]])

    def without(self, dropped: set[Shape]) -> Uses:
        """The uses of all other shapes; the same object when there is nothing to drop."""
        if dropped.isdisjoint(self.shapes):
            return self
        left = Uses(tuple(shape for shape in self.shapes if shape not in dropped), 0, self._blob)
        left._all = tuple(None if shape in dropped else shape for shape in self._all)
        left._count = sum(left.counts())
        return left

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[Use]:
        *numbers, places = self._columns()
        return map(_use, zip(*numbers, map(self.shapes.__getitem__, places), strict=True))

    @overload
    def __getitem__(self, index: int) -> Use: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[Use, ...]: ...
    def __getitem__(self, index: int | slice) -> Use | tuple[Use, ...]:
        return tuple(self)[index]

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Uses):
            return self.shapes == other.shapes and self._columns() == other._columns()
        return tuple(self) == other if isinstance(other, tuple) else NotImplemented

    def __hash__(self) -> int:
        return hash(tuple(self))

    def __repr__(self) -> str:
        return repr(tuple(self))


def _distances(numbers: list[int]) -> list[int]:
    """Each number's distance from the one before, the first from 0."""
    return list(map(sub, numbers, [0, *numbers]))


def _narrow(numbers: list[int]) -> bytes:
    """*numbers* as an array of as few bytes each as hold them all, after its type code."""
    for code in "bhi":
        with suppress(OverflowError):
            return code.encode() + array(code, numbers).tobytes()
    return b"q" + array("q", numbers).tobytes()


def _array(data: memoryview, count: int) -> tuple[memoryview, memoryview]:
    """The array of *count* numbers at the beginning of *data*, and what follows."""
    code = chr(data[0])
    end = 1 + count * _ITEM_SIZES[code]
    return data[1:end].cast(code), data[end:]  # type: ignore[call-overload]


class Seen(NamedTuple):
    """A first look as it is kept: as `analysis.Look`, words and macros still packed."""

    state: str
    reason: str
    size: int
    digest: str
    words: bytes  # joined by blanks
    macros: bytes  # for `macros_of`; empty when the file defines none
    suppressions: tuple[tuple[Any, ...], ...]
    includes: tuple[str, ...]


def shapes_of(result: FileResult) -> tuple[Shape, ...]:
    """The distinct shapes of a result's uses."""
    uses = result.uses
    # Not `isinstance`, which asks a tuple's class at length, and most files have none.
    return uses.shapes if type(uses) is Uses else tuple(dict.fromkeys(use.shape for use in uses))


def counts(uses: Sequence[Use]) -> Iterator[tuple[Shape, int]]:
    """The distinct shapes of a file's uses, each with how often it occurs."""
    if type(uses) is not Uses and not uses:
        return iter(())
    packed = Uses.of(uses)
    return zip(packed.shapes, packed.counts(), strict=True)


def pack_look(look: Look) -> bytes:
    """A first look as bytes."""
    macros = b""
    if look.macros is not None and any(look.macros):
        macros = marshal.dumps(tuple(look.macros))
    suppressions: Any = tuple(map(tuple, look.suppressions))
    words = b" ".join(look.words)
    return marshal.dumps(
        (look.state, look.reason, look.size, look.digest, words, macros, suppressions, tuple(look.includes))
    )


def unpack_look(blob: bytes) -> Seen:
    """What `pack_look` packed."""
    return Seen(*marshal.loads(blob))  # noqa: S302 - made by us, its digest checked


def suppressions_of(seen: Seen) -> tuple[Suppression, ...]:
    """The comments of a file whose state was final at first sight."""
    return tuple(map(Suppression._make, seen.suppressions))


def macros_of(blob: bytes) -> FileMacros:
    """What the macros of a file say; *blob* is from `Seen`."""
    from migrate.parse.macros import FileMacros

    return FileMacros(*marshal.loads(blob))  # noqa: S302 - made by us, its digest checked


def pack(result: FileResult) -> bytes:
    """A file's result as bytes; its path, which is none of its content, stays behind."""
    uses = Uses.of(tuple(result.uses))  # without what was dropped
    return marshal.dumps(
        (
            result.state,
            result.reason,
            result.language,
            result.size,
            result.lines,
            result.encoding,
            result.digest,
            tuple(map(tuple, uses.shapes)),
            uses._count,  # noqa: SLF001 - the same module
            uses._blob,  # noqa: SLF001
            {start: tuple(launch) for start, launch in result.launches.items()},
            tuple(map(tuple, result.gaps)),
            tuple(sorted(result.declared)),
            tuple(map(tuple, result.suppressions)),
        )
    )


def unpack(blob: bytes, path: str, known: dict[Any, Shape]) -> FileResult:
    """What `pack` packed, as the result of *path*; *known* keeps equal shapes of all files one object."""
    (
        state, reason, language, size, lines, encoding, digest, written, count, numbers, launches, gaps, declared,
        suppressions,
    ) = marshal.loads(blob)  # noqa: S302 - made by us, its digest checked  # fmt: skip
    shapes = []
    for item in written:
        shape = known.get(item)
        if shape is None:
            shape = _shape((*map(intern, item[:-1]), item[-1]))  # all but the last are words, mostly known ones
            known[shape] = shape
        shapes.append(shape)
    return FileResult(
        path,
        state,
        reason,
        language,
        size,
        lines,
        encoding,
        digest,
        "",
        Uses(tuple(shapes), count, numbers) if written else (),
        {start: LaunchText(*launch) for start, launch in launches.items()} if launches else _NO_LAUNCHES,
        tuple(map(Span._make, gaps)),
        frozenset(declared),
        tuple(map(Suppression._make, suppressions)),
    )
