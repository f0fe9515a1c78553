"""Comments that keep findings quiet: `migrate: ignore[MIG301] reason`, for a line, a block or the file.

cudaFoo();  // migrate: ignore[MIG301] replaced at run time          this line
// migrate: ignore[MIG301,MIG5] …                                    on a line of its own: the next line of code
// migrate: ignore-begin[MIG501] …  …  // migrate: ignore-end        what lies between
/* migrate: ignore-file[MIG401] … */                                 the whole file
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from migrate.model import Suppression
from migrate.parse.view import make_view
from migrate.source import Source

if TYPE_CHECKING:
    from collections.abc import Iterator

#: What every such comment holds; a file without it is not looked at.
MARK = b"migrate:"

#: The words at the beginning of a comment, or of one of its lines.
_COMMENT = re.compile(
    rb"(?:^|/[/*])[ \t*!/<]*(migrate:[ \t]*([a-z]\w*(?:-\w+)*)[ \t]*(\[[^\]\r\n]*\]?)?([^\r\n]*))", re.MULTILINE
)

_IDS = re.compile(r"MIG\d{0,3}")
_CODE = re.compile(rb"[^\s\\]")
_SCOPES = {"ignore": "line", "ignore-begin": "block", "ignore-end": "block", "ignore-file": "file"}


def suppressions(data: bytes) -> tuple[Suppression, ...]:
    """The comments of *data* that keep findings quiet, in order; those that are not well-formed say their mistake.

    Only comments count: the same words in a string are a string.
    """
    if MARK not in data:
        return ()
    view = make_view(data)
    source = Source(data)
    found: list[Suppression] = []
    opened: list[int] = []  # blocks that are not closed yet, as indexes of `found`
    for start, verb, listed, rest in _comments(data, view.comments):
        line, column = source.position(start)
        scope = _SCOPES.get(verb, "line")
        ids, reason, mistake = _read(listed.decode("latin-1"), rest.decode(source.encoding, "replace"), verb)
        if verb == "ignore-end":
            if opened:
                index = opened.pop()
                found[index] = found[index]._replace(last=line)
            else:
                found.append(Suppression(line, column, scope, line, line, (), "", "unopened"))
            continue
        first = last = line
        if scope == "file":
            first, last = 1, 0
        elif scope == "line":
            first = last = _covered(view.text, source, line)
        elif not mistake:
            opened.append(len(found))
        found.append(Suppression(line, column, scope, first, last, ids, reason, mistake))
    for index in opened:
        found[index] = found[index]._replace(mistake="unclosed")
    return tuple(found)


def _comments(data: bytes, comments: tuple[tuple[int, int], ...]) -> Iterator[tuple[int, str, bytes, bytes]]:
    """Offset, verb, list of ids and what follows of each of our comments."""
    for start, end in comments:
        if data.find(MARK, start, end) < 0:
            continue
        for match in _COMMENT.finditer(data[start:end]):
            verb = match[2].decode("latin-1")
            if verb.startswith("ignor") or match[3]:  # `migrate: ingore[MIG301]` is a slip, `migrate: later` is prose
                yield start + match.start(1), verb, match[3] or b"", match[4]


def _read(listed: str, rest: str, verb: str) -> tuple[tuple[str, ...], str, str]:
    """Ids, reason and mistake of a comment."""
    reason = rest.rstrip().removesuffix("*/").strip().lstrip(":-— ").strip()
    if verb not in _SCOPES:
        return (), reason, "verb"
    if verb == "ignore-end":
        return (), reason, ""
    ids = tuple(item.strip() for item in listed.strip("[]").split(",") if item.strip())
    if not ids or not listed.endswith("]") or not all(_IDS.fullmatch(item) for item in ids):
        return ids, reason, "ids"
    return ids, reason, ""


def _covered(text: bytes, source: Source, line: int) -> int:
    """The line a comment in *line* speaks of: its own when that has code, else the next that has."""
    starts = source.starts
    start = starts[line - 1]
    end = starts[line] if line < len(starts) else len(text)
    if _CODE.search(text, start, end):
        return line
    following = _CODE.search(text, end)
    return source.position(following.start())[0] if following else line
