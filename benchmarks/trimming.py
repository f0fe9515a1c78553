"""Whether trimmed sources give the answers of whole ones, and what the trimming saves.

    python benchmarks/trimming.py DIR… [--show 20]

Every candidate file is analysed twice: once as `migrate` does it, once with every name put to the tree of the whole
file. Uses that differ in place, name, kind, function, side or condition are counted and shown.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path
from typing import TYPE_CHECKING
from unittest.mock import patch

from migrate.discover import discover
from migrate.parse import file as parsed_file
from migrate.parse import macros, uses
from migrate.parse.words import words_of
from migrate.tables.inventory import Inventory
from migrate.tables.rules import rules_dir

if TYPE_CHECKING:
    from migrate.parse.macros import FileMacros, Learned


def candidates(paths: list[str], inventory: Inventory) -> tuple[list[tuple[str, bytes, bool]], Learned]:
    """Path, bytes and whether the suffix says CUDA, of every distinct file that may use CUDA; the project's macros."""
    found: list[tuple[str, bytes, bool]] = []
    learned: list[FileMacros] = []
    seen: set[bytes] = set()
    for candidate in discover(paths).candidates:
        if candidate.language not in ("cuda", "c++"):
            continue
        try:
            data = Path(candidate.real).read_bytes()
        except OSError:
            continue
        if data in seen or len(data) > parsed_file.PARSE_LIMIT:
            continue
        seen.add(data)
        learned.append(macros.learn(data))
        cuda = candidate.language == "cuda"
        if cuda or inventory.is_candidate(inventory.relevant(words_of(data))):
            found.append((candidate.path, data, cuda))
    return found, macros.combine(learned)


def answers(data: bytes, inventory: Inventory, learned: Learned, *, cuda: bool) -> set[tuple[object, ...]]:
    """What is said of each use, gaps apart: fewer of them is what trimming is for, too."""
    found = uses.find_uses(data, inventory, learned, cuda_file=cuda)
    return {(use.start, use.end, *use.shape[:-1]) for use in found.uses}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("paths", nargs="+")
    parser.add_argument("--show", type=int, default=20)
    options = parser.parse_args()
    inventory = Inventory.load(rules_dir())
    files, learned = candidates(options.paths, inventory)
    differing = count = shown = 0
    seconds = [0.0, 0.0]
    for path, data, cuda in files:
        start = time.process_time()
        trimmed = answers(data, inventory, learned, cuda=cuda)
        between = time.process_time()
        with (
            patch.object(parsed_file, "trim", lambda masked, *_: masked),
            patch.object(uses, "told", lambda *_, **__: None),
        ):
            whole = answers(data, inventory, learned, cuda=cuda)
        seconds[0] += between - start
        seconds[1] += time.process_time() - between
        count += len(whole)
        differing += trimmed != whole
        for sign, use in [*(("-", one) for one in whole - trimmed), *(("+", one) for one in trimmed - whole)]:
            shown += 1
            if shown <= options.show:
                print(f"{sign} {path}: {use[0]} {use[2:]}")
    print(f"{len(files)} files, {count} uses; {differing} files differ, in {shown} uses")
    print(f"CPU: trimmed {seconds[0]:.1f} s, whole {seconds[1]:.1f} s")


if __name__ == "__main__":
    main()
