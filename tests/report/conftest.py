"""Fixtures for the reports: hand-made scans, and the source file they stand on."""

import pytest
from scan_builder import BESIDE, CANN, MUSA, SOURCE, file_of, other_files, scan_of


@pytest.fixture
def tree(tmp_path, monkeypatch):
    """The source file on disk, as places are read back from it."""
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "reduce.cu").write_text(SOURCE, encoding="utf-8", newline="\n")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def one():
    """A scan for one target, with its second route beside it."""
    return scan_of((file_of("src/reduce.cu"), *other_files()), (MUSA, BESIDE))


@pytest.fixture
def two():
    """A scan for two targets."""
    return scan_of((file_of("src/reduce.cu"), *other_files()), (MUSA, CANN))
