"""Sentences made far from any language (why a file was not read, what is wrong with an option), said in Chinese too.

The analysis gives them as stable English text, so that scans compare and JSON stays one language; outputs translate
them by the patterns of `phrases.tsv` (columns `en`, `zh`; `{0}`, `{1}` stand for what varies). What fits none stays.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

_PLACE = re.compile(r"\\\{(\d)\\\}")


@cache
def patterns() -> tuple[tuple[re.Pattern[str], str], ...]:
    """The patterns with their Chinese, in the order of the table: the first that fits counts."""
    lines = Path(__file__).with_name("phrases.tsv").read_text(encoding="utf-8").split("\n")[1:]
    pairs = (line.split("\t") for line in lines if line)
    return tuple((re.compile(_PLACE.sub(r"(?P<v\1>.+)", re.escape(en))), zh) for en, zh in pairs)


def said(text: str, language: str) -> str:
    """*text* in *language* ("en" or "zh")."""
    if language != "zh" or not text:
        return text
    for pattern, template in patterns():
        chinese = template
        match = pattern.fullmatch(text)
        if match is not None:
            for name, value in match.groupdict().items():
                chinese = chinese.replace("{" + name[1:] + "}", said(value, language))
            return chinese
    return text
