"""Edits as values: which fixes go together, the bytes they make, and what two rounds of them come to.

An edit replaces a range of bytes, an insertion has an empty range. Edits of one text are sorted and do not overlap;
where an insertion stands at the start of a replaced range it comes first, at its end last.
"""

from __future__ import annotations

from bisect import bisect_left
from typing import TYPE_CHECKING, NamedTuple

from migrate.model import Edit

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from migrate.model import Fix


class Choice(NamedTuple):
    """Fixes that can be applied together, and those that must wait for another round."""

    edits: tuple[Edit, ...]  # of all chosen fixes, sorted
    chosen: tuple[int, ...]  # numbers of the fixes, ascending
    waiting: tuple[int, ...]


def choose(fixes: Sequence[Fix]) -> Choice:
    """The fixes that do not get into each other's way, first come first served; a fix goes whole or not at all.

    Two fixes conflict when an edit of one overlaps an edit of the other, or both insert at one place, because then
    their order would be a guess.
    """
    taken: list[Edit] = []  # sorted by (start, end)
    chosen: list[int] = []
    waiting: list[int] = []
    for number, fix in enumerate(fixes):
        if any(_collides(taken, edit) for edit in fix.edits):
            waiting.append(number)
            continue
        chosen.append(number)
        for edit in fix.edits:
            if taken and (edit.start, edit.end) < (taken[-1].start, taken[-1].end):
                taken.insert(bisect_left(taken, (edit.start, edit.end), key=_place), edit)
            else:
                taken.append(edit)
    return Choice(tuple(taken), tuple(chosen), tuple(waiting))


def _place(edit: Edit) -> tuple[int, int]:
    return edit.start, edit.end


def _collides(taken: list[Edit], edit: Edit) -> bool:
    """Whether *edit* overlaps one of *taken*; only its neighbours can, since those do not overlap each other."""
    if not taken or taken[-1].end < edit.start:
        return False
    index = bisect_left(taken, (edit.start, edit.end), key=_place)
    return any(overlap(other, edit) for other in taken[max(0, index - 2) : index + 2])


def overlap(first: Edit, second: Edit) -> bool:
    """Whether two edits cannot be applied together: their ranges share a byte, or nobody knows which comes first."""
    if first.start == first.end and second.start == second.end:
        return first.start == second.start
    if first.start == first.end:
        return second.start < first.start < second.end
    if second.start == second.end:
        return first.start < second.start < first.end
    return first.start < second.end and second.start < first.end


def apply(data: bytes, edits: Iterable[Edit]) -> bytes:
    """*data* with *edits*, which are sorted and do not overlap.

    Raises:
        ValueError: they are not sorted, overlap, or reach beyond the data; a fault of whoever made them.
    """
    pieces: list[bytes] = []
    position = 0
    for start, end, text in edits:
        if not position <= start <= end <= len(data):
            raise ValueError(f"edit {start}..{end} is out of order (at {position} of {len(data)} bytes)")
        pieces += (data[position:start], text)
        position = end
    pieces.append(data[position:])
    return b"".join(pieces)


def origin(edits: Iterable[Edit], offset: int) -> int:
    """Where *offset* of the text that sorted *edits* make stands in the original; the edit's start for new text."""
    shift = 0
    for start, end, text in edits:
        if offset < start + shift:
            break
        if offset < start + shift + len(text):
            return start
        shift += len(text) - (end - start)
    return offset - shift


def compose(first: Sequence[Edit], second: Sequence[Edit], middle: bytes) -> tuple[Edit, ...]:
    """The edits of the original text that do what *first* and then *second*, edits of first's result, do.

    Args:
        first: edits of the original text.
        second: edits of *middle*.
        middle: what *first* made of the original text.

    Returns:
        Sorted edits; those that touch each other come out as one.
    """
    if not second:
        return tuple(first)
    # Every edit as a range of the middle text and by how much the original differs in length there.
    blocks: list[tuple[int, int, int, Edit | None]] = []
    shift = 0
    for edit in first:
        start = edit.start + shift
        grown = len(edit.text) - (edit.end - edit.start)
        blocks.append((start, start + len(edit.text), grown, None))
        shift += grown
    blocks += [(edit.start, edit.end, 0, edit) for edit in second]
    blocks.sort(key=lambda block: block[:2])
    result: list[Edit] = []
    shift = 0  # middle = original + shift before the cluster
    index = 0
    while index < len(blocks):
        low, high, grown, later = blocks[index]
        inner = [later] if later is not None else []
        index += 1
        while index < len(blocks) and blocks[index][0] <= high:
            _, end, more, later = blocks[index]
            high = max(high, end)
            grown += more
            inner += [later] if later is not None else []
            index += 1
        text = apply(middle[low:high], [Edit(e.start - low, e.end - low, e.text) for e in inner])
        result.append(Edit(low - shift, high - shift - grown, text))
        shift += grown
    return tuple(result)
