"""The kinds of finding: what each MIGnnn id means, in both languages.

An id names a reason and is stable for ever. The facts stand once, in `findings.tsv` beside this module: columns
`id class fix en zh targets`, tab separated, one header line, sorted by id. The pages in `docs/findings/` explain them.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import NamedTuple


class FindingKind(NamedTuple):
    """One reason for a finding, with its short titles."""

    id: str  # MIGnnn
    category: str  # one of model.CLASSES; "class" in tables and JSON
    fix: str  # safe, unsafe, display, or "" for none, as in model.Answer
    en: str  # short title, no capital, no full stop
    zh: str
    targets: str  # "all", or "mostly-foreign" where other kinds of target meet it seldom

    def title(self, lang: str) -> str:
        """The short title in *lang*, "en" or "zh"."""
        return self.zh if lang == "zh" else self.en


@lru_cache(maxsize=1)
def load() -> dict[str, FindingKind]:
    """Every kind of finding by its id, in the order of the ids."""
    text = Path(__file__).with_name("findings.tsv").read_text(encoding="utf-8")
    kinds: dict[str, FindingKind] = {}
    for line in text.splitlines()[1:]:
        ident, category, fix, en, zh, targets = line.split("\t")
        kinds[ident] = FindingKind(ident, category, "" if fix == "none" else fix, en, zh, targets)
    return kinds


def titles(lang: str) -> dict[str, str]:
    """The short title of every id in *lang*, "en" or "zh"."""
    return {kind.id: kind.title(lang) for kind in load().values()}
