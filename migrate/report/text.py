"""A scan as a person reads it at a terminal: what needs a person first, one summary, the next command last.

Every function yields lines without a line end. Layout and order are the same in both languages.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from migrate.model import CLASSES, LEVELS, answer_key, label
from migrate.phrases import said
from migrate.report import compare, words
from migrate.report.plain import WIDTH, Paint, cut, left, percent, right, table, visible, width, wrap
from migrate.report.summary import (
    OPEN_CLASSES,
    Census,
    Group,
    Places,
    Selection,
    Totals,
    WideGroup,
    census,
    file_id,
    file_states,
    groups,
    statistics,
    totals,
    wide_groups,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from migrate.messages import Messages
    from migrate.model import FileResult, Scan, Target, Use

#: What `--show` can ask for.
SHOW = ("all", "files", "evidence")

#: Groups listed of a class before the rest is only counted.
_GROUPS = 20

#: Places listed of a group before the rest is only counted.
_PLACES = 3

#: Columns below which a source line says too little to stand beside its place.
_ROOM = 36

_INDENT = " " * 7

#: Columns for the name at the head of a group.
_HEAD = WIDTH - 54


_OPEN = Selection(classes=frozenset(OPEN_CLASSES))


@dataclass(frozen=True, slots=True)
class TextOptions:
    """How a scan is shown."""

    text: Messages
    paint: Paint = field(default_factory=lambda: Paint(on=False))
    selection: Selection = _OPEN
    show: frozenset[str] = frozenset()
    quiet: bool = False
    verbose: bool = False
    statistics: bool = False
    asides: frozenset[str] = frozenset()  # keys of targets shown beside the asked ones, never in detail
    next_lines: tuple[str, ...] = ()  # what to do next, as the command line knows it
    seconds: float | None = None  # how long the scan took; None keeps the output the same on every run
    source_line: Callable[[FileResult, Use, int], str] | None = None  # see report.lines


def render(scan: Scan, options: TextOptions) -> Iterator[str]:
    """The lines of *scan*."""
    counted = census(scan)
    asked = [target for target in scan.targets if target.key not in options.asides]
    if options.statistics:
        yield from _statistics(scan, asked, counted, options)
        return
    if not options.quiet:
        if options.verbose:
            body = _by_file(scan, asked, options)
        elif len(asked) == 1:
            body = _narrow(scan, asked[0], options)
        else:
            body = _wide(scan, asked, options)
        empty = True
        for line in body:
            empty = False
            yield line
        if not empty:
            yield ""
    if "files" in options.show:
        yield from _files(scan, options)
        yield ""
    if not counted.shapes:
        yield options.text("no-uses")
    else:
        yield from _summary(scan, asked, counted, options)
    yield _file_line(scan, options)
    if not counted.shapes:
        return
    yield from _cuda_lines(scan, options)
    if options.next_lines:
        yield ""
        yield from options.next_lines


def _narrow(scan: Scan, target: Target, options: TextOptions) -> Iterator[str]:
    """The groups of one target."""
    everything = "all" in options.show
    found = groups(scan, target.key, options.selection, None if everything else _PLACES)
    for category in CLASSES:
        here = [group for group in found if group.answer.category == category]
        shown = here if everything else here[:_GROUPS]
        for group in shown:
            yield from _group(scan, group, options)
        if len(here) > len(shown):
            more = options.text.count("more-groups", len(here) - len(shown))
            yield f"{_INDENT}{options.text('class.' + category)}: {more}"


def _group(scan: Scan, group: Group, options: TextOptions) -> Iterator[str]:
    text, answer = options.text, group.answer
    head = words.headline(group.label, answer)
    title = words.title(text, answer.id)
    whole = text("headline.title", name=head, title=title)
    fits = width(whole) <= _HEAD
    tail = [words.place_count(text, group)]
    if answer.fix in ("unsafe", "display") and answer.category != "auto":
        tail.append(text("fix." + answer.fix))
    if near := scan.near.get(group.name):
        tail.append(text("near", names=", ".join(map(visible, near))))
    word = left(text("class." + answer.category), 11)
    yield (
        f"{options.paint(left(answer.id, 6), 'bold')} {left(whole if fits else head, _HEAD)}  "
        f"{options.paint(word, answer.category)}  {'   '.join(tail)}"
    )
    if not fits:
        yield _INDENT + title
    yield from wrap(text("semicolon").join(words.notes(text, group.rule)), WIDTH, _INDENT)
    if "evidence" in options.show and group.rule is not None:
        for line in words.evidence(text, group.rule):
            yield from wrap(line, WIDTH, _INDENT)
    yield from _places(group, options)


def _places(group: Places, options: TextOptions) -> Iterator[str]:
    """The places of a group with their source lines, and how many are not shown."""
    places = [f"{visible(file.path)}:{use.line}:{use.column}" for file, use in group.first]
    column = min(max(map(width, places), default=0), 60)
    for place, (file, use) in zip(places, group.first, strict=True):
        room = WIDTH - len(_INDENT) - max(column, width(place)) - 3
        below = room < _ROOM  # a long path leaves the source a line of its own
        room = WIDTH - len(_INDENT) - 4 if below else room
        source = options.source_line(file, use, room) if options.source_line else ""
        if not source:
            yield _INDENT + place
        elif below:
            yield _INDENT + place
            yield f"{_INDENT}    {options.paint(source, 'dim')}"
        else:
            yield f"{_INDENT}{left(place, column)}   {options.paint(source, 'dim')}"
    if group.count > len(places):
        yield _INDENT + options.text.count("more-places", group.count - len(places))


def _wide(scan: Scan, asked: Sequence[Target], options: TextOptions) -> Iterator[str]:
    """The groups of several targets, a column for each."""
    everything = "all" in options.show
    text = options.text
    found = wide_groups(scan, [target.key for target in asked], options.selection, None if everything else 1)
    shown: list[WideGroup] = []
    hidden: dict[str, int] = {}
    for category in CLASSES:
        here = [group for group in found if group.category == category]
        shown += here if everything else here[:_GROUPS]
        hidden[category] = 0 if everything else max(len(here) - _GROUPS, 0)
    if not shown:
        return
    names = [cut(visible(group.label), 44) for group in shown]
    cells = [
        [text("class." + group.answers[target.key].category) if target.key in group.answers else "" for target in asked]
        for group in shown
    ]
    heads = [target.key for target in asked]
    name_width = max(map(width, [*names, text("column.name")]))
    number_width = max(map(width, [*(f"{group.count:,}" for group in shown), text("column.places")]))
    widths = [max(map(width, [head, *column])) for head, column in zip(heads, zip(*cells, strict=True), strict=True)]
    header = [left(text("column.name"), name_width), right(text("column.places"), number_width)]
    header += [left(head, columns) for head, columns in zip(heads, widths, strict=True)]
    yield options.paint("  ".join(header).rstrip(), "bold")
    for index, (group, name, row) in enumerate(zip(shown, names, cells, strict=True)):
        painted = [
            options.paint(left(cell, columns), group.answers[target.key].category) if cell else " " * columns
            for target, cell, columns in zip(asked, row, widths, strict=True)
        ]
        yield "  ".join([left(name, name_width), right(f"{group.count:,}", number_width), *painted]).rstrip()
        yield from _places(group, options) if everything else _first_place(group, options)
        last_of_class = index + 1 == len(shown) or shown[index + 1].category != group.category
        if last_of_class and hidden[group.category]:
            more = text.count("more-groups", hidden[group.category])
            yield f"{_INDENT}{text('class.' + group.category)}: {more}"


def _first_place(group: Places, options: TextOptions) -> Iterator[str]:
    """One place stands for a group where a column for each target leaves no room for more."""
    yield from _places(Places(1, 1, group.first[:1]), options)


def _by_file(scan: Scan, asked: Sequence[Target], options: TextOptions) -> Iterator[str]:
    """Every selected finding, file by file."""
    text = options.text
    first = True
    for file in scan.files:
        rows: list[list[str]] = []
        for use in file.uses:
            key = answer_key(use.shape)
            for target in asked:
                answer = scan.answers[target.key].get(key)
                if answer is None or not options.selection.wants(answer):
                    continue
                head = words.headline(label(use.shape), answer)
                gap = f"  ({text('parse-gap')})" if use.shape.gap else ""
                scope = [target.key] if len(asked) > 1 else []
                place = f"{use.line}:{use.column}"
                rows.append([place, *scope, answer.id, text("class." + answer.category), head + gap])
        if not rows:
            continue
        if not first:
            yield ""
        first = False
        yield options.paint(visible(file.path), "bold")
        for line in table(rows, ">" + "<" * (len(rows[0]) - 1)):
            yield "  " + line


def _statistics(scan: Scan, asked: Sequence[Target], counted: Census, options: TextOptions) -> Iterator[str]:
    """One line an id, most frequent first, within each target."""
    text = options.text
    for index, target in enumerate(asked):
        if len(asked) > 1:
            if index:
                yield ""
            yield options.paint(words.target_heading(target), "bold")
        rows = [
            [f"{number:,}", identifier, text("class." + category), words.title(text, identifier)]
            for identifier, category, number in statistics(scan, target.key, options.selection, counted)
        ]
        if rows:
            yield from table(rows, "><<<")


def _summary(scan: Scan, asked: Sequence[Target], counted: Census, options: TextOptions) -> Iterator[str]:
    """The table of one target by library, or the comparison of several; the lines of second routes below it."""
    text = options.text
    if len(asked) != 1:
        yield from compare.text_lines(compare.rows(scan, counted, options.asides), text, options.paint)
        return
    target = asked[0]
    numbers = totals(scan, target.key, counted)
    order = ("auto", "check", "adapt", "rewrite", "unsupported", "unknown")
    head = [words.target_heading(target), text("column.uses"), *(text("class." + name) for name in order)]
    rows = [head]
    for library, classes in numbers.libraries.items():
        cells = [f"{sum(classes.values()):,}", *(f"{classes[name]:,}" for name in order)]
        rows.append(["  " + words.library_name(text, library), *cells])
    if len(numbers.libraries) > 1:
        cells = [f"{numbers.uses:,}", *(f"{numbers.classes[name]:,}" for name in order)]
        rows.append(["  " + text("summary.total"), *cells])
    shares = [percent(numbers.classes[name], numbers.uses, 1) for name in order]
    rows.append(["  " + text("summary.share"), "", *shares])
    lines = table(rows, "<" + ">" * (len(order) + 1))
    yield options.paint(lines[0], "bold")
    yield from lines[1:]
    for key in (other.key for other in scan.targets if other.key in options.asides):
        yield _aside(totals(scan, key, counted), key, text)
    yield f"{_heading(text, 'summary.evidence')}{_levels(numbers, text)}"


def _aside(numbers: Totals, key: str, text: Messages) -> str:
    """A second route of the stack in one line."""
    shares = [
        f"{text(compare.heading(name))} {percent(numbers.classes[name], numbers.uses)}"
        for name in compare.COLUMNS
        if numbers.classes[name]
    ]
    return "  ".join([text("summary.aside", target=key), *shares])


def _levels(numbers: Totals, text: Messages) -> str:
    whole = sum(numbers.levels.values())
    parts = [
        f"{text('level.' + level)} {percent(numbers.levels[level], whole)}"
        for level in LEVELS
        if numbers.levels.get(level)
    ]
    return "  ".join(parts) or text("files.none")


def _heading(text: Messages, identifier: str) -> str:
    return left(text(identifier), 8) + "  "


def _file_line(scan: Scan, options: TextOptions) -> str:
    """What became of the files, in one line."""
    text = options.text
    states = file_states(scan)
    parts = [
        text.count("files." + state, states[state])
        for state in ("analysed", "no-cuda", "copy", "skipped", "unreadable", "not-analysed")
        if states.get(state)
    ]
    if gaps := sum(1 for file in scan.files if file.gaps):
        parts.append(text.count("files.gaps", gaps))
    line = text("files.comma").join(parts) or text("files.none")
    if any(state not in ("analysed", "no-cuda") for state in states) and "files" not in options.show:
        line += (" " if text.language == "en" else "") + text("files.show")
    if options.seconds is not None:
        line += f"     {options.seconds:.1f} s"
    return _heading(text, "summary.files") + line


def _files(scan: Scan, options: TextOptions) -> Iterator[str]:
    """Every file with its state, and why where it was not analysed."""
    text = options.text
    rows = [[text("column.path"), text("column.state"), text("column.uses"), text("column.id"), text("column.reason")]]
    for file in scan.files:
        reason = file.copy_of if file.state == "copy" else said(file.reason, text.language)
        uses = f"{len(file.uses):,}" if file.uses else ""
        rows.append([visible(file.path), text("state." + file.state), uses, file_id(file), visible(reason)])
    lines = table(rows, "<<><<")
    yield options.paint(lines[0], "bold")
    yield from lines[1:]


def _cuda_lines(scan: Scan, options: TextOptions) -> Iterator[str]:
    """Names CUDA itself removed or deprecated: they need work on every stack."""
    text = options.text
    removed = [(name, note.removed) for name, note in sorted(scan.cuda.items()) if note.removed]
    deprecated = [(name, note.deprecated) for name, note in sorted(scan.cuda.items()) if not note.removed]
    most = len(scan.cuda) if "all" in options.show else 5
    for identifier, named in (("cuda.removed", removed), ("cuda.deprecated", deprecated)):
        if not named:
            continue
        names = [f"{visible(name)} ({version})" for name, version in named[:most]]
        if len(named) > most:
            names.append(text.count("cuda.more", len(named) - most))
        line = text.count(identifier, len(named), names=", ".join(names))
        indent = " " * 10
        wrapped = wrap(line, WIDTH, indent)
        yield _heading(text, "summary.cuda") + wrapped[0].removeprefix(indent)
        yield from wrapped[1:]
