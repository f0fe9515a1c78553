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
from functools import partial
from itertools import compress
from sys import intern
from typing import TYPE_CHECKING, Any, NamedTuple, overload

from migrate.model import FileResult, LaunchText, Shape, Span, Suppression, Use

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from migrate.analysis import Look
    from migrate.parse.macros import FileMacros

#: Changes whenever these bytes are read differently.
FORMAT = f"2.{marshal.version}"

_use: Callable[[tuple[Any, ...]], Use] = partial(tuple.__new__, Use)  # `Use._make` without its Python frame
_shape: Callable[[tuple[Any, ...]], Shape] = partial(tuple.__new__, Shape)

#: One for all files without launches; nobody writes to a result.
_NO_LAUNCHES: dict[int, LaunchText] = {}


#: More bytes of numbers than this are deflated, to about a quarter: 100,000 files must fit a laptop's memory.
_DEFLATED = 400


class Uses(Sequence[Use]):
    """The uses of one file: a tuple of `Use` that keeps numbers as bytes, some 5 a use instead of 200."""

    __slots__ = ("_blob", "_count", "shapes")

    def __init__(self, shapes: tuple[Shape, ...], count: int, blob: bytes) -> None:
        self.shapes = shapes  # distinct ones, in the order of their first use
        self._count = count
        # Of all uses start, then length, line, column and place in *shapes*; 4 bytes each, deflated when they are many.
        self._blob = blob

    @property
    def _numbers(self) -> memoryview:
        blob = self._blob
        if len(blob) != 20 * self._count:
            blob = zlib.decompress(blob)
        return memoryview(blob).cast("I")

    @classmethod
    def of(cls, uses: Sequence[Use]) -> Uses:
        """*uses* in this form."""
        if isinstance(uses, Uses):
            return uses
        places: dict[Shape, int] = {}
        for use in uses:
            places.setdefault(use.shape, len(places))
        numbers = array("I")
        for column in range(4):
            numbers.extend([use[column] for use in uses])  # type: ignore[misc]  # the first four are numbers
        numbers.extend([places[use.shape] for use in uses])
        return cls(tuple(places), len(uses), _deflated(numbers.tobytes()))

    def places(self) -> memoryview:
        """Of every use the place of its shape in `shapes`."""
        return self._numbers[4 * self._count :]

    def without(self, dropped: set[Shape]) -> Uses:
        """The uses of all other shapes; the same object when there is nothing to drop."""
        if dropped.isdisjoint(self.shapes):
            return self
        left = {place: shape for place, shape in enumerate(self.shapes) if shape not in dropped}
        renumbered = {place: number for number, place in enumerate(left)}
        count, numbers = self._count, self._numbers
        places = numbers[4 * count :].tolist()
        kept = [place in left for place in places]
        columns = array("I")
        for start in range(0, 4 * count, count):
            columns.extend(compress(numbers[start : start + count], kept))
        columns.extend([renumbered[place] for place in places if place in left])
        return Uses(tuple(left.values()), len(columns) // 5, _deflated(columns.tobytes()))

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[Use]:
        count, numbers = self._count, self._numbers
        columns = [numbers[start : start + count].tolist() for start in range(0, 5 * count, count or 1)]
        if not columns:
            return iter(())
        return map(_use, zip(*columns[:4], map(self.shapes.__getitem__, columns[4]), strict=True))

    @overload
    def __getitem__(self, index: int) -> Use: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[Use, ...]: ...
    def __getitem__(self, index: int | slice) -> Use | tuple[Use, ...]:
        return tuple(self)[index]

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Uses):
            return self.shapes == other.shapes and (self._blob == other._blob or self._numbers == other._numbers)
        return tuple(self) == other if isinstance(other, tuple) else NotImplemented

    def __hash__(self) -> int:
        return hash(tuple(self))

    def __repr__(self) -> str:
        return repr(tuple(self))


def _deflated(numbers: bytes) -> bytes:
    """*numbers*, deflated when they are many and that makes them less."""
    if len(numbers) <= _DEFLATED:
        return numbers
    smaller = zlib.compress(numbers, 1)
    return smaller if len(smaller) < len(numbers) else numbers


class Seen(NamedTuple):
    """A first look as it is kept: as `analysis.Look`, words and macros still packed."""

    state: str
    reason: str
    size: int
    digest: str
    words: bytes | None  # joined by blanks; None when forgotten
    macros: bytes  # for `macros_of`; empty when the file defines none
    suppressions: tuple[tuple[Any, ...], ...]
    includes: tuple[str, ...]


def shapes_of(result: FileResult) -> tuple[Shape, ...]:
    """The distinct shapes of a result's uses."""
    uses = result.uses
    return uses.shapes if isinstance(uses, Uses) else tuple(dict.fromkeys(use.shape for use in uses))


def counts(uses: Sequence[Use]) -> Iterator[tuple[Shape, int]]:
    """The distinct shapes of a file's uses, each with how often it occurs."""
    if not uses:
        return iter(())
    packed = Uses.of(uses)
    numbers = Counter(packed.places())
    return ((shape, numbers[place]) for place, shape in enumerate(packed.shapes))


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


def macros_of(seen: Seen) -> FileMacros:
    """What the macros of a file say."""
    from migrate.parse.macros import FileMacros

    return FileMacros(*marshal.loads(seen.macros))  # noqa: S302 - made by us, its digest checked


def pack(result: FileResult) -> bytes:
    """A file's result as bytes; its path, which is none of its content, stays behind."""
    uses = Uses.of(result.uses)
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
