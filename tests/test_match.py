"""What a rule row means for a person: a row for each line of the design's table, and for each way to find a row."""

from __future__ import annotations

import re

import pytest

from migrate.match import Matcher, row_keys
from migrate.model import AnswerKey, Target
from migrate.tables.inventory import Inventory
from migrate.tables.rules import Table

COLUMNS = "cuda\ttarget\tkind\tstatus\twhen\tevidence\tnote\n"
NAMES = "name\tkind\theader\tsignature\tadded\tdeprecated\tremoved\n"

#: CUDA's names that the tests know: table → rows.
CUDA = {
    "runtime": [
        "<cuda_runtime.h>\theader\t",
        "<thrust_like.h>\theader\t",
        "cudaDeviceProp\ttype\tdriver_types.h",
        "cudaFree\tfunction\tcuda_runtime_api.h",
        "cudaGraphLaunch\tfunction\tcuda_runtime_api.h",
        "cudaMalloc\tfunction\tcuda_runtime_api.h",
        "cudaMemcpy\tfunction\tcuda_runtime_api.h",
        "cudaMemcpyAsync\tfunction\tcuda_runtime_api.h",
        "cudaStream_t\ttype\tdriver_types.h",
        "cudaSuccess\tenum\tdriver_types.h",
        "CUDART_VERSION\tmacro\tcuda_runtime_api.h",
        "float4\ttype\tvector_types.h",
    ],
    "device": [
        "<<<>>>\tlanguage\t",
        "__CUDA_ARCH__\tmacro\t",
        "__global__\tlanguage\t",
        "__ldg\tbuiltin\tsm_32_intrinsics.h",
        "nvcuda::wmma::fragment\ttype\tmma.h",
        "nvcuda::wmma::mma_sync\tfunction\tmma.h",
        "threadIdx\tbuiltin\tdevice_launch_parameters.h",
    ],
    "thrust": ["<thrust/sort.h>\theader\t", "thrust::copy\tfunction\t", "thrust::sort\tfunction\t"],
    "members": ["cudaDeviceProp.major\tmember\tdriver_types.h", "cudaDeviceProp.minor\tmember\tdriver_types.h"],
}


def target(**facts):
    return Target("t", "t", "", "", "cuda-like", {"route": "native", **facts}, "T")


@pytest.fixture
def matcher(tmp_path):
    """A function (rows, facts) → a Matcher whose table has just these rows."""

    def make(*rows, torch=(), **facts):
        folder = tmp_path / "rules"
        (folder / "cuda").mkdir(parents=True, exist_ok=True)
        (folder / "t").mkdir(exist_ok=True)
        for name, lines in CUDA.items():
            (folder / "cuda" / f"{name}.tsv").write_text(
                NAMES + "".join(f"{line}\n" for line in lines), encoding="utf-8"
            )
        for name, lines in (("runtime", rows), ("torch", torch)):
            (folder / "t" / f"{name}.tsv").write_text(
                COLUMNS + "".join(f"{line}\n" for line in lines), encoding="utf-8"
            )
        return Matcher(target(**facts), Table.load("t", folder), Inventory.load(folder))

    return make


def row(cuda, replacement="", status="rename", *, level="declared", when="", kind="function", note=""):
    return f"{cuda}\t{replacement}\t{kind}\t{status}\t{when}\t{level}:source\t{note}"


def key(name, kind="call", owner="", side=""):
    return AnswerKey(name, kind, owner, side)


# ---- the table of the design

DECISIONS = {
    # what it shows: (row, use, (id, class, replacement, fix))
    "same": (row("cudaFree", "cudaFree", "same"), key("cudaFree"), ("MIG102", "auto", "", "")),
    "same, inferred": (
        row("cudaFree", "cudaFree", "same", level="inferred"),
        key("cudaFree"),
        ("MIG102", "auto", "", ""),
    ),
    "rename to the same word": (row("cudaFree", "cudaFree"), key("cudaFree"), ("MIG102", "auto", "", "")),
    "rename, declared": (row("cudaFree", "tFree"), key("cudaFree"), ("MIG101", "auto", "tFree", "safe")),
    "rename, documented": (
        row("cudaFree", "tFree", level="documented"),
        key("cudaFree"),
        ("MIG101", "auto", "tFree", "safe"),
    ),
    "rename, used": (row("cudaFree", "tFree", level="used"), key("cudaFree"), ("MIG101", "auto", "tFree", "safe")),
    "rename, mapped": (row("cudaFree", "tFree", level="mapped"), key("cudaFree"), ("MIG101", "auto", "tFree", "safe")),
    "rename, inferred": (
        row("cudaFree", "tFree", level="inferred"),
        key("cudaFree"),
        ("MIG103", "auto", "tFree", "unsafe"),
    ),
    "rename to words": (
        row("cudaFree", "see the manual"),
        key("cudaFree"),
        ("MIG202", "adapt", "see the manual", "display"),
    ),
    "adapt": (row("cudaFree", "tFree", "adapt"), key("cudaFree"), ("MIG201", "adapt", "tFree", "display")),
    "adapt, in words": (
        row("cudaFree", "tFree + tSync", "adapt"),
        key("cudaFree"),
        ("MIG202", "adapt", "tFree + tSync", "display"),
    ),
    "adapt, a launch": (
        row("<<<>>>", "tLaunch", "adapt"),
        key("k", "launch"),
        ("MIG203", "adapt", "tLaunch", "display"),
    ),
    "none, function": (row("cudaFree", "", "none"), key("cudaFree"), ("MIG301", "unsupported", "", "")),
    "none, function named": (
        row("cudaFree", "", "none"),
        key("cudaFree", "function"),
        ("MIG301", "unsupported", "", ""),
    ),
    "none, type": (row("cudaStream_t", "", "none"), key("cudaStream_t", "type"), ("MIG302", "unsupported", "", "")),
    "none, constant": (
        row("cudaSuccess", "", "none"),
        key("cudaSuccess", "constant"),
        ("MIG302", "unsupported", "", ""),
    ),
    "none, header": (
        row("<cuda_runtime.h>", "", "none"),
        key("cuda_runtime.h", "include"),
        ("MIG303", "unsupported", "", ""),
    ),
    "none, library": (row("cudaGraph*", "", "none"), key("cudaGraphLaunch"), ("MIG304", "unsupported", "", "")),
    "none, qualifier": (row("__global__", "", "none"), key("__global__", "qualifier"), ("MIG601", "rewrite", "", "")),
    "none, thread index": (row("threadIdx", "", "none"), key("threadIdx.x", "variable"), ("MIG601", "rewrite", "", "")),
    "none, launch": (row("<<<>>>", "", "none"), key("k", "launch"), ("MIG601", "rewrite", "", "")),
    "none, intrinsic": (row("__ldg", "", "none"), key("__ldg"), ("MIG602", "rewrite", "", "")),
    "none, tensor core": (
        row("nvcuda::wmma::mma_sync", "", "none"),
        key("nvcuda::wmma::mma_sync"),
        ("MIG502", "rewrite", "", ""),
    ),
    "version macro, rename": (
        row("CUDART_VERSION", "TRT_VERSION"),
        key("CUDART_VERSION", "macro"),
        ("MIG401", "check", "TRT_VERSION", ""),
    ),
    "version macro, none": (
        row("__CUDA_ARCH__", "", "none"),
        key("__CUDA_ARCH__", "macro"),
        ("MIG401", "check", "", ""),
    ),
    "version macro, no row": (row("x", "y"), key("__CUDA_ARCH__", "macro"), ("MIG401", "check", "", "")),
    "header": (
        row("<cuda_runtime.h>", "<t/runtime.h>"),
        key("cuda_runtime.h", "include"),
        ("MIG101", "auto", "t/runtime.h", "safe"),
    ),
    "name in a string": (row("cudaFree", "tFree"), key("cudaFree", "string"), ("MIG402", "check", "tFree", "display")),
    "name in a string, none": (
        row("cudaFree", "", "none"),
        key("cudaFree", "string"),
        ("MIG402", "unsupported", "", ""),
    ),
    "pasted name": (row("x", "y"), key("cuda##n", "pasted"), ("MIG403", "check", "", "")),
    "PTX, same": (row("asm:*", "asm", "same"), key("nosuch.u32", "ptx"), ("MIG501", "check", "", "")),
    "PTX, adapt": (
        row("asm:nosuch", "__bfe", "adapt"),
        key("nosuch.u32", "ptx"),
        ("MIG501", "adapt", "__bfe", "display"),
    ),
    "PTX, none": (row("asm:*", "", "none"), key("nosuch.u32", "ptx"), ("MIG501", "rewrite", "", "")),
    "PTX, no row": (row("x", "y"), key("nosuch.u32", "ptx"), ("MIG501", "unknown", "", "")),
    "PTX, by its group": (row("asm:*", "", "none"), key("mma.sync", "ptx"), ("MIG503", "rewrite", "", "")),
    "PTX, adapt without words": (
        row("asm:ldmatrix", "", "adapt"),
        key("ldmatrix.sync", "ptx"),
        ("MIG504", "adapt", "", ""),
    ),
    "PTX, CUDA's function": (
        row("__ldg", "t_ldg", kind="builtin"),
        key("ld.global.nc.f32", "ptx"),
        ("MIG509", "adapt", "t_ldg((const float*)a)", "safe"),
    ),
    "PTX, CUDA's function in a statement without replacement": (
        row("__ldg", "t_ldg", kind="builtin"),
        key("ld.global.nc.f32", "ptx", "part"),
        ("MIG509", "adapt", "t_ldg((const float*)a)", "display"),
    ),
    "PTX, CUDA's function in a statement with an unsafe one": (
        row("__ldg", "t_ldg", kind="builtin"),
        key("ld.global.nc.f32", "ptx", "unsafe"),
        ("MIG509", "adapt", "t_ldg((const float*)a)", "unsafe"),
    ),
    "PTX, CUDA's function with another meaning": (
        row("__ldg", "t_ldg", "adapt", kind="builtin"),
        key("ld.global.nc.f32", "ptx"),
        ("MIG509", "adapt", "t_ldg((const float*)a)", "display"),
    ),
    "PTX, CUDA's function that the target lacks": (
        row("__ldg", "", "none", kind="builtin"),
        key("ld.global.nc.f32", "ptx"),
        ("MIG509", "unknown", "", ""),
    ),
    "PTX, an expression": (row("asm:*", "", "none"), key("and.b32", "ptx"), ("MIG512", "adapt", "a & b", "safe")),
    "PTX, the target's own row first": (
        row("asm:and*", "t_and", "adapt"),
        key("and.b32", "ptx"),
        ("MIG512", "adapt", "t_and", "display"),
    ),
    "PTX, a special register": (
        row("asm:mov %laneid", "t_lane()", "adapt"),
        key("mov.u32", "ptx", "%laneid"),
        ("MIG518", "adapt", "t_lane()", "display"),
    ),
    "PTX, a special register with a variable": (
        row("threadIdx", "tIdx", kind="builtin"),
        key("mov.u32", "ptx", "%tid.x part"),
        ("MIG518", "adapt", "tIdx.x", "display"),
    ),
    "no row": (row("x", "y"), key("cudaFree"), ("MIG901", "unknown", "", "")),
    "header that a macro names": (row("x", "y"), key("MACRO", "include"), ("MIG902", "check", "", "")),
    "no row for a launch": (row("x", "y"), key("k", "launch"), ("MIG901", "unknown", "", "")),
    "member, renamed struct": (
        row("cudaDeviceProp.major", "tProp.major"),
        key("major", "member", "cudaDeviceProp"),
        ("MIG102", "auto", "", ""),
    ),
    "member, renamed": (
        row("cudaDeviceProp.major", "tProp.big"),
        key("major", "member", "cudaDeviceProp"),
        ("MIG101", "auto", "big", "safe"),
    ),
    "member, adapt": (
        row("cudaDeviceProp.major", "tProp.major", "adapt"),
        key("major", "member", "cudaDeviceProp"),
        ("MIG201", "adapt", "major", "display"),
    ),
    "member, none": (
        row("cudaDeviceProp.major", "", "none"),
        key("major", "member", "cudaDeviceProp"),
        ("MIG302", "unsupported", "", ""),
    ),
    "member, in words": (
        row("cudaDeviceProp.major", "ask tGet(a). Then b.", "adapt"),
        key("major", "member", "cudaDeviceProp"),
        ("MIG202", "adapt", "ask tGet(a). Then b.", "display"),
    ),
}


@pytest.mark.parametrize(("line", "use", "wanted"), DECISIONS.values(), ids=DECISIONS)
def test_decisions(matcher, line, use, wanted):
    answer = matcher(line).answer(use)
    assert (answer.id, answer.category, answer.replacement, answer.fix) == wanted


VERSION_MACROS = {
    "__CUDA_ARCH__": True,
    "__CUDA_ARCH_LIST__": True,
    "CUDA_VERSION": True,
    "CUDNN_MAJOR": True,
    "NCCL_VERSION_CODE": True,
    "CUBLAS_VER_MAJOR": True,
    "__CUDACC_VER_MAJOR__": True,
    "THRUST_VERSION": True,
    "__CUDACC__": False,
    "CUDA_SUCCESS": False,
    "CUDNN_BN_MIN_EPSILON": False,
}


@pytest.mark.parametrize(("name", "is_version"), VERSION_MACROS.items(), ids=VERSION_MACROS)
def test_version_macros(matcher, name, is_version):
    assert (matcher().answer(key(name, "macro")).id == "MIG401") is is_version


# ---- which row answers

CONDITIONAL = (
    row("cudaFree", "always"),
    row("cudaFree", "bridge", when="route=bridge"),
    row("cudaFree", "young", when="chip=a2|a3 sdk>=4.3"),
)


@pytest.mark.parametrize(
    ("facts", "wanted"),
    [
        ({}, "always"),
        ({"route": "bridge"}, "bridge"),
        ({"chip": "a3"}, "young"),
        ({"chip": "a3", "sdk": "4.3"}, "young"),
        ({"chip": "a2", "sdk": "4.2"}, "always"),
        ({"chip": "950"}, "always"),
    ],
)
def test_conditions(matcher, facts, wanted):
    assert matcher(*CONDITIONAL, **facts).answer(key("cudaFree")).replacement == wanted


def test_older_sdk_only_when_it_is_fixed(matcher):
    rows = (row("cudaFree", "old", when="sdk<4"), row("cudaFree", "new", when="sdk>=4"))
    assert matcher(*rows).answer(key("cudaFree")).replacement == "new"
    assert matcher(*rows, sdk="3.9").answer(key("cudaFree")).replacement == "old"


def test_rank(matcher):
    rows = (row("cudaFree", "second", when="rank=2"), row("cudaFree", "first"), row("cudaFree", "third", when="rank=3"))
    assert matcher(*rows).answer(key("cudaFree")).replacement == "first"


def test_no_row_whose_condition_holds(matcher):
    assert matcher(row("cudaFree", "x", when="route=other")).answer(key("cudaFree")).id == "MIG901"


FAMILIES = (
    row("cuda*", "t*"),
    row("cudaMem*", "tm*"),
    row("cudaMemcpyAsync", "own"),
    row("thrust::*", "u::*"),
    row("<thrust/*>", "<u/*>"),
)


@pytest.mark.parametrize(
    ("use", "wanted"),
    [
        (key("cudaFree"), "tFree"),
        (key("cudaMemcpy"), "tmcpy"),  # the longest glob
        (key("cudaMemcpyAsync"), "own"),  # a row of its own wins
        (key("cudaUnheardOf"), ""),  # families speak for CUDA's names only
        (key("thrust::sort"), "u::sort"),
        (key("thrust::unheard_of"), "u::unheard_of"),  # every name below a namespace
        (key("thrust/sort.h", "include"), "u/sort.h"),
        (key("thrust/unheard_of.h", "include"), "u/unheard_of.h"),  # and every header below a folder
        (key("cudaDeviceProp", "type"), "tDeviceProp"),
    ],
)
def test_families(matcher, use, wanted):
    assert matcher(*FAMILIES).answer(use).replacement == wanted


def test_family_of_a_member_keeps_the_field(matcher):
    assert matcher(row("cudaDevice*", "tDevice*")).answer(key("major", "member", "cudaDeviceProp"))[:3] == (
        "MIG102",
        "auto",
        "",
    )


def test_own_row_whose_condition_fails_gives_way_to_the_family(matcher):
    rows = (row("cuda*", "t*"), row("cudaFree", "x", when="route=other"))
    assert matcher(*rows).answer(key("cudaFree")).replacement == "tFree"


def test_family_with_a_condition(matcher):
    rows = (row("cuda*", "t*"), row("cudaMem*", "x*", when="route=other"))
    assert matcher(*rows).answer(key("cudaMemcpy")).replacement == "tMemcpy"
    assert matcher(*rows, route="other").answer(key("cudaMemcpy")).replacement == "xcpy"


# ---- answers carried over


def test_component_from_its_variable(matcher):
    made = matcher(row("threadIdx", "tIdx", kind="builtin"))
    answer = made.answer(key("threadIdx.x", "variable"))
    assert answer == ("MIG101", "auto", "tIdx.x", "threadIdx.x ← threadIdx", "safe")
    assert made.rules[answer.rule].carried == "the answer of threadIdx"


def test_component_with_a_row_of_its_own(matcher):
    made = matcher(row("threadIdx", "tIdx", kind="builtin"), row("threadIdx.x", "get_x()", "adapt", kind="builtin"))
    assert made.answer(key("threadIdx.x", "variable")).replacement == "get_x()"
    assert made.answer(key("threadIdx.y", "variable")).replacement == "tIdx.y"


@pytest.mark.parametrize(
    ("line", "wanted"),
    [
        (row("cudaDeviceProp", "tProp", kind="type"), ("MIG102", "auto", "")),
        (row("cudaDeviceProp", "cudaDeviceProp", "same", kind="type"), ("MIG102", "auto", "")),
        (row("cudaDeviceProp", "", "none", kind="type"), ("MIG302", "unsupported", "")),
        (row("cudaDeviceProp", "tProp", "adapt", kind="type"), ("MIG201", "adapt", "tProp")),
        (row("x", "y"), ("MIG901", "unknown", "")),
    ],
)
def test_member_from_its_struct(matcher, line, wanted):
    made = matcher(line)
    answer = made.answer(key("minor", "member", "cudaDeviceProp"))
    assert answer[:3] == wanted
    if answer.rule:
        assert made.rules[answer.rule].level == "inferred"
        assert "cudaDeviceProp" in made.rules[answer.rule].carried


@pytest.mark.parametrize(
    ("cuda", "kind", "wanted"),
    [
        ("__ldg", "builtin", "MIG102"),  # device code's words hold on every route
        ("float4", "type", "MIG102"),  # so do vector types
        ("cudaFree", "function", "MIG901"),  # host functions do not
    ],
)
def test_language_level_from_another_route(matcher, cuda, kind, wanted):
    made = matcher(row(cuda, cuda, "same", when="route=bridge", kind=kind))
    answer = made.answer(key(cuda))
    assert answer.id == wanted
    if answer.rule:
        assert made.rules[answer.rule].level == "inferred"
        assert "bridge" in made.rules[answer.rule].carried


def test_another_chip_or_a_rename_is_not_carried(matcher):
    assert matcher(row("__ldg", "__ldg", "same", when="chip=x", kind="builtin")).answer(key("__ldg")).id == "MIG901"
    assert matcher(row("__ldg", "tldg", when="route=bridge", kind="builtin")).answer(key("__ldg")).id == "MIG901"


def test_pytorch_by_the_last_component(matcher):
    made = matcher(torch=[row("c10::cuda::CUDAStream", "c10::t::TStream", kind="type")])
    assert made.answer(key("at::cuda::CUDAStream", "type")).replacement == "c10::t::TStream"
    assert made.answer(key("my::cuda::CUDAStream", "type")).id == "MIG901"


@pytest.mark.parametrize(
    ("rows", "wanted"),
    [
        ((row("thrust::*", "u::*"),), ("MIG103", "u")),
        ((row("thrust::*", "thrust::*", "same"),), ("MIG102", "")),
        ((row("thrust::copy", "", "none"), row("thrust::sort", "", "none")), ("MIG302", "")),
        ((row("thrust::copy", "u::copy"), row("thrust::sort", "", "none")), ("MIG901", "")),  # not of one kind
        ((row("x", "y"),), ("MIG901", "")),
    ],
)
def test_namespace_from_the_names_below(matcher, rows, wanted):
    answer = matcher(*rows).answer(key("thrust", "namespace"))
    assert (answer.id, answer.replacement) == wanted


@pytest.mark.parametrize(
    ("mnemonic", "wanted"),
    [
        ("ld.global.nc.f32", "nc"),
        ("ld.global.f32", "global"),
        ("ld.shared.f32", "any"),
        ("ldmatrix.sync", "all"),
        ("asm", "all"),
    ],
)
def test_ptx_by_prefix(matcher, mnemonic, wanted):
    rows = [
        row(f"asm:{name}", target, "adapt", kind="ptx")
        for name, target in (("*", "all"), ("ld", "any"), ("ld.global", "global"), ("ld.global.nc", "nc"))
    ]
    assert matcher(*rows).answer(key(mnemonic, "ptx")).replacement == wanted


def test_row_keys():
    assert row_keys("cuda.h", "include") == ("<cuda.h>",)
    assert row_keys("ld.global.f32", "ptx") == ("asm:ld.global.f32", "asm:ld.global", "asm:ld")
    assert row_keys("major", "member", "cudaDeviceProp") == ("cudaDeviceProp.major",)
    assert row_keys("threadIdx.x", "variable") == ("threadIdx.x",)


# ---- what is kept of a rule


def test_rules_are_kept_once_with_their_evidence(matcher):
    made = matcher(
        "cuda*\tt*\tfunction\trename\t\tdeclared:a; mapped:b\tone;two", row("cudaFree", "f", when="route=native")
    )
    assert made.answer(key("cudaMalloc")).rule == made.answer(key("cudaMemcpy")).rule == "cuda*"
    assert made.answer(key("cudaFree")).rule == "cudaFree [route=native]"
    text = made.rules["cuda*"]
    assert (text.status, text.level, text.evidence, text.family) == (
        "rename",
        "declared",
        ("declared:a", "mapped:b"),
        "cuda*",
    )
    assert [note.en for note in text.notes] == ["one", "two"]
    assert set(made.rules) == {"cuda*", "cudaFree [route=native]"}


def test_answers_are_decided_once(matcher):
    made = matcher(row("cudaFree", "tFree"))
    assert made.answer(key("cudaFree")) is made.answer(key("cudaFree"))
    assert list(made.answers) == [key("cudaFree")]


def test_alternatives_are_all_rows(matcher):
    assert [rule.target for rule in matcher(*CONDITIONAL).alternatives("cudaFree")] == ["young", "bridge", "always"]


def test_ids_have_pages():
    from pathlib import Path

    import migrate.match

    pages = Path(__file__).resolve().parents[1] / "docs" / "findings"
    used = set(re.findall(r'"(MIG\d+)"', Path(migrate.match.__file__).read_text(encoding="utf-8")))
    assert used
    assert used <= {page.stem for page in pages.glob("MIG*.md")}
