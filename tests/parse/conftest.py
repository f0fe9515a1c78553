"""What the tests of the parser share: CUDA's names, loaded once, and a short way from a text to its uses."""

from __future__ import annotations

import pytest

from migrate.parse import macros
from migrate.parse.uses import find_uses
from migrate.source import Source
from migrate.tables.inventory import Inventory
from migrate.tables.rules import rules_dir


@pytest.fixture(scope="session")
def inventory():
    return Inventory.load(rules_dir())


@pytest.fixture(scope="session")
def analyse(inventory):
    """A function (text or bytes) that gives all that `find_uses` finds, the text's own macros learned."""

    def run(source, *, cuda=True):
        data = source.encode() if isinstance(source, str) else source
        return find_uses(data, inventory, macros.combine([macros.learn(data)]), cuda_file=cuda)

    return run


@pytest.fixture(scope="session")
def uses(analyse):
    """A function (text or bytes, *fields) that gives (line, name, kind, *fields of the shape) of every use."""

    def run(source, *fields, cuda=True):
        data = source.encode() if isinstance(source, str) else source
        found = analyse(data, cuda=cuda).uses
        lines = Source(data).positions([use.start for use in found])
        return [
            (line, use.shape.name, use.shape.kind, *(getattr(use.shape, field) for field in fields))
            for use, (line, _) in zip(found, lines, strict=True)
        ]

    return run
