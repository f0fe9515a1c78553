"""How much of public CUDA the shipped tables answer: no target may fall below what has been reached."""

from __future__ import annotations

import pytest

from migrate.report import coverage as report
from migrate.tables.inventory import Inventory
from migrate.tables.rules import Table, rules_dir
from migrate.targets import entries, parse_target


@pytest.fixture(scope="module")
def inventory() -> Inventory:
    return Inventory.load(rules_dir())


@pytest.fixture(scope="module")
def usage(inventory):
    return report.read_usage(rules_dir(), inventory)


def test_what_is_counted(usage):
    """NPP, CUTLASS, PyTorch and names without a header are not counted; headers and compiler macros are."""
    names = {row.name for row in usage}
    assert {"cudaMalloc", "__CUDACC__", "<cuda_runtime.h>", "cub::BlockReduce"} <= names
    assert not names & {"nppiFree", "NppStatus", "thrust::tie", "nvshmem_malloc"}
    assert not any(name.startswith(("cutlass::", "at::", "c10::")) for name in names)


@pytest.mark.parametrize(
    ("name", "answered", "firm"),
    [
        ("musa", 99.4, 94.0),
        ("maca", 97.4, 93.6),
        ("supa", 96.7, 65.7),
        ("tops", 99.1, 89.1),
        ("cann", 99.5, 99.4),
        ("dtk", 99.6, 95.2),
        ("corex", 97.1, 95.4),
        ("cambricon", 96.1, 96.0),
        ("xpu", 95.5, 67.9),
    ],
)
def test_share_answered(name, answered, firm, usage, inventory):
    """The share of uses, in per cent, that any variant answers, and answers firmly."""
    places = rules_dir()
    variants = [
        parse_target(f"{row.name}:{row.variant}", places) for row in entries(places) if row.name == name and row.variant
    ]
    found = report.coverage(parse_target(name, places), variants, usage, Table.load(name, places), inventory)
    whole = sum(row.uses for row in usage)
    assert 100 * found.any.answered / whole >= answered
    assert 100 * found.any.firm / whole >= firm
