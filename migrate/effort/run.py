"""All estimates of a scan: every target, every route it has, with what finished ports say."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from migrate.effort import calibrate, weights
from migrate.effort.count import census, count
from migrate.effort.estimate import Calibration, estimate
from migrate.effort.lines import routes
from migrate.errors import UserError
from migrate.tables.rules import rules_dir

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from migrate.effort.calibrate import Own, Port
    from migrate.effort.count import Counts
    from migrate.effort.estimate import Estimate
    from migrate.effort.weights import Weights
    from migrate.model import Scan


@dataclass(frozen=True, slots=True)
class Basis:
    """What estimates rest on besides the scan."""

    weights: Weights
    ports: tuple[Port, ...] = ()
    own: tuple[Own, ...] = ()
    without: frozenset[str] = frozenset()  # names of ports that do not count
    changed: Mapping[str, float] = field(default_factory=dict)  # assumptions
    adapters: Mapping[str, str] = field(default_factory=dict)  # target name → package that redirects torch.cuda

    def calibration(self, counts: Counts) -> Calibration:
        """What finished ports say about the target of *counts*."""
        return calibrate.calibration(
            counts.name, counts.kind, self.weights, ports=self.ports, own=self.own, without=self.without
        )

    def estimate(self, counts: Counts, route: str = "") -> Estimate:
        """The estimate of one route, the target's first one when left out."""
        return estimate(
            counts,
            self.weights,
            route,
            changed=self.changed,
            calibration=self.calibration(counts),
            adapter=self.adapters.get(counts.name, ""),
        )

    def routes(self, counts: Counts) -> tuple[str, ...]:
        """The routes to the target of *counts*."""
        return routes(counts, self.adapters.get(counts.name, ""))


def basis(
    own: Path | None = None,
    *,
    weights_file: Path | None = None,
    without: frozenset[str] = frozenset(),
    changed: Mapping[str, float] | None = None,
    names: tuple[str, ...] = (),
) -> Basis:
    """The shipped weights and reference ports with a user's *own* finished ports.

    Args:
        own: the user's file of finished ports; it may be missing.
        weights_file: weights instead of the shipped ones.
        without: names of ports that do not count.
        changed: assumptions that differ from the file's.
        names: targets whose manifests are asked for an adapter.

    Raises:
        UserError: a file is not of its form, or there is no port or assumption of that name.
    """
    from migrate.manifest import load_manifest

    folder = rules_dir()
    ports = calibrate.read_ports(folder / "effort_ports.tsv")
    mine = calibrate.read_own(own) if own is not None else ()
    known = {port.port for port in ports} | {row.name for row in mine}
    for name in sorted(without - known):
        raise UserError(f"there is no finished port called {name}; there are: {', '.join(sorted(known))}")
    adapters = {}
    for name in dict.fromkeys(names):
        if (folder / name).is_dir():
            adapters[name] = load_manifest(folder, name).torch.get("adapter", "")
    read = weights.load(weights_file or folder / "effort.toml")
    return Basis(read, ports, mine, without, dict(changed or {}), adapters)


def estimates(scan: Scan, on: Basis, targets: tuple[str, ...] = ()) -> tuple[Estimate, ...]:
    """Every route of every target of *scan*, or of *targets*, in the order of the scan's targets."""
    counted = census(scan)
    found = []
    for target in scan.targets:
        if targets and target.key not in targets:
            continue
        counts = count(scan, target.key, counted)
        found += [on.estimate(counts, route) for route in on.routes(counts)]
    return tuple(found)
