"""What `migrate rewrite --prove` runs and says: on standard error, before anything is written."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from collections.abc import Sequence

    from migrate.cli._run import Run
    from migrate.messages import Messages
    from migrate.rewrite.prove import PtxProof
    from migrate.rewrite.rewriter import Rewriter
    from migrate.rewrite.tree import Change

#: Verdicts of nvcc that say nothing against the rewriting.
_SILENT = frozenset({"same", "not-before", "no-time"})


def prove(rewriter: Rewriter, run: Run, done: Sequence[Change], paths: Sequence[str], text: Messages) -> bool:
    """Runs every proof that can be run here; says what was proven and what could not be. False when one fails."""
    from migrate.rewrite import prove as proofs

    results = {result.path: result for result in run.scan.files}
    changed = [change for change in done if change.changes and change.rewritten.data != change.old]
    good = True
    parsed = clean = 0
    for change in changed:
        proof = proofs.text_proof(rewriter, change, results[change.path])
        parsed += proof.errors_after <= proof.errors_before
        clean += not proof.forgotten
        good = good and proof.holds
        if proof.errors_after > proof.errors_before:
            _say(text("prove.parses-worse", path=change.path, before=proof.errors_before, after=proof.errors_after))
        for use in proof.forgotten:
            _say(text("prove.forgotten", place=f"{change.path}:{use.line}", name=use.shape.name))
    _say(text.count("prove.parses", len(changed), good=f"{parsed:,}"))
    _say(text.count("prove.clean", len(changed), good=f"{clean:,}"))
    nvcc = proofs.find_nvcc()
    if rewriter.target.kind == "foreign":
        _say(text("prove.foreign", target=rewriter.target.title))
        return good
    if not nvcc:
        _say(text("prove.no-nvcc"))
        return good
    verdicts: list[PtxProof] = []
    for one in proofs.ptx_proofs(rewriter, run.scan, done, paths, nvcc, text, run.given):
        verdicts.append(one)
        if one.verdict != "same":
            _say(text(f"prove.ptx-{one.verdict}", path=one.path, detail=one.detail))
    counted = [one for one in verdicts if one.verdict not in ("not-before", "no-time")]
    _say(text.count("prove.ptx", len(counted), good=f"{sum(one.verdict == 'same' for one in counted):,}"))
    return good and all(one.verdict in _SILENT for one in verdicts)


def _say(line: str) -> None:
    from migrate.report.plain import visible

    click.echo(visible(line), err=True)
