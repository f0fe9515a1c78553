"""The catalogue: both languages complete, the same placeholders, every id that code uses is there."""

import re
import string
from pathlib import Path

import pytest

import migrate
from migrate.messages import LANGUAGES, default_language, messages

PACKAGE = Path(migrate.__file__).parent


def rows():
    lines = (PACKAGE / "messages.tsv").read_text(encoding="utf-8").splitlines()
    return [line.split("\t") for line in lines]


def placeholders(text):
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


def test_table_is_well_formed():
    head, *body = rows()
    assert head == ["id", "en", "zh"]
    assert all(len(row) == 3 and all(row) for row in body)
    ids = [row[0] for row in body]
    assert ids == sorted(set(ids))


@pytest.mark.parametrize("row", rows()[1:], ids=lambda row: row[0])
def test_languages_have_the_same_placeholders(row):
    forms = [placeholders(form) for form in row[1].split(" | ")]
    assert forms[0] == forms[-1] == placeholders(row[2])


@pytest.mark.parametrize("row", rows()[1:], ids=lambda row: row[0])
def test_chinese_has_a_space_between_chinese_and_latin(row):
    text = row[2].replace("{n} ", "0 ")
    assert not re.search(r"[\u4e00-\u9fff][A-Za-z0-9{]|[A-Za-z0-9}][\u4e00-\u9fff]", text.replace("\\n", " "))


def test_no_full_width_digits():
    assert not re.search(r"[０-９％]", "".join(row[2] for row in rows()))


def test_every_id_in_code_is_in_the_table():
    known = {row[0] for row in rows()}
    called = re.compile(r"""(?:text|texts\(ctx\))(?:\.count)?\(\s*["']([a-z0-9.-]+)["']""")
    helped = re.compile(r'help="(help\.[a-z-]+)"')
    named = re.compile(r'"(reason\.[a-z]+)"')
    for path in [*PACKAGE.glob("cli/*.py"), *PACKAGE.glob("report/*.py")]:
        source = path.read_text(encoding="utf-8")
        for pattern in (called, helped, named):
            for identifier in pattern.findall(source):
                assert identifier in known or identifier.endswith((".", "-")), (path.name, identifier)


def test_every_id_in_the_table_is_used():
    source = "".join(
        path.read_text(encoding="utf-8")
        for path in [
            *PACKAGE.glob("cli/*.py"),
            *PACKAGE.glob("report/*.py"),
            *PACKAGE.glob("rewrite/*.py"),
            *PACKAGE.glob("report/html/*.*"),
        ]
    )
    made = re.compile(
        r"(class|config|suppress|level|status|fix|state|kind|target-kind|files|help|reason)[.]|"
        r"page[.](class|assume|lower|sub|wave|coverage|sure|unread|fix|no-cuda-try|sign|older|level)-|page[.]manager$|"
        r"shim[.](?:(?:section|way|short)-|(?:renamed|adapted|stopped|unsaid)$)|prove[.]ptx-"
    )
    unused = [
        row[0]
        for row in rows()[1:]
        if f'"{row[0]}"' not in source and f"'{row[0]}'" not in source and not made.match(row[0])
    ]
    assert unused == []


def test_counting_forms():
    english, chinese = messages("en"), messages("zh")
    assert english.count("places", 1) == "1 place"
    assert english.count("places", 0) == "0 places"
    assert english.count("places", 1204) == "1,204 places"
    assert chinese.count("places", 1) == "1 处"


@pytest.mark.parametrize(
    ("environment", "language"),
    [
        ({}, "en"),
        ({"LANG": "zh_CN.UTF-8"}, "zh"),
        ({"LANG": "zh_CN.UTF-8", "LC_ALL": "C"}, "en"),
        ({"LANG": "en_US.UTF-8", "LC_MESSAGES": "zh_TW"}, "zh"),
        ({"MIGRATE_LANG": "en", "LANG": "zh_CN"}, "en"),
        ({"MIGRATE_LANG": "zh"}, "zh"),
        ({"MIGRATE_LANG": "fr", "LANG": "zh_CN"}, "zh"),
    ],
)
def test_default_language(monkeypatch, environment, language):
    for name in ("MIGRATE_LANG", "LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert default_language() == language


def test_languages_are_the_columns():
    assert tuple(rows()[0][1:]) == LANGUAGES
