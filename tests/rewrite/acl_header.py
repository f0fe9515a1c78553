"""A header with the declarations of CANN that a text uses, made from the signatures in `seeds/symbols/cann.tsv`.

Only for type-checking: numbers of constants that the table does not state are made up.
"""

from __future__ import annotations

import re
from pathlib import Path

SYMBOLS = Path(__file__).parents[2] / "seeds" / "symbols"
_WORD = re.compile(r"[A-Za-z_]\w*")
_PARAMETERS = re.compile(r"\((?:[^()]|\([^()]*\))*\)\s*(?://.*)?\Z")
_OURS = re.compile(r"acl|ACL|Hccl|HCCL|dim3\Z")
_FIELD = re.compile(r"(.+?)((?:\[\d+\])*) (\w+)")


def signatures(target: str) -> dict[str, str]:
    """Symbol → its signature, of those that have one; a declaration with parameters comes before one without."""
    found: dict[str, str] = {}
    for line in (SYMBOLS / f"{target}.tsv").read_text(encoding="utf-8").splitlines()[1:]:
        symbol, _, _, _, signature = line.split("\t")
        if signature:
            found.setdefault(symbol, signature)
    return found


def parameters(signature: str) -> list[str] | None:
    """The parameters of a function's signature, None for other things."""
    found = _PARAMETERS.search(signature)
    if found is None or "#define" in signature:
        return None
    inner = found[0].partition("//")[0].strip()[1:-1]
    return [part for part in inner.split(",") if part.strip()]


def header(text: str) -> str:
    """Declarations of everything that *text* names, and of what those need, in order."""
    known = signatures("cann")
    enumerators: dict[str, list[str]] = {}
    for symbol, signature in known.items():
        owner, _, number = signature.partition(" = ")
        if number:
            enumerators.setdefault(owner, []).append(f"{symbol} = {number}")
    lines: list[str] = []
    done: set[str] = set()

    def need(symbol: str) -> None:
        signature = known.get(symbol, "")
        if symbol in done or not signature or not _OURS.match(symbol):
            return
        done.add(symbol)
        if signature.partition("//")[0].strip() in ("enum", f"enum {symbol}"):
            lines.append(f"enum {symbol} {{ {', '.join(enumerators.get(symbol, []))} }};")
            return
        for word in _WORD.findall(signature.partition("//")[0]):
            need(word)
        if symbol == "dim3":  # its constructor is no part of the signature
            lines.append("struct dim3 { uint32_t x, y, z; dim3(uint32_t a = 1, uint32_t b = 1, uint32_t c = 1); };")
            return
        if signature == "handle type":
            lines.append(f"typedef void *{symbol};")
            return
        if " = " in signature:
            return  # came with its enumeration
        if signature.startswith("#define"):
            lines.append(signature)
        elif signature.startswith("const ") and "(" not in signature:
            lines.append(f"static {signature} {symbol} = {len(lines)};")
        elif "(*)" in signature:
            lines.append(f"{signature.replace('(*)', f'(*{symbol})')};")
        elif signature.startswith("typedef "):
            lines.append(f"{signature} {symbol};")
        elif signature.startswith("struct {"):
            fields = (_FIELD.fullmatch(field.strip()) for field in signature[8:-1].split(","))
            body = " ".join(f"{field[1]} {field[3]}{field[2]};" for field in fields if field)
            lines.append(f"struct {symbol} {{ {body} }};")
        else:
            lines.append(f'extern "C" {signature.partition("//")[0].strip()};')

    for word in dict.fromkeys(_WORD.findall(text)):
        need(word)
    return "#include <cstddef>\n#include <cstdint>\n" + "\n".join(lines) + "\n"
