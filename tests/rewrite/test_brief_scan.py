"""A scan made for rewriting is shorter; what is rewritten and what is left stay the same, no other scan takes it."""

import shutil
from pathlib import Path

import pytest

from migrate import pipeline, workers
from migrate.hazards import MENDABLE
from migrate.rewrite import tree
from migrate.rewrite.rewriter import Options, Rewriter
from migrate.tables.rules import rules_dir
from migrate.targets import parse_target

SAMPLES = Path(__file__).parents[2] / "samples"
#: Its warps have 64 lanes, so that a mask of 32 bits is a hazard.
WIDE = """__global__ void k(float *x) {
  x[threadIdx.x] += __shfl_down_sync(0xffffffffu, x[threadIdx.x], 16);
  if (threadIdx.x % 32 == 0) x[0] = 1;
}
"""


def scanned(path, target, **options):
    return pipeline.scan_paths([str(path)], (parse_target(target, rules_dir()),), **options)


@pytest.mark.parametrize(
    ("target", "options"),
    [
        ("dtk", Options(unsafe=True, launch="function")),
        ("musa", Options(style="guard")),
        ("maca", Options(unsafe=True)),
        ("cann", Options(unsafe=True)),
        ("supa", Options()),
    ],
)
def test_the_same_edits(target, options):
    rewriter = Rewriter(parse_target(target, rules_dir()), options)
    whole = list(tree.changes(scanned(SAMPLES, target), rewriter))
    brief = list(tree.changes(scanned(SAMPLES, target, to_rewrite=True), rewriter))
    assert len(brief) > 10
    for first, second in zip(whole, brief, strict=True):
        assert second.path == first.path
        assert second.rewritten.edits == first.rewritten.edits
        told = [
            [(left.use.start, left.answer, left.unsafe) for left in change.rewritten.left] for change in (first, second)
        ]
        assert told[1] == told[0]


def test_what_it_leaves_out(tmp_path):
    (tmp_path / "a.cu").write_text(WIDE)
    whole, brief = (scanned(tmp_path / "a.cu", "dtk", to_rewrite=flag).files[0].uses for flag in (False, True))
    owners = {use.shape.owner.partition("/")[0] for use in whole if use.shape.kind == "hazard"}
    assert owners > set(MENDABLE)
    assert {use.shape.owner.partition("/")[0] for use in brief if use.shape.kind == "hazard"} == set(MENDABLE)
    assert not any(use.shape.function or use.shape.side for use in brief)
    assert [use.start for use in brief if use.shape.kind != "hazard"] == [
        use.start for use in whole if use.shape.kind != "hazard"
    ]


def test_a_scan_takes_nothing_that_was_kept_for_rewriting(tmp_path, monkeypatch):
    shutil.copytree(SAMPLES, tmp_path / "s")
    alone = scanned(tmp_path / "s", "musa", cache_dir=tmp_path / "other")
    brief = scanned(tmp_path / "s", "musa", cache_dir=tmp_path / "cache", to_rewrite=True)
    assert scanned(tmp_path / "s", "musa", cache_dir=tmp_path / "cache") == alone
    analysed = []
    monkeypatch.setattr(workers, "analyse_item", lambda *given: analysed.append(given))
    assert scanned(tmp_path / "s", "musa", cache_dir=tmp_path / "cache") == alone
    assert len(scanned(tmp_path / "s", "musa", cache_dir=tmp_path / "other", to_rewrite=True).files) == len(brief.files)
    assert not analysed
