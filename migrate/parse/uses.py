"""Every use of CUDA in one source: words find, the tree confirms, tokens answer where the tree cannot.

Order, each step only when the one before gave reason: words of the bytes ∩ known names, view, mask, tree, hit by hit.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from migrate.model import LaunchText, Shape
from migrate.parse.file import FileUses, Found
from migrate.parse.judge import Judge, Word
from migrate.parse.keywords import ASSEMBLY
from migrate.parse.members import members
from migrate.parse.scopes import Scopes
from migrate.parse.told import told
from migrate.parse.words import before, occurrences, words_of
from migrate.tables.inventory import BUILT_IN_VARIABLES, UNKNOWN_NAME

__all__ = ["FileUses", "Finder", "Found", "find_uses", "ptx_uses"]

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from migrate.parse.assembly import Block
    from migrate.parse.macros import Learned
    from migrate.parse.scopes import ScopedName
    from migrate.tables.inventory import Entry, Inventory


#: Kinds of uses that a variable of the same name would be taken for.
_VALUES = frozenset({"macro", "constant", "function"})


def find_uses(
    source: bytes,
    inventory: Inventory,
    learned: Learned,
    *,
    cuda_file: bool = False,
    words: frozenset[bytes] | None = None,
    after: Callable[[Finder], Iterable[Found]] | None = None,
    named: bool = True,
) -> FileUses:
    """The uses of CUDA in *source*.

    Args:
        source: the bytes of a C, C++ or CUDA file.
        inventory: CUDA's own names.
        learned: the project's attribute macros.
        cuda_file: the file's name says it is CUDA (.cu, .cuh), so ordinary words count as CUDA's.
        words: the relevant words of *source* when they are known already (`Inventory.relevant`).
        after: asked for further uses when the file uses CUDA (hazards); what it gives is sorted in.
        named: say of each use in which function it stands and where that runs.
    """
    relevant = inventory.relevant(words_of(source)) if words is None else set(words)
    result = FileUses()
    if not cuda_file and not inventory.is_candidate(relevant):
        return result
    finder = Finder(source, relevant, inventory, learned, result)
    finder.strong_use = cuda_file
    finder.named = named
    finder.run()
    if after is not None and result.uses:
        result.uses = sorted([*result.uses, *after(finder)], key=lambda use: (use.start, use.end, use.shape.kind))
    return result


def ptx_uses(source: bytes) -> FileUses:
    """The instructions of a `.ptx` file, each name once a function."""
    from migrate.parse import assembly

    return FileUses(
        [
            Found(
                one.start,
                one.end,
                Shape(one.mnemonic, "ptx", "ptx", owner=assembly.in_module(one), function=function, side="device"),
            )
            for function, one in assembly.file_instructions(source)
        ]
    )


class Finder(Judge):
    """Finds everything a file holds, in the order that its parts need each other."""

    def run(self) -> FileUses:
        """Finds and judges everything; what the file holds."""
        hits = self._word_hits()
        scoped = list(Scopes(self.text, self.words, self.inventory).find())
        includes = self._includes()
        blocks = self._assembly_blocks()
        if not (hits or scoped or includes or self.launches or blocks):
            return self.result
        self._hits = [start for start, _ in hits]
        self._ask(hits, scoped)
        for include in includes:
            self._emit(*include, strong=include[4] != "")
        for name in scoped:
            self._scoped(name.start, name.end, name.name, namespace=name.namespace, known=name.known)
        self._members()
        self._launches()
        later = []
        for start, word in hits:
            if start in self.taken:
                continue
            if word.strong:
                self._hit(start, word)
            else:
                later.append((start, word))
        # Ordinary words are judged last: by then it is known whether the file is CUDA and what it declares itself.
        for start, word in later:
            self._hit(start, word)
        self._literals()
        for block in blocks:
            self._assembly(block)
        self._filter()
        return self.result

    # ---- finding

    def _word_hits(self) -> list[tuple[int, Word]]:
        inventory = self.inventory
        found: list[tuple[int, Word]] = []
        for word in self.words:
            if inventory.is_name(word):
                name = word.decode()
                entry = inventory.get(name)
                assert entry is not None
                described = Word(
                    word, name, entry.kind, entry.library, inventory.is_c_library(name), inventory.is_strong(word)
                )
            elif UNKNOWN_NAME.fullmatch(word):
                described = Word(word, word.decode(), "", "", c_library=False, strong=True)
            else:
                continue
            found.extend((start, described) for start in occurrences(self.text, word))
        found.sort(key=lambda hit: hit[0])
        return found

    def _ask(self, hits: list[tuple[int, Word]], scoped: list[ScopedName]) -> None:
        """Tells what the words around each hit say, and notes the hits that only the tree can judge."""
        text = self.text
        enums = b"enum" in text
        asked = [name.start for name in scoped if b"::" not in text[name.start : name.end]]
        for start, word in hits:
            end = start + len(word.word)
            if word.name in BUILT_IN_VARIABLES:
                if text[end : end + 1] != b".":
                    asked.append(start)
                continue
            if word.kind == "language":
                continue
            position = told(text, start, end, word.kind, strong=word.strong, enums=enums)
            if position is not None:
                self._told[start] = position
            elif self.directives.at(start) is None and not before(text, start).endswith((b".", b"->", b"::")):
                asked.append(start)
        asked.sort()
        self._asked = asked

    def _includes(self) -> list[tuple[int, int, str, str, str]]:
        """Includes of CUDA's headers: (start, end, name, kind, library)."""
        found = []
        for directive in self.directives.all:
            if not directive.word.startswith("include") and directive.word != "define":
                continue
            rest = self.text[directive.body : directive.end]
            stripped = rest.strip()
            if directive.word == "define" and (stripped[:1] != b"<" or stripped.find(b">") != len(stripped) - 1):
                continue  # but for `#define HEADER <cuda_runtime.h>`
            offset = directive.body + rest.find(stripped[:1]) if stripped else directive.end
            if stripped[:1] in (b'"', b"<"):
                close = stripped.find(b'"' if stripped[:1] == b'"' else b">", 1)
                path = stripped[1:close].decode("utf-8", "replace") if close > 0 else ""
                entry = self._header(path, quoted=stripped[:1] == b'"')
                if entry is not None:
                    if self.inventory.is_reported(entry.name):
                        found.append((offset + 1, offset + close, path, "include", entry.library))
                elif _is_cuda_header(path) and stripped[:1] == b"<":
                    found.append((offset + 1, offset + close, path, "include", ""))
            elif stripped[:1].isalpha() or stripped[:1] == b"_":
                # `#include HEADER(x)`: what it reads cannot be told here.
                found.append((offset, offset + len(stripped), stripped.decode("utf-8", "replace"), "include", ""))
        return found

    def _header(self, path: str, *, quoted: bool) -> Entry | None:
        entry = self.inventory.get(f"<{path}>")
        if entry is None and quoted and path.count("/") >= 2:
            # A vendored copy: "third_party/cub/cub.cuh" is <cub/cub.cuh>.
            head, _, last = path.rpartition("/")
            entry = self.inventory.get(f"<{head.rpartition('/')[2]}/{last}>")
        return entry

    # ---- the tree

    # ---- judging

    def _members(self) -> None:
        for member in members(self.text, self.words, self.inventory):
            directive = self.directives.at(member.start)
            if directive is None or directive.word == "define":
                entry = self.inventory.get(f"{member.owner}.{member.field}")
                self.taken.add(member.start)
                self._emit(
                    member.start, member.end, member.field, "member", entry.library if entry else "", owner=member.owner
                )

    def _launches(self) -> None:
        text = self.text
        for launch in self.launches:
            name = (
                b"".join(text[launch.name.start : launch.name.end].split())
                .replace(b"\\", b"")
                .decode("utf-8", "replace")
            )
            start = launch.name.start if name else launch.chevrons.start
            end = launch.name.end if name else launch.chevrons.end
            self.taken.update(range(start, end))
            self._emit(start, end, name or "(expression)", "launch", "device")
            cells = [
                " ".join(self.source[span.start : span.end].decode("utf-8", "replace").replace("\\\n", " ").split())
                for span in launch.configuration[:4]
            ]
            self.result.launches[start] = LaunchText(*cells, *[""] * (4 - len(cells)))

    def _literals(self) -> None:
        """API names that are the whole of a string, and CUDA or PTX source kept in one."""
        source, inventory = self.source, self.inventory
        for start, end in self.view.literals:
            length = end - start
            if 4 <= length <= 64:
                text = source[start:end]
                if text in inventory.words and not text.startswith(b"__") and inventory.is_strong(text):
                    entry = inventory.get(text.decode())
                    if entry is not None and entry.kind == "function":
                        self._emit(start, end, entry.name, "string", entry.library, strong=False)
            elif length > 64:
                text = source[start:end]
                for mark in (b"__global__", b"__device__"):
                    at = text.find(mark)
                    if at >= 0:
                        self._emit(start + at, start + at + len(mark), mark.decode(), "string", "device", strong=False)
                        break
        if b".version" in source:
            from migrate.parse import assembly

            for module, instructions in assembly.modules(source, self.text, self.view.literals):
                self._emit(*module, ".version", "ptx", "ptx", strong=False)
                for one in instructions:
                    owner = assembly.in_module(one)
                    self._emit(one.start, one.end, one.mnemonic, "ptx", "ptx", owner=owner, strong=False)

    def _assembly_blocks(self) -> list[Block]:
        """The asm blocks of the file; what reads them is loaded for files that have some."""
        if self.words.isdisjoint(ASSEMBLY):
            return []
        from migrate.parse import assembly

        return assembly.blocks(self.source, self.text, self.view.literals)

    def _assembly(self, block: Block) -> None:
        from migrate.ptx import groups

        if not block.is_ptx:
            _, side = self.function_at(block.start)
            directive = self.directives.at(block.start)
            if "device" not in side and (directive is None or block.mnemonic != "asm"):
                return
            if not self.strong_use:
                return
        directive = self.directives.at(block.start)
        if directive is not None and (directive.word != "define" or block.start < directive.body):
            return
        mark = ""
        for one, has_intrinsic in [(one, groups.intrinsic(one.mnemonic, one.register)) for one in block.instructions]:
            owner = one.register
            if has_intrinsic is not None:
                mark = mark or self._mark(block)
                owner = f"{owner} {mark}".strip() if mark not in ("safe", has_intrinsic.level) else owner
            self._emit(one.start, one.end, one.mnemonic, "ptx", "ptx", owner=owner, strong=False)

    def _mark(self, block: Block) -> str:
        """The level of the statement's replacement, "part" when it has none as a whole."""
        from migrate.ptx import groups
        from migrate.ptx.replace import fix_at

        if not all(groups.intrinsic(one.mnemonic, one.register) for one in block.instructions):
            return "part"
        fix = fix_at(self.source, self.text, block.instructions[0].start)
        return fix.level if fix is not None else "part"

    def _pasted(self) -> None:
        """`CUDA_##name` in macro bodies: a name that cannot be told here."""
        text = self.text
        at = text.find(b"##")
        while at >= 0:
            directive = self.directives.at(at)
            if directive is not None and directive.word == "define" and at >= directive.body:
                left = _word_before(text, at)
                prefix = text[left:at].rstrip()
                if (
                    prefix
                    and prefix not in directive.parameters
                    and len(prefix) > 1
                    and self.inventory.has_prefix(prefix.decode("ascii", "replace"))
                ):
                    right = _word_after(text, at + 2)
                    name = b"".join(text[left:right].split()).decode("utf-8", "replace")
                    self.taken.add(left)
                    self._emit(left, right, name, "pasted", "", strong=False)
            at = text.find(b"##", at + 2)

    # ---- results

    def _filter(self) -> None:
        """Drops ordinary words of files that turn out not to be CUDA, and names the file declares itself."""
        if b"##" in self.text:
            self._pasted()
        declared = self.result.declared
        uses = self.result.uses
        if self.local:
            # A variable of that name: `cublasStatus_t cublasStatus`, though CUDA has a macro cublasStatus.
            uses = [use for use in uses if use.shape.name not in self.local or use.shape.kind not in _VALUES]
        if not self.strong_use:
            uses = [use for use in uses if use.shape.kind in ("launch", "ptx", "string") and use.shape.kind != "string"]
        if declared:
            strong = self.inventory.is_strong
            uses = [
                use
                for use in uses
                if use.shape.name not in declared
                or (use.shape.library not in ("", "torch") and strong(use.shape.name.encode()))
            ]
        uses.sort(key=lambda use: (use.start, use.end))
        self.result.uses = uses


_HEADER = re.compile(
    r"(?:cub|thrust|cuda|nvtx3|cooperative_groups|cute|cutlass)/[\w./-]+|(?:cuda|cublas|cudnn|cufft|curand|cusparse|cusolver|nvrtc|nvml|nccl|cupti|nvjpeg|cutensor|nvshmem|cudss)[\w-]*\.(?:h|hpp|cuh)|cu[A-Z]\w*\.h"
)


def _is_cuda_header(path: str) -> bool:
    """Whether a header that no table lists is spelled like one of CUDA's."""
    return _HEADER.fullmatch(path) is not None


def _word_before(text: bytes, at: int) -> int:
    end = len(text[:at].rstrip()) if at < 64 else at - len(text[at - 64 : at]) + len(text[at - 64 : at].rstrip())
    while end > 0 and (text[end - 1 : end].isalnum() or text[end - 1] == 95):
        end -= 1
    return end


def _word_after(text: bytes, at: int) -> int:
    while at < len(text) and text[at] in b" \t":
        at += 1
    while at < len(text) and (text[at : at + 1].isalnum() or text[at] in b"_#"):
        at += 1
    return at
