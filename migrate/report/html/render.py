"""One HTML file that needs no network, from scans and estimates; readable without its script.

Every text stands in both languages, and a style rule shows one. Everything from the scanned code passes `visible` and
then Jinja's escaping; the policy in the head lets only the page's own script and style through, by their hashes.
"""

from __future__ import annotations

import base64
import hashlib
import math
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from markupsafe import Markup, escape

from migrate.messages import LANGUAGES, messages
from migrate.model import CLASSES
from migrate.report import effort_words, words
from migrate.report.html import data, pages, view
from migrate.report.plain import visible

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from migrate.effort.estimate import Estimate, Line
    from migrate.model import FileResult
    from migrate.report.against import Older
    from migrate.report.html.view import Blocker, Days, Driver, Library, Project, Report, Row, Rule, Spot, TargetView
    from migrate.report.summary import Group

#: `lang` of the elements that hold each language.
CODES = {"en": "en", "zh": "zh-CN"}

#: Ticks of the axis of days: person-days and message id with its number.
_TICKS = (
    (1, "effort.days", 1),
    (5, "effort.weeks", 1),
    (20, "effort.months", 1),
    (60, "effort.months", 3),
    (220, "effort.years", 1),
    (660, "effort.years", 3),
    (2200, "effort.years", 10),
    (6600, "effort.years", 30),
    (22000, "effort.years", 100),
    (66000, "effort.years", 300),
)
_LEFT, _RIGHT = 46.0, 314.0  # where the axis begins and ends in a drawing of 360

#: Level of evidence → filled ticks of five.
_STRENGTH = {"declared": 5, "documented": 4, "used": 3, "mapped": 2, "inferred": 1}

_ROUTES = {
    "rewrite": "effort.route-rewrite",
    "shim": "effort.route-shim",
    "compile-as-is": "effort.route-as-is",
    "adapter": "effort.route-adapter",
}

#: Tables of rules as people call the libraries; others by the name of their table.
_LIBRARIES = {
    "runtime": "CUDA runtime",
    "driver": "CUDA driver",
    "device": "CUDA C++",
    "blas": "cuBLAS",
    "blaslt": "cuBLASLt",
    "fft": "cuFFT",
    "rand": "cuRAND",
    "sparse": "cuSPARSE",
    "solver": "cuSOLVER",
    "dnn": "cuDNN",
    "ccl": "NCCL",
    "thrust": "Thrust",
    "cub": "CUB",
    "cutlass": "CUTLASS",
    "torch": "PyTorch C++",
    "ptx": "PTX",
    "nvrtc": "NVRTC",
    "nvtx": "NVTX",
    "nvml": "NVML",
    "cupti": "CUPTI",
}

#: Messages that the script fills in itself.
_SCRIPT_WORDS = (
    "page.all-folders", "page.all-libraries", "page.all-rules", "page.changed", "page.changed-none", "page.clear",
    "page.copied", "page.copy-link", "page.filter-hides", "page.files-more", "page.in-view", "page.none-here",
    "page.rule-hidden", "page.show-all", "page.places-in", "page.places-n", "page.no-snippet", "page.search",
    "page.library", "page.folders", "page.rule", "page.finding", "page.target", "page.lines-more", "page.factor-one",
    "page.kernels-with", "page.assume-tuning-low", "page.coverage-more", "page.copy-request", "page.no-automatic",
    "page.sorted", "library.none",
    *(f"page.class-{name}" for name in CLASSES),
)  # fmt: skip


def pair(texts: Sequence[object]) -> Markup:
    """A text in both languages, the English one first; equal texts stand once."""
    en, zh = texts
    if en == zh:
        return escape(en)
    return Markup('<span lang="en">{}</span><span lang="zh-CN">{}</span>').format(en, zh)


def translated(identifier: str, n: int | None = None, **values: object) -> Markup:
    """The message *identifier* in both languages, values escaped unless they are markup."""
    found = []
    for language in LANGUAGES:
        one, several, *_ = *str(messages(language)(identifier)).split(" | "), ""
        form = one if n == 1 or not several else several
        filled = dict(values) if n is None else {"n": f"{n:,}", **values}
        found.append(escape(form).format(**filled) if filled else escape(form))
    return pair(found)


def render(
    report: Report,
    *,
    language: str = "en",
    title: str = "",
    root: str = "",
    older: Mapping[tuple[int, str], Older] | None = None,
) -> str:
    """The page of *report*.

    Args:
        report: what to show.
        language: shown first, "en" or "zh"; the page holds both.
        title: of the window; the projects' names when left out.
        root: folder in front of the scans' paths, for snippets.
        older: differences to an earlier scan, by number of the project and key of the target.
    """
    folder = Path(__file__).parent
    style = (folder / "style.css").read_text(encoding="utf-8")
    script = (folder / "page.js").read_text(encoding="utf-8")
    maker = _Maker(report, root)
    names = ", ".join(project.name for project in report.projects)
    page: str = _template().render(
        **maker.names(),
        language=language,
        title=title or f"{names} · {messages(language)('page.title')}",
        style=Markup(style),  # noqa: S704 - ours
        script=Markup(script),  # noqa: S704 - ours
        policy=(
            f"default-src 'none'; style-src '{_hash(style)}'; script-src '{_hash(script)}'; "
            "base-uri 'none'; form-action 'none'"
        ),
        words=_raw({code: _script_words(language) for language, code in CODES.items()}),
        numbers=_raw(data.estimates_json(report.estimates, report.basis)),
        packed=[data.packed(data.places_json(project, maker.snippets)) for project in report.projects],
        older=lambda project, target: (older or {}).get((project, target)),
    )
    return page


@lru_cache(maxsize=1)
def _template() -> Any:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("page.html.jinja")


def _raw(value: Any) -> Markup:
    """*value* as JSON between script tags."""
    return Markup(data.in_script(value))  # noqa: S704 - in_script leaves no markup


def _hash(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _script_words(language: str) -> dict[str, str]:
    text = messages(language)
    return {identifier: text(identifier) for identifier in _SCRIPT_WORDS}


class Axis:
    """The log axis of days that all ranges of a page share."""

    def __init__(self, found: Iterable[Estimate]) -> None:
        """From the ranges of *found*, with room for assumptions to move them."""
        ranges = [item.range for item in found if item.range.p50 > 0]
        low = min((item.p10 for item in ranges), default=1.0) / 1.3
        high = max((item.p90 for item in ranges), default=100.0) * 1.3
        self.low, self.high = math.log(max(low, 0.02)), math.log(max(high, low * 10))

    def x(self, days: float) -> float:
        """Where *days* lie in a drawing of 360."""
        if days <= 0:
            return _LEFT
        share = (math.log(days) - self.low) / (self.high - self.low)
        return round(_LEFT + min(max(share, 0.0), 1.0) * (_RIGHT - _LEFT), 1)

    @property
    def ticks(self) -> list[tuple[float, list[tuple[str, str]], str]]:
        """Position, words in both languages, and days of each tick, far enough apart to be read."""
        found: list[tuple[float, list[tuple[str, str]], str]] = []
        for days, message, number in _TICKS:
            if not self.low <= math.log(days) <= self.high:
                continue
            x = self.x(days)
            if found and x - found[-1][0] < 52:
                continue
            texts = [(CODES[code], messages(code).count(message, number, range=f"{number:,}")) for code in LANGUAGES]
            found.append((x, texts, f"{days:,}"))
        return found


class _Maker:
    """The functions that the template calls."""

    def __init__(self, report: Report, root: str) -> None:
        self.report = report
        self.snippets = data.Snippets(root)
        for project in report.projects:
            data.want_snippets(project, self.snippets)
        self.snippets.read()
        self.axis = Axis(report.estimates)

    def names(self) -> dict[str, Any]:
        """Everything the template may use, by name."""
        report = self.report
        keys = dict.fromkeys(target.key for project in report.projects for target in project.targets)
        start = {key: item.value for key, item in report.basis.weights.assumptions.items()}
        own = (name for name in dir(self) if not name.startswith("_") and callable(getattr(self, name)))
        return {name: getattr(self, name) for name in own} | {
            "t": translated,
            "pair": pair,
            "gap": pair((" ", "")),
            "visible": visible,
            "page": pages.page,
            "number": effort_words.number,
            "year": view.year,
            "open_places": view.open_places,
            "order": view.ORDER,
            "range5": range(5),
            "projects": report.projects,
            "estimates": report.estimates,
            "basis": report.basis,
            "start": start | dict(report.basis.changed),
            "all_targets": list(keys),
            "tool": report.projects[0].scan.tool if report.projects else "",
            "axis": {"lines": [tick[0] for tick in self.axis.ticks], "marks": self.axis.ticks},
        }

    # -- numbers that the script computes anew ----------------------------------------------------------------

    def num(self, estimate: int, key: str) -> Markup:
        """A figure of a range, two significant digits."""
        value = getattr(self.report.estimates[estimate].range, key)
        return Markup('<span data-p="{}:{}">{}</span>').format(estimate, key, effort_words.number(value))

    def num1(self, estimate: int) -> Markup:
        """P50 to one decimal."""
        value = self.report.estimates[estimate].range.p50
        return Markup('<span data-p="{}:p50:1">{}</span>').format(estimate, f"{value:,.1f}")

    def days(self, days: Days) -> Markup:
        """Days to one decimal."""
        return Markup('<span data-d="{}">{}</span>').format(days.formula, f"{days.days:,.1f}")

    def days_of(self, estimate: int, line: Line) -> Markup:
        """Days of a line to two decimals."""
        formula = f"{estimate}|0+{line.key}" if line.layer == "kernels" else f"{estimate}|{line.hours:.6f}"
        return Markup('<b data-d="{}" data-digits="2">{}</b>').format(formula, f"{line.days:,.2f}")

    # -- drawings ------------------------------------------------------------------------------------------------

    def span(self, estimate: int) -> dict[str, Any]:
        """Positions and figures of a range bar."""
        item = self.report.estimates[estimate]
        low, mid, high = (self.axis.x(value) for value in item.range)
        figures = [effort_words.number(value) for value in item.range]
        return {
            "x10": low,
            "x50": mid,
            "x90": high,
            "width": round(high - low, 1),
            "p10": figures[0],
            "p50": figures[1],
            "p90": figures[2],
            "label": f"P10 {figures[0]}, P50 {figures[1]}, P90 {figures[2]}",
        }

    def bars(self, classes: Mapping[str, int], total: int, width: float) -> list[tuple[str, float, float]]:
        """Class, start and width of each part of a share bar; a part that is there is wide enough to be seen."""
        shown = [(key, classes.get(key, 0)) for key in view.ORDER if classes.get(key, 0)]
        gap, least = 2.0, 5.0
        space = width * (sum(number for _, number in shown) / total if total else 0) - gap * max(len(shown) - 1, 0)
        whole = sum(number for _, number in shown) or 1
        small = [number for _, number in shown if space * number / whole < least]
        rest = max(space - least * len(small), 0.0)
        large = (whole - sum(small)) or 1
        x, found = 0.0, []
        for key, number in shown:
            part = least if space * number / whole < least else rest * number / large
            found.append((key, round(x, 1), round(max(part - 0.0, 1.0), 1)))
            x += part + gap
        return found

    def wave_bars(self, target: TargetView) -> list[tuple[float, float]]:
        """Start and width of each wave in a drawing of 1000."""
        total = sum(days.days for days in target.waves.values()) or 1.0
        x, found = 0.0, []
        for days in target.waves.values():
            width = 1000 * days.days / total
            found.append((round(x, 1), round(max(width - 3, 0.0), 1)))
            x += width
        return found

    def fall(self, target: TargetView) -> list[tuple[Row, float, float]]:
        """Rows of the waterfall with start and width in a drawing of 1000."""
        total = sum(row.days.days for row in target.rows) or 1.0
        x, found = 0.0, []
        for row in target.rows:
            width = 1000 * row.days.days / total
            found.append((row, round(x, 1), round(width, 1)))
            x += width
        return found

    def strength(self, name: str) -> int:
        """Filled ticks of a level of evidence."""
        return _STRENGTH.get(name, 0)

    # -- sentences -----------------------------------------------------------------------------------------------

    def name_of(self, target: TargetView) -> str:
        """The display name of a target."""
        return visible(target.target.title or target.key)

    def facts_of(self, target: TargetView) -> str:
        """What its answers rest on: chip, route, SDK."""
        return ", ".join(f"{key} {visible(value)}" for key, value in sorted(target.target.facts.items()) if value)

    def _whole(self, target: TargetView) -> Markup:
        """The name of a target, never broken at its blanks."""
        return Markup('<span class="nb">{}</span>').format(self.name_of(target))

    def _listed(self, texts: Sequence[object]) -> Markup:
        """*texts* joined as each language does."""
        if len(texts) == 1:
            return escape(texts[0])
        head, last = [escape(text) for text in texts[:-1]], texts[-1]
        en = Markup(", ").join(head) + Markup(" and ") + escape(last)
        zh = Markup("、").join(head) + Markup(" 和 ") + escape(last)
        return pair((en, zh))

    def lead(self, project: Project) -> Markup:
        """The page in two sentences: which stack, how long, how sure."""
        targets = project.targets
        every = self.report.estimates
        best = every[targets[0].estimate].range.p50
        near = [target for target in targets[:3] if every[target.estimate].range.p50 <= 1.25 * best]
        names = self._listed([Markup('<b class="nb">{}</b>').format(self.name_of(target)) for target in near])
        days = self._listed([self.num(target.estimate, "p50") for target in near])
        message = "page.lead-only" if len(targets) == 1 else "page.lead-many" if len(near) > 1 else "page.lead-one"
        said = [translated(message, names=names, days=days)]
        foreign = [target for target in targets if target.target.kind == "foreign"]
        if foreign and project.kernels:
            listed = self._listed([self._whole(target) for target in foreign])
            said.append(translated("page.lead-foreign", n=project.kernels, names=listed))
        loose = [
            target
            for target in targets
            if every[target.estimate].calibration.state == "none" and not (target in foreign and project.kernels)
        ]
        if loose:
            listed = self._listed([self._whole(target) for target in loose])
            said.append(translated("page.lead-uncalibrated", names=listed))
        return self._sentences(said)

    def _sentences(self, texts: Sequence[Markup]) -> Markup:
        """Sentences after one another, with a blank between them in English alone."""
        return pair((" ", "")).join(texts) if texts else Markup("")

    def said(self, first: Markup, rest: Markup) -> Markup:
        """A remark without its full stop, and the sentences after it."""
        return first + translated("page.stop") + (pair((" ", "")) + rest if rest else Markup(""))

    def library(self, name: str) -> Markup:
        """A library as people call it."""
        return escape(_LIBRARIES.get(name, visible(name))) if name else translated("library.none")

    def percent(self, target: TargetView) -> str:
        """Share of automatic places to one decimal; never 100 for less than all."""
        return view.automatic(target)

    def sure(self, estimate: Estimate) -> Markup:
        """How far an estimate is backed."""
        return pair([_capital(effort_words.calibration(messages(code), estimate.calibration)) for code in LANGUAGES])

    def sure_short(self, estimate: Estimate) -> Markup:
        """The same without the date."""
        known = estimate.calibration
        return translated(f"page.sure-{known.state}", known=known.n)

    def weeks(self, target: TargetView) -> Markup:
        """Likely days, and the time of one engineer."""
        spread = self.report.estimates[target.estimate].range
        time = pair([effort_words.time(messages(code), spread) for code in LANGUAGES])
        return translated("page.weeks", days=self.num(target.estimate, "p50"), time=time)

    def cross(self, estimate: Estimate) -> Markup:
        """The other estimate, or why there is none."""
        if estimate.cross_check is None:
            return translated("effort.not-calibrated-why") if estimate.calibration.state == "none" else Markup("")
        return pair([effort_words.cross_check(messages(code), estimate) for code in LANGUAGES])

    def drivers_note(self, target: TargetView) -> Markup:
        """`top 5: 27.8 of 58.5 days`."""
        top = target.drivers[:5]
        total = top[0].days if top else None
        for driver in top[1:]:
            total = total + driver.days if total else driver.days
        if total is None:
            return Markup("")
        part, whole = self.days(total), self.num1(target.estimate)
        return translated("page.drivers-note", n=len(top), part=part, total=whole)

    def driver_name(self, driver: Driver) -> Markup:
        """What the days come from."""
        if driver.category:
            names = translated("effort.names", n=driver.names)
            comma = translated("files.comma")
            return Markup("{}<small> {}{}{}</small>").format(self._title(driver.kind), driver.kind, comma, names)
        return self._row_name(driver.kind, None)

    def lower(self, driver: Driver) -> Markup:
        """What would lower it."""
        return translated(f"page.lower-{driver.category or driver.kind.split()[0]}")

    def blocker(self, blocker: Blocker) -> Markup:
        """Which names have no counterpart."""
        shown = ", ".join(blocker.names[:4]) + (f" … (+{len(blocker.names) - 4})" if len(blocker.names) > 4 else "")
        texts = [translated("page.blockers-names", names=Markup("<code>{}</code>").format(shown))]
        # A rule's remark is about one name; for several of them it would mislead.
        alone = blocker.note if len(blocker.names) == 1 else None
        stop = pair((".", "。")) if alone and not alone[1].endswith("。") else Markup("")
        texts.append(pair(alone) + stop if alone else translated("page.blockers-choices"))
        return self._sentences(texts)

    def route(self, route: str) -> Markup:
        """The name of a route."""
        return pair([_capital(messages(code)(_ROUTES[route])) for code in LANGUAGES])

    def assumed(self, key: str) -> str:
        """The value of an assumption as the page writes it."""
        value = self.names_start[key]
        return f"{100 * value:.0f}%" if key in ("reserve", "operators", "tuning") else f"{value:.2f}".rstrip("0")

    @property
    def names_start(self) -> dict[str, float]:
        """Assumptions as the estimates took them."""
        basis = self.report.basis
        return {key: item.value for key, item in basis.weights.assumptions.items()} | dict(basis.changed)

    def _title(self, identifier: str) -> Markup:
        texts = [words.title(messages(code), identifier) or identifier for code in LANGUAGES]
        return pair([_capital(text) for text in texts])

    def rule_title(self, rule: Rule) -> Markup:
        """The title of a finding id."""
        return self._title(rule.id)

    def id_title(self, identifier: str) -> Markup:
        """The title of a finding id."""
        return self._title(identifier)

    def ids(self, project: Project) -> list[str]:
        """Finding ids that a project has on any target."""
        return sorted({rule.id for target in project.targets for rule in target.rules})

    def _row_name(self, key: str, line: Line | None) -> Markup:
        if key in ("reserve", "tuning"):
            texts = [effort_words.layer(messages(code), key) for code in LANGUAGES]
            return pair([_capital(text) for text in texts])
        if line is not None:
            texts = [effort_words.line(messages(code), line) for code in LANGUAGES]
        else:
            texts = [messages(code)(f"effort.line-{key}") for code in LANGUAGES]
        return pair([_capital(text) for text in texts])

    def line_name(self, row: Row) -> Markup:
        """The name of a bar of the waterfall that is no class."""
        return self._row_name(row.key, row.lines[0] if row.lines else None)

    def line_label(self, line: Line) -> Markup:
        """`MIG501 asm bfe.u32`, `set-up and build`."""
        return pair([effort_words.line(messages(code), line) for code in LANGUAGES])

    def formula(self, line: Line) -> str:
        """`1 × 2.58 h + 3 × 0.55 h`, the mean of each triple."""
        parts = [f"{part.number:g} × {part.each.mean:.3g} h" for part in line.parts]
        return " + ".join(parts) or "0 h"

    def factor(self, estimate: Estimate) -> str:
        """Days of P50 that an hour stands for."""
        return f"{view.share_of(estimate):.4f}"

    def first_place(self, line: Line) -> str:
        """Where the line's first place is."""
        path, numbers = next(iter(line.places.items()))
        return f"{visible(path)}:{numbers[0]}"

    def origin(self, row: Row, estimate: Estimate) -> Markup:
        """What a bar counts."""
        if row.key == "reserve":
            return escape(f"{100 * estimate.assumptions['reserve']:.0f}%")
        if row.key == "tuning":
            return escape(f"{100 * estimate.assumptions['tuning']:.0f}%")
        if row.key in CLASSES:
            places = f"{sum(line.hits for line in row.lines):,}"
            return translated("page.origin-names", n=len(row.lines), places=places)
        return escape(self.formula(row.lines[0])) if row.lines else Markup("")

    # -- findings ------------------------------------------------------------------------------------------------

    def window(self, rule: Rule) -> list[tuple[int, str]]:
        """Lines around the first place of a rule."""
        file, use = rule.first
        return self.snippets.window(file.path, use.line)

    def instead(self, group: Group) -> str:
        """What takes the place of a name."""
        return visible(words.replacement(group.label, group.answer))

    def without_auto(self, spot: Spot) -> dict[str, int]:
        """Its open places."""
        return {key: number for key, number in spot.classes.items() if key != "auto"}

    def coverage_total(self, target: TargetView) -> int:
        """Distinct names."""
        return sum(len(groups) for library in target.libraries for groups in library.names.values())

    def cover_classes(self, library: Library) -> dict[str, int]:
        """Coverage in the colours of the classes."""
        classes = {"covered": "auto", "partly": "adapt", "missing": "unsupported", "unknown": "unknown"}
        return {classes[key]: len(groups) for key, groups in library.names.items()}

    def cover_most(self, target: TargetView) -> int:
        """Names of the largest library."""
        return max((sum(map(len, library.names.values())) for library in target.libraries), default=1)

    def diff(self, library: Library) -> list[tuple[str, str, Group]]:
        """The names worth reading, as an API diff."""
        signs = (("missing", "−", 12), ("unknown", "?", 8), ("partly", "~", 12), ("covered", "=", 4))
        return [(sign, key, group) for key, sign, most in signs for group in library.names[key][:most]]

    def diff_rest(self, library: Library) -> int:
        """Names that `diff` leaves out."""
        return sum(map(len, library.names.values())) - len(self.diff(library))

    def near(self, project: Project, group: Group) -> str:
        """Known names like an unknown one."""
        names = project.scan.near.get(group.name, ())
        return "≈ " + ", ".join(map(visible, names)) if names else ""

    # -- projects ------------------------------------------------------------------------------------------------

    def cell(self, project: Project, key: str) -> int | None:
        """The estimate of a target of a project."""
        return next((target.estimate for target in project.targets if target.key == key), None)

    def unanalysed(self, project: Project) -> list[FileResult]:
        """Build and Python files that name CUDA."""
        return [file for file in project.scan.files if file.state == "not-analysed"]

    def skipped(self, project: Project) -> list[FileResult]:
        """Files nobody looked into."""
        return [file for file in project.scan.files if file.state in ("skipped", "unreadable", "not-analysed")]

    def gaps(self, project: Project) -> int:
        """Files with parse gaps."""
        return sum(1 for file in project.scan.files if file.gaps)

    def unread(self, project: Project) -> Markup:
        """What was not analysed, in words."""
        kinds: dict[str, int] = {}
        for file in self.unanalysed(project):
            kind = file.language if file.language in ("build", "python") else "other"
            kinds[kind] = kinds.get(kind, 0) + 1
        parts = [translated(f"page.unread-{kind}", n=number) for kind, number in kinds.items()]
        parts += [
            translated(f"files.{state}", n=project.states[state])
            for state in ("skipped", "unreadable")
            if project.states.get(state)
        ]
        if self.gaps(project):
            parts.append(translated("files.gaps", n=self.gaps(project)))
        return translated("files.comma").join(parts) if parts else translated("page.covers-unread-none")

    def states(self, project: Project) -> Markup:
        """Files by what became of them."""
        return translated("files.comma").join(
            translated(f"files.{state}", n=number) for state, number in project.states.items()
        )

    def versions(self, project: Project) -> Markup:
        """Tool, rules and weights."""
        weights = self.report.basis.weights
        rules = project.scan.tables.get("digest", "")[:12]
        return translated(
            "page.run-versions-text",
            tool=project.scan.tool,
            rules=visible(rules),
            weights=weights.digest[:12],
            version=weights.version,
        )


def _capital(text: str) -> str:
    """*text* as it begins a line."""
    return text[:1].upper() + text[1:]
