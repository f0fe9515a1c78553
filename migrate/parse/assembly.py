"""Inline PTX: asm blocks and PTX modules kept in string literals, with every instruction in them."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from typing import TYPE_CHECKING, NamedTuple

from migrate.model import Span
from migrate.parse.keywords import ASSEMBLY
from migrate.parse.words import close_round, occurrences
from migrate.ptx import groups
from migrate.ptx.parse import MARKER, MODULE, first_mnemonic, functions, instructions, says_something

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

__all__ = ["OPCODES", "Block", "Named", "blocks", "first_mnemonic", "modules"]

_OPEN = re.compile(rb"(?:\s|\\\r?\n|\b(?:volatile|__volatile__|goto|inline)\b)*\(")

#: PTX opcodes by their first component (PTX ISA 8.7, table of instructions), which tell PTX from host assembly.
OPCODES = frozenset(
    (
        "abs activemask add addc alloca and applypriority atom bar barrier bfe bfi bfind bmsk bra brev "
        "brkpt brx call clusterlaunchcontrol clz cnot copysign cos cp createpolicy cvt cvta discard div "
        "dp2a dp4a elect ex2 exit fence fma fns getctarank griddepcontrol isspacep istypep ld ldmatrix "
        "ldu lg2 lop3 mad mad24 madc mapa match max mbarrier membar min mma mov movmatrix mul mul24 "
        "multimem nanosleep neg not or pmevent popc prefetch prefetchu prmt rcp red redux rem ret rsqrt "
        "sad selp set setmaxnreg setp shf shfl shl shr sin slct sqrt st stackrestore stacksave stmatrix "
        "sub subc suld suq sured sust szext tanh tcgen05 tensormap testp tex tld4 trap txq vabsdiff vadd "
        "vmad vmax vmin vset vshl vshr vsub vote vabsdiff2 vabsdiff4 vadd2 vadd4 vavrg2 vavrg4 vmax2 "
        "vmax4 vmin2 vmin4 vset2 vset4 vsub2 vsub4 wgmma wmma xor"
    ).split()
)

#: Opcodes that need no type and are no instruction of the processors that hosts have (`mov`, `add`, `ret` alone are).
_BARE = frozenset({"activemask", "brkpt", "exit", "griddepcontrol", "trap"})

#: A name in a block's template is a macro; prefixes and delimiters of literals touch a quote.
_NAME = re.compile(rb'(?<![\w"])[A-Za-z_]\w*(?![\w"])')
#: Between two literals that are glued without a macro: blanks, and the delimiters of raw ones.
_GLUE = re.compile(rb'(?:\)[^()\\\s"]{0,16})?"(?:\s|\\\r?\n)*(?:(?:u8|[LuU])?"|(?:u8|[LuU])?R"[^()\\\s"]{0,16}\()')
_OPENING = re.compile(rb'(?:\s|\\\r?\n)*(?:u8|[LuU])?(?:R"[^()\\\s"]{0,16}\(|")')
_DIRECTIVE = re.compile(rb"\n[ \t]*#(?:\\\r?\n|[^\n])*")
_QUOTES = b'" \t\r\n\\'

#: Instructions looked at in one block or module.
_MOST = 20_000


class Named(NamedTuple):
    """The first instruction of a name in a block; byte offsets into the source, half-open."""

    start: int
    end: int
    mnemonic: str  # "asm" when it cannot be read (made by macros)
    register: str  # the special register it reads, "" for none


class Block(NamedTuple):
    """One asm block; byte offsets, half-open."""

    start: int
    end: int
    instructions: tuple[Named, ...]  # each name once
    is_ptx: bool  # False when the first instruction is no PTX opcode

    @property
    def mnemonic(self) -> str:
        """The name of the first instruction."""
        return self.instructions[0].mnemonic


def blocks(source: bytes, text: bytes, literals: Sequence[Span]) -> list[Block]:
    """Every asm block of a source.

    Args:
        source: the bytes of the file.
        text: its view.
        literals: spans of the insides of its string literals, in order.
    """
    found = []
    starts = [literal.start for literal in literals]
    keywords = sorted((start, start + len(keyword)) for keyword in ASSEMBLY for start in occurrences(text, keyword))
    for (start, after), (following, _) in zip(keywords, [*keywords[1:], (len(text), 0)], strict=False):
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
        last = index
        while last < len(literals) and literals[last].start < stop:
            last += 1
        joined = _Joined(source, text, literals[index:last], inside)
        found_here = joined.named(0, len(joined.code))
        # No opcode of PTX has an underscore; those of AMD's GPUs do.
        named = [one for one in found_here if "_" not in one.mnemonic.partition(".")[0]]
        if found_here and not named:
            continue
        if not named:
            if not _NAME.search(text, inside, stop) and not says_something(joined.code):
                continue  # a barrier for the compiler, `asm volatile("" ::: "memory")`, or a comment only
            named = [Named(start, end, "asm", "")]
        first = next((one.mnemonic for one in named if one.mnemonic != "asm"), "asm")
        is_ptx = first.partition(".")[0] in OPCODES and ("." in first or first in _BARE)
        unread = [Named(start, end, "asm", "") if one.mnemonic == "asm" else one for one in named]
        found.append(Block(start, end, tuple(unread), is_ptx))
    return found


def modules(source: bytes, text: bytes, literals: Sequence[Span]) -> Iterator[tuple[Span, list[Named]]]:
    """PTX modules kept in string literals: where each says its version, and the instructions of its functions."""
    starts = [literal.start for literal in literals]
    done = 0
    at = source.find(b".version")
    while at >= 0:
        index = bisect_right(starts, at) - 1
        if index >= 0 and literals[index].start >= done and at < literals[index].end:
            last = index + 1
            while last < len(literals) and _is_glued(text, literals[last - 1].end, literals[last].start):
                last += 1
            done = literals[last - 1].end
            joined = _Joined(source, text, literals[index:last], starts[index])
            opening = MODULE.search(joined.code)
            if opening is not None:
                head = joined.place(opening.start())
                named = [one for _, first, end in functions(joined.code) for one in joined.named(first, end)]
                yield Span(head, max(head + 1, min(joined.place(opening.end() - 1) + 1, literals[index].end))), named
        at = source.find(b".version", at + 8)


class _Joined:
    """Neighbouring literals as the compiler joins them; a marker stands for each macro between them."""

    def __init__(self, source: bytes, text: bytes, literals: Sequence[Span], start: int) -> None:
        parts: list[bytes] = []
        self._offsets: list[int] = []  # where each literal begins in the joined text
        self._starts = [literal.start for literal in literals]
        size = 0
        before = start
        for number, (first, end) in enumerate(literals):
            opened = number == 0 and (first == start or _OPENING.fullmatch(text, start, first) is not None)
            if not (opened or (number and _is_glued(text, before, first))):
                parts.append(MARKER)
                size += 1
            self._offsets.append(size)
            parts.append(source[first:end])
            size += end - first
            before = end
        self.code = parts[0] if len(parts) == 1 else b"".join(parts)

    def place(self, offset: int) -> int:
        """The source's offset of one in the joined text."""
        index = max(0, bisect_right(self._offsets, offset) - 1)
        return self._starts[index] + max(0, offset - self._offsets[index])

    def named(self, start: int, end: int) -> list[Named]:
        """The first instruction of each name between two offsets of the joined text."""
        found: dict[tuple[str, str], Named] = {}
        for count, one in enumerate(instructions(self.code, start, end)):
            name = (one.mnemonic, one.register)
            if name not in found:
                first = self.place(one.start)
                last = max(first + 1, self.place(one.end - 1) + 1)
                found[name] = Named(first, last, one.mnemonic or "asm", one.register)
            if count >= _MOST:
                break
        return list(found.values())


def _is_glued(text: bytes, end: int, start: int) -> bool:
    """Whether nothing but blanks stands between a literal that ends at *end* and the one that starts at *start*."""
    between = text[end:start]
    if b"#" in between:
        between = _DIRECTIVE.sub(b"", between)  # each branch of an #if holds whole instructions
    return not between.strip(_QUOTES) or _GLUE.fullmatch(between) is not None


def in_module(one: Named) -> str:
    """The owner of an instruction in a module, where no statement can be replaced."""
    part = "part" if groups.intrinsic(one.mnemonic, one.register) is not None else ""
    return f"{one.register} {part}".strip()


def file_instructions(code: bytes) -> Iterable[tuple[str, Named]]:
    """The instructions of a `.ptx` file with the function each stands in, each name once a function."""
    for function, start, end in functions(code):
        seen = set()
        for one in instructions(code, start, end):
            if one.mnemonic and (one.mnemonic, one.register) not in seen:
                seen.add((one.mnemonic, one.register))
                yield function, Named(one.start, one.end, one.mnemonic, one.register)
