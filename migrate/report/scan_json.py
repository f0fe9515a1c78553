"""The machine format: a scan as one JSON document, or as a record a line. Schema: docs/reference/scan.schema.json.

Written to the handle while it is made, file by file, always the same bytes for the same scan: sorted by path, then by
offset, no time stamps. The part of a finding that depends on its shape alone is serialised once a shape and reused;
measured, 400,000 findings a second on five targets.
"""

from __future__ import annotations

import json
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from migrate.model import answer_key
from migrate.report.summary import Selection, census, file_id, totals, unknown_names

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from typing import TextIO

    from migrate.model import Answer, AnswerKey, FileResult, RuleText, Scan, Shape, Use

#: Raised when a reader of the old form could misread the new one.
SCHEMA_VERSION = 1

_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
_encode_ascii = json.JSONEncoder(ensure_ascii=True, separators=(",", ":")).encode


def encode(value: object) -> str:
    """*value* as compact JSON, readable in Chinese; lone surrogates (file names that are no text) are escaped."""
    text = _encode(value)
    try:
        text.encode()
    except UnicodeEncodeError:
        return _encode_ascii(value)
    return text


_quote = lru_cache(maxsize=65536)(encode)


def write_json(scan: Scan, out: TextIO, selection: Selection | None = None) -> None:
    """Writes *scan* as one document to *out*; *selection* narrows `findings` only."""
    write = out.write
    write("{\n")
    for key, value in _head(scan).items():
        write(f'"{key}":{encode(value)},\n')
    write('"files":[')
    separator = "\n"
    for file in scan.files:
        write(separator + encode(_file(file)))
        separator = ",\n"
    write("\n],\n")
    write(f'"rules":{{{",".join(_rules(scan))}\n}},\n')
    write('"findings":[')
    separator = "\n"
    tail_of = _tails(scan, selection, _answers_by_rule)
    for file in scan.files:
        lines = _findings(file, tail_of)
        if lines:
            write(separator)
            write(",\n".join(lines))
            separator = ",\n"
    write("\n]\n}\n")


def write_jsonl(scan: Scan, out: TextIO, selection: Selection | None = None) -> None:
    """Writes *scan* as a record a line, `record` naming what it is: scan, file, finding; rules are written out."""
    head: dict[str, object] = {"record": "scan", **_head(scan)}
    out.write(encode(head) + "\n")
    tail_of = _tails(scan, selection, _answers_written_out)
    prefix = '{"record":"finding",'
    for file in scan.files:
        out.write(encode({"record": "file", **_file(file)}) + "\n")
        lines = _findings(file, tail_of, prefix)
        if lines:
            out.write("\n".join(lines))
            out.write("\n")


def _head(scan: Scan) -> dict[str, object]:
    """Everything that does not grow with the number of places, the keys in the order they are written."""
    counted = census(scan)
    unknown = {
        name: {"count": number, "targets": list(targets), "near": list(scan.near.get(name.strip("<>"), ()))}
        for name, (number, targets) in unknown_names(scan, counted).items()
    }
    return {
        "schema_version": SCHEMA_VERSION,
        "tool": {"name": "migrate", "version": scan.tool},
        "tables": dict(sorted(scan.tables.items())),
        "targets": [
            {
                "key": target.key,
                "name": target.name,
                "variant": target.variant,
                "sdk": target.sdk,
                "kind": target.kind,
                "title": target.title,
                "facts": dict(sorted(target.facts.items())),
            }
            for target in scan.targets
        ],
        "totals": {target.key: totals_data(scan, target.key, counted) for target in scan.targets},
        "unknown": unknown,
        "cuda": {name: dict(note._asdict()) for name, note in sorted(scan.cuda.items())},
    }


def totals_data(scan: Scan, target: str, counted: Any = None) -> dict[str, object]:
    """The totals of *target* as JSON values."""
    numbers = totals(scan, target, counted)
    return {
        "uses": numbers.uses,
        "classes": numbers.classes,
        "ids": numbers.ids,
        "libraries": numbers.libraries,
        "levels": numbers.levels,
        "fixes": numbers.fixes,
        "files": numbers.files,
    }


def _file(file: FileResult) -> dict[str, object]:
    data: dict[str, object] = {
        "path": file.path,
        "state": file.state,
        "language": file.language,
        "bytes": file.size,
        "lines": file.lines,
        "encoding": file.encoding,
        "digest": file.digest,
        "uses": len(file.uses),
    }
    optional = {"id": file_id(file), "reason": file.reason, "copy_of": file.copy_of}
    data |= {key: value for key, value in optional.items() if value}
    if file.gaps:
        data["gaps"] = [list(gap) for gap in file.gaps]
    return data


def _rules(scan: Scan) -> Iterator[str]:
    """One member a target, one line a rule."""
    for target in scan.targets:
        rules = sorted(scan.rules.get(target.key, {}).items())
        lines = ",".join(f"\n{encode(key)}:{encode(_rule(rule))}" for key, rule in rules)
        yield f"\n{encode(target.key)}:{{{lines}}}"


def _rule(rule: RuleText) -> dict[str, object]:
    return {
        "status": rule.status,
        "level": rule.level,
        "evidence": list(rule.evidence),
        "notes": [{"en": note.en, "zh": note.zh} for note in rule.notes],
        "when": rule.when,
        "family": rule.family,
        "carried": rule.carried,
    }


def _findings(file: FileResult, tail_of: Callable[[Shape], str], prefix: str = "{") -> list[str]:
    """The findings of *file* as JSON objects, in the order of their offsets."""
    if not file.uses:
        return []
    head = f'{prefix}"path":{encode(file.path)},"line":'
    tails: dict[int, str] = {}
    lines: list[str] = []
    launches = file.launches
    for start, length, line, column, shape in _by_offset(file.uses):
        # Shapes of one file are few and shared: identity spares hashing nine fields for every use.
        identity = id(shape)
        tail = tails.get(identity)
        if tail is None:
            tail = tails[identity] = tail_of(shape)
        if not tail:
            continue
        if start in launches and shape.kind == "launch":
            tail = f',"launch":{encode(launches[start]._asdict())}{tail}'
        lines.append(f'{head}{line},"column":{column},"offset":{start},"length":{length}{tail}')
    return lines


def _by_offset(uses: Iterable[Use]) -> list[Use]:
    """Scanners give uses in order; a sort of what is sorted costs one pass."""
    return sorted(uses, key=_start)


def _start(use: Use) -> int:
    return use.start


def _tails(
    scan: Scan, selection: Selection | None, answers_of: Callable[[Scan, str, Answer], str]
) -> Callable[[Shape], str]:
    """A function that gives the part of a finding that depends on its shape; "" for a finding not selected."""
    targets = [(target.key, scan.answers[target.key]) for target in scan.targets]
    written: dict[tuple[str, Answer], str] = {}
    made: dict[AnswerKey, str] = {}

    @lru_cache(maxsize=8192)  # neighbours share shapes, and those of a large project would fill memory
    def tail(shape: Shape) -> str:
        key = answer_key(shape)
        text = made.get(key)
        if text is None:
            text = made[key] = make(key)
        return f",{_shape(shape)},{text}" if text else ""

    def make(key: AnswerKey) -> str:
        parts: list[str] = []
        wanted = selection is None
        for target, answers in targets:
            answer = answers.get(key)
            if answer is None:
                continue
            wanted = wanted or (selection is not None and selection.wants(answer))
            text = written.get((target, answer))
            if text is None:
                text = written[target, answer] = f"{_quote(target)}:{answers_of(scan, target, answer)}"
            parts.append(text)
        return f'"answers":{{{",".join(parts)}}}}}' if wanted else ""

    return tail


def _shape(shape: Shape) -> str:
    """The members of a finding that its shape decides; those that may be empty are left out when they are."""
    parts = [
        f'"name":{_quote(shape.name)},"kind":"{shape.kind}","library":{_quote(shape.library)}',
        f'"context":"{shape.side or "unknown"}"',
    ]
    parts += [
        f'"{key}":{_quote(value)}'
        for key, value in (
            ("owner", shape.owner),
            ("function", shape.function),
            ("define", shape.define),
            ("condition", shape.condition),
        )
        if value
    ]
    if shape.gap:
        parts.append('"gap":true')
    return ",".join(parts)


def _answers_by_rule(_scan: Scan, _target: str, answer: Answer) -> str:
    return encode(
        {
            "id": answer.id,
            "class": answer.category,
            "replacement": answer.replacement,
            "rule": answer.rule,
            "fix": answer.fix,
        }
    )


def _answers_written_out(scan: Scan, target: str, answer: Answer) -> str:
    rule = scan.rules.get(target, {}).get(answer.rule)
    data: dict[str, object] = {
        "id": answer.id,
        "class": answer.category,
        "replacement": answer.replacement,
        "rule": answer.rule,
        "fix": answer.fix,
    }
    return encode(data if rule is None else {**data, **_rule(rule)})
