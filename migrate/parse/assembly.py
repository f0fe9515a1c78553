"""Inline PTX: asm blocks and PTX kept in string literals, one use a block."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from migrate.parse.words import close_round, occurrences

if TYPE_CHECKING:
    from collections.abc import Sequence

    from migrate.model import Span

KEYWORDS = (b"asm", b"__asm__", b"__asm")

_OPEN = re.compile(rb"(?:\s|\\\r?\n|\b(?:volatile|__volatile__|goto|inline)\b)*\(")
_SKIP = re.compile(
    rb"(?:\s|\\[nrt]|[{};]|//[^\n]*?(?:\\n|\n|$)|/\*.*?\*/|\.reg\b[^;]*;|\.shared\b[^;]*;|\.local\b[^;]*;|\.pragma\b[^;]*;|@!?%?\w+|[$\w%]+:(?!:))+", re.DOTALL
)
_MNEMONIC = re.compile(rb"[a-z][a-z0-9_]*(?:(?:\.|::)\w+)*")

#: PTX opcodes by their first component (PTX ISA 8.7, table of instructions), which tell PTX from host assembly.
OPCODES = frozenset(
    (
        "abs activemask add addc alloca and applypriority atom bar barrier bfe bfi bfind bmsk bra brev brkpt brx call clusterlaunchcontrol clz cnot copysign cos cp createpolicy "
        "cvt cvta discard div dp2a dp4a elect ex2 exit fence fma fns getctarank griddepcontrol isspacep istypep ld ldmatrix ldu lg2 lop3 mad mad24 madc mapa match max "
        "mbarrier membar min mma mov movmatrix mul mul24 multimem nanosleep neg not or pmevent popc prefetch prefetchu prmt rcp red redux rem ret rsqrt sad selp set "
        "setmaxnreg setp shf shfl shl shr sin slct sqrt st stackrestore stacksave stmatrix sub subc suld suq sured sust szext tanh tcgen05 tensormap testp tex tld4 trap "
        "txq vabsdiff vadd vmad vmax vmin vset vshl vshr vsub vote vabsdiff2 vabsdiff4 vadd2 vadd4 vavrg2 vavrg4 wgmma wmma xor"
    ).split()
)

#: Opcodes that need no type and are no instruction of the processors that hosts have (`mov`, `add`, `ret` alone are).
_BARE = frozenset({"activemask", "brkpt", "exit", "griddepcontrol", "trap"})

#: A block's first word is a literal, not a macro that may hold the instruction.
_LITERAL = re.compile(rb'(?:\s|\\\r?\n)*(?:u8|[LuU])?R?"')
#: A name in a block's template is a macro; prefixes and delimiters of literals touch a quote.
_NAME = re.compile(rb'(?<![\w"])[A-Za-z_]\w*(?![\w"])')

#: What opens a PTX module in a string or file.
MODULE = re.compile(rb"\.version\s+\d[\s\S]{0,200}?\.target\s+sm_")


class Block(NamedTuple):
    """One asm block; byte offsets, half-open."""

    start: int
    end: int
    mnemonic: str  # of its first instruction, "asm" when it cannot be read (made by macros)
    is_ptx: bool  # False when the first instruction is no PTX opcode


def blocks(source: bytes, text: bytes, literals: Sequence[Span]) -> list[Block]:
    """Every asm block of a source.

    Args:
        source: the bytes of the file.
        text: its view.
        literals: spans of the insides of its string literals, in order.
    """
    from bisect import bisect_left

    found = []
    starts = [literal.start for literal in literals]
    keywords = sorted((start, start + len(keyword)) for keyword in KEYWORDS for start in occurrences(text, keyword))
    for (start, after), (following, _) in zip(keywords, [*keywords[1:], (len(text), 0)]):
        opening = _OPEN.match(text, after, following)
        if opening is None:
            continue
        # No block holds another: without that bound, text full of openings would be walked again from each.
        inside = opening.end()
        end = close_round(text, inside - 1, min(100_000, following - inside + 1))
        if end < 0:
            end = min(following, inside + 200)
        # Instructions stand before the first colon, behind it are operands and clobbers.
        colon = text.find(b":", inside, end)
        stop = colon if colon >= 0 else end
        index = bisect_left(starts, inside)
        pieces = []
        while index < len(literals) and literals[index].start < stop:
            pieces.append(source[literals[index].start : literals[index].end])
            index += 1
        mnemonic = first_mnemonic(b" ".join(pieces)) if _LITERAL.match(text, inside) else ""
        if not mnemonic and not _NAME.search(text, inside, stop) and not _instruction(b" ".join(pieces)):
            continue  # a barrier for the compiler, `asm volatile("" ::: "memory")`, or a comment only
        opcode = mnemonic.partition(".")[0]
        is_ptx = opcode in OPCODES and ("." in mnemonic or mnemonic in _BARE)
        found.append(Block(start, end, mnemonic or "asm", is_ptx))
    return found


def _instruction(code: bytes) -> bytes:
    """What is left of an asm text behind its comments, declarations and labels."""
    skip = _SKIP.match(code)
    return code[skip.end() :] if skip else code


def first_mnemonic(code: bytes) -> str:
    """The first instruction of PTX text, "" when it starts with something else (a macro's piece, a comment only)."""
    skip = _SKIP.match(code)
    match = _MNEMONIC.match(code, skip.end() if skip else 0)
    return match[0].decode() if match else ""
