"""Analysed files and targets → answers: what every use comes to, decided once for each distinct key and target."""

from __future__ import annotations

import marshal
from array import array
from typing import TYPE_CHECKING, Any, NamedTuple

from migrate import __version__, workers
from migrate.cache import key as entry_key
from migrate.hashes import blake2b
from migrate.match import Matcher
from migrate.model import Answer, CudaNote, Note, RuleText, Scan, answer_key
from migrate.packed import Uses, shapes_of
from migrate.tables.rules import rules_dir

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from migrate.cache import Cache
    from migrate.model import AnswerKey, FileResult, Shape, Target
    from migrate.tables.inventory import Inventory
    from migrate.tables.rules import Table


class Answers(NamedTuple):
    """The part of a Scan that rests on its distinct keys alone."""

    answers: dict[str, dict[AnswerKey, Answer]]
    rules: dict[str, dict[str, RuleText]]
    cuda: dict[str, CudaNote]
    near: dict[str, tuple[str, ...]]


def answered(
    files: list[FileResult],
    targets: tuple[Target, ...],
    tables: dict[str, Table],
    inventory: Inventory,
    rules_dirs: Sequence[Path],
    remarks: tuple[str, ...],
    cache: Cache,
    declared: Iterable[str] = (),
) -> Scan:
    """The Scan of analysed *files*, a list that it may change.

    *declared* are names that the files declare themselves, besides those the results still hold.
    """
    drop_own_names(files, declared)
    shapes = _distinct(files)
    asked = [answer_key(shape) for shape in shapes]
    keys = sorted(set(asked))
    digest = _digest(tables, inventory, rules_dirs)
    found = _kept(keys, targets, tables, inventory, digest, cache)
    if targets:
        unanswered = set(keys).difference(*found.answers.values())
        dropped = [shape for shape, key in zip(shapes, asked, strict=True) if key in unanswered]
        _drop(files, dropped)
    tool = {"digest": digest}
    return Scan(__version__, tool, targets, tuple(files), found.answers, found.rules, found.cuda, found.near, remarks)


def _kept(
    keys: list[AnswerKey],
    targets: tuple[Target, ...],
    tables: dict[str, Table],
    inventory: Inventory,
    digest: str,
    cache: Cache,
) -> Answers:
    """The answers for *keys*, from an earlier scan where one asked the same."""
    if not cache.is_open:
        return _decided(keys, targets, tables, inventory)
    plain = repr((list(map(tuple, keys)), targets))
    asked = blake2b(plain.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
    name = entry_key("answers", workers.build(), digest, asked)
    blob = cache.get_many([name]).get(name)
    if blob is not None:
        return _unpacked(blob, keys)
    made = _decided(keys, targets, tables, inventory)
    cache.put(name, _packed(made, keys))
    return made


def _packed(made: Answers, keys: list[AnswerKey]) -> bytes:
    """*made* as bytes: of every target the distinct answers once, and which of them each key has."""
    numbers: dict[Answer | None, int] = {}
    answers = {}
    for target, given in made.answers.items():
        answers[target] = array("I", [numbers.setdefault(given.get(key), len(numbers)) for key in keys]).tobytes()
    rules = {target: {name: _plain(rule) for name, rule in texts.items()} for target, texts in made.rules.items()}
    distinct = [answer and tuple(answer) for answer in numbers]
    return marshal.dumps((distinct, answers, rules, {name: tuple(note) for name, note in made.cuda.items()}, made.near))


def _unpacked(blob: bytes, keys: list[AnswerKey]) -> Answers:
    """What `_packed` packed, for the same *keys*."""
    distinct, numbers, rules, cuda, near = marshal.loads(blob)  # noqa: S302 - made by us, its digest checked
    each = [answer and Answer(*answer) for answer in distinct]
    answers = {}
    for target, data in numbers.items():
        given = zip(keys, map(each.__getitem__, memoryview(data).cast("I")), strict=True)
        answers[target] = {key: answer for key, answer in given if answer is not None}
    return Answers(
        answers,
        {target: {name: _rule(*rule) for name, rule in texts.items()} for target, texts in rules.items()},
        {name: CudaNote(*note) for name, note in cuda.items()},
        near,
    )


def _plain(rule: RuleText) -> tuple[Any, ...]:
    *head, notes, when, family, carried = rule
    return (*head, tuple((note.en, note.zh) for note in notes), when, family, carried)


def _rule(status: str, level: str, evidence: Any, notes: Any, when: str, family: str, carried: str) -> RuleText:
    return RuleText(status, level, evidence, tuple(map(Note._make, notes)), when, family, carried)


def _decided(
    keys: list[AnswerKey], targets: tuple[Target, ...], tables: dict[str, Table], inventory: Inventory
) -> Answers:
    answers: dict[str, dict[AnswerKey, Answer]] = {}
    rules: dict[str, dict[str, RuleText]] = {}
    unknown: set[str] = set()
    for target in targets:
        matcher = Matcher(target, tables[target.name], inventory)
        for asked in keys:
            if matcher.answer(asked).id == "MIG901" and asked.kind != "launch":
                unknown.add(asked.name)
        # What is of no concern for a target (a hazard that is none there) has no answer.
        answers[target.key] = {asked: answer for asked, answer in matcher.answers.items() if answer.id}
        rules[target.key] = dict(sorted(matcher.rules.items()))
    cuda: dict[str, CudaNote] = {}
    for name in sorted({key.name for key in keys}):
        entry = inventory.get(name) or inventory.get(f"<{name}>")
        if entry is not None and (entry.deprecated or entry.removed):
            cuda[name] = CudaNote(entry.added, entry.deprecated, entry.removed)
    near = {
        name: inventory.nearest(name)
        for name in sorted(unknown)
        if name not in inventory and f"<{name}>" not in inventory
    }
    return Answers(answers, rules, cuda, near)


def drop_own_names(results: list[FileResult], declared: Iterable[str] = ()) -> None:
    """Drops uses of names that no table knows and the project declares itself, its own headers too."""
    declared = set(declared).union(*(result.declared for result in results if result.declared))
    own = {result.path.rpartition("/")[2] for result in results}
    dropped = [
        shape
        for shape in _distinct(results)
        if shape.library in ("", "torch")
        and (
            (shape.name in declared and shape.kind != "include")
            or (shape.library == "" and shape.kind == "include" and shape.name.rpartition("/")[2] in own)
        )
    ]
    _drop(results, dropped, final=True)


def _distinct(results: list[FileResult]) -> list[Shape]:
    """The shapes of *results*; equal ones are mostly one object, and asking for that spares hashing nine fields."""
    return list({id(shape): shape for result in results for shape in shapes_of(result)}.values())


def _drop(results: list[FileResult], dropped: list[Shape], *, final: bool = False) -> None:
    """Takes the uses of *dropped* out of *results*; with *final* a file left without uses is one without CUDA."""
    from dataclasses import replace

    identities = set(map(id, dropped))
    shapes = set(dropped)
    for number, result in enumerate(results):
        if not identities.isdisjoint(map(id, shapes_of(result))):
            uses = Uses.of(result.uses).without(shapes)
            state = "no-cuda" if final and not uses else result.state
            results[number] = replace(result, uses=uses, state=state)


def _digest(tables: dict[str, Table], inventory: Inventory, rules_dirs: Sequence[Path]) -> str:
    """A digest of every table the answers rest on: equal digests mean equal answers."""
    from migrate.tables.compiled import digest_of

    parts = [inventory.digest, *(tables[name].digest(rules_dir() / name) for name in sorted(tables))]
    parts += [digest_of(folder) for folder in rules_dirs]
    return blake2b("".join(parts).encode(), digest_size=16).hexdigest()
