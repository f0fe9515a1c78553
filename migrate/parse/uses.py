"""Every use of CUDA in one source: words find, the tree confirms, tokens answer where the tree cannot.

Order, each step only when the one before gave reason: words of the bytes ∩ known names, view, mask, tree, hit by hit.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from migrate.model import LaunchText, Shape, Span
from migrate.parse import assembly
from migrate.parse.directives import Directives
from migrate.parse.launches import find_launches
from migrate.parse.mask import mask
from migrate.parse.members import members
from migrate.parse.scopes import Scopes
from migrate.parse.tree import FunctionRange, SyntaxTree
from migrate.parse.view import make_view
from migrate.parse.words import after, before, is_called, is_global_scope, occurrences, words_of
from migrate.tables.inventory import BUILT_IN_VARIABLES, UNKNOWN_NAME

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from migrate.model import Launch
    from migrate.parse.directives import Directive
    from migrate.parse.macros import Learned
    from migrate.parse.view import View
    from migrate.tables.inventory import Entry, Inventory

#: A hit this near an error makes the second, repaired parse worth its time (PARSING: all but 8 % of affected hits).
NEAR_ERROR = 200

#: Sources longer than this are answered from tokens alone, as those that nest too deeply are: the grammar needs 70
#: bytes of memory a byte.
PARSE_LIMIT = 4_000_000

#: A lambda that says where it runs: `[=] __device__ (int i) {`.
_DEVICE_LAMBDA = re.compile(rb"\]\s*(?:\([^()]*\)\s*)?(?:__host__\s*)?(?:__device__|[A-Z]\w*(?:DEVICE|HD)\w*)")
#: A word goes on after a line joint: it is another word, and too rare a thing to be put together.
_CUT_WORD = re.compile(rb"\\\r?\n\w")
#: Kinds of uses that a variable of the same name would be taken for.
_VALUES = frozenset({"macro", "constant", "function"})
_QUALIFIER_KINDS = frozenset({"language"})
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


class _Word(NamedTuple):
    """What is known about a word before its places are looked at."""

    word: bytes
    name: str
    kind: str  # of the inventory, "" for a name no table knows
    library: str
    c_library: bool
    strong: bool


def find_uses(
    source: bytes,
    inventory: Inventory,
    learned: Learned,
    *,
    cuda_file: bool = False,
    words: frozenset[bytes] | None = None,
    after: Callable[[Finder], Iterable[Found]] | None = None,
) -> FileUses:
    """The uses of CUDA in *source*.

    Args:
        source: the bytes of a C, C++ or CUDA file.
        inventory: CUDA's own names.
        learned: the project's attribute macros.
        cuda_file: the file's name says it is CUDA (.cu, .cuh), so ordinary words count as CUDA's.
        words: the relevant words of *source* when they are known already (`Inventory.relevant`).
        after: asked for further uses when the file uses CUDA (hazards); what it gives is sorted in.
    """
    relevant = inventory.relevant(words_of(source)) if words is None else set(words)
    result = FileUses()
    if not cuda_file and not inventory.is_candidate(relevant):
        return result
    finder = Finder(source, relevant, inventory, learned, result)
    finder.strong_use = cuda_file
    finder.run()
    if after is not None and result.uses:
        result.uses = sorted([*result.uses, *after(finder)], key=lambda use: (use.start, use.end, use.shape.kind))
    return result


def ptx_uses(source: bytes) -> FileUses:
    """The instructions of a `.ptx` file, each name once a function."""
    return FileUses(
        [
            Found(
                one.start,
                one.end,
                Shape(one.mnemonic, "ptx", "ptx", owner=one.register, function=function, side="device"),
            )
            for function, one in assembly.file_instructions(source)
        ]
    )


class Finder:
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
        self.tree: SyntaxTree | None = None
        self.taken: set[int] = set()  # starts of words that belong to a longer use
        self.local: set[str] = set()  # names the file declares as variables or parameters
        self.shapes: dict[tuple[object, ...], Shape] = {}
        self.strong_use = False
        self._functions: list[FunctionRange] = []
        self._function_starts: list[int] = []
        self._outer: list[int] = []  # for each function, the index of the one around it, -1 at file level
        self._described: dict[int, tuple[str, str]] = {}

    def run(self) -> FileUses:
        """Finds and judges everything; what the file holds."""
        hits = self._word_hits()
        scoped = list(Scopes(self.text, self.words, self.inventory).find())
        includes = self._includes()
        blocks = (
            assembly.blocks(self.source, self.text, self.view.literals)
            if not self.words.isdisjoint(assembly.KEYWORDS)
            else []
        )
        if not (hits or scoped or includes or self.launches or blocks):
            return self.result
        self._parse([start for start, _ in hits])
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

    def _word_hits(self) -> list[tuple[int, _Word]]:
        inventory = self.inventory
        found: list[tuple[int, _Word]] = []
        for word in self.words:
            if inventory.is_name(word):
                name = word.decode()
                entry = inventory.get(name)
                assert entry is not None
                described = _Word(
                    word, name, entry.kind, entry.library, inventory.is_c_library(name), inventory.is_strong(word)
                )
            elif UNKNOWN_NAME.fullmatch(word):
                described = _Word(word, word.decode(), "", "", c_library=False, strong=True)
            else:
                continue
            found.extend((start, described) for start in occurrences(self.text, word))
        found.sort(key=lambda hit: hit[0])
        return found

    def _includes(self) -> list[tuple[int, int, str, str, str]]:
        """Includes of CUDA's headers: (start, end, name, kind, library)."""
        found = []
        for directive in self.directives.all:
            if not directive.word.startswith("include"):
                continue
            rest = self.text[directive.body : directive.end]
            stripped = rest.strip()
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

    def _parse(self, starts: list[int]) -> None:
        if len(self.text) > PARSE_LIMIT:
            self.result.gaps = [Span(0, len(self.text))]
            return
        masked = mask(self.view, self.launches, self.learned).text
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
        self.tree = tree
        self._functions = tree.functions(lambdas=_DEVICE_LAMBDA.search(self.text) is not None)
        self._function_starts = [function.start for function in self._functions]
        self._outer = _enclosing(self._functions)
        # Only gaps that hold a hit change an answer; the rest of the file's errors are of no concern.
        self.result.gaps = [error for error in tree.errors if _holds(starts, error)]
        self._gap_starts = [gap.start for gap in self.result.gaps]

    def _function_at(self, offset: int) -> tuple[str, str]:
        """Name and side of the function that *offset* lies in, ("", "") at file level."""
        index = bisect_right(self._function_starts, offset) - 1
        while index >= 0 and offset >= self._functions[index].end:
            index = self._outer[index]
        return self._describe(index)

    def function_at(self, offset: int) -> tuple[str, str]:
        """Name and side of the function that *offset* lies in, ("", "") at file level."""
        return self._function_at(offset)

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
        """Host or device, from the qualifiers before a function's body; blank in the tree, they stand in the view."""
        text = self.text
        if text[function.start : function.start + 1] == b"[":
            chunk = text[function.start : function.body]
        else:
            floor = max(0, function.start - 2000)
            low = (
                max(
                    text.rfind(b";", floor, function.start),
                    text.rfind(b"}", floor, function.start),
                    text.rfind(b"{", floor, function.start),
                )
                + 1
            )
            chunk = text[max(low, self.directives.last_end(function.start), floor) : function.body]
        marks = words_of(chunk)
        device = any(word in marks for word in _DEVICE) or not self.learned.device.isdisjoint(marks)
        host = b"__host__" in marks or not self.learned.host.isdisjoint(marks)
        if device:
            return "host device" if host else "device"
        return "host" if host else ""

    # ---- judging

    def _hit(self, start: int, word: _Word) -> None:
        """Decides whether the word at *start* is a use, and of what kind."""
        text = self.text
        end = start + len(word.word)
        if text[end : end + 1] == b"\\" and _CUT_WORD.match(text, end):
            return
        directive = self.directives.at(start)
        if word.kind in _QUALIFIER_KINDS:
            if word.name in BUILT_IN_VARIABLES:
                self._variable(start, end, word)
            elif directive is None or (directive.word == "define" and start >= directive.body):
                self._emit(start, end, word.name, "qualifier", word.library, strong=word.strong)
            return
        head = before(text, start)
        if head.endswith((b".", b"->")) and not head.endswith(b"..."):
            return
        if head.endswith(b"::") and not is_global_scope(text, start):
            return
        if word.name in BUILT_IN_VARIABLES:
            self._variable(start, end, word)
            return
        if directive is not None:
            self._in_directive(start, end, word, directive, head)
            return
        if word.c_library:
            _, side = self._function_at(start)
            if "device" not in side or not is_called(text, end) or word.name in self.result.declared:
                return
            verdict = self.tree.position(start, end).verdict if self.tree is not None else "token"
            if verdict == "declared":
                self.result.declared.add(word.name)
            if verdict not in ("use", "token"):
                if verdict == "declared":
                    self.result.declared.add(word.name)
                return
            self._emit(start, end, word.name, "call", word.library)
            return
        verdict, is_type, called = self.tree.position(start, end) if self.tree is not None else ("token", False, False)
        if verdict == "declared" and word.kind == "type" and _goes_on(text, end):
            # `MACRO cudaStream_t stream`: the grammar took the macro for the type and the type for a variable.
            verdict, is_type = "use", True
        if verdict == "declared":
            if not word.kind or word.strong:
                self.result.declared.add(word.name)
                if not is_called(text, end):
                    self.local.add(word.name)
            else:
                self.local.add(word.name)
                if is_called(text, end):
                    self.result.declared.add(word.name)
            return
        if verdict in ("member", "qualified"):
            return
        if verdict == "token":
            called = is_called(text, end)
            is_type = not called and word.kind in ("type", "cpp_type")
        elif not called and word.kind not in ("type", "enum", "macro"):
            called = is_called(text, end)
        if not word.strong:
            if word.kind != "type" and not called:
                return
            if word.name in self.result.declared or (word.name in self.local and not is_type):
                return
        if not word.kind:
            if not called and not is_type:
                return
            self._emit(start, end, word.name, "call" if called else "type", "", strong=False)
            return
        self._emit(
            start, end, word.name, _kind(word.kind, called=called, is_type=is_type), word.library, strong=word.strong
        )

    def _in_directive(self, start: int, end: int, word: _Word, directive: Directive, head: bytes) -> None:
        if directive.word == "define":
            if start < directive.body:
                if word.word == directive.name:
                    self.result.declared.add(word.name)
                    if word.kind and word.strong:
                        self.result.mapped += 1
                return
            if word.word in directive.parameters:
                return
            called = is_called(self.text, end)
            if head.endswith(b"##") or self.text[end : end + 8].lstrip()[:2] == b"##":
                return
            if head.endswith(b"#"):
                return
            if word.c_library or (not word.strong and word.kind != "type" and not called):
                return
            if not word.kind and not called:
                return
            self._emit(
                start,
                end,
                word.name,
                _kind(word.kind or "function", called=called, is_type=False),
                word.library,
                strong=bool(word.kind) and word.strong,
            )
        elif directive.word in ("if", "ifdef", "ifndef", "elif", "elifdef", "elifndef") and word.kind == "macro":
            self._emit(start, end, word.name, "macro", word.library, strong=word.strong)

    def _variable(self, start: int, end: int, word: _Word) -> None:
        """threadIdx, threadIdx.x, warpSize: outside directives they need no tree."""
        text = self.text
        directive = self.directives.at(start)
        if directive is not None and (
            directive.word != "define" or start < directive.body or word.word in directive.parameters
        ):
            return
        name = word.name
        if name == "warpSize":
            if before(text, start).endswith((b".", b"->", b"::")):
                return
            if (
                self.tree is not None
                and directive is None
                and self.tree.position(start, end).verdict in ("declared", "member")
            ):
                self.local.add(name)
                return
            if name in self.local or (directive is None and "device" not in self._function_at(start)[1]):
                return
        elif directive is None:
            # Host code likes to call its own dim3 `blockDim`.
            if (
                self.tree is not None
                and text[end : end + 1] != b"."
                and self.tree.position(start, end).verdict in ("declared", "member")
            ):
                self.local.add(name)
                return
            if name in self.local and "device" not in self._function_at(start)[1]:
                return
        if (
            text[end : end + 1] == b"."
            and text[end + 1 : end + 2] in (b"x", b"y", b"z")
            and not text[end + 2 : end + 3].isalnum()
        ):
            name += "." + chr(text[end + 1])
            end += 2
        self._emit(start, end, name, "variable", word.library)

    def _scoped(self, start: int, end: int, name: str, *, namespace: bool, known: bool) -> None:
        directive = self.directives.at(start)
        if directive is not None and (directive.word != "define" or start < directive.body):
            return
        for match_start in range(start, end):
            self.taken.add(match_start)
        if namespace:
            entry = next(
                (self.inventory.get(f"{name}::{below}") for below in sorted(self.inventory.scopes.get(name, ()))), None
            )
            library = entry.library if entry else _LIBRARIES.get(name.partition("::")[0], "other")
            self._emit(start, end, name, "namespace", library)
            return
        entry = self.inventory.get(name)
        if directive is None and self.tree is not None and b"::" not in self.text[start:end]:
            # Brought in by `using`: a variable, a member or an alias may have the same name.
            last = name.rpartition("::")[2]
            verdict = self.tree.position(start, end).verdict
            is_type = entry is not None and entry.kind.removeprefix("cpp_") == "type"
            head = self.text[max(0, start - 20) : start].rstrip()
            if verdict == "declared" and is_type and not head.endswith(b"namespace"):
                self.local.add(last)
            if verdict in ("declared", "member") or last in self.local:
                return
        called = is_called(self.text, end)
        if entry is not None:
            kind = _kind(entry.kind, called=called, is_type=False)
            self._emit(start, end, name, kind, entry.library, strong=known)
        else:
            library = _LIBRARIES.get(name.partition("::")[0], "other")
            self._emit(start, end, name, "call" if called else "type", library, strong=False)

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
            for module, instructions in assembly.modules(source, self.text, self.view.literals):
                self._emit(*module, ".version", "ptx", "ptx", strong=False)
                for one in instructions:
                    self._emit(one.start, one.end, one.mnemonic, "ptx", "ptx", owner=one.register, strong=False)

    def _assembly(self, block: assembly.Block) -> None:
        if not block.is_ptx:
            _, side = self._function_at(block.start)
            directive = self.directives.at(block.start)
            if "device" not in side and (directive is None or block.mnemonic != "asm"):
                return
            if not self.strong_use:
                return
        directive = self.directives.at(block.start)
        if directive is not None and (directive.word != "define" or block.start < directive.body):
            return
        for one in block.instructions:
            self._emit(one.start, one.end, one.mnemonic, "ptx", "ptx", owner=one.register, strong=False)

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
            function, side = self._function_at(start)
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


_LIBRARIES = {"cub": "cub", "thrust": "thrust", "cooperative_groups": "device", "nvcuda": "device", "cuda": "other"}

_HEADER = re.compile(
    r"(?:cub|thrust|cuda|nvtx3|cooperative_groups|cute|cutlass)/[\w./-]+|(?:cuda|cublas|cudnn|cufft|curand|cusparse|cusolver|nvrtc|nvml|nccl|cupti|nvjpeg|cutensor|nvshmem|cudss)[\w-]*\.(?:h|hpp|cuh)|cu[A-Z]\w*\.h"
)


def _is_cuda_header(path: str) -> bool:
    """Whether a header that no table lists is spelled like one of CUDA's."""
    return _HEADER.fullmatch(path) is not None


def _kind(inventory_kind: str, *, called: bool, is_type: bool) -> str:
    """A use's kind from what CUDA says the name is and how the source uses it."""
    kind = inventory_kind.removeprefix("cpp_")
    if kind == "type":
        return "type"
    if kind == "enum":
        return "constant"
    if kind == "macro":
        return "call" if called else "macro"
    if kind == "language":
        return "qualifier"
    if called:
        return "call"
    return "type" if is_type else "function"


def _goes_on(text: bytes, end: int) -> bool:
    """Whether another name or a declarator's mark follows, so that what ends at *end* is no declared variable."""
    following = after(text, end)
    return following > 127 or following == 95 or following in b"*&" or chr(following).isalpha()


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
