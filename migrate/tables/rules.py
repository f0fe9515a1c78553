"""A target's rule tables (`rules/<target>/*.tsv`): rows by CUDA name, parsed when first asked for.

Measured: indexing the first column only costs 3 ms for 8,000 rows; parsing every row would cost five times that.
"""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from migrate.errors import UserError
from migrate.model import LEVELS, STATUSES, Note
from migrate.tables import compiled, condition

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from migrate.tables.recipes import RecipeRow

#: Between a note's parameters; a comma inside one has a blank after it.
_PARAMETERS = re.compile(r",(?! )")

COLUMNS = ("cuda", "target", "kind", "status", "when", "evidence", "note")

#: Files of a target's folder that hold no rows for names in sources: read only by `rules` and `explain`.
SIDE_TABLES = frozenset({"build", "python", "constructs"})

#: The table of ready operators, which holds no rows for CUDA's names; read by `migrate.kernels.operators`.
OPERATORS = "operators"
OPERATOR_COLUMNS = ("operation", "operators", "evidence")


#: What the library of a row in a user's own table begins with; its path follows.
OWN = "own:"


class Rule(NamedTuple):
    """One row of a rule table, as written."""

    cuda: str
    target: str
    kind: str
    status: str
    when: str
    evidence: str
    note: str
    library: str


@lru_cache(maxsize=1)
def rules_dir() -> Path:
    """The folder of the shipped tables: inside the package when installed, beside it in a checkout."""
    package = Path(__file__).resolve().parent.parent
    for folder in (package / "_rules", package.parent / "rules"):
        if (folder / "cuda").is_dir():
            return folder
    raise UserError(f"the rule tables are missing beside {package}; reinstall cuda-migrate")


class Table:
    """The rows of one target, a user's own tables first."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._tables: list[
            tuple[str, dict[str, str]]
        ] = []  # (library, key → last row as written), in order of preference
        self._where: dict[str, int] = {}  # key → the first table that has it
        self._repeated: dict[str, list[tuple[str, str]]] = {}  # key → [(library, row)] of its further rows
        self._rules: dict[str, tuple[Rule, ...]] = {}
        self._families: list[str] = []  # keys that end in "*", longest first
        self._notes: dict[str, Note] | None = None
        self._note_files: list[Path] = []
        self._recipe_files: list[Path] = []
        self._recipes: dict[str, tuple[RecipeRow, ...]] | None = None
        self._own: set[str] = set()  # libraries that a user's own tables stand for, as "own:" and the path
        self._last_components: dict[str, list[str]] | None = None
        self._heads: dict[str, list[str]] | None = None  # what stands before a family's star → such families
        self._lengths: list[int] = []  # of those heads
        self._digest = ""

    @classmethod
    def load(cls, name: str, shipped: Path, own: Sequence[Path] = (), *, side: bool = False) -> Table:
        """Reads the tables of target *name*: those in the folders *own* first, then the shipped ones.

        Args:
            name: the target's name, without variant.
            shipped: the `rules/` folder.
            own: folders with a user's tables, `DIR/<target>.tsv` or `DIR/<target>/*.tsv`, checked row by row.
            side: also read the tables of build flags, Python names and constructs in words.

        Raises:
            UserError: a user's table has a row that is not well-formed; names file and line.
        """
        table = cls(name)
        for folder in own:
            single = folder / f"{name}.tsv"
            paths = ([single] if single.is_file() else []) + sorted((folder / name).glob("*.tsv"))
            for path in paths:
                if path.stem == "notes":
                    table._note_files.append(path)
                elif path.stem == "recipes":
                    table._recipe_files.append(path)
                elif path.stem != OPERATORS:
                    table._add(path, checked=True)
        if own or side or compiled.folder() is None:
            table._add_shipped(shipped / name, side=side)
        else:
            table._add_kept(shipped / name)
        table._families.sort(key=_longest_first)
        return table

    def _add_shipped(self, folder: Path, *, side: bool = False) -> None:
        for path in sorted(folder.glob("*.tsv")):
            if path.stem == "notes":
                self._note_files.append(path)
            elif path.stem == "recipes":
                self._recipe_files.append(path)
            elif path.stem != OPERATORS and (side or path.stem not in SIDE_TABLES):
                self._add(path, checked=False)

    def _add_kept(self, folder: Path) -> None:
        """As `_add_shipped`, from what an earlier run made of the folder."""

        def read() -> tuple[tuple[Any, ...], bytes]:
            made = Table(self.name)
            made._add_shipped(folder)
            names = [[path.name for path in paths] for paths in (made._note_files, made._recipe_files)]
            digest = compiled.digest_of(folder)
            return (made._tables, made._where, made._repeated, made._families, *names, digest), b""

        parts, _ = compiled.kept(folder, read)
        self._tables, self._where, self._repeated, self._families, notes, recipes, self._digest = parts
        self._note_files += [folder / name for name in notes]
        self._recipe_files += [folder / name for name in recipes]

    def digest(self, folder: Path) -> str:
        """A digest of the shipped tables in *folder*, which this was loaded from."""
        return self._digest or compiled.digest_of(folder)

    def _add(self, path: Path, *, checked: bool) -> None:
        library = path.stem
        if checked:
            library = f"{OWN}{path}"
            self._own.add(library)
        try:
            # Editors on Windows add a byte order mark to what a user writes.
            lines = path.read_text(encoding="utf-8-sig").split("\n")
        except UnicodeDecodeError as error:
            raise UserError(f"{path}: not UTF-8 at byte {error.start}; save the table as UTF-8") from error
        if checked:
            _check(path, lines)
        rows = {line.partition("\t")[0]: line for line in lines[1:] if line}
        if len(rows) + 1 < len(lines) - lines.count(""):
            self._add_repeated(library, lines, rows)
        for key in rows.keys() & self._where.keys():
            self._repeated.setdefault(key, []).append((library, rows[key]))
        self._where = dict.fromkeys(rows, len(self._tables)) | self._where
        self._tables.append((library, rows))
        self._families += [key for key in rows if key[-1] == "*" or key[-2:] == "*>"]

    def _add_repeated(self, library: str, lines: list[str], rows: dict[str, str]) -> None:
        """Keeps the rows of keys that stand several times, one for each condition."""
        for line in lines[1:]:
            key = line.partition("\t")[0]
            if key and rows[key] is not line:
                self._repeated.setdefault(key, []).append((library, line))

    @property
    def has_own(self) -> bool:
        """Whether a user's own tables are among them."""
        return bool(self._own)

    def __contains__(self, key: str) -> bool:
        return key in self._where

    def keys(self) -> list[str]:
        """Every key that has a row, sorted."""
        return sorted(self._where)

    def __len__(self) -> int:
        return len(self._where) + sum(map(len, self._repeated.values()))

    def rows(self, key: str) -> tuple[Rule, ...]:
        """The rows of exactly *key*, better ranked first, a user's own before the shipped ones."""
        rules = self._rules.get(key)
        if rules is None:
            first = self._where.get(key)
            if first is None:
                return ()
            library, table = self._tables[first]
            written = [(library, table[key]), *self._repeated.get(key, ())]
            found = [_parse(line, library) for library, line in written]
            if len(found) > 1:
                found.sort(key=lambda rule: (rule.library not in self._own, *_rank(rule)))
            rules = self._rules[key] = tuple(found)
        return rules

    def all_rows(self) -> Iterator[Rule]:
        """Every row, by key."""
        for key in self.keys():
            yield from self.rows(key)

    def families(self, key: str) -> Iterator[str]:
        """Keys of the family rows whose glob matches *key*, longest first."""
        if self._heads is None:
            self._heads = {}
            for family in self._families:
                self._heads.setdefault(family.partition("*")[0], []).append(family)
            self._lengths = sorted({len(head) for head in self._heads})
        found = [
            family for length in self._lengths if length <= len(key) for family in self._heads.get(key[:length], ())
        ]
        return iter(sorted(found, key=_longest_first))

    def last_component(self, last: str) -> list[str]:
        """Keys of PyTorch's C++ names that end in `::`*last*."""
        if self._last_components is None:
            index: dict[str, list[str]] = {}
            for library, rows in self._tables:
                if library == "torch":
                    for key in rows:
                        if "::" in key:
                            index.setdefault(key.rpartition("::")[2], []).append(key)
            self._last_components = index
        return self._last_components.get(last, [])

    def recipes(self, key: str) -> tuple[RecipeRow, ...]:
        """The recipes for *key*, a user's own before the shipped ones; empty when there is none."""
        if self._recipes is None:
            from migrate.tables import recipes

            self._recipes = recipes.read(self._recipe_files)
        return self._recipes.get(key, ())

    def note(self, reference: str) -> Note:
        """The note a row refers to, parameters filled in: `used-unchanged(4,2)`; free text stands for itself."""
        if self._notes is None:
            self._notes = {}
            for path in reversed(self._note_files):
                try:
                    lines = path.read_text(encoding="utf-8-sig").split("\n")
                except UnicodeDecodeError as error:
                    raise UserError(f"{path}: not UTF-8 at byte {error.start}; save the table as UTF-8") from error
                for line in lines[1:]:
                    cells = line.split("\t")
                    if len(cells) >= 3:
                        self._notes[cells[0]] = Note(cells[1], cells[2] or cells[1])
        name, _, rest = reference.partition("(")
        found = self._notes.get(name)
        if found is None:
            return Note(reference, reference)
        if not rest:
            return found
        values = _PARAMETERS.split(rest.removesuffix(")"))
        return Note(_fill(found.en, values), _fill(found.zh, values))


def _longest_first(family: str) -> tuple[int, str]:
    return -len(family), family


def _fill(text: str, values: Iterable[str]) -> str:
    for number, value in enumerate(values):
        text = text.replace("{" + str(number) + "}", value)
    return text


def _parse(line: str, library: str) -> Rule:
    cells = line.split("\t")
    if len(cells) < 7:
        cells += [""] * (7 - len(cells))
    return Rule(cells[0], cells[1], cells[2], cells[3], cells[4], cells[5], cells[6], library)


def _rank(rule: Rule) -> tuple[int, bool, str]:
    """What orders the rows of one key: its rank, then rows with a condition before those that always hold."""
    rank, conditional = 1, False
    for token in rule.when.split():
        if token.startswith("rank="):
            rank = int(token[5:])
        else:
            conditional = True
    return rank, not conditional, rule.when


def _check(path: Path, lines: list[str]) -> None:
    """Raises UserError at the first row of a user's table that is not well-formed."""
    if not lines or tuple(lines[0].rstrip("\r").split("\t"))[: len(COLUMNS)] != COLUMNS:
        raise UserError(f"{path}:1: the first line must name the columns: {' '.join(COLUMNS)} (separated by tabs)")
    for number, line in enumerate(lines[1:], 2):
        if not line.strip():
            continue
        cells = line.rstrip("\r").split("\t")
        if len(cells) != len(COLUMNS):
            raise UserError(
                f"{path}:{number}: {len(cells)} columns instead of {len(COLUMNS)}; separate them by single tabs"
            )
        _, target, _, status, when, evidence, _ = cells
        if status not in STATUSES:
            raise UserError(f'{path}:{number}: status "{status}" is not one of {", ".join(STATUSES)}')
        if (status == "none") != (target == ""):
            raise UserError(
                f'{path}:{number}: status "{status}" {"takes no" if status == "none" else "needs a"} target'
            )
        if evidence.partition(":")[0] not in LEVELS:
            raise UserError(f'{path}:{number}: evidence must start with one of {", ".join(LEVELS)} and ":"')
        if not cells[0]:
            raise UserError(f"{path}:{number}: the first column, CUDA's name, is empty")
        try:
            condition.parse(when)
        except ValueError as error:
            raise UserError(f"{path}:{number}: {error}") from error
        if any(token.startswith("rank") and not re.fullmatch("rank=[1-9]", token) for token in when.split()):
            raise UserError(f'{path}:{number}: rank is one digit: "{when}"')


def evidence_pieces(evidence: str) -> tuple[str, ...]:
    """Splits an evidence cell into `level:source` pieces; a piece without a level word belongs to the one before."""
    pieces: list[str] = []
    for piece in evidence.split("; "):
        if piece.partition(":")[0] in LEVELS or not pieces:
            pieces.append(piece)
        else:
            pieces[-1] += "; " + piece
    return tuple(pieces)


def best_level(evidence: str) -> str:
    """The best evidence level of a cell (best stands first), "inferred" when it has none."""
    level = evidence.partition(":")[0]
    return level if level in LEVELS else "inferred"
