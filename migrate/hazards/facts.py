"""What a target's manifest says that hazards need: the chips that count, and statements about features."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path  # noqa: TC003 - the cache looks at the signature
from typing import TYPE_CHECKING, NamedTuple

from migrate.manifest import at_variant, load_manifest
from migrate.model import Note
from migrate.tables import condition

if TYPE_CHECKING:
    from migrate.manifest import Chip, HazardFact, Manifest
    from migrate.model import Target


class Verdict(NamedTuple):
    """Why a hazard is one on a target."""

    note: Note
    evidence: tuple[str, ...]  # "level:source", best first
    category: str = ""  # "" for that of the hazard
    replacement: str = ""  # what to write there, where one text is right for every such place
    fix: str = ""  # its level


class Facts:
    """A target's manifest as hazards ask it."""

    def __init__(self, target: Target, manifest: Manifest) -> None:
        self.target = target
        self.manifest = manifest
        self.chips: tuple[Chip, ...] = _chips(target, manifest)

    @property
    def runs_threads(self) -> bool:
        """Whether kernels keep CUDA's threads on some chip that counts; elsewhere they are written anew."""
        return any(chip.model == "simt" for chip in self.chips)

    def features(self, name: str) -> list[HazardFact]:
        """The manifest's statements about feature *name* that hold for this target."""
        chips = {chip.name for chip in self.chips}
        return [
            fact
            for fact in self.manifest.hazards
            if fact.feature == name
            and (not fact.chips or not chips.isdisjoint(fact.chips))
            and not condition.failing(fact.when, self.target.facts)
        ]

    def feature(self, name: str) -> Verdict | None:
        """The verdict those statements make, None when the manifest says nothing of *name*."""
        facts = self.features(name)
        if not facts:
            return None
        note = Note(" ".join(fact.en for fact in facts), "".join(fact.zh for fact in facts))
        return Verdict(note, tuple(piece for fact in facts for piece in fact.evidence.split("; ")))

    def chips_with(self, **values: object) -> list[Chip]:
        """The chips that count whose facts equal *values*."""
        return [chip for chip in self.chips if all(getattr(chip, key) == value for key, value in values.items())]


def sources(chips: list[Chip]) -> tuple[str, ...]:
    """The evidence of the facts of *chips*, each once; what ports of the vendor show counts as used."""
    return tuple(dict.fromkeys(f"used:{source}" for chip in chips for source in chip.source.split("; ")))


def named(chips: list[Chip]) -> str:
    """Chips as people call them: `mp_21, mp_22`."""
    return ", ".join(chip.name for chip in chips)


def _chips(target: Target, manifest: Manifest) -> tuple[Chip, ...]:
    """The chips a finding must hold for: the one asked for, else every one of the same model and SDK generation."""
    asked = manifest.variants[target.variant].facts.get("chip", "") if target.variant else ""
    default = target.facts.get("chip", "")
    if asked:
        return (manifest.chips[asked],)
    first = manifest.chips.get(default)
    sdk = target.facts.get("sdk", "").partition(".")[0]
    return tuple(
        chip
        for chip in manifest.chips.values()
        if (first is None or chip.model == first.model) and (not chip.sdk or not sdk or chip.sdk == sdk)
    )


@lru_cache(maxsize=64)
def _loaded(rules_dir: Path, name: str, variant: str) -> Manifest:
    return at_variant(load_manifest(rules_dir, name), variant)


def facts_of(target: Target, rules_dir: Path) -> Facts:
    """The facts of *target*."""
    return Facts(target, _loaded(rules_dir, target.name, target.variant))
