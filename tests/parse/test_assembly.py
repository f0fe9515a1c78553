"""Inline PTX and what only looks like it."""

from __future__ import annotations

import pytest

from migrate.analysis import analyse_bytes, look
from migrate.parse import macros
from migrate.parse.assembly import first_mnemonic

# Each case: what it shows, a source, and the mnemonics that must be found.
DEVICE = "__device__ void d() {{ {} }}"
BLOCKS = {
    "one instruction": ('asm("bfe.u32 %0, %1, 0, 8;" : "=r"(x) : "r"(y));', ["bfe.u32"]),
    "volatile, in every spelling": (
        (
            'asm volatile("mov.u32 %0, %laneid;" : "=r"(x)); __asm__ __volatile__("exit;"); asm '
            '__volatile__ ("membar.gl;");'
        ),
        ["mov.u32", "exit", "membar.gl"],
    ),
    "several instructions": (
        'asm("{.reg .b32 t; mov.b32 t, %1; mov.b32 t, %2; add.s32 %0, t, t;}" : "=r"(x) : "r"(y), "r"(z));',
        ["mov.b32", "add.s32"],
    ),
    "branches of an #if": (
        'asm volatile(\n"mov.b32 %0, 1;"\n#if X\n"trap;"\n#else\n"exit;"\n#endif\n: "=r"(x));',
        ["mov.b32", "trap", "exit"],
    ),
    "a macro between instructions": ('asm volatile("mov.b32 %0, 1;" MORE "exit;" : "=r"(x));', ["asm", "mov.b32"]),
    "a macro in the middle of a name": (
        'asm volatile("mma.sync.aligned." SHAPE ".row.col %0;" : "=r"(x));',
        ["mma.sync.aligned"],
    ),
    "AMD's assembly": ('asm volatile("s_waitcnt vmcnt(0)"); asm("v_add_u32 %0, %1, %2" : "=v"(x));', []),
    "over several literals and lines": (
        'asm volatile(\n  "{\\n"\n  "  .reg .pred p;\\n"\n  "  setp.ne.b32 p, %0, 0;\\n"\n  "}\\n" :: "r"(x));',
        ["setp.ne.b32"],
    ),
    "behind labels, predicates and comments": ('asm("// wait\\n@!p $L: LAB: bra.uni DONE; /* x */");', ["bra.uni"]),
    "a raw string": (
        'asm volatile(R"PTX({ .reg .b32 t; wgmma.fence.sync.aligned; })PTX" ::: "memory");',
        ["wgmma.fence.sync.aligned"],
    ),
    "qualified by ::": (
        'asm("cp.async.bulk.tensor.2d.shared::cluster.global [%0];" :: "r"(x));',
        ["cp.async.bulk.tensor.2d.shared::cluster.global"],
    ),
    "the instruction is made by a macro": ('asm volatile(OP(add) ".u32 %0;" : "=r"(x));', ["asm"]),
    "a barrier for the compiler is no instruction": ('asm volatile("" ::: "memory"); asm("");', []),
    "nor is a comment": ('asm volatile("// begin of the loop");', []),
    "brackets in operands": (
        'asm("ld.global.f32 %0, [%1];" : "=f"(x) : "l"(f(p[(1)])), "r"(g(2)));',
        ["ld.global.f32"],
    ),
    "without an end": ('asm("ld.global.f32 %0', []),
    "not in text": ('puts("asm(\\"exit;\\")"); /* asm("exit;") */', []),
    "a name that only begins so": ('asm_x("exit;"); my_asm("exit;"); o.assembly("exit;");', []),
}


@pytest.mark.parametrize(("code", "wanted"), BLOCKS.values(), ids=BLOCKS)
def test_blocks(uses, code, wanted):
    assert [name for _, name, kind in uses(DEVICE.format(code)) if kind == "ptx"] == wanted


def test_each_instruction_stands_at_its_place(analyse):
    source = '__device__ void d() { asm("{ .reg .b32 t; mov.b32 t, 1;"\n  "ad" "d.s32 %0, t, 1; }" : "=r"(x)); }'
    found = [(source[use.start : use.end], use.shape.name) for use in analyse(source).uses if use.shape.kind == "ptx"]
    assert found == [("mov.b32", "mov.b32"), ('ad" "d.s32', "add.s32")]


def test_owner_says_the_register_and_what_becomes_of_the_statement(uses):
    code = """
      asm("brev.b32 %0, %1;" : "=r"(a) : "r"(b));
      asm("brev.b32 %0, %1;" : "=r"(a) : "r"(b) : "memory");
      asm("brev.b32 %0, %1; mma.sync %0;" : "=r"(a) : "r"(b));
      asm("mov.u32 %0, %%laneid;" : "=r"(a));
      asm("mov.u32 %0, %%tid.x; add.u32 %0, %0, %1;" : "=r"(a) : "r"(b));
    """
    found = [(name, owner) for _, name, kind, owner in uses(DEVICE.format(code), "owner") if kind == "ptx"]
    assert found == [
        ("brev.b32", ""),
        ("brev.b32", "unsafe"),
        ("brev.b32", "part"),
        ("mma.sync", ""),
        ("mov.u32", "%laneid"),
        ("mov.u32", "%tid.x part"),
        ("add.u32", "part"),
    ]


def test_in_a_macro(uses):
    source = (
        '#define LD(r, p) asm volatile("ld.global.nc.f32 %0, [%1];" : "=f"(r) : "l"(p))\n#define STOP asm("trap;")\n'
    )
    assert uses(source, "define") == [(1, "ld.global.nc.f32", "ptx", "LD"), (2, "trap", "ptx", "STOP")]


HOST = {
    "x86": (
        'asm volatile("pause"); asm("mov %0, %1" : "=r"(a) : "r"(b)); asm("add $1, %0"); '
        '__asm__("rdtsc"); asm("xor %eax, %eax");'
    ),
    "Arm": 'asm volatile("yield"); asm("mrs %0, cntvct_el0"); asm("dmb ish" ::: "memory");',
    "Microsoft's block": "__asm { mov eax, 1 }",
    "a barrier": 'asm volatile("" ::: "memory");',
}


@pytest.mark.parametrize("code", HOST.values(), ids=HOST)
def test_a_hosts_assembly_is_none(uses, code):
    assert [kind for _, _, kind in uses(f"void h() {{ cudaFree(0); {code} }}")] == ["call"]


def test_bare_opcodes_count_in_device_code(uses):
    source = '__device__ void d() { asm("ret;"); }\nvoid h() { asm("ret;"); }'
    assert [(line, name) for line, name, kind in uses(source) if kind == "ptx"] == [(1, "ret")]


def test_a_module_in_a_string(uses):
    ptx = ".version 7.0\\n.target sm_70\\n.address_size 64\\n.visible .entry k() { ret; }"
    found = uses(f'const char* ptx = "{ptx}";\ncudaStream_t s;', "library")
    assert found[:2] == [(1, ".version", "ptx", "ptx"), (1, "ret", "ptx", "ptx")]


def test_a_module_line_by_line(uses):
    lines = [
        *(".version 7.0", ".target sm_70", ".visible .entry k() {", " mov.u32 %r1, %tid.x;", " mov.u32 %r2, %tid.x;"),
        *(" ret;", "}"),
    ]
    literals = "\n".join(f'  "{line}\\n"' for line in lines)
    source = f'const char* ptx =\n{literals};\nconst char* other = ".version 1";\ncudaStream_t s;'
    assert [found for found in uses(source, "owner") if found[2] == "ptx"] == [
        (2, ".version", "ptx", ""),
        (5, "mov.u32", "ptx", "%tid.x part"),
        (7, "ret", "ptx", ""),
    ]


def test_a_file_of_ptx(inventory):
    data = (
        b".version 8.0\n.target sm_80\n.visible .entry k() {\n"
        b"  add.s32 %r1, %r2, 1;\n  add.s32 %r1, %r1, 1;\n  wgmma.fence.sync.aligned;\n}\n"
    )
    result = analyse_bytes("a.ptx", "ptx", data, inventory, macros.combine([]))
    assert result.state == "analysed"
    assert [(use.line, use.column, *use.shape[:6]) for use in result.uses] == [
        (4, 3, "add.s32", "ptx", "ptx", "part", "k", "device"),
        (6, 3, "wgmma.fence.sync.aligned", "ptx", "ptx", "", "k", "device"),
    ]
    assert look(data, "ptx", inventory).state == ""
    assert analyse_bytes("b.ptx", "ptx", b"// nothing", inventory, macros.combine([])).state == "no-cuda"


@pytest.mark.parametrize(
    ("code", "mnemonic"),
    [
        (b"add.s32 %0, %1, %2;", "add.s32"),
        (b"{\\n\\t.reg .u32 a;\\n\\tmov.b32 a, 1;}", "mov.b32"),
        (b".shared .b32 x[4]; st.shared.u32 [x], 1;", "st.shared.u32"),
        (b"@p bra DONE;", "bra"),
        (b"@!%p0 st.global.u32 [%1], 0;", "st.global.u32"),
        (b"L1: ret;", "ret"),
        (b"/* a */ // b\\n exit;", "exit"),
        (b"", ""),
        (b"%0 = 1", ""),
        (b"// only", ""),
        (b"/* never closed", ""),
        (b".reg .pred p", ""),
    ],
)
def test_first_mnemonic(code, mnemonic):
    assert first_mnemonic(code) == mnemonic
