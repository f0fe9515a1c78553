"""The one place that counts: totals, groups and comparisons of a scan, for every format.

Pure functions from a Scan to values. Uses are counted once by shape, whatever the number of targets, because a scan has
hundreds of thousands of uses and a few thousand shapes.
"""

from __future__ import annotations

import sys
from array import array
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from migrate.model import (
    CLASSES,
    LEVELS,
    Answer,
    AnswerKey,
    FileResult,
    RuleText,
    Scan,
    Shape,
    Use,
    answer_key,
    label,
)
from migrate.packed import counts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

#: Classes that need a person, in the order they are listed.
OPEN_CLASSES = tuple(name for name in CLASSES if name != "auto")

#: Languages whose files have finding ids of their own while nothing analyses them.
_FILE_IDS = {"build": "MIG701", "python": "MIG801"}

_NO_ANSWER = Answer("", "unknown", "", "", "")

_P = TypeVar("_P", bound="Places")


class Selection(NamedTuple):
    """Which findings are listed. Totals are never narrowed by it: they describe the code, not the question."""

    select: tuple[str, ...] = ()  # prefixes of ids; empty = every id
    ignore: tuple[str, ...] = ()  # prefixes of ids; the longer prefix wins over `select`, a tie goes to `ignore`
    classes: frozenset[str] = frozenset(CLASSES)

    def wants(self, answer: Answer) -> bool:
        """Whether *answer* is listed."""
        if answer.category not in self.classes:
            return False
        chosen = _longest_prefix(answer.id, self.select) if self.select else 0
        return chosen is not None and (_longest_prefix(answer.id, self.ignore) or -1) < max(chosen, 0)


def _longest_prefix(identifier: str, prefixes: tuple[str, ...]) -> int | None:
    return max((len(prefix) for prefix in prefixes if identifier.startswith(prefix)), default=None)


def file_id(file: FileResult) -> str:
    """The finding id of a file that was not analysed, MIG902 for one with parse gaps, "" otherwise."""
    if file.state in ("skipped", "unreadable"):
        return "MIG903"
    if file.state == "not-analysed":
        return _FILE_IDS.get(file.language, "MIG903")
    return "MIG902" if file.gaps else ""


class Asked(NamedTuple):
    """The shapes of one key, which all have the same answer."""

    shapes: list[tuple[Shape, int]]  # each with its uses
    uses: int
    libraries: dict[str, int]  # library → uses


class Census(NamedTuple):
    """How often each shape occurs."""

    shapes: dict[Shape, int]  # in the order shapes first occur
    keys: dict[AnswerKey, Asked]  # the same by what answers depend on
    files: dict[bytes, int]  # places in `keys` of all keys of a file, 4 bytes each → files that have just these
    given: dict[str, list[Answer | None]]  # target key → answers in the order of `keys`, for targets asked about


def census(scan: Scan) -> Census:
    """Counts the uses of *scan* by shape."""
    numbers: dict[Shape, int] = {}
    known: dict[int, int] = {}  # the same by identity, which spares hashing nine fields
    uses: list[int] = []
    places: list[int] = []
    keys: dict[AnswerKey, int] = {}
    files: dict[bytes, int] = {}
    for file in scan.files:
        found = set()
        for shape, count in counts(file.uses):
            number = known.get(id(shape))
            if number is None:
                number = known[id(shape)] = numbers.setdefault(shape, len(numbers))
                if number == len(uses):
                    uses.append(0)
                    places.append(keys.setdefault(answer_key(shape), len(keys)))
            uses[number] += count
            found.add(places[number])
        if found:
            here = array("I", sorted(found)).tobytes()
            files[here] = files.get(here, 0) + 1
    shapes = dict(zip(numbers, uses, strict=True))
    lists: list[list[tuple[Shape, int]]] = [[] for _ in keys]
    for item, place in zip(shapes.items(), places, strict=True):
        lists[place].append(item)
    return Census(shapes, dict(zip(keys, map(_asked, lists), strict=True)), files, {})


def _asked(shapes: list[tuple[Shape, int]]) -> Asked:
    libraries: dict[str, int] = {}
    for shape, count in shapes:
        libraries[shape.library] = libraries.get(shape.library, 0) + count
    return Asked(shapes, sum(libraries.values()), libraries)


def _given(scan: Scan, target: str, counted: Census) -> list[Answer | None]:
    """The answers of *target* in the order of `counted.keys`."""
    given = counted.given.get(target)
    if given is None:
        given = counted.given[target] = list(map(scan.answers[target].get, counted.keys))
    return given


@dataclass(frozen=True, slots=True)
class Totals:
    """What the uses of a scan come to on one target; every number counts uses except those of `files`."""

    uses: int
    classes: dict[str, int]  # every class, in the order of CLASSES
    ids: dict[str, int]  # sorted
    libraries: dict[str, dict[str, int]]  # library → class → uses; most used library first
    levels: dict[str, int]  # level of the rule that answered; uses without a rule are in none
    fixes: dict[str, int]  # safe, unsafe, display
    files: dict[str, int]  # class → files with at least one use of it


def totals(scan: Scan, target: str, counted: Census | None = None) -> Totals:
    """The totals of *target*, a key of `scan.answers`; give *counted* when several targets are asked for."""
    counted = counted or census(scan)
    rules = scan.rules.get(target, {})
    classes = dict.fromkeys(CLASSES, 0)
    ids: Counter[str] = Counter()
    levels = dict.fromkeys(LEVELS, 0)
    fixes = dict.fromkeys(("safe", "unsafe", "display"), 0)
    libraries: dict[str, dict[str, int]] = {}
    given = _given(scan, target, counted)
    for answer, (_, number, used) in zip(given, counted.keys.values(), strict=True):
        if answer is None:
            continue
        for name, count in used.items():
            library = libraries.get(name)
            if library is None:
                library = libraries[name] = dict.fromkeys(CLASSES, 0)
            library[answer.category] += count
        classes[answer.category] += number
        ids[answer.id] += number
        rule = rules.get(answer.rule)
        if rule is not None:
            levels[rule.level] = levels.get(rule.level, 0) + number
        if answer.fix:
            fixes[answer.fix] += number
    files = dict.fromkeys(CLASSES, 0)
    categories = [answer.category if answer is not None else "" for answer in given]
    for places, number in counted.files.items():
        for category in {categories[place] for place in memoryview(places).cast("I")}:
            if category:
                files[category] += number
    ordered = sorted(libraries.items(), key=lambda item: (-sum(item[1].values()), item[0]))
    return Totals(sum(classes.values()), classes, dict(sorted(ids.items())), dict(ordered), levels, fixes, files)


@dataclass(slots=True)
class Places:
    """A number of uses in a number of files, with the first of them."""

    count: int = 0
    files: int = 0
    first: list[tuple[FileResult, Use]] = field(default_factory=list)


@dataclass(slots=True)
class Group(Places):
    """Findings that are one question: same id, class and label, on one target."""

    label: str = ""
    name: str = ""  # of the first shape, as `Scan.near` knows it
    answer: Answer = _NO_ANSWER
    rule: RuleText | None = None


@dataclass(slots=True)
class WideGroup(Places):
    """One label on several targets, with the answer of each."""

    label: str = ""
    category: str = ""  # of the answers' classes the first in CLASSES order
    answers: dict[str, Answer] = field(default_factory=dict)  # by target key; targets without an answer are left out


def groups(scan: Scan, target: str, selection: Selection, places: int | None = 3) -> list[Group]:
    """The selected findings of *target*, grouped; ordered by class, then most frequent first, then by label.

    Each group keeps its first *places* places, all of them for None.
    """
    answers = scan.answers[target]
    rules = scan.rules.get(target, {})
    found: dict[tuple[str, str, str], Group] = {}

    def group_of(shape: Shape) -> Group | None:
        answer = answers.get(answer_key(shape))
        if answer is None or not selection.wants(answer):
            return None
        key = (answer.id, answer.category, label(shape))
        if key not in found:
            rule = rules.get(answer.rule)
            found[key] = Group(label=key[2], name=shape.name, answer=answer, rule=rule)
        return found[key]

    _collect(scan, group_of, places)
    return sorted(found.values(), key=lambda group: (CLASSES.index(group.answer.category), -group.count, group.label))


def wide_groups(scan: Scan, targets: Iterable[str], selection: Selection, places: int | None = 1) -> list[WideGroup]:
    """The findings that any of *targets* lists, grouped by label and the targets' answers; ordered as `groups`."""
    asked = tuple(targets)
    found: dict[tuple[str, ...], WideGroup] = {}

    def group_of(shape: Shape) -> WideGroup | None:
        key = answer_key(shape)
        answers = {target: scan.answers[target][key] for target in asked if key in scan.answers[target]}
        if not any(selection.wants(answer) for answer in answers.values()):
            return None
        identity = (label(shape), *(answers[target].id if target in answers else "" for target in asked))
        if identity not in found:
            category = min((answer.category for answer in answers.values()), key=CLASSES.index)
            found[identity] = WideGroup(label=identity[0], category=category, answers=answers)
        return found[identity]

    _collect(scan, group_of, places)
    return sorted(found.values(), key=lambda group: (CLASSES.index(group.category), -group.count, group.label))


def _collect(scan: Scan, group_of: Callable[[Shape], _P | None], places: int | None) -> None:
    """Adds every use of *scan* to the group *group_of* names for its shape, which is asked once a shape."""
    known: dict[Shape, _P | None] = {}
    limit = sys.maxsize if places is None else places
    for file in scan.files:
        here: dict[int, _P | None] = {}
        seen: set[int] = set()
        for use in file.uses:
            shape = use.shape
            identity = id(shape)
            if identity not in here:
                if shape not in known:
                    known[shape] = group_of(shape)
                here[identity] = known[shape]
            group = here[identity]
            if group is None:
                continue
            group.count += 1
            if id(group) not in seen:
                seen.add(id(group))
                group.files += 1
            if len(group.first) < limit:
                group.first.append((file, use))


def statistics(scan: Scan, target: str, selection: Selection, counted: Census) -> list[tuple[str, str, int]]:
    """Uses of *target* by finding id and class, most frequent first; an id can come in several classes."""
    numbers: Counter[tuple[str, str]] = Counter()
    for answer, asked in zip(_given(scan, target, counted), counted.keys.values(), strict=True):
        if answer is not None and selection.wants(answer):
            numbers[answer.id, answer.category] += asked.uses
    ordered = sorted(numbers.items(), key=lambda item: (-item[1], item[0]))
    return [(identifier, category, number) for (identifier, category), number in ordered]


def unknown_names(scan: Scan, counted: Census) -> dict[str, tuple[int, tuple[str, ...]]]:
    """Names some target does not know: label → uses, and the targets that do not know it; sorted by label."""
    found: dict[str, tuple[int, tuple[str, ...]]] = {}
    given = [_given(scan, target.key, counted) for target in scan.targets]
    for place, asked in enumerate(counted.keys.values()):
        targets = {
            target.key
            for target, answers in zip(scan.targets, given, strict=True)
            if (answer := answers[place]) is not None and answer.category == "unknown"
        }
        if targets:
            name = label(asked.shapes[0][0])
            before = found.get(name, (0, ()))
            merged = tuple(target.key for target in scan.targets if target.key in targets.union(before[1]))
            found[name] = (before[0] + asked.uses, merged)
    return dict(sorted(found.items()))


def file_states(scan: Scan) -> dict[str, int]:
    """Files by what became of them, in the order of first occurrence."""
    return dict(Counter(file.state for file in scan.files))


def not_read(scan: Scan) -> Iterator[FileResult]:
    """The files a reader must know were not looked into."""
    return (file for file in scan.files if file.state in ("skipped", "unreadable", "not-analysed"))


class Reason(NamedTuple):
    """One thing that decides what a port costs; *message* is an id of messages.tsv, counted by *number*."""

    message: str
    number: int
    names: tuple[str, ...] = ()  # named in the text when there are few


#: What weighs in a port: message, ids, weight of one use, how to count ("uses", "names", "kernels", "libraries").
_REASONS = (
    ("reason.kernels", ("MIG601",), 8, "kernels"),
    ("reason.tensor", ("MIG502",), 8, "uses"),
    ("reason.ptx-matrix", tuple(f"MIG{number}" for number in range(503, 508)), 8, "uses"),
    ("reason.ptx", ("MIG501", *(f"MIG{number}" for number in range(508, 520))), 3, "uses"),
    ("reason.libraries", ("MIG304",), 5, "libraries"),
    ("reason.device", ("MIG602",), 5, "names"),
    ("reason.functions", ("MIG301",), 5, "names"),
    ("reason.types", ("MIG302",), 3, "names"),
    ("reason.headers", ("MIG303",), 3, "names"),
    ("reason.adapt", ("MIG201", "MIG202"), 3, "names"),
    ("reason.launches", ("MIG203",), 2, "uses"),
    ("reason.versions", ("MIG401",), 2, "uses"),
    ("reason.strings", ("MIG402", "MIG403"), 2, "uses"),
    ("reason.unknown", ("MIG901",), 3, "names"),
    ("reason.inferred", ("MIG103",), 0.5, "names"),
)


def reasons(scan: Scan, target: str, counted: Census, most: int = 3) -> list[Reason]:
    """What decides the port to *target*, weightiest first.

    The weight of a reason is its uses times what one use of its kind costs a person, in rough proportion; the effort
    model, not this list, is what turns uses into hours.
    """
    by_id: dict[str, list[Asked]] = {}
    for answer, asked in zip(_given(scan, target, counted), counted.keys.values(), strict=True):
        if answer is not None:
            by_id.setdefault(answer.id, []).append(asked)
    weighed: list[tuple[float, int, int, list[Asked]]] = []
    for order, (_, ids, weight, _) in enumerate(_REASONS):
        found = [asked for identifier in ids for asked in by_id.get(identifier, ())]
        if found:
            uses = sum(asked.uses for asked in found)
            weighed.append((-uses * weight, order, uses, found))
    chosen: list[Reason] = []
    for _, order, uses, found in sorted(weighed)[:most]:
        message, _, _, way = _REASONS[order]
        names = () if way == "uses" else _counted_names(found, way, counted)
        chosen.append(Reason(message, len(names) or uses, names if way == "libraries" else ()))
    return chosen


def _counted_names(found: list[Asked], way: str, counted: Census) -> tuple[str, ...]:
    """The distinct things a reason counts; kernels are the functions launched, else those that hold the constructs."""
    if way == "libraries":
        return tuple(sorted({library or asked.shapes[0][0].name for asked in found for library in asked.libraries}))
    if way == "kernels":
        launched = {key.name for key in counted.keys if key.kind == "launch"}
        return tuple(sorted(launched or {shape.function or shape.name for asked in found for shape, _ in asked.shapes}))
    return tuple(sorted({label(asked.shapes[0][0]) for asked in found}))
