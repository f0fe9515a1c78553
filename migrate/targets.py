"""Targets: the notation `name[:variant][@sdk]` and the list `rules/targets.tsv`, in the order of every output.

The list suffices to resolve a target, so that a hook need not import tomllib; what else is known about a stack stands
in its manifest (`migrate.manifest`). The tests keep the two equal.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from migrate.errors import UserError
from migrate.model import Target

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

#: Every target's default route, in the order of `rules/targets.tsv`.
ALL = "all"
#: What a target demands of a port (DESIGN: kind of target).
TARGET_KINDS = ("cuda-like", "compile-as-is", "foreign")
#: What a row of `targets.tsv` is: a target of the main list, a further one, a variant, a variant shown beside others.
ROLES = ("main", "more", "variant", "aside")
_COLUMNS = ("name", "variant", "role", "kind", "title", "facts", "aliases")
_DIGITS = frozenset("0123456789")


class TargetError(UserError, ValueError):
    """A target that cannot be resolved, or a manifest that cannot be read; the message is written for people."""


class Entry(NamedTuple):
    """One row of `targets.tsv`: a target (variant "") or one of its variants."""

    name: str
    variant: str
    role: str  # one of ROLES
    kind: str  # one of TARGET_KINDS
    title: str
    facts: dict[str, str]
    aliases: tuple[str, ...]


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
            what = f"unknown variant {quoted(variant)} of target {default.name}"
            if not valid:
                raise TargetError(f"{what}: it has no variants")
            raise TargetError(f"{what}{_suggestion(variant, valid)} (valid: {', '.join(valid)})")
        chosen = found
    if at and not _is_version(sdk):
        raise TargetError(f"bad SDK version {quoted(sdk)} in target {quoted(text)}: digits and dots, as in @4.3")
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


def _name_message(text: str, name: str, rows: tuple[Entry, ...]) -> str:
    """The message for a target name that does not exist."""
    if not name:
        return f"target {quoted(text)} does not begin with a name"
    targets = [row for row in rows if not row.variant]
    valid = [row.name for row in targets]
    aliases = [alias for row in targets for alias in row.aliases]
    where = "" if text.strip().lower() == name else f" in {quoted(text)}"
    near = _suggestion(name, valid + aliases)
    return f"unknown target {quoted(name)}{where}{near} (valid: {', '.join(valid)}, {ALL})"


def _suggestion(word: str, valid: list[str]) -> str:
    """The part of a message that offers the nearest valid word, "" when nothing is near."""
    from difflib import get_close_matches

    near = get_close_matches(word, valid, n=1, cutoff=0.5)
    return f", did you mean {quoted(near[0])}?" if near else ""


def quoted(text: str) -> str:
    """*text* in quotation marks, as messages show what a user wrote."""
    return f'"{text}"'


def _is_version(text: str) -> bool:
    """Whether *text* is numbers joined by single dots."""
    return all(part and _DIGITS.issuperset(part) for part in text.split("."))
