"""API names in the text of messages: `"cudaMalloc failed"` → `"musaMalloc failed"`.

A port reports errors by the names that it calls, so the name follows where the text is meant for people and nothing
but the text changes. A string that holds a name and no words (looked up at run time, a key, a file's name), that holds
source code (for the run-time compiler, or written by a generator), and every text in code for the device stays.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from migrate.model import Edit

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from migrate.match import Matcher
    from migrate.model import Span
    from migrate.parse.directives import Directives
    from migrate.rewrite.guard import Guards

_API_NAME = re.compile(
    rb"(?<![\w.:/\\\"-])(?:cu|CU|nccl|NCCL|nv)\w+(?![\w./-])|(?<![\w.:/\\\"-])(?:cu|CU)\w+(?=\.(?:\s|\\n|\Z))"
)
#: What a formatting library fills in; braces besides are code.
_FILLED_IN = re.compile(rb"\{[\w:.<>]*\}")
_CODE = re.compile(
    rb"[{}\n]|//|->|<<<|;\s*(?:\\[nrt]|\Z)|;\S|#\s*(?:define|undef|include|pragma|if|ifdef|ifndef|elif|else|endif)\b"
)
_BLANK = re.compile(rb"\\[nrt]|\s")
_WORD = re.compile(rb"[A-Za-z]{2,}[.,:;!?]*")
#: Words that stand in code more often than in a message.
_KEYWORDS = frozenset(
    b"auto bool char class const constexpr delete do double else enum explicit extern float for goto if inline int long"
    b" namespace new private protected public register return short signed sizeof static struct switch template throw"
    b" typedef typename union unsigned using virtual void volatile while".split()
)
#: How many words a text must have besides the name; a type and one word may be a declaration: `cudaError_t status`.
_WORDS = 1
_WORDS_BESIDE_TYPE = 3

_DEVICE = re.compile(rb"\b__(?:global|device)__\b")
_BRACE = re.compile(rb"[{};]")


def messages(
    data: bytes, view: bytes, literals: Sequence[Span], directives: Directives, matcher: Matcher, guards: Guards
) -> Iterator[Edit]:
    """The API names in messages of *data* whose new name has the same signature.

    Args:
        data: the file.
        view: its view.
        literals: the insides of its string literals.
        directives: its directives.
        matcher: answers for the target.
        guards: what is not CUDA code.
    """
    for start, end in literals:
        text = data[start:end]
        if b"cu" not in text and b"CU" not in text and b"nccl" not in text and b"NCCL" not in text:
            continue
        names = [found for found in _API_NAME.finditer(text) if _is_api(found[0], matcher)]
        words = _words(text, [found[0] for found in names]) if names else 0
        if not words or guards.skip(directives.condition(start)) or _in_device_code(view, start):
            continue
        for found in names:
            hit = matcher.lookup(found[0].decode())
            if hit is None or hit.rule.status != "rename" or hit.level == "inferred":
                continue
            enough = words >= (_WORDS_BESIDE_TYPE if hit.rule.kind == "type" else _WORDS)
            if enough and hit.rule.target.isidentifier():
                yield Edit(start + found.start(), start + found.end(), hit.rule.target.encode())


def _is_api(word: bytes, matcher: Matcher) -> bool:
    return word in matcher.inventory.words and matcher.inventory.is_strong(word)


def _words(text: bytes, names: list[bytes]) -> int:
    """How many words for people *text* holds besides *names*; 0 for code."""
    if _CODE.search(_FILLED_IN.sub(b"", text)):
        return 0
    words = [word.rstrip(b".,:;!?") for word in _BLANK.sub(b" ", text).split() if _WORD.fullmatch(word)]
    return sum(word not in names and word not in _KEYWORDS for word in words)


def _in_device_code(view: bytes, at: int) -> bool:
    """Whether *at* lies in the body of a function for the device, whose texts are part of what is compiled for it."""
    heads = [found.start() for found in _DEVICE.finditer(view, 0, at)]
    opening = _BRACE.search(view, heads[-1], at) if heads else None
    if opening is None or opening[0] != b"{":
        return False
    depth = 0
    for brace in _BRACE.finditer(view, opening.start(), at):
        depth += (brace[0] == b"{") - (brace[0] == b"}")
        if depth == 0:
            return False
    return True
