"""`aclInit` and `aclFinalize`: ACL is started once in a process, so a file that holds `main` starts it there."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from migrate.model import Edit, Fix, Note
from migrate.rewrite.recipes import file_recipe

if TYPE_CHECKING:
    from collections.abc import Iterator

    from migrate.rewrite.recipes import File

_MAIN = re.compile(
    rb"^(?:extern\s+\"[^\"]*\"\s*)?(?:int|auto|void)\s+main\s*\([^{};]*\)\s*(?:->\s*int\s*)?\{", re.MULTILINE
)
_STARTED = re.compile(rb"\baclInit\b|\bcuInit\b")
_SELECTED = re.compile(rb"\b(?:cuda|aclrt)SetDevice\b")
_BRACE = re.compile(rb"[{}]")
#: The end of a `main` whose value calls nothing: behind any other, ACL would be gone too early.
_RETURN = re.compile(rb"return\b[\s(]*-?[\w:]*[\s)]*;\s*\Z")
_INDENT = re.compile(rb"\r?\n([ \t]*)\S")

_ASSUMED = Note(
    "nothing uses the device before main or after it, and no other part of the process starts ACL",
    "main 之前与之后不使用设备，且进程的其他部分不启动 ACL",
)


@file_recipe("cann")
def start(file: File) -> Iterator[Fix]:
    """`aclInit(nullptr);` first in `main` (with the device, where the file selects none), `aclFinalize();` last."""
    view = file.view
    if not any(use.shape.library in ("runtime", "driver") for use in file.result.uses) or _STARTED.search(view):
        return
    main = _MAIN.search(view)
    end = _close(view, main.end()) if main else -1
    if main is None or end < 0:
        return
    newline = b"\r\n" if view[main.end() : main.end() + 2] == b"\r\n" else b"\n"
    indented = _INDENT.match(view, main.end())
    gap = newline + (indented[1] if indented else b"    ")
    first = b"aclInit(nullptr);" + (b"" if _SELECTED.search(view) else gap + b"aclrtSetDevice(0);")
    edits = [Edit(main.end(), main.end(), gap + first)]
    last = _RETURN.search(view, main.end(), end)
    body = view[main.end() : end].rstrip()
    if last is not None and view[: last.start()].rstrip().endswith((b";", b"}", b"{")):
        edits.append(Edit(last.start(), last.start(), b"aclFinalize();" + gap))
    elif body.endswith((b";", b"}")) and b"return" not in body.rpartition(b";")[0].rpartition(b";")[2]:
        at = main.end() + len(body)
        edits.append(Edit(at, at, gap + b"aclFinalize();"))
    yield Fix(tuple(edits), "unsafe", _ASSUMED)


def _close(view: bytes, position: int) -> int:
    """Where the block that *position* stands in ends; -1 when it does not."""
    depth = 1
    for brace in _BRACE.finditer(view, position):
        depth += 1 if brace[0] == b"{" else -1
        if depth == 0:
            return brace.start()
    return -1
