"""The file of weights: complete, rising, and clear about what is wrong in it."""

import random
import re
from statistics import fmean, pvariance

import pytest
from building import ROOT, WEIGHTS

from migrate.effort.weights import Triple, load
from migrate.errors import UserError
from migrate.findings import load as findings

TEXT = (ROOT / "rules" / "effort.toml").read_text(encoding="utf-8")


def beta_pert(triple, rng):
    low, likely, high = triple
    span = high - low
    return low + span * rng.betavariate(1 + 4 * (likely - low) / span, 1 + 4 * (high - likely) / span)


@pytest.mark.parametrize("triple", [Triple(0.5, 2, 8), Triple(0, 0, 6), Triple(16, 56, 200), Triple(0, 0.3, 1.5)])
def test_mean_and_variance_are_those_of_a_beta_pert(triple):
    rng = random.Random(5)
    drawn = [beta_pert(triple, rng) for _ in range(60_000)]
    assert triple.mean == pytest.approx(fmean(drawn), rel=0.015)
    assert triple.variance == pytest.approx(pvariance(drawn), rel=0.03)


def test_every_cost_says_what_it_rests_on():
    blocks = [
        block for block in re.split(r"^\[", TEXT, flags=re.MULTILINE) if re.match(r"(cuda-like|foreign)\.", block)
    ]
    assert len(blocks) > 30
    for block in blocks:
        assert "evidence = " in block, block
    costs = [*WEIGHTS.project.values(), *WEIGHTS.shim.values(), WEIGHTS.adapter, *WEIGHTS.upkeep.values()]
    assert all(cost.evidence for cost in costs)


@pytest.mark.parametrize("family", ["cuda-like", "foreign"])
def test_a_further_name_file_or_place_never_costs_more_than_the_one_before(family):
    for cost in WEIGHTS.findings[family].values():
        assert cost.first >= cost.next_name, cost.key
        assert cost.next_name.mean >= cost.next_file.mean >= cost.next_place.mean, cost.key


@pytest.mark.parametrize("family", ["cuda-like", "foreign"])
def test_ids_of_the_weights_exist(family):
    named = {key[:6] for key in WEIGHTS.findings[family] if key.startswith("MIG")}
    assert named <= set(findings())


def test_the_most_exact_entry_answers():
    assert WEIGHTS.finding("cuda-like", "MIG501", "adapt").key == "cuda-like.MIG501/adapt"
    assert WEIGHTS.finding("cuda-like", "MIG501", "rewrite").key == "cuda-like.MIG501"
    assert WEIGHTS.finding("cuda-like", "MIG999", "rewrite").key == "cuda-like.rewrite"


def test_design_work_costs_more_than_adapting_and_adapting_more_than_reviewing():
    hours = {key: WEIGHTS.finding("cuda-like", "", key).first.mean for key in ("auto", "unknown", "adapt", "rewrite")}
    assert sorted(hours, key=hours.__getitem__) == ["auto", "unknown", "adapt", "rewrite"]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('first = ["0.5h", "2h", "8h"]', 'first = ["2h", "0.5h", "8h"]', "must rise from low to high"),
        ('first = ["0.5h", "2h", "8h"]', 'first = ["2h", "8h"]', "three values"),
        ('first = ["0.5h", "2h", "8h"]', 'first = ["0.5h", "2 hours", "8h"]', "'2 hours' is no duration"),
        ("[cuda-like.adapt]", "[cuda-like.adopt]", "cuda-like.adopt] is neither a class"),
        ("[cuda-like.unknown]", '[cuda-like."MIG777"]', "cuda-like.unknown] is missing"),
        ("prior_weight = 3", "prior_wait = 3", "calibration.prior_weight is missing"),
        ("hours_per_day = 7", 'hours_per_day = "7"', "hours_per_day must be a number"),
        ("cuda-like = 1.3", "cuda-like = -1.3", "sigma.cuda-like must be a number"),
        ("[assumptions.team]\nvalue = 1.0", "[assumptions.team]\nvalue = 9.0", "assumptions.team: value must lie"),
        ("hours_per_day = 7", "hours_per_day = = 7", "Invalid"),
    ],
)
def test_a_wrong_file_is_named_with_its_place(tmp_path, old, new, message):
    assert old in TEXT
    path = tmp_path / "w.toml"
    path.write_text(TEXT.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(UserError, match=re.escape(message)) as caught:
        load(path)
    assert str(path) in str(caught.value)


def test_a_missing_file_is_the_users_mistake(tmp_path):
    with pytest.raises(UserError, match="cannot be read"):
        load(tmp_path / "none.toml")
