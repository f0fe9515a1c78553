"""The cache never changes an answer: not damaged, not shared, not killed in the middle."""

from __future__ import annotations

import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

from migrate import cache as cache_module
from migrate import pipeline
from migrate.cache import Cache, folder, key
from migrate.tables.rules import rules_dir
from migrate.targets import parse_targets

SAMPLES = Path(__file__).resolve().parent.parent / "samples"


@pytest.fixture
def tree(tmp_path):
    """A small project whose files are old enough for their time stamps to be trusted."""
    root = tmp_path / "project"
    root.mkdir()
    for number, path in enumerate(sorted(SAMPLES.rglob("*.cu"))):
        file = root / f"{number}_{path.name}"
        file.write_bytes(path.read_bytes())
        os.utime(file, (1_700_000_000, 1_700_000_000))
    return root


def scan(root, cache_dir, **options):
    return pipeline.scan_paths([str(root)], parse_targets("musa,cann", rules_dir()), cache_dir=cache_dir, **options)


def test_values_come_back(tmp_path):
    cache = Cache(tmp_path)
    cache.put(key("a", "b"), b"value")
    cache.close()
    again = Cache(tmp_path)
    assert again.get_many([key("a", "b"), key("a", "c")]) == {key("a", "b"): b"value"}
    again.close()


def test_without_a_folder_nothing_is_kept():
    cache = Cache(None)
    cache.put(key("a"), b"1")
    assert not cache.is_open
    assert cache.get_many([key("a")]) == {}
    cache.close()


def test_parts_of_a_key_do_not_run_together():
    assert key("ab", "c") != key("a", "bc")


def test_an_unchanged_tree_is_not_read_again(tree, tmp_path, monkeypatch):
    cold = scan(tree, tmp_path / "cache")
    from migrate import workers

    def no_reading(*_arguments):
        raise AssertionError("a file was read")

    monkeypatch.setattr(workers, "read", no_reading)
    assert scan(tree, tmp_path / "cache") == cold


def test_a_changed_file_is_read_again(tree, tmp_path):
    scan(tree, tmp_path / "cache")
    file = min(tree.iterdir())
    file.write_bytes(file.read_bytes() + b"\nvoid more() { cudaDeviceReset(); }\n")
    after = scan(tree, tmp_path / "cache")
    assert after == scan(tree, None)
    assert any(use.shape.name == "cudaDeviceReset" for result in after.files for use in result.uses)


def test_a_file_changed_within_its_time_stamp_is_read_again(tree, tmp_path):
    file = min(tree.iterdir())
    text = file.read_bytes()
    scan(tree, tmp_path / "cache")
    file.write_bytes(text.replace(b"cudaMalloc", b"cudaMalloX"))  # same size
    os.utime(file)
    scan(tree, tmp_path / "cache")  # now its stamp is of this very moment
    file.write_bytes(text)
    os.utime(file)
    assert scan(tree, tmp_path / "cache") == scan(tree, None)


def test_another_target_reuses_the_analysis(tree, tmp_path):
    scan(tree, tmp_path / "cache")
    targets = parse_targets("dtk", rules_dir())
    cached = pipeline.scan_paths([str(tree)], targets, cache_dir=tmp_path / "cache")
    assert cached == pipeline.scan_paths([str(tree)], targets)


@pytest.mark.parametrize("damage", [b"", b"not a database", b"SQLite format 3\0" + b"\xff" * 4000])
def test_a_damaged_cache_is_begun_anew(tree, tmp_path, damage):
    folder = tmp_path / "cache"
    right = scan(tree, folder)
    for file in folder.iterdir():
        file.unlink()
    (folder / "results.sqlite").write_bytes(damage)
    assert scan(tree, folder) == right
    assert scan(tree, folder) == right


def test_a_damaged_entry_is_no_value(tree, tmp_path):
    folder = tmp_path / "cache"
    right = scan(tree, folder)
    base = sqlite3.connect(folder / "results.sqlite")
    for table in ("result", "look"):
        done = base.execute(f"UPDATE {table} SET blob = cast(substr(blob, 1, length(blob) - 3) || x'000001' AS BLOB)")
        assert done.rowcount > 5
    base.commit()
    base.close()
    assert scan(tree, folder) == right


def test_a_cache_that_cannot_be_made_is_no_failure(tree, tmp_path):
    blocked = tmp_path / "file"
    blocked.write_text("in the way")
    assert scan(tree, blocked / "cache") == scan(tree, None)


def test_a_locked_cache_is_done_without(tree, tmp_path):
    folder = tmp_path / "cache"
    right = scan(tree, folder)
    base = sqlite3.connect(folder / "results.sqlite", isolation_level=None)
    base.execute("BEGIN EXCLUSIVE")
    try:
        assert scan(tree, folder) == right
    finally:
        base.close()


def test_it_stays_within_its_limit(tmp_path, monkeypatch):
    monkeypatch.setattr(cache_module, "LIMIT", 100_000)
    cache = Cache(tmp_path)
    for number in range(100):
        cache.put(key(str(number)), os.urandom(5_000))
    cache.close()
    base = sqlite3.connect(tmp_path / "results.sqlite")
    (size,) = base.execute("SELECT sum(length(blob)) FROM result").fetchone()
    assert 50_000 < size <= 100_000


def test_the_folder_is_the_users(monkeypatch, tmp_path):
    monkeypatch.delenv("MIGRATE_CACHE_DIR")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(sys, "platform", "linux")
    assert folder() == tmp_path / "cuda-migrate"


KILLED = """
import sys
from pathlib import Path
from migrate import pipeline
from migrate.tables.rules import rules_dir
from migrate.targets import parse_targets
if __name__ == "__main__":
    print("ready", flush=True)
    pipeline.scan_paths([sys.argv[1]], parse_targets("musa,cann", rules_dir()), cache_dir=Path(sys.argv[2]), jobs=2)
"""


def test_killed_scans_leave_a_cache_that_is_right(tree, tmp_path):
    """kill -9 at ten moments, two scans at once: what is left answers rightly."""
    folder = tmp_path / "cache"
    right = scan(tree, None)
    script = tmp_path / "killed.py"
    script.write_text(KILLED)
    chance = random.Random(5)
    environment = {**os.environ, "PYTHONPATH": str(SAMPLES.parent)}
    for _ in range(5):
        running = [
            subprocess.Popen(
                [sys.executable, str(script), str(tree), str(folder)],
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env=environment,
                start_new_session=True,
            )
            for _ in range(2)
        ]
        for process in running:
            assert process.stdout.readline() == b"ready\n"
        time.sleep(chance.uniform(0.0, 1.2))
        for process in running:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            process.stdout.close()
    assert scan(tree, folder) == right
    assert scan(tree, folder) == right
