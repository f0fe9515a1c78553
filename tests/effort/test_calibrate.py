"""Learning from finished ports: shrinkage by hand, what counts, and files that are wrong."""

import math

import pytest
from building import WEIGHTS

from migrate.effort.calibrate import Own, Port, added, calibration, own_table, read_done, read_own, read_ports, shrunken
from migrate.errors import UserError

PORT = Port(
    "acme-musa", "acme/x", "0" * 40, "2024-01-01", ("src",), "musa", "cuda-like", 10, "usable", 4, 9, 22, "2026-11-24"
)


SIGMA = WEIGHTS.sigma["cuda-like"]


def own(name="ours", target="musa", kind="cuda-like", *, days=20.0, finished="2026-12-01", p50=10.0):
    return Own(name, target, kind, days, finished, p50, WEIGHTS.digest)


def known(target="musa", kind="cuda-like", ports=(PORT,), mine=(), without=()):
    return calibration(target, kind, WEIGHTS, ports=ports, own=mine, without=without)


def test_without_own_ports_the_model_stands_unscaled():
    found = known()
    assert (found.state, found.n, found.own, found.date) == ("calibrated", 1, 0, "2026-11-24")
    assert (found.factor, found.sigma) == (1.0, SIGMA)


def test_one_port_that_took_twice_as_long_moves_the_factor_by_a_quarter_of_it():
    factor, sigma = shrunken([2.0], WEIGHTS, "cuda-like")
    assert factor == pytest.approx(2 ** (1 / 4))
    log = math.log(2)
    assert sigma == pytest.approx(math.sqrt((3 * (SIGMA**2 + (log / 4) ** 2) + (log * 3 / 4) ** 2) / 4))


def test_many_ports_that_agree_set_the_factor_and_narrow_the_range_to_the_floor():
    factor, sigma = shrunken([2.0] * 200, WEIGHTS, "cuda-like")
    assert factor == pytest.approx(2, rel=0.02)
    assert sigma == WEIGHTS.sigma_floor
    assert shrunken([2.0] * 3, WEIGHTS, "cuda-like")[1] < SIGMA


def test_ports_that_contradict_each_other_widen_the_range():
    assert shrunken([0.1, 10.0, 0.1, 10.0], WEIGHTS, "cuda-like")[1] > SIGMA


def test_order_does_not_matter():
    assert shrunken([2.0, 0.5, 3.0], WEIGHTS, "foreign") == pytest.approx(shrunken([3.0, 2.0, 0.5], WEIGHTS, "foreign"))


def test_state_says_whose_ports_speak():
    assert known("dtk").state == "analogy"
    assert known("maca", "compile-as-is").state == "analogy"
    assert known("cann", "foreign")[:4] == ("none", 0, 0, "")
    assert known("cann", "foreign", mine=(own(target="cann:950", kind="foreign"),)).state == "calibrated"
    assert known("tops", "foreign", mine=(own(target="cann@8.5", kind="foreign"),)).state == "analogy"
    assert known(ports=()).state == "none"


def test_families_do_not_teach_each_other():
    foreign = own(target="cann", kind="foreign", days=100)
    assert known(mine=(foreign,)).factor == 1.0
    assert known("cann", "foreign", mine=(foreign,)).factor > 1.5
    assert known("cann", "foreign", mine=(own(),)).own == 0


def test_ports_can_be_left_out():
    found = known(mine=(own(),), without=("acme-musa", "ours"))
    assert (found.state, found.n, found.factor) == ("none", 0, 1.0)
    assert known(mine=(own(),), without=("acme-musa",)).date == "2026-12-01"


def test_own_ports_survive_their_file_and_replace_their_namesake(tmp_path):
    rows = added(added((own(),), own(target="cann", kind="foreign")), own(days=33.5))
    path = tmp_path / "own.tsv"
    path.write_text(own_table(rows), encoding="utf-8")
    assert read_own(path) == tuple(sorted(rows))
    assert [row.days for row in read_own(path)] == [20.0, 33.5]
    assert read_own(tmp_path / "none.tsv") == ()


DONE = 'name = "ours"\nscan = "start.json"\ndays = 34\nfinished = "2026-08-01"\n'


def test_a_finished_port_is_read(tmp_path):
    path = tmp_path / "done.toml"
    path.write_text(DONE + "[split]\ntuning = 10\ncode = 20\n[assumptions]\nteam = 0.7\n", encoding="utf-8")
    (done,) = read_done(path)
    assert done.days == 24, "tuning is no part of the estimate"
    assert done.scan == str(tmp_path / "start.json")
    assert done.assumptions == {"team": 0.7}
    path.write_text("[[project]]\n" + DONE + '[[project]]\nscan = "a/b.json"\ndays = 1\nfinished = "2026-08-01"\n')
    assert [done.name for done in read_done(path)] == ["ours", "b"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("days = 3", "a project needs scan"),
        (DONE.replace("34", "0"), "a project needs scan"),
        (DONE.replace("34", "true"), "a project needs scan"),
        (DONE.replace("2026-08-01", "August"), "'August' must be written as"),
        (DONE + "person = 3\n", "unknown key person"),
        (DONE + "[split]\ncode = 50\n", "no more than days"),
        (DONE + "[split]\nlunch = 5\n", "split has code"),
        (DONE + "[split]\ntuning = 34\n", "nothing but tuning"),
        (DONE + 'split = "x"\n', "split must be a table"),
        (DONE.replace('"ours"', '"a\\tb"'), "one line without tabs"),
        ("project = 3\n", "must be a list of tables"),
        ("days = = 3", "Invalid"),
    ],
)
def test_a_wrong_finished_port_is_explained(tmp_path, text, message):
    path = tmp_path / "done.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(UserError, match=message) as caught:
        read_done(path)
    assert "done.toml" in str(caught.value)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("name\t", "title\t", "own.tsv:1: the header line"),
        ("\tmusa", "", "own.tsv:2: 6 columns instead of 7"),
        ("cuda-like", "cuda", "own.tsv:2: kind 'cuda' is not one of"),
        ("\t20\t", "\t-20\t", "own.tsv:2: '-20' is no number of days"),
        ("\t20\t", "\tnan\t", "'nan' is no number of days"),
        ("2026-12-01", "soon", "own.tsv:2: the date 'soon'"),
    ],
)
def test_a_wrong_table_is_named_with_its_line(tmp_path, old, new, message):
    text = own_table((own(),))
    assert old in text
    path = tmp_path / "own.tsv"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(UserError, match=message):
        read_own(path)


def test_a_missing_table_of_reference_ports_is_said(tmp_path):
    with pytest.raises(UserError, match="cannot be read"):
        read_ports(tmp_path / "none.tsv")
