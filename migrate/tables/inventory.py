"""CUDA's own names (`rules/cuda/*.tsv`): what tells a known name without a rule from a name that is not CUDA."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

from migrate import lazy
from migrate.tables import compiled

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

#: Tables in rules/cuda that do not list names.
_NOT_NAMES = {"usage", "changed"}

#: Words that can only be CUDA: library prefixes followed by a capital, or CUDA's reserved spelling.
CUDA_NAME = lazy.pattern(
    rb"(?:cuda[A-Z_]|cu[A-Z][a-zA-Z]|CU_|CUDA_|CUDART_|CU[a-z]|CUBLAS|CUDNN|CUFFT|CURAND|CUSPARSE|CUSOLVER|CUPTI|CUTENSOR"
    rb"|NVRTC|NVML|NCCL_|NVJPEG|NVTX_|NPP|NVSHMEM|CUDSS"
    rb"|(?:cublas|cudnn|cufft|curand|cusparse|cusolver|cupti|cutensor|nvrtc|nvml|nccl|nvjpeg|nvtx|npp[is]|nvshmem|cudss|cuFile)[A-Z_])\w*"
)

#: Stems of headers that other projects have too, and words with two underscores that compilers share.
_WEAK_STEMS = frozenset(
    [
        b"torch",
        b"ATen",
        b"c10",
        b"cuda",
        b"math",
        b"cutlass",
        b"vector_types",
        b"assert",
        b"nv",
        b"crt",
        b"helper_functions",
        b"cmath",
    ]
)
_WEAK_WORDS = frozenset(
    [b"__restrict__", b"__align__", b"__noinline__", b"__inline__", b"__restrict", b"__assert_fail", b"__attribute__"]
)
_UNKNOWN_HEADS = (b"cu", b"CU", b"nv", b"nccl", b"npp")

#: Words that make a step of the analysis worth its time, though they are no names of CUDA's.
SYNTAX_WORDS = frozenset(
    b"asm __asm__ __asm namespace using typedef cg wmma cuda at c10 torch "
    b"getDeviceProperties getCurrentDeviceProperties".split()
)

_UNKNOWN = (
    rb"(?:cuda[A-Z]|cu[A-Z][a-z]|CU[a-z]{2}"
    rb"|(?:cublas|cudnn|cufft|curand|cusparse|cusolver|cupti|cutensor|nvrtc|nvml|nccl|nvjpeg|nppi|npps|nvshmem|cudss)[A-Z])\w*"
)
#: The same for one name that no table knows: stricter, since nothing else vouches for it.
UNKNOWN_NAME = lazy.pattern(_UNKNOWN)

#: Device functions that nobody else would name so.
_DEVICE_NAME = lazy.pattern(rb"atomic[A-Z][A-Za-z]+(?:_system|_block)?|(?:tex|surf)[123]D\w*")

_UNKNOWN_WORDS = lazy.pattern(rb" (" + _UNKNOWN + rb")")

#: Built-in variables of the kernel language; their components are names of their own.
BUILT_IN_VARIABLES = frozenset({"threadIdx", "blockIdx", "blockDim", "gridDim", "warpSize"})

#: CUDA's device library lists C's names too; such a word is CUDA only where device code calls it.
_C_HEADERS = ("crt/math_functions", "math_functions", "crt/common_functions", "common_functions", "cuda/std/")

#: Namespaces of CUDA's C++ libraries; every qualified name below them is CUDA.
LIBRARY_NAMESPACES = ("cub", "thrust", "cooperative_groups", "nvcuda")


class Entry(NamedTuple):
    """One name of CUDA's inventory."""

    name: str
    kind: str  # function, type, enum, macro, builtin, language, header, member …
    library: str
    header: str
    signature: str
    added: str
    deprecated: str
    removed: str


class Inventory:
    """All names CUDA declares, looked up by name; rows are parsed when first asked for.

    Keys are spelled as rule tables spell them: headers in angle brackets, members as `struct.field`. Loading splits
    lines (30 ms for 37,000 names); what few files need is derived when the first of them asks. `tables.compiled` keeps
    what nearly every file needs.
    """

    #: Derived from the tables and kept with them; `words` is not, since that costs more than to join the keys again.
    _DERIVED = ("digest", "_stems", "_others", "fields", "vector_types", "structs", "scopes")

    def __init__(self, tables: dict[str, dict[bytes, int]], rows: compiled.Text, folder: Path) -> None:
        self._tables = tables  # library → name → where its row begins
        self._rows = rows
        self._folder = folder
        self._entries: dict[str, Entry | None] = {}
        self._strong: dict[bytes, bool] = {}

    @classmethod
    def load(cls, rules_dir: Path) -> Inventory:
        """Reads every name table under *rules_dir*/cuda, or what an earlier run made of them."""

        def read() -> tuple[dict[str, Any], bytes]:
            tables: dict[str, dict[bytes, int]] = {}
            lines: list[bytes] = []
            offset = 0
            for path in sorted((rules_dir / "cuda").glob("*.tsv")):
                if path.stem not in _NOT_NAMES:
                    rows = tables[path.stem] = {}
                    for line in path.read_bytes().split(b"\n")[1:]:
                        if line:
                            rows[line.partition(b"\t")[0]] = offset
                            lines.append(line)
                            offset += len(line) + 1
            text = b"\n".join([*lines, b""])
            derived = {}
            if compiled.folder() is not None:
                made = cls(tables, compiled.Text(text, 0), rules_dir / "cuda")
                derived = {name: getattr(made, name) for name in cls._DERIVED}
            return {"_tables": tables, **derived}, text

        parts, text = compiled.kept(rules_dir / "cuda", read)
        inventory = cls(parts.pop("_tables"), text, rules_dir / "cuda")
        inventory.__dict__.update(parts)  # where cached properties look first
        return inventory

    @cached_property
    def digest(self) -> str:
        """A digest of the tables' folder."""
        return compiled.digest_of(self._folder)

    @cached_property
    def words(self) -> frozenset[bytes]:
        """Every key as it stands in the tables: single identifiers, and others that match no word."""
        return frozenset().union(*self._tables.values())

    @cached_property
    def _stems(self) -> frozenset[bytes]:
        """The first parts of headers' names that hardly anybody else uses."""
        return (
            frozenset(
                name[1:-1].partition(b"/")[0].partition(b".")[0]
                for library, rows in self._tables.items()
                for name in rows
                if name[:1] == b"<" and (library != "torch" or _is_torch_cuda(name))
            )
            - _WEAK_STEMS
        )

    def __contains__(self, name: str) -> bool:
        return self.get(name) is not None

    def __iter__(self) -> Iterator[str]:
        for rows in self._tables.values():
            for name in rows:
                yield name.decode()

    def __len__(self) -> int:
        return sum(map(len, self._tables.values()))

    def get(self, name: str) -> Entry | None:
        """The entry of *name*, or None when CUDA does not declare it."""
        if name in self._entries:
            return self._entries[name]
        entry = None
        key = name.encode()
        for library, rows in self._tables.items():
            place = rows.get(key)
            if place is not None:
                cells = self._rows.line(place).decode().split("\t")
                cells += [""] * (7 - len(cells))
                entry = Entry(
                    cells[0], cells[1], _member_library(cells[0]) if library == "members" else library, *cells[2:7]
                )
                break
        self._entries[name] = entry
        return entry

    def is_strong(self, word: bytes) -> bool:
        """Whether *word*, a known one, is CUDA's alone, so that its mere presence makes a file worth parsing."""
        strong = self._strong.get(word)
        if strong is None:
            entry = self.get(word.decode())
            strong = self._strong[word] = entry is not None and (
                CUDA_NAME.fullmatch(word) is not None
                or (entry.library == "torch" and _is_torch_cuda(word))
                or (word[:2] == b"__" and word not in _WEAK_WORDS)
                or entry.name in BUILT_IN_VARIABLES
                or _DEVICE_NAME.fullmatch(word) is not None
            )
        return strong

    def is_name(self, word: bytes) -> bool:
        """Whether *word* is a name whose uses count: all of CUDA's, PyTorch's only where they speak of CUDA."""
        if word not in self.words:
            return False
        entry = self.get(word.decode())
        return entry is not None and self.is_reported(entry.name) and entry.library not in ("cutlass", "members")

    def relevant(self, words: set[bytes]) -> set[bytes]:
        """Those of *words* that any step of the analysis asks for, names that only look like CUDA's among them."""
        found = words & self.words
        found |= words & self._others
        # One search over the joined words is ten times faster than a test of each.
        found.update(_UNKNOWN_WORDS.findall(b" " + b" ".join(words)))
        return found

    def is_candidate(self, relevant: set[bytes]) -> bool:
        """Whether a file with these *relevant* words may use CUDA: it holds a name or a header's stem of CUDA's own."""
        if not self._stems.isdisjoint(relevant):
            return True
        return any(
            self.is_strong(word)
            if word in self.words
            else word.startswith(_UNKNOWN_HEADS) and UNKNOWN_NAME.fullmatch(word)
            for word in relevant
        )

    @cached_property
    def _others(self) -> frozenset[bytes]:
        """Words besides `words` that some step asks for."""
        below = {last.encode() for names in self.scopes.values() for last in names}
        heads = {part.encode() for scope in self.scopes for part in scope.split("::")}
        return self._stems.union(self.fields, below, heads, SYNTAX_WORDS) - self.words

    def is_reported(self, name: str) -> bool:
        """Whether uses of a scoped name or header count as CUDA: all do but PyTorch's device-neutral ones."""
        entry = self.get(name)
        return entry is not None and (entry.library != "torch" or _is_torch_cuda(name.encode()))

    @cached_property
    def fields(self) -> dict[bytes, tuple[str, ...]]:
        """Fields of CUDA's structs, each with the structs that have it."""
        fields: dict[bytes, list[str]] = {}
        for name in self._tables.get("members", {}):
            struct, _, member = name.rpartition(b".")
            fields.setdefault(member, []).append(struct.decode())
        return {field: tuple(owners) for field, owners in fields.items()}

    def field_type(self, member: str) -> str:
        """What the fields of *member* (`cudaResourceDesc.res`) are looked up under: its struct, or itself."""
        entry = self.get(member)
        written = entry.signature.replace("const ", "").split() if entry is not None else []
        if not written or written[0] in ("struct", "union"):
            return member
        return written[0]

    @cached_property
    def vector_types(self) -> frozenset[bytes]:
        """CUDA's vector types: words that other projects have too, but seldom beside a CUDA file."""
        entries = (self.get(name.decode()) for name in self._tables.get("runtime", {}))
        return frozenset(
            entry.name.encode() for entry in entries if entry is not None and entry.header == "vector_types.h"
        )

    @cached_property
    def structs(self) -> frozenset[bytes]:
        """CUDA's structs whose fields are known."""
        return frozenset(name.partition(b".")[0] for name in self._tables.get("members", {}))

    @cached_property
    def scopes(self) -> dict[str, frozenset[str]]:
        """Namespaces, each with the names directly below it."""
        scopes: dict[str, set[str]] = {}
        for library, rows in self._tables.items():
            if b"::" not in b" ".join(rows):  # one search over all names spares most tables the loop
                continue
            for name in rows:
                if b"::" in name and (library != "torch" or _is_torch_cuda(name)):
                    head, _, last = name.decode().rpartition("::")
                    scopes.setdefault(head, set()).add(last)
        return {head: frozenset(names) for head, names in scopes.items()}

    def matching(self, prefix: str) -> list[str]:
        """Names that start with *prefix*, sorted."""
        return sorted(name for name in self if name.startswith(prefix))

    def nearest(self, name: str, count: int = 2) -> tuple[str, ...]:
        """Known names spelled most like *name*, best first; compared within the names sharing its first letters."""
        from difflib import get_close_matches

        pool = [known for known in self._by_head.get(name[:4].lower(), ()) if abs(len(known) - len(name)) <= 6]
        return tuple(get_close_matches(name, pool, n=count, cutoff=0.78))

    @cached_property
    def _by_head(self) -> dict[str, list[str]]:
        """Names by their first four letters."""
        heads: dict[str, list[str]] = {}
        for name in self:
            heads.setdefault(name[:4].lower(), []).append(name)
        return heads

    def has_prefix(self, prefix: str) -> bool:
        """Whether any of CUDA's own names, PyTorch's aside, begins with *prefix*."""
        from bisect import bisect_left

        index = bisect_left(self._sorted, prefix)
        return index < len(self._sorted) and self._sorted[index].startswith(prefix)

    @cached_property
    def _sorted(self) -> list[str]:
        return sorted(name.decode() for library, rows in self._tables.items() if library != "torch" for name in rows)

    def is_c_library(self, name: str) -> bool:
        """Whether *name* is also C's or C++'s own (`expf`, `printf`), so that only device code's calls are CUDA."""
        entry = self.get(name)
        if entry is None or entry.kind != "builtin" or not name[0].islower() or "_" in name:
            return False
        return name in _C_NAMES or (entry.header.startswith(_C_HEADERS) and CUDA_NAME.fullmatch(name.encode()) is None)


#: C library names in CUDA's device library, beyond those its math headers declare.
_C_NAMES = frozenset(
    [
        "abort", "abs", "assert", "ceil", "clock", "cos", "exp", "fabs", "floor", "fma", "free", "isfinite", "isinf",
        "isnan", "labs", "llabs", "llmax", "llmin", "log", "malloc", "max", "memcpy", "memset", "min", "pow", "printf",
        "rsqrt", "signbit", "sin", "sqrt", "tan", "trap", "ullmax", "ullmin", "umax", "umin", "vprintf",
    ]
)  # fmt: skip


#: PyTorch's names that speak of CUDA; the rest of its C++ API is the same on every device.
_TORCH_CUDA = lazy.pattern(rb"cuda|CUDA|cudnn|CUDNN|gpuAtomic|WARP_SIZE|[Pp]hilox")

#: Macros by which projects switch CUDA on: theirs, whatever tables say of them.
_SWITCH = lazy.pattern(rb"(?:\w+_)?(?:USE|WITH|ENABLE|HAVE)_\w+")


def _is_torch_cuda(name: bytes) -> bool:
    """Whether a name of PyTorch's C++ API is particular to CUDA."""
    return _TORCH_CUDA.search(name) is not None and _SWITCH.fullmatch(name) is None


def _member_library(name: str) -> str:
    """The library of a struct, by its prefix: members stand in one table whatever library they are of."""
    for prefix, library in (
        ("cublas", "blas"), ("cufft", "fft"), ("curand", "rand"), ("cusparse", "sparse"), ("cusolver", "solver"),
        ("nccl", "ccl"), ("nvml", "nvml"), ("cudnn", "dnn"), ("nvrtc", "nvrtc"), ("cuda", "runtime"), ("CU", "driver"),
    ):  # fmt: skip
        if name.startswith(prefix):
            return library
    return "other"
