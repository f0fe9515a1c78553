"""Proof that rewritten code is right: it parses no worse, no safe fix was forgotten, nvcc makes the same PTX of it.

The last needs nvcc and no GPU: the rewritten tree is compiled with the reverse shim, which gives CUDA's names back;
what the rewriter broke beyond spelling shows as a difference in the device code, or as an error.
"""

# Names of files may hold any bytes, so they stay strings.
# ruff: noqa: PTH100, PTH112, PTH118, PTH120

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from migrate.parse import macros
from migrate.parse.keywords import BLANKED
from migrate.parse.launches import find_launches
from migrate.parse.mask import mask
from migrate.parse.tree import SyntaxTree
from migrate.parse.view import make_view
from migrate.rewrite import names

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from migrate.messages import Messages
    from migrate.model import FileResult, Scan, Use
    from migrate.rewrite.rewriter import Rewriter
    from migrate.rewrite.tree import Change

#: Seconds nvcc gets for one file.
PATIENCE = 300

#: What differs between two compilations of the same code: comments, versions, places, digests of the module.
_COMMENT = re.compile(r"//[^\n]*|/\*.*?\*/", re.DOTALL)
_PLACE = re.compile(r"^\s*\.(?:version|file|loc)\b[^\n]*\n", re.MULTILINE)
_MODULE = re.compile(r"(\d+)(?=_INTERNAL_|_GLOBAL__N__)")
_MODULE_NAME = re.compile(r"(_INTERNAL_|_GLOBAL__N__)[0-9a-f]{8}(_\d+_\w+_)[0-9a-f]{8}(?:_\d+)?")
_STATIC = re.compile(r"(__nv_static_\d+__)[0-9a-f]{8}(_\d+_\w+?_)[0-9a-f]{8}(?:_\d+)?(?=_)")

#: `assert` writes its file and line into the code; a rewritten copy lies elsewhere and may have an include more.
_NO_PLACES = ("-Xcompiler", "-Wno-builtin-macro-redefined", "-D__LINE__=0", '-D__FILE__="file"')

#: Folders of a project that its files are usually given to include from.
_INCLUDE_FOLDERS = ("include", "inc", "src", "common", "Common", "csrc")


class TextProof(NamedTuple):
    """What the text of one rewritten file shows."""

    errors_before: int  # places the grammar cannot read
    errors_after: int
    forgotten: tuple[Use, ...]  # uses in the result that a safe fix should have mended

    @property
    def holds(self) -> bool:
        """Whether nothing got worse and nothing was forgotten."""
        return self.errors_after <= self.errors_before and not self.forgotten


class PtxProof(NamedTuple):
    """What nvcc says of one file."""

    path: str
    verdict: str  # same, differs, not-before (nvcc cannot compile the original), not-after, no-time
    detail: str = ""  # nvcc's first error, or the first line that differs


def syntax_errors(data: bytes, qualifiers: Iterable[bytes] = (), origin: bytes = b"") -> int:
    """How many places of *data* the grammar cannot read, launches and qualifiers taken out.

    Args:
        data: a source.
        qualifiers: further words that only a vendor's compiler knows: `__aicore__`.
        origin: the source that *data* was made from; macros that were qualifiers there still are.
    """
    view = make_view(data)
    for word in qualifiers:
        view = view._replace(text=re.sub(rb"(?<!\w)" + re.escape(word) + rb"(?!\w)", b" " * len(word), view.text))
    learned = macros.combine([macros.learn(data), macros.learn(origin)])
    masked = mask(view, find_launches(view.text), learned).text
    return len(SyntaxTree(masked).errors)


def text_proof(rewriter: Rewriter, change: Change, result: FileResult) -> TextProof:
    """What the text of *change* shows.

    Args:
        rewriter: that made it.
        change: one rewritten file.
        result: what the scan said about the old bytes.
    """
    new = change.rewritten.data
    # What stands for words that the mask takes out: `MUSART_CB` for `CUDART_CB`.
    shapes = {
        use.shape.name: use
        for use in result.uses
        if use.shape.kind == "qualifier" or use.shape.name.encode() in BLANKED
    }
    said = (rewriter.answer(use).replacement for use in shapes.values())
    own = sorted(
        {word.encode() for text in said for word in text.split() if word.isidentifier()} - {b"inline", b"static"}
    )
    return TextProof(
        syntax_errors(change.old), syntax_errors(new, own, change.old), tuple(forgotten(rewriter, new, result))
    )


def forgotten(rewriter: Rewriter, data: bytes, result: FileResult) -> Iterable[Use]:
    """Uses in the rewritten *data* that have a safe fix which would still write something.

    Whether a recipe fits a call is the rewriter's to say; a plain change of name always does.
    """
    now = rewriter.analyse(data, result)
    for use in now.uses:
        answer = rewriter.answer(use)
        if answer.fix != "safe" or rewriter.skips(use.shape.condition) or rewriter.has_recipe(use):
            continue
        if use.shape.kind == "include":
            if answer.replacement not in ("", use.shape.name):
                yield use
            continue
        fix = names.rename(data, use, answer)
        if fix is not None and any(edit.text != data[edit.start : edit.end] for edit in fix.edits):
            yield use


# ---- the same PTX


def find_nvcc() -> str:
    """The nvcc of this machine, "" without one; NVCC names another."""
    return os.environ.get("NVCC") or shutil.which("nvcc") or ""


def normal(ptx: str) -> str:
    """*ptx* without what differs between two compilations of the same code."""
    text = _PLACE.sub("", _COMMENT.sub("", ptx))
    text = _STATIC.sub(r"\1\2", _without_digests(text))
    return "\n".join(line.rstrip() for line in text.split("\n") if line.strip())


def _without_digests(text: str) -> str:
    """Names of a module's own namespaces without their lengths, digests and process numbers.

    `_ZN48_INTERNAL_0a1b2c3d_4_x_cu_99887766_318544cuda`: 48 characters from `_INTERNAL_` on, whatever follows.
    """
    pieces, position = [], 0
    for found in _MODULE.finditer(text):
        digits, start = found[1], found.end()
        if start < position:
            continue
        for length in (int(digits[-2:]), int(digits[-3:])):
            name = _MODULE_NAME.fullmatch(text[start : start + length])
            if name is not None:
                pieces += [text[position : found.start()], f"{name[1]}{name[2]}"]
                position = start + length
                break
    return "".join([*pieces, text[position:]])


def compile_ptx(
    nvcc: str, source: str, folders: Sequence[str], options: Sequence[str] = (), *, patience: float = PATIENCE
) -> tuple[str, str]:
    """PTX of *source*, or ("", nvcc's first error).

    Args:
        nvcc: the compiler.
        source: a CUDA file of any suffix.
        folders: include folders, searched in this order.
        options: further options of nvcc.
        patience: seconds that nvcc gets.

    Raises:
        subprocess.TimeoutExpired: nvcc took longer.
    """
    with tempfile.TemporaryDirectory(prefix="migrate-prove-") as scratch:
        out = Path(scratch) / "out.ptx"
        include = [word for folder in folders for word in ("-I", folder)]
        command = [nvcc, "-ptx", "-x", "cu", "-w", *options, *include, "-o", str(out), os.path.abspath(source)]
        done = subprocess.run(
            command, capture_output=True, text=True, errors="replace", timeout=patience, check=False, cwd=scratch
        )
        if done.returncode == 0 and out.is_file():
            return out.read_text(encoding="utf-8", errors="replace"), ""
    lines = [line for line in done.stderr.splitlines() if "error" in line.lower()] or done.stderr.splitlines() or ["?"]
    return "", lines[0].strip()


@lru_cache(maxsize=2)
def _original(nvcc: str, source: str, folders: tuple[str, ...], options: tuple[str, ...]) -> tuple[str, str]:
    """As `compile_ptx`, kept for the next comparison with the same file."""
    return compile_ptx(nvcc, source, folders, options)


def compare_ptx(
    nvcc: str,
    path: str,
    old: str,
    new: str,
    folders: Sequence[str],
    new_folders: Sequence[str],
    options: Sequence[str] = (),
    new_options: Sequence[str] = (),
) -> PtxProof:
    """Whether nvcc makes the same PTX of the file *old* and of its rewritten form *new*.

    Args:
        nvcc: the compiler.
        path: the file as shown.
        old: file before.
        new: file after.
        folders: include folders for *old*.
        new_folders: include folders for *new*, the reverse shim's among them.
        options: further options of nvcc.
        new_options: those for *new* only.
    """
    first: list[str] = []
    second: list[str] = []
    try:
        for more in ((), _NO_PLACES):
            before, error = _original(nvcc, old, tuple(folders), (*options, *more))
            if error and not more:
                return PtxProof(path, "not-before", error)
            after, error = compile_ptx(nvcc, new, new_folders, [*options, *new_options, *more])
            if error and not more:
                return PtxProof(path, "not-after", error)
            if not error:
                first, second = normal(before).split("\n"), normal(after).split("\n")
            if first == second:
                return PtxProof(path, "same")
    except subprocess.TimeoutExpired:
        return PtxProof(path, "no-time")
    lines = (
        f"{old_line.strip()} | {new_line.strip()}"
        for old_line, new_line in zip(first, second, strict=False)
        if old_line != new_line
    )
    return PtxProof(path, "differs", next(lines, f"{len(first)} lines | {len(second)} lines"))


def include_folders(roots: Iterable[str], source: str) -> list[str]:
    """Folders that *source* may include from: its own, the given paths and the usual ones below them and around it."""
    found = [os.path.dirname(os.path.abspath(source))]
    bases = [os.path.abspath(root) if os.path.isdir(root) else os.path.dirname(os.path.abspath(root)) for root in roots]
    bases += [os.path.dirname(found[0])]
    for base in bases:
        found += [base, *(os.path.join(base, name) for name in _INCLUDE_FOLDERS)]
    return [folder for folder in dict.fromkeys(found) if os.path.isdir(folder)]


def ptx_proofs(
    rewriter: Rewriter,
    scan: Scan,
    found: Sequence[Change],
    paths: Sequence[str],
    nvcc: str,
    text: Messages,
    given: Mapping[str, bytes] | None = None,
) -> Iterable[PtxProof]:
    """For every changed CUDA source of *found* whether nvcc makes the same PTX of it.

    Include folders are guessed; NVCC_APPEND_FLAGS reach nvcc as ever.

    Args:
        rewriter: that made the changes.
        scan: of the project.
        found: all changes.
        paths: that were scanned.
        nvcc: the compiler.
        text: language of the shim's comments.
        given: bytes of files that cannot be read again; they are left out.
    """
    from migrate.rewrite import tree
    from migrate.rewrite.shim_names import include_graph

    graph = include_graph(scan, rewriter.inventory)
    with tempfile.TemporaryDirectory(prefix="migrate-prove-") as scratch:
        out = os.path.join(scratch, "out", "")
        chosen = [change for change in found if change.path not in (given or {})]
        tree.write_out(paths, out, chosen)
        places = tree.out_places(paths, out, chosen)
        for number, change in enumerate(chosen):
            if change.changes and change.place.endswith(".cu"):
                shim = os.path.join(scratch, f"shim{number}")
                write_unit_shim(rewriter, scan, graph, change.path, shim, text)
                folders = include_folders(paths, change.place)
                moved = _moved(folders, paths, out)
                new = places[change.place]
                proof = compare_ptx(nvcc, change.path, change.place, new, folders, [shim, *moved, *folders])
                runtime = rewriter.manifest.headers.get("runtime", "")
                if proof.verdict == "not-after" and runtime and f"<{runtime}>".encode() in change.rewritten.data:
                    # Half-ported code asks for the target's header under the target's macro, which nvcc does not set.
                    again = ("-include", os.path.join(shim, "migrate_reverse.h"))
                    proof = compare_ptx(
                        nvcc, change.path, change.place, new, folders, [shim, *moved, *folders], new_options=again
                    )
                yield proof


def write_unit_shim(
    rewriter: Rewriter, scan: Scan, graph: dict[str, list[tuple[str, str]]], path: str, folder: str, text: Messages
) -> None:
    """Writes into *folder* the reverse shim of one file and what it includes: others may have meant other names."""
    from migrate import __version__
    from migrate.rewrite.reverse import reverse
    from migrate.rewrite.shim_names import everything, unit

    inside = unit(path, graph)
    part = scan._replace(files=tuple(result for result in scan.files if result.path in inside))
    project = everything(part, rewriter.target, matcher=rewriter.matcher)
    place = os.path.join(folder, "migrate_reverse.h")
    made = reverse(project, text, tool=f"migrate {__version__}", command="migrate shim", place=place)
    for name, content in {"migrate_reverse.h": made.header, **made.forwards}.items():
        Path(folder, name).parent.mkdir(parents=True, exist_ok=True)
        Path(folder, name).write_text(content, encoding="utf-8")


def _moved(folders: Sequence[str], paths: Sequence[str], out: str) -> list[str]:
    """Where *folders* are in the copy of *paths* below *out*."""
    moved = []
    for path in paths:
        base = os.path.abspath(path) if os.path.isdir(path) else os.path.dirname(os.path.abspath(path))
        below = out if len(paths) == 1 else os.path.join(out, os.path.relpath(path).replace("../", ""))
        if not os.path.isdir(path):
            below = os.path.dirname(below.rstrip("/")) if len(paths) > 1 else out
        inside = [folder for folder in folders if folder == base or folder.startswith(base + os.sep)]
        moved += [os.path.normpath(os.path.join(below, os.path.relpath(folder, base))) for folder in inside]
    return [folder for folder in dict.fromkeys(moved) if os.path.isdir(folder)]
