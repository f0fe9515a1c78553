"""A command line without the machine's own language, colours and configuration."""

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
    add<<<1, 32>>>(v);
    cudaFooBar(v);
    return cudaDeviceSynchronize();
}
"""


@pytest.fixture(autouse=True)
def plain_environment(monkeypatch, tmp_path):
    """English, no colour, an empty folder to work in."""
    for name in ("MIGRATE_LANG", "MIGRATE_TARGET", "MIGRATE_DEBUG", "LC_MESSAGES", "LANG", "NO_COLOR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    # Programs started by a test find the package that this process found.
    monkeypatch.setenv("PYTHONPATH", str(Path(migrate.__file__).parents[1]))
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def source(tmp_path):
    """A small CUDA file in the working folder."""
    (tmp_path / "add.cu").write_text(SOURCE, encoding="utf-8", newline="\n")
    return tmp_path / "add.cu"


@pytest.fixture
def run():
    """Runs `migrate` in this process: (exit code, standard output, standard error)."""
    from migrate.cli import cli

    def invoke(*args, given=None):
        result = CliRunner().invoke(cli, args, input=given, prog_name="migrate")
        return result.exit_code, result.stdout, result.stderr

    return invoke
