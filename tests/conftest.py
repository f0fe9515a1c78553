"""Golden files: compared on every run, rewritten by `pytest --accept`."""

from __future__ import annotations

from pathlib import Path

import pytest


def pytest_addoption(parser):
    parser.addoption("--accept", action="store_true", help="write actual output over the golden files")


@pytest.fixture
def golden(request):
    """A function (name, text) that compares *text* with `golden/<name>` beside the test, or accepts it."""
    folder = Path(request.path).parent / "golden"
    accept = request.config.getoption("--accept")

    def check(name, text):
        path = folder / name
        if accept:
            folder.mkdir(exist_ok=True)
            path.write_text(text, encoding="utf-8", newline="\n")
            return
        assert path.is_file(), f"{path} is missing: run pytest --accept and read what it wrote"
        assert text == path.read_text(encoding="utf-8"), f"{path.name} differs: run pytest --accept if that is meant"

    return check
