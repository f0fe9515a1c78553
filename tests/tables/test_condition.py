"""Conditions of rule rows against the facts of a target."""

from __future__ import annotations

import pytest

from migrate.tables.condition import failing, parse, version_key

HOLDS = [
    # (condition, facts, whether it holds)
    ("", {}, True),
    ("route=native", {"route": "native"}, True),
    ("route=native", {"route": "cu-bridge"}, False),
    ("route=native", {}, False),
    ("chip=a2|a3", {"chip": "a3"}, True),
    ("chip=a2|a3", {"chip": "950"}, False),
    ("chip=950 route=native", {"chip": "950", "route": "native"}, True),
    ("chip=950 route=native", {"chip": "950", "route": "other"}, False),
    ("sdk=1", {"sdk": "1"}, True),
    ("sdk=1", {"sdk": "2"}, False),
    ("sdk>=4.3", {"sdk": "4.3"}, True),
    ("sdk>=4.3", {"sdk": "4.10"}, True),
    ("sdk>=4.3", {"sdk": "4.2"}, False),
    ("sdk<4.3", {"sdk": "4.2.9"}, True),
    ("sdk<4.3", {"sdk": "4.3"}, False),
    ("sdk<4.3", {"sdk": "10"}, False),
    # an SDK that is not fixed is the newest
    ("sdk>=4.3", {}, True),
    ("sdk<4.3", {}, False),
    ("sdk=1", {}, False),
    # CUDA's version is that of the project, which uses the name
    ("cuda>=11.2", {}, True),
    ("cuda<11.2", {}, False),
    ("cuda>=11.2", {"cuda": "10.1"}, False),
    # a rank orders rows and asks nothing
    ("rank=2", {}, True),
    ("rank=2 route=x", {"route": "y"}, False),
]


@pytest.mark.parametrize(("when", "facts", "holds"), HOLDS, ids=[f"{when} {facts}" for when, facts, _ in HOLDS])
def test_holds(when, facts, holds):
    assert (failing(when, facts) == ()) is holds


def test_what_fails_is_said():
    tests = failing("route=a chip=x|y sdk>=2", {"route": "a", "chip": "z", "sdk": "1"})
    assert [(test.fact, test.operator, test.values) for test in tests] == [
        ("chip", "=", ("x", "y")),
        ("sdk", ">=", ("2",)),
    ]


@pytest.mark.parametrize(
    "when", ["sdk", "sdk>=", "sdk<", "sdk=", "sdk>4", "sdk<=4", "sdk==4", "sdk!=4", "=4", "SDK=4", "route=a,=b"]
)
def test_wrong_form(when):
    with pytest.raises(ValueError, match="is not of the form"):
        parse(when)


@pytest.mark.parametrize(("older", "newer"), [("4.3", "4.10"), ("9", "10"), ("8.5", "8.5.1"), ("2.0.RC1", "2.1")])
def test_version_order(older, newer):
    assert version_key(older) < version_key(newer)
