"""Analysed files and targets → answers: what every use comes to, decided once for each distinct key and target."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from migrate import __version__, workers
from migrate.cache import key as entry_key
from migrate.hashes import blake2b
from migrate.match import Matcher
from migrate.model import CudaNote, Scan, answer_key
from migrate.packed import Uses, shapes_of
from migrate.tables.rules import rules_dir

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from migrate.cache import Cache
    from migrate.model import Answer, AnswerKey, FileResult, RuleText, Shape, Target
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
) -> Scan:
    """The Scan of analysed *files*; the list is emptied, so that no file is kept twice."""
    known = list(without_own_names(files))
    files.clear()
    shapes = {shape for result in known for shape in shapes_of(result)}
    keys = sorted({answer_key(shape) for shape in shapes})
    digest = _digest(tables, inventory, rules_dirs)
    found = _kept(keys, targets, tables, inventory, digest, cache)
    given = list(found.answers.values())
    unanswered = {shape for shape in shapes if not any(answer_key(shape) in answers for answers in given)}
    if unanswered and targets:
        for number, result in enumerate(known):
            known[number] = _without(result, unanswered)
    tool = {"digest": digest}
    return Scan(__version__, tool, targets, tuple(known), found.answers, found.rules, found.cuda, found.near, remarks)


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
    import pickle

    asked = blake2b(repr((keys, targets)).encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
    name = entry_key("answers", workers.build(), digest, asked)
    blob = cache.get_many([name]).get(name)
    if blob is not None:
        found = pickle.loads(blob)  # noqa: S301 - our own file in the user's own folder, checksum right
        if isinstance(found, Answers):
            return found
    made = _decided(keys, targets, tables, inventory)
    cache.put(name, pickle.dumps(made, pickle.HIGHEST_PROTOCOL))
    return made


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


def without_own_names(results: Iterable[FileResult]) -> Iterator[FileResult]:
    """Drops uses of names that no table knows and the project declares itself, its own headers too."""
    from dataclasses import replace

    results = list(results)
    declared: set[str] = set()
    for result in results:
        declared |= result.declared
    own = {result.path.rpartition("/")[2] for result in results}
    for result in results:
        dropped = {
            shape
            for shape in shapes_of(result)
            if shape.library in ("", "torch")
            and (
                (shape.name in declared and shape.kind != "include")
                or (shape.library == "" and shape.kind == "include" and shape.name.rpartition("/")[2] in own)
            )
        }
        if not dropped:
            yield result
            continue
        uses = Uses.of(result.uses).without(dropped)
        yield replace(result, uses=uses, state="analysed" if uses else "no-cuda")


def _without(result: FileResult, unanswered: set[Shape]) -> FileResult:
    """*result* without the uses that no target has an answer for."""
    from dataclasses import replace

    if unanswered.isdisjoint(shapes_of(result)):
        return result
    return replace(result, uses=Uses.of(result.uses).without(unanswered))


def _digest(tables: dict[str, Table], inventory: Inventory, rules_dirs: Sequence[Path]) -> str:
    """A digest of every table the answers rest on: equal digests mean equal answers."""
    from migrate.tables.compiled import digest_of

    parts = [inventory.digest, *(tables[name].digest(rules_dir() / name) for name in sorted(tables))]
    parts += [digest_of(folder) for folder in rules_dirs]
    return blake2b("".join(parts).encode(), digest_size=16).hexdigest()
