"""Which of ten profiles a kernel has, and which operation it is, from its name and its body.

The name decides first, by the patterns of `operations.tsv` in their order; a body that speaks against it is heard.
Without a telling name the body alone decides.
"""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from migrate import lazy

if TYPE_CHECKING:
    from migrate.kernels.features import Features

#: The ten profiles.
PROFILES = (
    "element-wise",
    "reduction",
    "normalisation",
    "softmax",
    "gemm",
    "stencil",
    "gather-scatter",
    "scan-sort",
    "attention",
    "unknown",
)

_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_BACKWARD = re.compile(r"_(?:backward|bwd|back|grad|gradient|d?grad_input)_")
_TWICE = re.compile(r"double_?(?:back|grad)|(?:backward|bwd|grad)_?(?:backward|bwd|grad)")
_QUANTISED = re.compile(r"(?:dynamic_)?(?:per_token|scaled|static)?\w*quant")
#: Words of a name that say nothing of what the kernel does.
_FILLERS = frozenset(
    "kernel cuda gpu global device ker op unary binary naive generic contiguous vec vectorized vectorised fwd "
    "forward impl f16 f32 f64 bf16 fp16 fp32 half float double int n t 1d 2d 3d inplace out array tensor elements "
    "strided".split()
)
#: Work on bits that changes what a kernel named after its product does: packed weights.
_PACKED = re.compile(r"_q\d|_iq\d|gptq|awq|marlin|exl|squeeze|quant|int[348]|[ws][48]a\d+|fp4|nf4|\dbit|_q_|ggml_type")
#: Signs of what reaches beyond a block, or of threads that go different ways.
_BEYOND = frozenset({"system", "cluster", "partition", "queue"})
#: Statements beyond which a body is no formula.
_LONG = 60
_EXPONENTIALS = frozenset({"exp", "exp2"})
_ROOTS = frozenset({"sqrt", "rsqrt"})
#: Functions that no matrix product applies to what it adds up.
_CURVED = frozenset({"exp", "exp2", "log", "log2", "sqrt", "rsqrt", "pow", "sin", "cos", "sincos", "tan", "atan2"})


class Profile(NamedTuple):
    """What a kernel computes."""

    profile: str  # one of PROFILES
    operation: str  # of `operations.tsv`, "" when the name says none
    basis: str  # "name", "body" or "both"
    backward: bool
    quantises: bool  # also writes quantised results
    packed: bool  # works on packed weights or blocks


class _Row(NamedTuple):
    pattern: re.Pattern[str]
    operation: str
    profile: str
    plain: bool  # a single word that counts only in a name of hardly anything else (`=` before the pattern)

    def says(self, name: str, words: frozenset[str]) -> bool:
        """Whether a kernel with the spelled *name*, whose telling words are *words*, is this operation."""
        if self.plain:
            return len(words) <= 2 and any(self.pattern.fullmatch(word) for word in words)
        return self.pattern.search(name) is not None


@lru_cache(maxsize=1)
def _operations() -> tuple[_Row, ...]:
    text = Path(__file__).with_name("operations.tsv").read_text(encoding="utf-8")
    rows = (line.split("\t") for line in text.splitlines()[1:])
    return tuple(
        _Row(lazy.pattern(pattern.removeprefix("=")), operation, profile, pattern.startswith("="))
        for pattern, operation, profile in rows
    )


def spelled(name: str) -> str:
    """*name* in small letters, its words set apart and framed by `_`."""
    words = _CAMEL.sub("_", name).lower()
    return f"_{words}_".replace("__", "_")


def profile_of(name: str, found: Features) -> Profile:
    """The profile of the kernel *name* whose body has the features *found*."""
    words = spelled(name)
    telling = frozenset(words.strip("_").split("_")) - _FILLERS
    row = next((row for row in _operations() if row.says(words, telling)), None)
    if row is not None and not _can_be(row, found):
        row = None  # a name like that of something else
    body = _by_body(found)
    backward = _BACKWARD.search(words) is not None
    quantises = _QUANTISED.search(words) is not None and "dequant" not in words
    packed = found.unpacks or (_PACKED.search(words) is not None and not quantises)
    if row is None:
        return Profile(body, _shown(body, found), "body", backward, quantises, packed)
    profile = _heard(row, body, found)
    backward = backward and profile != "reduction"  # the backward of a reduction spreads, it does not reduce
    if profile != row.profile or _TWICE.search(words):
        return Profile(profile, _shown(profile, found), "body", backward, quantises, packed)
    return Profile(profile, row.operation, "both" if body == profile else "name", backward, quantises, packed)


def _can_be(row: _Row, found: Features) -> bool:
    """Whether a body may be what its name says, as far as no other profile tells."""
    if row.operation == "fill":
        return found.fills
    if row.operation == "cast":
        return not found.math and not found.scales
    return bool(row.profile)


def _shown(profile: str, found: Features) -> str:
    """The operation that a short body shows by itself, "" when it does not."""
    if found.math - {"max", "fmax"} or found.unpacks:
        return ""
    if profile == "element-wise" and found.fills:
        return "fill"
    if profile == "scan-sort" and found.compacts and found.statements <= 6:
        return "nonzero"
    if profile == "gather-scatter" and found.depth == 0 and found.statements <= 6 and found.tables == 1:
        return "scatter-add" if "atomics" in found.signs else "gather"
    plain = found.sums and not (found.calls or found.products or found.indirect)
    if profile == "reduction" and plain and found.statements <= 25:
        return "sum"
    return ""


def _heard(row: _Row, body: str, found: Features) -> str:
    """The profile that the name says, unless the body cannot be that."""
    said = row.profile
    if said == "element-wise":
        # A name says the function, the body how elements are found.
        if found.indirect == "table" and row.operation not in (
            "dequantise",
            "quantise",
            "quantise-float",
            "repack",
            "focal-loss",
            "rope",
            "optimiser",
        ):
            return "gather-scatter"
        if body in ("softmax", "attention"):
            return body
        if "atomics" in found.signs:
            return "gather-scatter" if found.indirect else body
        if body in ("reduction", "normalisation", "gemm") and row.operation in (
            "add",
            "mul",
            "scale",
            "square",
            "copy",
            "fill",
            "abs",
            "binary-cross-entropy",
        ):
            return body
    if said == "reduction":
        if found.indirect == "table" and "atomics" in found.signs:
            return "gather-scatter"
        if body == "element-wise":
            return body
    if row.operation == "batch-norm" and body in ("reduction", "element-wise"):
        return body
    if said == "stencil" and found.indirect == "table" and found.window < 3:
        return "gather-scatter"
    if said == "scan-sort" and found.stores and found.depth == 0 and not found.signs & {"shared", "barrier", "block"}:
        return body
    if said == "gemm" and found.depth == 0 and not found.products and body != "unknown":
        return body
    return said


def _by_body(found: Features) -> str:
    """The profile that the body alone shows."""
    signs = found.signs
    exponentials = bool(found.math & _EXPONENTIALS)
    joins = bool(signs & {"warp", "block"}) or found.tree
    if found.compacts:
        return "scan-sort"
    if "hash" in signs or "compare-swap" in signs:
        return "gather-scatter" if found.indirect or "hash" in signs else "unknown"
    if signs & _BEYOND or (found.leaves_early and "shared" in signs and found.statements > _LONG):
        return "unknown"
    if exponentials and found.products and found.divides_by_sum and found.depth >= 2:
        return "attention"
    if exponentials and joins and found.divides_by_sum:
        return "softmax"
    if "tensor-core" in signs:
        return "gemm"
    if found.unpacks and not found.products and not joins and "atomics" not in signs:
        return "element-wise"
    if joins and found.math & _ROOTS and found.depth and found.indirect != "table":
        return "normalisation"
    if found.running:
        return "scan-sort"
    if "random" in signs and (found.depth > 1 or (found.depth and (found.sums or found.products))):
        return "unknown"
    if found.window >= 3 and found.depth >= 2:
        return "gather-scatter" if found.indirect == "table" else "stencil"
    sums_products = found.products and (found.depth >= 1 if found.indirect == "" else found.depth >= 2)
    if sums_products and not joins and found.math & _CURVED:
        return "unknown"  # of all pairs, by a formula
    if found.products and found.depth >= 2 and (signs & {"shared"} or found.depth >= 3):
        return "gemm"
    if "atomics" in signs and (found.indirect or not joins):
        return "gather-scatter" if found.indirect or found.statements <= _LONG else "unknown"
    if joins:
        return "reduction"
    if found.indirect == "table":
        return "gather-scatter"
    if found.products and found.depth >= 1 and found.indirect == "":
        return "gemm"
    if found.neighbours:
        return "stencil"
    if found.single_threads >= 3 or not found.stores or not (found.threads or found.depth):
        return "unknown"
    if found.leaves_early and found.depth >= 2:
        return "unknown"
    if found.sums and found.depth >= 1 and not signs & {"shared"} and found.stores <= 2:
        return "reduction"
    if found.indirect and found.depth >= 1:
        return "gather-scatter"
    if signs & {"shared"}:
        return "unknown"
    if found.depth == 0 or (found.depth <= 2 and found.statements <= _LONG):
        return "element-wise"
    return "unknown"
