"""The programs in `samples/`: what their marks ask for is found, nothing else is, and they are real CUDA.

A mark is a comment at the end of a line (in a macro body before the backslash):
``want: NAME KIND, NAME KIND`` lists every use that must be reported on the line, ``none`` says that nothing may be.
Lines without a mark are not judged.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

from migrate.model import KINDS

ROOT = Path(__file__).resolve().parents[1]
SAMPLES = ROOT / "samples"
SOURCES = sorted(path for path in SAMPLES.rglob("*") if path.suffix in {".cu", ".cuh", ".cpp"})
PROGRAMS = [path for path in SOURCES if path.suffix != ".cuh"]

#: Programs that need more than the toolkit's own headers, with the first header that may be missing.
NEEDS = {
    "gemm/gemm.cu": ("cuBLAS", "cublas_v2.h"),
    "driver_nvrtc/jit.cpp": ("NVRTC", "nvrtc.h"),
    "nccl_ring/ring.cu": ("NCCL", "nccl.h"),
    "torch_extension/swiglu.cu": ("PyTorch", "ATen/AccumulateType.h"),
}

MARK = re.compile(r"(?://|/\*)\s*(?:want:\s*(?P<want>[^*]+?)|(?P<none>none))\s*(?:\*/\s*\\?)?\s*$")


class Finding(NamedTuple):
    """What is compared: a place by its line, a name (members with their struct) and a kind."""

    line: int
    name: str
    kind: str


class Marks(NamedTuple):
    """The marks of one file."""

    wanted: frozenset[Finding]
    none: frozenset[int]  # lines on which nothing may be found

    @property
    def judged(self) -> set[int]:
        """All lines that carry a mark."""
        return {finding.line for finding in self.wanted} | self.none


def relative(path: Path) -> str:
    """The path below `samples/`, with `/`."""
    return path.relative_to(SAMPLES).as_posix()


def text_of(path: Path) -> str:
    """The text of a sample, which is UTF-8 with or without a BOM, or GB18030."""
    content = path.read_bytes()
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("gb18030")


def marks_of(path: Path) -> Marks:
    """Read the marks of one file; lines count from 1."""
    wanted: set[Finding] = set()
    none: set[int] = set()
    for number, line in enumerate(text_of(path).split("\n"), start=1):
        match = MARK.search(line)
        if match is None:
            continue
        if match["none"]:
            none.add(number)
            continue
        for pair in match["want"].split(","):
            name, kind = pair.split()
            wanted.add(Finding(number, name, kind))
    return Marks(frozenset(wanted), frozenset(none))


def scan_all(folder: Path) -> dict[str, set[Finding]]:
    """Scan a folder once through the command line; the findings of each file by its path below the folder."""
    command = [sys.executable, "-m", "migrate", "scan", ".", "--target", "musa", "--format", "json"]
    # A setting of the person who runs the tests (target, language) must not change the answer.
    environment = {name: value for name, value in os.environ.items() if not name.startswith("MIGRATE_")}
    environment["PYTHONPATH"] = str(ROOT)
    done = subprocess.run(command, cwd=folder, capture_output=True, encoding="utf-8", check=False, env=environment)
    assert done.returncode == 0, done.stderr
    found: dict[str, set[Finding]] = {}
    for record in json.loads(done.stdout)["findings"]:
        owner = record.get("owner") or ""
        is_member = record["kind"] == "member" and owner
        name = f"{owner}.{record['name']}" if is_member else record["name"]
        path = record["path"].removeprefix("./")
        if record["kind"] != "hazard":  # the marks name uses of CUDA; hazards have cases of their own
            found.setdefault(path, set()).add(Finding(record["line"], name, record["kind"]))
    return found


@pytest.fixture(scope="module")
def found() -> dict[str, set[Finding]]:
    """The findings of all samples from a single scan."""
    return scan_all(SAMPLES)


@pytest.mark.parametrize("path", SOURCES, ids=relative)
def test_marked_lines(path: Path, found: dict[str, set[Finding]]) -> None:
    """Exactly what a mark lists is reported on its line."""
    marks = marks_of(path)
    judged = marks.judged
    reported = {finding for finding in found.get(relative(path), set()) if finding.line in judged}
    wrong = [(finding, "not found") for finding in marks.wanted - reported]
    wrong += [(finding, "not wanted") for finding in reported - marks.wanted]
    assert not wrong, "\n".join(
        f"{relative(path)}:{finding.line}: {problem}: {finding.name} {finding.kind}"
        for finding, problem in sorted(wrong)
    )


def test_marks_are_well_formed() -> None:
    """Every file has marks, every kind is a kind, and a comment that looks like a mark is read as one."""
    for path in SOURCES:
        marks = marks_of(path)
        assert marks.wanted, relative(path)
        assert {finding.kind for finding in marks.wanted} <= set(KINDS), relative(path)
        for number, line in enumerate(text_of(path).split("\n"), start=1):
            if "want:" in line or re.search(r"(//|/\*) none\b", line):
                assert number in marks.judged, f"{relative(path)}:{number}: {line}"


def test_every_kind_is_shown() -> None:
    """The samples together hold every kind of use that there is."""
    shown = {finding.kind for path in SOURCES for finding in marks_of(path).wanted}
    assert shown == set(KINDS) - {"hazard"}


def test_bytes_are_what_the_samples_say() -> None:
    """One file is GB18030, one has CRLF line ends, one a BOM; an editor or git may not change that."""
    chinese = (SAMPLES / "chinese_comments/histogram.cu").read_bytes()
    with pytest.raises(UnicodeDecodeError):
        chinese.decode("utf-8")
    text = chinese.decode("gb18030")
    assert "直方图" in text
    # Traps of the encoding: a character of four bytes, and one whose second byte is a backslash.
    assert "\u00b5" in text
    assert len("\u00b5".encode("gb18030")) == 4
    assert any(character.encode("gb18030")[-1:] == b"\\" for character in text if ord(character) > 127)

    streams = (SAMPLES / "streams/streams.cu").read_bytes()
    assert streams.count(b"\r\n") == streams.count(b"\n") > 0
    assert (SAMPLES / "textures/rotate.cu").read_bytes().startswith(b"\xef\xbb\xbf")


@pytest.mark.parametrize("language", ["README.md", "README.zh-CN.md"])
def test_readme_lists_every_sample(language: str) -> None:
    """Both tables of contents have a row for every folder."""
    text = (SAMPLES / language).read_text(encoding="utf-8")
    for folder in sorted({path.parent for path in SOURCES}):
        assert f"`{relative(folder)}" in text


@pytest.mark.slow
@pytest.mark.parametrize("path", PROGRAMS, ids=relative)
def test_compiles(path: Path, tmp_path: Path) -> None:
    """nvcc compiles the program; skipped without nvcc, and where a library's headers are not installed."""
    nvcc = shutil.which("nvcc")
    if nvcc is None:
        pytest.skip("nvcc is not on PATH")
    library, header = NEEDS.get(relative(path), ("", ""))
    if library == "PyTorch":
        pytest.skip("PyTorch's headers are no part of a toolkit; its setup.py builds it")
    command = [nvcc, "-std=c++17", "-arch=sm_80", "-c", str(path), "-o", str(tmp_path / "object.o")]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", errors="replace", check=False)
    if library and f"{header}: No such file or directory" in done.stderr:
        pytest.skip(f"the headers of {library} are not here: {header}")
    assert done.returncode == 0, done.stderr
