"""How often profile and route are those of the labels: `python tests/kernels/measure.py FOLDER [TARGET]`.

FOLDER holds the unpacked source distributions that `labels.tsv` names; a file whose digest differs is left out.
"""

from __future__ import annotations

import sys
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from migrate.hazards import kernel as hazard
from migrate.hazards.code import Code
from migrate.kernels import operators, routes
from migrate.kernels.kernel import decoded
from migrate.parse.macros import Learned
from migrate.parse.uses import find_uses
from migrate.tables.inventory import Inventory
from migrate.tables.rules import rules_dir

LABELS = Path(__file__).with_name("labels.tsv")

#: The profiles as the issue spells them.
SPELLED = {
    "GEMM-like": "gemm",
    "gather/scatter": "gather-scatter",
    "scan/sort": "scan-sort",
    "attention-like": "attention",
}


class Label(NamedTuple):
    """One row of `labels.tsv`."""

    number: str
    project: str
    path: str
    kernel: str
    line: str
    sha256: str
    profile: str
    route: str
    why: str


def labels() -> list[Label]:
    lines = LABELS.read_text(encoding="utf-8").splitlines()[1:]
    rows = [Label(*line.split("\t")) for line in lines]
    return [row._replace(profile=SPELLED.get(row.profile, row.profile)) for row in rows]


def found(data: bytes, inventory: Inventory) -> list[tuple[int, str, str]]:
    """Line, name and detail of every kernel that *data* defines."""
    kernels: list[tuple[int, str, str]] = []

    def after(finder):
        kernels.extend(
            (data.count(b"\n", 0, use.start) + 1, use.shape.name, use.shape.owner.partition("/")[2])
            for use in hazard.find(Code(finder))
        )
        return ()

    find_uses(data, inventory, Learned.default(), cuda_file=True, after=after)
    return kernels


def main(folder: Path, target: str) -> None:
    ready = operators.load(rules_dir(), target)
    inventory = Inventory.load(rules_dir())
    profiles = ways = looked_at = 0
    for row in labels():
        data = (folder / row.project / row.path).read_bytes()
        if sha256(data).hexdigest() != row.sha256:
            print(f"{row.number}\t{row.path} is another file")
            continue
        looked_at += 1
        near = [kernel for kernel in found(data, inventory) if kernel[1][:50] == row.kernel[:50]]
        detail = min(near, key=lambda kernel: abs(kernel[0] - int(row.line)))[2] if near else "missing"
        kernel = decoded(detail)
        way = routes.route_of(kernel, ready).route
        profiles += kernel.profile == row.profile
        ways += way == row.route
        pairs = ((kernel.profile, row.profile), (way, row.route))
        wrong = [f"{said} for {label}" for said, label in pairs if said != label]
        if wrong:
            print(f"{row.number}\t{row.kernel}\t{'; '.join(wrong)}\t{detail}")
    print(f"profile {profiles} of {looked_at}, route {ways} of {looked_at}")


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2] if len(sys.argv) > 2 else "cann")
