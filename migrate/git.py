"""What git knows about the files of a folder; the one module that starts another program."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from migrate.paths import display_path

if TYPE_CHECKING:
    from collections.abc import Iterator

# variables that tie git to one repository, as hooks have them; they would answer for the wrong folder
_GIT_BINDINGS = frozenset(
    ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_COMMON_DIR", "GIT_OBJECT_DIRECTORY", "GIT_PREFIX")
)


def list_files(folder: str) -> tuple[int, str, str] | None:
    """List the files of a folder that git tracks or does not ignore; read the output with `entries`."""
    return run_git(folder, "ls-files", "-cost", "--exclude-standard", "-z")


def entries(output: str) -> Iterator[tuple[str, str]]:
    """Mode and path of each file: mode 160000 is a submodule, 120000 a link, "" an untracked file.

    A path that ends in a slash is a repository of its own; `./` is the folder that was asked about, when it is a
    submodule that was not fetched. Deleted files are listed as well.
    """
    for entry in output.split("\0"):
        if entry.startswith("? "):
            yield "", entry[2:]
        elif entry:  # H 100644 hash stage<TAB>path
            yield entry[2:8], entry[entry.index("\t") + 1 :]


def is_ignored(folder: str) -> bool:
    """Whether git ignores the folder as a whole."""
    return run_git(folder, "check-ignore", "-q", ".") == (0, "", "")


def run_git(folder: str, *arguments: str) -> tuple[int, str, str] | None:
    """Ask git about a folder: exit status, output, first line of complaint; None when it cannot be started.

    A repository may name a program to run as file system monitor; that setting is overruled, since the tree that is
    analysed is not trusted.
    """
    import subprocess

    environment = {name: value for name, value in os.environ.items() if name not in _GIT_BINDINGS}
    environment |= {"GIT_OPTIONAL_LOCKS": "0", "LC_ALL": "C"}
    command = ["git", "-c", "core.fsmonitor=false", *arguments]
    try:
        done: subprocess.CompletedProcess[bytes] = subprocess.run(
            command, cwd=folder or "/", env=environment, stdin=subprocess.DEVNULL, capture_output=True, check=False
        )
    except OSError:
        return None
    complaint = os.fsdecode(done.stderr).strip().partition("\n")[0]
    return done.returncode, os.fsdecode(done.stdout), display_path(complaint)
