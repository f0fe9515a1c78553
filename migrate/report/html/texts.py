"""Messages in both languages as markup, and those that the script fills in itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from markupsafe import Markup, escape

from migrate.messages import LANGUAGES, messages
from migrate.model import CLASSES

if TYPE_CHECKING:
    from collections.abc import Sequence

#: `lang` of the elements that hold each language.
CODES = {"en": "en", "zh": "zh-CN"}

#: Messages that the script fills in itself.
_SCRIPT_WORDS = (
    "page.all-folders", "page.all-libraries", "page.all-rules", "page.changed", "page.changed-none", "page.clear",
    "page.copied", "page.copy-link", "page.filter-hides", "page.files-more", "page.in-view", "page.none-here",
    "page.rule-hidden", "page.show-all", "page.places-in", "page.places-n", "page.no-snippet", "page.search",
    "page.library", "page.folders", "page.rule", "page.finding", "page.target", "page.lines-more", "page.factor-one",
    "page.kernels-with", "page.assume-tuning-low", "page.coverage-more", "page.copy-request", "page.no-automatic",
    "page.sorted", "library.none",
    *(f"page.class-{name}" for name in CLASSES),
)  # fmt: skip


def pair(texts: Sequence[object]) -> Markup:
    """A text in both languages, the English one first; equal texts stand once."""
    en, zh = texts
    if en == zh:
        return escape(en)
    return Markup('<span lang="en">{}</span><span lang="zh-CN">{}</span>').format(en, zh)


def translated(identifier: str, n: int | None = None, **values: object) -> Markup:
    """The message *identifier* in both languages, values escaped unless they are markup."""
    found = []
    for language in LANGUAGES:
        one, several, *_ = *str(messages(language)(identifier)).split(" | "), ""
        form = one if n == 1 or not several else several
        filled = dict(values) if n is None else {"n": f"{n:,}", **values}
        found.append(escape(form).format(**filled) if filled else escape(form))
    return pair(found)


def script_words(language: str) -> dict[str, str]:
    """Messages for the script in one language."""
    text = messages(language)
    return {identifier: text(identifier) for identifier in _SCRIPT_WORDS}


def capital(text: str) -> str:
    """*text* as it begins a line."""
    return text[:1].upper() + text[1:]
