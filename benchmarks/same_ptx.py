r"""Whether nvcc makes the same PTX of real files before and after `migrate rewrite`.

    python benchmarks/same_ptx.py PROJECT… [--many FOLDER]… [--target musa,maca,supa] [--files 60] [--seed 1]

Draws `.cu` files at random, the projects in turn (the folders of a `--many` FOLDER are projects of their own, which
take turns as one), until so many were found that nvcc compiles unchanged within `--patience` seconds, with include
folders guessed. Each is rewritten for every target with its whole project by the safe fixes, and compiled again with
the reverse shim of what it includes. A file that a target leaves as it is does not count for it. No GPU is needed.
"""

from __future__ import annotations

import argparse
import random
import subprocess
import sys
from collections import Counter
from functools import lru_cache
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

from migrate import pipeline
from migrate.messages import messages
from migrate.rewrite import prove, tree
from migrate.rewrite.rewriter import Rewriter
from migrate.tables.rules import rules_dir
from migrate.targets import parse_targets

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from migrate.model import Scan
    from migrate.rewrite.prove import PtxProof


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("projects", nargs="*", type=Path)
    parser.add_argument("--many", action="append", type=Path, default=[])
    parser.add_argument("--target", default="musa,maca,supa")
    parser.add_argument("--files", type=int, default=60)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--patience", type=float, default=15, help="seconds for compiling one file unchanged")
    options = parser.parse_args()
    nvcc = prove.find_nvcc()
    if not nvcc:
        raise SystemExit("nvcc is not here")
    tools = [Rewriter(target) for target in parse_targets(options.target, rules_dir())]
    groups = [[project] for project in options.projects]
    groups += [[path for path in sorted(folder.iterdir()) if path.is_dir()] for folder in options.many]
    counts: dict[str, Counter[str]] = {tool.target.key: Counter() for tool in tools}
    used = looked = 0
    for project, source in drawn(groups, options.seed):
        if used == options.files:
            break
        looked += 1
        if not compiles(nvcc, project, source, options.patience):
            continue
        used += 1
        for tool in tools:
            proof = proof_of(tool, project, source, nvcc)
            verdict = proof.verdict if proof is not None else "unchanged"
            counts[tool.target.key][verdict] += 1
            if verdict not in ("same", "unchanged"):
                print(f"{tool.target.key} {source}: {verdict} {proof.detail if proof else ''}", flush=True)
        print(f"{used} {source}", file=sys.stderr, flush=True)
    print(f"{looked} files drawn, seed {options.seed}; nvcc compiles {used} unchanged within {options.patience:g} s")
    failed = 0
    for key, found in counts.items():
        compared = sum(found.values()) - found["unchanged"]
        failed += compared - found["same"]
        print(f"{key:10}{found['same']:4} of {compared} the same PTX, {found['unchanged']} unchanged")
    return 1 if failed else 0


def drawn(groups: Sequence[Sequence[Path]], seed: int) -> Iterator[tuple[Path, Path]]:
    """(project, file), the groups in turn, files at random."""
    chance = random.Random(seed)
    waiting = []
    for projects in groups:
        files = [(project, path) for project in projects for path in sorted(project.rglob("*.cu")) if path.is_file()]
        chance.shuffle(files)
        waiting.append(files)
    while any(waiting):
        yield from [files.pop() for files in waiting if files]


def compiles(nvcc: str, project: Path, source: Path, patience: float) -> bool:
    """Whether nvcc makes PTX of *source* within *patience* seconds."""
    folders = prove.include_folders([str(project)], str(source))
    try:
        ptx, _ = prove.compile_ptx(nvcc, str(source), folders, patience=patience)
    except subprocess.TimeoutExpired:
        return False
    return bool(ptx)


@lru_cache(maxsize=8)
def scanned(project: Path) -> Scan:
    """The scan of a project, whatever the target."""
    return pipeline.scan_paths([str(project)], (), jobs=1, to_rewrite=True)


def proof_of(tool: Rewriter, project: Path, source: Path, nvcc: str) -> PtxProof | None:
    """What nvcc says of *source* rewritten; None when nothing changes in it."""
    scan = scanned(project)
    changes = list(tree.changes(scan, tool))
    own = [change for change in changes if Path(change.place) == source and change.changes]
    others = [change for change in changes if change not in own]
    found = prove.ptx_proofs(tool, scan, list(chain(own, others)), [str(project)], nvcc, messages("en"))
    return next(iter(found), None) if own else None


if __name__ == "__main__":
    sys.exit(main())
