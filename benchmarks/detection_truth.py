"""Builds and keeps the truth file of detection.py: clang's answers about every source, as JSON."""

from __future__ import annotations

import json
import sys
import tempfile
import time
from collections import Counter, defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import detection_clang

if TYPE_CHECKING:
    import argparse

_MARKERS = ("PKG-INFO", ".git", "pyproject.toml", "setup.py")


def sources(paths: list[Path]) -> list[Path]:
    """The .cu files among *paths*, folders walked in order."""
    found: list[Path] = []
    for path in paths:
        found += sorted(path.rglob("*.cu")) if path.is_dir() else [path]
    return list(dict.fromkeys(path.resolve() for path in found))


def project_root(path: Path, roots: list[Path]) -> Path:
    """The given root that holds *path*, else its outermost folder with a project's mark, else its own folder."""
    given = [root.resolve() for root in roots if path.is_relative_to(root.resolve())]
    if given:
        return max(given, key=lambda root: len(root.parts))
    marked = [folder for folder in path.parents if any((folder / mark).exists() for mark in _MARKERS)]
    return marked[-1] if marked else path.parent


def groups(paths: list[Path], roots: list[Path], size: int) -> list[tuple[list[Path], Path, str]]:
    """Files to parse together, their project, and the language standard.

    Those of one project that need PyTorch's headers go *size* at a time, others alone.
    """
    together: dict[Path, list[Path]] = defaultdict(list)
    result: list[tuple[list[Path], Path, str]] = []
    for path in paths:
        root = project_root(path, roots)
        if detection_clang.needs_torch(path, root):
            together[root].append(path)
        else:
            result.append(([path], root, "gnu++17"))
    for root, members in together.items():
        result += [(members[at : at + size], root, "gnu++20") for at in range(0, len(members), size)]
    return result


def extract(arguments: argparse.Namespace, truth_path: Path | None) -> dict[str, Any]:
    """Asks clang about every file and returns the truth; saved after each translation unit, so that it can go on."""
    tools = detection_clang.toolchain(
        arguments.clang,
        arguments.cuda_path,
        arguments.libclang,
        includes=tuple(arguments.include),
        arguments=tuple(arguments.extra_arg),
        stubs=arguments.stubs or Path(tempfile.mkdtemp(prefix="stubs-")),
    )
    truth: dict[str, Any] = {"clang": Path(tools.libclang).name, "cuda": str(tools.cuda), "files": {}}
    if truth_path is not None and truth_path.exists():
        truth = load(truth_path)
    extractor = detection_clang.Extractor(tools, headers=not arguments.no_headers)
    done = {path for path, entry in truth["files"].items() if entry["main"]}
    wanted = [path for path in sources(arguments.paths) if str(path) not in done]
    for members, root, standard in groups(wanted, arguments.root, arguments.group):
        begin = time.monotonic()
        extractor.files.clear()
        try:
            extractor.extract(members, [root], standard)
        except extractor.cindex.TranslationUnitLoadError as error:
            print(f"clang gave up on {members[0]} and {len(members) - 1} more: {error}", file=sys.stderr)
            continue
        for path, entry in extractor.files.items():
            merge(truth["files"], path, entry)
        if truth_path is not None:
            truth_path.write_text(json.dumps(truth, separators=(",", ":")), encoding="utf-8")
        for member in members:
            entry = extractor.files[str(member)]
            uses = sum(use.category in detection_clang.CATEGORIES for use in entry.found.values())
            print(f"{member}: {uses} uses, {entry.errors} errors, {time.monotonic() - begin:.0f} s", file=sys.stderr)
            for message in entry.messages[: arguments.verbose]:
                print(f"    {message}", file=sys.stderr)
    return truth


def merge(files: dict[str, Any], path: str, entry: detection_clang.FileTruth) -> None:
    """Adds one file's answers to those already known; an answer that says CUDA wins."""
    old = files.setdefault(path, {"sha256": entry.digest, "main": False, "errors": 0, "uses": [], "others": {}})
    uses = {(use[0], use[1]): use for use in old["uses"]}
    others = {(at[0], at[1]): (name, at[2]) for name, places in old["others"].items() for at in places}
    for place, use in entry.found.items():
        if use.category in detection_clang.CATEGORIES or use.category == "inner":
            if place not in uses or uses[place][3] == "inner":
                uses[place] = [
                    use.line,
                    use.column,
                    use.name,
                    use.category,
                    use.detail,
                    [list(at) for at in use.starts],
                ]
        else:
            others.setdefault(place, (use.name, use.category))
    names: dict[str, list[list[Any]]] = {}
    for place in sorted(others):
        if place not in uses:
            name, origin = others[place]
            names.setdefault(name, []).append([*place, origin])
    old["main"] = old["main"] or entry.main
    old["errors"] = max(old["errors"], entry.errors)
    old["uses"] = [uses[place] for place in sorted(uses)]
    old["others"] = names


def load(path: Path) -> dict[str, Any]:
    """Reads a truth or scan file."""
    value: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return value


def count(truth: dict[str, Any]) -> str:
    """Sizes of a truth set."""
    uses = Counter(use[3] for entry in truth["files"].values() for use in entry["uses"])
    others = Counter(at[2] for entry in truth["files"].values() for places in entry["others"].values() for at in places)
    alike = sum(
        at[2] == "project"
        for entry in truth["files"].values()
        for name, places in entry["others"].items()
        if detection_clang.LOOK_ALIKE.match(name)
        for at in places
    )
    return f"uses {dict(uses)}; tokens of others {dict(others)}; look-alikes {alike}"
