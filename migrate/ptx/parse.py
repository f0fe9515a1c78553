r"""PTX text → instructions: what stands in asm templates, in modules kept in strings, and in `.ptx` files.

Text is taken as it stands in a C literal, so `\n` may be two bytes. A byte `MARKER` stands where a macro's text goes
that cannot be read. Every search goes on where the last one ended: hostile text costs linear time.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

#: Stands in a joined template for what a macro puts there.
MARKER = b"\x01"

#: What may stand before an instruction: blanks, braces, comments, directives, labels and a guard `@!p`.
_LEAD = re.compile(
    rb"(?:\s+|\\(?:\r?\n|[nrtvf])|[{};]|//[^\n]*?(?:\\n|\n|$)|/\*.*?(?:\*/|\Z)|\.(?:loc|file)\b[^\n\\]*|\.\w[^;]*;"
    rb"|@!?%{0,2}[$\w]+|[$\w%=]+:(?!:))+",
    re.DOTALL,
)
_MNEMONIC = re.compile(rb"[a-z][a-z0-9_]*(?:(?:\.|::)\w+)*")
_COMMENT = re.compile(rb"//[^\n]*?(?:\\n|\n|$)|/\*.*?(?:\*/|\Z)", re.DOTALL)
_TO_SEMICOLON = re.compile(rb"(?:[^;/]|//[^\n]*?(?:\\n|\n|$)|/\*.*?(?:\*/|\Z)|/)*", re.DOTALL)
_BLANK = re.compile(rb"(?:\s|\\(?:\r?\n|[nrtvf]))+")

#: Special registers by name (PTX ISA, Special Registers); vectors take a component.
_SPECIAL = re.compile(
    rb"%%?((?:tid|ntid|ctaid|nctaid|clusterid|nclusterid|cluster_ctaid|cluster_nctaid)(?:\.[xyzw])?"
    rb"|laneid|warpid|nwarpid|smid|nsmid|gridid|is_explicit_cluster|cluster_ctarank|cluster_nctarank|lanemask_(?:eq|le|lt|ge|gt)"
    rb"|clock(?:_hi|64)?|pm\d+(?:_64)?|envreg\d+|globaltimer(?:_lo|_hi)?|total_smem_size|aggr_smem_size|dynamic_smem_size"
    rb"|reserved_smem_offset_\w+|current_graph_exec)(?![\w.])|\b(WARP_SZ)\b"
)

#: A function of a module, up to what follows its name.
_FUNCTION = re.compile(rb"\.(?:entry|func)\b(?:\s|\\[nrt])*(?:\([^(){};]*\)(?:\s|\\[nrt])*)?([$\w%]+)")
_BRACES = re.compile(rb"[{}]")
_BODY = re.compile(rb"[{;]")

#: What opens a PTX module in a string or file.
MODULE = re.compile(rb"\.version(?:\s|\\[nrt])+\d[\s\S]{0,400}?\.target(?:\s|\\[nrt])+sm_")


class Instruction(NamedTuple):
    """One instruction; offsets into the text it was read from, half-open."""

    start: int  # of the mnemonic
    end: int
    stop: int  # where its operands end
    mnemonic: str  # opcode and modifiers, "" when it begins with a macro
    register: str  # the special register it reads: %laneid, %tid.x, WARP_SZ; "" for none
    guarded: bool  # runs under a predicate


def instructions(code: bytes, start: int = 0, end: int | None = None) -> Iterator[Instruction]:
    """The instructions of PTX text between *start* and *end*, in order; what cannot be read is passed over."""
    size = len(code) if end is None else end
    position = start
    while position < size:
        lead = _LEAD.match(code, position, size)
        begin = lead.end() if lead is not None else position
        if begin >= size:
            return
        mnemonic = _MNEMONIC.match(code, begin, size)
        head = mnemonic.end() if mnemonic is not None else begin
        stop = code.find(b";", head, size)
        if stop < 0:
            stop = size
        if code.find(b"/", head, stop) >= 0:
            through = _TO_SEMICOLON.match(code, head, size)
            stop = through.end() if through is not None else stop
        guarded = lead is not None and code.find(b"@", position, begin) >= 0
        if mnemonic is not None:
            register = ""
            if code.startswith(b"mov", begin):
                special = _SPECIAL.search(code, head, stop)
                if special is not None:
                    register = "WARP_SZ" if special[2] else "%" + special[1].decode()
            yield Instruction(begin, head, stop, mnemonic[0].decode(), register, guarded)
        elif code.startswith(MARKER, begin):
            yield Instruction(begin, begin, stop, "", "", guarded)
        position = stop + 1


def first_mnemonic(code: bytes) -> str:
    """The first instruction of PTX text, "" when it starts with something else (a macro's piece, a comment only)."""
    lead = _LEAD.match(code)
    match = _MNEMONIC.match(code, lead.end() if lead else 0)
    return match[0].decode() if match else ""


def says_something(code: bytes) -> bool:
    """Whether anything is left of an asm text behind its comments, declarations and labels."""
    lead = _LEAD.match(code)
    return bool(code[lead.end() :] if lead else code)


def operands(code: bytes, instruction: Instruction) -> list[str]:
    """The operands of *instruction* as written, comments and blanks at their ends left out; vectors stay in braces."""
    text = _COMMENT.sub(b" ", code[instruction.end : instruction.stop])
    text = _BLANK.sub(b" ", text).strip()
    if not text:
        return []
    pieces, depth, first = [], 0, 0
    for at, byte in enumerate(text):
        if byte in b"{[(":
            depth += 1
        elif byte in b"}])":
            depth -= 1
        elif byte == 44 and depth == 0:
            pieces.append(text[first:at])
            first = at + 1
    pieces.append(text[first:])
    return [piece.strip().decode("utf-8", "replace") for piece in pieces]


def functions(code: bytes) -> Iterator[tuple[str, int, int]]:
    """Name, start and end of the body of every function that a PTX module defines."""
    if b"/" in code:
        code = _COMMENT.sub(lambda comment: b" " * len(comment[0]), code)
    position = 0
    while (function := _FUNCTION.search(code, position)) is not None:
        position = function.end()
        body = _BODY.search(code, position)
        if body is None:
            return
        position = body.end()
        if body[0] == b";":
            continue  # declared, not defined
        depth = 1
        end = len(code)
        for brace in _BRACES.finditer(code, position):
            depth += 1 if brace[0] == b"{" else -1
            if depth == 0:
                end = brace.start()
                break
        yield function[1].decode("utf-8", "replace"), position, end
        position = end
