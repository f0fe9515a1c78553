"""One asm statement to CUDA C++, or left alone."""

from __future__ import annotations

import itertools

import pytest

from migrate.parse.view import make_view
from migrate.ptx import groups
from migrate.ptx.replace import fix_at, logic
from migrate.rewrite.edits import apply


def fixed(code: str):
    """The code with its first asm statement replaced, and the level; None when it is left alone."""
    data = code.encode()
    fix = fix_at(data, make_view(data).text, data.index(b"(", data.index(b"asm")) + 2)
    return None if fix is None else (apply(data, fix.edits).decode(), fix.level)


# Each case: what it shows, a statement, and what it becomes.
SAFE = {
    "operands by number": ('asm("brev.b32 %0, %1;" : "=r"(y) : "r"(x));', "y = __brev(x);"),
    "operands by name": ('asm ("clz.b32 %[n], %[v];" : [n] "=r"(y) : [v] "r"(x + 1));', "y = __clz(x + 1);"),
    "an output that is read": ('__asm__ __volatile__("xor.b32 %0, %0, %1;" : "+r"(y) : "r"(x));', "y = y ^ x;"),
    "literals joined": (
        'asm volatile("shf.l.wrap" ".b32 %0, "\n  "%1, %2, %3;\\n" : "=r"(y) : "r"(a[0]), "r"(p->b), "r"(f(c)));',
        "y = __funnelshift_l(a[0], p->b, f(c));",
    ),
    "a literal operand": ('asm("shl.b32 %0, %1, 3;" : "=r"(y) : "r"(x));', "y = static_cast<unsigned>(x) << 3;"),
    "a selector that both read the same": (
        'asm("prmt.b32 %0, %1, %2, 0x5410;" : "=r"(y) : "r"(a), "r"(b));',
        "y = __byte_perm(a, b, 0x5410);",
    ),
    "several instructions": (
        'asm("{ .reg .u64 t; cvta.to.shared.u64 t, %1; cvt.u32.u64 %0, t; }" : "=r"(y) : "l"(p));',
        "y = static_cast<unsigned>(__cvta_generic_to_shared((const void*)p));",
    ),
    "a predicate": (
        'asm("{.reg .pred %%p; setp.ne.u32 %%p, %1, 0; selp.u32 %0, 1, 0, %%p;}" : "=r"(y) : "r"(x));',
        "y = (x != 0) ? 1 : 0;",
    ),
    "a shuffle of a whole warp": (
        'asm volatile("shfl.sync.bfly.b32 %0, %1, %2, 0x1f, %3;" : "=r"(y) : "r"(x), "r"(1), "r"(m));',
        "y = __shfl_xor_sync(m, x, 1);",
    ),
    "a fence with its clobber": ('asm volatile("membar.gl;" ::: "memory");', "__threadfence();"),
    "the first barrier": ('asm volatile("bar.sync 0;" : : : "memory");', "__syncthreads();"),
    "a special register": ('asm("mov.u32 %0, %%ctaid.y;" : "=r"(y));', "y = blockIdx.y;"),
    "a load": ('asm("ld.global.cs.f32 %0, [%1];" : "=f"(y) : "l"(p + 1));', "y = __ldcs((const float*)(p + 1));"),
    "an output that is an expression": ('asm("not.b32 %0, %1;" : "=r"(*q ? u : v) : "r"(x));', "(*q ? u : v) = ~x;"),
    "three inputs by a table": (
        'asm("lop3.b32 %0, %1, %2, %3, 0x96;" : "=r"(y) : "r"(a), "r"(b), "r"(c));',
        "y = a ^ (b ^ c);",
    ),
    "in a macro": (
        '#define F(r, v) \\\n  asm("popc.b32 %0, %1;" \\\n  : "=r"(r) : "r"(v))\n',
        "#define F(r, v) \\\n  r = __popc(v)\n",
    ),
}


@pytest.mark.parametrize(("code", "wanted"), SAFE.values(), ids=SAFE)
def test_safe(code, wanted):
    assert fixed(code) == (wanted, "safe")


UNSAFE = {
    "a selector that is not known": (
        'asm("prmt.b32 %0, %1, %2, %3;" : "=r"(d) : "r"(a), "r"(b), "n"(S));',
        "d = __byte_perm(a, b, S);",
    ),
    "a shift that is not known": (
        'asm("shl.b32 %0, %1, %2;" : "=r"(d) : "r"(a), "r"(b));',
        "d = static_cast<unsigned>(a) << b;",
    ),
    "subnormal numbers": (
        'asm("fma.rn.f32 %0, %1, %2, %3;" : "=f"(d) : "f"(a), "f"(b), "f"(c));',
        "d = __fmaf_rn(a, b, c);",
    ),
    "a clobber that is lost": (
        'asm volatile("atom.add.u32 %0, [%1], %2;" : "=r"(d) : "l"(p), "r"(v) : "memory");',
        "d = atomicAdd((unsigned*)p, (unsigned)v);",
    ),
    "a field that may be too long": (
        'asm("bfe.u32 %0, %1, %2, 8;" : "=r"(d) : "r"(v), "r"(at));',
        "d = (static_cast<unsigned>(v) >> at) & ((1u << 8) - 1u);",
    ),
}


@pytest.mark.parametrize(("code", "wanted"), UNSAFE.values(), ids=UNSAFE)
def test_unsafe(code, wanted):
    assert fixed(code) == (wanted, "unsafe")


LEFT = {
    "no intrinsic": 'asm("mma.sync.aligned.m8n8k4 %0, %1;" : "=r"(d) : "r"(a));',
    "under a guard": 'asm("{.reg .pred p; setp.ne.u32 p, %1, 0; @p mov.u32 %0, %%tid.x;}" : "+r"(d) : "r"(a));',
    "a jump": 'asm("L: brev.b32 %0, %1;" : "=r"(d) : "r"(a));',
    "two outputs": 'asm("brev.b32 %0, %2; clz.b32 %1, %2;" : "=r"(d), "=r"(e) : "r"(a));',
    "a value used twice": 'asm("{.reg .b32 t; brev.b32 t, %1; add.u32 %0, t, t;}" : "=r"(d) : "r"(a));',
    "a side effect, twice": 'asm("lop3.b32 %0, %1, %2, %3, 0xe8;" : "=r"(d) : "r"(f()), "r"(b), "r"(c));',
    "a macro in the template": 'asm("brev" TYPE " %0, %1;" : "=r"(d) : "r"(a));',
    "a comment would go": 'asm("brev.b32 %0, %1;" : "=r"(d) : "r"(a /* the bits */));',
    "a byte order that copies signs": 'asm("prmt.b32 %0, %1, %2, 0xba98;" : "=r"(d) : "r"(a), "r"(b));',
    "a shuffle in parts": 'asm("shfl.sync.idx.b32 %0, %1, %2, 0x1c1f, %3;" : "=r"(d) : "r"(a), "r"(b), "r"(m));',
    "a shuffle with a predicate": (
        'asm("{.reg .pred p; shfl.sync.idx.b32 %0|p, %1, %2, 31, %3;}" : "=r"(d) : "r"(a), "r"(b), "r"(m));'
    ),
    "another barrier": 'asm volatile("bar.sync 1;");',
    "a barrier of some threads": 'asm volatile("bar.sync 0, 64;");',
    "an address with an offset": 'asm("ld.global.cs.f32 %0, [%1+4];" : "=f"(d) : "l"(p));',
    "an input nobody reads": 'asm("brev.b32 %0, %1;" : "=r"(d) : "r"(a), "r"(f()));',
    "a clobber of another kind": 'asm("brev.b32 %0, %1;" : "=r"(d) : "r"(a) : "cc");',
    "wait for copies that no group holds yet": 'asm volatile("cp.async.wait_all;" ::: "memory");',
    "an output never written": 'asm("membar.gl;" : "=r"(d));',
    "nothing but a clobber": 'asm volatile("" ::: "memory");',
    "without an end": 'asm("brev.b32 %0, %1;" : "=r"(d) : "r"(a)',
}


@pytest.mark.parametrize("code", LEFT.values(), ids=LEFT)
def test_left_alone(code):
    assert fixed(code) is None


def test_the_statement_around_an_offset():
    data = b'asm_x(1); asm("brev.b32 %0, %1;" : "=r"(a) : "r"(b)); asm("exit;");'
    view = make_view(data).text
    fix = fix_at(data, view, data.index(b"brev"))
    assert fix is not None
    assert fix.edits[0].text == b"a = __brev(b)"
    assert fix_at(data, view, data.index(b"exit")) is None
    assert fix_at(data, view, 3) is None


@pytest.mark.parametrize("table", range(1, 255))
def test_logic_by_values(table):
    """`lop3` takes bit (a << 2 | b << 1 | c) of its table (PTX ISA)."""
    text = logic(table).replace("$1", "a").replace("$2", "b").replace("$3", "c")
    for a, b, c in itertools.product((0, 1), repeat=3):
        assert eval(text, {"a": a, "b": b, "c": c}) & 1 == table >> (a << 2 | b << 1 | c) & 1


def test_find_by_values():
    """`bfind` gives the place of the highest set bit, -1 for 0 (PTX ISA)."""
    for bits, mnemonic, count in ((32, "bfind.u32", "__clz"), (64, "bfind.u64", "__clzll")):
        template = groups.intrinsic(mnemonic).template.replace("$1", "x")
        for x in (0, 1, 2, 3, 1 << 31, (1 << 32) - 1, (1 << bits) - 1, 1 << (bits - 1)):
            if x < 1 << bits:
                assert (
                    eval(template, {count: lambda value, bits=bits: bits - value.bit_length(), "x": x})
                    == x.bit_length() - 1
                )


def test_extract_by_values():
    """`bfe.u32` of a field that its assumption allows."""
    template = (
        groups.intrinsic("bfe.u32")
        .template.replace("static_cast<unsigned>($1)", "x")
        .replace("1u", "1")
        .replace("$2", "at")
        .replace("$3", "size")
    )
    for x, at, size in itertools.product((0, 0xDEADBEEF, 0xFFFFFFFF), range(32), range(32)):
        field = sum((x >> bit & 1) << (bit - at) for bit in range(at, min(at + size, 32)))
        assert eval(template, {"x": x, "at": at, "size": size}) & 0xFFFFFFFF == field
