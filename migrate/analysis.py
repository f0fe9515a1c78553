"""What one file comes to, in two pure steps that any process can do: a first look, then the analysis."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from migrate.model import FileResult, Use
from migrate.parse.suppress import suppressions
from migrate.source import Source, digest, unsupported_reason, word_reason

if TYPE_CHECKING:
    from migrate.model import Suppression
    from migrate.parse.macros import FileMacros, Learned
    from migrate.tables.inventory import Inventory

#: Languages whose files are analysed; others with CUDA words are named as not analysed yet.
ANALYSED = frozenset({"cuda", "c++", "other", "ptx"})

#: A file that defines so many of CUDA's names as macros maps CUDA to something else: it is half a port.
COMPATIBILITY_MAP = 10


#: State of a C++ file that holds CUDA's ordinary words only (float4, dim3): CUDA when a CUDA file includes it.
PERHAPS = "perhaps"

_LOCAL_INCLUDE = re.compile(rb'#[ \t]*include[ \t]*"([^"\n]+)"')


class Look(NamedTuple):
    """What the first look at a file's bytes says."""

    state: str  # final state, "" when the file is to be analysed, PERHAPS when that depends on others
    reason: str
    size: int  # bytes
    digest: str
    words: frozenset[bytes]  # its relevant words (`Inventory.relevant`)
    macros: FileMacros | None  # what its #define lines say, None when the file is no C++ text
    suppressions: tuple[Suppression, ...] = ()  # of a file whose state is final
    includes: frozenset[str] = frozenset()  # base names of the local headers that a CUDA file includes


def look(data: bytes, language: str, inventory: Inventory) -> Look:
    """Decides whether a file needs analysis and learns its macros."""
    from migrate.parse.macros import learn
    from migrate.parse.words import words_of

    size = len(data)
    reason = unsupported_reason(data)
    if reason:
        return Look("skipped", reason, size, digest(data), frozenset(), None)
    if language not in ANALYSED:
        reason = word_reason(data, language)
        return Look("not-analysed" if reason else "no-cuda", reason, size, digest(data), frozenset(), None)
    if language == "ptx":
        return Look("", "", size, digest(data), frozenset(), None)
    words = inventory.relevant(words_of(data))
    includes: frozenset[str] = frozenset()
    if language == "cuda":
        state = ""
        includes = frozenset(
            path.rpartition(b"/")[2].decode("utf-8", "replace") for path in _LOCAL_INCLUDE.findall(data)
        )
    elif inventory.is_candidate(words):
        state = ""
    else:
        state = PERHAPS if not words.isdisjoint(inventory.vector_types) else "no-cuda"
    kept = frozenset() if state == "no-cuda" else frozenset(words)
    own = suppressions(data) if state else ()
    return Look(state, "", size, digest(data), kept, learn(data), own, includes)


def analyse_bytes(
    path: str,
    language: str,
    data: bytes,
    inventory: Inventory,
    learned: Learned,
    words: frozenset[bytes] | None = None,
    *,
    cuda: bool = False,
    to_rewrite: bool = False,
    kernels: bool = True,
) -> FileResult:
    """The uses of CUDA in *data*, with lines and columns.

    Args:
        path: as shown.
        language: what its suffix says.
        data: the file's bytes.
        inventory: CUDA's own names.
        learned: the project's macros.
        words: the file's relevant words when they are known already (`Inventory.relevant`).
        cuda: the file is CUDA whatever its suffix.
        to_rewrite: only what edits rest on, in less time: of the hazards those that can be mended, no functions.
        kernels: say what each kernel computes, which only targets without CUDA's threads ask for.
    """
    from migrate.hazards import find_all, find_mendable, find_with_threads
    from migrate.parse.uses import find_uses, ptx_uses

    if language == "ptx":
        found = ptx_uses(data)
    else:
        found = find_uses(
            data,
            inventory,
            learned,
            cuda_file=cuda or language == "cuda",
            words=words,
            after=find_mendable if to_rewrite else find_all if kernels else find_with_threads,
            named=not to_rewrite,
        )
    source = Source(data)
    positions = source.positions([use.start for use in found.uses])
    uses = tuple(
        Use(use.start, use.end - use.start, line, column, use.shape)
        for use, (line, column) in zip(found.uses, positions, strict=True)
    )
    reason = source.encoding_note()
    if found.mapped >= COMPATIBILITY_MAP:
        reason = f"compatibility map: defines {found.mapped} of CUDA's names as macros"
    return FileResult(
        path,
        "analysed" if uses else "no-cuda",
        reason,
        language,
        len(data),
        source.line_count,
        source.encoding,
        digest(data),
        "",
        uses,
        found.launches,
        tuple(found.gaps),
        frozenset(found.declared),
        suppressions(data),
    )
