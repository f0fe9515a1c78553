"""Profiles, routes and what people read of a kernel on targets without CUDA's threads."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest

from migrate.findings import load as load_findings
from migrate.hazards import find_all, judge
from migrate.hazards.facts import facts_of
from migrate.hazards.kernel import HAZARDS, definition
from migrate.kernels import operators, routes
from migrate.kernels.features import loop_depth
from migrate.kernels.indices import indirect
from migrate.kernels.kernel import Kernel, decoded, describe
from migrate.kernels.profiles import PROFILES, spelled
from migrate.parse.macros import Learned
from migrate.parse.uses import find_uses
from migrate.tables.inventory import Inventory
from migrate.tables.rules import rules_dir
from migrate.targets import parse_target

RULES = rules_dir()
ROOT = Path(__file__).resolve().parents[2]
INDEX = "int i = blockIdx.x * blockDim.x + threadIdx.x; if (i >= n) return; "
LABELLED = {
    "element-wise", "reduction", "normalisation", "softmax", "GEMM-like", "stencil", "gather/scatter", "scan/sort",
    "attention-like", "unknown",
}  # fmt: skip


@pytest.fixture(scope="module")
def inventory() -> Inventory:
    return Inventory.load(RULES)


def kernels(source: str, inventory: Inventory) -> list[tuple[str, str]]:
    """Name and owner of every kernel found in *source*."""
    found = find_uses(source.encode(), inventory, Learned.default(), cuda_file=True, after=find_all).uses
    return [(use.shape.name, use.shape.owner) for use in found if use.shape.owner.startswith("kernel/")]


def told(owner: str, target: str):
    return judge(owner, "", facts_of(parse_target(target, RULES), RULES))


@pytest.mark.parametrize(
    ("name", "body", "profile", "route"),
    [
        ("leaky_relu", INDEX + "y[i] = x[i] > 0 ? x[i] : s * x[i];", "element-wise", routes.READY),
        ("residual", INDEX + "e[i] = (w[i] - q[i]) / d;", "element-wise", routes.COMPOSED),
        ("dequantize_row", INDEX + "y[i] = (q[i] & 0xF) * d;", "element-wise", routes.OWN),
        ("gather_rows_k", INDEX + "y[i] = x[idx[i]];", "gather-scatter", routes.READY),
        ("k", INDEX + "y[i] = x[idx[i]];", "gather-scatter", routes.READY),
        ("k", INDEX + "atomicAdd(&y[idx[i]], x[i]);", "gather-scatter", routes.READY),
        ("k", INDEX + "int64_t r = rows[i]; y[i] = x[r * w + c] + x[r];", "gather-scatter", routes.COMPOSED),
        ("histogram", INDEX + "int b = bins[i]; atomicAdd(&h[b], 1);", "gather-scatter", routes.RISK),
        ("insert", INDEX + "slots[i] = map.find(keys[i])->second;", "gather-scatter", routes.RISK),
        ("k", "float s = 0; for (int j = 0; j < n; ++j) { s += x[j * gridDim.x + blockIdx.x]; } y[blockIdx.x] = s;",
         "reduction", routes.READY),
        ("rms_norm", "v = block_reduce(v); float r = rsqrtf(v / n); y[threadIdx.x] = x[threadIdx.x] * r;",
         "normalisation", routes.READY),
        ("k", "for (;i < n; ++i) s += x[i] * x[i]; s = warp_reduce_sum(s); y[threadIdx.x] = x[t] * rsqrtf(s);",
         "normalisation", routes.COMPOSED),
        ("soft_max_back", "s = warp_reduce_sum(s); y[threadIdx.x] = s;", "softmax", routes.READY),
        ("k", "for (j = 0; j < n; ++j) { sum += expf(x[j] - m); } sum = warp_reduce_sum(sum); y[tid] = e / sum;",
         "softmax", routes.COMPOSED),
        ("k", "__shared__ float t[9]; for (a = 0; a < n; ++a) for (b = 0; b < m; ++b) { s += x[a] * t[b]; } y[i] = s;",
         "gemm", routes.OWN),
        ("sgemm", "for (k = 0; k < K; ++k) { s += a[k] * b[k * N]; } c[threadIdx.x] = s;", "gemm", routes.READY),
        ("mul_mat_q4", "for (k = 0; k < K; ++k) { s += (q[k] & 0xF) * b[k]; } c[threadIdx.x] = s;", "gemm", routes.OWN),
        ("flash_attn_fwd", "run(q, k, v);", "attention", routes.READY),
        ("flash_attn_bwd", "run(q, k, v);", "attention", routes.READY),
        ("inclusive_scan", "__shared__ int s[9]; for (o = 1; o < n; o *= 2) { s[t] += s[t - o]; }", "scan-sort",
         routes.READY),
        ("k", INDEX + "y[i] = x[i - 1] + x[i + 1] - 2 * x[i];", "stencil", routes.OWN),
        ("k", INDEX + "int w = i - 1, e = i + 1, n = i - nx; y[i] = x[i] + x[w] + x[e] + x[n];", "stencil", routes.OWN),
        ("k", INDEX + "int w = i - 1; y[i] = x[i] + x[w];", "element-wise", routes.COMPOSED),
        ("k", INDEX + "y[i] = value;", "element-wise", routes.READY),
        ("init", INDEX + "y[i] = 0;", "element-wise", routes.READY),
        ("init_rows", INDEX + "float v = x[i] - z[i]; y[i] = v * v;", "element-wise", routes.COMPOSED),
        ("k", INDEX + "if (a[i] != b[i]) { *equal = 0; }", "element-wise", routes.COMPOSED),
        ("convert_output", INDEX + "y[i] = x[i];", "element-wise", routes.READY),
        ("convert_output", INDEX + "y[i] = s * x[i] * x[i];", "element-wise", routes.COMPOSED),
        ("matrix_mul", "for (k = 0; k < K; k++) s += a[k] * b[k * N]; c[threadIdx.x] = s;", "gemm", routes.READY),
        ("batched_gemm_reduce", "Gemm::Run(arguments);", "gemm", routes.READY),
        ("mul", "for (k = 0; k < K; k++) s += a[k] * b[k * N]; c[threadIdx.x] = s;", "gemm", routes.COMPOSED),
        ("k", "for (j = 0; j < n; ++j) { float t = rsqrtf(d[j]); f += t * x[j]; } y[threadIdx.x] = f;", "unknown",
         routes.OWN),
        ("k", "for (i = 1; i < n; ++i) { r[i] = (r[i] - l[i] * r[i - b]) / d[i]; } y[threadIdx.x] = 0;", "scan-sort",
         routes.COMPOSED),
        ("k", INDEX + "if (x[i] > 0) y[atomicAdd(n, 1)] = x[i];", "scan-sort", routes.READY),
        ("k", "while (true) { int i = atomicAdd(&next, 1); if (i >= n) break; y[i] = work(x[i]); }", "unknown",
         routes.RISK),
        ("k", "for (j = 0; j < n; ++j) { float u = curand_uniform(&state); s += u; } y[threadIdx.x] = s;", "unknown",
         routes.OWN),
        ("ring_barrier_kernel", "while (v < n) { v = *flag; } y[threadIdx.x] = v;", "unknown", routes.RISK),
        ("k", "cluster_arrive(); y[threadIdx.x] = x[threadIdx.x]; cluster_wait();", "unknown", routes.RISK),
        ("entry", "extern __shared__ char memory[]; Operator op; op(params, memory);", "unknown", routes.OWN),
        ("scaled_int8_quant", INDEX + "y[i] = rint(x[i] / s);", "element-wise", routes.READY),
        ("scaled_fp8_quant", INDEX + "y[i] = to_fp8_e4m3(x[i] / s);", "element-wise", routes.OWN),
        ("MaxPool2dBackward", "for (h = 0; h < kernel_h; ++h) for (w = 0; w < kernel_w; ++w) s += x[h * stride_h + w];",
         "stencil", routes.READY),
        ("MaxPool2dDoubleBackward", "for (h = 0; h < kernel_h; ++h) for (w = 0; w < kernel_w; ++w) s += x[h];",
         "stencil", routes.OWN),
        ("sum_grad_rows_reduce", "s = warp_reduce_sum(x[threadIdx.x]); y[blockIdx.x] = s;", "reduction", routes.READY),
        ("dequant_marlin", INDEX + "for (k = 0; k < 4; ++k) y[i + k] = (q[k] & 0xF) * s;", "element-wise", routes.OWN),
        ("all_reduce_k", INDEX + "y[i] = peer_ptr[i];", "unknown", routes.RISK),
        ("k", "s->left = 1; s->right = 2;", "unknown", routes.OWN),
        ("march", "__shared__ int s[9]; for (j = 0; j < n; ++j) { if (s[j] > t) { break; } " + "c += s[j]; " * 70 + "}",
         "unknown", routes.RISK),
    ],
)  # fmt: skip
def test_profile_and_route(name: str, body: str, profile: str, route: str):
    kernel = describe(name, body.encode())
    assert kernel.profile == profile, kernel
    assert routes.route_of(kernel, operators.load(RULES, "cann")).route == route, kernel


def test_helpers_count_for_what_they_use():
    body = b"int i = threadIdx.x; run(x, y, i);"
    assert "atomics" not in describe("k", body).flags
    kernel = describe("k", body, b"{ atomicAdd(&y[index[i]], x[i]); }")
    assert {"atomics", "table"} <= kernel.flags


@pytest.mark.parametrize(
    ("body", "depth"),
    [
        (b"y = 1;", 0),
        (b"for (;;) y = 1; z = 2;", 1),
        (b"for (int i = 0; i < n; ++i) { for (int j = 0; j < n; ++j) y += i; } for (;;) { }", 2),
        (b"for (a; b; c) for (d; e; f) { while (x) { } }", 3),
        (b"while (x) { if (y) { z; } } do { } while (w);", 1),
        (b"for (auto x : xs) { y += x; }", 1),
    ],
)
def test_loops(body: bytes, depth: int):
    assert loop_depth(body) == depth


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"y[i] = x[i];", ""),
        (b"int i = blockDim.x * blockIdx.x + threadIdx.x; y[i] = a * x[i];", ""),
        (b"y[i] = x[idx[i]];", "table"),
        (b"const int64_t slot = map[t]; int r = slot / n; y[r * w] = x[t];", "table"),
        (b"int r; r = 0; int s = map[t]; r = s * 2; y[r] = 1;", "table"),
        (b"int start = offsets[blockIdx.x]; y[start + i] = x[i];", "ragged"),
        (b"float v = x[i]; y[i] = v;", ""),
        (b"atomicAdd(y + idx[0], x[0]);", "table"),
    ],
)
def test_indices(body: bytes, kind: str):
    assert indirect(body)[0] == kind


def test_names_are_spelled_in_words():
    assert spelled("ConvertOutputCUDAKernel_f32") == "_convert_output_cuda_kernel_f32_"
    assert spelled("RMSNorm") == "_rms_norm_"


@pytest.mark.parametrize("word", ["gemm:matmul+body+name+shared", "unknown+body", "softmax:softmax+backward+name"])
def test_a_kernel_travels_as_a_word(word: str):
    assert decoded(word).encoded() == word


def test_definitions_are_found_and_declarations_are_not(inventory: Inventory):
    source = """
    template <typename T> __global__ void __launch_bounds__(256, 2) first(T *y, int n) { y[threadIdx.x] = n; }
    __global__ void declared(float *y);
    static __global__ std::enable_if_t<(sizeof(int) > 2)> second(float *y) noexcept { y[0] = 1; }
    #define KERNEL(name) __global__ void name(float *y) { y[0] = 1; }
    // __global__ void commented(float *y) { }
    const char *text = "__global__ void quoted(float *y) { }";
    """
    names = [name for name, _ in kernels(source, inventory)]
    assert "first" in names
    assert not {"declared", "commented", "quoted", "name", "KERNEL"} & set(names)
    assert Counter(names).most_common(1)[0][1] == 1


@pytest.mark.parametrize(
    "text",
    [b" void k(", b" void k(int a) {", b"", b" void k(int a);", b" void k(int a) : b {", b" __launch_bounds__(1)"],
)
def test_broken_heads_are_survived(text: bytes):
    place = definition(text, 0)
    assert place is None or text[place[0] : place[1]] == b"k"


@pytest.mark.parametrize(
    ("target", "concern"),
    [
        ("cann", True), ("cann:a2", True), ("cann:a3", True), ("cann:950", False), ("cambricon", True), ("xpu", True),
        ("xpu:cuda", True), ("tops", True), ("tops:gcu300", True), ("tops:efgcu500", False), ("musa", False),
        ("maca", False), ("corex", False), ("dtk", False), ("supa", False), ("tsm", False),
    ],
)  # fmt: skip
def test_judged_only_where_kernels_have_no_threads(target: str, concern: bool):
    assert (told("kernel/softmax:softmax+body+name+warp", target) is not None) == concern


def test_what_people_read():
    hazard, verdict = told("kernel/softmax:softmax+backward+loops+name+warp", "cann")
    assert hazard.id == "MIG610"
    assert "aclnnSoftmaxBackward" in verdict.note.en
    assert "its name" in verdict.note.en
    assert "warp functions" in verdict.note.en
    assert "aclnnSoftmaxBackward" in verdict.note.zh
    assert "名称" in verdict.note.zh
    assert verdict.evidence[0].startswith("declared:hicann/ops-nn:")
    hazard, verdict = told("kernel/gather-scatter+atomics+body+hash+table", "cambricon")
    assert hazard.id == "MIG613"
    assert "a hash table, atomics, indices that are data" in verdict.note.en
    assert "哈希表、原子操作、由数据给出的下标" in verdict.note.zh
    assert verdict.evidence


def test_every_profile_flag_and_route_can_be_said():
    kinds = load_findings()
    for route, hazard in HAZARDS.items():
        assert kinds[hazard.id].category == hazard.category, route
    for profile in PROFILES:
        for basis in (("body",), ("name",), ("body", "name")):
            detail = Kernel(profile, "", frozenset({*basis, "table", "shared"})).encoded()
            for target in ("cann", "cambricon", "xpu", "tops"):
                _, verdict = told(f"kernel/{detail}", target)
                assert verdict.note.en
                assert re.search(r"[\u4e00-\u9fff]", verdict.note.zh)
                assert verdict.evidence


@pytest.mark.parametrize("target", ["cann", "cambricon", "xpu", "tops"])
def test_operators_are_known_to_the_vendor(target: str):
    symbols = {
        line.partition("\t")[0]
        for line in (ROOT / "seeds" / "symbols" / f"{target}.tsv").read_text(encoding="utf-8").splitlines()[1:]
    }
    table = (ROOT / "migrate" / "kernels" / "operations.tsv").read_text(encoding="utf-8").splitlines()[1:]
    operations = {line.split("\t")[1] for line in table}
    assert {line.split("\t")[2] for line in table} <= {*PROFILES, ""}
    rows = operators.load(RULES, target).rows
    assert len(rows) > 50
    for operation, (names, evidence) in rows.items():
        assert set(names) <= symbols, operation
        assert evidence, operation
        if operation.startswith("<"):
            assert operation.strip("<>") in PROFILES
        else:
            assert operation.partition("+")[0] in operations


def test_labels_are_whole():
    lines = Path(__file__).with_name("labels.tsv").read_text(encoding="utf-8").splitlines()
    rows = [line.split("\t") for line in lines[1:]]
    assert len(rows) == 50
    assert len({(row[1], row[2], row[3]) for row in rows}) == 50
    for row in rows:
        assert len(row) == 9
        assert re.fullmatch(r"[0-9a-f]{64}", row[5])
        assert row[6] in LABELLED
        assert row[7] in routes.ROUTES
