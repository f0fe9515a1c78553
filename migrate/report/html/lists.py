"""Lists of the page: places, names by library, files by what became of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from markupsafe import Markup, escape

from migrate.report import words
from migrate.report.html.texts import translated
from migrate.report.plain import visible

if TYPE_CHECKING:
    from migrate.model import FileResult
    from migrate.report.html.data import Snippets
    from migrate.report.html.parts import Library, Project, Report, Rule, Spot, TargetView
    from migrate.report.summary import Group


class Lists:
    """What the template calls for lists."""

    def __init__(self, report: Report, snippets: Snippets) -> None:
        """Source lines are those of *snippets*."""
        self._report = report
        self._snippets = snippets

    def path_of(self, path: str, line: int = 0) -> Markup:
        """A path that breaks at its folders, which stand back behind the file's name."""
        folder, slash, name = visible(path).rpartition("/")
        where = f"{name}:{line}" if line else name
        if not slash:
            return escape(where)
        steps = Markup("/<wbr>").join(folder.split("/")) + Markup("/<wbr>")
        return Markup('<span class="dir">{}</span>{}').format(steps, where)

    def window(self, rule: Rule) -> list[tuple[int, str]]:
        """Lines around the first place of a rule."""
        file, use = rule.first
        return self._snippets.window(file.path, use.line)

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
        weights = self._report.basis.weights
        rules = project.scan.tables.get("digest", "")[:12]
        return translated(
            "page.run-versions-text",
            tool=project.scan.tool,
            rules=visible(rules),
            weights=weights.digest[:12],
            version=weights.version,
        )
