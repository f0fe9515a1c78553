"""The reference of the configuration, written from `config.KEYS`: a page in each language and a JSON schema.

python -m migrate.report.configuration_page docs/reference
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from migrate.config import KEYS, LANGUAGES, Settings
from migrate.messages import messages
from migrate.model import CLASSES

#: Kind of value → its name in either language, an example, and its JSON schema.
_TEXTS = {"type": "array", "items": {"type": "string"}}
_KINDS: dict[str, tuple[str, str, dict[str, Any]]] = {
    "texts": ("text or list of texts", "文本或文本列表", {"anyOf": [{"type": "string"}, _TEXTS]}),
    "patterns": ("list of patterns", "模式列表", _TEXTS),
    "folders": ("list of folders", "文件夹列表", _TEXTS),
    "flag": ("`true` or `false`", "`true` 或 `false`", {"type": "boolean"}),
    "number": ("whole number, 0 or more", "不小于 0 的整数", {"type": "integer", "minimum": 0}),
    "text": ("text", "文本", {"type": "string"}),
    "file": ("name of a file", "文件名", {"type": "string", "minLength": 1}),
    "ignores": (
        "table: pattern = finding ids",
        "表：模式 = 发现项编号",
        {"type": "object", "additionalProperties": {"anyOf": [{"type": "string"}, _TEXTS]}},
    ),
}

_EXAMPLES = {
    "target": '"musa"',
    "exclude": '[".git", "build"]',
    "extend-exclude": '["third_party/cutlass"]',
    "include": '["*.cuda"]',
    "respect-gitignore": "true",
    "force-exclude": "true",
    "max-file-size": "16777216",
    "lang": '"zh"',
    "rules": '["migration/rules"]',
    "select": '["MIG3", "MIG5"]',
    "ignore": '["MIG701"]',
    "jobs": "4",
    "executor": '"dask=tcp://host:8786"',
    "cache": "true",
    "fail-on": '["unsupported", "rewrite"]',
    "require-reason": "true",
    "per-path-ignores": '{ "tests/**" = ["MIG901"] }',
    "baseline": '"ci/known.tsv"',
}

_HEAD = {
    "en": """\
# Configuration

This page is generated from `migrate/config.py`: `python -m migrate.report.configuration_page docs/reference`.

Settings stand in `[tool.migrate]` of `pyproject.toml`, or without that heading in `migrate.toml`. The file is looked
for from the working folder upwards, up to the folder that holds `.git`; in one folder `migrate.toml` goes first. The
command line goes before `MIGRATE_TARGET` and `MIGRATE_LANG`, those before the file. `--isolated` takes no notice of
files.

Patterns and folders with a slash are relative to the file's folder; a pattern without one holds for a name anywhere.
`*` and `?` stay within a name, `**` goes across folders, `[a-z]` and `{a,b}` choose. An unknown key is an error that
names the nearest known one. Editors find the keys in [`config.schema.json`](config.schema.json).

```toml
[tool.migrate]
target = "musa"
fail-on = ["unsupported", "rewrite"]

[tool.migrate.per-path-ignores]
"third_party/**" = ["MIG3", "MIG5"]
```

| key | value | example | default | meaning |
|---|---|---|---|---|
""",
    "zh": """\
# 配置

本页由 `migrate/config.py` 生成：`python -m migrate.report.configuration_page docs/reference`。

设置写在 `pyproject.toml` 的 `[tool.migrate]` 中，或不带该标题写在 `migrate.toml` 中。
从当前文件夹向上查找，直到含有 `.git` 的文件夹；同一文件夹中 `migrate.toml` 优先。
命令行优先于 `MIGRATE_TARGET` 和 `MIGRATE_LANG`，后两者优先于文件。`--isolated` 不理会任何文件。

带斜杠的模式和文件夹相对于配置文件所在的文件夹；不带斜杠的模式匹配任意位置的名称。
`*` 和 `?` 不跨文件夹，`**` 跨文件夹，`[a-z]` 和 `{a,b}` 表示选择。
未知的键是错误，并会给出最相近的已知键。编辑器可从 [`config.schema.json`](config.schema.json) 得知各键。

```toml
[tool.migrate]
target = "musa"
fail-on = ["unsupported", "rewrite"]

[tool.migrate.per-path-ignores]
"third_party/**" = ["MIG3", "MIG5"]
```

| 键 | 值 | 例 | 默认 | 含义 |
|---|---|---|---|---|
""",
}


def page(lang: str) -> str:
    """The page in *lang*."""
    text = messages(lang)
    rows = []
    for key, (field, kind) in KEYS.items():
        english, chinese, _ = _KINDS[kind]
        cells = (
            f"`{key}`",
            chinese if lang == "zh" else english,
            f"`{_EXAMPLES[key]}`",
            _default(field),
            text(f"config.{key}"),
        )
        rows.append("| " + " | ".join(cells) + " |\n")
    return _HEAD[lang] + "".join(rows)


def _default(field: str) -> str:
    """The value that holds when nobody says anything, "" where the meaning says it."""
    value = Settings._field_defaults[field]
    return f"`{str(value).lower()}`" if isinstance(value, bool) else ""


def schema() -> dict[str, Any]:
    """JSON schema of a configuration file, for editors and for tests."""
    text = messages("en")
    properties = {key: {"description": text(f"config.{key}"), **_KINDS[kind][2]} for key, (_, kind) in KEYS.items()}
    properties["lang"]["pattern"] = "^(" + "|".join(LANGUAGES) + ")"
    one = {"enum": list(CLASSES)}
    properties["fail-on"]["anyOf"] = [{"type": "string"}, {"type": "array", "items": one}]
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "migrate.toml, and [tool.migrate] of pyproject.toml",
        "type": "object",
        "additionalProperties": False,
        "properties": properties,
    }


def write(folder: Path) -> None:
    """Writes pages and schema into *folder*."""
    for lang, name in (("en", "configuration.md"), ("zh", "configuration.zh.md")):
        (folder / name).write_text(page(lang), encoding="utf-8", newline="\n")
    text = json.dumps(schema(), ensure_ascii=False, indent=1) + "\n"
    (folder / "config.schema.json").write_text(text, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    write(Path(sys.argv[1]))
