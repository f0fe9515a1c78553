"""One tree, everything paired in one run: floor, cold, warm, one core, two cores, and the peers where they are at hand.

    python benchmarks/daily.py DIR… [--runs 5] [--hipify-perl FILE] [--torch-hipify FILE]

The floor reads every candidate file and parses those with CUDA words, nothing else (see speed.py). Every figure is the
median of the runs, taken in turn, so that a machine whose speed drifts drifts for all. `hipify-perl` runs as one
process over all CUDA files with -quiet-warnings; `--torch-hipify` names the torch package's hipify_python.py, run on
the same files.
"""

from __future__ import annotations

import argparse
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from speed import floor

TARGETS = "musa,maca,supa,tops,cann"

TORCH = """
import importlib.util, sys
spec = importlib.util.spec_from_file_location("torch.utils.hipify.hipify_python", sys.argv[1])
sys.path.insert(0, sys.argv[1].rsplit("/torch/", 1)[0])
from torch.utils.hipify.hipify_python import hipify
hipify(project_directory=sys.argv[2], output_directory=sys.argv[3], includes=["*"], is_pytorch_extension=True)
"""


def timed(command: list[str], **options: object) -> tuple[float, float]:
    """Wall and CPU seconds of a command and its children."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    start = time.monotonic()
    subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False, **options)  # type: ignore[call-overload]
    wall = time.monotonic() - start
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("paths", nargs="+")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--hipify-perl", default="")
    parser.add_argument("--torch-hipify", default="")
    options = parser.parse_args()
    os.environ["PYTHONPATH"] = str(Path(__file__).resolve().parent.parent)
    figures: dict[str, list[tuple[float, float]]] = {}
    work = Path(tempfile.mkdtemp())
    scan = [sys.executable, "-m", "migrate", "scan", *options.paths, "--target", TARGETS, "-q", "--isolated"]
    cuda = [
        str(path)
        for root in options.paths
        for path in sorted(Path(root).rglob("*.cu*"))
        if path.suffix in (".cu", ".cuh")
    ]
    size = (0, 0, 0)
    for run in range(options.runs):
        seconds, *rest = floor(options.paths)
        size = (rest[0], rest[1], rest[2])
        figures.setdefault("floor", []).append((seconds, seconds))
        cache = work / f"cache{run}"
        os.environ["MIGRATE_CACHE_DIR"] = str(cache)
        figures.setdefault("cold, 1 core", []).append(timed([*scan, "-j", "1", "--no-cache"]))
        figures.setdefault("cold, 2 cores", []).append(timed([*scan, "-j", "2", "--no-cache"]))
        figures.setdefault("cold, 1 core, filling the cache", []).append(timed([*scan, "-j", "1"]))
        figures.setdefault("warm", []).append(timed([*scan, "-j", "1"]))
        shutil.rmtree(cache, ignore_errors=True)
        if options.hipify_perl:
            copies = work / "perl"
            shutil.rmtree(copies, ignore_errors=True)
            copies.mkdir()
            named = []
            for number, path in enumerate(cuda):
                copy = copies / f"{number}{Path(path).suffix}"
                shutil.copyfile(path, copy)
                named.append(str(copy))
            perl = ["perl", options.hipify_perl, "-quiet-warnings", "-inplace", "-no-backup", *named]
            figures.setdefault("hipify-perl", []).append(timed(perl))
        if options.torch_hipify:
            for root in options.paths:
                out = work / "torch"
                shutil.rmtree(out, ignore_errors=True)
                command = [sys.executable, "-c", TORCH, options.torch_hipify, str(Path(root).resolve()), str(out)]
                figures.setdefault("torch.utils.hipify", []).append(timed(command))
    shutil.rmtree(work, ignore_errors=True)
    print(
        f"{size[0]} files read, {size[1]} parsed ({size[2] / 1e6:.1f} MB), {len(cuda)} .cu and .cuh; targets {TARGETS}"
    )
    base = statistics.median(cpu for _, cpu in figures["floor"])
    one = statistics.median(wall for wall, _ in figures["cold, 1 core"])
    print(f"{'':34}{'wall s':>9}{'CPU s':>9}{'CPU ÷ floor':>13}{'wall ÷ 1 core':>15}")
    for name, values in figures.items():
        wall = statistics.median(value for value, _ in values)
        cpu = statistics.median(value for _, value in values)
        print(f"{name:34}{wall:9.2f}{cpu:9.2f}{cpu / base:13.2f}{wall / one:15.2f}")


if __name__ == "__main__":
    main()
