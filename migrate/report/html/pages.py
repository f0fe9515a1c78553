"""What the pages of findings say: meaning, an example before and after, what to do; read from docs/findings."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import NamedTuple

from migrate.report.finding_pages import HEADINGS, page_name

_FENCE = re.compile(r"^```\w*\n(.*?)^```", re.MULTILINE | re.DOTALL)


class Page(NamedTuple):
    """One page in one language."""

    meaning: str
    before: str
    after: str
    todo: str


@cache
def page(identifier: str, language: str) -> Page:
    """The page of *identifier*; empty texts where there is none."""
    package = Path(__file__).resolve().parent.parent.parent
    for folder in (package / "_findings", package.parent / "docs" / "findings"):
        path = folder / page_name(identifier, language)
        if path.is_file():
            return _parsed(path.read_text(encoding="utf-8"), language)
    return Page("", "", "", "")


def _parsed(text: str, language: str) -> Page:
    meaning, example, todo = HEADINGS[language][:3]
    parts = re.split(r"^## (.+)$", text, flags=re.MULTILINE)
    sections = dict(zip(parts[1::2], parts[2::2], strict=False))
    code = [block.rstrip() for block in _FENCE.findall(sections.get(example, ""))]
    before, after, *_ = *code, "", ""
    return Page(_plain(sections.get(meaning, ""), language), before, after, _plain(sections.get(todo, ""), language))


def _plain(text: str, language: str) -> str:
    """*text* without code blocks, tables and marks of Markdown, as one paragraph."""
    text = _FENCE.sub("", text)
    lines = [line.strip() for line in text.split("\n") if not line.lstrip().startswith("|")]
    joined = "".join(_joined(lines, language)).strip()
    joined = re.sub(r"\[([^\]]+)\]\([^)]*\)", r"\1", joined)
    return joined.replace("`", "").replace("**", "")


def _joined(lines: list[str], language: str) -> list[str]:
    """*lines* with a blank between them unless Chinese stands on both sides."""
    found: list[str] = []
    for line in lines:
        if found and line:
            wide = language == "zh" and found[-1][-1:] > "\u2e7f" and line[:1] > "\u2e7f"
            found.append("" if wide else " ")
        if line:
            found.append(line.removeprefix("- "))
    return found
