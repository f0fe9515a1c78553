"""Kernel launches as calls: `k<<<g, b>>>(a)` → `hipLaunchKernelGGL(k, dim3(g), dim3(b), 0, 0, a)`.

The target's call keeps every argument where it stood, so names inside them are renamed in the same round.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from migrate.model import Edit, Fix
from migrate.parse.words import close_angle, occurrences

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from migrate.model import Launch

#: The macro that launches a kernel given as an ordinary argument, by target; others keep `<<<…>>>`.
FUNCTIONS = {"dtk": "hipLaunchKernelGGL"}

_DIM3 = re.compile(rb"dim3\s*[({]")
_TEMPLATE = re.compile(rb"\btemplate\s*<")
_CALLED = re.compile(rb"([A-Za-z_]\w*)\s*\(")
_HEAD_END = re.compile(rb"[;{}]")
#: A macro whose value names a kernel with its template arguments.
_NAMED = re.compile(rb"#[ \t]*define[ \t]+(\w+)[ \t]+\w+[ \t]*<[^<>\n]*>[ \t]*(?:\r?\n|\Z)")
#: How far a kernel's head may reach, in bytes.
_REACH = 1000


def by_start(view: bytes) -> dict[int, Launch]:
    """The launches of *view* by the start of their use."""
    from migrate.parse.launches import find_launches

    return {
        launch.name.start if launch.name.start < launch.name.end else launch.chevrons.start: launch
        for launch in find_launches(view)
    }


def template_kernels(view: bytes) -> frozenset[bytes]:
    """Names of the kernels that *view* declares as templates, and of macros that stand for one with its arguments."""
    names = {found[1] for found in _NAMED.finditer(view)}
    for found in _TEMPLATE.finditer(view) if b"__global__" in view else ():
        end = close_angle(view, found.end() - 1, _REACH)
        if end < 0:
            continue
        stop = _HEAD_END.search(view, end, end + _REACH)
        head = view[end : stop.start() if stop else end + _REACH]
        if b"__global__" in head:
            # `__launch_bounds__(256)` and attribute macros come before the kernel's own parentheses.
            called = (match[1] for match in _CALLED.finditer(head))
            name = next((word for word in called if not word.startswith(b"__") and not word.isupper()), None)
            if name is not None:
                names.add(name)
    return frozenset(names)


def as_call(view: bytes, launch: Launch, function: str, templates: frozenset[bytes] = frozenset()) -> Fix | None:
    """The fix that writes *launch* as a call of *function*; None for a launch without kernel or arguments.

    Args:
        view: the file's view.
        launch: as `find_launches` gives it.
        function: a macro that takes kernel, grid, block, shared bytes, stream and the kernel's arguments.
        templates: kernels that are templates, so that their name is marked as such even without template arguments.
    """
    callee, chevrons, arguments = launch.callee, launch.chevrons, launch.arguments
    configuration = launch.configuration
    opening = view.find(b"(", chevrons.end)
    if callee.start == callee.end or opening < 0 or view[chevrons.end : opening].strip(b" \t\r\n\\"):
        return None
    if not 2 <= len(configuration) <= 4 or any(span.start == span.end for span in configuration):
        return None
    edits: list[Edit] = []
    templated = _is_template(view, launch, templates)
    name = function.encode()
    edits.append(Edit(callee.start, callee.start, name + (b"(HIP_KERNEL_NAME(" if templated else b"(")))
    grid, block = configuration[:2]
    wraps = [not _is_dim3(view, span.start, span.end) for span in (grid, block)]
    edits.append(Edit(callee.end, grid.start, (b")" if templated else b"") + b", " + (b"dim3(" if wraps[0] else b"")))
    edits.append(Edit(grid.end, block.start, (b")" if wraps[0] else b"") + b", " + (b"dim3(" if wraps[1] else b"")))
    last = block.end
    closing = b")" if wraps[1] else b""
    for span in configuration[2:]:
        edits.append(Edit(last, span.start, closing + b", "))
        last, closing = span.end, b""
    rest = b", 0" * (4 - len(configuration))
    empty = arguments.start == arguments.end
    until = view.find(b")", opening) if empty else arguments.start
    edits.append(Edit(last, until, closing + rest + (b"" if empty else b", ")))
    return Fix(tuple(edits), "safe")


def through_macros(view: bytes, found: Iterable[Launch], function: str, templates: frozenset[bytes]) -> Iterator[Fix]:
    """Launches whose head is a macro without parameters: `#define RUN kernel<<<1, n>>>` and then `RUN(a, b)`.

    A call has no such head, so it is written out where the macro stands; the macro itself stays.

    Args:
        view: the file's view.
        found: the launches of the file.
        function: as `as_call` takes it.
        templates: as `as_call` takes them.
    """
    for launch in found:
        line = view.rfind(b"\n", 0, launch.callee.start) + 1
        macro = _HEAD_MACRO.fullmatch(view, line, launch.callee.start)
        rest = _LINE_REST.match(view, launch.chevrons.end)
        if macro is None or rest is None or not 2 <= len(launch.configuration) <= 4:
            continue
        head = _head(view, launch, function, templates)
        for start in occurrences(view, macro[1]):
            arguments = _ARGUMENTS.match(view, start + len(macro[1]))
            if arguments is not None:
                text = head + (b"" if arguments[1] else b", ")
                yield Fix((Edit(start, arguments.start(1) if arguments[1] else arguments.end(), text),), "safe")


_HEAD_MACRO = re.compile(rb"[ \t]*#[ \t]*define[ \t]+(\w+)[ \t]+")
_LINE_REST = re.compile(rb"[ \t]*(?:\r?\n|\Z)")
_ARGUMENTS = re.compile(rb"\s*\(\s*(\)?)")


def _head(view: bytes, launch: Launch, function: str, templates: frozenset[bytes]) -> bytes:
    """The beginning of the call that *launch* becomes, up to its kernel's arguments."""
    name = view[launch.callee.start : launch.callee.end]
    if _is_template(view, launch, templates):
        name = b"HIP_KERNEL_NAME(" + name + b")"
    parts = [view[start:end] for start, end in launch.configuration]
    dims = [
        part if _is_dim3(view, start, end) else b"dim3(" + part + b")"
        for part, (start, end) in zip(parts[:2], launch.configuration, strict=False)
    ]
    rest = [*parts[2:], b"0", b"0"][:2]
    return b", ".join([function.encode() + b"(" + name, *dims, *rest])


def _is_template(view: bytes, launch: Launch, templates: frozenset[bytes]) -> bool:
    """Whether the kernel's name must be marked: a comma inside template arguments would cut the macro's argument."""
    last = view[launch.name.start : launch.name.end].rpartition(b"::")[2].strip()
    return b"<" in view[launch.callee.start : launch.callee.end] or last in templates


def _is_dim3(view: bytes, start: int, end: int) -> bool:
    """Whether an argument is one `dim3(…)` already."""
    found = _DIM3.match(view, start, end)
    if found is None:
        return False
    depth = 0
    for position in range(found.end() - 1, end):
        byte = view[position]
        if byte in b"([{":
            depth += 1
        elif byte in b")]}":
            depth -= 1
            if depth == 0:
                return position == end - 1
    return False
