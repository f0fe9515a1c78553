"""What hazards mean on which target, and that facts, modules and pages fit together."""

from __future__ import annotations

from pathlib import Path

import pytest

from migrate.findings import load as load_findings
from migrate.hazards import MODULES, judge, load
from migrate.hazards.facts import facts_of
from migrate.hazards.page import page, targets
from migrate.manifest import load_manifest
from migrate.tables import condition
from migrate.tables.rules import rules_dir
from migrate.targets import entries, names, parse_target

ROOT = Path(__file__).resolve().parents[2]
RULES = rules_dir()

#: Facts that a judge asks for beside the details themselves.
ASKED = {
    "lane-mask",
    "capability",
    "older-signatures",
    "warp-collective",
    "double",
    "opt-in-shared",
    "shared-memory-limit",
    "block-without-bounds",
    "warp-vote",
}


def verdict(owner: str, target: str, name: str = ""):
    found = judge(owner, name, facts_of(parse_target(target, RULES), RULES))
    return None if found is None else found[1]


@pytest.mark.parametrize(
    ("target", "words"),
    [
        ("musa", "128 (mp_21, mp_22; mp_31 has 32)"),
        ("musa:mp_22", "128 (mp_22)"),
        ("musa:mp_31", None),
        ("maca", "64 (xcore1000)"),
        ("maca:cu-bridge", "64 (xcore1000)"),
        ("corex", "64"),
        ("dtk", "64"),
        ("dtk:cuda", "64"),
        ("supa", None),
        ("supa:suda", None),
        ("cann", None),
        ("cann:950", None),
        ("tops", None),
        ("xpu", None),
        ("cambricon", None),
    ],
)
def test_warp_width_is_one_where_a_chip_differs(target: str, words: str | None):
    found = verdict("warp-width/constant", target)
    assert (found is None) if words is None else (words in found.note.en and words.partition(" ")[0] in found.note.zh)


@pytest.mark.parametrize(
    ("target", "name", "start"),
    [
        ("corex", "__CUDA_ARCH__ >= 530", "always false: __CUDA_ARCH__ reads 300"),
        ("corex", "__CUDA_ARCH__ >= 300", "always true"),
        ("supa:suda", "__CUDA_ARCH__ >= 900", "always true: __CUDA_ARCH__ reads 900"),
        ("supa:suda", "__CUDA_ARCH__ >= 1000", "always false"),
        ("musa", "__CUDA_ARCH__ >= 700", "always false: __CUDA_ARCH__ reads 0"),
        ("musa", "__CUDA_ARCH__ < 800", "always true: __CUDA_ARCH__ reads 0"),
        ("maca", "__CUDA_ARCH__ >= 900", "renamed to __MACA_ARCH__ (1000/1500) it would always be true"),
        ("maca:cu-bridge", "__CUDA_ARCH__ >= 900", "always false"),
        ("maca:cu-bridge", "__CUDA_ARCH__ >= 860", None),
        ("corex", "__CUDA_ARCH__ >= 900 && < 1000", "always false: __CUDA_ARCH__ reads 300"),
        ("corex", "__CUDA_ARCH__ >= 200 && < 400", "always true"),
        ("supa:suda", "__CUDA_ARCH__ >= 900 && < 1000", "always true"),
        ("corex", "CUDA_VERSION >= 11000", "always false: CUDA_VERSION reads 10020"),
        ("cann", "__CUDA_ARCH__ >= 700", None),
    ],
)
def test_architecture_tests(target: str, name: str, start: str | None):
    found = verdict("architecture-test/compared", target, name)
    assert (found is None) if start is None else found.note.en.startswith(start)


def test_a_renamed_architecture_macro_is_judged_by_the_chips():
    assert (
        "renamed to __MUSA_ARCH__ (210/220/310) it would always be true"
        in verdict("architecture-test/compared", "musa", "__CUDA_ARCH__ < 800").note.en
    )


@pytest.mark.parametrize(
    ("owner", "name", "yes", "no"),
    [
        ("architecture-test/defined", "__CUDACC__", ["musa", "dtk"], ["corex", "supa:suda", "maca:cu-bridge"]),
        ("capability-test/major", "major >= 7", ["musa", "dtk"], ["maca", "dtk:cuda"]),
        ("capability-test/major", "major >= 8", ["corex"], ["supa"]),
        ("capability-test/number", "sm_version >= 90", ["corex", "musa", "dtk"], ["maca"]),
        ("capability-test/number", "cc == 75", ["corex", "musa", "dtk"], ["maca"]),
        ("changed-signature/newer", "cudaMemAdvise of CUDA 13", ["dtk", "corex", "maca:cu-bridge"], ["musa", "maca"]),
        ("launch-limits/grid", "70000 blocks", ["cann:950"], ["dtk", "cann"]),
        ("launch-limits/grid", "65535 blocks", [], ["cann:950"]),
        ("launch-limits/bounds", "2048 threads", ["maca"], ["cann:950", "corex"]),
        ("launch-limits/registers", "1024 threads", ["cann:950"], ["maca"]),
        ("launch-limits/registers", "512 threads", [], ["cann:950"]),
        ("launch-limits/second-bound", "1 a block", ["cann:950"], ["dtk", "maca"]),
        ("launch-limits/second-bound", "4 a block", ["cann:950", "dtk"], ["musa", "dtk:cuda"]),
        ("launch-limits/second-bound", "computed", ["cann:950", "dtk"], ["corex"]),
        ("library-types/blas-types", "", ["dtk"], ["dtk:cuda", "musa"]),
        ("device-fields/regsPerBlock", "", ["dtk"], ["dtk:cuda", "musa"]),
        ("device-model/indirect-call", "", ["cann:950"], ["cann", "dtk"]),
        ("handle-size/ipc-handle", "", ["maca", "cann"], ["musa", "dtk"]),
        ("warp-width/collective", "", ["dtk"], ["musa", "maca", "supa"]),
        ("implicit-sync/blocking-copy", "", ["cann", "cann:950"], ["musa", "maca", "tops"]),
        ("shared-memory/static", "99000 bytes", ["maca"], ["corex", "musa", "cann:950"]),
        ("shared-memory/static", "40000 bytes", ["supa:sdk1"], ["supa", "maca"]),
        ("shared-memory/opt-in", "cudaFuncSetAttribute", ["musa", "musa:mp_21", "maca"], ["musa:mp_31", "corex"]),
        ("block-size/threads", "1024 threads without bounds", ["dtk"], ["musa", "maca", "cann:950"]),
        ("block-size/threads", "2048 threads", ["maca", "supa"], ["corex", "cann:950"]),
        ("double-precision/double", "double", ["cann:950", "corex", "supa"], ["maca", "musa", "dtk", "cann"]),
        ("rounding/rounding-mode", "", ["musa", "dtk", "cann:950"], ["maca", "cann"]),
        ("enum-numbers/number", "", ["cann", "cann:950", "tops"], ["musa", "maca"]),
        ("vector-layout/vector3", "float3", ["cann:950"], ["cann", "musa"]),
        ("atomics/atomic-64", "", ["corex"], ["musa", "maca"]),
        ("number-formats/bf16", "", ["musa", "musa:mp_21", "dtk"], ["musa:mp_22", "dtk:cuda"]),
        ("number-formats/fp8", "", ["musa:mp_22", "dtk", "dtk:cuda"], ["musa:mp_31", "corex"]),
        ("textures/texture", "", ["corex", "cann:950"], ["musa", "cann"]),
        ("device-model/extended-lambda", "", ["corex"], ["musa", "dtk"]),
        ("device-model/dynamic-parallelism", "", ["musa", "dtk", "cann:950"], ["maca", "dtk:cuda"]),
        ("cooperation/grid-sync", "", ["musa", "maca", "cann:950"], ["corex", "dtk"]),
        ("host-memory/managed", "", ["supa:sdk1", "cann:a3"], ["cann", "supa", "musa"]),
        ("partial-mask/sync-mask", "", ["cann:950", "dtk", "supa:sdk1"], ["supa", "maca"]),
        ("divergent-barrier/early-return", "", ["musa"], ["maca", "dtk"]),
        ("graphs/graph-update", "", ["musa"], ["maca"]),
        ("lockstep/reduction", "", ["maca", "musa"], ["supa"]),
    ],
)
def test_true_only_where_facts_say_so(owner: str, name: str, yes: list[str], no: list[str]):
    assert [target for target in yes if verdict(owner, target, name) is None] == []
    assert [target for target in no if verdict(owner, target, name) is not None] == []


def test_votes_of_musa_are_not_said_to_be_wider():
    assert "stay 32 bits wide" in verdict("warp-ballot/kept", "musa").note.en
    assert "64 bits" in verdict("warp-ballot/kept", "dtk").note.en


def test_every_hazard_is_known_and_true_somewhere():
    kinds = load_findings()
    facts = targets(RULES)
    assert len(load()) == len(MODULES)
    for hazard in load().values():
        assert kinds[hazard.id].category == hazard.category
    rows = page(RULES, "en")
    for hazard in load().values():
        assert f"## {hazard.id} " in rows
        section = rows.partition(f"## {hazard.id} ")[2].partition("\n## ")[0]
        assert section.count("\n| ") > 2, f"{hazard.slug} is a hazard on no target"
    assert len(facts) > len(names(RULES))


def test_every_fact_is_asked_for_and_well_formed():
    details = {detail for hazard in load().values() for detail in hazard.details} | ASKED
    for name in names(RULES):
        for fact in load_manifest(RULES, name).hazards:
            assert fact.feature in details, f"{name}: nothing asks for {fact.feature}"
            assert fact.evidence.partition(":")[0] in ("declared", "documented", "used", "mapped", "inferred")
            assert fact.en[-1] not in ".。"
            assert fact.zh[-1] not in ".。"
            condition.parse(fact.when)


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_page_is_current(lang: str):
    path = ROOT / "docs" / "reference" / ("hazards.zh.md" if lang == "zh" else "hazards.md")
    assert path.read_text(encoding="utf-8") == page(RULES, lang), "run: python -m migrate.hazards.page docs/reference"


def test_every_target_can_be_judged():
    for row in entries(RULES):
        facts = facts_of(parse_target(row.name + (f":{row.variant}" if row.variant else ""), RULES), RULES)
        for hazard in load().values():
            for detail in hazard.details:
                judge(f"{hazard.slug}/{detail}", _NAMES.get(hazard.slug, "x"), facts)


_NAMES = {"architecture-test": "__CUDA_ARCH__ >= 800", "capability-test": "major >= 8", "block-size": "512 threads"}
