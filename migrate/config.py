"""Settings of a run: command line, then environment, then `[tool.migrate]` of pyproject.toml or `migrate.toml`.

In a file the keys are spelled with dashes, as options are; path patterns and folders in it are relative to its folder.
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, NamedTuple

from migrate.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

#: Never looked into, whoever lists the files: what version control, editors and package managers keep for themselves.
DEFAULT_EXCLUDE = (
    ".bzr",
    ".direnv",
    ".eggs",
    ".git",
    ".hg",
    ".ipynb_checkpoints",
    ".mypy_cache",
    ".nox",
    ".pytest_cache",
    ".ruff_cache",
    ".svn",
    ".tox",
    ".venv",
    ".vs",
    ".vscode",
    "__pycache__",
    "node_modules",
    "site-packages",
    "venv",
)

LANGUAGES = ("en", "zh")


class Settings(NamedTuple):
    """What a run was asked to do; every field has the value that holds when nobody says anything."""

    paths: tuple[str, ...] = (".",)
    targets: tuple[str, ...] = ()  # as asked for: "musa:mp_22", "all"
    exclude: tuple[str, ...] = DEFAULT_EXCLUDE
    extend_exclude: tuple[str, ...] = ()
    include: tuple[str, ...] = ()
    respect_gitignore: bool = True
    force_exclude: bool = False
    stdin_filename: str = ""
    max_file_size: int | None = None  # bytes, 0 for no limit, None for the limit source.py sets
    lang: str = ""  # en, zh; "" leaves it to the locale
    rules: tuple[str, ...] = ()  # folders with the user's own rule tables, searched first
    select: tuple[str, ...] = ()  # finding ids or their beginnings
    ignore: tuple[str, ...] = ()
    jobs: int | None = None  # processes, 0 or None for one a core
    executor: str = ""  # "dask=ADDRESS" for an existing cluster
    cache: bool = True  # keep results in the user's cache folder
    fail_on: tuple[str, ...] = ()  # classes for which `check` fails; empty for every class but auto
    require_reason: bool = False  # a suppression comment without a reason is a finding
    per_path_ignores: tuple[tuple[str, tuple[str, ...]], ...] = ()  # pattern, finding ids or their beginnings
    baseline: str = ""  # file of known findings; "" for .migrate-baseline.tsv in the project's folder
    root: str = ""  # folder of the configuration file, "" without one


#: What a configuration file may say: key → (field of Settings, kind of value).
KEYS = {
    "target": ("targets", "texts"),
    "exclude": ("exclude", "patterns"),
    "extend-exclude": ("extend_exclude", "patterns"),
    "include": ("include", "patterns"),
    "respect-gitignore": ("respect_gitignore", "flag"),
    "force-exclude": ("force_exclude", "flag"),
    "max-file-size": ("max_file_size", "number"),
    "lang": ("lang", "text"),
    "rules": ("rules", "folders"),
    "select": ("select", "texts"),
    "ignore": ("ignore", "texts"),
    "jobs": ("jobs", "number"),
    "executor": ("executor", "text"),
    "cache": ("cache", "flag"),
    "fail-on": ("fail_on", "texts"),
    "require-reason": ("require_reason", "flag"),
    "per-path-ignores": ("per_path_ignores", "ignores"),
    "baseline": ("baseline", "file"),
}

_EXPECTED = {
    "texts": "a text or a list of texts",
    "patterns": "a list of patterns",
    "folders": "a list of folders",
    "flag": "true or false",
    "number": "a whole number of bytes, 0 or more",
    "text": "a text",
    "ignores": "a table of pattern = [finding ids]",
    "file": "the name of a file",
}


def load_config(start: Path) -> dict[str, object]:
    """Values from the nearest configuration file at or above *start*, by field name of `Settings`; {} without one.

    Raises:
        UserError: as `find_config`.
    """
    found = find_config(start)
    return found[1] if found else {}


def find_config(start: Path) -> tuple[Path, dict[str, object]] | None:
    """The nearest configuration file at or above *start* with its values by field name of `Settings`; None without one.

    The search ends at the folder that holds `.git`. In one folder `migrate.toml` goes before pyproject.toml, and a
    pyproject.toml without `[tool.migrate]` does not end the search.

    Raises:
        UserError: The file cannot be read, is no TOML, or has an unknown key or a value of the wrong kind.
    """
    folder = start.resolve()
    if not folder.is_dir():
        folder = folder.parent
    for level in (folder, *folder.parents):
        for name in ("migrate.toml", "pyproject.toml"):
            table = _read_table(level / name)
            if table is not None:
                return level / name, _checked(table, level / name)
        if (level / ".git").exists():
            break
    return None


def settings(
    options: Mapping[str, object], start: Path, environment: Mapping[str, str] | None = None, *, isolated: bool = False
) -> Settings:
    """Merge what the command line, the environment and the configuration file say, in this order of weight.

    Args:
        options: By field name of `Settings`; None means the option was not given.
        start: Folder from which a configuration file is looked for.
        environment: Holds MIGRATE_TARGET and MIGRATE_LANG; the process's own when left out.
        isolated: Leave configuration files aside.

    Raises:
        UserError: The configuration is wrong, or a language is not one of `LANGUAGES`.
    """
    environment = os.environ if environment is None else environment
    found = None if isolated else find_config(start)
    values: dict[str, object] = {}
    if found is not None:
        values = {**found[1], "root": str(found[0].parent)}
    if asked := environment.get("MIGRATE_TARGET"):
        values["targets"] = split_list(asked)
    if lang := environment.get("MIGRATE_LANG"):
        values["lang"] = _language(lang, "MIGRATE_LANG")
    known = frozenset(Settings._fields)
    for name, value in options.items():
        if name not in known:
            raise TypeError(f"Settings has no field {name!r}")
        if value is not None:
            values[name] = tuple(value) if isinstance(value, list) else value
    return Settings(**values)  # type: ignore[arg-type]  # kinds are checked where each value comes from


def split_list(text: str) -> tuple[str, ...]:
    """Items of a comma-separated list, blanks around them dropped."""
    return tuple(item for part in text.split(",") if (item := part.strip()))


def _read_table(path: Path) -> dict[str, object] | None:
    """The file's table for us, None when the file does not exist or has none."""
    whole = path.name == "migrate.toml"
    try:
        data = path.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        if not whole:  # somebody else's file that we may not even read says nothing to us
            return None
        raise UserError(f"{path}: cannot be read: {error.strerror}") from error
    if not whole and b"migrate" not in data:  # spares the import of a TOML reader, 10 ms
        return None
    parsed = _parse_toml(data, path)
    if whole:
        return parsed
    tool = parsed.get("tool")
    table = tool.get("migrate") if isinstance(tool, dict) else None
    if table is not None and not isinstance(table, dict):
        raise UserError(f"{path}: tool.migrate must be a table: [tool.migrate]")
    return table


def _parse_toml(data: bytes, path: Path) -> dict[str, object]:
    if sys.version_info >= (3, 11):
        import tomllib
    else:
        try:
            import tomli as tomllib
        except ImportError:
            raise UserError(f"{path}: reading it on Python 3.10 needs the package tomli: pip install tomli") from None
    try:
        return dict(tomllib.loads(data.decode("utf-8-sig")))
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise UserError(f"{path}:{line}: not UTF-8; save the file as UTF-8") from error
    except tomllib.TOMLDecodeError as error:
        raise UserError(f"{path}: not valid TOML: {error}") from error


def _checked(table: dict[str, object], path: Path) -> dict[str, object]:
    values: dict[str, object] = {}
    for key, value in table.items():
        if key not in KEYS:
            raise UserError(f"{path}: unknown key {key!r}{_nearest(key)}")
        field, kind = KEYS[key]
        values[field] = _value(value, kind, key, path)
    if "lang" in values:
        values["lang"] = _language(str(values["lang"]), f"{path}: lang")
    return values


def _value(value: object, kind: str, key: str, path: Path) -> object:
    """Check one value and bring it into the form of its field."""
    wrong = UserError(f"{path}: {key} must be {_EXPECTED[kind]}, not {value!r}")
    if kind == "flag":
        if not isinstance(value, bool):
            raise wrong
        return value
    if kind == "number":
        if not isinstance(value, int) or isinstance(value, bool) or value < 0:
            raise wrong
        return value
    if kind == "text":
        if not isinstance(value, str):
            raise wrong
        return value
    if kind == "file":
        if not isinstance(value, str) or not value:
            raise wrong
        return str(path.parent / value)
    if kind == "ignores":
        if not isinstance(value, dict):
            raise wrong
        return tuple(
            (_anchored(pattern, path.parent), _items(ids, f"{key}.{pattern}", path)) for pattern, ids in value.items()
        )
    if kind == "texts" and isinstance(value, str):
        return split_list(value)
    if not isinstance(value, list):
        raise wrong
    items: list[str] = []
    for item in value:
        if not isinstance(item, str):
            raise wrong
        items.append(item)
    if kind == "patterns":
        return tuple(_anchored(item, path.parent) for item in items)
    if kind == "folders":
        return tuple(str(path.parent / item) for item in items)
    return tuple(items)


def _items(value: object, key: str, path: Path) -> tuple[str, ...]:
    """The texts of a list, or of one text."""
    items = _value(value, "texts", key, path)
    assert isinstance(items, tuple)
    return items


def _anchored(pattern: str, folder: Path) -> str:
    """Tie a pattern with a slash to the configuration file's folder; a bare name holds everywhere."""
    if "/" not in pattern.rstrip("/") or os.path.isabs(pattern):  # noqa: PTH117 - a pattern, not a path
        return pattern
    escaped = "".join(f"[{letter}]" if letter in "*?[{" else letter for letter in folder.as_posix())
    return f"{escaped.rstrip('/')}/{pattern.removeprefix('./')}"


def _language(text: str, where: str) -> str:
    """`en` or `zh`, from `zh_CN.UTF-8` and the like too."""
    language = text.strip().lower().replace("-", "_").split("_")[0].split(".")[0]
    if language not in LANGUAGES:
        raise UserError(f"{where}: language {text!r} is not one of {', '.join(LANGUAGES)}")
    return language


def _nearest(key: str) -> str:
    from difflib import get_close_matches

    near = get_close_matches(key.replace("_", "-"), KEYS, n=1)
    return f"; did you mean {near[0]!r}?" if near else f"; known keys: {', '.join(KEYS)}"
