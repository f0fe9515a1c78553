"""Makes the golden data of the reference ports and of HeCBench anew, and the days of rules/effort_ports.tsv.

    python tests/effort/ports.py
    python tests/effort/ports.py SOURCES
    python tests/effort/ports.py SOURCES HECBENCH RESIDUALS.tsv

Without arguments: the days alone, with today's tables and weights. SOURCES is a folder with PORT/ for the ports of the
table, which holds the paths of its repository at the revision that the table names; what the model says of a port is
no input. HECBENCH is the folder src/ of HeCBench f27000a. RESIDUALS.tsv has the columns `bench` and `residual`:
statements that differ between a program's CUDA and HIP versions after renaming.
"""

from __future__ import annotations

import datetime as dt
import sys
from pathlib import Path

import golden_data as golden

TABLE = golden.ROOT / "rules" / "effort_ports.tsv"
WEIGHTS = golden.ROOT / "rules" / "effort.toml"

#: Target whose tables answer for a stack.
TARGETS = {"hip": "dtk", "musa": "musa"}


def counts_of(port, rules_dirs=()):
    """What a row of the table is made of, on the stack it went to."""
    return golden.port_counts(TARGETS[port.stack], rules_dirs)[port.port]


def _scanned(folders):
    from migrate.pipeline import scan_paths

    # Without targets every use stays, whether a target has an answer today or not.
    return scan_paths([str(folder) for folder in folders], (), respect_gitignore=False).files


def ports(sources):
    """Scans the start revisions."""
    from migrate.effort.calibrate import read_ports

    golden.FOLDER.mkdir(exist_ok=True)
    for port in read_ports(TABLE):
        folders = [sources / port.port / path for path in port.paths]
        golden.write(golden.FOLDER / f"{port.port}.tsv", _scanned(folders))


def days():
    """Writes the days of the table."""
    from migrate.effort.calibrate import read_ports
    from migrate.effort.estimate import estimate
    from migrate.effort.weights import load

    weights = load(WEIGHTS)
    lines = [TABLE.read_text(encoding="utf-8").splitlines()[0]]
    today = dt.datetime.now(tz=dt.timezone.utc).date().isoformat()
    for port in read_ports(TABLE):
        spread = estimate(counts_of(port), weights).range
        cells = port._replace(
            paths=" ".join(port.paths),
            author_days=f"{port.author_days:g}",
            p10=f"{spread.p10:.1f}",
            p50=f"{spread.p50:.1f}",
            p90=f"{spread.p90:.1f}",
            counted=today,
        )
        lines.append("\t".join(cells))
        ratio = spread.p50 / port.author_days
        print(f"{port.port:20} observed {port.author_days:5g}  P50 {spread.p50:6.1f}  {ratio:5.2f}")
    TABLE.write_text("".join(line + "\n" for line in lines), encoding="utf-8", newline="\n")


def hecbench(folder, residuals):
    """Scans HeCBench."""
    import csv

    def program(file):
        return Path(file.path).relative_to(folder).parts[0].removesuffix("-cuda")

    files = _scanned(sorted(folder.glob("*-cuda")))
    known = {program(file) for file in files}
    with Path(residuals).open(encoding="utf-8") as table:
        rows = [(row["bench"], row["residual"]) for row in csv.DictReader(table, delimiter="\t")]
    golden.write(golden.HECBENCH, files, program, [row for row in rows if row[0] in known], kernels=False)


if __name__ == "__main__":
    if len(sys.argv) > 1:
        ports(Path(sys.argv[1]))
    if len(sys.argv) == 4:
        hecbench(Path(sys.argv[2]), sys.argv[3])
    days()
