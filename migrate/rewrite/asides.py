"""Names of CUDA's that are no uses of it: where a file pretends to be compiled by nvcc."""

from __future__ import annotations

from typing import TYPE_CHECKING

from migrate.model import AnswerKey, Edit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from migrate.match import Matcher
    from migrate.parse.directives import Directives
    from migrate.rewrite.guard import Guards

#: Macros of CUDA's compiler that editors and other compilers are given to read CUDA code.
_PRETENDED = frozenset({"__CUDACC__", "__CUDACC_RTC__"})


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
