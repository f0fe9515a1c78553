"""The arithmetic: against a simulation, its sums, and what must never happen when a scan grows."""

import math
import random
from dataclasses import replace
from statistics import quantiles

import pytest
from building import BRIDGE, CANN, MUSA, WEIGHTS, counts, group, scan_of
from hypothesis import given, settings
from hypothesis import strategies as st
from test_weights import beta_pert

from migrate.effort.count import WAYS, count
from migrate.effort.estimate import Calibration, drivers, estimate, time_class, two_figures
from migrate.effort.lines import routes
from migrate.errors import UserError
from migrate.model import FileResult

PORT = counts(
    group("MIG101", "auto", "cudaMalloc", files=12, hits=80),
    group("MIG401", "check", "__CUDA_ARCH__", files=5, hits=18),
    group(name="cublasGemmEx", library="blas", files=4, hits=30),
    group(name="cublasGemmStridedBatchedEx", library="blas", files=2, hits=4),
    group("MIG501", "rewrite", "asm ldmatrix", files=3, hits=9),
    group("MIG901", "unknown", "cudaFooBar"),
    kernels=80,
    cuda_files=40,
    build_files=2,
    symbols=60,
)

#: A thin table's share.
UNKNOWN = tuple(group("MIG901", "unknown", f"cudaBar{number}", hits=3) for number in range(80))


def draw(each, rng):
    return beta_pert(each, rng) if each.high > each.low else each.low


def simulated(found, assumptions, number, seed):
    """P10, P50, P90 of the model drawn part by part, as its text describes it."""
    rng = random.Random(seed)
    lines = [line for layer in found.layers for line in layer.lines]
    low, likely, high = WEIGHTS.reserve
    scale = assumptions["reserve"] / likely
    unknown = [part for line in lines if line.layer == "unknown" for part in line.parts]
    days = []
    for _ in range(number):
        work = sum(
            part.number * draw(part.each, rng)
            for line in lines
            if line.layer not in ("project", "unknown")
            for part in line.parts
        )
        if unknown:
            # One draw for all: so many deviations from the mean, in each of them.
            shape = unknown[-1].each
            deviations = (draw(shape, rng) - shape.mean) / math.sqrt(shape.variance)
            work += sum(part.number * (part.each.mean + deviations * math.sqrt(part.each.variance)) for part in unknown)
        rest = sum(
            part.number * draw(part.each, rng) for line in lines if line.layer == "project" for part in line.parts
        )
        work *= 1 + assumptions["tuning"] * draw(WEIGHTS.tuning, rng)
        total = (work + rest) * (1 + beta_pert((low * scale, likely * scale, high * scale), rng)) * found.multiplier
        days.append(total * math.exp(rng.gauss(0, WEIGHTS.sigma[found.family])) / 7)
    cut = quantiles(days, n=10)
    return cut[0], cut[4], cut[8]


@pytest.mark.parametrize(
    ("what", "changed"),
    [
        (PORT, {}),
        (PORT, {"tuning": 1.0, "team": 1.8, "reserve": 0.45}),
        (counts(group("MIG501", "rewrite", "asm bfe", files=40, hits=900)), {}),
        (counts(kind="foreign", kernels=30, cuda_files=10), {"operators": 0.25}),
        (replace(PORT, groups=(*PORT.groups, *UNKNOWN)), {}),
    ],
    ids=["port", "assumptions", "one-name", "kernels", "unknown"],
)
def test_closed_form_is_what_a_simulation_gives(what, changed):
    found = estimate(what, WEIGHTS, changed=changed)
    for closed, drawn in zip(found.range, simulated(found, found.assumptions, 20_000, 11), strict=True):
        assert closed == pytest.approx(drawn, rel=0.05)


@pytest.mark.parametrize("route", ["rewrite", "shim"])
@pytest.mark.parametrize("changed", [{}, {"tuning": 0.7, "reserve": 0.3, "team": 0.8, "tests": 1.2}])
def test_lines_add_up_to_layers_and_layers_to_the_likely_days(route, changed):
    found = estimate(PORT, WEIGHTS, route, changed=changed, calibration=Calibration("calibrated", 3, 3, "", 1.7, 0.5))
    assert sum(layer.days for layer in found.layers) == pytest.approx(found.range.p50, rel=1e-12)
    for layer in found.layers:
        if layer.lines:
            assert sum(line.days for line in layer.lines) == pytest.approx(layer.days, rel=1e-12)
    assert {"tuning"} <= {layer.key for layer in found.layers} if changed else found.layer("tuning") is None


def test_a_line_by_hand():
    """Two names of one library: the first costs 0.5 / 2 / 7 h, the second 0.2 / 0.9 / 3.2 h; files, places besides."""
    found = estimate(PORT, WEIGHTS)
    big, small = sorted((line for line in found.layer("adapt").lines), key=lambda line: -line.hits)
    first, file, place = 15.5 / 6, (0.1 + 4 * 0.4 + 1.5) / 6, (0.5 + 12 + 12) / 6 / 60
    assert big.hours == pytest.approx(first + 3 * file + 26 * place)
    assert small.hours == pytest.approx((0.2 + 3.6 + 3.2) / 6 + 1 * file + 2 * place)
    assert [part.what for part in big.parts] == ["first", "next_file", "next_place"]
    assert small.parts[0].what == "next_name"
    assert big.variance == pytest.approx(
        (first - 0.5) * (7 - first) / 7
        + 9 * (file - 0.1) * (1.5 - file) / 7
        + 26**2 * (place - 0.5 / 60) * (12 / 60 - place) / 7
    )


GROUPS = st.builds(
    lambda where, name, files, more: group(*where, name, files, files + more, library=name[:1]),
    st.sampled_from(
        [
            ("MIG101", "auto"),
            ("MIG401", "check"),
            ("MIG201", "adapt"),
            ("MIG501", "rewrite"),
            ("MIG304", "unsupported"),
            ("MIG901", "unknown"),
        ]
    ),
    st.sampled_from(["a1", "a2", "a3", "b1", "b2"]),
    st.integers(1, 400),
    st.integers(0, 5000),
)
SIZES = st.fixed_dictionaries(
    {"kernels": st.integers(0, 300), "cuda_files": st.integers(0, 300), "build_files": st.integers(0, 30)}
)
PROJECTS = st.builds(
    lambda groups, sizes, kind: counts(*{(one.id, one.name): one for one in groups}.values(), kind=kind, **sizes),
    st.lists(GROUPS, max_size=8),
    SIZES,
    st.sampled_from(["cuda-like", "foreign"]),
)


def no_cheaper(more, less, sigma=0.0):
    known = Calibration(sigma=sigma)
    after, before = (estimate(item, WEIGHTS, calibration=known).range for item in (more, less))
    return all(new >= old * (1 - 1e-9) for new, old in zip(after, before, strict=True))


@settings(max_examples=80, deadline=None)
@given(PROJECTS, GROUPS, st.sampled_from([0.0, 0.3]))
def test_a_further_name_is_never_cheaper(project, fresh, sigma):
    if any((one.id, one.name) == (fresh.id, fresh.name) for one in project.groups):
        return
    assert no_cheaper(replace(project, groups=(*project.groups, fresh)), project, sigma)


@settings(max_examples=80, deadline=None)
@given(PROJECTS, st.data(), st.integers(1, 3000), st.integers(0, 300))
def test_further_places_and_files_are_never_cheaper(project, data, places, files):
    if not project.groups:
        return
    index = data.draw(st.integers(0, len(project.groups) - 1))
    groups = list(project.groups)
    old = groups[index]
    groups[index] = replace(old, files=old.files + files, hits=old.hits + files + places)
    assert no_cheaper(replace(project, groups=tuple(groups)), project)


@settings(max_examples=60, deadline=None)
@given(PROJECTS, st.sampled_from(["kernels", "cuda_files", "build_files"]), st.integers(1, 400))
def test_a_larger_project_is_never_cheaper(project, what, number):
    sizes = project.sizes._replace(**{what: getattr(project.sizes, what) + number})
    if what == "kernels" and project.kind == "foreign" and not project.sizes.kernels:
        return  # the first kernel takes over what stood for itself before
    assert no_cheaper(replace(project, sizes=sizes), project)


def test_the_same_edit_again_is_cheap_and_other_names_are_not():
    once, often = (estimate(counts(group(hits=hits)), WEIGHTS).range.p50 for hits in (1, 100))
    several = estimate(counts(*(group(name=f"f{number}") for number in range(100))), WEIGHTS).range.p50
    alone = estimate(counts(), WEIGHTS).range.p50
    assert often - alone < 4 * (once - alone)
    assert several - alone > 30 * (once - alone)


def test_identical_files_count_once():
    files = {"a.cu": [("cudaFoo", "MIG201", "adapt", 3)]}
    copy = FileResult("b.cu", "copy", "same bytes as a.cu", "cuda", 30, copy_of="a.cu")
    one, two = (count(scan_of(files, others=others), "musa") for others in ((), (copy,)))
    assert two == one
    assert one.groups[0].files == 1
    assert one.sizes.cuda_files == 1


def test_every_finding_is_traceable_to_its_lines_and_its_rule():
    scan = scan_of(
        {
            "a.cu": [("cudaFoo", "MIG201", "adapt", 2), ("__global__", "MIG102", "auto", 3, "qualifier", "device")],
            "b/c.cu": [("cudaFoo", "MIG201", "adapt", 1), ("cudaBar", "MIG301", "unsupported", 1)],
        }
    )
    found = estimate(count(scan, "musa"), WEIGHTS)
    (line,) = found.layer("adapt").lines
    assert line.places == {"a.cu": (1, 2), "b/c.cu": (1,)}
    assert (line.files, line.hits) == (2, 3)
    assert scan.rules["musa"][line.rule].evidence == ("used:acme/port:cudaFoo",)
    assert line.weights == "cuda-like.adapt"
    assert found.counts.sizes.kernels == 3
    assert found.counts.kernel_places == {"a.cu": (3, 4, 5)}


def test_a_finding_without_an_answer_for_the_target_costs_nothing():
    with_, without = (
        scan_of({"a.cu": [("cudaFoo", "MIG201", "adapt", 1), ("warp", identifier, "check", 9)]})
        for identifier in ("MIG401", "")
    )
    assert [one.name for one in count(without, "musa").groups] == ["cudaFoo"]
    assert len(count(with_, "musa").groups) == 2


def test_multipliers_scale_and_assumptions_have_bounds():
    base = estimate(PORT, WEIGHTS)
    slow = estimate(PORT, WEIGHTS, changed={"team": 1.8, "hardware": 1.5})
    assert slow.range.p50 == pytest.approx(2.7 * base.range.p50)
    assert slow.range.p10 / base.range.p10 == pytest.approx(2.7)
    with pytest.raises(UserError, match=r"team must lie between 0\.7 and 1\.8, not 3"):
        estimate(PORT, WEIGHTS, changed={"team": 3})
    with pytest.raises(UserError, match="luck is no assumption"):
        estimate(PORT, WEIGHTS, changed={"luck": 1})


def test_the_reserve_stands_on_findings_and_project_costs():
    none, much = (estimate(PORT, WEIGHTS, changed={"reserve": share}) for share in (0.05, 0.45))
    assert none.layer("reserve").hours < much.layer("reserve").hours
    rest = sum(layer.hours for layer in much.layers if layer.key != "reserve")
    assert much.layer("reserve").hours == pytest.approx(rest * (0.15 + 1.8 + 1.35) / 6)


def test_model_error_alone_gives_the_stated_width():
    spread = estimate(counts(), WEIGHTS, calibration=Calibration(sigma=0.7))
    assert spread.range.p50 / spread.range.p10 >= 2.45
    wide = estimate(PORT, WEIGHTS, calibration=Calibration(sigma=0.7))
    assert wide.sigma == pytest.approx(0.7, abs=0.05)


def test_routes_are_those_a_target_can_have():
    assert routes(PORT) == ("rewrite", "shim")
    assert routes(replace(PORT, kind="compile-as-is"), "torchada") == ("compile-as-is",)
    assert routes(replace(PORT, kind="foreign")) == ("rewrite",)
    assert routes(PORT, "torchada") == ("rewrite", "shim")
    with_python = replace(PORT, sizes=PORT.sizes._replace(python_files=3))
    assert routes(with_python, "torchada") == ("rewrite", "shim", "adapter")
    assert routes(with_python) == ("rewrite", "shim")


def test_the_shim_reviews_nothing_and_pays_for_its_header():
    rewrite, shim = (estimate(PORT, WEIGHTS, route) for route in ("rewrite", "shim"))
    assert rewrite.layer("auto").hours > 0
    assert shim.layer("auto").hours == 0
    assert {line.key for line in shim.layer("project").lines} >= {"shim-header", "shim-names"}
    assert shim.upkeep < rewrite.upkeep


def test_the_adapter_takes_python_and_leaves_the_rest():
    python = group("MIG801", "adapt", "torch.cuda.Event", python=True)
    port = replace(PORT, groups=(*PORT.groups, python), sizes=PORT.sizes._replace(python_files=40))
    rewrite = estimate(port, WEIGHTS)
    adapter = estimate(port, WEIGHTS, "adapter", adapter="torchada")
    assert adapter.adapter == "torchada"
    assert "torch.cuda.Event" in {line.name for line in rewrite.layer("adapt").lines}
    assert "torch.cuda.Event" not in {line.name for line in adapter.layer("adapt").lines}
    assert "python" not in {line.key for line in adapter.layer("project").lines}
    assert adapter.layer("rewrite").hours == rewrite.layer("rewrite").hours


FOREIGN = {
    "a.cu": [
        ("__global__", "MIG601", "rewrite", 4, "qualifier", "device"),
        ("threadIdx.x", "MIG601", "rewrite", 40, "variable", "device"),
        ("curand_uniform", "MIG201", "adapt", 5, "call", "device"),
        ("cudaMalloc", "MIG201", "adapt", 2),
    ]
}


def test_kernels_of_a_foreign_target_are_ported_whole():
    found = count(scan_of(FOREIGN, (CANN,)), "cann")
    assert [one.name for one in found.groups] == ["cudaMalloc"]
    assert found.within_kernels == 49
    assert estimate(count(scan_of(FOREIGN), "musa"), WEIGHTS).layer("kernels") is None


def numbers(found, **changed):
    """Kernels of the estimate by way."""
    lines = estimate(found, WEIGHTS, changed=changed).layer("kernels").lines
    return {line.key: line.parts[0].number for line in lines}


def told(side="device", **ways):
    """FOREIGN, whose four kernels have findings about where they go."""
    more = [
        (f"k_{way}", identifier, "adapt" if way == "operator" else "rewrite", ways[way], "hazard", side)
        for identifier, way in WAYS.items()
        if way in ways
    ]
    return count(scan_of({"a.cu": [*FOREIGN["a.cu"], *more]}, (CANN,)), "cann")


def test_kernels_go_the_ways_their_findings_name():
    found = told(operator=1, write=2, risk=1)
    assert numbers(found) == {"operator": 1, "write": 2, "risk": 1}
    assert numbers(found, operators=0.75) == {"operator": 0.75, "write": 2.25, "risk": 1}
    assert numbers(told(composed=3, operator=1), operators=0.5) == {"composed": 1.5, "operator": 0.5, "write": 2}
    (write,) = (line for line in estimate(found, WEIGHTS).layer("kernels").lines if line.key == "write")
    assert (write.files, write.hits, write.places) == (1, 2, {"a.cu": (53, 54)})


def test_kernels_whose_way_is_not_known_go_the_ways_of_others():
    share = {way: cost.share for way, cost in WEIGHTS.kernel.items()}
    unknown = count(scan_of(FOREIGN, (CANN,)), "cann")
    assert numbers(unknown) == {way: 4 * part for way, part in share.items()}
    assert numbers(told(risk=1)) == {way: 3 * part + (way == "risk") for way, part in share.items()}


def test_ways_cost_the_more_the_less_they_take_over():
    """And a stack whose operators nobody knows is no cheaper than one without any."""
    costs = [estimate(told(**{way: 4}), WEIGHTS).range.p50 for way in ("operator", "composed", "write", "risk")]
    assert costs == sorted(costs)
    assert costs[1] < estimate(count(scan_of(FOREIGN, (CANN,)), "cann"), WEIGHTS).range.p50 < costs[2]


@pytest.mark.parametrize("way", ["operator", "composed", "write", "risk"])
@pytest.mark.parametrize("side", ["device", "host", ""])
def test_findings_about_whole_kernels_cost_nothing_of_their_own(way, side):
    found = told(side, **{way: 4})
    assert [one.name for one in found.groups] == ["cudaMalloc"]
    assert found.within_kernels == 49


def test_device_code_without_kernels_keeps_its_cost_on_a_foreign_target():
    headers = {"a.cuh": FOREIGN["a.cu"][1:]}
    found = count(scan_of(headers, (CANN,)), "cann")
    assert found.within_kernels == 0
    assert {one.name for one in found.groups} == {"threadIdx.x", "curand_uniform", "cudaMalloc"}


def test_nothing_validates_foreign_targets_and_the_range_says_so():
    foreign, like = (estimate(replace(PORT, kind=kind), WEIGHTS) for kind in ("foreign", "cuda-like"))
    assert foreign.calibration.state == "none"
    assert foreign.range.p90 / foreign.range.p10 > 1.5 * like.range.p90 / like.range.p10
    assert foreign.cross_check is None


def test_cross_check_speaks_when_the_two_disagree():
    assert estimate(PORT, WEIGHTS).cross_check.warning == ""
    few = estimate(replace(PORT, sizes=PORT.sizes._replace(symbols=5)), WEIGHTS).cross_check
    many = estimate(replace(PORT, sizes=PORT.sizes._replace(symbols=900)), WEIGHTS).cross_check
    assert (few.warning, many.warning) == ("above", "below")
    assert few.days == pytest.approx(5 * WEIGHTS.days_per_symbol)
    assert estimate(counts(), WEIGHTS).cross_check is None


def test_compile_as_is_takes_the_weights_of_cuda_like_targets():
    files = {"a.cu": [("cudaFoo", "MIG201", "adapt", 2)]}
    like = estimate(count(scan_of(files, (MUSA,)), "musa"), WEIGHTS)
    bridge = estimate(count(scan_of(files, (BRIDGE,)), "maca:cu-bridge"), WEIGHTS)
    assert bridge.route == "compile-as-is"
    assert bridge.range == like.range
    assert bridge.upkeep < like.upkeep


def test_drivers_are_the_dearest_lines():
    first, second, *_ = drivers(estimate(PORT, WEIGHTS), 3)
    assert first.key == "setup"
    assert first.days >= second.days > 0
    assert len(drivers(estimate(PORT, WEIGHTS), 3)) == 3


@pytest.mark.parametrize(
    ("value", "rounded"),
    [
        (0, 0),
        (0.0432, 0.043),
        (0.96, 0.96),
        (0.996, 1.0),
        (2.149, 2.1),
        (9.96, 10),
        (58.5, 59),
        (994, 990),
        (995, 1000),
        (2345, 2300),
    ],
)
def test_two_figures(value, rounded):
    assert two_figures(value) == rounded


def test_time_classes():
    assert [time_class(hours) for hours in (0.1, 2, 6, 6.1, 34.9, 35)] == [
        "under-2h", "2-6h", "2-6h", "over-6h", "over-6h", "redesign",
    ]  # fmt: skip


def test_a_library_that_is_only_renamed_costs_one_look():
    renamed = [group("MIG101", "auto", f"cublas{number}", library="blas") for number in range(5)]
    (line,) = estimate(counts(*renamed), WEIGHTS).layer("adapt").lines
    assert (line.key, line.weights, line.hits) == ("library blas", "project.library", 5)
    adapted = estimate(counts(*renamed, group(name="cublasGemmEx", library="blas")), WEIGHTS)
    assert [one.key for one in adapted.layer("adapt").lines] == ["MIG201 cublasGemmEx"]
    assert estimate(counts(group("MIG101", "auto", "cudaMalloc")), WEIGHTS).layer("adapt") is None
