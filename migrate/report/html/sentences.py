"""Sentences of the page: who costs what, how sure, what drives and what blocks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from markupsafe import Markup, escape

from migrate.messages import LANGUAGES, messages
from migrate.model import CLASSES
from migrate.report import effort_words, words
from migrate.report.html.parts import automatic, share_of
from migrate.report.html.texts import capital, pair, translated
from migrate.report.plain import visible

if TYPE_CHECKING:
    from collections.abc import Sequence

    from migrate.effort.estimate import Estimate, Line
    from migrate.effort.track import Step, Track
    from migrate.report.html.figures import Figures
    from migrate.report.html.parts import Blocker, Driver, Project, Report, Row, Rule, TargetView

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


class Sentences:
    """What the template calls for names and sentences."""

    def __init__(self, report: Report, figures: Figures) -> None:
        """Days in sentences are those of *figures*."""
        self._report = report
        self._figures = figures

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
        every = self._report.estimates
        best = every[targets[0].estimate].range.p50
        near = [target for target in targets[:3] if every[target.estimate].range.p50 <= 1.25 * best]
        names = self._listed([Markup('<b class="nb">{}</b>').format(self.name_of(target)) for target in near])
        days = self._listed([self._figures.num(target.estimate, "p50") for target in near])
        message = "page.lead-only" if len(targets) == 1 else "page.lead-many" if len(near) > 1 else "page.lead-one"
        said = [translated(message, names=names, days=days)]
        open_names = [target for target in near if 20 * target.totals.classes["unknown"] >= max(1, target.totals.uses)]
        if open_names:
            listed = self._listed([self._whole(target) for target in open_names])
            numbers = [target.totals.classes["unknown"] for target in open_names]
            counts = self._listed([f"{number:,}" for number in numbers])
            message = "page.lead-unknown" if len(numbers) == 1 else "page.lead-unknown-many"
            said.append(translated(message, numbers[0], names=listed, counts=counts))
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
        return automatic(target)

    def sure(self, estimate: Estimate) -> Markup:
        """How far an estimate is backed."""
        return pair([capital(effort_words.calibration(messages(code), estimate.calibration)) for code in LANGUAGES])

    def sure_short(self, estimate: Estimate) -> Markup:
        """The same without the date."""
        known = estimate.calibration
        return translated(f"page.sure-{known.state}", known=known.n)

    def weeks(self, target: TargetView) -> Markup:
        """Likely days, and the time of one engineer."""
        spread = self._report.estimates[target.estimate].range
        time = pair([effort_words.time(messages(code), spread) for code in LANGUAGES])
        return translated("page.weeks", days=self._figures.num(target.estimate, "p50"), time=time)

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
        part, whole = self._figures.days(total), self._figures.num1(target.estimate)
        return translated("page.drivers-note", n=len(top), part=part, total=whole)

    def progress_note(self, track: Track) -> Markup:
        """`34.1% of the work done, likely 41 person-days left`."""
        last = track.steps[-1]
        message = "page.progress-note" if last.share >= 0 else "page.progress-more"
        return translated(message, share=f"{100 * abs(last.share):.1f}%", days=self._figures.left(track, last, "p50"))

    def burn_share(self, step: Step) -> str:
        """Share of the work that a scan of a series leaves."""
        return f"{100 * (1 - step.share):.0f}%"

    def burn_label(self, track: Track) -> str:
        """The line of the work left in words, for readers that do not see it."""
        return ", ".join(f"{visible(step.label)} {self.burn_share(step)}".strip() for step in track.steps)

    def driver_name(self, driver: Driver) -> Markup:
        """What the days come from."""
        if driver.category:
            return self._title(driver.kind)
        return self._row_name(driver.kind, None)

    def lower(self, driver: Driver) -> Markup:
        """What would lower it."""
        return translated(f"page.lower-{driver.category or driver.kind.split()[0]}")

    def blocker(self, blocker: Blocker) -> Markup:
        """Which names have no counterpart."""
        shown = ", ".join(blocker.names[:4]) + (f" … (+{len(blocker.names) - 4})" if len(blocker.names) > 4 else "")
        texts = [translated("page.blockers-names", len(blocker.names), names=Markup("<code>{}</code>").format(shown))]
        # A rule's remark is about one name; for several of them it would mislead.
        alone = blocker.note if len(blocker.names) == 1 else None
        stop = pair((".", "。")) if alone and not alone[1].endswith("。") else Markup("")
        texts.append(pair(alone) + stop if alone else translated("page.blockers-choices"))
        return self._sentences(texts)

    def route(self, route: str) -> Markup:
        """The name of a route."""
        return pair([capital(messages(code)(_ROUTES[route])) for code in LANGUAGES])

    def assumed(self, key: str) -> str:
        """The value of an assumption as the page writes it."""
        basis = self._report.basis
        value = basis.changed.get(key, basis.weights.assumptions[key].value)
        return f"{100 * value:.0f}%" if key in ("reserve", "operators", "tuning") else f"{value:.2f}".rstrip("0")

    def _title(self, identifier: str) -> Markup:
        texts = [words.title(messages(code), identifier) or identifier for code in LANGUAGES]
        return pair([capital(text) for text in texts])

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
            return pair([capital(text) for text in texts])
        if line is not None:
            texts = [effort_words.line(messages(code), line) for code in LANGUAGES]
        else:
            texts = [messages(code)(f"effort.line-{key}") for code in LANGUAGES]
        return pair([capital(text) for text in texts])

    def line_name(self, row: Row) -> Markup:
        """The name of a bar of the waterfall that is no class."""
        return self._row_name(row.key, row.lines[0] if row.lines else None)

    def line_label(self, line: Line) -> Markup:
        """`MIG501 asm bfe.u32`, `set-up and build`."""
        return pair([effort_words.line(messages(code), line) for code in LANGUAGES])

    def formula(self, line: Line) -> str:
        """`1 × 2.58 h + 3 × 0.55 h`, the mean of each triple."""
        parts = [f"{part.number:,g} × {part.each.mean:.3g} h" for part in line.parts]
        return " + ".join(parts) or "0 h"

    def factor(self, estimate: Estimate) -> str:
        """Days of P50 that an hour stands for."""
        return f"{share_of(estimate):.4f}"

    def first_place(self, line: Line) -> str:
        """Where the line's first place is."""
        path, numbers = next(iter(line.places.items()))
        return f"{visible(path)}:{numbers[0]}"

    def names_places(self, names: int, places: int) -> Markup:
        """`93 names, 331 places`."""
        comma = translated("files.comma")
        return translated("effort.names", n=names) + comma + translated("page.places-n", n=places)

    def nothing(self, project: Project) -> Markup:
        """That no CUDA was found; not that there is none where files that name it were not analysed."""
        unread = project.states.get("not-analysed", 0)
        return translated("page.no-cuda-unread", n=unread) if unread else translated("page.no-cuda")

    def origin(self, row: Row, estimate: Estimate) -> Markup:
        """What a bar counts."""
        if row.key == "reserve":
            return escape(f"{100 * estimate.assumptions['reserve']:.0f}%")
        if row.key == "tuning":
            return escape(f"{100 * estimate.assumptions['tuning']:.0f}%")
        if row.key in CLASSES:
            # Lines without a finding are work around it, as a header that renames.
            lines = [line for line in row.lines if line.id]
            return self.names_places(len(lines), sum(line.hits for line in lines))
        return escape(self.formula(row.lines[0])) if row.lines else Markup("")
