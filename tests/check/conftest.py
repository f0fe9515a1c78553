"""A small project under git, and the command line in this process."""

import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner

import migrate

SOURCE = """\
#include <cuda_runtime.h>
__global__ void add(float *v) { v[threadIdx.x] += 1; }
int main() {
    float *v;
    cudaMalloc(&v, 4);
    cudaFooBar(v);
    return cudaDeviceSynchronize();
}
"""

ENVIRONMENT = {
    "GIT_AUTHOR_NAME": "a",
    "GIT_AUTHOR_EMAIL": "a@b",
    "GIT_COMMITTER_NAME": "a",
    "GIT_COMMITTER_EMAIL": "a@b",
    "GIT_CONFIG_GLOBAL": "/dev/null",
    "GIT_CONFIG_NOSYSTEM": "1",
    "LC_ALL": "C.UTF-8",
    "PYTHONPATH": str(Path(migrate.__file__).parents[1]),
}


@pytest.fixture(autouse=True)
def plain_environment(monkeypatch, tmp_path):
    """English, no colour, nobody's configuration of git, an empty folder to work in."""
    for name in ("MIGRATE_LANG", "MIGRATE_TARGET", "MIGRATE_DEBUG", "LC_MESSAGES", "LANG", "NO_COLOR", "PRE_COMMIT"):
        monkeypatch.delenv(name, raising=False)
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def git(tmp_path):
    """Runs git in the project."""

    def run(*arguments):
        return subprocess.run(["git", *arguments], cwd=tmp_path, check=True, capture_output=True, text=True).stdout

    run("init", "-q", "-b", "main")
    return run


@pytest.fixture
def project(git, tmp_path):
    """A project with a configured target and one CUDA file, committed."""
    (tmp_path / "pyproject.toml").write_text('[tool.migrate]\ntarget = "musa"\n', encoding="utf-8")
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "add.cu").write_text(SOURCE, encoding="utf-8", newline="\n")
    git("add", "-A")
    git("commit", "-q", "-m", "first")
    return tmp_path


@pytest.fixture
def run():
    """Runs `migrate` in this process: (exit code, standard output, standard error)."""
    from migrate.cli import cli

    def invoke(*args, given=None):
        result = CliRunner().invoke(cli, args, input=given, prog_name="migrate")
        return result.exit_code, result.stdout, result.stderr

    return invoke
