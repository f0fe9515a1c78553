"""Finding pages: the generated frame of each page and the index, in both languages.

A page is a generated frame (title, and a line with class, fix level and targets) followed by text a person wrote under
fixed headings. The frame comes from `migrate/findings.tsv`, so it cannot drift away from what the tool prints.
`python -m migrate.report.finding_pages docs/findings` writes frames and indexes anew and leaves the text alone.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from migrate.findings import FindingKind, load
from migrate.messages import messages

if TYPE_CHECKING:
    from collections.abc import Iterable

#: The headings of every page, in this order.
HEADINGS = {
    "en": ("What it means", "Example", "What to do", "Effort", "Source"),
    "zh": ("含义", "示例", "怎么做", "工作量", "依据"),
}

_FIXES = {
    "en": {"safe": "safe", "unsafe": "unsafe", "display": "display", "": "none"},
    "zh": {"safe": "安全", "unsafe": "不安全", "display": "仅显示", "": "无"},
}
_TARGETS = {
    "en": {"all": "all", "mostly-foreign": "mostly those of kind foreign"},
    "zh": {"all": "全部", "mostly-foreign": "主要是 foreign 类"},
}
_INDEX = {
    "en": (
        "# Findings",
        "One page for each reason for a finding. An id never changes its meaning.",
        "| id | title | class | fix | targets |",
    ),
    "zh": (
        "# 发现项",
        "每一种原因对应一页。编号的含义永不改变。",
        "| 编号 | 标题 | 类别 | 修复 | 适用目标 |",
    ),
}


def page_name(ident: str, lang: str) -> str:
    """The file name of a page; *ident* is a finding id or "index"."""
    return f"{ident}.zh.md" if lang == "zh" else f"{ident}.md"


def frame(kind: FindingKind, lang: str) -> str:
    """The generated head of the page of *kind*, up to the empty line before its first heading."""
    category = messages(lang)(f"class.{kind.category}")
    fix = _FIXES[lang][kind.fix]
    targets = _TARGETS[lang][kind.targets]
    if lang == "zh":
        facts = f"类别：{category}。修复：{fix}。适用目标：{targets}。"
    else:
        facts = f"Class: {category}. Fix: {fix}. Targets: {targets}."
    return f"# {kind.id} {kind.title(lang)}\n\n{facts}\n\n"


def with_frame(page: str, kind: FindingKind, lang: str) -> str:
    """The text of *page* under a current frame; everything before its first `## ` heading is replaced."""
    start = page.find("## ")
    return frame(kind, lang) + (page[start:] if start >= 0 else "")


def index_page(kinds: Iterable[FindingKind], lang: str) -> str:
    """The generated table of all pages."""
    words = messages(lang)
    title, sentence, header = _INDEX[lang]
    lines = [title, "", sentence, "", header, "| --- | --- | --- | --- | --- |"]
    lines += [
        f"| [{kind.id}]({page_name(kind.id, lang)}) | {kind.title(lang)} | {words(f'class.{kind.category}')} "
        f"| {_FIXES[lang][kind.fix]} | {_TARGETS[lang][kind.targets]} |"
        for kind in kinds
    ]
    return "\n".join(lines) + "\n"


def main(folder: Path) -> None:
    """Write the frames and the indexes in *folder* anew; the text below a frame stays as it is.

    Raises:
        FileNotFoundError: a finding has no page yet; its text must be written first.
    """
    kinds = load().values()
    for lang in HEADINGS:
        (folder / page_name("index", lang)).write_bytes(index_page(kinds, lang).encode())
        for kind in kinds:
            path = folder / page_name(kind.id, lang)
            path.write_bytes(with_frame(path.read_text(encoding="utf-8"), kind, lang).encode())


if __name__ == "__main__":
    main(Path(sys.argv[1]))
