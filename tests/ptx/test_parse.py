"""PTX text to instructions, as it stands in literals, modules and files."""

from __future__ import annotations

import time

import pytest

from migrate.ptx.parse import functions, instructions, operands

# Each case: a template as it stands in a C literal, and (mnemonic, register) of each instruction.
TEMPLATES = {
    "several in one string": (
        rb"{\n\t.reg .pred p;\n\tsetp.ne.b32 p, %0, 0;\n\t@p bra.uni DONE;\n\tDONE:\n\t}\n",
        [("setp.ne.b32", ""), ("bra.uni", "")],
    ),
    "real line breaks": (
        b"{ .reg .b32 t;\n  mov.b32 t, %1;\n  and.b32 %0, t, 7; }",
        [("mov.b32", ""), ("and.b32", "")],
    ),
    "vectors in braces": (b"ld.global.v4.f32 {%0, %1, %2, %3}, [%4+16];", [("ld.global.v4.f32", "")]),
    "modifiers with ::": (
        b"cp.async.bulk.tensor.2d.shared::cluster.global.mbarrier::complete_tx::bytes [%0], [%1, {%2, %3}], [%4];",
        [("cp.async.bulk.tensor.2d.shared::cluster.global.mbarrier::complete_tx::bytes", "")],
    ),
    "named operands": (b"add.s32 %[sum], %[a], %[b];", [("add.s32", "")]),
    "a comment with a semicolon": (b"mov.b32 %0, %1 /* a; b */; // c; d\\n exit;", [("mov.b32", ""), ("exit", "")]),
    "a special register": (
        b"mov.u32 %0, %%laneid; mov.u64 %1, %globaltimer; mov.u32 %2, %tid.x;",
        [("mov.u32", "%laneid"), ("mov.u64", "%globaltimer"), ("mov.u32", "%tid.x")],
    ),
    "the size of a warp": (b"mov.u32 %0, WARP_SZ;", [("mov.u32", "WARP_SZ")]),
    "a register that is called like one": (
        b"mov.u32 %0, %laneids; mov.b32 tid, clock;",
        [("mov.u32", ""), ("mov.b32", "")],
    ),
    "a call": (b"call (%0), f, (%1, %2);", [("call", "")]),
    "a macro holds the instruction": (b"\x01 %0, %1; exit;", [("", ""), ("exit", "")]),
    "a macro ends the mnemonic": (b"mma.sync.aligned.\x01.row.col %0;", [("mma.sync.aligned", "")]),
    "no semicolon at the end": (b"exit", [("exit", "")]),
    "nothing": (b"", []),
    "a comment that never ends": (b"/* exit;", []),
    "a declaration that never ends": (b".reg .pred p", []),
}


@pytest.mark.parametrize(("code", "wanted"), TEMPLATES.values(), ids=TEMPLATES)
def test_instructions(code, wanted):
    found = list(instructions(code))
    assert [(one.mnemonic, one.register) for one in found] == wanted
    assert all(code[one.start : one.end].decode() == one.mnemonic for one in found)


def test_a_guard_is_seen():
    assert [one.guarded for one in instructions(rb"@p exit;\n@!%%p1 trap; ret;")] == [True, True, False]


def test_operands():
    code = rb"mma.sync {%0, %1}, {%2,%3}, [%4 + 8], /* x */ 0x1f ;"
    assert operands(code, next(instructions(code))) == ["{%0, %1}", "{%2,%3}", "[%4 + 8]", "0x1f"]
    assert operands(b"exit;", next(instructions(b"exit;"))) == []


MODULE = b""".version 8.0
.target sm_80
.address_size 64
.extern .func (.param .b32 r) helper (.param .b32 a);
.global .align 4 .b8 table[8] = {1, 2, 3, 4, 5, 6, 7, 8};
.visible .entry scale(
    .param .u64 scale_param_0 // the { data
)
.maxntid 256, 1, 1
{
    .reg .b32 %r<4>;
    .loc 1 2 3
$L__BB0_1:
    mov.u32 %r1, %tid.x;
    @%p1 bra $L__BB0_1;
    { add.s32 %r2, %r1, 1; }
    ret;
}
.func (.param .b32 r) twice (.param .b32 a) { ret; }
"""


def test_functions_of_a_module():
    found = {name: [one.mnemonic for one in instructions(MODULE, start, end)] for name, start, end in functions(MODULE)}
    assert found == {"scale": ["mov.u32", "bra", "add.s32", "ret"], "twice": ["ret"]}


@pytest.mark.parametrize(
    "piece",
    [
        b"/*",
        b"/",
        b"{",
        b"a:",
        b"@p ",
        b".reg ",
        b"%%",
        b"\\n",
        b"mov ",
        b"mov.u32 %0, ",
        b"a.",
        b";",
        b".entry a(",
        b"// x",
    ],
)
def test_hostile_text_is_read_in_linear_time(piece):
    def cost(count):
        code = piece * count
        start = time.process_time()
        list(instructions(code))
        list(functions(b".entry k() {" + code))
        list(functions(code))
        return time.process_time() - start

    cost(1000)
    assert min(cost(40_000) for _ in range(2)) < 25 * min(cost(4_000) for _ in range(3)) + 0.05
