"""Uses × rules → answers: the one place that decides what a rule means for a person (DESIGN §3).

An answer depends on a use's name, kind, owner and side only, so it is decided once for each such key and target.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from migrate import hazards
from migrate.model import Answer, AnswerKey, RuleText
from migrate.ptx import groups
from migrate.tables import condition
from migrate.tables.rules import OWN, best_level, evidence_pieces, rules_dir

if TYPE_CHECKING:
    from collections.abc import Iterator

    from migrate.model import Target
    from migrate.tables.inventory import Inventory
    from migrate.tables.recipes import RecipeRow
    from migrate.tables.rules import Rule, Table

#: Macros whose comparison means something else on every other stack: flagged, never renamed blindly.
VERSION_MACRO = re.compile(
    r"__CUDA_ARCH\w*|__CUDACC_VER_\w+|CUDA_VERSION|CUDART_VERSION|CUDA_ARCH\w*|\w+_VER(?:SION)?(?:_(?:MAJOR|MINOR|PATCH|BUILD|CODE))?"
    r"|(?:CUDNN|NCCL|CUB|THRUST)_(?:MAJOR|MINOR|PATCH|PATCHLEVEL|SUBMINOR)\w*|__NVCC__|NV_ARCH_\w+"
)

#: A replacement that can be written in place of a name.
_IDENTIFIER = re.compile(r"[A-Za-z_]\w*(?:(?:::|\.)[A-Za-z_]\w*)*|<?[\w./+-]+\.(?:h|hpp|cuh|muh|inl)>?|<[\w./+-]+>")

#: Kinds of rows that hold on every route of a stack when one route is known (DESIGN §2).
_LANGUAGE_LEVEL = frozenset({"builtin", "language"})

#: Where CUDA declares its vector and half types, which are of the language level too.
_VECTOR_HEADERS = ("vector_types", "vector_functions", "cuda_fp16", "cuda_bf16", "cuda_fp8")

#: Kinds of uses that only device code has.
_KERNEL_KINDS = frozenset({"qualifier", "variable", "launch"})


class Hit(NamedTuple):
    """The row that answers a name for a target, and how it came to."""

    rule: Rule
    level: str
    family: str  # glob that answered
    carried: str  # reason when the row was not written for this name or route


class Matcher:
    """Answers uses for one target; decided answers and the rules they rest on are kept."""

    def __init__(self, target: Target, table: Table, inventory: Inventory) -> None:
        self.target = target
        self.table = table
        self.inventory = inventory
        self.answers: dict[AnswerKey, Answer] = {}
        self.rules: dict[str, RuleText] = {}
        self._facts: hazards.Facts | None = None
        self._held: dict[str, Rule | None] = {}  # by row key; the beginnings of PTX instructions come by the thousand

    @property
    def facts(self) -> hazards.Facts:
        """What the target's manifest says, read when the first hazard asks."""
        if self._facts is None:
            self._facts = hazards.facts_of(self.target, rules_dir())
        return self._facts

    def answer(self, key: AnswerKey) -> Answer:
        """The target's answer for uses of *key*."""
        answer = self.answers.get(key)
        if answer is None:
            answer = self.answers[key] = self._decide(key)
        return answer

    def lookup(self, name: str, kind: str = "", owner: str = "") -> Hit | None:
        """The row that answers *name*, or None when no row does.

        Searched in this order: a row of the name whose condition holds; the longest family row; PyTorch's last
        component; the base name of a component or the struct of a member; a row of another route for names of the
        language level.
        """
        keys = row_keys(name, kind, owner)
        if self.table.has_own:
            # A user's family row goes before the shipped row of a name, as all of a user's tables do.
            hit = self._family(keys[0])
            rule = self._holding(keys[0])
            if hit is not None and hit.rule.library.startswith(OWN) and not (rule and rule.library.startswith(OWN)):
                return hit
        for row_key in keys:
            rule = self._holding(row_key)
            if rule is not None:
                return Hit(rule, best_level(rule.evidence), "", "")
        hit = self._family(keys[0])
        if hit is not None:
            return hit
        if kind == "namespace":
            return self._namespace(name)
        if "::" in name:
            for row_key in self.table.last_component(name.rpartition("::")[2]):
                if _same_scope(row_key, name):
                    hit = self._direct(row_key)
                    if hit is not None:
                        return hit._replace(carried=f"{row_key} is the name behind {name}")
            return self._scope(name)
        if owner and kind != "ptx":
            hit = self.lookup(owner.partition(".")[0], "type")
            if hit is not None and hit.rule.status in ("same", "rename"):
                rule = hit.rule._replace(status="same", target=name)
                return Hit(rule, "inferred", hit.family, f"fields of {owner} are taken to keep their names")
            return hit and hit._replace(level="inferred", carried=f"the answer of its struct {owner}")
        base = name.partition(".")[0]
        if base != name and kind != "include":
            hit = self.lookup(base, kind)
            if hit is not None:
                rule = hit.rule
                if rule.target and _IDENTIFIER.fullmatch(rule.target):
                    rule = rule._replace(target=rule.target + name[len(base) :])
                return Hit(rule, hit.level, hit.family, hit.carried or f"the answer of {base}")
        return self._other_route(name)

    def recipe(self, key: AnswerKey) -> RecipeRow | None:
        """The first recipe for uses of *key* whose condition holds; which one a call gets depends on its arguments."""
        return next(self.recipes(key), None)

    def recipes(self, key: AnswerKey) -> Iterator[RecipeRow]:
        """Every recipe for uses of *key* whose condition holds."""
        row_key = "<<<>>>" if key.kind == "launch" else row_keys(key.name, key.kind, key.owner)[0]
        for row in self.table.recipes(row_key):
            if not row.when or not condition.failing(row.when, self.target.facts):
                yield row

    def _scope(self, name: str) -> Hit | None:
        """The row of the namespace a scoped name stands in (`nvcuda::wmma`), for names below it without a row."""
        scope, _, last = name.rpartition("::")
        tail = last
        while scope:
            rule = self._holding(scope)
            if rule is not None:
                target = rule.target
                if target.rpartition("::")[2] == scope.rpartition("::")[2]:  # another namespace, not something else
                    target += f"::{tail}"
                return Hit(rule._replace(target=target), "inferred", "", f"the answer of its namespace {scope}")
            scope, _, last = scope.rpartition("::")
            tail = f"{last}::{tail}"
        return None

    def alternatives(self, name: str, kind: str = "", owner: str = "") -> Iterator[Rule]:
        """Every row of *name*, whether its condition holds or not."""
        for row_key in row_keys(name, kind, owner):
            yield from self.table.rows(row_key)

    def _holding(self, row_key: str) -> Rule | None:
        """The first row of exactly *row_key* whose condition holds."""
        if row_key not in self._held:
            facts = self.target.facts
            rows = self.table.rows(row_key)
            self._held[row_key] = next((row for row in rows if not condition.failing(row.when, facts)), None)
        return self._held[row_key]

    def _direct(self, row_key: str) -> Hit | None:
        rule = self._holding(row_key)
        if rule is not None:
            return Hit(rule, best_level(rule.evidence), "", "")
        return self._family(row_key)

    def _family(self, row_key: str) -> Hit | None:
        """The longest family row that answers *row_key*; families speak for CUDA's own names and for headers only."""
        if row_key in self.inventory or "::" in row_key or row_key.startswith(("asm:", "<")):
            for family in self.table.families(row_key):
                rule = self._holding(family)
                if rule is not None:
                    return Hit(_expand(rule, family, row_key), best_level(rule.evidence), family, "")
        return None

    def _other_route(self, name: str) -> Hit | None:
        entry = self.inventory.get(name)
        if entry is None:
            return None
        for rule in self.table.rows(name):
            if (
                rule.kind not in _LANGUAGE_LEVEL
                and "device" not in (rule.library, entry.library)
                and not entry.header.startswith(_VECTOR_HEADERS)
            ):
                continue
            tests = condition.failing(rule.when, self.target.facts)
            if rule.status == "same" and tests and all(test.fact == "route" for test in tests):
                route = next(test.values[0] for test in tests)
                return Hit(rule, "inferred", "", f"known for the stack's route {route} only")
        return None

    def _namespace(self, name: str) -> Hit | None:
        """`using namespace cub`: answered when all names below it get answers of one kind with one new namespace."""
        first: Rule | None = None
        prefix = name + "::"
        for below in sorted(self.inventory.scopes.get(name, ())):
            hit = self._direct(prefix + below)
            if hit is None:
                continue
            rule = hit.rule
            if first is None:
                first = rule
            elif rule.status != first.status and {rule.status, first.status} != {"same", "rename"}:
                return None
        if first is None:
            return None
        target = first.target.rpartition("::")[0]
        return Hit(first._replace(cuda=name, target=target), "inferred", "", f"the answer of the names below {name}")

    def _hazard(self, key: AnswerKey) -> Answer:
        """The answer for a hazard: id and class with the reason as a rule; nothing where the target has no concern."""
        found = hazards.judge(key.owner, key.name, self.facts)
        if found is None:
            return Answer("", "", "", "", "")
        hazard, verdict = found
        rule_key = f"hazard {key.owner}"
        text = RuleText("adapt", best_level("; ".join(verdict.evidence)), verdict.evidence, (verdict.note,), "", "", "")
        if self.rules.setdefault(rule_key, text) != text:
            rule_key = f"hazard {key.owner} {key.name}"
            self.rules[rule_key] = text
        return Answer(hazard.id, verdict.category or hazard.category, verdict.replacement, rule_key, verdict.fix)

    def _ptx(self, key: AnswerKey) -> Answer:
        """The answer for a PTX instruction: the target's own row, else the CUDA C++ that says the same."""
        identifier = groups.finding(key.name, groups.register_of(key.owner))
        hit = self.lookup(key.name, key.kind, key.owner)
        status = hit.rule.status if hit is not None else ""
        if hit is None or (status == "none" and hit.family == "asm:*") or (status == "adapt" and not hit.rule.target):
            said = self._in_cuda(key)
            if said is not None:
                text, fix, proof = said
                known = proof if proof is not None and status != "adapt" else hit
                return Answer(identifier, "adapt", text, self._record(key, known) if known is not None else "", fix)
        if hit is None:
            return Answer(identifier, "unknown", "", "", "")
        category = {"same": "check", "rename": "check", "adapt": "adapt", "none": "rewrite"}[status]
        rule_key = self._record(key, hit)
        if status != "adapt":
            return Answer(identifier, category, "", rule_key, "")
        return Answer(identifier, category, hit.rule.target, rule_key, "display" if hit.rule.target else "")

    def _in_cuda(self, key: AnswerKey) -> tuple[str, str, Hit | None] | None:
        """CUDA C++ for a PTX instruction in the target's names, its fix level and the row of its first function."""
        intrinsic = groups.intrinsic(key.name, groups.register_of(key.owner))
        if intrinsic is None or self.target.kind == "foreign":
            return None
        mark = groups.mark_of(key.owner)
        level = {"": intrinsic.level, "unsafe": "unsafe", "part": "display"}[mark]
        renamed: dict[str, str] = {}
        first: Hit | None = None
        for name in groups.names(intrinsic.template):
            hit = self.lookup(name)
            if hit is None and self.inventory.is_c_library(name):
                continue
            if hit is None or hit.rule.status == "none" or not _IDENTIFIER.fullmatch(hit.rule.target):
                return None
            if hit.rule.status == "adapt":
                level = "display"
            renamed[name] = hit.rule.target
            first = first or hit
        return groups.shown(intrinsic.template, renamed), level, first

    def _decide(self, key: AnswerKey) -> Answer:
        if key.kind == "hazard":
            return self._hazard(key)
        if key.kind == "ptx":
            return self._ptx(key)
        hit = self.lookup(key.name, key.kind, key.owner) if key.kind != "launch" else self.lookup("<<<>>>", "launch")
        if hit is None:
            return self._without_rule(key)
        rule, level = hit.rule, hit.level
        rule_key = self._record(key, hit)
        target = rule.target
        status = rule.status
        writable = bool(_IDENTIFIER.fullmatch(rule.target))
        if key.kind == "include":
            target = target.strip("<>")
        elif key.owner and writable:
            target = target.rpartition(".")[2]  # rows name members with their struct, sources without
        if key.kind == "string":
            return Answer(
                "MIG402", "unsupported" if status == "none" else "check", target, rule_key, "display" if target else ""
            )
        if key.kind == "pasted":
            return Answer("MIG403", "check", target, rule_key, "")
        if key.kind == "macro" and VERSION_MACRO.fullmatch(key.name):
            return Answer("MIG401", "check", target, rule_key, "")
        recipe = self.recipe(key)
        if recipe is not None and recipe.arguments and key.kind == "function" and status == "adapt":
            recipe = None  # it changes arguments, and a function that is only named has none
        if recipe is not None:
            unsafe = recipe.level == "unsafe" or level == "inferred"
            doubtful = recipe.template == "@" and any(
                row.level == "unsafe" and row.arguments == recipe.arguments for row in self.recipes(key)
            )  # what is written where the function declines assumes something
            said = target or (recipe.template if recipe.template not in ("@", "-") else "")
            if status in ("same", "rename") and not unsafe:
                return Answer("MIG101", "auto", said, rule_key, "safe")
            identifier = "MIG203" if key.kind == "launch" else "MIG201"
            category = "adapt" if unsafe or doubtful else "auto"
            return Answer(identifier, category, said, rule_key, "unsafe" if unsafe else "safe")
        if status == "none":
            return Answer(*self._none(key, hit), "", rule_key, "")
        if status == "adapt":
            if key.kind == "launch":
                return Answer("MIG203", "adapt", target, rule_key, "display")
            return Answer("MIG201" if writable else "MIG202", "adapt", target, rule_key, "display")
        if status == "same" or target == key.name:
            return Answer("MIG102", "auto", "", rule_key, "")
        if not writable:
            return Answer("MIG202", "adapt", target, rule_key, "display")
        if level == "inferred":
            return Answer("MIG103", "auto", target, rule_key, "unsafe")
        return Answer("MIG101", "auto", target, rule_key, "safe")

    def _none(self, key: AnswerKey, hit: Hit) -> tuple[str, str]:
        """Id and class of a name that the target is known to lack."""
        if key.name.startswith("nvcuda::"):
            return "MIG502", "rewrite"
        if key.kind in _KERNEL_KINDS:
            return "MIG601", "rewrite"
        entry = self.inventory.get(key.name)
        if (entry is not None and entry.kind in _LANGUAGE_LEVEL) or hit.rule.kind in _LANGUAGE_LEVEL:
            return "MIG602", "rewrite"
        if hit.family:
            return "MIG304", "unsupported"
        if key.kind == "include":
            return "MIG303", "unsupported"
        return ("MIG301", "unsupported") if key.kind in ("call", "function") else ("MIG302", "unsupported")

    def _without_rule(self, key: AnswerKey) -> Answer:
        """No row: unknown, said under the id that names the reason."""
        if key.kind == "pasted":
            return Answer("MIG403", "check", "", "", "")
        if key.kind == "include" and not set(key.name) & set("./"):
            return Answer("MIG902", "check", "", "", "")  # `#include MACRO(x)`
        if key.kind == "macro" and VERSION_MACRO.fullmatch(key.name):
            return Answer("MIG401", "check", "", "", "")
        return Answer("MIG901", "unknown", "", "", "")

    def _record(self, key: AnswerKey, hit: Hit) -> str:
        rule = hit.rule
        rule_key = hit.family or rule.cuda
        if rule.when:
            rule_key += f" [{rule.when}]"
        if hit.carried:
            rule_key = f"{key.name} ← {rule_key}"
        if rule_key not in self.rules:
            notes = tuple(self.table.note(reference) for reference in rule.note.split(";") if reference)
            self.rules[rule_key] = RuleText(
                rule.status, hit.level, evidence_pieces(rule.evidence), notes, rule.when, hit.family, hit.carried
            )
        return rule_key


def row_keys(name: str, kind: str = "", owner: str = "") -> tuple[str, ...]:
    """The keys under which rule tables may list a use."""
    if kind == "include":
        return (f"<{name}>",)
    if kind == "ptx":
        parts = name.split(".")
        register = groups.register_of(owner)
        special = (f"asm:mov {register}",) if register else ()
        return special + tuple(f"asm:{'.'.join(parts[:count])}" for count in range(len(parts), 0, -1))
    if owner:
        return (f"{owner}.{name}",)
    return (name,)


def _expand(rule: Rule, family: str, row_key: str) -> Rule:
    """A family row as the row of one name: the star's text carried over to the target."""
    head, _, tail = family.partition("*")
    star = row_key[len(head) : len(row_key) - len(tail)] if tail else row_key[len(head) :]
    return rule._replace(target=rule.target.replace("*", star, 1))


def _same_scope(row_key: str, name: str) -> bool:
    """Whether *name* may be another spelling of PyTorch's *row_key*: at::cuda re-exports c10::cuda."""
    torch = ("at::", "c10::", "torch::")
    return row_key.startswith(torch) and name.startswith(torch)
