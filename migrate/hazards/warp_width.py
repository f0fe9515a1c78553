"""A warp of 32 lanes taken for granted: constants, lane arithmetic, shuffle steps, arrays and blocks built on it."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from migrate import lazy
from migrate.hazards.hazard import Hazard
from migrate.hazards.widths import CUDA_WARP, where_not_cuda
from migrate.model import Note
from migrate.parse.words import IS_WORD, occurrences

if TYPE_CHECKING:
    from collections.abc import Iterator

    from migrate.hazards.code import Code
    from migrate.hazards.facts import Facts, Verdict
    from migrate.parse.uses import Found

#: Names that say "lanes of a warp"; `SHIFT`, `LOG` and `MASK` forms hold 5 and 31.
_WARP_NAME = lazy.pattern(
    rb"(?i)warp_?(?:size|sz|width|threads|lanes|dim|len|length)\w*\Z|(?:\w+_)?(?:threads?|lanes?)_?(?:per|in|a)_?warp"
    rb"|(?:\w*_)?warp(?:_?s|threads)?\Z|warp_items"
)
_LOG_NAME = lazy.pattern(rb"(?i)(?:\w*log\w*warp\w*|\w*warp\w*(?:shift|log|bits)\w*)\Z")
_MASK_NAME = lazy.pattern(rb"(?i)\w*(?:lane|warp)\w*mask\w*\Z|\w*warp_?size_?(?:minus|m)_?(?:one|1)\Z")
_NOT_SIZE = lazy.pattern(rb"(?i)num|count|n_?warps|warps_?per|_id|idx|index|warps\Z")
_SIZE_NAME = lazy.pattern(rb"(?i)warp_?size")
#: A word of the value that is no number: the constant is derived from another, which is the place to mend.
_DERIVED = lazy.pattern(rb"(?i)(?<![\w'])[a-z_]\w+")
#: `& 31`, `% 32`, `/ 32`, `>> 5`, `* 32`, `<< 5`.
_SIGN = lazy.pattern(rb"(>>|<<|(?<!&)&|%|/|\*)\s*\(?\s*\Z")
_NUMERAL = lazy.pattern(rb"(0x1[fF]|0x20|31|32|5)[uUlL]*")
_PAIRS = {b"&": 31, b"%": 32, b"/": 32, b">>": 5, b"*": 32, b"<<": 5}
_BOUNDS = (b"31", b"32", b"0x1f", b"0x1F")
_COMPARED = lazy.pattern(rb"\s*(?:==|!=|<=?|>=?)\s*(?:31|32|0x1[fF])(?![\w.'])")
_FIRST = lazy.pattern(rb"32(?:(?<=[<=]32)|(?<=[<=]\s32))")
_FIRST_WARP = lazy.pattern(rb"(threadIdx\s*\.\s*x|\b\w+)\s*(?:<|>=)\s*32[uU]?\s*\)")
_USES_WARP = lazy.pattern(rb"__shfl|__ballot|__any|__all|[wW]arp|WARP|volatile")
_LANE = lazy.pattern(rb"(?i)lane|warp|\bwid\b|\bwrp")
_LANE_TARGET = lazy.pattern(rb"(?i)\b\w*(?:lane|warp)\w*\s*(?:=|\[)|\b(?:wid|lid)\s*=")
_NO_LANE = lazy.pattern(rb"(?i)planes?|mask")
_WARP = lazy.pattern(rb"(?i)warp|\bwid\b|\bwrp")
_COUNTS = lazy.pattern(rb"(?i)num|count|mask|bits|shape|tile")
#: `/ (32 * 32)`, `% (32 / 8)`: 32 is a part of another number.
_PART = lazy.pattern(rb"\s*(?:[*/%]|<<|>>)")
#: Code around a division by 32 that makes it one about warps.
_WARPISH = lazy.pattern(
    rb"tiled_partition|block_tile|__shfl|__ballot|__syncwarp|__activemask|__match_|__reduce_\w+_sync|__any|__all|[lL]ane|[wW]arp|WARP|LANE"
)
_SHUFFLE = lazy.pattern(
    rb"__shfl(?:_up|_down|_xor)?(?:_sync)?\b|\w*(?:shfl|shuffle|SHFL)_?(?:xor|down|up|XOR|DOWN|UP)\w*"
)
#: What must not stand before a word is asked for behind it: so the engine finds the word as fast as plain text.
_LOOP = lazy.pattern(rb"for(?<!\wfor)\s*\(\s*(?:[\w:]+\s+)*(\w+)\s*=\s*([^;]{1,60});([^;]{1,80});[^;{)]{1,60}\)")
_EXCHANGE = lazy.pattern(rb"(?:shfl|SHFL|[sS]huffle)\w*\s*\(([^;]*)\)")
#: What follows the step in a call that says how many lanes take part.
_WIDTH = lazy.pattern(rb"\A\s*,\s*(?:32|\w*(?i:warp|width)\w*)\s*\)*\Z")
_HALF = (b"16", b"32 / 2", b"32/2", b"32 >> 1", b"32>>1", b"0x10")
_BOUND = lazy.pattern(rb"(<=?)\s*(\d+)\s*\Z")
_SHARED = lazy.pattern(rb"__shared__[^;=\[]*?\b(\w+)\s*(\[)\s*32\s*\]")
_LAUNCH_BOUNDS = lazy.pattern(rb"__launch_bounds__\s*\(\s*(32)\s*[,)]")
_WARP_ROWS = lazy.pattern(rb"dim3(?<!\wdim3)\s+\w+\s*[({]\s*(32)\s*,\s*[^(){};]*[wW](?:arp|ARP)")
_BLOCKS = (b"32", b"dim3(32)", b"dim3(32,1)", b"dim3(32,1,1)")
_RETURNS = lazy.pattern(rb"\s*\([^(){};]*\)\s*(?:const\s*)?(?:noexcept\s*)?\{[^{}]{0,200}?\breturn\s+32\s*;")
_TILE = lazy.pattern(rb"\b(?:tiled_partition|thread_block_tile)\s*<\s*(?:32|\w*WARP\w*)\s*[,>]")
_ARGUMENT = lazy.pattern(rb"\s*<[^<>;(){}]*\b32\b[^<>;(){}]*>\s*[\w(:{]")
#: Algorithms of CUB that take a warp, and the place of the template argument that says how many threads it has.
_COLLECTIVE = lazy.pattern(
    rb"\bcub\s*::\s*Warp(Reduce|Scan|Exchange|MergeSort|Load|Store)\s*"
    rb"<([^<>;(){}]*(?:<[^<>;(){}]*>[^<>;(){}]*)*)>"
)
_INNER = lazy.pattern(rb"<[^<>]*>")
_THREADS_AT = {b"Reduce": 2, b"Scan": 2, b"Exchange": 3, b"MergeSort": 3, b"Load": 4, b"Store": 4}
#: The end of a name that speaks of warps, with template arguments behind.
_OPENED = (lazy.pattern(rb"(arp\w*)\s?<"), lazy.pattern(rb"(ARP\w*)\s?<"))
_THREAD = lazy.pattern(rb"threadIdx|blockDim|thread_rank|\bntid|\btid\b")
_INDEX = lazy.pattern(rb"\[[^\]]*\Z")

_TEXT = {
    "constant": Note(
        "the constant stands for the lanes of a warp, which are {lanes} ({chips}); "
        "everything computed from it follows it",
        "该常量表示 warp 的线程数，而这里是 {lanes}（{chips}）；由它推导的一切都会随之出错",
    ),
    "arithmetic": Note(
        "splits threads into warps of 32, but a warp has {lanes} lanes ({chips}): lane and warp numbers come out "
        "wrong; use warpSize or a constant chosen for the target",
        "按 32 线程划分 warp，而这里每个 warp 有 {lanes} 个线程（{chips}）：通道号与 warp 号会算错；"
        "应使用 warpSize 或按目标选择的常量",
    ),
    "first-warp": Note(
        "takes threads 0 to 31 for one whole warp, but a warp has {lanes} lanes ({chips})",
        "把 0 到 31 号线程当作一整个 warp，而这里每个 warp 有 {lanes} 个线程（{chips}）",
    ),
    "shuffle": Note(
        "exchanges values among 32 lanes, but a warp has {lanes} ({chips}): the other lanes are left out; "
        "start at warpSize / 2 or give the width 32",
        "只在 32 个通道间交换数据，而 warp 有 {lanes} 个线程（{chips}）：其余通道被漏掉；"
        "应从 warpSize / 2 开始，或显式给出宽度 32",
    ),
    "shared": Note(
        "shared memory with one place for each of 32 lanes; with {lanes} lanes ({chips}) the index runs over its end",
        "共享内存按 32 个通道各留一格；有 {lanes} 个通道时（{chips}）下标会越界",
    ),
    "block": Note(
        "rows of 32 threads are less than one warp of {lanes} ({chips}): lanes are missing from shuffles and votes, "
        "or belong to the next row",
        "每行 32 个线程不足一个 {lanes} 线程的 warp（{chips}）：洗牌与表决会缺少通道，或混入下一行的线程",
    ),
    "tile": Note(
        "a tile of 32 threads is part of a warp of {lanes} ({chips}): it computes the same, but code that takes "
        "tile and warp for one thing does not, and lanes stay idle",
        "32 线程的分组只是 {lanes} 线程 warp 的一部分（{chips}）：结果相同，"
        "但把分组当作整个 warp 的代码会出错，且部分通道闲置",
    ),
    "collective": Note(
        "a warp-wide algorithm of CUB without the number of threads works on {lanes} lanes here and on 32 in CUDA "
        "({chips}): write the number",
        "CUB 的 warp 级算法没有写出线程数：在 CUDA 中作用于 32 个线程，在这里作用于 {lanes} 个（{chips}）：应写出该数",
    ),
    "template": Note(
        "a warp function made for 32 lanes; a warp has {lanes} ({chips})",
        "为 32 个通道实例化的 warp 函数；这里每个 warp 有 {lanes} 个线程（{chips}）",
    ),
}


def find(code: Code) -> Iterator[Found]:
    """Every place that builds on 32 lanes; files that never speak of warps have none."""
    if not code.warp_words:
        return
    yield from _constants(code)
    if not any(map(_WARPISH.search, code.warp_words)):
        return
    if b"cub" in code.words:
        for match in _COLLECTIVE.finditer(code.text):
            if _INNER.sub(b"", match[2]).count(b",") + 1 < _THREADS_AT[match[1]]:
                shown = f"cub::Warp{match[1].decode()} without its threads"
                yield code.found(match.start(), match.end(), "warp-width/collective", shown)
    yield from _arithmetic(code)
    yield from _comparisons(code)
    yield from _shuffles(code)
    yield from _blocks(code)
    if b"32" in code.words:
        yield from _templates(code)


def _templates(code: Code) -> Iterator[Found]:
    """Warp functions with 32 among their template arguments."""
    text = code.text
    places = set()
    for pattern in _OPENED:
        for match in pattern.finditer(text):
            start = match.start()
            while start and IS_WORD[text[start - 1]]:
                start -= 1
            places.add((text[start : match.end(1)], start))
    for name, start in sorted(places):
        if name in code.warp_words and _ARGUMENT.match(text, start + len(name)):
            yield code.found(start, start + len(name), "warp-width/template", f"{name.decode()}<…32…>")


def _constants(code: Code) -> Iterator[Found]:
    text = code.text
    for name in sorted(code.warp_words):
        expected = _expected(name)
        if not expected:
            continue
        for definition in code.constants.definitions(name):
            if code.constants.of(name) == expected and not _DERIVED.search(definition.text):
                shown = f"{name.decode()} = {definition.text.decode('utf-8', 'replace')}"
                yield code.found(definition.start, definition.end, "warp-width/constant", shown)
    for name in sorted(word for word in code.warp_words if _SIZE_NAME.search(word)):
        for start in occurrences(text, name):
            if _RETURNS.match(text, start + len(name)):
                yield code.found(start, start + len(name), "warp-width/constant", f"{name.decode()}() = 32")


@lru_cache(maxsize=65_536)
def _expected(name: bytes) -> int:
    """The number that a constant called *name* holds where a warp has 32 lanes, 0 for a name that says nothing."""
    if _LOG_NAME.search(name):
        return 5
    if _MASK_NAME.search(name):
        return CUDA_WARP - 1
    return CUDA_WARP if _WARP_NAME.search(name) and not _NOT_SIZE.search(name) else 0


def _arithmetic(code: Code) -> Iterator[Found]:
    text = code.text
    warpish: dict[tuple[int, int], bool] = {}  # by function
    for at, end, sign in sorted(_signs(code)):
        start = _operand(text, at)
        operand = text[start:at]
        lane = _LANE.search(operand) is not None
        if sign in (b"*", b"<<"):
            # A lane times 32 is a stride of memory; a warp times 32 is a thread.
            if _WARP.search(operand) and text[at - 1 : at] != b"<" and not _COUNTS.search(operand):
                yield code.found(start, end, "warp-width/arithmetic")
        elif lane or _splits_threads(code, sign, operand, start, end, warpish):
            yield code.found(start, end, "warp-width/arithmetic")


def _signs(code: Code) -> Iterator[tuple[int, int, bytes]]:
    """Start of the sign, end of the numeral and the sign of every `& 31` and the like; the numerals are looked for."""
    text = code.text
    for word in code.words_with(b"\n31", b"\n32", b"\n5", b"\n0x1f", b"\n0x20"):
        numeral = _NUMERAL.fullmatch(word)
        if numeral is None:
            continue
        value = int(numeral[1], 0)
        for start in occurrences(text, word):
            head = text[max(0, start - 16) : start]
            sign = _SIGN.search(head)
            end = start + len(word)
            if sign is not None and _PAIRS[sign[1]] == value and text[end : end + 1] not in (b".", b"'"):
                if head.rstrip().endswith(b"(") and _PART.match(text, end):
                    continue
                yield start - len(head) + sign.start(), end, sign[1]


def _splits_threads(
    code: Code, sign: bytes, operand: bytes, start: int, end: int, warpish: dict[tuple[int, int], bool]
) -> bool:
    """Whether a division by 32 is one of threads into warps, and not of bits into words.

    *warpish* keeps, for each piece of the text asked about, whether it is about warps.
    """
    text = code.text
    statement = text[code.statement_start(start) : start]
    if operand.strip().isdigit():
        return False
    if _LANE_TARGET.search(statement):
        return True
    if not _about_threads(code, operand) or b"<<" in statement.rpartition(b"=")[2]:
        return False
    around = code.function_around(start)
    low, high = (around.start, around.end) if around else (max(0, start - 300), start + 300)
    if (low, high) not in warpish:
        warpish[low, high] = _WARPISH.search(text, low, high) is not None
    if not warpish[low, high]:
        return False
    # bits[i / 32] |= 1 << (i % 32)
    return not (sign != b"*" and _INDEX.search(statement) and b"<<" in text[end : end + 60].partition(b"\n")[0])


def _comparisons(code: Code) -> Iterator[Found]:
    text = code.text
    lanes = (word for word in code.warp_words if b"ane" in word or b"LANE" in word)
    for name in sorted(lanes) if not code.words.isdisjoint(_BOUNDS) else ():
        if not _NO_LANE.search(name):
            for start in occurrences(text, name):
                match = _COMPARED.match(text, start + len(name))
                if match is not None:
                    yield code.found(start, match.end(), "warp-width/arithmetic")
    for bound in _FIRST.finditer(text):
        match = _FIRST_WARP.search(text, max(0, bound.end() - 26), bound.end() + 4)
        if match is None or not (match[1].startswith(b"threadIdx") or match[1] in code.thread_names):
            continue
        around = code.function_around(match.start())
        if around is not None and "device" in around.side and _USES_WARP.search(text, around.start, around.end):
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
    names = [word for word in code.telling_words if _SHUFFLE.fullmatch(word)]
    for name in sorted(names):
        position = 2 if name.endswith(b"_sync") else 1
        for call in code.calls_of(name):
            arguments = [text[start:end].strip() for start, end in call.arguments]
            if len(arguments) == position + 1 and arguments[position].rstrip(b"uU") in (b"16", b"31", b"0x10", b"0x1f"):
                yield code.found(call.start, call.end, "warp-width/shuffle")
    if not names and not any(b"huffle" in word or b"shfl" in word for word in code.telling_words):
        return
    for match in _LOOP.finditer(text):
        start = match[2].strip().rstrip(b"uU")
        bound = _BOUND.search(match[3])
        up = start == b"1" and bound is not None and (bound[1], bound[2]) in ((b"<", b"32"), (b"<=", b"16"))
        if start not in _HALF and not up:
            continue
        shuffle = _EXCHANGE.search(text, match.end(), match.end() + 400)
        if shuffle is not None and match[1] in shuffle[1] and not _WIDTH.search(shuffle[1].rpartition(match[1])[2]):
            yield code.found(match.start(1), match.end(3), "warp-width/shuffle")


def _blocks(code: Code) -> Iterator[Found]:
    text = code.text
    if b"__shared__" in code.words and b"32" in code.words:
        for match in _SHARED.finditer(text):
            around = code.function_around(match.start())
            by_lane = lazy.pattern(rb"\b" + match[1] + rb"\s*\[\s*\w*[lL]ane\w*\s*\]")
            if b"ane" in match[1] or (around is not None and by_lane.search(text, match.end(), around.end)):
                yield code.found(match.start(1), match.end(), "warp-width/shared")
    if b"__launch_bounds__" in code.words:
        for match in _LAUNCH_BOUNDS.finditer(text):
            yield code.found(match.start(), match.end(1), "warp-width/block", "__launch_bounds__(32)")
    if b"dim3" in code.words:
        for match in _WARP_ROWS.finditer(text):
            yield code.found(match.start(), match.end(1), "warp-width/block", "dim3(32, warps)")
    for launch in code.finder.launches:
        if len(launch.configuration) > 1:
            start, end = launch.configuration[1]
            block = b"".join(text[start:end].split())
            if block in _BLOCKS and _may_use_warps(code, text[launch.name.start : launch.name.end]):
                yield code.found(start, end, "warp-width/block", f"<<<…, {block.decode()}>>>")
    if b"tiled_partition" in code.words or b"thread_block_tile" in code.words:
        last = -1
        for match in _TILE.finditer(text):
            statement = code.statement_start(match.start())
            if statement != last:  # `thread_block_tile<32> t = tiled_partition<32>(block)` is one place
                yield code.found(match.start(), match.end(), "warp-width/tile")
            last = statement


def _may_use_warps(code: Code, name: bytes) -> bool:
    """Whether kernel *name* has warp functions in its body, or is not defined in this file."""
    last = name.rpartition(b"::")[2].decode("utf-8", "replace")
    bodies = [function for function in code.functions if function.name.rpartition("::")[2] == last]
    return not bodies or any(_WARPISH.search(code.text, function.body, function.end) is not None for function in bodies)


def judge(detail: str, name: str, facts: Facts) -> Verdict | None:  # noqa: ARG001
    """A hazard where some chip's warp is not 32 lanes wide."""
    if detail == "collective" and not facts.features("warp-collective"):
        return None  # what the target's CUB takes by default is not known
    return where_not_cuda(facts, _TEXT[detail])


HAZARD = Hazard("warp-width", "MIG410", frozenset(), find, tuple(_TEXT), judge)
