"""Counts of the reference ports and of HeCBench as golden data: how they are read, and how they are made anew.

    python tests/effort/ports.py SCANS
    python tests/effort/ports.py SCANS HECBENCH.json RESIDUALS.tsv

SCANS is a folder with PORT.json for the ports of rules/effort_ports.tsv: `migrate scan . --format json
--no-respect-gitignore` of the paths at the revision the table names, for `musa` and `dtk` (HIP, which the ROCm ports
went to). Writes tests/effort/ports/PORT.tsv and the days of the table; what the model says of a port is no input.

HECBENCH.json is a scan for `dtk` of the *-cuda folders below src/ of HeCBench f27000a. RESIDUALS.tsv has the columns
`bench` and `residual`: statements that differ between its CUDA and HIP versions after renaming. Writes hecbench.tsv.
"""

from __future__ import annotations

import datetime as dt
import sys
from dataclasses import replace
from pathlib import Path

from migrate.effort.lines import NO_LIBRARY

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
FOLDER = HERE / "ports"
TABLE = ROOT / "rules" / "effort_ports.tsv"
WEIGHTS = ROOT / "rules" / "effort.toml"

#: Target whose tables answer for a stack.
TARGETS = {"hip": "dtk", "musa": "musa"}

HECBENCH = HERE / "hecbench.tsv"

_COLUMNS = ("id", "class", "name", "kind", "library", "files", "hits")


def read_counts(port, kind="cuda-like"):
    """The counts of a port's start, names without a cost left out."""
    from migrate.effort.count import Counts, Group, Sizes

    groups, sizes = [], {}
    lines = (FOLDER / f"{port}.tsv").read_text(encoding="utf-8").splitlines()
    assert tuple(lines[0].split("\t")) == _COLUMNS
    for line in lines[1:]:
        identifier, category, name, kind, library, files, hits = line.split("\t")
        if identifier == "size":
            sizes[name] = int(hits)
        else:
            groups.append(Group(identifier, category, name, kind, library, "", int(files), int(hits)))
    return Counts(port, port, kind, tuple(groups), Sizes(**sizes))


def write_counts(port, counts, weights):
    """The counts of a port's start as its golden file."""
    rows = [("size", "", name, "", "", "", str(number)) for name, number in counts.sizes._asdict().items()]
    for group in counts.groups:
        cost = weights.finding("cuda-like", group.id, group.category, group.kind)
        if any(cost.first) or any(cost.next_place) or group.library not in NO_LIBRARY:
            name = group.name.replace("\t", " ").replace("\n", " ")
            cells = (group.id, group.category, name, group.kind, group.library, str(group.files), str(group.hits))
            rows.append(cells)
    text = "".join("\t".join(row) + "\n" for row in (_COLUMNS, *rows))
    FOLDER.mkdir(exist_ok=True)
    (FOLDER / f"{port}.tsv").write_text(text, encoding="utf-8", newline="\n")


def main(scans):
    """Counts every port anew."""
    from migrate.effort.calibrate import read_ports
    from migrate.effort.count import count
    from migrate.effort.estimate import estimate
    from migrate.effort.weights import load
    from migrate.scanfile import load as load_scan

    weights = load(WEIGHTS)
    lines = [TABLE.read_text(encoding="utf-8").splitlines()[0]]
    today = dt.datetime.now(tz=dt.timezone.utc).date().isoformat()
    for port in read_ports(TABLE):
        counts = count(load_scan(str(scans / f"{port.port}.json")), TARGETS[port.stack])
        write_counts(port.port, counts, weights)
        spread = estimate(read_counts(port.port), weights).range
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


def hecbench(scan_file, residuals):
    """Counts HeCBench anew: for each program what its lines of one weight come to, in numbers of each part."""
    import csv

    from migrate.effort.count import count
    from migrate.effort.estimate import estimate
    from migrate.effort.weights import load
    from migrate.scanfile import load as load_scan

    scan, weights = load_scan(scan_file), load(WEIGHTS)
    files = {}
    for file in scan.files:
        files.setdefault(file.path.split("/")[1].removesuffix("-cuda"), []).append(file)
    out = ["bench\tresidual\tparts\n"]
    with Path(residuals).open(encoding="utf-8") as table:
        for row in csv.DictReader(table, delimiter="\t"):
            if row["bench"] not in files:
                continue
            parts = {}
            found = estimate(count(replace(scan, files=tuple(files[row["bench"]])), "dtk"), weights)
            for layer in found.layers:
                for line in layer.lines:
                    for part in line.parts:
                        key = line.weights if part.what == "one" else f"{line.id}/{line.layer}/{line.kind}.{part.what}"
                        parts[key] = parts.get(key, 0) + part.number
            text = " ".join(f"{key}={number:g}" for key, number in sorted(parts.items()))
            out.append(f"{row['bench']}\t{row['residual']}\t{text}\n")
    HECBENCH.write_text("".join(out), encoding="utf-8", newline="\n")


def hecbench_hours(weights):
    """(expected hours before reserve, residual statements) of each program; weights as they are now."""
    found = []
    for line in HECBENCH.read_text(encoding="utf-8").splitlines()[1:]:
        _, residual, parts = line.split("\t")
        hours = 0.0
        for part in parts.split():
            key, _, number = part.partition("=")
            head, _, what = key.rpartition(".")
            each = (
                weights.project[what].each
                if head == "project"
                else getattr(weights.finding("cuda-like", *head.split("/")), what)
            )
            hours += float(number) * each.mean
        found.append((hours, int(residual)))
    return found


if __name__ == "__main__":
    main(Path(sys.argv[1]))
    if len(sys.argv) == 4:
        hecbench(*sys.argv[2:])
