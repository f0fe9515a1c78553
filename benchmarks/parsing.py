"""Measures the masking layer on real CUDA: what the grammar fails on after each stage, and what a stage costs.

    python benchmarks/parsing.py DIRECTORY... [--sample 400] [--exclude WORD] [--as-is] [--show 20]

Reads every distinct .cu and .cuh file of at most 1 MB below the directories; times are CPU seconds of one core.
"""

from __future__ import annotations

import argparse
import collections
import hashlib
import random
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import tree_sitter
import tree_sitter_cpp

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from migrate.parse import launches, macros, mask, repair, view

if TYPE_CHECKING:
    from collections.abc import Callable

LIMIT = 1 << 20
SOURCES = frozenset(
    (".cu", ".cuh", ".h", ".hpp", ".hh", ".hxx", ".inl", ".inc", ".c", ".cc", ".cpp", ".cxx", ".ipp", ".tpp")
)
LANGUAGE = tree_sitter.Language(tree_sitter_cpp.language())
BROKEN = tree_sitter.Query(LANGUAGE, "(ERROR) @e (MISSING) @m")


class Clock:
    """CPU seconds and bytes by step."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = collections.defaultdict(float)
        self.bytes: dict[str, int] = collections.defaultdict(int)

    def run(self, step: str, function: Callable[..., Any], *arguments: Any) -> Any:
        """The result of *function*, its time added to *step*."""
        start = time.process_time()
        result = function(*arguments)
        self.seconds[step] += time.process_time() - start
        self.bytes[step] += len(arguments[0].text if isinstance(arguments[0], view.View) else arguments[0])
        return result


def errors(tree: tree_sitter.Tree) -> list[tuple[int, int]]:
    """Start and end of every outermost ERROR and every MISSING node of *tree*."""
    if not tree.root_node.has_error:
        return []
    captures = tree_sitter.QueryCursor(BROKEN).captures(tree.root_node)
    spans = sorted((node.start_byte, -node.end_byte) for nodes in captures.values() for node in nodes)
    kept: list[tuple[int, int]] = []
    for start, end in spans:
        if not kept or start >= kept[-1][1]:
            kept.append((start, -end))
    return kept


def weight(spans: list[tuple[int, int]]) -> int:
    """Bytes inside errors, a MISSING node counts as one."""
    return sum(max(1, end - start) for start, end in spans)


def sources(arguments: argparse.Namespace) -> list[tuple[str, bytes]]:
    """The distinct files to measure."""
    seen: set[bytes] = set()
    files: list[tuple[str, bytes]] = []
    for directory in arguments.directories:
        for path in sorted(Path(directory).rglob("*.cu*")):
            if (
                path.suffix not in (".cu", ".cuh")
                or any(word in str(path) for word in arguments.exclude)
                or not path.is_file()
            ):
                continue
            if path.stat().st_size > LIMIT:
                continue
            source = path.read_bytes()
            digest = hashlib.sha1(source, usedforsecurity=False).digest()
            if digest not in seen:
                seen.add(digest)
                files.append((str(path), source))
    if arguments.sample and arguments.sample < len(files):
        files = random.Random(arguments.seed).sample(files, arguments.sample)
    return files


def learn(directory: str, clock: Clock, exclude: list[str]) -> dict[str, macros.Learned]:
    """What each project, a folder right below *directory*, says about its macros in all C and C++ files."""
    learned: dict[str, macros.Learned] = {}
    for project in sorted(path for path in Path(directory).iterdir() if path.is_dir()):
        if any(word in str(project) for word in exclude):
            continue
        seen: set[bytes] = set()
        found: list[macros.FileMacros] = []
        for path in project.rglob("*"):
            if path.suffix in SOURCES and path.is_file() and path.stat().st_size <= LIMIT:
                source = path.read_bytes()
                digest = hashlib.sha1(source, usedforsecurity=False).digest()
                if digest not in seen:
                    seen.add(digest)
                    found.append(clock.run("learn macros", macros.learn, source))
        learned[str(project) + "/"] = macros.combine(found)
    return learned


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("directories", nargs="+")
    parser.add_argument("--exclude", action="append", default=[], help="leave out paths that hold this word")
    parser.add_argument("--sample", type=int, default=0, help="measure only this many files, drawn by chance")
    parser.add_argument("--seed", type=int, default=0, help="seed of the draw")
    parser.add_argument("--as-is", action="store_true", help="parse the unmasked files too")
    parser.add_argument("--built-in", action="store_true", help="do not learn macros, use the built-in names only")
    parser.add_argument("--show", type=int, default=0, help="show the first error of this many files that still fail")
    parser.add_argument("--save", default="", help="write the paths of files that still fail to this file")
    arguments = parser.parse_args()
    files = sources(arguments)
    total = sum(len(source) for _, source in files)
    clock = Clock()
    projects: dict[str, macros.Learned] = {}
    if not arguments.built_in:
        for directory in arguments.directories:
            projects |= learn(directory, clock, arguments.exclude)
    grammar = tree_sitter.Parser(LANGUAGE)
    parsed: dict[str, list[list[tuple[int, int]]]] = {"as is": [], "A": [], "A, then B": []}
    worse = 0
    failing: list[tuple[str, bytes, bytes, list[tuple[int, int]]]] = []
    for path, source in files:
        if arguments.as_is:
            parsed["as is"].append(errors(clock.run("parse as is", grammar.parse, source)))
        learned = next(
            (known for project, known in projects.items() if path.startswith(project)), macros.Learned.default()
        )
        seen = clock.run("view", view.make_view, source)
        found = clock.run("launches", launches.find_launches, seen.text)
        first = clock.run("rest of stage A", mask.stage_a, seen, found, learned)
        broken = errors(clock.run("parse A", grammar.parse, first))
        parsed["A"].append(broken)
        best = broken
        if broken:
            second = clock.run("stage B", repair.stage_b, first, learned)
            rest = errors(clock.run("parse B", grammar.parse, second))
            if weight(rest) <= weight(broken):
                best = rest
            else:
                worse += 1
            if best:
                failing.append((path, source, second, rest))
        parsed["A, then B"].append(best)
    print(f"{len(files)} distinct files, {total / 1e6:.1f} MB; stage B made {worse} files worse")
    for stage, lists in parsed.items():
        if lists:
            bad = sum(1 for spans in lists if spans)
            share = sum(map(weight, lists)) / max(1, total)
            print(
                f"{stage:16} {bad:6} files fail ({bad / len(files):6.2%}) {sum(map(len, lists)):7} errors"
                f" {share:8.4%} of bytes"
            )
    for step, seconds in clock.seconds.items():
        print(
            f"{step:16} {seconds:7.2f} s {clock.bytes[step] / 1e6:8.1f} MB"
            f" {clock.bytes[step] / 1e6 / max(seconds, 1e-9):7.1f} MB/s"
        )
    if arguments.save:
        Path(arguments.save).write_text("\n".join(path for path, *_ in failing))
    for path, source, second, rest in failing[: arguments.show]:
        if not rest:
            continue
        start, end = rest[0]
        line = source.count(b"\n", 0, start) + 1
        print(f"\n=== {path}:{line} {start}-{end}")
        print(
            second[max(0, start - 250) : start].decode("latin-1")
            + "⟦"
            + second[start : min(end, start + 120)].decode("latin-1")
            + "⟧"
            + second[end : end + 100].decode("latin-1")
        )


if __name__ == "__main__":
    main()
