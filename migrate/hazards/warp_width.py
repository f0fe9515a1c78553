"""A warp of 32 lanes taken for granted: constants, lane arithmetic, shuffle steps, arrays and blocks built on it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from migrate.hazards.hazard import Hazard
from migrate.hazards.widths import CUDA_WARP, where_not_cuda
from migrate.model import Note

if TYPE_CHECKING:
    from collections.abc import Iterator

    from migrate.hazards.code import Code
    from migrate.hazards.facts import Facts, Verdict
    from migrate.parse.uses import Found

#: Names that say "lanes of a warp"; `SHIFT`, `LOG` and `MASK` forms hold 5 and 31.
_WARP_NAME = re.compile(
    rb"(?i)warp_?(?:size|sz|width|threads|lanes|dim|len|length)\w*\Z|(?:\w+_)?(?:threads?|lanes?)_?(?:per|in|a)_?warp|k?warp_?size|(?:\w*_)?warp(?:_?s|threads)?\Z|warpsz|warp_items"
)
_LOG_NAME = re.compile(rb"(?i)(?:\w*log\w*warp\w*|\w*warp\w*(?:shift|log|bits)\w*)\Z")
_MASK_NAME = re.compile(rb"(?i)\w*(?:lane|warp)\w*mask\w*\Z|\w*warp_?size_?(?:minus|m)_?(?:one|1)\Z")
_NOT_SIZE = re.compile(rb"(?i)num|count|n_?warps|warps_?per|_id|idx|index|warpnum|warps\Z")
#: `x & 31`, `x % 32`, `x / 32`, `x >> 5`, `x * 32`, `x << 5` up to the number.
_ARITHMETIC = re.compile(rb"(?:(?<!&)&(?=[^&])|%|/|>>|\*|<<)\s*\(?\s*(?:0x1[fF]|0x20|31|32|5)[uUlL]*(?![\w.'])")
_PAIRS = {b"&": 31, b"%": 32, b"/": 32, b">>": 5, b"*": 32, b"<<": 5}
_COMPARE = re.compile(rb"\b(\w*[lL]ane\w*|\w*LANE\w*)\s*(?:==|!=|<=?|>=?)\s*(?:31|32|0x1[fF])(?![\w.'])")
_FIRST_WARP = re.compile(rb"\b(threadIdx\.x|\w+)\s*(?:<|>=)\s*32[uU]?\s*\)")
_LANE = re.compile(rb"(?i)lane|warp|\bwid\b|\bwrp")
_LANE_TARGET = re.compile(rb"(?i)\b\w*(?:lane|warp)\w*\s*(?:=|\[)|\b(?:wid|lid)\s*=")
#: Words without which a file's division by 32 is not about warps.
_WARPISH = re.compile(
    rb"tiled_partition|block_tile|__shfl|__ballot|__syncwarp|__activemask|__match_|__reduce_\w+_sync|__any|__all|[lL]ane|[wW]arp|WARP|LANE"
)
_SHUFFLE = re.compile(
    rb"__shfl(?:_up|_down|_xor)?(?:_sync)?\b|__shfl(?:_up|_down|_xor)(?:_sync)?\b|\w*(?:shfl|shuffle|SHFL)_?(?:xor|down|up|XOR|DOWN|UP)\w*"
)
_LOOP = re.compile(rb"\bfor\s*\(\s*(?:[\w:]+\s+)*(\w+)\s*=\s*([^;]{1,60});([^;]{1,80});[^;{)]{1,60}\)")
_SHARED = re.compile(rb"__shared__[^;=\[]*?\b(\w+)\s*\[\s*([^\]]{1,60})\]")
_RETURNED = re.compile(
    rb"\b(\w*(?:warp_?size|WARP_?SIZE|[wW]arpSize)\w*)\s*\([^(){};]*\)\s*(?:const\s*)?(?:noexcept\s*)?\{[^{}]{0,200}?\breturn\s+32\s*;"
)
_WARP_ROWS = re.compile(rb"\bdim3\s+\w+\s*[({]\s*(32)\s*,\s*[^(){};]*[wW](?:arp|ARP)")
_LAUNCH_BOUNDS = re.compile(rb"__launch_bounds__\s*\(\s*(32)\s*[,)]")
_TEMPLATE = re.compile(rb"\b(\w*(?:[wW]arp|WARP)\w*)\s*<[^<>;(){}]*\b32\b[^<>;(){}]*>\s*[\w(:{]")
_TILE = re.compile(rb"\b(?:tiled_partition|thread_block_tile)\s*<\s*(?:32|\w*WARP\w*)\s*[,>]")
_THREAD = re.compile(rb"threadIdx|blockDim|thread_rank|\bntid|\btid\b")

_TEXT = {
    "constant": Note(
        "the constant stands for the lanes of a warp, which are {lanes} ({chips}); everything computed from it follows it",
        "该常量表示 warp 的线程数，而这里是 {lanes}（{chips}）；由它推导的一切都会随之出错",
    ),
    "arithmetic": Note(
        "splits threads into warps of 32, but a warp has {lanes} lanes ({chips}): lane and warp numbers come out wrong; use warpSize or a constant chosen for the target",
        "按 32 线程划分 warp，而这里每个 warp 有 {lanes} 个线程（{chips}）：通道号与 warp 号会算错；应使用 warpSize 或按目标选择的常量",
    ),
    "first-warp": Note(
        "takes threads 0 to 31 for one whole warp, but a warp has {lanes} lanes ({chips})",
        "把 0 到 31 号线程当作一整个 warp，而这里每个 warp 有 {lanes} 个线程（{chips}）",
    ),
    "shuffle": Note(
        "exchanges values among 32 lanes, but a warp has {lanes} ({chips}): the other lanes are left out; start at warpSize / 2 or give the width 32",
        "只在 32 个通道间交换数据，而 warp 有 {lanes} 个线程（{chips}）：其余通道被漏掉；应从 warpSize / 2 开始，或显式给出宽度 32",
    ),
    "shared": Note(
        "shared memory with one place for each of 32 lanes; with {lanes} lanes ({chips}) the index runs over its end",
        "共享内存按 32 个通道各留一格；有 {lanes} 个通道时（{chips}）下标会越界",
    ),
    "block": Note(
        "a block of 32 threads is less than one warp of {lanes} ({chips}): lanes are missing from shuffles and votes",
        "32 线程的线程块不足一个 {lanes} 线程的 warp（{chips}）：洗牌与表决会缺少通道",
    ),
    "tile": Note(
        "a tile of 32 threads is part of a warp of {lanes} ({chips}): it computes the same, but code that takes tile and warp for one thing does not, and lanes stay idle",
        "32 线程的分组只是 {lanes} 线程 warp 的一部分（{chips}）：结果相同，但把分组当作整个 warp 的代码会出错，且部分通道闲置",
    ),
    "template": Note(
        "a warp function made for 32 lanes; a warp has {lanes} ({chips})",
        "为 32 个通道实例化的 warp 函数；这里每个 warp 有 {lanes} 个线程（{chips}）",
    ),
}  # fmt: skip


def find(code: Code) -> Iterator[Found]:
    """Every place that builds on 32 lanes."""
    yield from _constants(code)
    for match in _RETURNED.finditer(code.text):
        yield code.found(match.start(1), match.end(1), "warp-width/constant", f"{match[1].decode()}() = 32")
    if _WARPISH.search(code.text) is None:
        return
    yield from _arithmetic(code)
    yield from _shuffles(code)
    yield from _blocks(code)
    if b"tiled_partition" in code.words or b"thread_block_tile" in code.words:
        for match in _TILE.finditer(code.text):
            yield code.found(match.start(), match.end(), "warp-width/tile")
    for match in _TEMPLATE.finditer(code.text):
        yield code.found(match.start(1), match.end(1), "warp-width/template", f"{match[1].decode()}<…32…>")


def _constants(code: Code) -> Iterator[Found]:
    for definition in code.constants.definitions:
        name = definition.name
        if _LOG_NAME.search(name):
            expected = 5
        elif _MASK_NAME.search(name):
            expected = CUDA_WARP - 1
        elif _WARP_NAME.search(name) and not _NOT_SIZE.search(name):
            expected = CUDA_WARP
        else:
            continue
        # Derived from another constant of the file: that one is the place to mend.
        if code.constants.of(name) == expected and not re.search(
            rb"[A-Za-z_]\w*[A-Za-z_]", definition.text.lower().replace(b"0x", b"")
        ):
            yield code.found(
                definition.start,
                definition.start + len(name),
                "warp-width/constant",
                f"{name.decode()} = {definition.text.decode('utf-8', 'replace')}",
            )


def _arithmetic(code: Code) -> Iterator[Found]:
    text = code.text
    for match in _ARITHMETIC.finditer(text):
        sign = match[0][:2] if match[0][:2] in _PAIRS else match[0][:1]
        number = int(match[0][len(sign) :].strip(b"( \t\n\\").rstrip(b"uUlL"), 0)
        if _PAIRS[sign] != number:
            continue
        start = _operand(text, match.start())
        operand = text[start : match.start()]
        statement = text[code.statement_start(start) : start]
        lane = _LANE.search(operand) is not None
        if sign in (b"*", b"<<"):
            if (
                lane
                and b"<<<" not in text[match.start() - 1 : match.end()]
                and not re.search(rb"(?i)num|count|mask|bits", operand)
            ):
                yield code.found(start, match.end(), "warp-width/arithmetic")
            continue
        if not lane and not _LANE_TARGET.search(statement):
            if (
                not _about_threads(code, operand)
                or statement.rstrip(b"( \t").endswith((b"<<", b">>"))
                or b"<<" in statement.rpartition(b"=")[2]
            ):
                continue
            around = code.function_around(start)
            chunk = text[around.start : around.end] if around else text[max(0, start - 300) : start + 300]
            if not _WARPISH.search(chunk):
                continue
            if (
                sign in (b"&", b">>", b"%", b"/")
                and re.search(rb"\[[^\]]*\Z", statement)
                and b"<<" in text[match.end() : match.end() + 60].partition(b"\n")[0]
            ):
                continue  # bits[i / 32] |= 1 << (i % 32)
        yield code.found(start, match.end(), "warp-width/arithmetic")
    for match in _COMPARE.finditer(text):
        if not re.search(rb"(?i)planes?|mask", match[1]):
            yield code.found(match.start(), match.end(), "warp-width/arithmetic")
    for match in _FIRST_WARP.finditer(text):
        if match[1] in (b"threadIdx.x", *code.thread_names) and "device" in code.side_at(match.start()):
            around = code.function_around(match.start())
            if around is not None and re.search(
                rb"__shfl|__ballot|__any|__all|[wW]arp|WARP|volatile", text[around.start : around.end]
            ):
                yield code.found(match.start(), match.end() - 1, "warp-width/first-warp")


def _operand(text: bytes, end: int) -> int:
    """Where the operand before *end* begins: a name with its members and calls, or a parenthesis."""
    position = end
    while position > 0 and text[position - 1] in b" \t\n\\":
        position -= 1
    floor = max(0, position - 300)
    while position > floor:
        byte = text[position - 1]
        if byte in b")]":
            depth = 0
            while position > floor:
                position -= 1
                if text[position] in b")]":
                    depth += 1
                elif text[position] in b"([":
                    depth -= 1
                    if depth == 0:
                        break
        elif byte in {95, 46} or chr(byte).isalnum() or text[position - 2 : position] in (b"->", b"::"):
            position -= 2 if byte in b">:" else 1
        else:
            break
    return position


def _about_threads(code: Code, operand: bytes) -> bool:
    return _THREAD.search(operand) is not None or not code.thread_names.isdisjoint(re.findall(rb"\w+", operand))


def _shuffles(code: Code) -> Iterator[Found]:
    text = code.text
    for call in code.calls(_SHUFFLE):
        name = text[call.start : call.name_end]
        arguments = [text[start:end].strip() for start, end in call.arguments]
        position = 2 if name.endswith(b"_sync") else 1
        if len(arguments) == position + 1 and arguments[position].rstrip(b"uU") in (b"16", b"31", b"0x10", b"0x1f"):
            yield code.found(call.start, call.end, "warp-width/shuffle")
    for match in _LOOP.finditer(text):
        start = match[2].strip().rstrip(b"uU")
        bound = re.search(rb"(<=?)\s*(\d+)\s*\Z", match[3])
        down = start in (b"16", b"32 / 2", b"32/2", b"32 >> 1", b"32>>1", b"0x10")
        up = start == b"1" and bound is not None and (bound[1], bound[2]) in ((b"<", b"32"), (b"<=", b"16"))
        if not (down or up):
            continue
        body = text[match.end() : match.end() + 400]
        shuffle = re.search(rb"(?:shfl|SHFL|[sS]huffle)\w*\s*\(([^;]*)\)", body)
        if shuffle is not None and match[1] in shuffle[1] and not re.search(rb",\s*32\s*\)*\Z", shuffle[1]):
            yield code.found(match.start(1), match.end(3), "warp-width/shuffle")


def _blocks(code: Code) -> Iterator[Found]:
    text = code.text
    if b"__shared__" in code.words:
        for match in _SHARED.finditer(text):
            if match[2].strip() == b"32":
                around = code.function_around(match.start())
                chunk = text[match.end() : around.end] if around else b""
                if re.search(rb"(?i)lane", match[1]) or re.search(
                    rb"\b" + match[1] + rb"\s*\[\s*\w*[lL]ane\w*\s*\]", chunk
                ):
                    yield code.found(match.start(1), match.end(), "warp-width/shared")
    for match in _LAUNCH_BOUNDS.finditer(text):
        yield code.found(match.start(), match.end(1), "warp-width/block", "__launch_bounds__(32)")
    for match in _WARP_ROWS.finditer(text):
        yield code.found(match.start(), match.end(1), "warp-width/block", "dim3(32, warps)")
    for launch in code.finder.launches:
        if len(launch.configuration) > 1:
            start, end = launch.configuration[1]
            block = b"".join(text[start:end].split())
            if block in (b"32", b"dim3(32)", b"dim3(32,1)", b"dim3(32,1,1)"):
                yield code.found(start, end, "warp-width/block", f"<<<…, {block.decode()}>>>")


def judge(detail: str, name: str, facts: Facts) -> Verdict | None:  # noqa: ARG001
    """A hazard where some chip's warp is not 32 lanes wide."""
    return where_not_cuda(facts, _TEXT[detail])


HAZARD = Hazard("warp-width", "MIG410", frozenset(), find, tuple(_TEXT), judge)
