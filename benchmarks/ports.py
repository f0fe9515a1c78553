r"""The names that `migrate rewrite` writes beside those that people wrote when they ported the same file.

    python benchmarks/ports.py CUDA_TREE PORT_TREE --target musa [--unsafe] [--text] [--show 40] [--only GLOB]

Files are paired by their paths without suffix and without the stacks' words in them (`cuda/nms.cu` and
`musa/nms.mu`, `nms-cuda/main.cu` and `nms-hip/main.cu`, also inside one tree), else by a file name that both trees
have once. Lines are aligned by their words without the stacks' prefixes, and the words of aligned lines with each
other. Counted are names of the CUDA tables that CUDA alone has:

    changed    they wrote a name of the target in its place; alike where we write the same one
    kept       they left the name as it is; alike where we leave it too
    own        they wrote a name of their own in its place, a macro or a type of the project

Every disagreement is printed with its count, so that each can be explained. `--text` counts the names in string
literals instead of those in code.
"""

from __future__ import annotations

import argparse
import re
import sys
from bisect import bisect_left
from collections import Counter, defaultdict
from difflib import SequenceMatcher
from fnmatch import fnmatch
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

    from migrate.rewrite.rewriter import Rewriter

SUFFIXES = {".cu", ".cuh", ".c", ".cc", ".cpp", ".cxx", ".h", ".hpp", ".mu", ".muh", ".maca", ".su", ".hip", ".tops"}
#: Words of paths by target; those of CUDA stand for the original.
WORDS = {
    "": ("cuda", "nvidia", "nccl", "nv"),
    "musa": ("musa", "moore", "mccl"),
    "maca": ("maca", "metax", "mccl"),
    "dtk": ("hip", "rocm", "amd", "hygon", "rccl"),
    "cann": ("ascend", "cann", "npu", "hccl"),
    "tops": ("tops", "gcu", "enflame"),
    "cambricon": ("bang", "mlu", "cncl"),
}
#: What the target's names begin with, in lower case: not all of them stand in a table.
PREFIXES = {
    "musa": ("mu", "mt"),
    "maca": ("mc", "maca"),
    "dtk": ("hip", "miopen", "roc", "rccl"),
    "cann": ("acl", "hccl"),
    "tops": ("tops",),
    "cambricon": ("cn",),
}
#: A stack sold under another name: what its names begin with → what the tables have.
BRANDS = {"maca": (("hpcc", "maca"), ("HPCC", "MACA"), ("hc", "mc"), ("HC", "MC"))}
_PREFIX = re.compile(r"^_*(?:cuda|cu|hip|musa|mu|maca|mc|hc|aclrt|acl|tops|supa|su|cnrt|cn)(?=[a-z_]|$)")
_TOKEN = re.compile(rb"[A-Za-z_]\w*|\d[\w.]*|\S")
_IDENTIFIER = re.compile(r"[A-Za-z_]\w*")
#: Blocks of lines that changed are compared line by line up to this many of them.
_BLOCK = 400


class Token(NamedTuple):
    """One word or sign of a file."""

    text: str
    start: int
    in_text: bool  # inside a string literal


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("cuda", type=Path)
    parser.add_argument("port", type=Path)
    parser.add_argument("--target", required=True)
    parser.add_argument("--unsafe", action="store_true")
    parser.add_argument("--text", action="store_true")
    parser.add_argument("--show", type=int, default=40)
    parser.add_argument("--only", default="*", help="glob over the paths of the CUDA files")
    options = parser.parse_args()
    from migrate.rewrite.rewriter import Rewriter
    from migrate.rewrite.values import Options
    from migrate.tables.rules import rules_dir
    from migrate.targets import parse_target

    target = parse_target(options.target, rules_dir())
    tool = Rewriter(target, Options(unsafe=options.unsafe))
    found = [pair for pair in pairs(options.cuda, options.port, target.name) if fnmatch(str(pair[0]), options.only)]
    api = names_of(target.name)
    totals: Counter[str] = Counter()
    misses: dict[str, Counter[tuple[str, str, str]]] = {"changed": Counter(), "kept": Counter()}
    places: dict[tuple[str, str, str], str] = {}
    for cuda, port in found:
        for what, name, written, ours in compare(tool, cuda, port, in_text=options.text):
            theirs = branded(written, target.name)
            known = theirs in api or theirs.lower().lstrip("_").startswith(PREFIXES.get(target.name, ("cuda",)))
            if what == "changed" and not known and theirs != ours:
                totals["own"] += 1
                continue
            totals[what] += 1
            if theirs == ours:
                totals[f"{what} alike"] += 1
            else:
                misses[what][name, theirs, ours] += 1
                places.setdefault((name, theirs, ours), str(cuda))
    print(f"{target.key}: {len(found)} pairs of files")
    for what in ("changed", "kept"):
        share = 100 * totals[f"{what} alike"] / max(1, totals[what])
        print(f"{what}: {totals[f'{what} alike']} of {totals[what]} alike ({share:.1f} %)")
        for (name, theirs, ours), count in misses[what].most_common(options.show):
            print(f"  {count:5} {name}: they {theirs}, we {ours}    {places[name, theirs, ours]}")
    print(f"own: {totals['own']}")
    return 0


def names_of(target: str) -> set[str]:
    """The names that are the target's API: those its headers and documents declare, and those its rows write."""
    root = Path(__file__).resolve().parent.parent
    rows = [line.split("\t") for path in (root / "rules" / target).glob("*.tsv") for line in lines_of(path)]
    seeds = root / "seeds" / "symbols" / f"{target}.tsv"
    written = {name for row in rows if len(row) > 1 for name in _IDENTIFIER.findall(row[1])}
    return written | {line.split("\t")[0] for line in (lines_of(seeds) if seeds.exists() else [])}


def lines_of(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").splitlines()[1:]


def branded(name: str, target: str) -> str:
    """*name* as the tables spell it."""
    for prefix, own in BRANDS.get(target, ()):
        bare = name.lstrip("_")
        if bare.startswith(prefix):
            return name[: len(name) - len(bare)] + own + bare[len(prefix) :]
    return name


def pairs(cuda: Path, port: Path, target: str) -> Iterator[tuple[Path, Path]]:
    """The CUDA files of one tree and the ports of them in another, or in the same one."""
    own, others = WORDS.get(target, (target,)), [word for key in WORDS if key for word in WORDS[key]]
    originals, ports = defaultdict(list), defaultdict(list)
    for path in sorted(files(cuda)):
        if not says(path.relative_to(cuda), others):
            originals[key_of(path.relative_to(cuda), WORDS[""])].append(path)
    same = cuda.resolve() == port.resolve()
    for path in sorted(files(port)):
        relative = path.relative_to(port)
        if (says(relative, own) or not same) and not says(relative, [word for word in others if word not in own]):
            ports[key_of(relative, own)].append(path)
    by_name = defaultdict(list)
    for path in (path for found in ports.values() for path in found):
        by_name[key_of(Path(path.name), own)].append(path)
    for key, left in originals.items():
        right = ports.get(key) or (by_name.get(key_of(Path(left[0].name), WORDS[""]), []) if not same else [])
        # A file for every stack (`nms.cpp`) stands beside those for one (`cuda/nms_cuda.cu`).
        for found, root, words in ((left, cuda, WORDS[""]), (right, port, own)):
            if len(found) > 1:
                found[:] = [path for path in found if says(path.relative_to(root), words)]
        if len(left) == 1 and len(right) == 1 and left[0].resolve() != right[0].resolve():
            yield left[0], right[0]


def files(tree: Path) -> Iterator[Path]:
    return (path for path in tree.rglob("*") if path.suffix in SUFFIXES and path.is_file())


def says(path: Path, words: list[str] | tuple[str, ...]) -> bool:
    return bool(set(re.split(r"[^a-z]+", str(path).lower())) & set(words))


def key_of(path: Path, words: tuple[str, ...]) -> str:
    """*path* without its suffix and without a stack's words; headers and sources stay apart."""
    header = path.suffix in (".h", ".cuh", ".hpp", ".muh")
    parts = re.split(r"([^a-z0-9]+)", str(path.with_suffix("")).lower())
    return "".join(part for part in parts if part.isalnum() and part not in words) + ("/h" if header else "")


def compare(tool: Rewriter, cuda: Path, port: Path, *, in_text: bool) -> Iterator[tuple[str, str, str, str]]:
    """What became of the names of one file: changed or kept, the name, what they wrote, what we write."""
    from migrate.model import FileResult

    data = cuda.read_bytes()
    language = "cuda" if cuda.suffix in (".cu", ".cuh") else "c++"
    edits = tool.rewrite(data, tool.analyse(data, FileResult(cuda.name, "analysed", language=language))).edits
    starts = [edit.start for edit in edits]
    known = tool.inventory
    for left, right in aligned(tokens(data), tokens(port.read_bytes())):
        word = left.text.encode()
        if left.in_text != in_text or word not in known.words or not known.is_strong(word):
            continue
        if not _IDENTIFIER.fullmatch(right.text):
            continue
        end = left.start + len(word)
        ours = left.text
        for edit in edits[max(0, bisect_left(starts, left.start) - 1) :]:
            if edit.start >= end:
                break
            if edit.start <= left.start and edit.end >= end:
                written = _IDENTIFIER.findall(edit.text.decode("utf-8", "replace")) or [""]
                ours = right.text if right.text in written else written[0]
        yield "kept" if left.text == right.text else "changed", left.text, right.text, ours


def tokens(data: bytes) -> list[list[Token]]:
    """The words and signs of every line that has some, comments left out."""
    from migrate.parse.view import make_view

    view = make_view(data)
    out = bytearray(view.text)
    for start, end in view.literals:
        out[start:end] = data[start:end]
    begins = [start for start, _ in view.literals]
    lines: dict[int, list[Token]] = {}
    line, at = 0, 0
    for found in _TOKEN.finditer(bytes(out)):
        line += out.count(b"\n", at, found.start())
        at = found.start()
        index = bisect_left(begins, at + 1) - 1
        inside = index >= 0 and at < view.literals[index].end
        lines.setdefault(line, []).append(Token(found[0].decode("utf-8", "replace"), at, inside))
    return [lines[number] for number in sorted(lines)]


def plain(line: list[Token]) -> str:
    """A line without the stacks' prefixes: what stays the same in a port."""
    return " ".join(_PREFIX.sub("", token.text.lower()) for token in line)


def aligned(left: list[list[Token]], right: list[list[Token]]) -> Iterator[tuple[Token, Token]]:
    """The tokens that stand at the same place of both files."""
    a, b = [plain(line) for line in left], [plain(line) for line in right]
    for what, i, i_end, j, j_end in SequenceMatcher(None, a, b, autojunk=False).get_opcodes():
        if what == "equal":
            rows = list(zip(range(i, i_end), range(j, j_end), strict=True))
        elif what == "replace" and i_end - i == j_end - j <= _BLOCK:
            rows = [
                (x, y)
                for x, y in zip(range(i, i_end), range(j, j_end), strict=True)
                if SequenceMatcher(None, a[x].split(), b[y].split(), autojunk=False).ratio() > 0.5
            ]
        else:
            rows = []
        for x, y in rows:
            yield from words(left[x], right[y])


def words(left: list[Token], right: list[Token]) -> Iterator[tuple[Token, Token]]:
    """The tokens of two lines that stand for each other."""
    a = [_PREFIX.sub("", token.text.lower()) for token in left]
    b = [_PREFIX.sub("", token.text.lower()) for token in right]
    for what, i, i_end, j, j_end in SequenceMatcher(None, a, b, autojunk=False).get_opcodes():
        if what == "equal" or (what == "replace" and i_end - i == j_end - j):
            yield from zip(left[i:i_end], right[j:j_end], strict=True)


if __name__ == "__main__":
    sys.exit(main())
