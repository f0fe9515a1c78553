"""Names below the namespaces of CUDA's C++ libraries and PyTorch: `cub::BlockReduce`, `cg::this_grid`, `at::cuda`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from migrate import lazy
from migrate.parse.words import before, is_called, is_global_scope, occurrences
from migrate.tables.inventory import LIBRARY_NAMESPACES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from migrate.tables.inventory import Inventory

#: Longer chains are cut: no name has so many components, and hostile text would cost quadratic time.
_CHAIN = lazy.pattern(rb"(?:\s*::\s*(?:template\s+)?[A-Za-z_]\w*){1,8}")
_SCOPE_FOLLOWS = re.compile(rb"\s*::")
_COMPONENT = re.compile(rb"[A-Za-z_]\w*")
_ALIAS = lazy.pattern(rb"namespace\s+(\w+)\s*=\s*((?:::\s*)?\w+(?:\s*::\s*\w+){0,8})\s*;")
_USING = lazy.pattern(rb"using\s+(namespace\s+)?((?:::\s*)?\w+(?:\s*::\s*\w+){1,8}|\w+)\s*;")
_OWN_NAMESPACE = lazy.pattern(rb"namespace\s+(\w+)\s*(?:::\s*\w+\s*)*\{")
_LIBCUDACXX = lazy.pattern(rb"#[ \t]*include[ \t]*[<\"](?:cuda/|nv/target|cooperative_groups)")

#: What nearly every project calls them; used when a header elsewhere makes the alias.
_CUSTOMARY = {b"cg": "cooperative_groups", b"wmma": "nvcuda::wmma"}

_CCCL = lazy.pattern(rb"#[ \t]*include[ \t]*[<\"](?:cub|thrust)/")
#: Thrust's execution policies below its namespace cuda.
_POLICIES = ("par", "par_nosync")

#: `stable_sort(thrust::cuda::par, …)`: found through its argument, so that no namespace need be named.
_WITH_POLICY = lazy.pattern(
    rb"(?<![\w:.>])(\w+)\s*\(\s*(?:::\s*)?(?:(?:thrust|cuda)\s*::\s*){1,2}(?:par|par_nosync|device|host)\b"
)

_OWN_STD = b"using namespace std;"

_TORCH_ROOTS = (b"at", b"c10", b"torch")


class ScopedName(NamedTuple):
    """One qualified name; byte offsets, half-open, of the part that the name covers."""

    start: int
    end: int
    name: str  # aliases resolved, spelled as tables spell it
    namespace: bool  # named by `using namespace` or as an alias
    known: bool  # in the inventory


class Scopes:
    """Finds the scoped names of one view."""

    def __init__(self, text: bytes, words: set[bytes], inventory: Inventory) -> None:
        self._text = text
        self._words = words
        self._inventory = inventory
        self.roots: dict[bytes, str] = {}  # word → namespace it stands for
        self.unqualified: dict[bytes, str] = {}  # word → its qualified name, brought in by using
        self._called: set[bytes] = set()  # unqualified words that others have too: only where they are called
        self._known_only = False  # the root `cuda` stands for libcu++'s known names only
        self.namespaces: list[ScopedName] = []
        self._used: set[str] = set()  # namespaces whose names `using namespace` has brought in
        self._collect_roots()

    def find(self) -> Iterator[ScopedName]:
        """Every scoped name, in no order."""
        yield from self.namespaces
        text, inventory = self._text, self._inventory
        named = {found.start for found in self.namespaces}
        for root, namespace in self.roots.items():
            for start in occurrences(text, root):
                if start in named:
                    continue
                chain = _CHAIN.match(text, start + len(root))
                if chain is None:
                    continue
                head = before(text, start)
                if head.endswith((b".", b"->")) or (head.endswith(b"::") and not is_global_scope(text, start)):
                    continue
                parts = [
                    (match[0].decode(), match.end())
                    for match in _COMPONENT.finditer(text, chain.start(), chain.end())
                    if match[0] != b"template"
                ]
                if root == b"cuda" and parts and parts[0][0] in _POLICIES:
                    yield ScopedName(start, parts[0][1], f"thrust::cuda::{parts[0][0]}", namespace=False, known=True)
                    continue
                found = self._longest(namespace, parts) if parts else None
                if found is not None and not found[2] and root == b"cuda" and self._known_only:
                    continue
                if found is not None:
                    name, end, known = found
                    yield ScopedName(start, end, name, namespace=False, known=known)
        if b"thrust" in self._words:
            for match in _WITH_POLICY.finditer(text):
                name = f"thrust::{match[1].decode()}"
                if name in inventory and match[1] not in self.unqualified:
                    yield ScopedName(match.start(1), match.end(1), name, namespace=False, known=True)
        for word, name in self.unqualified.items():
            known = name in inventory
            for start in occurrences(text, word):
                head = before(text, start)
                if word in self._called and not is_called(text, start + len(word)):
                    continue
                if not head.endswith((b".", b"->", b"::")) and not (
                    word in self.roots and _SCOPE_FOLLOWS.match(text, start + len(word))
                ):
                    yield ScopedName(start, start + len(word), name, namespace=False, known=known)

    def _longest(self, namespace: str, parts: list[tuple[str, int]]) -> tuple[str, int, bool] | None:
        """The longest known name along a chain; a library's own unknown name is cut after its first component."""
        inventory = self._inventory
        for count in range(len(parts), 0, -1):
            name = namespace + "::" + "::".join(part for part, _ in parts[:count])
            if inventory.is_reported(name):
                return name, parts[count - 1][1], True
        library = namespace.partition("::")[0]
        if library in LIBRARY_NAMESPACES:
            depth = 1
            while (
                depth < len(parts)
                and namespace + "::" + "::".join(part for part, _ in parts[:depth]) in inventory.scopes
            ):
                depth += 1
            return namespace + "::" + "::".join(part for part, _ in parts[:depth]), parts[depth - 1][1], False
        if library == "cuda":
            depth = (
                2
                if parts[0][0] in ("std", "device", "ptx", "mr", "experimental", "pipeline_role") and len(parts) > 1
                else 1
            )
            return namespace + "::" + "::".join(part for part, _ in parts[:depth]), parts[depth - 1][1], False
        return None

    def _collect_roots(self) -> None:
        text, words, roots = self._text, self._words, self.roots
        for library in LIBRARY_NAMESPACES:
            if library.encode() in words:
                roots[library.encode()] = library
        asked = b"namespace" in words and not words.isdisjoint((b"cuda", *_CUSTOMARY))
        own = {match[1] for match in _OWN_NAMESPACE.finditer(text)} if asked else set()
        if b"cuda" in words and (named := _LIBCUDACXX.search(text) or _CCCL.search(text)):
            # CUB and Thrust bring libcu++ along; a project's own `cuda::` names are none of its.
            self._known_only = b"cuda" in own or named.re is _CCCL
            roots[b"cuda"] = "cuda"
        for root in _TORCH_ROOTS:
            if root in words:
                roots[root] = root.decode()
        if b"namespace" in words:
            for match in _ALIAS.finditer(text):
                full = self._resolve(match[2])
                if full is not None:
                    roots[match[1]] = full
                    self.namespaces.append(ScopedName(match.start(2), match.end(2), full, namespace=True, known=True))
        for alias, namespace in _CUSTOMARY.items():
            if alias in words and alias not in roots and alias not in own:
                roots[alias] = namespace
        if b"using" in words:
            for match in _USING.finditer(text):
                self._use(match)

    def _resolve(self, written: bytes) -> str | None:
        """A namespace as tables spell it, None when it is not CUDA's."""
        parts = [part.strip().decode() for part in written.split(b"::") if part.strip()]
        head = self.roots.get(parts[0].encode())
        if head is None:
            return None
        full = "::".join([head, *parts[1:]])
        if head.partition("::")[0] in ("at", "c10", "torch"):
            return full if "cuda" in parts else None
        return full

    def _use(self, match: re.Match[bytes]) -> None:
        full = self._resolve(match[2])
        if full is None:
            return
        if match[1]:
            self.namespaces.append(ScopedName(match.start(2), match.end(2), full, namespace=True, known=True))
            if full in self._used:
                return
            self._used.add(full)
            names = self._inventory.scopes.get(full, frozenset())
            for word in self._words:
                try:
                    name = word.decode("ascii")
                except UnicodeDecodeError:
                    continue
                qualified = f"{full}::{name}"
                if name in _ORDINARY and (_OWN_STD in self._text or full != "thrust"):
                    continue
                if (
                    name in names
                    and len(name) > 3
                    and (qualified in self._inventory or qualified not in self._inventory.scopes)
                ):
                    self.unqualified.setdefault(word, qualified)
                    if name in _ORDINARY:
                        self._called.add(word)
            if full == "thrust" and b"cuda" in self._words:
                self.roots[b"cuda"] = "thrust::cuda"
            for scope in self._inventory.scopes:
                if scope.startswith(full + "::") and "::" not in scope[len(full) + 2 :]:
                    inner = scope[len(full) + 2 :].encode()
                    if inner in self._words:
                        self.roots.setdefault(inner, scope)
        else:
            last = full.rpartition("::")[2].encode()
            if full in self._inventory:
                self.unqualified.setdefault(last, full)


#: Names that C++ itself, or everyone, has: never taken for a library's after `using namespace`.
_ORDINARY = frozenset(
    (
        "sort copy fill count find equal for_each reduce transform swap pair tuple min max plus minus "
        "less greater sequence move forward vector complex sync size begin end make_pair make_tuple tie "
        "get array optional string exception float double partition merge gather scatter iterator "
        "distance advance multiplies divides negate identity maximum minimum replace remove unique "
        "generate unknown detail"
    ).split()
)
