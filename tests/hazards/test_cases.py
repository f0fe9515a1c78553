"""Every hazard against its case folder: the marked lines hold it, no other line does."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from migrate.hazards import MENDABLE, facts_of, find_all, judge, load
from migrate.parse.macros import Learned, combine, learn
from migrate.parse.uses import find_uses
from migrate.tables.inventory import Inventory
from migrate.tables.rules import rules_dir
from migrate.targets import entries, parse_target

CASES = Path(__file__).parent / "cases"
FILES = sorted(CASES.rglob("*.cu"))
_MARK = re.compile(r"// hazard: ([\w, -]+)")


@pytest.fixture(scope="module")
def inventory() -> Inventory:
    return Inventory.load(rules_dir())


def hazards_of(source: bytes, inventory: Inventory) -> list[tuple[int, str, str]]:
    """Line, slug and detail of every hazard in *source*."""
    found = find_uses(source, inventory, Learned.default(), cuda_file=True, after=find_all).uses
    return [
        (source.count(b"\n", 0, use.start) + 1, *use.shape.owner.split("/"))
        for use in found
        if use.shape.kind == "hazard"
    ]


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_marked_lines_and_no_others(path: Path, inventory: Inventory):
    text = path.read_text(encoding="utf-8")
    slug = path.parent.name
    expected = [
        (number, detail.strip())
        for number, line in enumerate(text.splitlines(), start=1)
        for mark in _MARK.findall(line)
        for detail in mark.split(",")
    ]
    found = [(line, detail) for line, name, detail in hazards_of(text.encode(), inventory) if name == slug]
    assert sorted(found) == sorted(expected)


def test_every_hazard_has_a_case_with_each_of_its_details():
    for hazard in load().values():
        marked = {
            detail.strip()
            for path in (CASES / hazard.slug).glob("*.cu")
            for mark in _MARK.findall(path.read_text(encoding="utf-8"))
            for detail in mark.split(",")
        }
        assert marked == set(hazard.details) - UNMARKED.get(hazard.slug, set()), hazard.slug


def test_only_hazards_that_a_rewriter_looks_for_have_fixes(inventory: Inventory):
    places = {
        (use.shape.owner, use.shape.name)
        for path in FILES
        for use in find_uses(path.read_bytes(), inventory, Learned.default(), cuda_file=True, after=find_all).uses
        if use.shape.kind == "hazard"
    }
    keys = [f"{entry.name}:{entry.variant}" if entry.variant else entry.name for entry in entries(rules_dir())]
    mended = set()
    for facts in (facts_of(parse_target(key, rules_dir()), rules_dir()) for key in keys):
        for owner, name in places:
            found = judge(owner, name, facts)
            if found is not None and (found[1].fix or found[1].replacement):
                mended.add(owner.partition("/")[0])
    assert mended == set(MENDABLE)


#: Details whose source another hazard's case shows better.
UNMARKED = {"warp-width": {"tile"}, "cooperation": {"programmatic-launch"}}


def test_constants_of_local_headers_are_followed(inventory: Inventory):
    header = b"#pragma once\n#define THREADS 1024\nconstexpr int kBlocks = 70000;\n#define ODD (THREADS + 1)\n"
    source = b'#include "common.h"\n__global__ void k(float *x);\nvoid f(float *x) { k<<<kBlocks, THREADS>>>(x); }\n'
    found = find_uses(source, inventory, combine([learn(header), learn(source)]), cuda_file=True, after=find_all).uses
    names = {use.shape.name for use in found if use.shape.kind == "hazard"}
    assert names == {"70000 blocks", "1024 threads without bounds"}


@pytest.mark.parametrize("second", [b"#define THREADS 512\n", b"#define THREADS (2 * N)\n", b"#define THREADS get()\n"])
def test_a_name_with_two_values_in_the_project_has_none(second: bytes, inventory: Inventory):
    assert combine([learn(b"#define THREADS 1024\n"), learn(second)]).numbers == frozenset()


@pytest.mark.parametrize(
    ("source", "owners"),
    [
        (
            b"__global__ void k(float *x) { auto t = cg::tiled_partition<32>(cg::this_thread_block()); x[0] = 1; }",
            "warp-width/tile",
        ),
        (
            b"void f() { a.id = cudaLaunchAttributeProgrammaticStreamSerialization; cudaMalloc(0, 1); }",
            "cooperation/programmatic-launch",
        ),
    ],
)
def test_further_details(source: bytes, owners: str, inventory: Inventory):
    assert owners in {f"{slug}/{detail}" for _, slug, detail in hazards_of(source, inventory)}


@pytest.mark.parametrize(
    "source",
    [
        b"__global__ void k() { __shfl_sync( }",
        b"#define WARP_SIZE WARP_SIZE\n__global__ void k() { int lane = threadIdx.x & WARP_SIZE; }",
        b"#define A B\n#define B A\n__global__ void k() { __shared__ float s[A]; }\nvoid f() { k<<<1, A>>>(); }",
        b"__global__ void k() { int lane = ((((((" + b"(" * 5000 + b" & 31; }",
        b"__global__ void k() { float s[1 << 9999999]; __shared__ float t[1 << 9999999]; }",
        b"__global__ void k() { __shared__ float t[" + b"(" * 190 + b"1" + b")" * 9 + b"]; }",
        b"__global__ void k\xff() { atomicAdd(\xff, 1); __syncthreads(); \xff\xfe }",
    ],
)
def test_broken_code_is_survived(source: bytes, inventory: Inventory):
    assert isinstance(hazards_of(source, inventory), list)
