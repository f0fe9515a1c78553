r"""The words people read, in both languages, from one table that is read at run time.

`messages.tsv` has the columns `id`, `en`, `zh`. A text may carry `{name}` placeholders, the same ones in both
languages. A text that counts something may have two forms joined by ` | `, the first for exactly one; Chinese needs one
form only. In a text `\n` is a line break. Reading the table takes about one millisecond.
"""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path

#: Languages the tool speaks, in the order of the table's columns.
LANGUAGES = ("en", "zh")


class Messages:
    """The texts of one language."""

    def __init__(self, language: str, texts: dict[str, str]) -> None:
        """Texts of *language* by id; see `messages` for how to get one."""
        self.language = language
        self._texts = texts

    def __contains__(self, identifier: object) -> bool:
        return identifier in self._texts

    def __call__(self, identifier: str, **values: object) -> str:
        """The text *identifier* with its placeholders filled; an unknown id is a KeyError: tests know them all."""
        text = self._texts[identifier]
        return text.format(**values) if values else text

    def count(self, identifier: str, n: int, **values: object) -> str:
        """The text *identifier* for *n* things: `{n}` gets thousands separators, the form fits the number."""
        one, several, *_ = *self._texts[identifier].split(" | "), ""
        return (one if n == 1 or not several else several).format(n=f"{n:,}", **values)


@cache
def messages(language: str) -> Messages:
    """The texts of *language*, one of LANGUAGES."""
    column = 1 + LANGUAGES.index(language)
    texts: dict[str, str] = {}
    with Path(__file__).with_name("messages.tsv").open(encoding="utf-8", newline="\n") as table:
        next(table)
        for line in table:
            fields = line.rstrip("\n").split("\t")
            texts[fields[0]] = fields[column].replace("\\n", "\n")
    return Messages(language, texts)


def default_language() -> str:
    """The language the environment asks for: MIGRATE_LANG, else the locale of messages, else English.

    As POSIX orders them, LC_ALL hides LC_MESSAGES, which hides LANG; a Chinese locale starts with `zh`.
    """
    asked = os.environ.get("MIGRATE_LANG", "")
    if asked in LANGUAGES:
        return asked
    for variable in ("LC_ALL", "LC_MESSAGES", "LANG"):
        value = os.environ.get(variable, "")
        if value:
            return "zh" if value.lower().startswith("zh") else "en"
    return "en"
