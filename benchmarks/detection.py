"""How much of what clang resolves to CUDA does `migrate scan` find, and how much of what it reports is CUDA?

    python benchmarks/detection.py --cuda-path DIR --truth truth.json FILE_OR_DIR…

The first run asks clang about every .cu file (slow) and keeps its answers in the truth file; later runs redo the scan
only. Recall is counted per category: API names, device built-ins, fields of CUDA structs, C++ library names, launches.
Precision counts reports on tokens about which clang has an answer; tokens in branches it did not take are not judged.
Needs clang++ with libclang and bindings of the same version, and a CUDA toolkit's headers; see detection_clang.py.
"""

from __future__ import annotations

import argparse
import hashlib
import re
import shlex
import subprocess
import sys
import tempfile
import time
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import detection_clang
import detection_truth

TITLES = {
    "api": "API names",
    "device": "device built-ins",
    "device-math": "C library names on the device",
    "member": "struct members",
    "library": "C++ library names",
    "launch": "launches",
}

#: Findings that are no claim about one token's declaration.
UNJUDGED_KINDS = {"include", "ptx", "string", "pasted", "namespace", "hazard"}


@dataclass
class Tally:
    """Counts of one comparison and the lines that explain them."""

    total: Counter[str] = field(default_factory=Counter)
    found: Counter[str] = field(default_factory=Counter)
    unknown: Counter[str] = field(default_factory=Counter)  # found, but in no table
    renamed: Counter[str] = field(default_factory=Counter)  # found under another name
    right: Counter[str] = field(default_factory=Counter)  # by kind of finding
    wrong: Counter[str] = field(default_factory=Counter)
    neutral: Counter[str] = field(default_factory=Counter)
    unjudged: Counter[str] = field(default_factory=Counter)
    look_alikes: int = 0
    look_alikes_known: int = 0  # reported as CUDA although the project declares them
    look_alikes_unknown: int = 0  # reported as a name in no table
    lines: list[tuple[str, int, int, str, str, str, str]] = field(default_factory=list)


# -- scan --------------------------------------------------------------------------------------------------------------


def scan(command: str, target: str, paths: list[str]) -> dict[str, Any]:
    """Runs `migrate scan` over *paths* and returns its JSON."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "scan.json"
        call = [*shlex.split(command), "scan", *paths, "--target", target, "--format", "json", "-o", str(out)]
        begin = time.monotonic()
        subprocess.run(call, check=True)
        print(f"scan: {len(paths)} paths, {time.monotonic() - begin:.1f} s", file=sys.stderr)
        return detection_truth.load(out)


def findings_by_place(found: dict[str, Any], base: Path) -> dict[str, dict[tuple[int, int], list[dict[str, Any]]]]:
    """Findings by absolute path and by line and column."""
    result: dict[str, dict[tuple[int, int], list[dict[str, Any]]]] = defaultdict(lambda: defaultdict(list))
    for finding in found["findings"]:
        path = str((base / finding["path"]).resolve())
        result[path][finding["line"], finding["column"]].append(finding)
    return result


# -- comparison --------------------------------------------------------------------------------------------------------


def compare(truth: dict[str, Any], found: dict[str, Any], base: Path, max_errors: int = 10**9) -> Tally:
    """Counts what the scan found of the truth and what it reported beside it."""
    tally = Tally()
    reports = findings_by_place(found, base)
    for path, entry in sorted(truth["files"].items()):
        if entry["errors"] <= max_errors:
            _compare_file(tally, path, entry, reports.get(path, {}))
    return tally


def _compare_file(
    tally: Tally, path: str, entry: dict[str, Any], reports: dict[tuple[int, int], list[dict[str, Any]]]
) -> None:
    cuda: dict[tuple[int, int], str] = {}
    starts: set[tuple[int, int]] = set()
    for line, column, name, category, detail, further in entry["uses"]:
        places = [(line, column), *(tuple(at) for at in further)]
        cuda[line, column] = name
        starts.update(places)
        if category == "inner":
            continue
        tally.total[category] += 1
        hits = [report for place in places for report in reports.get(place, ())]
        if category == "launch":
            hits = [report for report in hits if report["kind"] == "launch"]
        else:
            hits = [report for report in hits if report["kind"] not in ("launch", "hazard")]
        if not hits:
            tally.lines.append((path, line, column, name, category, "missed", detail))
            continue
        tally.found[category] += 1
        if all(_is_unknown(report) for report in hits):
            tally.unknown[category] += 1
            tally.lines.append((path, line, column, name, category, "unknown", detail))
        if category != "launch" and not any(name in re.split(r"::|\.", report["name"]) for report in hits):
            tally.renamed[category] += 1
            tally.lines.append((path, line, column, name, category, "named " + hits[0]["name"], detail))
    others = {(at[0], at[1]): (name, at[2]) for name, places in entry["others"].items() for at in places}
    for place, (name, origin) in others.items():
        if origin == "project" and detection_clang.LOOK_ALIKE.match(name):
            tally.look_alikes += 1
            hits = [report for report in reports.get(place, ()) if report["kind"] not in UNJUDGED_KINDS | {"launch"}]
            if hits and all(_is_unknown(report) for report in hits):
                tally.look_alikes_unknown += 1
                tally.lines.append((path, *place, name, "look-alike", "reported as unknown", hits[0]["kind"]))
            elif hits:
                tally.look_alikes_known += 1
                tally.lines.append((path, *place, name, "look-alike", "reported as CUDA", hits[0]["kind"]))
    for place, hits in reports.items():
        for report in hits:
            _judge(tally, (path, *place), report, starts, others)


def _judge(
    tally: Tally,
    at: tuple[str, int, int],
    report: dict[str, Any],
    starts: set[tuple[int, int]],
    others: dict[tuple[int, int], tuple[str, str]],
) -> None:
    """Decides whether clang agrees with one report."""
    place = at[1:]
    kind = report["kind"]
    if kind in UNJUDGED_KINDS:
        return
    if place in starts:
        tally.right[kind] += 1
    elif place not in others or kind == "launch":
        tally.unjudged[kind] += 1
        tally.lines.append((*at, report["name"], kind, "unjudged", ""))
    else:
        name, origin = others[place]
        if origin in ("other", "system-device") or report["name"].startswith(("at::", "c10::", "torch::")):
            tally.neutral[kind] += 1
        elif name not in re.split(r"::|\.", report["name"]):
            tally.unjudged[kind] += 1
        else:
            tally.wrong[kind] += 1
            tally.lines.append((*at, name, kind, "false report", origin))


def _is_unknown(report: dict[str, Any]) -> bool:
    """Whether no target's answer knows the name."""
    answers = report.get("answers") or {}
    return bool(answers) and all(answer.get("id") == "MIG901" for answer in answers.values())


# -- output ------------------------------------------------------------------------------------------------------------


def show(tally: Tally, truth: dict[str, Any]) -> str:
    """The table a person reads."""
    files = truth["files"].values()
    lines = [
        f"{sum(e['main'] for e in files)} sources, {sum(not e['main'] for e in files)} headers ({truth['clang']})",
        "",
        f"{'category':31}{'total':>8}{'found':>8}{'recall':>9}{'unknown':>9}{'renamed':>9}",
    ]
    for category, title in TITLES.items():
        total, hit = tally.total[category], tally.found[category]
        lines.append(
            f"{title:31}{total:8}{hit:8}{_share(hit, total):>9}{tally.unknown[category]:9}{tally.renamed[category]:9}"
        )
    total, hit = sum(tally.total.values()), sum(tally.found.values())
    lines.append(f"{'all':31}{total:8}{hit:8}{_share(hit, total):>9}")
    lines += ["", f"{'reported as':31}{'right':>8}{'wrong':>8}{'precision':>10}{'neutral':>9}{'unjudged':>10}"]
    for kind in sorted({*tally.right, *tally.wrong, *tally.neutral, *tally.unjudged}):
        right, wrong = tally.right[kind], tally.wrong[kind]
        share = _share(right, right + wrong)
        lines.append(f"{kind:31}{right:8}{wrong:8}{share:>10}{tally.neutral[kind]:9}{tally.unjudged[kind]:10}")
    right, wrong = sum(tally.right.values()), sum(tally.wrong.values())
    lines.append(f"{'all':31}{right:8}{wrong:8}{_share(right, right + wrong):>10}")
    quiet = tally.look_alikes - tally.look_alikes_known - tally.look_alikes_unknown
    lines.append(
        f"\nlook-alikes declared by the projects themselves: {tally.look_alikes}; not reported {quiet}"
        f" ({_share(quiet, tally.look_alikes)}), reported as CUDA {tally.look_alikes_known},"
        f" as unknown names {tally.look_alikes_unknown}"
    )
    return "\n".join(lines)


def _share(part: int, whole: int) -> str:
    return f"{100 * part / whole:.2f} %" if whole else "-"


def write_lines(tally: Tally, path: Path) -> None:
    """Writes every miss and false report as `path:line:column`, name, category, what, detail, source line."""
    texts: dict[str, list[str]] = {}
    with path.open("w", encoding="utf-8", newline="\n") as out:
        rows = sorted(tally.lines, key=lambda row: (row[4], row[5], row))
        for file, line, column, name, category, what, detail in rows:
            if file not in texts:
                known = Path(file).exists()
                texts[file] = Path(file).read_text(encoding="utf-8", errors="replace").split("\n") if known else []
            source = texts[file][line - 1].strip()[:160] if line <= len(texts[file]) else ""
            out.write(f"{file}:{line}:{column}\t{name}\t{category}\t{what}\t{detail}\t{source}\n")


def self_test() -> None:
    """Compares a handmade truth with a handmade scan and checks every count."""
    digest = hashlib.sha256(b"").hexdigest()
    truth = {
        "clang": "none",
        "files": {
            "/x/a.cu": {
                "sha256": digest,
                "main": True,
                "errors": 0,
                "uses": [
                    [1, 1, "cudaMalloc", "api", "cuda_runtime_api.h", []],
                    [2, 1, "cudaFree", "api", "cuda_runtime_api.h", []],
                    [3, 6, "BlockReduce", "library", "cub/block.cuh", [[3, 1]]],
                    [4, 5, "<<<", "launch", "", [[4, 1]]],
                    [5, 3, "major", "member", "cudaDeviceProp", []],
                    [6, 1, "threadIdx", "device", "crt/builtin", []],
                ],
                "others": {
                    "cudaHelper": [[7, 1, "project"]],
                    "cudaOther": [[8, 1, "project"]],
                    "major": [[9, 3, "project"]],
                },
            }
        },
    }
    known = {"musa": {"id": "MIG101"}}
    rows = [
        (1, 1, "cudaMalloc", "call", known),
        (3, 1, "cub::BlockReduce", "type", known),
        (4, 1, "kernel", "launch", known),
        (5, 3, "major", "member", {"musa": {"id": "MIG901"}}),
        (6, 1, "threadIdx.x", "variable", known),
        (7, 1, "cudaHelper", "call", {"musa": {"id": "MIG901"}}),
        (9, 3, "major", "member", known),
        (10, 1, "cudaInit", "call", known),
    ]
    findings = [
        {"path": "a.cu", "line": line, "column": column, "name": name, "kind": kind, "answers": answers}
        for line, column, name, kind, answers in rows
    ]
    tally = compare(truth, {"findings": findings}, Path("/x"))
    assert (sum(tally.total.values()), sum(tally.found.values())) == (6, 5), tally
    assert (tally.found["api"], tally.unknown["member"], tally.renamed.total()) == (1, 1, 0), tally
    assert (tally.right.total(), tally.wrong.total(), tally.unjudged.total()) == (5, 2, 1), tally
    assert (tally.look_alikes, tally.look_alikes_known, tally.look_alikes_unknown) == (2, 0, 1), tally
    print(show(tally, truth))


def main() -> None:
    """Reads the command line and prints the comparison."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("paths", nargs="*", type=Path, metavar="FILE_OR_DIR")
    parser.add_argument("--cuda-path", type=Path, help="CUDA toolkit folder with include/ (12.6 or older for clang 19)")
    parser.add_argument("--clang", default="clang++-19")
    parser.add_argument("--libclang", default="", help="default: the one beside --clang")
    parser.add_argument("--include", action="append", default=[], help="headers of other libraries, such as PyTorch's")
    parser.add_argument("--extra-arg", action="append", default=[], help="further argument for clang")
    parser.add_argument("--stubs", type=Path, help="folder where empty stand-ins for missing headers are made")
    parser.add_argument("--root", action="append", type=Path, default=[], help="project folder (default: guessed)")
    parser.add_argument("--group", type=int, default=8, help="files with PyTorch headers to parse together")
    parser.add_argument("--no-headers", action="store_true", help="only the files themselves, not their local headers")
    parser.add_argument("--truth", type=Path, help="JSON file that keeps clang's answers, read and completed")
    parser.add_argument("--truth-only", action="store_true", help="ask clang, do not scan")
    parser.add_argument("--migrate", default="migrate", help="command that runs the scanner")
    parser.add_argument("--target", default="musa")
    parser.add_argument(
        "--scan-root", action="append", default=[], help="scan these folders instead of the truth's files"
    )
    parser.add_argument("--scan-json", type=Path, help="compare this scan instead of running one (paths from here)")
    parser.add_argument("--max-errors", type=int, default=10**9, help="leave out files with more errors of clang")
    parser.add_argument("--misses", type=Path, default=Path("detection-misses.tsv"))
    parser.add_argument("--verbose", type=int, default=2, metavar="N", help="error messages of clang shown per file")
    parser.add_argument("--self-test", action="store_true")
    arguments = parser.parse_args()
    if arguments.self_test:
        self_test()
        return
    if arguments.paths:
        if arguments.cuda_path is None:
            parser.error("--cuda-path is needed to ask clang about files")
        truth = detection_truth.extract(arguments, arguments.truth)
    elif arguments.truth is not None:
        truth = detection_truth.load(arguments.truth)
    else:
        parser.error("give files, or a truth file")
    print(detection_truth.count(truth))
    if arguments.truth_only:
        return
    for path, entry in list(truth["files"].items()):
        if not Path(path).exists() or hashlib.sha256(Path(path).read_bytes()).hexdigest() != entry["sha256"]:
            print(f"changed since clang read it, left out: {path}", file=sys.stderr)
            del truth["files"][path]
    paths = arguments.scan_root or list(truth["files"])
    found = (
        detection_truth.load(arguments.scan_json)
        if arguments.scan_json
        else scan(arguments.migrate, arguments.target, paths)
    )
    tally = compare(truth, found, Path.cwd(), arguments.max_errors)
    write_lines(tally, arguments.misses)
    print(show(tally, truth))
    print(f"misses and false reports: {arguments.misses}")


if __name__ == "__main__":
    main()
