"""Manifests `rules/<target>/target.toml`: what is known about a stack beyond single names.

Compiler, headers, link names, macros, chips, variants and facts that hazards ask for, each with its source.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, NamedTuple

from migrate.targets import TARGET_KINDS, TargetError, quoted

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

#: How far double precision goes on a chip; "partial" compiles but lacks operations or digits.
FP64_WORDS = ("full", "partial", "slow", "none", "unknown")


class Bilingual(NamedTuple):
    """A text in both languages."""

    en: str
    zh: str


class Macros(NamedTuple):
    """Macros by which code recognises the stack.

    `guards` are those that public projects put around code written for it, the compiler's own among them.
    """

    compiler: tuple[str, ...] = ()
    device: str = ""  # stands in for __CUDA_ARCH__
    guards: tuple[str, ...] = ()


class Arch(NamedTuple):
    """What CUDA's version macros read when the stack compiles CUDA source, as lowest and highest value.

    An undefined macro reads 0, as in a preprocessor condition; None is "not known".
    """

    cuda_arch: tuple[int, int] | None = None  # __CUDA_ARCH__ in the device pass
    cuda_version: tuple[int, int] | None = None  # CUDA_VERSION and CUDART_VERSION
    source: str = ""  # "level:source", joined by "; "


class Chip(NamedTuple):
    """One architecture of the stack. Zero and "" mean that the value is not known, or that there is no such thing."""

    name: str
    title: str  # product names
    source: str
    model: str = ""  # "simt": threads as in CUDA; "simd": a thread is a whole core
    warp: int = 0  # lanes
    shared_memory_kb: int = 0  # a block, in KiB
    max_threads_per_block: int = 0
    max_blocks_per_grid: int = 0  # product of the three dimensions
    fp64: str = "unknown"  # one of FP64_WORDS
    arch_macro: str = ""  # where it differs from Macros.device
    arch_value: int = 0  # value of that macro
    capability: str = ""  # what the runtime reports as compute capability
    sdk: str = ""  # generation of the SDK that drives it, where generations do not share chips


class HazardFact(NamedTuple):
    """A statement that code which compiles behaves otherwise, or a feature does not work, on this stack."""

    feature: str  # detail of a hazard, or a fact that one asks for (`migrate.hazards`)
    en: str  # one sentence without its full stop
    zh: str
    evidence: str  # "level:source"
    when: str = ""  # condition on route, chip, SDK, as rule rows write it; "" when it always holds
    chips: tuple[str, ...] = ()  # chips it holds for; empty = every one
    number: int = 0  # a limit, where the feature is one


class Variant(NamedTuple):
    """One route, chip or SDK generation; empty tables repeat the manifest's, an entry of "" takes one away."""

    name: str
    facts: dict[str, str]
    title: Bilingual
    kind: str
    aside: bool  # a cheaper route that comparisons show beside the default one
    api_prefixes: tuple[str, ...] | None
    compiler: dict[str, str]
    headers: dict[str, str]
    link: dict[str, str]
    arch: Arch | None


class Manifest(NamedTuple):
    """What is known about a stack beyond single names; tables are empty where nothing is known.

    Keys of `compiler`: name, language (its `-x` word), suffix, header_suffix, arch_option. Keys of `headers`: the
    library (runtime, driver, blas …), fp16, bf16, fp8, kernel. Keys of `link`: CUDA's library name without `lib`.
    Keys of `environment`: home, path, visible_devices, monitor. Keys of `torch`: package, device, backend, extension,
    adapter, arch_list. A prefix of `api_prefixes` counts where an upper-case letter, a digit or `_` follows it.
    """

    name: str
    vendor: Bilingual
    stack: str
    title: str
    kind: str
    material: Bilingual
    aliases: tuple[str, ...]
    defaults: dict[str, str]
    newest_sdk: str  # what a bare name means; "" where versions are not known
    known_sdks: tuple[str, ...]  # those that public material tells apart, oldest first
    version_macro: str
    compiler: dict[str, str]
    headers: dict[str, str]
    link: dict[str, str]
    macros: Macros
    arch: Arch
    api_prefixes: tuple[str, ...]
    environment: dict[str, str]
    torch: dict[str, str]
    chips: dict[str, Chip]
    variants: dict[str, Variant]
    hazards: tuple[HazardFact, ...] = ()


def load_manifest(rules_dir: Path, name: str) -> Manifest:
    """The manifest of target *name*, an alias or a target's notation not accepted.

    Raises TargetError naming the file and the key that is missing or of the wrong type.
    """
    path = rules_dir / name / "target.toml"
    table = _read_toml(path)
    where = str(path)
    kind = _word(table, "kind", TARGET_KINDS, where)
    sdk = _table(table, "sdk", where)
    macros = _table(table, "macros", where)
    chips = _table(table, "chips", where)
    variants = _table(table, "variants", where)
    return Manifest(
        name=_text(table, "name", where),
        vendor=_bilingual(table, "vendor", where),
        stack=_text(table, "stack", where),
        title=_text(table, "title", where),
        kind=kind,
        material=_bilingual(table, "material", where),
        aliases=_texts(table, "aliases", where),
        defaults=_strings(table, "defaults", where),
        newest_sdk=str(sdk.get("newest", "")),
        known_sdks=_texts(sdk, "known", where),
        version_macro=str(sdk.get("version_macro", "")),
        compiler=_strings(table, "compiler", where),
        headers=_strings(table, "headers", where),
        link=_strings(table, "link", where),
        macros=Macros(
            compiler=_texts(macros, "compiler", where),
            device=str(macros.get("device", "")),
            guards=_texts(macros, "guards", where),
        ),
        arch=_arch(_table(table, "arch", where), where),
        api_prefixes=_texts(table, "api_prefixes", where),
        environment=_strings(table, "environment", where),
        torch=_strings(table, "torch", where),
        chips={key: _chip(key, _table(chips, key, where), f"{where}: chips.{key}") for key in chips},
        variants={
            key: _variant(key, _table(variants, key, where), kind, f"{where}: variants.{key}") for key in variants
        },
        hazards=_hazards(table.get("hazards", []), set(chips), where),
    )


def at_variant(manifest: Manifest, variant: str) -> Manifest:
    """*manifest* as it reads for one variant: its kind, facts, compiler, headers, link names and prefixes.

    "" gives the manifest itself. Raises TargetError for a variant it does not have.
    """
    if not variant:
        return manifest
    if variant not in manifest.variants:
        raise TargetError(f"target {manifest.name} has no variant {quoted(variant)}")
    chosen = manifest.variants[variant]
    return manifest._replace(
        kind=chosen.kind,
        defaults={**manifest.defaults, **chosen.facts},
        api_prefixes=manifest.api_prefixes if chosen.api_prefixes is None else chosen.api_prefixes,
        compiler=_overlaid(manifest.compiler, chosen.compiler),
        headers=_overlaid(manifest.headers, chosen.headers),
        link=_overlaid(manifest.link, chosen.link),
        arch=manifest.arch if chosen.arch is None else chosen.arch,
    )


def _overlaid(base: dict[str, str], top: dict[str, str]) -> dict[str, str]:
    """*base* with the entries of *top* in their place; an entry of "" takes one away."""
    return {key: value for key, value in {**base, **top}.items() if value}


def _read_toml(path: Path) -> dict[str, Any]:
    """The document at *path*; TOML is imported here because only few commands read a manifest."""
    if sys.version_info >= (3, 11):
        import tomllib
    else:
        import tomli as tomllib
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise TargetError(f"{path}: cannot read the manifest: {error.strerror}") from error
    try:
        return dict(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise TargetError(f"{path}: {error}") from error


def _table(table: Mapping[str, Any], key: str, where: str) -> dict[str, Any]:
    value = table.get(key, {})
    if not isinstance(value, dict):
        raise TargetError(f"{where}: {key} must be a table")
    return value


def _strings(table: Mapping[str, Any], key: str, where: str) -> dict[str, str]:
    value = _table(table, key, where)
    for inner, text in value.items():
        if not isinstance(text, str):
            raise TargetError(f"{where}: {key}.{inner} must be a string")
    return value


def _text(table: Mapping[str, Any], key: str, where: str) -> str:
    value = table.get(key)
    if not isinstance(value, str) or not value:
        raise TargetError(f"{where}: {key} is missing")
    return value


def _texts(table: Mapping[str, Any], key: str, where: str) -> tuple[str, ...]:
    value = table.get(key, [])
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise TargetError(f"{where}: {key} must be a list of strings")
    return tuple(value)


def _word(table: Mapping[str, Any], key: str, valid: tuple[str, ...], where: str) -> str:
    value = _text(table, key, where)
    if value not in valid:
        raise TargetError(f"{where}: {key} {quoted(value)} is not one of {', '.join(valid)}")
    return value


def _bilingual(table: Mapping[str, Any], key: str, where: str) -> Bilingual:
    value = _strings(table, key, where)
    if not value.get("en") or not value.get("zh"):
        raise TargetError(f"{where}: {key} needs a text in both languages, en and zh")
    return Bilingual(value["en"], value["zh"])


def _arch(table: Mapping[str, Any], where: str) -> Arch:
    return Arch(_range(table, "cuda_arch", where), _range(table, "cuda_version", where), str(table.get("source", "")))


def _range(table: Mapping[str, Any], key: str, where: str) -> tuple[int, int] | None:
    value = table.get(key, [])
    if value == []:
        return None
    if not isinstance(value, list) or len(value) != 2 or not all(isinstance(item, int) for item in value):
        raise TargetError(f"{where}: arch.{key} must be two numbers, or empty where it is not known")
    return value[0], value[1]


def _chip(name: str, entry: dict[str, Any], where: str) -> Chip:
    known = {key: type(default) for key, default in Chip._field_defaults.items()}
    rest = {key: value for key, value in entry.items() if key not in {"title", "source"}}
    for key, value in rest.items():
        if key not in known:
            raise TargetError(f"{where}: unknown key {key}")
        if type(value) is not known[key]:
            raise TargetError(f"{where}: {key} must be a {known[key].__name__}")
    if rest.get("fp64", "unknown") not in FP64_WORDS:
        raise TargetError(f"{where}: fp64 is not one of {', '.join(FP64_WORDS)}")
    return Chip(name=name, title=_text(entry, "title", where), source=_text(entry, "source", where), **rest)


def _hazards(entries: object, chips: set[str], where: str) -> tuple[HazardFact, ...]:
    """The statements of `[[hazards]]`; each needs a feature, a text in both languages and evidence with its level."""
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise TargetError(f"{where}: hazards must be tables, [[hazards]]")
    facts = []
    for number, entry in enumerate(entries, start=1):
        here = f"{where}: hazards, entry {number}"
        unknown = set(entry) - set(HazardFact._fields)
        if unknown:
            raise TargetError(f"{here}: unknown key {min(unknown)}")
        named = _texts(entry, "chips", here)
        if not chips.issuperset(named):
            raise TargetError(f"{here}: chips names one that the manifest does not list")
        texts = {key: _text(entry, key, here) for key in ("feature", "en", "zh", "evidence")}
        facts.append(
            HazardFact(**texts, when=str(entry.get("when", "")), chips=named, number=int(entry.get("number", 0)))
        )
    return tuple(facts)


def _variant(name: str, entry: dict[str, Any], kind: str, where: str) -> Variant:
    return Variant(
        name=name,
        facts=_strings(entry, "facts", where),
        title=_bilingual(entry, "title", where),
        kind=_word(entry, "kind", TARGET_KINDS, where) if "kind" in entry else kind,
        aside=entry.get("aside") is True,
        api_prefixes=_texts(entry, "api_prefixes", where) if "api_prefixes" in entry else None,
        compiler=_strings(entry, "compiler", where),
        headers=_strings(entry, "headers", where),
        link=_strings(entry, "link", where),
        arch=_arch(_table(entry, "arch", where), where) if "arch" in entry else None,
    )
