"""The host code of the samples for CANN: whatever does not type-check is a name that the scan leaves to a person."""

import re
import shutil
import subprocess

import pytest
from acl_header import header

from migrate import rewrite_source
from migrate.tables.rules import rules_dir

SAMPLES = rules_dir().parent / "samples"
#: Left out: one needs PyTorch's headers, one a function that two libraries of CANN declare under the same name.
_LEFT_OUT = ("swiglu.cu", "gemm.cu")
SOURCES = sorted(path for path in SAMPLES.rglob("*.c[up]*") if path.suffix != ".cuh" and path.name not in _LEFT_OUT)
#: Those whose host code has an answer in full.
WHOLE = {"softmax.cu"}
#: A version macro is for a person to decide; decided here.
DECIDED = ["-DCUDART_VERSION=12000", "-DCUDA_VERSION=12000", "-DNCCL_VERSION_CODE=21800"]

_ERROR = re.compile(r"^([^\n:]+):(\d+):\d+: (?:fatal )?error: (.*)$", re.MULTILINE)
_QUOTED = re.compile(r"'[^']*'")
_WORD = re.compile(r"[A-Za-z_]\w*")


@pytest.fixture(scope="module")
def ported(tmp_path_factory):
    """The samples rewritten, with headers that declare what they use; what is left to a person, and where it stands."""
    from migrate.model import FileResult
    from migrate.rewrite.rewriter import Options, Rewriter
    from migrate.targets import parse_target

    folder = tmp_path_factory.mktemp("samples")
    tool = Rewriter(parse_target("cann", rules_dir()), Options(unsafe=True))
    names, lines, text = set(), set(), ""
    (folder / "include").mkdir()
    for path in sorted(SAMPLES.rglob("*.c*")):
        new = folder / path.relative_to(SAMPLES)
        new.parent.mkdir(exist_ok=True)
        new.write_bytes(rewrite_source(path.read_bytes(), "cann", filename=path.name, unsafe=True))
        for use in tool.analyse(new.read_bytes(), FileResult(str(new), "analysed", language="cuda")).uses:
            answer = tool.answer(use)
            if not answer.id or answer.category == "auto":
                continue
            if use.shape.kind == "include":
                stand_in = folder / "include" / use.shape.name.strip("<>")
                stand_in.parent.mkdir(parents=True, exist_ok=True)
                stand_in.touch()
            names |= set(_WORD.findall(use.shape.name)) if use.shape.kind != "launch" else set()
            lines.add((str(new), use.line))
        text += "" if path.name in _LEFT_OUT else new.read_bytes().decode("utf-8", "replace")
    for name in ("acl/acl.h", "acl/acl_rt_memory_soma.h", "acl/acl_rt_compile.h", "hccl/hccl.h", "cann_ops_blas.h"):
        (folder / "include" / name).parent.mkdir(exist_ok=True)
        (folder / "include" / name).write_text('#include "declared.h"\n')
    (folder / "include/declared.h").write_text(f"#pragma once\n{header(text)}")
    return folder, names, lines


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.name)
def test_what_does_not_type_check_is_left_to_a_person(source, ported):
    folder, names, lines = ported
    clang = next((found for name in ("clang++", "clang++-19", "clang++-18") if (found := shutil.which(name))), None)
    if clang is None:
        pytest.skip("needs clang++ (apt-get install clang-19)")
    path = folder / source.relative_to(SAMPLES)
    command = [clang, "-x", "c++", "-std=c++17", "-fsyntax-only", "-w", "-ferror-limit=0", "-fno-spell-checking"]
    done = subprocess.run(
        [*command, *DECIDED, f"-I{folder / 'include'}", str(path)], capture_output=True, text=True, check=False
    )
    errors = _ERROR.findall(done.stderr)
    assert bool(errors) != (source.name in WHOLE)
    follows = set()  # words of lines that have their error explained: what is declared there is missing further down
    strange = []
    for place, line, message in errors:
        file = folder / path.parent / place
        text = file.read_bytes().decode("utf-8", "replace").splitlines()[int(line) - 1]
        words = {word.removeprefix("aclrtlaunch_") for word in _WORD.findall(" ".join(_QUOTED.findall(message)))}
        pasted = any(word.startswith("CUDA_") for word in words) and source.name == "launch_macros.cu"
        here = words or set(_WORD.findall(text))
        if words & names or (str(file.resolve()), int(line)) in lines or here & follows or pasted:
            follows |= set(_WORD.findall(text))
        else:
            strange.append(f"{place}:{line}: {message}")
    assert strange == []
