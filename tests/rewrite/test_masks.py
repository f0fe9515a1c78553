"""Masks of all lanes become as wide as the warp; nothing else that looks like one does."""

from __future__ import annotations

import pytest

SOURCE = """#define FULL_MASK 0xffffffff
__global__ void k(float *x) {
  const unsigned m = 0xffffffff;
  x[1] += __shfl_down_sync(0xffffffffu, x[1], 1);
  x[2] += __shfl_down_sync(FULL_MASK, x[2], 2);
  x[3] += __shfl_down_sync(0x0000ffff, x[3], 2);
  x[4] = m & 0xffffffff;
}
"""


def test_only_masks_of_all_lanes_are_widened(rewrite):
    done = rewrite(SOURCE, "maca", unsafe=True)
    assert "#define FULL_MASK 0xffffffffffffffffULL" in done.data.decode()
    assert "__shfl_down_sync(0xffffffffffffffffULL, x[1], 1)" in done.data.decode()
    for line in ("const unsigned m = 0xffffffff;", "__shfl_down_sync(0x0000ffff,", "x[4] = m & 0xffffffff;"):
        assert line in done.data.decode()
    assert any("every lane" in item.assumption.en for item in done.assumed if item.assumption)


@pytest.mark.parametrize(("target", "unsafe"), [("maca", False), ("musa", True), ("cann:950", True), ("supa", True)])
def test_masks_stay_where_nothing_says_that_they_are_wider(rewrite, target, unsafe):
    done = rewrite(SOURCE, target, unsafe=unsafe)
    assert b"0xffffffffffffffff" not in done.data
