"""The documentation: complete in both languages, current where it is generated, its links and ids real."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from migrate.findings import load, titles
from migrate.model import CLASSES
from migrate.report.finding_pages import HEADINGS, frame, index_page, page_name, with_frame

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"
FINDINGS = DOCS / "findings"
TOP = [ROOT / name for name in ("README.md", "README.zh-CN.md", "CONTRIBUTING.md")]
PAGES = sorted(DOCS.rglob("*.md")) + TOP

MAIN_JOB = "python3 -m venv .venv && .venv/bin/pip install -q -e . && .venv/bin/migrate scan samples --target musa\n"
ALL_TESTS = "python3 -m venv .venv && .venv/bin/pip install -q -e '.[test]' && .venv/bin/python -m pytest -q -n auto\n"

#: Folders whose pages people write in two languages; reference pages may be generated in one.
TWINNED = ("findings", "tutorial", "how-to", "explanation")


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def text_of(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def prose(path: Path) -> str:
    """The text of a page without its code blocks."""
    return re.sub(r"^```.*?^```", "", text_of(path), flags=re.MULTILINE | re.DOTALL)


def test_finding_ids_are_sorted_and_complete():
    kinds = load()
    assert list(kinds) == sorted(kinds)
    for kind in kinds.values():
        assert re.fullmatch(r"MIG[1-9]\d\d", kind.id)
        assert kind.category in CLASSES
        assert kind.fix in {"", "safe", "unsafe", "display"}
        assert kind.en
        assert kind.en[-1] != "."
        assert re.search(r"[\u4e00-\u9fff]", kind.zh)
    assert titles("zh")["MIG101"] != titles("en")["MIG101"]


@pytest.mark.parametrize("lang", HEADINGS)
@pytest.mark.parametrize("ident", load())
def test_finding_page(ident: str, lang: str):
    kind = load()[ident]
    text = text_of(FINDINGS / page_name(ident, lang))
    assert text == with_frame(text, kind, lang), "run: python -m migrate.report.finding_pages docs/findings"
    assert text.startswith(frame(kind, lang))
    assert re.findall(r"^## (.+)$", text, re.MULTILINE) == list(HEADINGS[lang])
    sections = re.split(r"^## .+$", text, flags=re.MULTILINE)[1:]
    assert all(section.strip() for section in sections)


@pytest.mark.parametrize("lang", HEADINGS)
def test_index_is_current(lang: str):
    text = text_of(FINDINGS / page_name("index", lang))
    assert text == index_page(load().values(), lang), "run: python -m migrate.report.finding_pages docs/findings"


def test_no_page_without_an_id():
    expected = {page_name(ident, lang) for ident in ("index", *load()) for lang in HEADINGS}
    assert {path.name for path in FINDINGS.iterdir()} == expected


def test_every_page_has_its_twin():
    pages = {path for folder in TWINNED for path in (DOCS / folder).rglob("*.md")} | set(DOCS.glob("*.md"))
    for page in pages:
        other = page.name.removesuffix(".zh.md") + ".md" if page.name.endswith(".zh.md") else page.stem + ".zh.md"
        assert page.with_name(other) in pages, f"{name_of(page)} has no twin {other}"


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_links_resolve(page: Path):
    for link in re.findall(r"\]\(([^)\s]+)\)", prose(page)):
        if re.match(r"[a-z]+:", link):
            continue
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        assert target.is_file(), f"{link} leads nowhere"
        assert not anchor or anchor in anchors(target), f"{link}: no such heading"


def anchors(page: Path) -> set[str]:
    """Anchors of a page's headings, as GitHub makes them."""
    heads = re.findall(r"^#+ (.+)$", prose(page), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in heads}


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_ids_in_text_exist(page: Path):
    assert set(re.findall(r"\bMIG\d{3}\b", text_of(page))) <= set(load())


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_chinese_pages_link_to_chinese_pages(page: Path):
    if not page.name.endswith((".zh.md", ".zh-CN.md")):
        return
    for text, link in re.findall(r"\[([^\]]*)\]\(([^)\s]+)\)", prose(page)):
        if re.match(r"[a-z]+:", link) or text == "English":  # the switch to the twin itself
            continue
        twin = (page.parent / link).with_suffix(".zh.md")
        assert link.endswith(".zh.md") or not twin.is_file(), f"{link} has a Chinese twin"


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_chinese_and_latin_are_kept_apart(page: Path):
    if not page.name.endswith((".zh.md", ".zh-CN.md")):
        return
    text = re.sub(r"`[^`\n]*`", "`", prose(page))
    joined = re.findall(r"[\u4e00-\u9fff][A-Za-z0-9`]|[A-Za-z0-9`][\u4e00-\u9fff]", text)
    assert not joined, joined


@pytest.mark.parametrize(("page", "lang"), [(TOP[0], "en"), (TOP[1], "zh")], ids=["en", "zh"])
def test_readme_lists_every_target(page: Path, lang: str):
    rows = re.findall(r"^\| `(\w+)` \| ([^|]+) \| ([^|]+) \|", text_of(page), re.MULTILINE)
    manifests = {}
    for path in (ROOT / "rules").glob("*/target.toml"):
        manifest = text_of(path)
        stack = re.search(r'^stack = "([^"]+)"', manifest, re.MULTILINE)
        vendor = re.search(rf'^\[vendor\]\n(?:\w+ = .*\n)*?{lang} = "([^"]+)"', manifest, re.MULTILINE)
        assert stack, path
        assert vendor, path
        manifests[path.parent.name] = (stack[1], vendor[1])
    assert {name: (stack, vendor) for name, stack, vendor in rows} == manifests


@pytest.mark.parametrize("page", [TOP[0], TOP[1]], ids=name_of)
def test_readme_starts_with_the_two_commands(page: Path):
    blocks = re.findall(r"^```(?:sh|bash|console|shell)\n(.*?)^```", text_of(page), re.MULTILINE | re.DOTALL)
    assert blocks[:2] == [MAIN_JOB, ALL_TESTS]
    assert text_of(page).count("<!-- output:begin -->") == text_of(page).count("<!-- output:end -->") == 1
