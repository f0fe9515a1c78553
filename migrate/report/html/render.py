"""One HTML file that needs no network, from scans and estimates; readable without its script.

Every text stands in both languages, and a style rule shows one. Everything from the scanned code passes `visible` and
then Jinja's escaping; the policy in the head lets only the page's own script and style through, by their hashes.
"""

from __future__ import annotations

import base64
import hashlib
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from migrate.messages import LANGUAGES, messages
from migrate.report import effort_words
from migrate.report.html import data, pages, parts
from migrate.report.html.figures import Figures
from migrate.report.html.lists import Lists
from migrate.report.html.sentences import Sentences
from migrate.report.html.texts import CODES, pair, script_words, translated
from migrate.report.plain import visible

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from migrate.effort.track import Track
    from migrate.report.against import Older
    from migrate.report.html.parts import Report


def render(
    report: Report,
    *,
    language: str = "en",
    title: str = "",
    root: str = "",
    older: Mapping[tuple[int, str], Older] | None = None,
    audience: str = "both",
) -> str:
    """The page of *report*.

    Args:
        report: what to show.
        language: shown first, "en" or "zh"; the page holds both.
        title: of the window; the projects' names when left out.
        root: folder in front of the scans' paths, for snippets.
        older: the way from earlier scans, by number of the project and key of the target.
        audience: "manager" for the view of decisions alone, with no place and no line of source in the file;
            "engineer" for the other one alone; "both".
    """
    folder = Path(__file__).parent
    style = (folder / "style.css").read_text(encoding="utf-8")
    script = (folder / "page.js").read_text(encoding="utf-8")
    older = older or {}
    tracks = [item.track for item in older.values()]
    snippets = data.Snippets(root)
    if audience != "manager":
        for project in report.projects:
            data.want_snippets(project, snippets)
        snippets.read()
    names = ", ".join(project.name for project in report.projects)
    page: str = _template().render(
        **_names(report, snippets, tracks),
        language=language,
        title=title or f"{names} · {messages(language)('page.title')}",
        style=Markup(style),  # noqa: S704 - ours
        script=Markup(script),  # noqa: S704 - ours
        policy=(
            f"default-src 'none'; style-src '{_hash(style)}'; script-src '{_hash(script)}'; "
            "base-uri 'none'; form-action 'none'"
        ),
        words=_raw({code: script_words(language) for language, code in CODES.items()}),
        numbers=_raw(data.estimates_json(report.estimates, report.basis, [track.start for track in tracks])),
        packed=[
            data.packed(data.places_json(project, snippets)) if audience != "manager" else ""
            for project in report.projects
        ],
        older=lambda project, target: older.get((project, target)),
        audience=audience,
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


def _names(report: Report, snippets: data.Snippets, tracks: Iterable[Track]) -> dict[str, Any]:
    """Everything the template may use, by name."""
    figures = Figures(report, tracks)
    found: dict[str, Any] = {}
    for part in (figures, Sentences(report, figures), Lists(report, snippets)):
        found |= {name: getattr(part, name) for name in dir(part) if not name.startswith("_") and name != "axis"}
    keys = dict.fromkeys(target.key for project in report.projects for target in project.targets)
    start = {key: item.value for key, item in report.basis.weights.assumptions.items()}
    return found | {
        "t": translated,
        "pair": pair,
        "gap": pair((" ", "")),
        "visible": visible,
        "page": pages.page,
        "number": effort_words.number,
        "year": parts.year,
        "open_places": parts.open_places,
        "order": parts.ORDER,
        "range5": range(5),
        "now_words": [(CODES[code], messages(code)("page.progress-now")) for code in LANGUAGES],
        "projects": report.projects,
        "estimates": report.estimates,
        "basis": report.basis,
        "start": start | dict(report.basis.changed),
        "all_targets": list(keys),
        "tool": report.projects[0].scan.tool if report.projects else "",
        "axis": {"lines": [tick[0] for tick in figures.axis.ticks], "marks": figures.axis.ticks},
    }
