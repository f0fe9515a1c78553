"""A scan read back from its JSON: what `migrate scan --format json` wrote becomes a Scan again.

All that outputs need comes back. What the JSON does not hold stays empty: names that files declare themselves, remarks.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from migrate.errors import UserError
from migrate.model import (
    Answer,
    AnswerKey,
    CudaNote,
    FileResult,
    LaunchText,
    Note,
    RuleText,
    Scan,
    Shape,
    Span,
    Target,
    Use,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

#: The form this version reads.
SCHEMA_VERSION = 1

_HOW = "write it with: migrate scan PATH --target T --format json -o scan.json"


def load(path: str) -> Scan:
    """The scan in the file *path*.

    Raises:
        UserError: the file cannot be read, is no scan of a form this version knows, or holds a part of its findings.
    """
    import json

    try:
        data = Path(path).read_bytes()
    except OSError as error:
        raise UserError(f"{path}: cannot be read: {error.strerror}") from error
    try:
        value = json.loads(data)
    except (ValueError, RecursionError) as error:
        what = "a scan in JSON lines" if data[:20].startswith(b'{"record":') else "no JSON"
        raise UserError(f"{path}: {what}; {_HOW}") from error
    return from_data(value, path)


def from_data(value: Any, where: str) -> Scan:
    """The scan in *value*, parsed JSON; *where* names it in messages.

    Raises:
        UserError: as `load`.
    """
    if not isinstance(value, dict) or not isinstance(value.get("tool"), dict) or "findings" not in value:
        raise UserError(f"{where}: no scan of migrate; {_HOW}")
    version = value.get("schema_version")
    if version != SCHEMA_VERSION:
        raise UserError(f"{where}: its form is {version!r}, this version reads {SCHEMA_VERSION}; scan again")
    try:
        scan = _scan(value)
        missing = _missing(value)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise UserError(f"{where}: not a whole scan of migrate: {type(error).__name__} {error}; {_HOW}") from error
    if missing:
        raise UserError(
            f"{where}: {missing:,} of its findings were left out; scan again without --select, --ignore and --class"
        )
    return scan


def _missing(value: dict[str, Any]) -> int:
    """Findings that the totals count and the list lacks."""
    here = {target["key"]: 0 for target in value["targets"]}
    for finding in value["findings"]:
        for target in finding["answers"]:
            here[target] += 1
    return max((int(value["totals"][target]["uses"]) - number for target, number in here.items()), default=0)


def _scan(value: dict[str, Any]) -> Scan:
    targets = tuple(Target(**{**item, "facts": dict(item["facts"])}) for item in value["targets"])
    answers: dict[str, dict[AnswerKey, Answer]] = {target.key: {} for target in targets}
    uses: dict[str, list[Use]] = {}
    launches: dict[str, dict[int, LaunchText]] = {}
    shapes: dict[Shape, Shape] = {}
    for finding in value["findings"]:
        fresh = _shape(finding)
        shape = shapes.setdefault(fresh, fresh)
        if shape is fresh:
            key = AnswerKey(shape.name, shape.kind, shape.owner, shape.side)
            for target, item in finding["answers"].items():
                answers[target][key] = _answer(item)
        use = Use(finding["offset"], finding["length"], finding["line"], finding["column"], shape)
        uses.setdefault(finding["path"], []).append(use)
        if "launch" in finding:
            launches.setdefault(finding["path"], {})[use.start] = LaunchText(**finding["launch"])
    return Scan(
        tool=str(value["tool"]["version"]),
        tables=dict(value["tables"]),
        targets=targets,
        files=tuple(_file(item, uses, launches) for item in value["files"]),
        answers=answers,
        rules={target: {key: _rule(rule) for key, rule in rules.items()} for target, rules in value["rules"].items()},
        cuda={name: CudaNote(**note) for name, note in value["cuda"].items()},
        near={name.strip("<>"): tuple(item["near"]) for name, item in value["unknown"].items() if item["near"]},
    )


def _shape(finding: Mapping[str, Any]) -> Shape:
    side = finding["context"]
    return Shape(
        name=finding["name"],
        kind=finding["kind"],
        library=finding["library"],
        owner=finding.get("owner", ""),
        function=finding.get("function", ""),
        side="" if side == "unknown" else side,
        define=finding.get("define", ""),
        condition=finding.get("condition", ""),
        gap=finding.get("gap", False),
    )


def _answer(item: Mapping[str, Any]) -> Answer:
    return Answer(item["id"], item["class"], item["replacement"], item["rule"], item["fix"])


def _rule(item: Mapping[str, Any]) -> RuleText:
    notes = tuple(Note(note["en"], note["zh"]) for note in item["notes"])
    return RuleText(
        item["status"], item["level"], tuple(item["evidence"]), notes, item["when"], item["family"], item["carried"]
    )


def _file(
    item: Mapping[str, Any], uses: dict[str, list[Use]], launches: dict[str, dict[int, LaunchText]]
) -> FileResult:
    path = item["path"]
    return FileResult(
        path=path,
        state=item["state"],
        reason=item.get("reason", ""),
        language=item["language"],
        size=item["bytes"],
        lines=item["lines"],
        encoding=item["encoding"],
        digest=item["digest"],
        copy_of=item.get("copy_of", ""),
        uses=tuple(uses.get(path, ())),
        launches=launches.get(path, {}),
        gaps=tuple(Span(*gap) for gap in item.get("gaps", ())),
    )
