"""The operators a target has ready: `rules/<target>/operators.tsv`, columns `operation operators evidence`.

The first column holds an operation of `operations.tsv`, with `+quant` or `+backward` where the operator does that too,
or a profile in angle brackets: what a kernel of that profile is composed of.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path  # noqa: TC003 - the cache looks at the signature
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from migrate.kernels.kernel import Kernel

Found = tuple[tuple[str, ...], tuple[str, ...]]  # operators, evidence


class Operators:
    """One target's table; empty where the target has none."""

    def __init__(self, rows: dict[str, Found]) -> None:
        self.rows = rows

    def whole(self, kernel: Kernel) -> Found | None:
        """The operators that do all a kernel does, None when there is none or its operation is not known."""
        return self.rows.get(key(kernel)) if kernel.operation else None

    def parts(self, kernel: Kernel) -> Found | None:
        """The operators a kernel can be composed of: that of its plain operation and those of its profile."""
        plain = self.rows.get(kernel.operation) if kernel.operation else None
        blocks = self.rows.get(f"<{kernel.profile}>")
        if plain is None or blocks is None:
            return plain or blocks
        return tuple(dict.fromkeys((*plain[0], *blocks[0]))), tuple(dict.fromkeys((*plain[1], *blocks[1])))


def key(kernel: Kernel) -> str:
    """The first column of the row that does all that *kernel* does."""
    quant = "+quant" if "quant" in kernel.flags and kernel.operation not in ("quantise", "cache") else ""
    return kernel.operation + quant + ("+backward" if "backward" in kernel.flags else "")


@lru_cache(maxsize=32)
def load(rules_dir: Path, target: str) -> Operators:
    """The table of *target*."""
    try:
        text = (rules_dir / target / "operators.tsv").read_text(encoding="utf-8")
    except FileNotFoundError:
        return Operators({})
    rows = (line.split("\t") for line in text.splitlines()[1:])
    return Operators(
        {name: (tuple(operators.split()), tuple(evidence.split("; "))) for name, operators, evidence in rows}
    )
