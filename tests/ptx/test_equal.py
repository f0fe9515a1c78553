"""What a replacement computes: machine code, or what the PTX does, is the same as with the assembly.

nvcc compiles one kernel for each instruction twice, with the assembly and with what the rewriter makes of it.
"""

from __future__ import annotations

import shutil
import struct
import subprocess
from functools import lru_cache
from typing import TYPE_CHECKING

import pytest
from asm_cases import Case, cases
from symbolic import kernels

from migrate.parse.view import make_view
from migrate.ptx import groups
from migrate.ptx.replace import fix_at
from migrate.rewrite.edits import apply

if TYPE_CHECKING:
    from pathlib import Path

_HEAD = "#include <cuda_fp16.h>\n#include <cuda_pipeline_primitives.h>\n"
_FLUSH = "-ftz=true or"
#: Rows whose right-hand side is another computation, so that no compiler can give the same code.
_OTHER = ("more exact", "orders more", "below bit 32")
#: Proven by values instead, in test_replace.py.
_BY_VALUE = frozenset({"bfind.u64"})


def rewritten(source: str) -> tuple[str, str]:
    """The source with its assembly replaced, and the level of the fix."""
    data = source.encode()
    fix = fix_at(data, make_view(data).text, data.index(b"asm volatile") + len("asm volatile("))
    assert fix is not None, source
    return apply(data, fix.edits).decode(), fix.level


@pytest.mark.parametrize("case", cases(), ids=lambda case: case.mnemonic)
def test_every_row_makes_a_fix_of_its_level(case: Case) -> None:
    text, level = rewritten(case.source)
    assert level == case.level
    assert "asm volatile" not in text


def _sections(data: bytes) -> dict[str, bytes]:
    """The sections of a cubin, which is a 64-bit ELF file."""
    (offset,) = struct.unpack_from("<Q", data, 40)
    size, number, names = struct.unpack_from("<HHH", data, 58)
    heads = [struct.unpack_from("<IIQQQQ", data, offset + index * size) for index in range(number)]
    start = heads[names][4]
    found = {}
    for name, _, _, _, at, length in heads:
        end = data.index(b"\0", start + name)
        found[data[start + name : end].decode()] = data[at : at + length]
    return found


def _compile(folder: Path, text: str, *flags: str) -> tuple[dict[str, bytes], dict[str, list[str]]]:
    """Machine code and effects of every kernel."""
    source = folder / "kernels.cu"
    source.write_text(_HEAD + text, encoding="utf-8")
    made = []
    for form in ("-cubin", "-ptx"):
        out = folder / f"kernels{form}"
        command = ["nvcc", "-std=c++17", form, *flags, str(source), "-o", str(out)]
        done = subprocess.run(command, capture_output=True, encoding="utf-8", errors="replace", check=False)
        assert done.returncode == 0, done.stderr
        made.append(out.read_bytes())
    return _sections(made[0]), kernels(made[1].decode())


@lru_cache(maxsize=1)
def _built(folder: Path) -> dict[str, str]:
    """How each mnemonic's two kernels agree: code, effects, or "" when they do not."""
    agree = {}
    for chip, flush in (("sm_80", False), ("sm_80", True), ("sm_90", False)):
        mine = [case for case in cases() if case.chip == chip and (_FLUSH in case.assumption) == flush]
        flags = (f"-arch={chip}", "-ftz=true") if flush else (f"-arch={chip}",)
        sources = [case.source.replace("NAME", f"k{number}_") for number, case in enumerate(mine)]
        asm_code, asm_effects = _compile(folder, "\n".join(sources), *flags)
        new_code, new_effects = _compile(folder, "\n".join(rewritten(source)[0] for source in sources), *flags)
        for number, case in enumerate(mine):
            name = f"k{number}_"
            if asm_code[f".text.{name}"] == new_code[f".text.{name}"]:
                agree[case.mnemonic] = "code"
            else:
                assert asm_effects[name], case.mnemonic
                agree[case.mnemonic] = "effects" if asm_effects[name] == new_effects[name] else ""
    return agree


@pytest.fixture(scope="module")
def agree(tmp_path_factory) -> dict[str, str]:
    if shutil.which("nvcc") is None:
        pytest.skip("nvcc is not on PATH")
    return _built(tmp_path_factory.mktemp("ptx"))


@pytest.mark.slow
def test_replacements_are_equal(agree) -> None:
    """Everything but what says itself that it computes something else."""
    different = {name for name, how in agree.items() if not how}
    rows = groups.all_intrinsics()
    allowed = {
        name
        for name, (rule, *_) in rows.items()
        if rule.assumption and any(word in rule.assumption.en for word in _OTHER)
    }
    assert different - allowed - _BY_VALUE == set()
    assert len(agree) == len(rows)


@pytest.mark.slow
def test_nothing_safe_is_unproven(agree) -> None:
    rows = groups.all_intrinsics()
    assert {name for name, (rule, *_) in rows.items() if rule.level == "safe" and not agree[name]} <= _BY_VALUE
