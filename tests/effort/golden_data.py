"""What was found in the reference ports and in HeCBench, kept so that today's tables and hazards can answer it.

A golden file holds, for each distinct question that a target can be asked (name, kind, library, owner, side), in which
files it stands and how often; no source. Rows: `file` (a group of files of one language and state), `residual` (what a
program of HeCBench keeps), and one for each question. Places are numbers of files, `4*2` for two places in file 4.

Names of kernels are left out: the answer to a launch or a kernel rests on its kind and owner.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from migrate.model import FileResult, Shape, Use

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
FOLDER = HERE / "ports"
HECBENCH = HERE / "hecbench.tsv"

COLUMNS = ("kind", "name", "library", "owner", "side", "places")

#: Owner of the finding about a kernel as a whole; its answer matters on targets with another programming model.
_KERNEL = "kernel/"


def write(path, files, group=None, residuals=(), *, kernels=True):
    """The golden file of *files*, results of a scan without targets.

    *group* names what a file belongs to, for a golden file of several projects; *kernels*: also keep what is known of
    whole kernels.
    """
    group = group or (lambda _: "")
    kept = [file for file in files if file.uses or (file.state == "not-analysed" and file.language != "other")]
    kept.sort(key=lambda file: (group(file), file.language, file.state, file.path))
    groups, questions = {}, {}
    for number, file in enumerate(kept):
        groups.setdefault((group(file), file.language, file.state), []).append(number)
        for use in file.uses:
            shape = use.shape
            if shape.owner.startswith(_KERNEL) and not kernels:
                continue
            named = shape.kind != "launch" and not shape.owner.startswith(_KERNEL)
            name = " ".join(shape.name.split()) if named else ""
            owner = " ".join(shape.owner.split())
            places = questions.setdefault((shape.kind, name, shape.library, owner, shape.side), {})
            places[number] = places.get(number, 0) + 1
    rows = [
        ("file", name, language, state, "", f"{numbers[0]}-{numbers[-1]}")
        for (name, language, state), numbers in groups.items()
    ]
    rows += [("residual", name, "", "", "", str(number)) for name, number in residuals]
    for question, places in sorted(questions.items()):
        text = " ".join(f"{number}*{hits}" if hits > 1 else str(number) for number, hits in places.items())
        rows.append((*question, text))
    text = "".join("\t".join(row) + "\n" for row in (COLUMNS, *rows))
    path.write_text(text, encoding="utf-8", newline="\n")


def read(path):
    """Results of files, as if their sources had just been analysed, their paths being GROUP/NUMBER; residuals."""
    files, residuals, uses = {}, {}, {}
    lines = path.read_text(encoding="utf-8").splitlines()
    assert tuple(lines[0].split("\t")) == COLUMNS
    for line in lines[1:]:
        kind, name, library, owner, side, places = line.split("\t")
        if kind == "file":
            first, _, last = places.partition("-")
            for number in range(int(first), int(last) + 1):
                files[number] = (name or path.stem, library, owner)
        elif kind == "residual":
            residuals[name] = int(places)
        else:
            shape = Shape(name, kind, library, owner, side=side)
            for place in places.split():
                number, _, hits = place.partition("*")
                found = uses.setdefault(int(number), [])
                found += [Use(len(found) + at, 1, len(found) + at, 1, shape) for at in range(1, int(hits or 1) + 1)]
    results = [
        FileResult(f"{group}/{number}", state, "", language, uses=tuple(uses.get(number, ())))
        for number, (group, language, state) in files.items()
    ]
    return results, residuals


def answered(files, key, rules_dirs=()):
    """The scan of *files* for target *key*, answered by the tables and hazards as they are now."""
    from migrate import answers, workers
    from migrate.cache import Cache
    from migrate.tables.rules import Table, rules_dir
    from migrate.targets import parse_targets

    targets = parse_targets(key, rules_dir())
    tables = {target.name: Table.load(target.name, rules_dir(), rules_dirs) for target in targets}
    return answers.answered(list(files), targets, tables, workers.inventory(), rules_dirs, (), Cache(None))


@lru_cache(maxsize=1)
def _ports():
    return [file for path in sorted(FOLDER.glob("*.tsv")) for file in read(path)[0]]


@lru_cache(maxsize=16)
def port_counts(key, rules_dirs=()):
    """What each reference port is made of for target *key*; a user's tables in *rules_dirs* come first."""
    return _counted(answered(_ports(), key, rules_dirs))


def hecbench_counts():
    """(what it is made of for DTK, residual statements) of each program of HeCBench."""
    files, residuals = read(HECBENCH)
    counted = _counted(answered(files, "dtk"))
    return [(counted[name], number) for name, number in residuals.items()]


def _counted(scan):
    from migrate.effort.count import count

    groups = {}
    for file in scan.files:
        groups.setdefault(file.path.partition("/")[0], []).append(file)
    (target,) = scan.targets
    return {name: count(scan._replace(files=tuple(files)), target.key) for name, files in groups.items()}
