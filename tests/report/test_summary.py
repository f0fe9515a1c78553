"""Counting: the numbers every format shows."""

import pytest
from scan_builder import BESIDE, CANN, MUSA, SHAPES, file_of, other_files, scan_of

from migrate.model import CLASSES, FileResult, Shape, Span
from migrate.report.summary import (
    OPEN_CLASSES,
    Selection,
    census,
    file_id,
    groups,
    label,
    reasons,
    statistics,
    totals,
    unknown_names,
    wide_groups,
)

EVERYTHING = Selection()


def test_totals_add_up(two):
    uses = sum(len(file.uses) for file in two.files)
    for target in ("musa", "cann:950"):
        found = totals(two, target)
        assert found.uses == uses == 13
        assert sum(found.classes.values()) == uses
        assert sum(found.ids.values()) == uses
        assert sum(sum(classes.values()) for classes in found.libraries.values()) == uses
        assert sum(found.levels.values()) == uses - found.classes["unknown"]
        assert tuple(found.classes) == CLASSES


def test_totals_count_files_by_class():
    scan = scan_of((file_of("a.cu"), file_of("b.cu", "cudaMalloc(&p, 4);\n")), (MUSA,))
    found = totals(scan, "musa")
    assert found.files["auto"] == 2
    assert found.files["check"] == 1


def test_totals_do_not_depend_on_shapes_being_shared():
    """Shapes that crossed processes are equal, not identical."""
    shared = scan_of((file_of("a.cu"), file_of("b.cu")), (MUSA,))
    copied = tuple(
        FileResult(file.path, file.state, uses=tuple(use._replace(shape=Shape(*use.shape)) for use in file.uses))
        for file in shared.files
    )
    apart = scan_of(copied, (MUSA,))
    assert totals(apart, "musa") == totals(shared, "musa")
    assert [group.count for group in groups(apart, "musa", EVERYTHING)] == [
        group.count for group in groups(shared, "musa", EVERYTHING)
    ]


def test_groups_are_ordered_by_class_then_count_then_label(one):
    found = groups(one, "musa", EVERYTHING)
    keys = [(CLASSES.index(group.answer.category), -group.count, group.label) for group in found]
    assert keys == sorted(keys)
    assert found[0].answer.category == "check"
    assert sum(group.count for group in found) == 13


def test_groups_keep_the_first_places_only():
    scan = scan_of((file_of("a.cu", "cudaMalloc(&p, 4);\n" * 9), file_of("b.cu", "cudaMalloc(&p, 4);\n")), (CANN,))
    (group,) = groups(scan, "cann:950", EVERYTHING, 3)
    assert (group.count, group.files, len(group.first)) == (10, 2, 3)
    (group,) = groups(scan, "cann:950", EVERYTHING, None)
    assert len(group.first) == 10


def test_an_id_can_come_in_several_classes(two):
    rows = statistics(two, "cann:950", EVERYTHING, census(two))
    assert sum(number for _, _, number in rows) == 13
    assert rows == sorted(rows, key=lambda row: (-row[2], row[0], row[1]))


def test_wide_groups_hold_what_any_target_lists(two):
    found = wide_groups(two, ["musa", "cann:950"], Selection(classes=frozenset(OPEN_CLASSES)))
    by_label = {group.label: group for group in found}
    assert by_label["cudaMalloc"].count == 2
    assert {key: answer.category for key, answer in by_label["cudaMalloc"].answers.items()} == {
        "musa": "auto",
        "cann:950": "adapt",
    }
    assert "cudaStream_t" not in by_label


@pytest.mark.parametrize(
    ("select", "ignore", "wanted"),
    [
        ((), (), True),
        (("MIG4",), (), True),
        (("MIG3",), (), False),
        ((), ("MIG4",), False),
        (("MIG401",), ("MIG4",), True),
        (("MIG4",), ("MIG401",), False),
        (("MIG4",), ("MIG4",), False),
    ],
)
def test_the_longer_prefix_wins(one, select, ignore, wanted):
    answer = next(answer for answer in one.answers["musa"].values() if answer.id == "MIG401")
    assert Selection(select, ignore).wants(answer) is wanted


def test_selection_by_class(one):
    answer = next(answer for answer in one.answers["musa"].values() if answer.id == "MIG401")
    assert Selection(classes=frozenset({"check"})).wants(answer)
    assert not Selection(classes=frozenset({"auto"})).wants(answer)


def test_labels():
    assert label(SHAPES["cuda_runtime.h"]) == "<cuda_runtime.h>"
    assert label(Shape("major", "member", owner="cudaDeviceProp")) == "cudaDeviceProp.major"
    assert label(SHAPES["bfe"]) == "asm bfe.u32"
    assert label(SHAPES["reduce<<<"]) == "<<<…>>>"
    assert label(SHAPES["cudaMalloc"]) == "cudaMalloc"


def test_file_ids():
    ids = {file.path: file_id(file) for file in other_files()}
    assert ids == {
        "src/plain.cpp": "",
        "src/again.cu": "",
        "src/utf16.cu": "MIG903",
        "src/gone.cu": "MIG903",
        "CMakeLists.txt": "MIG701",
        "setup.py": "MIG801",
        "src/gap.cu": "MIG902",
    }
    assert file_id(FileResult("a.cu", "analysed", gaps=(Span(1, 2),))) == "MIG902"


def test_unknown_names_say_which_targets(two):
    assert unknown_names(two, census(two)) == {"cudaFooBar": (1, ("musa", "cann:950"))}


def test_reasons_count_kernels_by_launch(two):
    found = {reason.message: reason.number for reason in reasons(two, "cann:950", census(two), most=20)}
    assert found["reason.kernels"] == 1
    assert found["reason.ptx"] == 1
    assert found["reason.adapt"] == 1
    assert "reason.inferred" not in found


def test_reasons_name_missing_libraries(two):
    found = {reason.message: reason for reason in reasons(two, "cann:950", census(two), most=20)}
    assert found["reason.libraries"].names == ("blas",)


def test_an_empty_scan_has_totals():
    scan = scan_of((), (MUSA, BESIDE))
    assert totals(scan, "musa").uses == 0
    assert groups(scan, "musa", EVERYTHING) == []
    assert reasons(scan, "musa", census(scan)) == []
