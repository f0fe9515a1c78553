"""A command line without the machine's own language and configuration; the samples as a scan file."""

from __future__ import annotations

import pytest
from building import ROOT
from click.testing import CliRunner


@pytest.fixture
def run(monkeypatch, tmp_path):
    """Runs `migrate` in an empty folder: (exit code, standard output, standard error)."""
    for name in ("MIGRATE_LANG", "MIGRATE_TARGET", "MIGRATE_DEBUG", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    monkeypatch.chdir(tmp_path)

    def invoke(*args):
        from migrate.cli import cli

        result = CliRunner().invoke(cli, [str(arg) for arg in args], prog_name="migrate")
        return result.exit_code, result.stdout, result.stderr

    return invoke


@pytest.fixture(scope="session")
def samples_scan():
    """The samples, for three kinds of target."""
    from migrate.pipeline import scan_paths
    from migrate.tables.rules import rules_dir
    from migrate.targets import parse_targets

    return scan_paths([str(ROOT / "samples")], parse_targets("musa,cann,maca:cu-bridge", rules_dir()))


@pytest.fixture(scope="session")
def samples_json(samples_scan, tmp_path_factory):
    """The same, written by the program."""
    import io

    from migrate.report.scan_json import write_json

    out = io.StringIO()
    write_json(samples_scan, out)
    path = tmp_path_factory.mktemp("scan") / "samples.json"
    path.write_text(out.getvalue(), encoding="utf-8", newline="\n")
    return path
