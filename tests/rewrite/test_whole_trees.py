"""Whole trees through the command: copy, patch and in place say the same; files are renamed, includes follow."""

import shutil
import subprocess
from pathlib import Path

import pytest

import migrate
from migrate.paths import display_path
from migrate.rewrite.tree import real_path

SAMPLES = Path(__file__).parents[2] / "samples"


@pytest.fixture(autouse=True)
def plain(monkeypatch, tmp_path):
    for name in ("MIGRATE_LANG", "MIGRATE_TARGET", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def run():
    """Runs `migrate rewrite`: (exit code, standard output as bytes, standard error)."""
    from click.testing import CliRunner

    from migrate.cli import cli

    def call(*arguments, given=None):
        done = CliRunner().invoke(cli, ["rewrite", *arguments], input=given, prog_name="migrate")
        return done.exit_code, done.stdout_bytes, done.stderr

    return call


def files(folder):
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and ".git" not in path.parts
    }


@pytest.mark.parametrize("target", ["musa", "dtk"])
def test_patch_copy_and_place_agree(run, tmp_path, target):
    for name in ("patched", "placed"):
        shutil.copytree(SAMPLES, tmp_path / name / "s")
    shutil.copytree(SAMPLES, tmp_path / "s")
    code, patch, _ = run("s", "-t", target)
    assert code == 1
    assert files(tmp_path / "s") == files(SAMPLES)  # a patch changes nothing
    subprocess.run(["git", "init", "-q"], cwd=tmp_path / "patched", check=True)
    subprocess.run(["git", "apply", "--whitespace=nowarn"], cwd=tmp_path / "patched", input=patch, check=True)
    assert run("s", "-t", target, "--out", "copy")[0] == 1
    assert run("placed/s", "-t", target, "--in-place")[0] == 1
    assert files(tmp_path / "copy") == files(tmp_path / "placed/s") == files(tmp_path / "patched/s")
    assert files(tmp_path / "copy") != files(SAMPLES)
    assert set(files(tmp_path / "copy")) == set(files(SAMPLES))
    before = {path: path.stat().st_mtime_ns for path in (tmp_path / "placed").rglob("*")}
    assert run("placed/s", "-t", target, "--in-place")[1] == b""
    assert before == {path: path.stat().st_mtime_ns for path in (tmp_path / "placed").rglob("*")}
    assert run("placed/s", "-t", target)[1] == b""


def test_one_process_or_several(run, tmp_path):
    shutil.copytree(SAMPLES, tmp_path / "s")
    assert run("s", "-t", "maca", "-j1", "--no-cache")[1] == run("s", "-t", "maca", "-j2", "--no-cache")[1]


def test_exit_codes(run, tmp_path):
    (tmp_path / "a.cpp").write_text("int a;\n")
    (tmp_path / "b.cu").write_text("#include <cuda_runtime.h>\nint a = cudaFree(p);\n")
    assert run("a.cpp", "-t", "musa")[0] == 0
    assert run("b.cu", "-t", "musa")[0] == 1
    assert run("b.cu", "-t", "musa", "--in-place")[0] == 1
    assert run("b.cu", "-t", "musa")[0] == 0
    assert run("b.cu", "-t", "musa,maca")[0] == 2
    assert run("b.cu", "-t", "musa", "--launch", "function")[0] == 2
    assert run("b.cu", "-t", "musa", "--backup", ".orig")[0] == 2
    assert run("b.cu", "-t", "musa", "--in-place", "--out", "x")[0] == 2


def test_hazards_are_not_counted_but_where_they_are_marked(run, tmp_path):
    text = "#include <musa_runtime.h>\n__global__ void k(int *x) { *x = __shfl_down_sync(0xffffffff, *x, 1); }\n"
    (tmp_path / "a.cu").write_text(text)
    code, patch, said = run("a.cu", "-t", "musa")
    assert (code, patch) == (0, b"")
    assert "left to a person" not in said
    assert "hazards without a fix are not counted here" in said
    code, patch, said = run("a.cu", "-t", "musa", "--annotate")
    assert code == 1
    assert b"// migrate: MIG41" in patch
    assert "1 use is left to a person" in said
    assert "not counted" not in said


def test_one_file_to_a_file(run, tmp_path):
    (tmp_path / "a.cu").write_text("#include <cuda_runtime.h>\n")
    (tmp_path / "b.cpp").write_text("int a;\n")
    assert run("a.cu", "-t", "musa", "--out", "x/y.cu")[0] == 1
    assert (tmp_path / "x/y.cu").read_text() == "#include <musa_runtime.h>\n"
    assert run("b.cpp", "-t", "musa", "--out", "c.cpp")[0] == 0
    assert (tmp_path / "c.cpp").read_text() == "int a;\n"
    assert run("a.cu", "-t", "musa", "--out", "-")[1] == b"#include <musa_runtime.h>\n"
    assert run("-", "-t", "musa", "--out", "-", given="int a = cudaFree(p);\n")[1].endswith(b"int a = musaFree(p);\n")


def test_files_are_renamed_and_includes_follow(run, tmp_path):
    (tmp_path / "p/sub").mkdir(parents=True)
    (tmp_path / "p/sub/k.cuh").write_text("#pragma once\n#include <musa_runtime.h>\n__global__ void k();\n")
    (tmp_path / "p/a.cu").write_text('#include <cuda_runtime.h>\n#include "sub/k.cuh"\n#include <other/k.cuh>\n')
    (tmp_path / "p/main.cpp").write_text('#include "sub/k.cuh"\nint main() {}\n')
    run("p", "-t", "musa", "--in-place", "--rename-files")
    assert files(tmp_path / "p") == {
        "a.mu": b'#include <musa_runtime.h>\n#include "sub/k.muh"\n#include <other/k.cuh>\n',
        "main.cpp": b'#include "sub/k.muh"\nint main() {}\n',
        "sub/k.muh": b"#pragma once\n#include <musa_runtime.h>\n__global__ void k();\n",
    }


def test_build_files_that_name_renamed_files_are_reported(run, tmp_path):
    (tmp_path / "p/src").mkdir(parents=True)
    (tmp_path / "p/src/a.cu").write_text("#include <cuda_runtime.h>\n")
    build = {
        "CMakeLists.txt": "add_library(x\n  src/a.cu src/other.cu a.cuda)\nfile(GLOB S src/*.cu)\n",
        "setup.py": 'sources = ["src/a.cu"]\n',
    }
    for name, text in build.items():
        (tmp_path / "p" / name).write_text(text)
    said = run("p", "-t", "musa", "--in-place", "--rename-files")[2]
    lines = [line.strip() for line in said.splitlines() if "still names" in line]
    assert lines == [
        "p/CMakeLists.txt:2: still names src/a.cu; the file ends in .mu now",
        "p/CMakeLists.txt:3: still names src/*.cu; the file ends in .mu now",
        "p/setup.py:1: still names src/a.cu; the file ends in .mu now",
    ]
    assert {name: (tmp_path / "p" / name).read_text() for name in build} == build
    assert "still names" not in run("p", "-t", "musa", "--in-place")[2]


def test_warnings_about_version_control(run, tmp_path):
    git = ["git", "-c", "user.name=a", "-c", "user.email=a@b", "-c", "commit.gpgsign=false"]
    text = "#include <cuda_runtime.h>\nint a = cudaFree(p);\n"
    for name in ("loose", "kept"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "a.cu").write_text(text)
        (tmp_path / name / "b.cu").write_text(text)
    subprocess.run([*git, "init", "-q"], cwd=tmp_path / "kept", check=True)
    subprocess.run([*git, "add", "."], cwd=tmp_path / "kept", check=True)
    subprocess.run([*git, "commit", "-qm", "x"], cwd=tmp_path / "kept", check=True)
    (tmp_path / "kept/b.cu").write_text(text + "\n")
    assert "2 files are not under version control, loose/a.cu first" in run("loose", "-t", "musa", "--in-place")[2]
    said = run("kept", "-t", "musa", "--in-place")[2]
    assert "warning: 1 file has changes that are not committed, kept/b.cu" in said
    assert "kept/a.cu" not in said


def test_unsafe_fixes_are_listed(run, tmp_path):
    (tmp_path / "a.cu").write_text(
        "#include <cuda.h>\nint r = cuOccupancyMaxPotentialBlockSize(&a, &b, fn, shared, 0, 0);\n"
    )
    assert "1 of them has a fix that assumes something" in run("a.cu", "-t", "dtk")[2]
    said = run("a.cu", "-t", "dtk", "--unsafe")[2]
    assert "a.cu:2: cuOccupancyMaxPotentialBlockSize: the shared memory a block needs" in said
    assert "每块所需的共享内存" in run("a.cu", "-t", "dtk", "--unsafe", "--lang", "zh")[2]


def test_a_file_that_changed_meanwhile_is_left_alone(tmp_path):
    from migrate.rewrite import tree
    from migrate.rewrite.rewriter import Rewriter
    from migrate.tables.rules import rules_dir
    from migrate.targets import parse_target

    (tmp_path / "a.cu").write_text("#include <cuda_runtime.h>\n")
    scan = migrate.scan("a.cu", "musa")
    (tmp_path / "a.cu").write_text("#include <cuda_runtime.h>\nint a;\n")
    (change,) = tree.changes(scan, Rewriter(parse_target("musa", rules_dir())))
    assert change.problem == "changed since it was scanned"
    assert not change.changes


@pytest.mark.parametrize(
    "name", ["a b.cu", "a\\b.cu", "tab\t.cu", "\udcff.cu", "中文.cu", "\u202e.cu", "\U000e0001.cu"]
)
def test_shown_paths_lead_back(name):
    assert real_path(display_path(name)) == name


def test_python_api():
    text = b"#include <cuda_runtime.h>\nint a = cudaFree(p);\n"
    assert migrate.rewrite_source(text, "musa") == text.replace(b"cuda", b"musa")
    assert migrate.rewrite_source(b"int a;\n", "musa", filename="a.cpp") == b"int a;\n"
    assert sorted(migrate.__all__) == migrate.__all__


def test_guarded_lines(rewrite):
    text = "#include <cuda_runtime.h>\nvoid f() {\n  CHECK(cudaMalloc(&p,\n    4));\n  int a;\n}\n"
    assert rewrite(text, style="guard").data.decode() == (
        "#ifdef USE_MUSA\n#include <musa_runtime.h>\n#else\n#include <cuda_runtime.h>\n#endif\nvoid f() {\n"
        "#ifdef USE_MUSA\n  CHECK(musaMalloc(&p,\n    4));\n#else\n  CHECK(cudaMalloc(&p,\n    4));\n#endif\n"
        "  int a;\n}\n"
    )


def test_remarks(rewrite):
    text = "#include <musa_runtime.h>\nint a = cudaFooBarBaz(p);\n#define A \\\n  cudaFooBarBaz(q) \\\n  + 1\n"
    done = rewrite(text, annotate=True)
    assert done.data.decode() == (
        "#include <musa_runtime.h>\n"
        "int a = cudaFooBarBaz(p);  // migrate: MIG901 cudaFooBarBaz: CUDA name in no table\n"
        "#define A \\\n"
        "  cudaFooBarBaz(q) /* migrate: MIG901 cudaFooBarBaz: CUDA name in no table */ \\\n"
        "  + 1\n"
    )
