"""Hazards: code that compiles and then computes something else. One module a hazard.

A module declares `HAZARD`; `MODULES` lists them in the order of ids. Facts of targets: `rules/*/target.toml`.
"""

from __future__ import annotations

from functools import lru_cache
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, cast

from migrate.hazards.facts import Facts, facts_of
from migrate.tables import compiled

if TYPE_CHECKING:
    from collections.abc import Iterator

    from migrate.hazards.facts import Verdict
    from migrate.hazards.hazard import Hazard
    from migrate.parse.uses import Finder, Found

__all__ = [
    "MENDABLE",
    "MODULES",
    "Facts",
    "facts_of",
    "find_all",
    "find_mendable",
    "find_with_threads",
    "judge",
    "load",
]

#: Modules of this package that declare a hazard.
MODULES = (
    "changed_signature",
    "warp_width",
    "warp_mask",
    "warp_ballot",
    "architecture_test",
    "capability_test",
    "device_fields",
    "lockstep",
    "partial_mask",
    "implicit_sync",
    "divergent_barrier",
    "shared_memory",
    "block_size",
    "launch_limits",
    "double_precision",
    "rounding",
    "enum_numbers",
    "vector_layout",
    "atomics",
    "number_formats",
    "library_types",
    "handle_size",
    "host_memory",
    "textures",
    "device_model",
    "cooperation",
    "graphs",
)


#: Slugs of the hazards whose verdict can carry a fix.
MENDABLE = ("warp-mask",)

#: Headers that only source for HIP includes, and those of CUDA that show a file for both.
_HIP = frozenset({b"hip_runtime", b"hip_fp16", b"hip_bf16", b"hip_fp8", b"hip_bfloat16", b"hip_cooperative_groups"})
_CUDA = frozenset({b"cuda_runtime", b"cuda_fp16", b"cuda_bf16", b"cuda_fp8", b"cooperative_groups"})


@lru_cache(maxsize=1)
def load() -> dict[str, Hazard]:
    """Every hazard by its slug, in the order of `MODULES`."""
    return {hazard.slug: hazard for hazard in map(_module, MODULES)}


@lru_cache(maxsize=len(MODULES))
def _module(name: str) -> Hazard:
    return cast("Hazard", import_module(f"{__name__}.{name}").HAZARD)


@lru_cache(maxsize=1)
def _triggered() -> tuple[frozenset[int], dict[bytes, list[int]]]:
    """Places in `MODULES` of the hazards that every file is asked about, and of the others by each of their triggers.

    Kept beside the compiled tables: a hook imports only the hazards that its file needs.
    """

    def read() -> tuple[list[tuple[bytes, ...]], bytes]:
        return [tuple(sorted(hazard.triggers)) for hazard in load().values()], b""

    triggers, _ = compiled.kept(Path(__file__).parent, read)
    by_word: dict[bytes, list[int]] = {}
    for number, words in enumerate(triggers):
        for word in words:
            by_word.setdefault(word, []).append(number)
    return frozenset(number for number, words in enumerate(triggers) if not words), by_word


def _one(slug: str) -> Hazard | None:
    """The hazard called *slug*, whose module is named so too: a hook that needs one does not import all."""
    module = slug.replace("-", "_")
    return _module(module) if module in MODULES else load().get(slug)


def find_all(finder: Finder) -> Iterator[Found]:
    """Every hazard in one analysed file, and what each of its kernels computes."""
    return _find(finder, kernels=True)


def find_with_threads(finder: Finder) -> Iterator[Found]:
    """Every hazard in one analysed file that targets with CUDA's threads ask for: they keep kernels as they are."""
    return _find(finder, kernels=False)


def _find(finder: Finder, *, kernels: bool) -> Iterator[Found]:
    from migrate.hazards.code import Code

    code = Code(finder)
    words = code.words
    if _is_hip(words):
        return
    always, by_word = _triggered()
    numbers = always.union(*(by_word[word] for word in words & by_word.keys()))
    for number in sorted(numbers):
        yield from _module(MODULES[number]).find(code)
    if kernels and b"__global__" in words:
        from migrate.hazards import kernel

        yield from kernel.find(code)


def find_mendable(finder: Finder) -> Iterator[Found]:
    """The hazards in one analysed file that a rewriter may have a fix for."""
    from migrate.hazards.code import Code

    code = Code(finder)
    for slug in MENDABLE if not _is_hip(code.words) else ():
        hazard = _one(slug)
        if hazard is not None:
            yield from hazard.find(code)


def _is_hip(words: set[bytes]) -> bool:
    """Whether a file of these words is written for HIP already."""
    return not words.isdisjoint(_HIP) and words.isdisjoint(_CUDA)


def judge(owner: str, name: str, facts: Facts) -> tuple[Hazard, Verdict] | None:
    """What the hazard *owner* ("slug/detail") at a place called *name* means on a target; None when nothing."""
    slug, _, detail = owner.partition("/")
    if slug == "kernel":  # one a kernel, with four findings instead of one
        from migrate.hazards import kernel

        return kernel.judge(detail, facts)
    hazard = _one(slug)
    if hazard is None or (hazard.kernel and not facts.runs_threads):
        return None
    verdict = hazard.judge(detail, name, facts)
    return None if verdict is None else (hazard, verdict)
