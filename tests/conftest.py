"""What all tests share: a cache of their own, and golden files, rewritten by `pytest --accept`."""

from __future__ import annotations

import gc
from pathlib import Path

import pytest


@pytest.fixture(autouse=True)
def _own_cache(tmp_path_factory, monkeypatch):
    """No test reads or writes the cache of whoever runs it."""
    monkeypatch.setenv("MIGRATE_CACHE_DIR", str(tmp_path_factory.getbasetemp() / "cache"))


@pytest.fixture(autouse=True)
def _own_garbage():
    """The collector looks only at what a test makes: the heap of 6,000 tests would be timed along with it."""
    gc.freeze()
    yield
    gc.unfreeze()


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
