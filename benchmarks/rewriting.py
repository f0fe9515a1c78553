"""CPU time of rewriting a tree beside scanning it, and beside hipify-perl on the same files in the same run.

    python benchmarks/rewriting.py DIR… [--target dtk] [--runs 3] [--hipify-perl FILE]

The `.cu` and `.cuh` files below the folders are copied into one folder; every tool works on a fresh copy, in one
process, in turn, `hipify-perl` with -quiet-warnings over all files at once. Every figure is the median of the runs.
Python's compiled files are made beforehand, in a folder of their own, as an installation has them.
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
from pathlib import Path


def cpu(command: list[str]) -> float:
    """User and system seconds of a command; migrate exits with 1 where something was rewritten."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, check=False)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode not in (0, 1):
        raise SystemExit(f"{command[:3]}: {done.stderr.decode(errors='replace')[-2000:]}")
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("paths", nargs="+")
    parser.add_argument("--target", default="dtk")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--hipify-perl", default="")
    options = parser.parse_args()
    os.environ["PYTHONPATH"] = str(Path(__file__).resolve().parent.parent)
    found = [
        path
        for root in options.paths
        for path in sorted(Path(root).rglob("*.cu*"))
        if path.suffix in (".cu", ".cuh") and path.is_file()
    ]
    work = Path(tempfile.mkdtemp())
    os.environ["PYTHONPYCACHEPREFIX"] = str(work / "compiled")
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    tree = work / "tree"
    migrate = [sys.executable, "-m", "migrate"]
    shared = [str(tree), "--target", options.target, "-q", "--isolated", "--no-cache", "-j", "1"]
    commands = {
        "migrate scan": [*migrate, "scan", *shared],
        "migrate rewrite": [*migrate, "rewrite", *shared, "--in-place"],
    }
    names = [str(tree / f"{number}{path.suffix}") for number, path in enumerate(found)]
    if options.hipify_perl:
        commands["hipify-perl"] = ["perl", options.hipify_perl, "-quiet-warnings", "-inplace", "-no-backup", *names]
    figures: dict[str, list[float]] = {name: [] for name in commands}
    for run in range(options.runs + 1):
        for name, command in commands.items():
            if not run and name == "hipify-perl":
                continue
            shutil.rmtree(tree, ignore_errors=True)
            tree.mkdir()
            for path, copy in zip(found, names, strict=True):
                shutil.copyfile(path, copy)
            seconds = cpu(command)
            if run:
                figures[name].append(seconds)
    size = sum(path.stat().st_size for path in found)
    shutil.rmtree(work, ignore_errors=True)
    print(f"{len(found)} files, {size / 1e6:.1f} MB, target {options.target}, CPU seconds, median of {options.runs}")
    own = statistics.median(figures["migrate rewrite"])
    for name, values in figures.items():
        middle = statistics.median(values)
        print(f"{name:18}{middle:9.2f}{middle / own:9.2f} × migrate rewrite")


if __name__ == "__main__":
    main()
