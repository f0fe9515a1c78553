"""Targets: the notation `name[:variant][@sdk]` and the manifests `rules/<target>/target.toml`.

`rules/targets.tsv` says which targets there are, in the order of every output. It suffices to resolve a target, so that
a hook need not import tomllib. A manifest holds what is known about the stack beyond single names: compiler, headers,
link names, macros, chips, routes. The tests keep the two equal.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from migrate.errors import UserError
from migrate.model import Target

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

#: Every target's default route, in the order of `rules/targets.tsv`.
ALL = "all"

#: What a target demands of a port (DESIGN: kind of target).
TARGET_KINDS = ("cuda-like", "compile-as-is", "foreign")

#: How far double precision goes on a chip; "partial" compiles but lacks operations or digits.
FP64_WORDS = ("full", "partial", "slow", "none", "unknown")

#: What a row of `targets.tsv` is: a target of the main list, a further one, a variant, a variant shown beside others.
ROLES = ("main", "more", "variant", "aside")

_COLUMNS = ("name", "variant", "role", "kind", "title", "facts", "aliases")
_DIGITS = frozenset("0123456789")


class TargetError(UserError, ValueError):
    """A target that cannot be resolved, or a manifest that cannot be read; the message is written for people."""


class Bilingual(NamedTuple):
    """A text in both languages."""

    en: str
    zh: str


class Entry(NamedTuple):
    """One row of `targets.tsv`: a target (variant "") or one of its variants."""

    name: str
    variant: str
    role: str  # one of ROLES
    kind: str  # one of TARGET_KINDS
    title: str
    facts: dict[str, str]
    aliases: tuple[str, ...]


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


@dataclass(frozen=True, slots=True)
class Variant:
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


@dataclass(frozen=True, slots=True)
class Manifest:
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


@lru_cache(maxsize=8)
def entries(rules_dir: Path) -> tuple[Entry, ...]:
    """Every row of `rules_dir/targets.tsv`, targets before their variants.

    Raises TargetError when the file is missing or not in its form.
    """
    path = rules_dir / "targets.tsv"
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except OSError as error:
        raise TargetError(f"{path}: cannot read the list of targets: {error.strerror}") from error
    if not lines or tuple(lines[0].split("\t")) != _COLUMNS:
        raise TargetError(f"{path}:1: the header line must be {' '.join(_COLUMNS)}, tab separated")
    rows = []
    for number, line in enumerate(lines[1:], start=2):
        columns = line.split("\t")
        if len(columns) != len(_COLUMNS):
            raise TargetError(f"{path}:{number}: {len(columns)} columns instead of {len(_COLUMNS)}")
        name, variant, role, kind, title, facts, aliases = columns
        pairs = dict(fact.split("=", 1) for fact in facts.split())
        rows.append(Entry(name, variant, role, kind, title, pairs, tuple(aliases.split())))
    return tuple(rows)


def names(rules_dir: Path, *, main_only: bool = False) -> tuple[str, ...]:
    """Names of all targets, or of those of the main list, in the order of every output."""
    return tuple(row.name for row in entries(rules_dir) if row.role == "main" or (row.role == "more" and not main_only))


def parse_target(text: str, rules_dir: Path) -> Target:
    """The target that *text* asks for in the notation `name[:variant][@sdk]`.

    Case does not matter and aliases are resolved. The facts are the target's defaults overlaid with the variant's, and
    `sdk` when a version is asked for; without one a row's condition on the SDK is tested against the newest.
    Raises TargetError, which names the part that is wrong, the nearest valid one, and all valid ones.
    """
    asked = text.strip().lower()
    head, at, sdk = asked.partition("@")
    name, colon, variant = head.partition(":")
    rows = entries(rules_dir)
    default = next((row for row in rows if not row.variant and name in (row.name, *row.aliases)), None)
    if default is None:
        raise TargetError(_name_message(text, name, rows))
    chosen = default
    if colon:
        variants = [row for row in rows if row.variant and row.name == default.name]
        found = next((row for row in variants if row.variant == variant), None)
        if found is None:
            valid = [row.variant for row in variants]
            what = f"unknown variant {_quoted(variant)} of target {default.name}"
            if not valid:
                raise TargetError(f"{what}: it has no variants")
            raise TargetError(f"{what}{_suggestion(variant, valid)} (valid: {', '.join(valid)})")
        chosen = found
    if at and not _is_version(sdk):
        raise TargetError(f"bad SDK version {_quoted(sdk)} in target {_quoted(text)}: digits and dots, as in @4.3")
    facts = {**default.facts, **chosen.facts}
    kind, title = chosen.kind, chosen.title
    if at:
        facts["sdk"] = sdk
        # supa@1 is the generation that has a variant of its own: same title and kind as supa:sdk1
        same = next((row for row in rows if row.name == default.name and row.variant and row.facts == facts), None)
        title = same.title if same else f"{title.partition(' SDK ')[0]} SDK {sdk}"
        kind = same.kind if same else kind
    key = default.name + (f":{variant}" if colon else "") + (f"@{sdk}" if at else "")
    return Target(key=key, name=default.name, variant=variant, sdk=sdk, kind=kind, facts=facts, title=title)


def parse_targets(text: str | Iterable[str], rules_dir: Path) -> tuple[Target, ...]:
    """The targets of a comma-separated list or of several such lists, in the given order, each once.

    `all` stands for the default route of every target. Raises TargetError, also when nothing is named.
    """
    parts = [part.strip() for item in ([text] if isinstance(text, str) else text) for part in item.split(",")]
    found: dict[str, Target] = {}
    for part in filter(None, parts):
        for single in names(rules_dir) if part.lower() == ALL else (part,):
            target = parse_target(single, rules_dir)
            found.setdefault(target.key, target)
    if not found:
        raise TargetError(f"no target given (valid: {', '.join(names(rules_dir))}, {ALL})")
    return tuple(found.values())


def asides(target: Target, rules_dir: Path) -> tuple[Target, ...]:
    """The compile-as-is routes that are shown beside *target*; none when a variant was asked for.

    A route that only one SDK generation has is left out beside another generation: SUDA beside supa@1.
    """
    if target.variant:
        return ()
    at = f"@{target.sdk}" if target.sdk else ""
    generation = target.sdk.partition(".")[0]
    rows = (row for row in entries(rules_dir) if row.name == target.name and row.role == "aside")
    fitting = (row for row in rows if not at or row.facts.get("sdk", generation) == generation)
    return tuple(parse_target(f"{row.name}:{row.variant}{at}", rules_dir) for row in fitting)


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
        raise TargetError(f"target {manifest.name} has no variant {_quoted(variant)}")
    chosen = manifest.variants[variant]
    return replace(
        manifest,
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


def _name_message(text: str, name: str, rows: tuple[Entry, ...]) -> str:
    """The message for a target name that does not exist."""
    if not name:
        return f"target {_quoted(text)} does not begin with a name"
    targets = [row for row in rows if not row.variant]
    valid = [row.name for row in targets]
    aliases = [alias for row in targets for alias in row.aliases]
    where = "" if text.strip().lower() == name else f" in {_quoted(text)}"
    near = _suggestion(name, valid + aliases)
    return f"unknown target {_quoted(name)}{where}{near} (valid: {', '.join(valid)}, {ALL})"


def _suggestion(word: str, valid: list[str]) -> str:
    """The part of a message that offers the nearest valid word, "" when nothing is near."""
    from difflib import get_close_matches

    near = get_close_matches(word, valid, n=1, cutoff=0.5)
    return f", did you mean {_quoted(near[0])}?" if near else ""


def _quoted(text: str) -> str:
    return f'"{text}"'


def _is_version(text: str) -> bool:
    """Whether *text* is numbers joined by single dots."""
    return all(part and _DIGITS.issuperset(part) for part in text.split("."))


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
        raise TargetError(f"{where}: {key} {_quoted(value)} is not one of {', '.join(valid)}")
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
