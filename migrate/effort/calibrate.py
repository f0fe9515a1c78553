r"""What finished ports say about the estimates: eleven reference ports that ship, and the user's own.

The reference ports check the weights (`rules/effort_ports.tsv`: likely days beside author-days of the history); they do
not move them, because author-days are no time sheets; how far they miss is the model error the weights hold. A user's
own finished ports do move them. With r = real / likely days of the n own ports of a family and a prior that weighs w
projects at factor 1 and spread σ₀:

    ln factor = Σ ln r / (w + n)
    σ² = (w (σ₀² + ln² factor) + Σ (ln r - ln factor)²) / (w + n),   at least the floor
"""

from __future__ import annotations

import math
import re
import sys
from typing import TYPE_CHECKING, Any, NamedTuple

from migrate.effort.estimate import Calibration, family_of
from migrate.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from pathlib import Path

    from migrate.effort.weights import Weights

#: Where a user's own finished ports are kept unless told otherwise.
OWN_FILE = "migrate-calibration.tsv"

_PORT_COLUMNS = (
    "port", "repository", "revision", "start", "paths", "stack", "kind", "author_days", "history",
    "p10", "p50", "p90", "counted",
)  # fmt: skip
_OWN_COLUMNS = ("name", "target", "kind", "days", "finished", "p50", "weights")
_KINDS = ("cuda-like", "compile-as-is", "foreign")
_DATE = re.compile(r"\d{4}-\d\d-\d\d")


class Port(NamedTuple):
    """A port whose history is public; days are person-days."""

    port: str
    repository: str
    revision: str  # the last one before the port began
    start: str  # ISO date of it
    paths: tuple[str, ...]  # what was counted
    stack: str  # target name, or hip
    kind: str
    author_days: float  # distinct (author, day) pairs of the commits about the port
    history: str  # usable, squashed (too low), mixed (too high)
    p10: float  # what the weights give for the revision
    p50: float
    p90: float
    counted: str  # ISO date of that count


class Own(NamedTuple):
    """A port of the user's."""

    name: str
    target: str  # key
    kind: str
    days: float  # real person-days
    finished: str  # ISO date
    p50: float  # what the weights gave at its start
    weights: str  # digest of these weights


class Done(NamedTuple):
    """One finished port as `--add` reads it."""

    name: str
    scan: str  # path of the scan of the start revision
    target: str  # key; "" when the scan has one only
    days: float  # without performance tuning
    finished: str
    assumptions: dict[str, float]


def calibration(
    target: str,
    kind: str,
    weights: Weights,
    *,
    ports: Iterable[Port] = (),
    own: Iterable[Own] = (),
    without: Collection[str] = (),
) -> Calibration:
    """What finished ports say about a target called *target*; ports named in *without* do not count."""
    family = family_of(kind)
    reference = [port for port in ports if family_of(port.kind) == family and port.port not in without]
    mine = [row for row in own if family_of(row.kind) == family and row.name not in without]
    n = len(reference) + len(mine)
    stacks = {port.stack for port in reference} | {row.target.partition(":")[0].partition("@")[0] for row in mine}
    factor, sigma = shrunken([row.days / row.p50 for row in mine], weights, family)
    return Calibration(
        state="none" if not n else "calibrated" if target in stacks else "analogy",
        n=n,
        own=len(mine),
        date=max([*(port.counted for port in reference), *(row.finished for row in mine)], default=""),
        factor=factor,
        sigma=sigma,
    )


def shrunken(ratios: Iterable[float], weights: Weights, family: str) -> tuple[float, float]:
    """Factor and spread from *ratios* of real to likely days; the module's text has the formula."""
    logs = [math.log(ratio) for ratio in ratios]
    prior, spread = weights.prior_weight, weights.sigma[family]
    if not logs:
        return 1.0, spread
    total = prior + len(logs)
    mean = sum(logs) / total
    variance = (prior * (spread**2 + mean**2) + sum((log - mean) ** 2 for log in logs)) / total
    return math.exp(mean), max(weights.sigma_floor, math.sqrt(variance))


def read_ports(path: Path) -> tuple[Port, ...]:
    """The reference ports in *path*.

    Raises:
        UserError: it cannot be read or a row is not of its form.
    """
    return tuple(
        Port(
            port=row["port"],
            repository=row["repository"],
            revision=row["revision"],
            start=row["start"],
            paths=tuple(row["paths"].split()),
            stack=row["stack"],
            kind=_kind(row["kind"], where),
            author_days=_days(row["author_days"], where),
            history=row["history"],
            p10=_days(row["p10"], where),
            p50=_days(row["p50"], where),
            p90=_days(row["p90"], where),
            counted=row["counted"],
        )
        for where, row in _rows(path, _PORT_COLUMNS)
    )


def read_own(path: Path) -> tuple[Own, ...]:
    """The user's own ports in *path*; none where there is no such file.

    Raises:
        UserError: it cannot be read or a row is not of its form.
    """
    if not path.exists():
        return ()
    return tuple(
        Own(
            name=row["name"],
            target=row["target"],
            kind=_kind(row["kind"], where),
            days=_days(row["days"], where),
            finished=_date(row["finished"], where),
            p50=_days(row["p50"], where),
            weights=row["weights"],
        )
        for where, row in _rows(path, _OWN_COLUMNS)
    )


def own_table(rows: Iterable[Own]) -> str:
    """*rows* as the text of the file, sorted by name and target."""
    lines = [_OWN_COLUMNS, *(tuple(_cell(value) for value in row) for row in sorted(rows))]
    return "".join("\t".join(line) + "\n" for line in lines)


def added(rows: Iterable[Own], row: Own) -> tuple[Own, ...]:
    """*rows* with *row*, which takes the place of one with its name and target."""
    return (*(item for item in rows if (item.name, item.target) != (row.name, row.target)), row)


def read_done(path: Path) -> tuple[Done, ...]:
    """The finished ports in *path*: one at the top of the file, or several as [[project]].

    Raises:
        UserError: it cannot be read, or an entry is missing or wrong; the message shows the form.
    """
    if sys.version_info >= (3, 11):
        import tomllib
    else:
        import tomli as tomllib
    try:
        table: dict[str, Any] = tomllib.loads(path.read_bytes().decode("utf-8-sig"))
    except OSError as error:
        raise UserError(f"{path}: cannot be read: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UserError(f"{path}: {error}") from error
    entries = table.get("project", [table])
    if not isinstance(entries, list) or not entries:
        raise UserError(f"{path}: [[project]] must be a list of tables")
    return tuple(_done(entry, path) for entry in entries)


def _done(entry: Any, path: Path) -> Done:
    form = 'scan = "start.json", days = 34, finished = "2026-08-01"; optional: name, target, [split], [assumptions]'
    if not isinstance(entry, dict):
        raise UserError(f"{path}: a project is a table: {form}")
    unknown = sorted(set(entry) - {"name", "scan", "target", "days", "finished", "split", "assumptions"})
    if unknown:
        raise UserError(f"{path}: unknown key {unknown[0]}; a project has {form}")
    scan, days = entry.get("scan"), entry.get("days")
    if not isinstance(scan, str) or isinstance(days, bool) or not isinstance(days, int | float) or not days > 0:
        raise UserError(f"{path}: a project needs {form}")
    split = _numbers(entry.get("split", {}), "split", path)
    unknown = sorted(set(split) - {"code", "build", "test", "tuning"})
    if unknown or sum(split.values()) > days * 1.001:
        raise UserError(f"{path}: split has code, build, test and tuning, in days, together no more than days")
    # The estimate leaves tuning out, so the days it is compared with do too.
    work = days - split.get("tuning", 0.0)
    if work <= 0:
        raise UserError(f"{path}: nothing but tuning cannot be compared with an estimate")
    name = str(entry.get("name") or scan.rpartition("/")[2].removesuffix(".json"))
    if any(character in name for character in "\t\r\n"):
        raise UserError(f"{path}: a name must be one line without tabs")
    place = str(path.parent / scan)
    finished = _date(str(entry.get("finished", "")), str(path))
    assumptions = _numbers(entry.get("assumptions", {}), "assumptions", path)
    return Done(name, place, str(entry.get("target", "")), work, finished, assumptions)


def _numbers(table: Any, name: str, path: Path) -> dict[str, float]:
    numbers = {}
    for key, value in table.items() if isinstance(table, dict) else [(name, None)]:
        if isinstance(value, bool) or not isinstance(value, int | float) or value < 0:
            raise UserError(f"{path}: {name} must be a table of numbers")
        numbers[key] = float(value)
    return numbers


def _rows(path: Path, columns: tuple[str, ...]) -> Iterable[tuple[str, dict[str, str]]]:
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(f"{path}: cannot be read: {error}") from error
    if not lines or tuple(lines[0].split("\t")) != columns:
        raise UserError(f"{path}:1: the header line must be {' '.join(columns)}, tab separated")
    for number, line in enumerate(lines[1:], start=2):
        cells = line.split("\t")
        if len(cells) != len(columns):
            raise UserError(f"{path}:{number}: {len(cells)} columns instead of {len(columns)}")
        yield f"{path}:{number}", dict(zip(columns, cells, strict=True))


def _days(text: str, where: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not 0 < value < math.inf:
        raise UserError(f"{where}: {text!r} is no number of days")
    return value


def _kind(text: str, where: str) -> str:
    if text not in _KINDS:
        raise UserError(f"{where}: kind {text!r} is not one of {', '.join(_KINDS)}")
    return text


def _date(text: str, where: str) -> str:
    if not _DATE.fullmatch(text):
        raise UserError(f"{where}: the date {text!r} must be written as 2026-08-01")
    return text


def _cell(value: float | str) -> str:
    return value if isinstance(value, str) else f"{value:.6g}"
