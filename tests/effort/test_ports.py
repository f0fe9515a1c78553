"""The eleven reference ports: the weights against author-days, from golden counts of the start revisions.

The counts are scans of public history, the observed days come from that history; nothing of the model is input. A
change of rules or weights that moves the median by a fifth fails here until MEDIAN is stated anew.
"""

import math
from statistics import median

import pytest
from building import ROOT, WEIGHTS
from ports import TABLE, hecbench_hours, read_counts

from migrate.effort.calibrate import read_ports
from migrate.effort.count import Counts
from migrate.effort.estimate import estimate

PORTS = read_ports(TABLE)
FOUND = {port.port: estimate(read_counts(port.port), WEIGHTS) for port in PORTS}
RATIOS = {port.port: FOUND[port.port].range.p50 / port.author_days for port in PORTS}

#: Median of P50 / author-days when the counts were last made.
MEDIAN = 1.25


def test_there_are_eleven():
    assert len(PORTS) == 11
    assert [port.port for port in PORTS] == sorted(FOUND)
    assert {port.stack for port in PORTS} == {"musa", "hip"}


@pytest.mark.parametrize("port", PORTS, ids=lambda port: port.port)
def test_the_table_says_what_the_counts_give(port):
    spread = FOUND[port.port].range
    shown = (port.p10, port.p50, port.p90)
    assert shown == pytest.approx(tuple(spread), abs=0.051), "run: python tests/effort/ports.py SCANS"


def test_the_median_is_right_and_has_not_moved_unstated():
    assert 0.7 <= median(RATIOS.values()) <= 1.4
    assert median(RATIOS.values()) == pytest.approx(MEDIAN, rel=0.2)


def test_ports_with_a_usable_history_lie_in_their_range():
    inside = {port.port: FOUND[port.port].range.p10 <= port.author_days <= FOUND[port.port].range.p90 for port in PORTS}
    usable = [port.port for port in PORTS if port.history == "usable"]
    assert len(usable) == 7
    assert all(inside[port] for port in usable)
    # Squashed and mixed histories are wrong as evidence of effort; of all eleven these three lie outside.
    assert {port for port, within in inside.items() if not within} == {"ginkgo-hip", "lightgbm-rocm", "mmcv-musa"}


def test_hours_predict_better_than_files_or_kernels_do():
    """Spread of ln(observed / predicted) with one scale factor for each predictor, on usable histories."""

    def spread(value):
        logs = [math.log(port.author_days / value(port.port)) for port in PORTS if port.history == "usable"]
        middle = sum(logs) / len(logs)
        return math.sqrt(sum((log - middle) ** 2 for log in logs) / len(logs))

    def sizes(port) -> Counts:
        return FOUND[port].counts.sizes

    hours = spread(lambda port: FOUND[port].range.p50)
    assert hours < 0.45
    assert hours < spread(lambda port: sizes(port).cuda_files)
    assert hours < spread(lambda port: sizes(port).kernels + 1)


def test_the_cross_check_is_the_median_of_the_ports():
    days = [port.author_days / FOUND[port.port].counts.sizes.symbols for port in PORTS]
    assert median(days) == pytest.approx(WEIGHTS.days_per_symbol, rel=0.1)


def test_sources_are_public_and_whole():
    for port in PORTS:
        assert len(port.revision) == 40
        assert port.repository.count("/") == 1
        assert (ROOT / "tests" / "effort" / "ports" / f"{port.port}.tsv").is_file()


def ranks(values):
    """Ranks with ties shared."""
    order = sorted(range(len(values)), key=values.__getitem__)
    found = [0.0] * len(values)
    start = 0
    while start < len(order):
        end = start
        while end + 1 < len(order) and values[order[end + 1]] == values[order[start]]:
            end += 1
        for index in order[start : end + 1]:
            found[index] = (start + end) / 2
        start = end + 1
    return found


def correlation(xs, ys):
    mx, my = sum(xs) / len(xs), sum(ys) / len(ys)
    both = sum((x - mx) * (y - my) for x, y in zip(xs, ys, strict=True))
    return both / math.sqrt(sum((x - mx) ** 2 for x in xs) * sum((y - my) ** 2 for y in ys))


def test_hours_rank_hecbench_by_what_was_left_to_people():
    """523 programs; the number of hard kinds alone reaches 0.46, lines of code 0.25."""
    found = hecbench_hours(WEIGHTS)
    assert len(found) == 523
    hours, residual = zip(*found, strict=True)
    assert correlation(ranks(hours), ranks(residual)) >= 0.5
