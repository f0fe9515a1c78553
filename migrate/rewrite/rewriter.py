"""One file: from its uses of CUDA to fixes, from fixes to bytes, until nothing changes any more.

Everything a target needs is loaded once in `Rewriter`; rewriting a file is then pure: the same bytes and uses give
the same result in any process.
"""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, NamedTuple

from migrate.analysis import analyse_bytes
from migrate.match import Matcher
from migrate.model import Edit, Fix, Span, answer_key
from migrate.parse.directives import Directives
from migrate.parse.view import make_view
from migrate.parse.words import words_of
from migrate.ptx.replace import fix_at
from migrate.rewrite import asides, includes, kernels, launches, masks, names, prose, recipes
from migrate.rewrite import edits as edit_values
from migrate.rewrite.calls import make_call
from migrate.rewrite.device_code import KEPT
from migrate.rewrite.guard import guarded, other_stacks
from migrate.rewrite.values import Assumed, Left, Options, Rewritten
from migrate.tables.recipes import DELETE, PYTHON
from migrate.tables.rules import Table, rules_dir

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from migrate.manifest import Manifest
    from migrate.model import Answer, FileResult, Launch, Target, Use
    from migrate.parse.macros import Learned
    from migrate.tables.inventory import Inventory

#: How often a file is looked at again; whatever changes still is a fault of a recipe.
ROUNDS = 3

#: Kinds of uses that only code for the device has: a file with one is compiled by the target's own compiler.
_KERNEL_KINDS = frozenset({"qualifier", "variable", "launch"})
_MAIN = ("runtime", "driver")


class _Round(NamedTuple):
    """One look at a file."""

    edits: tuple[Edit, ...]
    fixed: tuple[Use, ...]
    assumed: tuple[Assumed, ...]
    left: tuple[Left, ...]
    again: bool  # fixes wait for another round


class Rewriter:
    """Rewrites files for one target."""

    def __init__(
        self,
        target: Target,
        options: Options = Options(),  # noqa: B008 - an immutable value
        *,
        rules_dirs: Sequence[Path] = (),
        inventory: Inventory | None = None,
        learned: Learned | None = None,
    ) -> None:
        """Loads what the target needs.

        Args:
            target: resolved.
            options: how to rewrite.
            rules_dirs: folders with a user's own tables.
            inventory: CUDA's names when they are loaded already.
            learned: the project's macros, for further rounds; the built-in ones when left out.
        """
        from migrate.manifest import at_variant, load_manifest
        from migrate.workers import inventory as shared_inventory

        shipped = rules_dir()
        self.target = target
        self.options = options
        self.inventory = inventory or shared_inventory()
        self.manifest: Manifest = at_variant(load_manifest(shipped, target.name), target.variant)
        self._learned = learned
        self._matcher = Matcher(target, Table.load(target.name, shipped, rules_dirs), self.inventory)
        self._guards, self._foreign = other_stacks(shipped, self.manifest, self.inventory)
        recipes.load(target.name)
        main = [self.manifest.headers[key] for key in _MAIN if key in self.manifest.headers]
        self._main = {_base(header) for header in main}
        runtime = self.manifest.headers.get("runtime", "")
        self._runtime = "" if f"<{runtime}>" in self.inventory else runtime
        self._function = launches.FUNCTIONS.get(target.name, "") if options.launch == "function" else ""
        apart = options.unsafe and options.style != "guard"
        self._entry = kernels.prefix(target, self.manifest) if apart else ""

    @property
    def has_launch_function(self) -> bool:
        """Whether the target can launch kernels by a call."""
        return self.target.name in launches.FUNCTIONS

    @property
    def macro(self) -> str:
        """The macro under which `--style guard` writes the target's lines; "" where the target has none."""
        guards = self.manifest.macros.guards
        return next((name for name in guards if name.startswith("USE_")), guards[0] if guards else "")

    def answer(self, use: Use) -> Answer:
        """The target's answer for *use*."""
        return self._matcher.answer(answer_key(use.shape))

    @property
    def matcher(self) -> Matcher:
        """What answers for the target."""
        return self._matcher

    def has_recipe(self, use: Use) -> bool:
        """Whether more than the spelling of *use* would change, so that its arguments decide whether anything does."""
        return self._matcher.recipe(answer_key(use.shape)) is not None

    def skips(self, condition: str) -> bool:
        """Whether code under *condition* is another stack's, or the target's already, and stays as it is."""
        return self._guards.skip(condition)

    def rewrite(self, data: bytes, result: FileResult) -> Rewritten:
        """*data* rewritten by what *result* says about it.

        Args:
            data: the bytes that were scanned.
            result: what a scan said about exactly these bytes; one `to_rewrite` will do unless remarks are asked for.
        """
        if result.reason.startswith("compatibility map"):
            return Rewritten(data, (), 0, (), (), result.reason, converged=True)
        current, now = data, result
        composed: tuple[Edit, ...] = ()
        fixed = 0
        assumed: list[Assumed] = []
        converged = True
        left: tuple[Left, ...] = ()
        for number in range(ROUNDS + 1):
            round_ = self._round(current, now)
            if isinstance(round_, str):
                return Rewritten(data, (), 0, (), (), round_, converged=True)
            left = round_.left
            if number == ROUNDS:
                converged = not round_.edits
                break
            if not round_.edits:
                break
            for use, note in round_.assumed:
                at = edit_values.origin(composed, use.start)
                assumed.append(
                    Assumed(use._replace(line=data.count(b"\n", 0, at) + 1), note) if composed else Assumed(use, note)
                )
            new = edit_values.apply(current, round_.edits)
            composed = edit_values.compose(composed, round_.edits, current) if composed else round_.edits
            fixed += len(round_.fixed)
            current = new
            if not round_.again:
                break
            now = self.analyse(current, result)
        if self.options.style == "guard" and composed:
            composed = self._guarded(data, composed)
            current = edit_values.apply(data, composed)
        if self.options.annotate and left:
            current, composed = self._annotated(data, current, composed, result)
        if current == data:
            return Rewritten(data, (), 0, (), left, "", converged)
        return Rewritten(current, composed, fixed, tuple(assumed), left, "", converged)

    def analyse(self, data: bytes, result: FileResult) -> FileResult:
        """The uses of CUDA in *data*, new bytes of the file of *result*; hazards only where they may be mended."""
        from migrate.parse import macros

        learned = self._learned or macros.combine([macros.learn(data)])
        brief = not self.options.annotate
        return analyse_bytes(result.path, result.language, data, self.inventory, learned, cuda=True, to_rewrite=brief)

    # ---- one round

    def _round(self, data: bytes, result: FileResult) -> _Round | str:
        """The fixes of one look at a file; a text says why it is left alone."""
        answers = [(use, self.answer(use)) for use in result.uses]
        if not any(answer.fix for _, answer in answers) and not self._may_insert(result):
            return _Round((), (), (), self._left(answers, frozenset(), {}), again=False)
        whole_view = make_view(data)
        view = whole_view.text
        directives = Directives(view)
        found = list(includes.find(view, directives))
        reason = self._ported(found)
        if reason:
            return reason
        launches_here = launches.by_start(view) if any(use.shape.kind == "launch" for use, _ in answers) else {}
        templates = launches.template_kernels(view) if self._function and launches_here else frozenset()
        device = kernels.Kernels(data, view, directives, self._entry) if self._entry else None
        legacy = self._legacy_blas(found)
        fixes: list[tuple[Fix, Use | None]] = []
        headers: dict[int, tuple[str, str]] = {}
        open_: dict[int, bool] = {}  # uses that no allowed fix mends → whether an unsafe one would
        copied = False
        for use, answer in answers:
            if self._guards.skip(use.shape.condition) or (device is not None and device.keeps(use.start)):
                continue
            if use.shape.kind == "include":
                header = self._header(use, answer)
                if header is not None and use.shape.define and header[0]:  # `#define HEADER <cuda_runtime.h>`
                    edit = Edit(use.start, use.start + use.length, header[0].encode())
                    fixes.append((Fix((edit,), header[1]), use))
                elif header is not None and not use.shape.define:
                    headers[use.start] = header
                continue
            if legacy and use.shape.library == "blas" and f"{use.shape.name}_v2" in self.inventory:
                continue  # cublas.h without handles: the target has the newer interface only
            launch = launches_here.get(use.start) if use.shape.kind == "launch" else None
            if launch is not None and device is not None:
                fix, from_recipe = device.call(launch), False
            else:
                fix, from_recipe = self._fix(data, view, use, answer, launch, templates)
            if fix is not None and self._allowed(fix.level):
                fixes.append((fix, use))
                copied = copied or (from_recipe and self._names_in(fix))
            elif from_recipe or fix is not None:
                open_[id(use)] = fix is not None
        replaced = includes.replace(data, found, headers)
        by_start = {use.start: use for use, _ in answers if use.shape.kind == "include"}
        fixes += [(fix, by_start[start]) for start, fix in replaced.fixes.items() if self._allowed(fix.level)]
        more = recipes.file_fixes(recipes.File(data, view, result, self.target))
        if self._function:
            more = chain(more, launches.through_macros(view, launches_here.values(), self._function, templates))
        if device is not None:
            more = chain(more, device.fixes())
        for fix in more:
            if self._allowed(fix.level) and not self._guards.skip(directives.condition(fix.edits[0].start)):
                fixes.append((fix, None))
                copied = copied or self._names_in(fix)
        own = asides.pretended(view, directives, self._matcher, self._guards)
        if self.options.strings and self.options.style != "guard":
            texts = prose.messages(data, view, whole_view.literals, directives, self._matcher, self._guards)
            own = chain(own, texts)
        fixes += [(Fix((edit,), "safe"), None) for edit in own if device is None or not device.keeps(edit.start)]
        if self._needs_main(result, answers, replaced.headers, fixes):
            edit = includes.insertion(data, view, directives, self._runtime)
            fixes.append((Fix((edit,), "safe"), None))
        fixes.sort(key=lambda pair: pair[0].edits[0][:2] if pair[0].edits else (0, 0))
        choice = edit_values.choose([fix for fix, _ in fixes])
        mended = [fixes[number] for number in choice.chosen]
        done = frozenset(id(use) for _, use in mended)
        unsafe = [(use or _nearest(result, fix), fix) for fix, use in mended if fix.level == "unsafe"]
        assumed = tuple(Assumed(use, fix.assumption) for use, fix in unsafe if use is not None)
        uses = tuple(use for _, use in mended if use is not None)
        return _Round(
            choice.edits, uses, assumed, self._left(answers, done, open_), again=bool(choice.waiting) or copied
        )

    def _allowed(self, level: str) -> bool:
        return level == "safe" or (level == "unsafe" and self.options.unsafe)

    def _left(
        self, answers: list[tuple[Use, Answer]], done: frozenset[int], open_: dict[int, bool]
    ) -> tuple[Left, ...]:
        """What a person has to look at: everything that is not automatic and was not mended.

        Hazards without a fix are told by a scan; here they count only where they are to be written into the source.

        Args:
            answers: all uses.
            done: ids of the uses that were mended.
            open_: ids of those for which no allowed fix fitted → whether an unsafe one would.
        """
        return tuple(
            Left(use, answer, open_.get(id(use), answer.fix == "unsafe"))
            for use, answer in answers
            if answer.id
            and id(use) not in done
            and (answer.category != "auto" or answer.fix == "unsafe" or id(use) in open_)
            and (use.shape.kind != "hazard" or answer.fix or self.options.annotate)
            and (KEPT in use.shape.condition or not self._guards.skip(use.shape.condition))
        )

    def _fix(
        self,
        data: bytes,
        view: bytes,
        use: Use,
        answer: Answer,
        launch: Launch | None,
        templates: frozenset[bytes],
    ) -> tuple[Fix | None, bool]:
        """The fix of one use, and whether recipes speak for it: then no fix means that none of them fits."""
        shape = use.shape
        if launch is not None and self._function:
            return launches.as_call(view, launch, self._function, templates), False
        if answer.fix not in ("safe", "unsafe"):
            return None, False
        if shape.kind == "ptx":
            return fix_at(data, view, use.start), True
        if shape.kind == "hazard":
            return masks.widen(data, use, answer), True
        rows = list(self._matcher.recipes(answer_key(shape)))
        if rows and (shape.kind in names.RENAMED or launch is not None):
            call = make_call(data, view, use, self.target, Span(use.start, use.start + use.length), launch)
            for row in rows:
                if not row.fits(len(call.arguments)) or (not call.called and launch is None and row.arguments):
                    continue
                call.level = "unsafe" if answer.fix == "unsafe" and row.level == "safe" else row.level
                if row.template == PYTHON:
                    function = recipes.find(self.target.name, row.cuda)
                    fix = function(call) if function is not None else None
                else:
                    fix = call.from_template(row.template)
                if fix is not None:
                    return Fix(fix.edits, fix.level, fix.assumption or row.assumption), True
            if not self._is_rename(use):
                return None, True
        return names.rename(data, use, answer), False

    def _is_rename(self, use: Use) -> bool:
        """Whether the name alone may be written where no recipe fits: its row says that the signature is the same."""
        hit = self._matcher.lookup(use.shape.name, use.shape.kind, use.shape.owner)
        return hit is not None and hit.rule.status == "rename"

    def _names_in(self, fix: Fix) -> bool:
        """Whether the new text holds names of CUDA that are still to be renamed."""
        return any(not words_of(edit.text).isdisjoint(self.inventory.words) for edit in fix.edits if edit.text)

    def _legacy_blas(self, found: list[includes.Include]) -> bool:
        """Whether a file uses cuBLAS's first interface, whose functions of the same name take no handle."""
        names_ = {include.name for include in found}
        return "cublas.h" in names_ and "cublas_v2.h" not in names_

    # ---- headers

    def _header(self, use: Use, answer: Answer) -> tuple[str, str] | None:
        """What becomes of an include: (header, level), the header "" to take the line out; None when it stays."""
        for row in self._matcher.recipes(answer_key(use.shape)):
            if row.template == DELETE and self._allowed(row.level):
                return "", row.level
        if answer.replacement and self._allowed(answer.fix) and not answer.replacement.endswith("*"):
            return answer.replacement, answer.fix
        return None

    def _may_insert(self, result: FileResult) -> bool:
        """Whether the target's main header may have to be written in."""
        return bool(self._runtime) and (
            result.language == "cuda" or any(use.shape.kind in _KERNEL_KINDS for use in result.uses)
        )

    def may_change(self, result: FileResult) -> bool:
        """Whether a file without uses of CUDA may change: a source that nvcc put its main header into."""
        return bool(self._runtime) and self.target.kind == "cuda-like" and result.path.endswith(".cu")

    def _needs_main(
        self,
        result: FileResult,
        answers: list[tuple[Use, Answer]],
        headers: set[str],
        fixes: list[tuple[Fix, Use | None]],
    ) -> bool:
        """Whether a file that uses CUDA relied on nvcc for its main header and the target's is missing."""
        if not self._may_insert(result) or any(_base(header) in self._main for header in headers):
            return False
        used = [use for use, answer in answers if answer.id and not self._guards.skip(use.shape.condition)]
        if any(_base(header) in _CUDA_MAIN for header in headers):
            return False  # it asks for CUDA's own, which no allowed fix replaces
        if self.target.kind == "cuda-like":
            return bool(used) or self.may_change(result)
        return any(use is not None and use.shape.library in _MAIN for _, use in fixes)

    def _ported(self, found: list[includes.Include]) -> str:
        """Why a file is no CUDA source any more: it includes another stack's headers and none of CUDA's."""
        foreign = ""
        for include in found:
            if f"<{include.name}>" in self.inventory:
                return ""
            if not foreign and include.name in self._foreign and not self._guards.skip(include.condition):
                foreign = include.name
        return f"ported: includes {foreign}" if foreign else ""

    # ---- forms of output

    def _guarded(self, data: bytes, composed: tuple[Edit, ...]) -> tuple[Edit, ...]:
        view = make_view(data).text
        return guarded(data, view, Directives(view), composed, self.macro)

    def _annotated(
        self, data: bytes, current: bytes, composed: tuple[Edit, ...], result: FileResult
    ) -> tuple[bytes, tuple[Edit, ...]]:
        """The result with a remark behind each line that holds something left."""
        from migrate.rewrite.annotate import remarks

        now = self.analyse(current, result) if current != data else result
        round_ = self._round(current, now)
        more = remarks(current, round_.left) if isinstance(round_, _Round) else ()
        if not more:
            return current, composed
        return edit_values.apply(current, more), edit_values.compose(composed, more, current)


def _nearest(result: FileResult, fix: Fix) -> Use | None:
    """The use by which an edit of a whole file is reported: the first behind its beginning, else the last."""
    at = fix.edits[0].start
    return next((use for use in result.uses if use.start >= at), result.uses[-1] if result.uses else None)


#: Base names of CUDA's own main headers.
_CUDA_MAIN = frozenset({"cuda_runtime.h", "cuda.h"})


def _base(header: str) -> str:
    return header.rpartition("/")[2]
