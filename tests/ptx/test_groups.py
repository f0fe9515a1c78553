"""Every mnemonic has a group, every group a finding with a page; the table is well-formed."""

from __future__ import annotations

from pathlib import Path

import pytest

from migrate import findings
from migrate.parse.assembly import OPCODES
from migrate.ptx import groups

MNEMONICS = Path(__file__).with_name("mnemonics.txt").read_text(encoding="utf-8").split()


def test_every_mnemonic_of_public_code_is_classified():
    """433 mnemonics counted in public CUDA projects, cut to three components."""
    assert len(MNEMONICS) == 433
    assert [name for name in MNEMONICS if groups.group(name) not in groups.GROUPS] == []


def test_the_scanner_and_the_table_know_the_same_opcodes():
    assert groups.opcodes() == OPCODES


def test_every_group_has_a_kind_of_finding():
    kinds = findings.load()
    assert set(groups.GROUPS.values()) <= set(kinds)
    assert {ident for ident in kinds if "MIG503" <= ident <= "MIG519"} == set(groups.GROUPS.values())


@pytest.mark.parametrize(
    ("mnemonic", "register", "group"),
    [
        ("mma.sync.aligned.m16n8k16.row.col.f32.f16.f16.f32", "", "matrix"),
        ("ldmatrix.sync.aligned.m8n8.x4.shared.b16", "", "matrix-load"),
        ("cp.async.cg.shared.global", "", "async-copy"),
        ("cp.async.bulk.tensor.2d.shared::cluster.global", "", "bulk-copy"),
        ("cp.async.mbarrier.arrive.noinc.shared.b64", "", "mbarrier"),
        ("ld.global.nc.L1::no_allocate.v4.f32", "", "load-store"),
        ("ld.global.acquire.gpu.u32", "", "order"),
        ("ld.acquire.sys.global.u64", "", "order"),
        ("st.async.release.global", "", "bulk-copy"),
        ("red.release.gpu.global.add.u32", "", "atomic"),
        ("div.approx.f32", "", "approximate"),
        ("div.rn.f32", "", "arithmetic"),
        ("barrier.cluster.arrive", "", "cluster"),
        ("barrier.sync", "", "barrier"),
        ("mov.u32", "", "move"),
        ("mov.u32", "%laneid", "register"),
        ("asm", "", ""),
        ("paused", "", ""),
    ],
)
def test_groups(mnemonic, register, group):
    assert groups.group(mnemonic, register) == group


def test_findings():
    assert groups.finding("mma.sync.aligned") == "MIG503"
    assert groups.finding("mov.u32", "%laneid") == "MIG518"
    assert groups.finding("asm") == "MIG501"


@pytest.mark.parametrize(
    ("template", "names"),
    [
        ("__byte_perm($1, $2, $3)", ["__byte_perm"]),
        ("!__stcg((float*)@1, (float)$2)", ["__stcg"]),
        ("__half2float(__ushort_as_half($1))", ["__half2float", "__ushort_as_half"]),
        ("(static_cast<unsigned>($1) >> $2)", []),
        ("threadIdx.x", ["threadIdx"]),
    ],
)
def test_names_of_a_template(template, names):
    assert groups.names(template) == names


def test_a_template_as_people_read_it():
    assert groups.shown("__shfl_sync($4, $1, $2)", {"__shfl_sync": "shfl"}) == "shfl(d, a, b)"
    assert groups.shown("($1 & $2)", {}) == "a & b"
    assert groups.shown("((1u << $1) - (1u << $2))", {}) == "(1u << a) - (1u << b)"
    assert groups.shown("!__stwt((float*)@1, (float)$2)", {}) == "__stwt((float*)a, (float)b)"


def test_lint_reads_the_table(tmp_path):
    from migrate.tables.lint import lint
    from migrate.tables.rules import rules_dir

    (tmp_path / "ptx").mkdir()
    for name in ("instructions.tsv", "notes.tsv"):
        (tmp_path / "ptx" / name).write_bytes((rules_dir() / "ptx" / name).read_bytes())
    assert lint(tmp_path, None) == []
    text = (tmp_path / "ptx" / "instructions.tsv").read_text(encoding="utf-8")
    (tmp_path / "ptx" / "instructions.tsv").write_text(
        text
        + "~zzz\tbits\t__z($1)\tsafe\t1<x\t\ts\n"
        + "~zzzz\tbits\t__z($1)\tunsafe\t\tno-note\ts\n"
        + "~zzzzz\tbits\t\tsafe\t\t\ts\n",
        encoding="utf-8",
    )
    assert [problem.message.partition(":")[0] for problem in lint(tmp_path, None)] == ["~zzz", "~zzzz", "~zzzzz"]
