"""Files on disk: replaced in one step, permissions and links kept, nothing half after a kill."""

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import migrate
from migrate.rewrite import write


def test_permissions_and_backup(tmp_path):
    file = tmp_path / "a.sh"
    file.write_bytes(b"old")
    file.chmod(0o751)
    write.replace(str(file), b"new", backup=".orig")
    assert (file.read_bytes(), file.stat().st_mode & 0o777) == (b"new", 0o751)
    assert (tmp_path / "a.sh.orig").read_bytes() == b"old"
    write.replace(str(file), b"newer", backup=".orig")  # the first state is the one worth keeping
    assert (tmp_path / "a.sh.orig").read_bytes() == b"old"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.sh", "a.sh.orig"]


def test_a_link_stays_a_link(tmp_path):
    (tmp_path / "real.cu").write_bytes(b"old")
    (tmp_path / "link.cu").symlink_to("real.cu")
    write.replace(str(tmp_path / "link.cu"), b"new")
    assert (tmp_path / "link.cu").is_symlink()
    assert (tmp_path / "real.cu").read_bytes() == b"new"


def test_failure_leaves_the_old_file(tmp_path, monkeypatch):
    file = tmp_path / "a.cu"
    file.write_bytes(b"old")
    monkeypatch.setattr(os, "fsync", lambda _: (_ for _ in ()).throw(OSError("no space left")))
    with pytest.raises(OSError, match="no space"):
        write.replace(str(file), b"new")
    assert [(path.name, path.read_bytes()) for path in tmp_path.iterdir()] == [("a.cu", b"old")]


def test_only_dead_processes_files_are_removed(tmp_path):
    gone = subprocess.run([sys.executable, "-c", "import os; print(os.getpid())"], capture_output=True, check=True)
    dead = tmp_path / f".migrate-{int(gone.stdout)}-1.tmp"
    own = tmp_path / f".migrate-{os.getpid()}-1.tmp"
    for path in (dead, own, tmp_path / ".migrate-x.tmp"):
        path.write_bytes(b"")
    assert write.clean([str(tmp_path)]) == 1
    assert not dead.exists()
    assert own.exists()


@pytest.mark.slow
def test_killed_at_any_moment(tmp_path):
    """Every file is old or new, none is lost, and the next run leaves no temporary file."""
    old = b"#include <cuda_runtime.h>\n" + b"int a = cudaFree(p);\n" * 40
    new = old.replace(b"cuda", b"musa")
    command = [
        sys.executable,
        "-m",
        "migrate",
        "rewrite",
        "t",
        "--target",
        "musa",
        "--in-place",
        "-q",
        "--no-cache",
        "-j1",
    ]
    environment = {**os.environ, "PYTHONPATH": str(Path(migrate.__file__).parents[1])}
    rng = random.Random(1)
    tree = tmp_path / "t"
    tree.mkdir()
    names = [f"f{number}.cu" for number in range(60)]

    def fill():
        for number, name in enumerate(names):
            (tree / name).write_bytes(old + b"// %d\n" % number)

    fill()
    started = time.monotonic()
    subprocess.run(command, cwd=tmp_path, env=environment, check=False)
    whole = time.monotonic() - started
    mixed = 0
    for _ in range(20):
        fill()
        process = subprocess.Popen(command, cwd=tmp_path, env=environment)
        time.sleep(rng.uniform(0.5, 1.0) * whole)
        process.send_signal(signal.SIGKILL)
        process.wait()
        states = set()
        for number, name in enumerate(names):
            data = (tree / name).read_bytes()
            assert data in (old + b"// %d\n" % number, new + b"// %d\n" % number), name
            states.add(data.startswith(new))
        mixed += len(states) == 2
    subprocess.run(command, cwd=tmp_path, env=environment, check=False)
    assert sorted(path.name for path in tree.iterdir()) == sorted(names)
    assert all((tree / name).read_bytes().startswith(new) for name in names)
