"""A small kernel around each instruction that has a replacement, written from its mnemonic alone."""

from __future__ import annotations

import re
from typing import NamedTuple

from migrate.ptx import groups

_LETTERS = {
    "u32": "r",
    "s32": "r",
    "b32": "r",
    "u64": "l",
    "s64": "l",
    "b64": "l",
    "f32": "f",
    "f64": "d",
    "f16": "h",
    "u16": "h",
}
_TYPES = {"r": "unsigned", "l": "unsigned long long", "f": "float", "d": "double", "h": "unsigned short"}
_CTYPES = {
    "u32": "unsigned",
    "b32": "unsigned",
    "s32": "int",
    "f32": "float",
    "f64": "double",
    "u64": "unsigned long long",
    "b64": "unsigned long long",
}
#: An address that the compiler knows nothing of: a parameter of a kernel is taken for one of global memory.
_GENERIC = "unsigned long long "
_NEWER = re.compile(r"griddepcontrol|barrier\.cluster|%n?cluster")


class Case(NamedTuple):
    """One kernel."""

    mnemonic: str
    level: str
    assumption: str  # of the row, in English; "" when it is safe
    chip: str  # sm_80, sm_90
    source: str  # `__global__ void NAME(…) { … }` with NAME to be filled in


def cases() -> list[Case]:
    """One case for each mnemonic of the table that has a template."""
    found = []
    for mnemonic, rules in sorted(groups.all_intrinsics().items()):
        rule = rules[0]  # the best; the others take an operand for granted
        chip = "sm_90" if _NEWER.search(mnemonic) else "sm_80"
        note = rule.assumption.en if rule.assumption else ""
        found.append(Case(mnemonic, rule.level, note, chip, _kernel(mnemonic, rule)))
    return found


def _literals(rule: groups.Intrinsic) -> dict[int, str]:
    values = {}
    for condition in rule.when:
        number, operator, value = int(condition[0]), condition[1], condition[2:]
        values[number] = value if operator == "=" else str(min(5, int(value, 0) - 1)) if operator == "<" else "0x1432"
    return values


def _kernel(mnemonic: str, rule: groups.Intrinsic) -> str:
    count = max(
        [int(number) for number in re.findall(r"[$@](\d)", rule.template)] + [int(c[0]) for c in rule.when] or [0]
    )
    literals = _literals(rule)
    parts = mnemonic.split(".")
    types = [part for part in parts[1:] if part in _LETTERS]
    last = _LETTERS.get(types[-1], "r") if types else "r"
    sources = [last] * count
    target = last
    opcode = parts[0]
    if mnemonic.startswith("mov "):
        register = mnemonic[4:]
        wide = register == "%clock64"
        text = f"mov.{'u64' if wide else 'u32'} %0, {register.replace('%', '%%')};"
        return _write("l" if wide else "r", [], text)
    if opcode in ("clz", "popc", "bfind"):
        target = "r"
    elif mnemonic.startswith("mul.wide"):
        target = "l"
    elif opcode == "cvt":
        target, sources = _LETTERS[types[-2]], [_LETTERS[types[-1]]]
    elif opcode in ("match", "redux"):
        target, sources = "r", [last, "r"]
    elif opcode in ("cvta", "isspacep"):
        target, sources = "l", [_GENERIC]
    if rule.template.startswith("!") and "@" not in rule.template:
        operands = [literals.get(number, f"%{number - 1}") for number in range(1, count + 1)]
        return _write(
            "", ["r" for number in range(1, count + 1) if number not in literals], f"{mnemonic} {', '.join(operands)};"
        )
    if "@" in rule.template:
        value = _CTYPES[types[-1]]
        written = rule.template.startswith("!")
        first = 0 if written else 1
        operands = [f"[%{first}]"] + [f"%{first + number}" for number in range(1, count)]
        if not written:
            operands.insert(0, "%0")
        pointer = f"{value}*" if ".global." in mnemonic else _GENERIC
        return _write("" if written else last, [pointer, *sources[1:]], f"{mnemonic} {', '.join(operands)};")
    if opcode == "cvta" and ".shared" in mnemonic:
        text = f"{{ .reg .u64 t; {mnemonic} t, %1; cvt.u32.u64 %0, t; }}"
        return _write("r", sources, text)
    inputs, operands = [], []
    for number in range(1, count + 1):
        if number in literals:
            operands.append(literals[number])
        else:
            inputs.append(sources[number - 1])
            operands.append(f"%{len(inputs)}")
    if opcode in ("setp", "isspacep"):
        text = f"{{ .reg .pred p; {mnemonic} p, {', '.join(operands)}; selp.u32 %0, 1, 0, p; }}"
        return _write("r", inputs, text)
    if opcode == "selp":
        text = f"{{ .reg .pred p; setp.ne.u32 p, %3, 0; {mnemonic} %0, %1, %2, p; }}"
        return _write("r", ["r", "r", "r"], text)
    if opcode == "vote":
        text = f"{{ .reg .pred p; setp.ne.u32 p, %1, 0; {mnemonic} %0, p, %2; }}"
        return _write("r", ["r", "r"], text)
    return _write(target, inputs, f"{mnemonic} %0{''.join(', ' + operand for operand in operands)};")


def _write(target: str, inputs: list[str], text: str) -> str:
    parameters = [f"{_TYPES[target]}* out"] if target else []
    arguments = []
    launder = ""
    for number, kind in enumerate(inputs):
        parameters.append(f"{_TYPES.get(kind, kind)} {'abcdef'[number]}")
        name = "abcdef"[number]
        arguments.append(f'"{kind if kind in _TYPES else "l"}"({name})')
        if kind == _GENERIC:
            launder += f'__asm__ volatile("mov.b64 %0, %0;" : "+l"({name})); '
    head = f'"={target}"(d)' if target else ""
    declare = f"{_TYPES[target]} d; " if target else ""
    store = " out[0] = d;" if target else ""
    if not target and not inputs:
        text = text.replace("%", "%%").replace("%%%%", "%%")
    colons = f" : {head} : {', '.join(arguments)}" if head or arguments else ""
    body = f'{launder}{declare}asm volatile("{text}"{colons});{store}'
    return f'extern "C" __global__ void NAME({", ".join(parameters)}) {{ {body} }}'
