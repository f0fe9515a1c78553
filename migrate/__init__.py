"""What becomes of CUDA code on the domestic stacks: reads sources, needs no toolkit, no GPU, no network."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from migrate.model import Scan

__version__ = "0.1.0"

__all__ = ["__version__", "rewrite_source", "scan"]


def scan(paths: str | Iterable[str], target: str | Iterable[str], *, jobs: int = 1) -> Scan:
    """Analyses files and answers every use of CUDA in them.

    Args:
        paths: a file or folder, or several.
        target: targets in the notation `name[:variant][@sdk]`, one, several, or separated by commas.
        jobs: processes to use; 0 for one a core. The result is the same with any number.

    Returns:
        The scan that every report is made of; `migrate.model` says what is in it.

    Raises:
        migrate.errors.UserError: a path does not exist, or a target is not known.
    """
    from migrate.pipeline import scan_paths
    from migrate.tables.rules import rules_dir
    from migrate.targets import parse_targets

    several = [paths] if isinstance(paths, str) else list(paths)
    return scan_paths(several, parse_targets(target, rules_dir()), jobs=jobs)


def rewrite_source(
    source: bytes, target: str, *, filename: str = "source.cu", unsafe: bool = False, launch: str = "keep"
) -> bytes:
    """The source of one file rewritten for one target, as `migrate rewrite` does it.

    Args:
        source: its bytes, in any encoding that has ASCII in it.
        target: in the notation `name[:variant][@sdk]`.
        filename: its suffix says whether it is CUDA (`.cu`, `.cuh`) or C++.
        unsafe: apply fixes that assume something too.
        launch: "keep" for `<<<…>>>`, "function" for the target's launch function where it has one.

    Returns:
        The new bytes; the same ones when nothing changes.

    Raises:
        migrate.errors.UserError: the target is not known.
    """
    from migrate.model import FileResult
    from migrate.paths import language_of
    from migrate.rewrite.rewriter import Rewriter
    from migrate.rewrite.values import Options
    from migrate.tables.rules import rules_dir
    from migrate.targets import parse_target

    rewriter = Rewriter(parse_target(target, rules_dir()), Options(unsafe=unsafe, launch=launch))
    result = rewriter.analyse(source, FileResult(filename, "analysed", language=language_of(filename) or "cuda"))
    return rewriter.rewrite(source, result).data
