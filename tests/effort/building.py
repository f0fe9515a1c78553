"""Hand-made scans and counts: a file is a list of (name, id, class, how often)."""

from __future__ import annotations

from pathlib import Path

from migrate.effort.count import Counts, Group, Sizes
from migrate.effort.weights import load
from migrate.model import Answer, FileResult, RuleText, Scan, Shape, Target, Use, answer_key

ROOT = Path(__file__).resolve().parents[2]
WEIGHTS = load(ROOT / "rules" / "effort.toml")

MUSA = Target("musa", "musa", "", "", "cuda-like", {"route": "native"}, "MUSA")
BRIDGE = Target("maca:cu-bridge", "maca", "cu-bridge", "", "compile-as-is", {"route": "cu-bridge"}, "MACA")
CANN = Target("cann", "cann", "", "", "foreign", {"chip": "a2"}, "CANN")


def scan_of(files, targets=(MUSA,), others=()):
    """A scan of *files*: path → [(name, id, class, times)] or with kind and side behind; lines count up from 1."""
    answers = {target.key: {} for target in targets}
    rules = {target.key: {} for target in targets}
    results = list(others)
    for path, found in files.items():
        uses, line = [], 0
        for name, identifier, category, times, *rest in found:
            kind, side = (*rest, "call", "host")[:2] if rest else ("call", "host")
            side = rest[1] if len(rest) > 1 else "host"
            shape = Shape(name, kind, "runtime", side=side)
            for target in targets:
                answers[target.key][answer_key(shape)] = Answer(identifier, category, "", name, "")
                rules[target.key][name] = RuleText("adapt", "used", (f"used:acme/port:{name}",), (), "", "", "")
            for _ in range(times):
                line += 1
                uses.append(Use(line * 10, 4, line, 1, shape))
        results.append(FileResult(path, "analysed", "", "cuda", line * 10, line, "utf-8", "d", uses=tuple(uses)))
    results.sort(key=lambda result: result.path)
    return Scan("0.1.0", {"digest": "t"}, tuple(targets), tuple(results), answers, rules, {}, {})


def group(identifier="MIG201", category="adapt", name="cudaFoo", files=1, hits=1, *, library="runtime", **rest):
    return Group(identifier, category, name, "call", library, "", files, hits, **rest)


def counts(*groups, kind="cuda-like", **sizes):
    return Counts("musa", "musa", kind, tuple(groups), Sizes(**sizes))
