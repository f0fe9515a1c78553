"""One tree, everything paired in one run: floor, cold, warm, one core, two cores, and the peers.

    python benchmarks/daily.py DIR… [--runs 5] [--target LIST] [--hipify-perl FILE] [--torch-hipify DIR]

Prints the table of docs/explanation/performance.md. The floor reads every candidate file and parses those with CUDA
words, nothing else (see speed.py). Every figure is the median of the runs, taken in turn, so that a machine whose speed
drifts drifts for all. `hipify-perl` runs as one process over copies of all .cu and .cuh files; `--torch-hipify` names
the folder that holds `torch/utils/hipify` (of PyTorch's source or wheel), whose `hipify` is run on copies of the same
files. Both rewrite for one target and say nothing about what they cannot do, so theirs is the lesser task.
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

FIVE = "musa,maca,supa,tops,cann"

#: PyTorch's package needs a compiled library to be imported; its hipify does not.
TORCH = """
import sys, types
root, sources, out = sys.argv[1:]
for name in ("torch", "torch.utils"):
    module = sys.modules[name] = types.ModuleType(name)
    module.__path__ = [root + "/" + name.replace(".", "/")]
from torch.utils.hipify.hipify_python import hipify
hipify(project_directory=sources, output_directory=out, includes=["*"], is_pytorch_extension=True,
       show_detailed=False, show_progress=False)
"""


def timed(command: list[str], environment: dict[str, str] | None = None) -> tuple[float, float]:
    """Wall and CPU seconds of a command and its children; it must succeed."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    start = time.monotonic()
    done = subprocess.run(
        command,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        check=False,
        env={**os.environ, **(environment or {})},
    )
    wall = time.monotonic() - start
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode != 0:
        raise SystemExit(f"{command[:3]}: {done.stderr.decode(errors='replace')[-2000:]}")
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("paths", nargs="+")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--target", default=FIVE)
    parser.add_argument("--hipify-perl", default="")
    parser.add_argument("--torch-hipify", default="")
    options = parser.parse_args()
    os.environ["PYTHONPATH"] = str(Path(__file__).resolve().parent.parent)
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # an installed package has its bytecode
    work = Path(tempfile.mkdtemp())
    os.environ["PYTHONPYCACHEPREFIX"] = str(work / "pyc")
    scan = [sys.executable, "-m", "migrate", "scan", *options.paths, "--target", options.target, "-q", "--isolated"]
    cuda = sorted(
        path
        for root in options.paths
        for path in Path(root).rglob("*.cu*")
        if path.suffix in (".cu", ".cuh") and path.is_file()
    )
    copies = work / "copies"
    figures: dict[str, list[tuple[float, float]]] = {}
    size = (0, 0, 0)
    subprocess.run([sys.executable, "-m", "migrate", "--version"], check=True, stdout=subprocess.DEVNULL)
    try:
        for run in range(options.runs):
            seconds, *rest = floor(options.paths)
            size = (rest[0], rest[1], rest[2])
            figures.setdefault("floor", []).append((seconds, seconds))
            cache = {"MIGRATE_CACHE_DIR": str(work / f"cache{run}")}
            figures.setdefault("cold, 1 core", []).append(timed([*scan, "-j", "1", "--no-cache"]))
            figures.setdefault("cold, 2 cores", []).append(timed([*scan, "-j", "2", "--no-cache"]))
            figures.setdefault("cold, 1 core, filling the cache", []).append(timed([*scan, "-j", "1"], cache))
            figures.setdefault("warm", []).append(timed([*scan, "-j", "1"], cache))
            shutil.rmtree(work / f"cache{run}", ignore_errors=True)
            if options.hipify_perl:
                named = fresh(cuda, copies)
                perl = ["perl", options.hipify_perl, "-quiet-warnings", "-inplace", "-no-backup", *named]
                figures.setdefault("hipify-perl", []).append(timed(perl))
            if options.torch_hipify:
                fresh(cuda, copies)
                command = [sys.executable, "-c", TORCH, options.torch_hipify, str(copies), str(work / "torch")]
                figures.setdefault("torch.utils.hipify", []).append(timed(command))
                shutil.rmtree(work / "torch", ignore_errors=True)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    print(
        f"{size[0]:,} files read, {size[1]:,} of them with CUDA ({size[2] / 1e6:.1f} MB), {len(cuda):,} .cu and .cuh; "
        f"targets {options.target}; medians of {options.runs}; Python {sys.version.split()[0]}, "
        f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}\n"
    )
    base = statistics.median(cpu for _, cpu in figures["floor"])
    one, one_cpu = (statistics.median(pair[part] for pair in figures["cold, 1 core"]) for part in (0, 1))
    print("| | wall s | CPU s | CPU ÷ floor | CPU ÷ cold | wall, cold ÷ this |")
    print("|---|---:|---:|---:|---:|---:|")
    for name, values in figures.items():
        wall = statistics.median(value for value, _ in values)
        cpu = statistics.median(value for _, value in values)
        print(f"| {name} | {wall:.2f} | {cpu:.2f} | {cpu / base:.2f} | {cpu / one_cpu:.3f} | {one / wall:.2f} |")


def fresh(files: list[Path], folder: Path) -> list[str]:
    """Copies of *files* under short names in an empty *folder*: the peers rewrite in place."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    named = []
    for number, path in enumerate(files):
        copy = folder / f"{number}{path.suffix}"
        shutil.copyfile(path, copy)
        named.append(str(copy))
    return named


if __name__ == "__main__":
    main()
