"""What the hook costs for one staged file: processor time of a run, beside that of starting Python with click.

    python benchmarks/hook.py [RUNS]

Each run sees a file whose bytes nobody has seen before, as a hook does. Medians of user and system time of the child.
"""

from __future__ import annotations

import os
import resource
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def seconds(command: list[str], folder: str, environment: dict[str, str]) -> float:
    """Processor time of one run; 0 and 1 are the exit codes of a check."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, check=False)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode not in (0, 1):
        raise SystemExit(done.stderr.decode())
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main(runs: int) -> None:
    """Prints the table; the three commands take turns, so that a busy machine is unfair to none."""
    sample = ROOT / "samples" / "reduction" / "reduce.cu"
    if not sample.is_file():
        sample = next((ROOT / "samples").rglob("*.cu"))
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "migrate.toml").write_text('target = "musa"\n', encoding="utf-8")
        Path(folder, ".git").mkdir()
        environment = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
        environment |= {"PRE_COMMIT": "1", "MIGRATE_CACHE_DIR": f"{folder}/cache", "PYTHONPATH": str(ROOT)}
        environment["PYTHONPYCACHEPREFIX"] = f"{folder}/pyc"  # an installed package has its bytecode
        file = Path(folder, "kernel.cu")
        check = [sys.executable, "-m", "migrate", "check", "--force-exclude", "kernel.cu"]
        commands = {
            "python -c 'import click'": [sys.executable, "-c", "import click"],
            "migrate check, one changed file": check,
            "migrate check --no-cache": [*check, "--no-cache"],
        }
        found: dict[str, list[float]] = {name: [] for name in commands}
        for number in range(runs + 2):
            for name, command in commands.items():
                file.write_bytes(sample.read_bytes() + b"// %d %d\n" % (number, len(name)))
                taken = seconds(command, folder, environment)
                if number >= 2:  # the first ones compile
                    found[name].append(taken)
        print(f"Python {sys.version.split()[0]}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}, {sample.name}")
        for name, values in found.items():
            print(f"{name:36} {1000 * statistics.median(values):6.0f} ms   (least {1000 * min(values):.0f})")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 11)
