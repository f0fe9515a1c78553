"""Rewriting a text in memory, and small trees on disk."""

from functools import cache

import pytest

from migrate.model import FileResult
from migrate.rewrite.rewriter import Options, Rewriter
from migrate.tables.rules import rules_dir
from migrate.targets import parse_target


@cache
def rewriter(target, options):
    return Rewriter(parse_target(target, rules_dir()), options)


@pytest.fixture
def rewrite():
    """Rewrites bytes for a target: the `Rewritten`."""

    def call(source, target="musa", *, language="cuda", path="a.cu", **options):
        data = source.encode() if isinstance(source, str) else source
        tool = rewriter(target, Options(**options))
        result = tool.analyse(data, FileResult(path, "analysed", language=language))
        return tool.rewrite(data, result)

    return call


@pytest.fixture
def becomes(rewrite):
    """Checks what a text becomes, that it stays so, and that the rewriter says it has come to an end."""

    def check(before, after, target="musa", **options):
        done = rewrite(before, target, **options)
        assert done.data.decode() == after
        assert done.converged
        again = rewrite(done.data, target, **options)
        assert again.data == done.data
        assert not again.edits

    return check


@pytest.fixture
def stays(becomes):
    """Checks that a text is left alone."""

    def check(text, target="musa", **options):
        becomes(text, text, target, **options)

    return check
