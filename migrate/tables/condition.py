"""Conditions of rule rows (`route=cu-bridge chip=a2|a3 sdk>=4.3`) tested against what a target notation fixes."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

_TOKEN = re.compile(r"([a-z]+)(>=|<|=)([^\s<>=!]+)")


class Test(NamedTuple):
    """One token of a condition."""

    fact: str  # route, chip, sdk, cuda, hip …
    operator: str  # "=", ">=", "<"
    values: tuple[str, ...]


@lru_cache(maxsize=4096)
def parse(when: str) -> tuple[Test, ...]:
    """The tests of a condition; all must hold. `rank=` orders rows and tests nothing.

    Raises:
        ValueError: a token is not of the form name=value, name>=value or name<value.
    """
    tests = []
    for token in when.split():
        match = _TOKEN.fullmatch(token)
        if match is None:
            raise ValueError(f'condition "{token}" is not of the form name=value, name>=value or name<value')
        fact, operator, value = match.groups()
        if fact != "rank":
            tests.append(Test(fact, operator, tuple(value.split("|"))))
    return tuple(tests)


def failing(when: str, facts: Mapping[str, str]) -> tuple[Test, ...]:
    """The tests of *when* that do not hold for *facts*; empty when the row answers.

    A version that is not fixed means the newest: `>=` holds and `<` does not. `cuda>=` says since when CUDA has a
    name, which every project using the name satisfies.
    """
    return tuple(test for test in parse(when) if not _holds(test, facts))


def _holds(test: Test, facts: Mapping[str, str]) -> bool:
    value = facts.get(test.fact)
    if test.operator == "=":
        return value in test.values
    if test.fact == "cuda" and value is None:
        return test.operator == ">="
    if value is None:
        return test.operator == ">="
    newer = version_key(value) >= version_key(test.values[0])
    return newer if test.operator == ">=" else not newer


def version_key(version: str) -> tuple[int, ...]:
    """A version as numbers for comparing: "4.3" < "4.10"."""
    return tuple(int(number) for number in re.findall(r"\d+", version))
