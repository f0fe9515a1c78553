"""The hooks of this checkout in real pre-commit and prek: a repository made of the checkout, and users' repositories.

The first environment needs a package index and takes some ten seconds; it is made once a test session.
"""

import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import migrate

ROOT = Path(migrate.__file__).resolve().parent.parent
REASON = "needs the extra dev: pip install -e '.[dev]'"

CLEAN = "__global__ void f(float *v) { v[0] = 1; }\n"
BAD = "void g() { cudaBarFoo(1); }\n"
FINDING = "MIG901 cudaBarFoo: CUDA name in no table [unknown]"


def pytest_collection_modifyitems(items):
    for item in items:
        if Path(item.path).parent == Path(__file__).parent:
            item.add_marker(pytest.mark.slow)


@pytest.fixture(scope="session")
def environment(tmp_path_factory):
    """The machine's environment without anybody's configuration of git, migrate or pre-commit."""
    home = tmp_path_factory.mktemp("home")
    drop = ("GIT_", "MIGRATE_", "PRE_COMMIT", "PREK_", "SKIP", "LC_", "LANG", "PYTHON", "VIRTUAL_ENV")
    values = {name: value for name, value in os.environ.items() if not name.startswith(drop)}
    for who in ("AUTHOR", "COMMITTER"):
        values |= {f"GIT_{who}_NAME": "a", f"GIT_{who}_EMAIL": "a@b"}
    return values | {
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_NOSYSTEM": "1",
        "LC_ALL": "C.UTF-8",
        "PRE_COMMIT_HOME": str(home / "pre-commit"),
        "PREK_HOME": str(home / "prek"),
        "MIGRATE_CACHE_DIR": str(home / "cache"),
    }


@pytest.fixture(scope="session")
def hooks(tmp_path_factory, environment):
    """A repository that holds what the checkout's next commit would hold, tagged as a release."""
    folder = tmp_path_factory.mktemp("hooks") / "migrate"
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard", "-z"], cwd=ROOT, capture_output=True, check=False
    )
    if listed.returncode:
        pytest.skip("the package was not installed from a checkout")
    for name in filter(None, os.fsdecode(listed.stdout).split("\0")):
        if name.startswith(("tests/", "benchmarks/", "samples/")) or not (ROOT / name).is_file():
            continue  # the clone of a release holds them too; they only cost time here
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / name, folder / name)
    for command in (["init", "-q", "-b", "main"], ["add", "-A"], ["commit", "-q", "-m", "x"], ["tag", "v0.0.1"]):
        subprocess.run(["git", *command], cwd=folder, env=environment, check=True)
    return folder


class User:
    """A user's repository."""

    def __init__(self, path, environment):
        self.path = path
        self.environment = dict(environment)
        self.git("init", "-q", "-b", "main")

    def run(self, *command, check=False):
        done = subprocess.run(command, cwd=self.path, env=self.environment, capture_output=True, text=True, check=False)
        output = done.stdout + done.stderr
        assert not check or done.returncode == 0, output
        return done.returncode, output

    def git(self, *arguments, check=True):
        return self.run("git", *arguments, check=check)

    def write(self, name, text):
        file = self.path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(text if isinstance(text, bytes) else text.encode())

    def read(self, name):
        return (self.path / name).read_bytes().decode()

    def commit(self, message="x"):
        return self.git("commit", "-q", "-m", message, check=False)


def tool(name):
    """The command that starts pre-commit or prek of the environment the tests run in."""
    if name == "pre-commit":
        found = importlib.util.find_spec("pre_commit") is not None
        return (sys.executable, "-m", "pre_commit") if found else None
    place = shutil.which("prek", path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}")
    return (place,) if place else None


@pytest.fixture
def pre_commit():
    """The command of pre-commit."""
    return tool("pre-commit") or pytest.skip(REASON)


@pytest.fixture
def user(tmp_path, environment):
    """A repository with a configured target and one clean file, committed."""
    made = User(tmp_path, environment)
    made.write("pyproject.toml", '[tool.migrate]\ntarget = "musa"\n')
    made.write("src/clean.cu", CLEAN)
    made.git("add", "-A")
    made.git("commit", "-q", "-m", "first")
    return made


def configure(user, hooks, *ids, tool_command=None):
    """Writes the hook's configuration with `rev`, and installs it for commits."""
    lines = "".join(f"  - id: {one}\n" for one in ids)
    user.write(".pre-commit-config.yaml", f"repos:\n- repo: {hooks}\n  rev: v0.0.1\n  hooks:\n{lines}")
    user.git("add", ".pre-commit-config.yaml")
    user.git("commit", "-q", "-m", "hooks", "--no-verify")
    if tool_command:
        user.run(*tool_command, "install", check=True)
