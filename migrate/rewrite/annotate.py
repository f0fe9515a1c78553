"""Remarks in the source for what is left: `// migrate: MIG301 cudaFoo` behind the line, only where asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from migrate.findings import load
from migrate.model import Edit
from migrate.parse.view import make_view

if TYPE_CHECKING:
    from collections.abc import Sequence

    from migrate.rewrite.values import Left

_MARK = b"migrate: "


def remarks(data: bytes, left: Sequence[Left]) -> tuple[Edit, ...]:
    """Insertions of one remark for each line that holds something of *left*, none where it stands already.

    A line that goes on behind a backslash gets a block comment before it; a line whose end lies in a comment or a
    literal that began before it gets none.
    """
    view = make_view(data)
    titles = load()
    lines: dict[int, list[str]] = {}
    for use, answer, _ in left:
        start = data.rfind(b"\n", 0, use.start) + 1
        title = titles[answer.id].en if answer.id in titles else ""
        said = f"{answer.id} {use.shape.name}: {title}" if title else f"{answer.id} {use.shape.name}"
        if said not in lines.setdefault(start, []):
            lines[start].append(said)
    inside = [span for span in (*view.literals, *view.comments) if b"\n" in data[span[0] : span[1]]]
    edits: list[Edit] = []
    for start, remarks_here in sorted(lines.items()):
        end = data.find(b"\n", start)
        end = len(data) if end < 0 else end
        end -= data[start:end].endswith(b"\r")
        if _MARK in data[start:end] or any(low < end <= high and low != end for low, high in inside if high > end):
            continue
        text = "; ".join(remarks_here).encode("ascii", "replace")
        if data[start:end].endswith(b"\\"):
            at = start + len(data[start : end - 1].rstrip())
            edits.append(Edit(at, at, b" /* " + _MARK + text.replace(b"*/", b"* /") + b" */"))
        else:
            edits.append(Edit(end, end, b"  // " + _MARK + text))
    return tuple(edits)
