"""The rewriter writes CUDA C++ for assembly, in the target's names."""

from __future__ import annotations

import pytest

from migrate.analysis import analyse_bytes
from migrate.parse import macros
from migrate.rewrite.rewriter import Options, Rewriter
from migrate.tables.rules import rules_dir
from migrate.targets import parse_target
from migrate.workers import inventory

SOURCE = b"""#include <cuda_runtime.h>
__global__ void k(unsigned* out, float* f, unsigned a) {
  unsigned d;
  asm("popc.b32 %0, %1;" : "=r"(d) : "r"(a));
  asm("ex2.approx.ftz.f32 %0, %1;" : "=f"(*f) : "f"(*f));
  asm volatile("bar.sync 1, 64;");
  out[0] = d;
}
"""


@pytest.mark.parametrize("unsafe", [False, True])
def test_assembly_becomes_functions(unsafe):
    target = parse_target("corex", rules_dir())
    result = analyse_bytes("a.cu", "cuda", SOURCE, inventory(), macros.combine([macros.learn(SOURCE)]))
    done = Rewriter(target, Options(unsafe=unsafe)).rewrite(SOURCE, result)
    assert done.converged
    assert b"  d = __popc(a);\n" in done.data
    assert (b"  *f = exp2f(*f);\n" in done.data) == unsafe
    assert (b"ex2.approx" in done.data) != unsafe
    assert b'asm volatile("bar.sync 1, 64;");' in done.data
    assert any(left.answer.id == "MIG517" for left in done.left)
