"""Kernels on targets without CUDA's threads: what each computes and which way it goes there (MIG610 to MIG613).

One finding a kernel, at its name; the owner holds profile, operation and flags, so that a target's answer is decided
once for all kernels alike.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from migrate.hazards.facts import Verdict, sources
from migrate.hazards.hazard import Hazard
from migrate.kernels import operators, routes
from migrate.kernels.kernel import decoded, describe
from migrate.model import Note
from migrate.parse.words import occurrences, words_of
from migrate.tables.rules import rules_dir

if TYPE_CHECKING:
    from collections.abc import Iterator

    from migrate.hazards.code import Code
    from migrate.hazards.facts import Facts
    from migrate.kernels.kernel import Kernel
    from migrate.parse.uses import Found

SLUG = "kernel"
TRIGGER = b"__global__"

_CALLED = re.compile(rb"([A-Za-z_]\w*)\s*\(")
_NO_NAME = frozenset({b"__launch_bounds__", b"__cluster_dims__", b"__maxnreg__", b"__attribute__", b"__align__"})
_BRACE = re.compile(rb"[{}]")
_PARENTHESIS = re.compile(rb"[()]")
_AFTER = re.compile(rb"\s*(?:noexcept\s*)?\{")
#: How far a kernel's head may reach, and how much of the functions it calls is read, in bytes.
_HEAD = 1200
_HELPERS = 20_000

_PROFILES = {
    "element-wise": ("element-wise", "逐元素"),
    "reduction": ("reduction", "归约"),
    "normalisation": ("normalisation", "归一化"),
    "softmax": ("softmax", "softmax"),
    "gemm": ("GEMM-like", "类矩阵乘"),
    "stencil": ("stencil", "邻域计算"),
    "gather-scatter": ("gather/scatter", "收集/分散"),
    "scan-sort": ("scan/sort", "扫描/排序"),
    "attention": ("attention-like", "类注意力"),
    "unknown": ("unknown profile", "类型不明"),
}
_BASIS = {
    ("body", "name"): ("its name and body", "名称与函数体"),
    ("body",): ("its body", "函数体"),
    ("name",): ("its name", "名称"),
}
#: What makes a kernel what it is, in the words of a note; the worst first.
_SIGNS = {
    "launch": ("launches kernels", "启动核函数"),
    "system": ("memory of other devices", "其他设备的内存"),
    "grid-sync": ("grid-wide barriers", "网格级同步"),
    "cluster": ("clusters of blocks", "线程块簇"),
    "queue": ("a queue of work", "工作队列"),
    "hash": ("a hash table", "哈希表"),
    "compare-swap": ("compare-and-swap", "比较交换"),
    "partition": ("partitions of a warp", "warp 划分"),
    "texture": ("textures", "纹理"),
    "atomics": ("atomics", "原子操作"),
    "table": ("indices that are data", "由数据给出的下标"),
    "ragged": ("row offsets that are data", "由数据给出的行偏移"),
    "early": ("loops that end when data say so", "由数据决定结束的循环"),
    "ptx": ("inline PTX", "内联 PTX"),
    "tensor-core": ("tensor cores", "张量核心"),
    "warp": ("warp functions", "warp 函数"),
    "block": ("block-wide primitives", "线程块级原语"),
    "shared": ("shared memory", "共享内存"),
    "packed": ("packed data", "压缩存放的数据"),
    "double": ("double precision", "双精度"),
    "random": ("random numbers", "随机数"),
    "fp8": ("FP8", "FP8"),
}
_TEXTS = {
    routes.READY: (
        "{profile}, told from {basis}: {operators} {does} the whole; call it instead (check types and chips)",
        "{profile}（依据{basis}）：{operators} 可完成整个核函数，直接调用即可（请核对数据类型与芯片）",
    ),
    routes.COMPOSED: (
        "{profile}, told from {basis}: can be composed of operators such as {operators}",
        "{profile}（依据{basis}）：可用 {operators} 等算子组合",
    ),
    routes.OWN: (
        "{profile}, told from {basis}: to be written anew in the target's kernel language",
        "{profile}（依据{basis}）：需用目标的核函数语言重写",
    ),
    routes.RISK: (
        "{profile}, told from {basis}: no natural form without threads, plan for another algorithm",
        "{profile}（依据{basis}）：没有线程就没有自然的写法，须考虑换算法",
    ),
}


def find(code: Code) -> Iterator[Found]:
    """Every kernel that the file defines."""
    bodies = None
    for start in occurrences(code.text, TRIGGER):
        directive = code.directives.at(start)
        if directive is not None:
            continue  # a macro that makes kernels
        place = definition(code.text, start + len(TRIGGER))
        if place is None:
            continue
        name_start, name_end, body_start, body_end = place
        if bodies is None:
            bodies = {
                function.name.encode(): code.text[function.body : function.end] for function in code.device_functions
            }
        name = code.text[name_start:name_end]
        body = code.text[body_start:body_end]
        helpers = b"".join(bodies[word] for word in sorted(words_of(body) & bodies.keys()) if word != name)[:_HELPERS]
        kernel = describe(name.decode("utf-8", "replace"), body, helpers)
        yield code.found(name_start, name_end, f"{SLUG}/{kernel.encoded()}")


def definition(text: bytes, start: int) -> tuple[int, int, int, int] | None:
    """Name and body, as byte ranges, of the kernel whose `__global__` ends at *start*; None for a declaration."""
    end = min(len(text), start + _HEAD)
    for match in _CALLED.finditer(text, start, end):
        between = text[start : match.start()]
        if b";" in between or b"{" in between:
            return None
        if match[1] in _NO_NAME or b"LAUNCH" in match[1].upper():
            continue
        closing = _closing(text, match.end(), _PARENTHESIS)
        opening = _AFTER.match(text, closing) if closing else None
        if opening is None:
            return None
        return match.start(1), match.end(1), opening.end(), _closing(text, opening.end(), _BRACE) or len(text)
    return None


def _closing(text: bytes, inside: int, pattern: re.Pattern[bytes]) -> int:
    """Where the bracket that is open at *inside* has been closed, 0 when it is not."""
    depth = 1
    for match in pattern.finditer(text, inside):
        depth += 1 if match[0] in b"({" else -1
        if depth == 0:
            return match.end()
    return 0


def judge(detail: str, facts: Facts) -> tuple[Hazard, Verdict] | None:
    """The route of a kernel on a target that does not run CUDA's threads and whose operators are known."""
    if facts.runs_threads:
        return None
    ready = operators.load(rules_dir(), facts.target.name)
    if not ready.rows:
        return None
    kernel = decoded(detail)
    route = routes.route_of(kernel, ready)
    note = Note(_note(kernel, route, 0), _note(kernel, route, 1))
    return HAZARDS[route.route], Verdict(note, route.evidence or sources(list(facts.chips)))


def _note(kernel: Kernel, route: routes.Route, lang: int) -> str:
    """What a person reads: profile, what it rests on, the way, and what makes it so."""
    comma = ", " if lang == 0 else "、"
    basis = _BASIS[tuple(sorted(kernel.flags & {"name", "body"}))][lang]
    text = _TEXTS[route.route][lang].format(
        profile=_PROFILES[kernel.profile][lang],
        basis=basis,
        operators=comma.join(route.operators),
        does="does" if len(route.operators) == 1 else "do, each in its case,",
    )
    signs = comma.join(words[lang] for sign, words in _SIGNS.items() if sign in kernel.flags)
    if not signs:
        return text
    return f"{text}; the body has {signs}" if lang == 0 else f"{text}；函数体含有{signs}"


#: The four findings, by route.
HAZARDS = {
    route: Hazard(SLUG, f"MIG{610 + number}", frozenset({TRIGGER}), find, (), kernel=False, category=category)
    for number, (route, category) in enumerate(
        zip(routes.ROUTES, ("adapt", "rewrite", "rewrite", "rewrite"), strict=True)
    )
}
