"""Waiting before a blocking copy: CUDA's waits for the device, ACL's for nothing ."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from migrate.model import Edit

if TYPE_CHECKING:
    from migrate.rewrite.calls import Call

_RUNS = re.compile(rb"<<<|Async\w*\s*\(|\b(?:cu|cuda|aclrt)Launch\w*\s*\(|\baclrtlaunch_[\w#]*\s*[(<]")
_WAITS = re.compile(rb"Synchronize\w*\s*\(|\bcudaMem(?:cpy|set)(?:2D)?\s*\(")
#: Beginnings of statements before which no statement can be put.
_BOUND = re.compile(rb"(?:else|case|default|do)\b|[A-Za-z_]\w*\s*:(?!:)|#")
#: What a function's head ends with, before its brace.
_HEAD_END = re.compile(rb"\)\s*(?:(?:const|noexcept|override|final|mutable|try|&&?)\s*)*(?:->[^(){};]*)?\Z")
_BRACE = re.compile(rb"[{}]")
_WRAPPER = re.compile(rb"([A-Za-z_]\w*)\s*\(\s*")
#: How far back something that runs on the device is looked for, in bytes.
_REACH = 20000
_NAME = "aclrtSynchronizeDevice()"


def wait(call: Call) -> tuple[Edit, ...]:
    """Edits that wait for the device before *call*, none where nothing is seen to run.

    Looked at is the text between the function's beginning and the call. The wait is a statement of its own, checked by
    the macro that checks the call; in a macro and behind `else` or a label it is part of the expression.
    """
    start, view = call.span.start, call.view
    floor = max(view.rfind(b"\n}", 0, start), start - _REACH, 0)
    runs = max((found.end() for found in _RUNS.finditer(view, floor, start)), default=-1)
    if runs < 0 or _WAITS.search(view, runs, start):
        return ()
    if not call.use.shape.define and not _in_function(view, floor, start) and not _in_function(view, 0, start):
        return ()
    statement = call.statement
    head = view[statement.start : start]
    if call.use.shape.define or statement == call.span or _BOUND.match(head):
        return (Edit(start, start, f"({_NAME}, ".encode()), Edit(call.span.end, call.span.end, b")"))
    wrapper = _WRAPPER.fullmatch(head)
    tail = view[call.span.end : statement.end].strip()
    text = f"{wrapper[1].decode()}({_NAME});" if wrapper and tail == b");" and wrapper[1] != b"return" else f"{_NAME};"
    return (call.before(text),)


def _in_function(view: bytes, floor: int, at: int) -> bool:
    """Whether one of the braces between *floor* and *at* that are still open there follows a function's head.

    An initializer at file level has none; a statement cannot stand before it.
    """
    heads: list[bool] = []
    for brace in _BRACE.finditer(view, floor, at):
        if brace[0] == b"{":
            heads.append(_HEAD_END.search(view, max(0, brace.start() - 200), brace.start()) is not None)
        elif heads:
            heads.pop()
    return any(heads)
