"""What a kernel's PTX does, as text that is equal for kernels that do the same: effects in order, values expanded.

Instructions that give the same bits are one (`add.u32` is `add.s32`), operands of commutative ones are sorted.
"""

from __future__ import annotations

import re

from migrate.ptx.parse import instructions, operands

_EFFECTS = (
    "st.",
    "atom",
    "red.",
    "bar",
    "vote",
    "shfl",
    "trap",
    "exit",
    "membar",
    "fence",
    "brkpt",
    "nanosleep",
    "ret",
)
_COMMUTATIVE = re.compile(r"(?:and|or|xor|add|mul|mul24|min|max)\.")
_SAME = (
    (
        re.compile(
            r"^(add|sub|mul\.lo|mad\.lo|selp|setp\.eq|setp\.ne|atom\.\w*\.?add|atom\.add|red\.\w*\.?add|red\.add)\.(?:u32|b32)$"
        ),
        r"\1.s32",
    ),
    (re.compile(r"^(add|sub|mul\.lo|selp|setp\.eq|setp\.ne)\.(?:u64|b64)$"), r"\1.s64"),
    (re.compile(r"^(ld\.param|st\.global)\.(?:u32|s32|b32)$"), r"\1.b32"),
    (re.compile(r"^(ld\.param|st\.global)\.(?:u64|s64|b64)$"), r"\1.b64"),
    (re.compile(r"^selp\.(?:u16|s16|b16)$"), "selp.s32"),
)


def effects(body: str) -> list[str]:
    """The effects of a kernel's body, in order."""
    code = body.encode()
    values: dict[str, str] = {}
    found: list[str] = []

    def value(text: str) -> str:
        inside = re.fullmatch(r"\[([^\]+]+)(\+\d+)?\]", text)
        if inside:
            return f"[{value(inside[1])}{inside[2] or ''}]"
        return values.get(text, text)

    for one in instructions(code):
        name = one.mnemonic
        for pattern, new in _SAME:
            name = pattern.sub(new, name)
        pieces = operands(code, one)
        if name.startswith(("st.", "red.", "cp.")) or (
            name.startswith(_EFFECTS) and not name.startswith(("vote", "shfl", "atom"))
        ):
            found.append(f"{name} {' '.join(map(value, pieces))}")
            continue
        if not pieces:
            found.append(name)
            continue
        target, *sources = pieces
        if re.match(r"mov\.[a-z]\d+$", name) or re.match(r"cvta\.to\.global|cvt\.u32\.u16|cvt\.u64\.u64", name):
            values[target] = value(sources[0])
            continue
        inputs = [value(source) for source in sources]
        if _COMMUTATIVE.match(name):
            inputs.sort()
        if name.startswith("mad"):
            inputs[:2] = sorted(inputs[:2])
        if name.startswith("selp") and inputs[-1].startswith("setp.eq"):
            inputs = [inputs[1], inputs[0], "setp.ne" + inputs[-1].removeprefix("setp.eq")]
        values[target] = f"{name}({', '.join(inputs)})"
        if name.startswith(_EFFECTS):
            found.append(values[target])
    for number, effect in enumerate(found):
        if effect.startswith("atom") and not any(effect in other for other in found[number + 1 :]):
            name, _, rest = effect.partition("(")
            found[number] = f"red{name[4:]} {rest[:-1].replace(', ', ' ')}"
    return found


def kernels(ptx: str) -> dict[str, list[str]]:
    """The effects of every kernel of a module; parameters lose the kernel's name."""
    found = {}
    for match in re.finditer(r"\.entry (\w+)\(.*?\)(?:\s*\.\w+ [\d, ]+)*\s*\{(.*?)\n\}", ptx, re.DOTALL):
        found[match[1]] = effects(match[2].replace(match[1], "K"))
    return found
