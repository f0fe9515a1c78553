"""Ignorance never looks cheap: a stack that answers less ranks no better for it."""

from dataclasses import replace

import pytest
from building import ROOT, WEIGHTS, counts, group
from golden_data import FOLDER, port_counts

from migrate.effort.count import census, count
from migrate.effort.estimate import estimate

#: Findings that answer a name; hazards, PTX and kernels are other questions.
NAMED = ("MIG1", "MIG2", "MIG3", "MIG602")


def forgotten(known):
    """*known* with every name that is answered turned into one that no table knows."""
    groups = [
        replace(one, id="MIG901", category="unknown", rule="") if one.id.startswith(NAMED) else one
        for one in known.groups
    ]
    return replace(known, groups=tuple(groups))


@pytest.fixture(scope="module")
def everywhere():
    """What the samples are made of, on every stack."""
    from migrate.pipeline import scan_paths
    from migrate.tables.rules import rules_dir
    from migrate.targets import parse_targets

    scan = scan_paths([str(ROOT / "samples")], parse_targets("all", rules_dir()))
    counted = census(scan)
    return [count(scan, target.key, counted) for target in scan.targets]


def test_a_stack_that_knows_nothing_is_dearer_and_less_sure(everywhere):
    assert len(everywhere) >= 10
    for known in everywhere:
        now, then = estimate(known, WEIGHTS), estimate(forgotten(known), WEIGHTS)
        assert then.range.p50 > now.range.p50, known.target
        assert then.range.p90 > now.range.p90, known.target
        if known.kind != "foreign":  # there the guesses about kernels outweigh the rest
            assert then.range.p90 / then.range.p50 > now.range.p90 / now.range.p50, known.target


@pytest.mark.parametrize("port", sorted(path.stem for path in FOLDER.glob("*.tsv")))
def test_so_it_is_on_the_reference_ports(port):
    known = port_counts("dtk")[port]
    now, then = estimate(known, WEIGHTS), estimate(forgotten(known), WEIGHTS)
    assert then.range.p50 > now.range.p50
    assert then.range.p90 > now.range.p90


@pytest.mark.parametrize("kind", ["cuda-like", "foreign"])
@pytest.mark.parametrize("use", ["call", "type", "constant", "include"])
def test_an_unknown_name_costs_more_than_the_average_answered_one(everywhere, kind, use):
    """Names of one kind over all stacks of a family, their further files and places included."""
    hours = {True: [], False: []}
    for known in everywhere:
        if known.kind == kind:
            for layer in estimate(known, WEIGHTS).layers:
                for line in layer.lines:
                    if line.kind == use and (line.id.startswith(NAMED) or line.id == "MIG901"):
                        hours[layer.key == "unknown"].append(line.hours)
    unknown, answered = (sum(values) / len(values) for values in (hours[True], hours[False]))
    assert unknown > answered


def test_unknown_names_share_their_luck():
    """Ten names drawn one by one would average out; drawn together they do not."""
    one, ten = (
        estimate(counts(*(group("MIG901", "unknown", f"f{number}", library="") for number in range(n))), WEIGHTS)
        for n in (1, 10)
    )
    single, together = one.layer("unknown").lines, ten.layer("unknown").lines
    assert sum(line.variance for line in together) == pytest.approx(100 * single[0].variance)
    assert sum(line.hours for line in together) == pytest.approx(10 * single[0].hours)
    adapted = estimate(counts(*(group(name=f"f{number}", library="") for number in range(10))), WEIGHTS)
    first = adapted.layer("adapt").lines[0]
    assert sum(line.variance for line in adapted.layer("adapt").lines) == pytest.approx(10 * first.variance)


def test_python_files_are_cheap_each():
    """A project of 2,000 Python files beside 150 CUDA files is a CUDA port still."""
    few, many = (estimate(counts(cuda_files=150, kernels=250, python_files=n), WEIGHTS) for n in (0, 2000))
    assert many.range.p50 - few.range.p50 < 30
