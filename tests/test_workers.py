"""Whoever does the work, the result is the same."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from migrate import pipeline, workers
from migrate.errors import UserError
from migrate.tables.rules import rules_dir
from migrate.targets import parse_targets
from migrate.workers import Item, chunks, make

SAMPLES = Path(__file__).resolve().parent.parent / "samples"


def scan(paths, **options):
    return pipeline.scan_paths([str(path) for path in paths], parse_targets("musa,cann:950", rules_dir()), **options)


@pytest.fixture
def many(tmp_path):
    """Some sixty files, all different, in two folders."""
    for copy in range(4):
        for path in sorted(SAMPLES.rglob("*.cu")):
            file = tmp_path / f"{copy % 2}" / f"{copy}_{path.name}"
            file.parent.mkdir(exist_ok=True)
            file.write_bytes(path.read_bytes() + b"// copy %d\n" % copy)
    return tmp_path


def test_two_processes_give_what_one_gives(many):
    assert scan([many], jobs=2) == scan([many], jobs=1)


def test_chunks_hold_every_item_once_and_begin_with_the_largest():
    items = [Item(number, "", "cuda", size) for number, size in enumerate([10, 3_000_000, 500_000, 600_000, 20] * 40)]
    made = list(chunks(items))
    assert sorted(item.number for chunk in made for item in chunk) == list(range(200))
    assert made[0][0].size == 3_000_000
    assert all(len(chunk) <= workers.CHUNK_FILES for chunk in made)
    assert all(sum(item.size for item in chunk[:-1]) < workers.CHUNK_BYTES for chunk in made)


def test_little_work_stays_in_this_process():
    assert isinstance(make(0, "", [1000] * 10), workers.Serial)
    assert isinstance(make(1, "", [1_000_000] * 1000), workers.Serial)


def test_a_file_that_vanishes_between_the_passes_is_reported(many, monkeypatch):
    gone = min(many.rglob("*.cu"))
    monkeypatch.setattr(pipeline, "_KEEP", 0)
    real = pipeline._Passes._analyse

    def analyse(self, *arguments):
        gone.unlink()
        return real(self, *arguments)

    monkeypatch.setattr(pipeline._Passes, "_analyse", analyse)
    result = next(result for result in scan([many]).files if result.path.endswith(gone.name))
    assert result.state == "unreadable"


@pytest.mark.parametrize("executor", ["ray=x", "dask", "dask=", "tcp://host:1"])
def test_an_executor_that_is_not_understood(executor):
    with pytest.raises(UserError, match="not understood"):
        make(0, executor, [])


def test_a_worker_of_another_version_refuses():
    with pytest.raises(UserError, match="install the same cuda-migrate"):
        workers.look_chunk([], 0, "0.0.1+other")


@pytest.mark.skipif(os.name != "posix", reason="signals as POSIX has them")
def test_ctrl_c_ends_a_parallel_scan_cleanly(many):
    script = (
        "import sys\nfrom migrate.cli import main\n"
        "if __name__ == '__main__':\n"
        f"    sys.argv = ['migrate', 'scan', {str(many)!r}, '--target', 'all', '-j', '2', '--no-cache']\n    main()\n"
    )
    file = many / "run.py"
    file.write_text(script)
    process = subprocess.Popen(
        [sys.executable, str(file)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(SAMPLES.parent)},
        start_new_session=True,
    )
    time.sleep(0.6)
    os.killpg(process.pid, signal.SIGINT)
    out, err = process.communicate(timeout=20)
    assert "Traceback" not in out + err
    assert process.returncode in (130, 0)  # 0 when the machine was quicker than the signal


def test_dask_gives_what_one_process_gives_though_a_worker_dies(many):
    """A real scheduler and two workers on loopback; one is killed while they work."""
    distributed = pytest.importorskip("distributed", reason="needs the extra dask")
    address = "tcp://127.0.0.1:38786"
    environment = {**os.environ, "PYTHONPATH": str(SAMPLES.parent)}
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "env": environment}
    command = [
        sys.executable,
        "-m",
        "distributed.cli.dask_scheduler",
        "--host",
        "127.0.0.1",
        "--port",
        "38786",
        "--no-dashboard",
    ]
    scheduler = subprocess.Popen(command, **quiet)
    crew = [
        subprocess.Popen(
            [
                sys.executable,
                "-m",
                "distributed.cli.dask_worker",
                address,
                "--nthreads",
                "1",
                "--no-dashboard",
                "--no-nanny",
            ],
            **quiet,
        )
        for _ in range(2)
    ]
    try:
        with distributed.Client(address, timeout="30s") as client:
            client.wait_for_workers(2, timeout=30)
        serial = scan([many])
        killer = threading.Timer(0.4, crew[0].kill)
        killer.start()
        assert scan([many], executor=f"dask={address}") == serial
        killer.join()
        assert crew[0].wait(timeout=10) != 0
    finally:
        for process in (*crew, scheduler):
            process.kill()
            process.wait()
