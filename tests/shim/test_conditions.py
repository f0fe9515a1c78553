"""Preprocessor conditions with some macros known."""

import pytest

from migrate.rewrite.conditions import Known, holds

KNOWN = Known({"USE_MUSA": 1, "VERSION": 12, "OPAQUE": None}, {"USE_HIP", "CUDART_VERSION"})


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("", True),
        ("defined(USE_MUSA)", True),
        ("!defined(USE_MUSA)", False),
        ("defined(GGML_USE_MUSA)", True),  # the project's own prefix
        ("defined(GGML_USE_HIP)", False),
        ("defined(OTHER)", None),
        ("defined OTHER && defined USE_HIP", False),
        ("(defined(OTHER) || defined(USE_MUSA))", True),
        ("(defined(OTHER) || defined(USE_HIP))", None),
        ("!(defined(USE_HIP) || !defined(USE_MUSA))", True),
        ("CUDART_VERSION >= 11080", False),
        ("VERSION >= 0xC", True),
        ("VERSION < 12 || OTHER", None),
        ("OPAQUE >= 3", None),
        ("defined(OPAQUE)", True),
        ("… && defined(USE_HIP)", False),  # one part cannot be read, another is false
        ("… && defined(USE_MUSA)", None),
        ("__has_include(<x.h>)", None),
        ("VERSION + 1 > 3", None),
        ("((VERSION == 12)", None),
        ("USE_HIP && OTHER > 2", False),
    ],
)
def test_holds(condition, expected):
    assert holds(condition, KNOWN) is expected
