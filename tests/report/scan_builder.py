"""Hand-made scans: a few files, two targets and a second route, every class and file state once."""

from __future__ import annotations

from migrate.model import (
    Answer,
    CudaNote,
    FileResult,
    LaunchText,
    Note,
    RuleText,
    Scan,
    Shape,
    Span,
    Target,
    Use,
    answer_key,
)

SOURCE = """\
#include <cuda_runtime.h>
#include <cuda_viewer.h>
__global__ void reduce(float *v) {
    int lane = threadIdx.x & 31;
    asm("bfe.u32 %0, %1, 0, 5;" : "=r"(lane) : "r"(lane));
}
#if CUDA_VERSION >= 12080
void run(cudaStream_t s) {
    reduce<<<grid, 256, 0, s>>>(v);
    cublasGemmEx(h, CUBLAS_OP_N);
    cudaGraphicsMapResources(1, &r, s);
    cudaFooBar(s);
    cudaMalloc(&p, 4); cudaMalloc(&q, 4);
    // 中文注释
    cudaThreadSynchronize();
}
#endif
"""

SHAPES = {
    "cuda_runtime.h": Shape("cuda_runtime.h", "include", "runtime"),
    "cuda_viewer.h": Shape("cuda_viewer.h", "include", "other"),
    "threadIdx.x": Shape("threadIdx.x", "variable", "device", function="reduce", side="device"),
    "bfe": Shape("bfe.u32", "ptx", "ptx", function="reduce", side="device"),
    "CUDA_VERSION": Shape("CUDA_VERSION", "macro", "runtime"),
    "cudaStream_t": Shape("cudaStream_t", "type", "runtime", condition="CUDA_VERSION >= 12080"),
    "reduce<<<": Shape("reduce", "launch", "device", function="run", side="host", condition="CUDA_VERSION >= 12080"),
    "cublasGemmEx": Shape("cublasGemmEx", "call", "blas", function="run", side="host"),
    "cudaGraphicsMapResources": Shape("cudaGraphicsMapResources", "call", "runtime", function="run", side="host"),
    "cudaFooBar": Shape("cudaFooBar", "call", "", function="run", side="host", gap=True),
    "cudaMalloc": Shape("cudaMalloc", "call", "runtime", function="run", side="host"),
    "cudaThreadSynchronize": Shape("cudaThreadSynchronize", "call", "runtime", function="run", side="host"),
}

MUSA = Target("musa", "musa", "", "", "cuda-like", {"chip": "mp_22", "sdk": "4.3"}, "Moore Threads MUSA")
CANN = Target("cann:950", "cann", "950", "", "foreign", {"chip": "950"}, "Huawei CANN (950)")
BESIDE = Target("musa:asis", "musa", "asis", "", "compile-as-is", {"route": "asis"}, "MUSA as it is")

_ANSWERS = {
    "musa": {
        "cuda_runtime.h": ("MIG101", "auto", "musa_runtime.h", "safe"),
        "cuda_viewer.h": ("MIG303", "unsupported", "", ""),
        "threadIdx.x": ("MIG102", "auto", "", ""),
        "bfe": ("MIG501", "rewrite", "", ""),
        "CUDA_VERSION": ("MIG401", "check", "MUSA_VERSION", ""),
        "cudaStream_t": ("MIG101", "auto", "musaStream_t", "safe"),
        "reduce<<<": ("MIG102", "auto", "", ""),
        "cublasGemmEx": ("MIG201", "adapt", "mublasGemmEx", "unsafe"),
        "cudaGraphicsMapResources": ("MIG301", "unsupported", "", ""),
        "cudaFooBar": ("MIG901", "unknown", "", ""),
        "cudaMalloc": ("MIG101", "auto", "musaMalloc", "safe"),
        "cudaThreadSynchronize": ("MIG103", "auto", "musaThreadSynchronize", "unsafe"),
    },
    "cann:950": {
        "cuda_runtime.h": ("MIG101", "auto", "acl/acl.h", "safe"),
        "cuda_viewer.h": ("MIG303", "unsupported", "", ""),
        "threadIdx.x": ("MIG601", "rewrite", "", ""),
        "bfe": ("MIG501", "rewrite", "", ""),
        "CUDA_VERSION": ("MIG401", "check", "", ""),
        "cudaStream_t": ("MIG101", "auto", "aclrtStream", "safe"),
        "reduce<<<": ("MIG601", "rewrite", "", ""),
        "cublasGemmEx": ("MIG304", "unsupported", "", ""),
        "cudaGraphicsMapResources": ("MIG301", "unsupported", "", ""),
        "cudaFooBar": ("MIG901", "unknown", "", ""),
        "cudaMalloc": ("MIG201", "adapt", "aclrtMalloc", "display"),
        "cudaThreadSynchronize": ("MIG101", "auto", "aclrtSynchronizeDevice", "safe"),
    },
    "musa:asis": {},
}

_NOTES = {
    "cublasGemmEx": Note(
        "the compute type is a cudaDataType_t here; pass MUSA_R_32F where CUDA has CUBLAS_COMPUTE_32F",
        "此处计算类型为 cudaDataType_t；CUDA 用 CUBLAS_COMPUTE_32F 的地方请传 MUSA_R_32F",
    ),
    "bfe": Note("write the bit field extract in C: (v >> start) & mask", "用 C 写位域提取：(v >> start) & mask"),
}


def locate(source: str, needle: str, path: str) -> list[Use]:
    """Every place of *needle* in *source* as a use."""
    shape = SHAPES[needle]
    found = []
    data = source.encode()
    text = needle.encode()
    start = data.find(text)
    while start >= 0:
        line = data.count(b"\n", 0, start) + 1
        column = start - (data.rfind(b"\n", 0, start) + 1) + 1
        found.append(Use(start, len(text), line, column, shape))
        start = data.find(text, start + 1)
    return found


def file_of(path: str, source: str = SOURCE) -> FileResult:
    """*source* analysed."""
    uses = sorted((use for needle in SHAPES for use in locate(source, needle, path)), key=lambda use: use.start)
    starts = [use.start for use in uses if use.shape.kind == "launch"]
    launches = {start: LaunchText("grid", "256", "0", "s") for start in starts}
    lines = source.count("\n")
    size = len(source.encode())
    return FileResult(path, "analysed", "", "cuda", size, lines, "utf-8", "d" * 32, uses=tuple(uses), launches=launches)


def answers_of(key: str) -> dict:
    rows = _ANSWERS[key]
    made = {}
    for name, shape in SHAPES.items():
        identifier, category, replacement, fix = rows.get(name, ("MIG102", "auto", "", ""))
        rule = "" if identifier == "MIG901" else shape.name
        made[answer_key(shape)] = Answer(identifier, category, replacement, rule, fix)
    return made


def rules_of(key: str) -> dict:
    made = {}
    for name, shape in SHAPES.items():
        if name == "cudaFooBar":
            continue
        level = {"cublasGemmEx": "mapped", "cudaThreadSynchronize": "inferred", "cudaMalloc": "declared"}.get(
            name, "used"
        )
        notes = (_NOTES[name],) if name in _NOTES else ()
        when = "sdk>=4.3" if name == "cublasGemmEx" else ""
        evidence = () if level == "inferred" else (f"{level}:acme/port:src/{shape.name}.cpp:12",)
        made[shape.name] = RuleText("rename", level, evidence, notes, when, "", "")
    return made


def scan_of(files: tuple[FileResult, ...], targets: tuple[Target, ...]) -> Scan:
    """A scan of *files* with the answers above."""
    return Scan(
        "0.1.0",
        {"version": "2026.11", "digest": "abc"},
        targets,
        tuple(sorted(files, key=lambda file: file.path)),
        {target.key: answers_of(target.key) for target in targets},
        {target.key: rules_of(target.key) for target in targets},
        {"cudaThreadSynchronize": CudaNote("2.0", "10.0", "13.0")},
        {"cudaFooBar": ("cudaFuncGetName",)},
    )


def other_files() -> tuple[FileResult, ...]:
    """One file of every state that is not analysed."""
    return (
        FileResult("src/plain.cpp", "no-cuda", "", "c++", 120),
        FileResult("src/again.cu", "copy", "same bytes as src/reduce.cu", "cuda", 700, copy_of="src/reduce.cu"),
        FileResult("src/utf16.cu", "skipped", "UTF-16; convert to UTF-8 first", "cuda", 90),
        FileResult("src/gone.cu", "unreadable", "no permission to read it", "cuda"),
        FileResult("CMakeLists.txt", "not-analysed", "build file with CUDA words (cuda)", "build", 55),
        FileResult("setup.py", "not-analysed", "python file with CUDA words (cuda)", "python", 55),
        FileResult("src/gap.cu", "no-cuda", "", "cuda", 40, gaps=(Span(3, 9),)),
    )
