"""Progress: what counts as fixed, what is left, pace and speed."""

import pytest
from building import WEIGHTS, counts, group, scan_of

from migrate.effort.estimate import Range
from migrate.effort.track import difference, track

START = {
    "a.cu": [
        ("cudaFoo", "MIG201", "adapt", 4),
        ("asm bfe", "MIG501", "rewrite", 2),
        ("cudaMalloc", "MIG101", "auto", 9),
    ],
    "b.cu": [("cudaFoo", "MIG201", "adapt", 2)],
}
HALF = {"a.cu": [("cudaFoo", "MIG201", "adapt", 4)], "b.cu": [("cudaFoo", "MIG201", "adapt", 2)]}
DONE = {"a.cu": [("musaFoo", "MIG102", "auto", 4)]}


def followed(*series, spent=None, labels=None):
    labels = labels or [f"step {number}" for number in range(len(series))]
    return track(
        [(label, scan_of(files)) for label, files in zip(labels, series, strict=True)], "musa", WEIGHTS, spent=spent
    )


def places(**files):
    return {path.replace("_", "."): tuple(range(number)) for path, number in files.items()}


def test_places_are_fixed_new_or_moved():
    old = counts(group(name="f", places=places(a_cu=3, b_cu=2)), group(name="g", places=places(a_cu=1)))
    new = counts(
        group(name="f", places=places(a_cu=1, c_cu=1)), group("MIG301", "unsupported", "h", places=places(a_cu=1))
    )
    assert [change[2:] for change in difference(old, new)] == [
        ("h", 0, 1, 0, 1, 0),
        ("f", 5, 2, 3, 0, 1),
        ("g", 1, 0, 1, 0, 0),
    ]
    assert difference(old, old) == ()


def test_what_is_left_falls_to_nothing():
    found = followed(START, HALF, DONE)
    first, half, done = found.steps
    assert first.left == pytest.approx(found.start.range)
    assert first.share == 0
    assert 0 < half.left.p50 < first.left.p50
    assert half.left.p90 / half.left.p10 == pytest.approx(first.left.p90 / first.left.p10)
    assert done.left == Range(0, 0, 0)
    assert done.share == 1
    assert [step.closed for step in found.steps] == [0, 1, 1]
    assert [step.fixed for step in found.steps] == [0, 2, 6]
    assert first.open == {"check": 0, "unsupported": 0, "rewrite": 2, "adapt": 6, "unknown": 0}


def test_moving_code_is_no_progress():
    moved = {"c.cu" if path == "a.cu" else path: found for path, found in START.items()}
    step = followed(START, moved).steps[1]
    assert (step.fixed, step.new, step.moved, step.closed, step.share) == (0, 0, 6, 0, 0)


def test_new_findings_show_as_work_that_came():
    step = followed(HALF, START).steps[1]
    assert step.new == 2
    assert step.share < 0
    assert step.left.p50 > followed(HALF, HALF).steps[1].left.p50


def test_pace_is_one_early_and_real_when_done():
    start = followed(START, DONE).start.range.p50
    early = followed(START, START, spent=5)
    assert early.pace == 1
    assert early.total.p50 == pytest.approx(5 + start)
    done = followed(START, DONE, spent=3 * start)
    assert done.pace == pytest.approx(3)
    assert done.total == pytest.approx(Range(*[3 * start] * 3))
    half = followed(START, HALF, spent=3 * (start - followed(START, HALF).steps[-1].left.p50))
    assert 1 < half.pace < 3
    assert followed(START, HALF).total is None


def test_dated_scans_give_a_speed_and_a_day():
    found = followed(START, HALF, labels=["2026-08-01", "2026-08-11"])
    assert found.per_day == pytest.approx(0.2)
    share = found.steps[1].share
    assert found.finish == f"2026-08-{11 + round(10 * (1 - share) / share)}"
    assert followed(START, HALF).per_day is None
    assert followed(START, START, labels=["2026-08-01", "2026-08-11"]).finish == ""
    assert followed(START, HALF, labels=["2026-08-11", "2026-08-11"]).finish == ""
    assert followed(START, HALF, labels=["2026-02-31", "2026-08-11"]).per_day is None


def test_a_port_without_work_is_no_division_by_zero():
    found = followed(DONE, DONE, spent=1)
    assert found.steps[1].left.p50 == 0
    assert found.total.p50 == 1
