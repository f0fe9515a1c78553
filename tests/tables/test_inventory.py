"""CUDA's own names: what counts as one, alone or in company."""

from __future__ import annotations

import pytest

from migrate.tables.inventory import UNKNOWN_NAME, Inventory
from migrate.tables.rules import rules_dir

HEADER = "name\tkind\theader\tsignature\tadded\tdeprecated\tremoved\n"


@pytest.fixture
def tiny(tmp_path):
    """An inventory of a few names of several tables."""
    tables = {
        "runtime": [
            "<cuda_runtime.h>\theader\tcuda_runtime.h",
            "cudaMalloc\tfunction\tcuda_runtime_api.h\tcudaError_t cudaMalloc(void ** p, size_t n)",
            "cudaThreadExit\tfunction\tcuda_runtime_api.h\t\t\t10.0\t13.0",
            "float4\ttype\tvector_types.h",
        ],
        "device": [
            "<<<>>>\tlanguage",
            "__ldg\tbuiltin\tsm_32_intrinsics.h",
            "__restrict__\tlanguage",
            "expf\tbuiltin\tcrt/math_functions.h",
            "threadIdx\tbuiltin\tdevice_launch_parameters.h",
        ],
        "cub": ["cub::BlockReduce\ttype\tcub/cub.cuh", "cub::DeviceReduce::Sum\tfunction\tcub/cub.cuh"],
        "torch": [
            "at::cuda::CUDAStream\ttype\t",
            "at::Tensor\ttype\t",
            "<ATen/ATen.h>\theader\t",
            "<ATen/cuda/CUDAContext.h>\theader\t",
        ],
        "members": [
            "cudaDeviceProp.major\tmember\tdriver_types.h",
            "cudaOther.major\tmember\t",
            "cublasFoo.x\tmember\t",
        ],
        "usage": ["cudaMalloc\truntime\t1\t1\t1"],
    }
    (tmp_path / "cuda").mkdir()
    for name, rows in tables.items():
        (tmp_path / "cuda" / f"{name}.tsv").write_text(HEADER + "".join(row + "\n" for row in rows), encoding="utf-8")
    return Inventory.load(tmp_path)


def test_entries(tiny):
    entry = tiny.get("cudaMalloc")
    assert entry._asdict() == {
        "name": "cudaMalloc",
        "kind": "function",
        "library": "runtime",
        "header": "cuda_runtime_api.h",
        "signature": "cudaError_t cudaMalloc(void ** p, size_t n)",
        "added": "",
        "deprecated": "",
        "removed": "",
    }
    assert tiny.get("cudaThreadExit")[4:] == ("", "", "10.0", "13.0")
    assert tiny.get("cudaNothing") is None
    assert "cudaMalloc" in tiny
    assert "cudaNothing" not in tiny
    assert tiny.get("cudaDeviceProp.major").library == "runtime"
    assert tiny.get("cublasFoo.x").library == "blas"


def test_all_names(tiny):
    names = list(tiny)
    assert len(names) == len(set(names)) == len(tiny)
    assert tiny.matching("cub::") == ["cub::BlockReduce", "cub::DeviceReduce::Sum"]
    assert "usage" not in {tiny.get(name).library for name in names}


def test_derived(tiny):
    assert tiny.fields == {b"major": ("cudaDeviceProp", "cudaOther"), b"x": ("cublasFoo",)}
    assert tiny.structs == {b"cudaDeviceProp", b"cudaOther", b"cublasFoo"}
    assert tiny.scopes["cub"] == {"BlockReduce"}
    assert tiny.scopes["cub::DeviceReduce"] == {"Sum"}


def test_pytorch_counts_where_it_speaks_of_cuda(tiny):
    assert tiny.is_reported("at::cuda::CUDAStream")
    assert tiny.is_reported("<ATen/cuda/CUDAContext.h>")
    assert not tiny.is_reported("at::Tensor")
    assert not tiny.is_reported("<ATen/ATen.h>")
    assert not tiny.is_reported("nothing")


@pytest.mark.parametrize(
    ("word", "strong"),
    [
        ("cudaMalloc", True),
        ("__ldg", True),
        ("threadIdx", True),
        ("float4", False),
        ("expf", False),
        ("__restrict__", False),
    ],
)
def test_words_that_are_cudas_alone(tiny, word, strong):
    assert tiny.is_strong(word.encode()) is strong


CANDIDATES = {
    # words of a file → whether it may use CUDA
    "cudaMalloc": True,
    "__ldg": True,
    "cuda_runtime": True,  # stem of a header
    "cudaUnheardOf": True,
    "cublasUnheardOf": True,
    "float4 expf x": False,
    "__restrict__": False,
    "ATen": False,
    "current cute cutlass cu cuda": False,
    "cuda_stream CUDA_CHECK": False,
    "": False,
}


@pytest.mark.parametrize(("words", "candidate"), CANDIDATES.items(), ids=CANDIDATES)
def test_candidates(tiny, words, candidate):
    assert bool(tiny.is_candidate(tiny.relevant(set(words.encode().split())))) is candidate


@pytest.mark.parametrize(
    ("word", "known"),
    [
        ("cudaMine", True),
        ("cuMine", True),
        ("cublasMine", True),
        ("ncclMine", True),
        ("CUmine", True),
        ("cuda_mine", False),
        ("CUDA_MINE", False),
        ("cumin", False),
        ("current", False),
        ("CUTLASS", False),
        ("xcudaMine", False),
    ],
)
def test_spelling_of_unknown_names(word, known):
    assert bool(UNKNOWN_NAME.fullmatch(word.encode())) is known


@pytest.mark.parametrize(
    ("name", "also"),
    [
        ("expf", True),
        ("printf", True),
        ("max", True),
        ("free", True),
        ("__ldg", False),
        ("cudaMalloc", False),
        ("atomicAdd", False),
        ("float4", False),
        ("threadIdx", False),
    ],
)
def test_names_of_the_c_library(name, also):
    inventory = Inventory.load(rules_dir())
    assert name in inventory
    assert inventory.is_c_library(name) is also


def test_near_names(tiny):
    assert tiny.nearest("cudaMaloc") == ("cudaMalloc",)
    assert tiny.nearest("cudaSomethingElse") == ()
    assert tiny.nearest("") == ()
    assert tiny.nearest("é") == ()


def test_shipped_tables_hold_what_the_parser_asks_for():
    inventory = Inventory.load(rules_dir())
    for name in (
        "threadIdx",
        "blockIdx",
        "blockDim",
        "gridDim",
        "warpSize",
        "<<<>>>",
        "<cuda_runtime.h>",
        "cub::BlockReduce",
        "cudaDeviceProp.major",
    ):
        assert name in inventory, name
    assert {"cub", "thrust", "cooperative_groups", "nvcuda::wmma"} <= inventory.scopes.keys()
