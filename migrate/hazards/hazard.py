"""What a hazard is: one value a module, looked up by its slug."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from migrate.hazards.code import Code
    from migrate.hazards.facts import Facts, Verdict
    from migrate.parse.uses import Found


def by_feature(detail: str, name: str, facts: Facts) -> Verdict | None:  # noqa: ARG001 - the signature of every judge
    """The judge of hazards that rest on statements of the manifest alone: feature = detail."""
    return facts.feature(detail)


class Hazard(NamedTuple):
    """One kind of code that compiles and then does something else, or stops working, on some target.

    `find` looks at a file once, whatever the targets; it reports places as uses whose owner is "slug/detail".
    `judge` says for one target whether such a place is a hazard there, and why; None when it is not.
    """

    slug: str
    id: str  # MIGnnn, a row of findings.tsv
    triggers: frozenset[bytes]  # words of which a file must hold one; empty: every file that uses CUDA
    find: Callable[[Code], Iterable[Found]]
    details: tuple[str, ...]  # every detail `find` can give
    judge: Callable[[str, str, Facts], Verdict | None] = by_feature
    kernel: bool = True  # about device code, of no concern where kernels are written anew
    category: str = "check"
