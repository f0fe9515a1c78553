"""Whether a word is a use of CUDA, and of what kind: the tree decides, tokens where it cannot."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from migrate.parse.file import ParsedFile
from migrate.parse.tree import TOKEN
from migrate.parse.words import after, before, is_called, is_global_scope
from migrate.tables.inventory import BUILT_IN_VARIABLES

if TYPE_CHECKING:
    from migrate.parse.directives import Directive
    from migrate.parse.tree import Position

#: A word goes on after a line joint: it is another word, and too rare a thing to be put together.
_CUT_WORD = re.compile(rb"\\\r?\n\w")
_QUALIFIER_KINDS = frozenset({"language"})
_LIBRARIES = {"cub": "cub", "thrust": "thrust", "cooperative_groups": "device", "nvcuda": "device", "cuda": "other"}


class Word(NamedTuple):
    """What is known about a word before its places are looked at."""

    word: bytes
    name: str
    kind: str  # of the inventory, "" for a name no table knows
    library: str
    c_library: bool
    strong: bool


class Judge(ParsedFile):
    """Judges words of a parsed file; what is a use is emitted."""

    def _position(self, start: int, end: int) -> Position:
        """What the name in [start, end) is: from the words around it, else from the tree, else from tokens."""
        position = self._told.get(start)
        if position is not None:
            return position
        tree = self.tree
        return TOKEN if tree is None else tree.position(start, end)

    def _hit(self, start: int, word: Word) -> None:
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
            _, side = self.function_at(start)
            if "device" not in side or not is_called(text, end) or word.name in self.result.declared:
                return
            verdict = self._position(start, end).verdict
            if verdict == "declared":
                self.result.declared.add(word.name)
            if verdict not in ("use", "token"):
                if verdict == "declared":
                    self.result.declared.add(word.name)
                return
            self._emit(start, end, word.name, "call", word.library)
            return
        verdict, is_type, called = self._position(start, end)
        if verdict == "declared" and word.kind == "type" and _goes_on(text, end):
            # `MACRO cudaStream_t stream`: the grammar took the macro for the type and the type for a variable.
            verdict, is_type = "use", True
        if verdict == "declared" and called and word.strong and word.kind:
            verdict = "use"  # `MACRO cudaFree(p);`: nobody calls a variable like a function of CUDA's
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
            start, end, word.name, kind_of(word.kind, called=called, is_type=is_type), word.library, strong=word.strong
        )

    def _in_directive(self, start: int, end: int, word: Word, directive: Directive, head: bytes) -> None:
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
                kind_of(word.kind or "function", called=called, is_type=False),
                word.library,
                strong=bool(word.kind) and word.strong,
            )
        elif directive.word in ("if", "ifdef", "ifndef", "elif", "elifdef", "elifndef") and word.kind == "macro":
            self._emit(start, end, word.name, "macro", word.library, strong=word.strong)

    def _variable(self, start: int, end: int, word: Word) -> None:
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
            if directive is None and self._position(start, end).verdict in ("declared", "member"):
                self.local.add(name)
                return
            if name in self.local or (directive is None and "device" not in self.function_at(start)[1]):
                return
        elif directive is None:
            # Host code likes to call its own dim3 `blockDim`.
            if text[end : end + 1] != b"." and self._position(start, end).verdict in ("declared", "member"):
                self.local.add(name)
                return
            if name in self.local and "device" not in self.function_at(start)[1]:
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
        if directive is None and b"::" not in self.text[start:end]:
            # Brought in by `using`: a variable, a member or an alias may have the same name.
            last = name.rpartition("::")[2]
            verdict = self._position(start, end).verdict
            is_type = entry is not None and entry.kind.removeprefix("cpp_") == "type"
            head = self.text[max(0, start - 20) : start].rstrip()
            if verdict == "declared" and is_type and not head.endswith(b"namespace"):
                self.local.add(last)
            if verdict in ("declared", "member") or last in self.local:
                return
        called = is_called(self.text, end)
        if entry is not None:
            kind = kind_of(entry.kind, called=called, is_type=False)
            self._emit(start, end, name, kind, entry.library, strong=known)
        else:
            library = _LIBRARIES.get(name.partition("::")[0], "other")
            self._emit(start, end, name, "call" if called else "type", library, strong=False)


def kind_of(inventory_kind: str, *, called: bool, is_type: bool) -> str:
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
