"""CPU time of a five-target JSON scan against the floor: read every candidate file, parse those with CUDA words.

    python benchmarks/speed.py DIR… [--target musa,maca,supa,tops,cann] [--runs 3]

Floor and scan run in turn, each in a process of its own; the ratio of the medians is what counts on a noisy machine.
"""

from __future__ import annotations

import argparse
import os
import resource
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

FLOOR = """
import sys
import tree_sitter, tree_sitter_cpp
from migrate.discover import discover
from migrate.tables.inventory import Inventory
from migrate.tables.rules import rules_dir
from migrate.parse.words import words_of
inventory = Inventory.load(rules_dir())
files = []
for candidate in discover(sys.argv[1:]).candidates:
    try:
        data = open(candidate.real, "rb").read()
    except OSError:
        continue
    if candidate.language in ("cuda", "c++"):
        files.append(data)
small = [data for data in files if len(data) <= 4_000_000]
chosen = {data for data in small if inventory.is_candidate(inventory.relevant(words_of(data)))}
import time
start = time.process_time()
for candidate in discover(sys.argv[1:]).candidates:
    try:
        open(candidate.real, "rb").read()
    except OSError:
        pass
parser = tree_sitter.Parser(tree_sitter.Language(tree_sitter_cpp.language()))
for data in chosen:
    parser.parse(data)
print(time.process_time() - start, len(files), len(chosen), sum(map(len, chosen)))
"""


def floor(paths: list[str]) -> tuple[float, int, int, int]:
    """CPU seconds of the floor, files read, files parsed, bytes parsed; deciding which to parse is not counted."""
    done = subprocess.run([sys.executable, "-c", FLOOR, *paths], capture_output=True, text=True, check=True)
    seconds, files, parsed, size = done.stdout.split()
    return float(seconds), int(files), int(parsed), int(size)


def scan(paths: list[str], target: str) -> tuple[float, float]:
    """CPU seconds of a whole `migrate scan` process, and its peak memory in MB."""
    with tempfile.TemporaryDirectory() as folder:
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        output = str(Path(folder) / "scan.json")
        command = [
            sys.executable,
            "-m",
            "migrate",
            "scan",
            *paths,
            "--target",
            target,
            "--format",
            "json",
            "-o",
            output,
            "-j",
            "1",
            "--no-cache",
        ]
        subprocess.run(command, check=True, stderr=subprocess.DEVNULL)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return cpu, after.ru_maxrss / 1024


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("paths", nargs="+")
    parser.add_argument("--target", default="musa,maca,supa,tops,cann")
    parser.add_argument("--runs", type=int, default=3)
    options = parser.parse_args()
    os.environ["PYTHONPATH"] = str(Path(__file__).resolve().parent.parent)
    floors, scans, memory = [], [], 0.0
    for _ in range(options.runs):
        cpu, peak = scan(options.paths, options.target)
        memory = max(memory, peak)
        scans.append(cpu)
        seconds, files, parsed, size = floor(options.paths)
        floors.append(seconds)
    print(f"{files} files read, {parsed} parsed ({size / 1e6:.1f} MB)")
    print(f"floor  {statistics.median(floors):7.2f} s CPU  {[round(value, 2) for value in floors]}")
    print(f"scan   {statistics.median(scans):7.2f} s CPU  {[round(value, 2) for value in scans]}  peak {memory:.0f} MB")
    print(f"ratio  {statistics.median(scans) / statistics.median(floors):7.2f}")


if __name__ == "__main__":
    main()
