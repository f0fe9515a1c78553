"""Every value that travels through `migrate`: Source → Use → Answer → Scan.

The types hold data and the order of words, nothing else; this module imports nothing of ours.
All positions are byte offsets, spans are half-open; lines and columns are 1-based, columns count characters.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

#: What a person has to do, in the order every output lists it (DESIGN: class of a finding).
CLASSES = ("check", "unsupported", "rewrite", "adapt", "unknown", "auto")

#: How well a rule is proven, best first.
LEVELS = ("declared", "documented", "used", "mapped", "inferred")

#: Levels that count as *firm*: better than a published, machine-made map.
FIRM_LEVELS = ("declared", "documented", "used")

#: What the target offers for a CUDA name.
STATUSES = ("rename", "same", "adapt", "none")

#: What a use is in the source.
KINDS = (
    "include",  # #include <cuda_runtime.h>; name without brackets
    "call",  # a function, or function-like macro, that is called
    "function",  # a function that is named without being called
    "type",
    "constant",  # an enumerator
    "macro",  # an object-like macro, in code or in a directive
    "qualifier",  # __global__, __shared__, __launch_bounds__ …
    "variable",  # built-in variables: threadIdx, threadIdx.x, warpSize
    "member",  # field of a CUDA struct; its struct is the owner
    "namespace",  # using namespace cub; namespace cg = cooperative_groups;
    "launch",  # kernel<<<…>>>(…); name of the kernel
    "ptx",  # an instruction of an asm block or PTX module: its mnemonic; the special register it reads is the owner
    "string",  # an API name as the whole of a string literal: dlsym(lib, "cuInit")
    "pasted",  # a name made by ## in a #define body: CUDA_##name
    "hazard",  # code that compiles and computes something else; the hazard and its detail are the owner
)

#: What became of a file.
FILE_STATES = ("analysed", "no-cuda", "copy", "skipped", "unreadable", "not-analysed")


class Span(NamedTuple):
    """A half-open range of bytes."""

    start: int
    end: int


class Launch(NamedTuple):
    """One kernel launch as the scanner found it; spans are byte ranges of the source."""

    chevrons: Span  # from the first `<` of `<<<` to after the last `>` of `>>>`
    callee: Span  # the kernel's qualified name with its template arguments
    name: Span  # the kernel's qualified name without template arguments; empty when unnamed
    configuration: tuple[Span, ...]  # grid, block[, shared bytes[, stream]]
    arguments: Span  # from after `(` to before its `)`; empty when none was found


class Suppression(NamedTuple):
    """A comment by which people say that they know of findings: `// migrate: ignore[MIG301] why`."""

    line: int  # where the comment's words begin
    column: int
    scope: str  # line, block, file
    first: int  # first and last line it covers; last is 0 for the end of the file
    last: int
    ids: tuple[str, ...]  # finding ids or their beginnings, as written
    reason: str  # "" when none is given
    mistake: str  # why it has no effect: verb, ids, unclosed, unopened; "" for a good one


class Shape(NamedTuple):
    """What a use is, apart from the place where it stands; equal shapes are one object."""

    name: str
    kind: str
    library: str = ""  # runtime, driver, blas, …; the table the name belongs to
    owner: str = ""  # struct of a member; special register that a PTX instruction reads, and `ptx.groups.MARKS`
    function: str = ""  # enclosing function, "" at file level
    side: str = ""  # "host", "device", "host device", or "" when unknown
    define: str = ""  # macro in whose #define body it stands
    condition: str = ""  # the #if conditions it stands under, joined by " && "
    gap: bool = False  # answered from tokens: the tree has an error here


class Use(NamedTuple):
    """One place in the source that uses CUDA."""

    start: int
    length: int
    line: int
    column: int
    shape: Shape


class LaunchText(NamedTuple):
    """The configuration arguments of a launch as written; "" where left out."""

    grid: str
    block: str
    shared: str
    stream: str


@dataclass(frozen=True, slots=True)
class FileResult:
    """What one file came to; crosses processes and the cache."""

    path: str  # with "/", as a person would type it
    state: str  # one of FILE_STATES
    reason: str = ""  # why not analysed; stable English words, shown to people
    language: str = ""  # cuda, c++, python, cython, template, build, ptx, other
    size: int = 0  # bytes
    lines: int = 0
    encoding: str = ""
    digest: str = ""
    copy_of: str = ""  # path of the identical file that was analysed
    uses: Sequence[Use] = ()  # a tuple, or `packed.Uses`, which is equal to one
    launches: dict[int, LaunchText] = field(default_factory=dict)  # by start of the launch use
    gaps: tuple[Span, ...] = ()  # ranges the parser could not read
    declared: frozenset[str] = frozenset()  # CUDA-like names this file declares itself
    suppressions: tuple[Suppression, ...] = ()  # comments that keep findings quiet, in order


class Note(NamedTuple):
    """A remark in both languages."""

    en: str
    zh: str


class RuleText(NamedTuple):
    """What belongs to a rule and not to a place."""

    status: str  # one of STATUSES
    level: str  # best level of its evidence, or "inferred" when carried over
    evidence: tuple[str, ...]  # "level:source", best first
    notes: tuple[Note, ...]
    when: str  # condition on route, chip, SDK; "" when it always holds
    family: str  # the glob that answered, "" for a row of its own
    carried: str  # why a row of another route or of the base name answers; "" otherwise


class Answer(NamedTuple):
    """One target's answer for one shape of use."""

    id: str  # MIGnnn; "" when the use is of no concern for the target, which outputs then leave out
    category: str  # one of CLASSES; "class" in JSON
    replacement: str  # "" when there is none or nothing changes
    rule: str  # key into Scan.rules[target], "" without a rule
    fix: str  # safe, unsafe, display, or "" for none


class Edit(NamedTuple):
    """Bytes [start, end) replaced by *text*; an insertion has start == end."""

    start: int
    end: int
    text: bytes


class Fix(NamedTuple):
    """Edits that mend one finding, applied together or not at all."""

    edits: tuple[Edit, ...]  # sorted, not overlapping
    level: str  # safe, unsafe, display
    assumption: Note | None = None  # what an unsafe fix takes for granted


class AnswerKey(NamedTuple):
    """The part of a shape on which answers depend."""

    name: str
    kind: str
    owner: str
    side: str


class CudaNote(NamedTuple):
    """What CUDA itself says about a name: versions as NVIDIA writes them, "" when unstated."""

    added: str
    deprecated: str
    removed: str


class Target(NamedTuple):
    """A target as asked for, resolved against its manifest."""

    key: str  # as asked for, in full: "maca:cu-bridge", "cann:950@8.5"
    name: str  # "maca"
    variant: str  # "cu-bridge" or ""
    sdk: str  # "8.5" or "" for the newest
    kind: str  # cuda-like, compile-as-is, foreign
    facts: dict[str, str]  # route, chip, sdk … that row conditions are tested against
    title: str  # display name: "MACA (cu-bridge)"


class Scan(NamedTuple):
    """The whole result: input of every report; its JSON is the machine format."""

    tool: str  # version
    tables: dict[str, str]  # version, digest
    targets: tuple[Target, ...]
    files: tuple[FileResult, ...]  # sorted by path
    answers: dict[str, dict[AnswerKey, Answer]]  # target key → shape key → answer
    rules: dict[str, dict[str, RuleText]]  # target key → rule key → what the rule says
    cuda: dict[str, CudaNote]  # names that CUDA deprecated or removed
    near: dict[str, tuple[str, ...]]  # unknown name → nearest known names
    remarks: tuple[str, ...] = ()  # about the scan as a whole: ignore rules that could not be applied …


def answer_key(shape: Shape) -> AnswerKey:
    """The part of *shape* on which answers depend."""
    # Without the Python frame of AnswerKey's own constructor: it is asked for hundreds of thousands of times.
    return tuple.__new__(AnswerKey, (shape.name, shape.kind, shape.owner, shape.side))


#: Label of every kernel launch: the rule is the same for all of them, whatever kernel is launched.
LAUNCH = "<<<…>>>"


def label(shape: Shape) -> str:
    """What people call the thing used: `<cuda_runtime.h>`, `cudaDeviceProp.major`, `asm bfe.u32`, `<<<…>>>`."""
    if shape.kind == "include":
        return f"<{shape.name}>"
    if shape.kind == "member" and shape.owner:
        return f"{shape.owner}.{shape.name}"
    if shape.kind == "ptx":
        register = shape.owner.partition(" ")[0]  # behind it stands what becomes of its statement
        return f"asm {shape.name} {register}" if register[:1] in ("%", "W") else f"asm {shape.name}"
    return LAUNCH if shape.kind == "launch" else shape.name
