"""The rows of a target: words and conditions of the format, evidence, and one answer for each variant."""

from __future__ import annotations

import re
import sys
from collections import defaultdict
from typing import TYPE_CHECKING, Any

from migrate.model import LEVELS, STATUSES
from migrate.tables.condition import Test, failing, parse, version_key
from migrate.tables.rules import evidence_pieces

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from migrate.tables.lint_form import Problem, Row

_FACTS = frozenset({"route", "chip", "sdk", "hip", "cuda", "rank"})
_VALUE = re.compile(r"[\w.+-]+(?:\|[\w.+-]+)*")
_VERSIONED = frozenset({">=", "<"})
_IDENTIFIER = re.compile(r"[A-Za-z_]\w*(?:::[A-Za-z_]\w*)*")
#: Names of the C and C++ languages themselves: no vendor declares them.
_LANGUAGE = re.compile(r"std::.*|u?int(?:8|16|32|64)_t|size_t|void|bool|char|short|int|long|float|double")


def words(row: Row) -> Iterator[Problem]:
    """Cells of one row that break the words and forms of the format."""
    if not row.cuda:
        yield row.wrong("the CUDA name is empty")
    if row.status not in STATUSES:
        yield row.wrong(f'status "{row.status}" is not one of {", ".join(STATUSES)}')
    elif row.status == "none" and row.target:
        yield row.wrong(f'status none takes no target, "{row.target}" stands there')
    elif row.status in ("rename", "same") and not row.target:
        yield row.wrong(f"status {row.status} needs a target")
    elif row.status == "same" and row.target != row.cuda:
        yield row.wrong(f'status same with another name "{row.target}"')
    elif row.status == "rename" and row.target == row.cuda:
        yield row.wrong("status rename with the same name: write same")
    if not row.kind:
        yield row.wrong("the kind is empty")
    yield from _when(row)
    yield from _evidence(row)


def _when(row: Row) -> Iterator[Problem]:
    """Conditions that are not of the grammar, or stand twice."""
    try:
        tests = parse(row.when)
    except ValueError as error:
        yield row.wrong(str(error))
        return
    ranks = [token for token in row.when.split() if token.startswith("rank")]
    if len(ranks) > 1 or any(not re.fullmatch(r"rank=[2-9]", rank) for rank in ranks):
        yield row.wrong(f'rank is one number from 2 to 9: "{row.when}"')
    if row.when != " ".join(row.when.split()):
        yield row.wrong(f'conditions are joined by one space: "{row.when}"')
    for test in tests:
        value = "|".join(test.values)
        if test.fact not in _FACTS:
            yield row.wrong(f'"{test.fact}" is no fact of a target; one of {", ".join(sorted(_FACTS))}')
        elif not _VALUE.fullmatch(value):
            yield row.wrong(f'condition value "{value}" is empty or has odd characters')
        elif test.operator in _VERSIONED and (len(test.values) > 1 or not version_key(value)):
            yield row.wrong(f'"{test.operator}" needs one version, not "{value}"')
    said = [(test.fact, test.operator) for test in tests]
    if len(said) != len(set(said)):
        yield row.wrong(f'one fact is tested twice: "{row.when}"')


def _evidence(row: Row) -> Iterator[Problem]:
    """Evidence that is missing, without a source, or not best first."""
    if not row.evidence:
        yield row.wrong("no evidence")
        return
    order = []
    for piece in evidence_pieces(row.evidence):
        level, colon, source = piece.partition(":")
        if level not in LEVELS or not colon or not source.strip():
            yield row.wrong(f'evidence "{piece[:60]}" is not level:source with one of {", ".join(LEVELS)}')
            return
        order.append(LEVELS.index(level))
    if order != sorted(order):
        yield row.wrong("evidence does not stand best first")


def repeated(rows: list[Row]) -> Iterator[Problem]:
    """Keys that two files of one target answer under the same condition."""
    first: dict[tuple[str, str], Row] = {}
    for row in rows:
        before = first.setdefault((row.cuda, row.when), row)
        if before.path != row.path:
            yield row.wrong(f"{row.cuda} is answered in {before.path}:{before.line} too")


def variants_of(manifest: Path) -> dict[str, dict[str, str]]:
    """Facts of each variant, defaults filled in; empty without a manifest."""
    if not manifest.is_file():
        return {}
    if sys.version_info >= (3, 11):
        import tomllib
    else:
        import tomli as tomllib

    data: dict[str, Any] = tomllib.loads(manifest.read_text(encoding="utf-8"))
    defaults = {key: str(value) for key, value in data.get("defaults", {}).items()}
    variants = {"": defaults}
    for name, variant in data.get("variants", {}).items():
        variants[name] = {**defaults, **{key: str(value) for key, value in variant.get("facts", {}).items()}}
    return variants


def contradictions(rows: list[Row], variants: Mapping[str, Mapping[str, str]]) -> Iterator[Problem]:
    """Keys for which one variant has two different answers of equal rank.

    SDK versions that conditions name are tried on either side, since a variant does not fix them.
    """
    by_key: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        by_key[row.cuda].append(row)
    for key, candidates in by_key.items():
        if len({(row.target, row.status) for row in candidates}) < 2:
            continue
        try:
            tests = [test for row in candidates for test in parse(row.when)]
        except ValueError:  # said by _when
            continue
        for variant, facts in _tried(variants, tests):
            holding = [row for row in candidates if not failing(row.when, facts)]
            best = min((_rank(row) for row in holding), default=0)
            answers = {(row.target, row.status): row for row in holding if _rank(row) == best}
            if len(answers) > 1:
                first, second = list(answers.values())[:2]
                said = f"{first.status} {first.target}".strip(), f"{second.status} {second.target}".strip()
                where = f"variant {variant}" if variant else "the bare target"
                yield second.wrong(
                    f'{key}: for {where} both "{said[0]}" and "{said[1]}" hold; give one rank=2',
                )
                break


def _tried(variants: Mapping[str, Mapping[str, str]], tests: list[Test]) -> Iterator[tuple[str, dict[str, str]]]:
    """Facts to try: every variant, each with every version that *tests* names and one below all of them."""
    versions = defaultdict(set)
    for test in tests:
        if test.operator in _VERSIONED:
            versions[test.fact].add(test.values[0])
    for name, facts in variants.items() or {"": {}}.items():
        yield name, dict(facts)
        for fact, named in versions.items():
            for version in ("0", *sorted(named)):
                yield name, {**facts, fact: version}


def _rank(row: Row) -> int:
    found = re.search(r"\brank=(\d)", row.when)
    return int(found[1]) if found else 1


def families(rows: list[Row]) -> Iterator[Problem]:
    """Family rows whose glob is malformed, or of which nobody can say which one answers."""
    spelled: dict[str, Row] = {}
    for row in rows:
        if "*" not in row.cuda:
            stem = row.target.rstrip(">").removesuffix("*")
            if (
                row.status == "rename"
                and stem != row.target
                and _IDENTIFIER.fullmatch(stem)
                and not _LANGUAGE.fullmatch(stem)
            ):
                yield row.wrong(f'the target "{row.target}" carries a star over, but {row.cuda} has none')
            continue
        prefix, _, after = row.cuda.partition("*")
        if after not in ("", ">") or (after == ">") != prefix.startswith("<"):
            yield row.wrong(f"{row.cuda}: the star of a family stands at the end")
        elif len(prefix) < 3:
            yield row.wrong(f"{row.cuda}: a family needs a prefix of three characters or more")
        before = spelled.setdefault(prefix, row)
        if before.cuda != row.cuda:
            yield row.wrong(
                f"{row.cuda} and {before.cuda} ({before.path}:{before.line}) answer for the same names",
            )


def proof(row: Row, symbols: frozenset[str]) -> Iterator[Problem]:
    """A row that claims a vendor declaration for a name that the vendor's inventory lacks.

    Only level declared is held to it. Names that are merely *used* are gathered from ports, not from headers, PyTorch's
    names and names kept from CUDA are in no vendor inventory.
    """
    if not row.evidence.startswith("declared:") or row.status not in ("rename", "adapt"):
        return
    target = row.target
    if not _IDENTIFIER.fullmatch(target) or _LANGUAGE.fullmatch(target) or target == row.cuda:
        return
    if target not in symbols and target.rpartition("::")[2] not in symbols:
        yield row.wrong(f"{target} is said to be declared, but seeds/symbols does not list it")
