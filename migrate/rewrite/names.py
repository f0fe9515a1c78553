"""Names: the edit that turns one use of a CUDA name into the target's."""

from __future__ import annotations

from typing import TYPE_CHECKING

from migrate.model import Edit, Fix

if TYPE_CHECKING:
    from migrate.model import Answer, Use

#: Kinds of uses whose bytes are a name that a replacement can be written over.
RENAMED = frozenset({"call", "function", "type", "constant", "macro", "qualifier", "variable", "member", "namespace"})

_JOINTS = (b" ", b"\t", b"\r", b"\n", b"\\")


def rename(source: bytes, use: Use, answer: Answer) -> Fix | None:
    """The fix that writes *answer*'s replacement over *use*; None where nothing changes there.

    A name written through an alias or `using` (`cg::sync`, `BlockReduce` for `cub::BlockReduce`) changes in its last
    component
    only: its namespace is renamed where it is brought in.
    """
    if use.shape.kind not in RENAMED or not answer.replacement:
        return None
    start, end = use.start, use.start + use.length
    written = source[start:end]
    new = answer.replacement.encode()
    name = use.shape.name
    plain = written
    for joint in _JOINTS:
        plain = plain.replace(joint, b"")
    if "::" in name and plain != name.encode():
        last = name.rpartition("::")[2].encode()
        new = new.rpartition(b"::")[2]
        if not plain.endswith(last) or new == last or not written.endswith(last):
            return None
        start = end - len(last)
    elif plain != name.encode():
        return None  # the file is not the one that was scanned, or the use covers more than a name
    return Fix((Edit(start, end, new),), answer.fix)
