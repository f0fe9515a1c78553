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
import json
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

TITLES = {
    "api": "API names",
    "device": "device built-ins",
    "device-math": "C library names on the device",
    "member": "struct members",
    "library": "C++ library names",
    "launch": "launches",
}

#: Findings that are no claim about one token's declaration.
UNJUDGED_KINDS = {"include", "ptx", "string", "pasted", "namespace"}

_MARKERS = ("PKG-INFO", ".git", "pyproject.toml", "setup.py")


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


# -- truth -------------------------------------------------------------------------------------------------------------


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
            uses = sum(use.category in TITLES for use in entry.found.values())
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
        if use.category in TITLES or use.category == "inner":
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


# -- scan --------------------------------------------------------------------------------------------------------------


def scan(command: str, target: str, paths: list[str]) -> dict[str, Any]:
    """Runs `migrate scan` over *paths* and returns its JSON."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "scan.json"
        call = [*shlex.split(command), "scan", *paths, "--target", target, "--format", "json", "-o", str(out)]
        begin = time.monotonic()
        subprocess.run(call, check=True)
        print(f"scan: {len(paths)} paths, {time.monotonic() - begin:.1f} s", file=sys.stderr)
        return load(out)


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
            hits = [report for report in hits if report["kind"] != "launch"]
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
        truth = extract(arguments, arguments.truth)
    elif arguments.truth is not None:
        truth = load(arguments.truth)
    else:
        parser.error("give files, or a truth file")
    print(count(truth))
    if arguments.truth_only:
        return
    for path, entry in list(truth["files"].items()):
        if not Path(path).exists() or hashlib.sha256(Path(path).read_bytes()).hexdigest() != entry["sha256"]:
            print(f"changed since clang read it, left out: {path}", file=sys.stderr)
            del truth["files"][path]
    paths = arguments.scan_root or list(truth["files"])
    found = load(arguments.scan_json) if arguments.scan_json else scan(arguments.migrate, arguments.target, paths)
    tally = compare(truth, found, Path.cwd(), arguments.max_errors)
    write_lines(tally, arguments.misses)
    print(show(tally, truth))
    print(f"misses and false reports: {arguments.misses}")


if __name__ == "__main__":
    main()
