"""Names of CUDA's that are no uses of it: in messages, and where a file pretends to be compiled by nvcc."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from migrate.model import AnswerKey, Edit

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from migrate.match import Matcher
    from migrate.model import Span
    from migrate.parse.directives import Directives
    from migrate.rewrite.guard import Guards

_API_NAME = re.compile(
    rb"(?<![\w.:/\\-])(?:cu|CU|nccl|NCCL|nv)\w+(?![\w./-])|(?<![\w.:/\\-])(?:cu|CU)\w+(?=\.(?:\s|\Z))"
)

#: Macros of CUDA's compiler that editors and other compilers are given to read CUDA code.
_PRETENDED = frozenset({"__CUDACC__", "__CUDACC_RTC__"})


def messages(
    data: bytes, literals: Sequence[Span], directives: Directives, matcher: Matcher, guards: Guards
) -> Iterator[Edit]:
    """API names within the text of messages: `"cudaMalloc failed"`.

    A string that is an API's name and nothing else is looked up at run time and is reported instead; one that holds
    source code is left alone.
    """
    for start, end in literals:
        text = data[start:end]
        if b"__global__" in text or b".target" in text or guards.skip(directives.condition(start)):
            continue
        for found in _API_NAME.finditer(text):
            word = found[0]
            if len(word) == len(text) or word not in matcher.inventory.words or not matcher.inventory.is_strong(word):
                continue
            hit = matcher.lookup(word.decode())
            new = hit.rule.target if hit is not None and hit.rule.status in ("rename", "adapt") else ""
            if new.isidentifier() and hit is not None and hit.level != "inferred":
                yield Edit(start + found.start(), start + found.end(), new.encode())


def pretended(view: bytes, directives: Directives, matcher: Matcher, guards: Guards) -> Iterator[Edit]:
    """`#define __CUDACC__`: a file that pretends to be compiled by nvcc pretends so for the target's compiler."""
    for directive in directives.all:
        name = directive.name.decode("ascii", "replace")
        if (
            directive.word != "define"
            or name not in _PRETENDED
            or view[directive.body : directive.end].strip(b" \t\r;1")
        ):
            continue
        answer = matcher.answer(AnswerKey(name, "macro", "", ""))
        if answer.fix == "safe" and answer.replacement and not guards.skip(directives.condition(directive.start)):
            start = view.index(directive.name, directive.start + len("define"))
            yield Edit(start, start + len(directive.name), answer.replacement.encode())
