"""Kernels where the target's are written anew: the CUDA text is kept aside, the host gets a launch function to call.

A stack without CUDA's threads has no mechanical form of a kernel, but the host code around it compiles once two things
are done. Device code stays in the file as the reference for whoever writes the kernel, under `#ifdef
MIGRATE_CUDA_KERNELS`, which nobody defines; nothing in it is changed, and it is reported as before. Each kernel's
launch function is declared as the target's kernel build generates it, so a launch becomes a call, and linking fails
until the kernel is there.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from typing import TYPE_CHECKING

from migrate.model import Edit, Fix, Note, Span
from migrate.parse.words import occurrences
from migrate.rewrite.calls import split_arguments
from migrate.rewrite.device_code import KEPT, Device, between, devices

if TYPE_CHECKING:
    from collections.abc import Iterator

    from migrate.manifest import Manifest
    from migrate.model import Launch, Target
    from migrate.parse.directives import Directives

#: Target → how its launch function is called, before the kernel's name. CANN's kernel build writes
#: `extern "C" uint32_t aclrtlaunch_add(uint32_t blockDim, aclrtStream stream, void* x, …, int n)` into a header.
PREFIXES = {"cann": "aclrtlaunch_"}
_HEAD = "uint32_t {name}(uint32_t blocks, aclrtStream stream{parameters});"

_DEVICE = Note(
    "only kernels use this code, and they take it along when they are written in Ascend C",
    "只有核函数使用这段代码，并在用 Ascend C 编写时一并移走",
)
_KERNEL = Note(
    "the kernel gets written in Ascend C with the same name and parameters, and its build provides the launch function",
    "该核函数将用 Ascend C 以相同的名称与参数编写，其构建会提供启动函数",
)
_SHARED = Note(
    "kernels do not use this function, or have their own in Ascend C",
    "核函数不使用该函数，或在 Ascend C 中另有一份",
)
_LAUNCH = Note(
    "the kernel written in Ascend C runs on as many cores as the CUDA grid has blocks, and needs no block size",
    "用 Ascend C 编写的核函数所用的核数等于 CUDA 网格的块数，且不需要线程块大小",
)

#: The header of kernels in Ascend C: a file that has it is ported, or a port that somebody is at.
_WRITTEN = b"kernel_operator.h"
_LAST_WORD = re.compile(rb"([A-Za-z_]\w*)\s*(\Z)")
_POINTER = re.compile(
    rb"(?P<type>[\w:\s<>,]*?)\*[\s*]*(?:(?:const|volatile|__restrict__|__restrict|restrict)\b\s*)*(?P<name>\w*)\s*"
    rb"(?P<rest>=.*)?",
    re.DOTALL,
)
_READ_ONLY = re.compile(rb"\b(?:const|volatile)\b")
_SPACES = re.compile(rb"(?:\s|\\\r?\n)+")
_NOTHING = (b"", b"0", b"NULL", b"nullptr")
_DIM3 = re.compile(rb"dim3\s*([({])")


def prefix(target: Target, manifest: Manifest) -> str:
    """How launch functions are called before the kernel's name; "" where *target* runs CUDA's threads."""
    chip = manifest.chips.get(target.facts.get("chip", ""))
    return PREFIXES.get(target.name, "") if chip is not None and chip.model == "simd" else ""


class Kernels:
    """The device code of one file, and what becomes of it and of launches."""

    def __init__(self, source: bytes, view: bytes, directives: Directives, prefix: str) -> None:
        """Args.

        Args:
            source: the file's bytes.
            view: as long as the source; comments and insides of literals are blank.
            directives: of the view.
            prefix: as `PREFIXES` gives it.
        """
        self._source, self._view, self._directives, self._prefix = source, view, directives, prefix
        self._devices = [] if _WRITTEN in source else list(devices(view, directives))
        self._kernels: dict[bytes, list[Device]] = {}
        for device in self._devices:
            if device.kernel and not self._parted(*device.parameters):
                self._kernels.setdefault(device.name, []).append(device)
        self._apart = [device for device in self._devices if not device.shared and not device.kept]
        self._starts = [device.start for device in self._apart]

    def keeps(self, offset: int) -> bool:
        """Whether *offset* lies in device code, which stays as it is."""
        index = bisect_right(self._starts, offset) - 1
        return index >= 0 and offset < self._apart[index].end

    def fixes(self) -> Iterator[Fix]:
        """Device code put aside with its launch functions declared, and functions for both sides left to the host."""
        for group in self._groups():
            start, end = self._lines(group[0].start, group[-1].end)
            newline = "\r\n" if b"\r\n" in self._source[:4096] else "\n"
            entries = [self._entry(device) for device in group if device in self._kernels.get(device.name, ())]
            lines = list(dict.fromkeys(entry for entry in entries if entry))
            before = ("" if self._begins_line(start) else newline) + f"#ifdef {KEPT}{newline}"
            after = newline.join(([f"#else{newline}" + newline.join(lines)] if lines else []) + ["#endif"]) + newline
            if end and self._source[end - 1 : end] != b"\n":
                after = newline + after
            edits = (Edit(start, start, before.encode()), Edit(end, end, after.encode("utf-8", "surrogateescape")))
            yield Fix(edits, "unsafe", _KERNEL if lines else _DEVICE)
        for device in self._devices:
            if device.shared and device.qualifiers:
                words = tuple(Edit(start, self._past_blanks(end), b"") for start, end in device.qualifiers)
                yield Fix(words, "unsafe", _SHARED)

    def call(self, launch: Launch) -> Fix | None:
        """`k<<<g, b, n, s>>>(a)` → `aclrtlaunch_k(g, s, a)`; None for what is not seen to launch a kernel by its name.

        What a target without threads has no argument for is said in a comment.
        """
        view = self._view
        opening = view.find(b"(", launch.chevrons.end)
        if not 2 <= len(launch.configuration) <= 4 or any(start == end for start, end in launch.configuration):
            return None
        if (
            opening < 0
            or view[launch.chevrons.end : opening].strip(b" \t\r\n\\")
            or launch.name.start == launch.name.end
        ):
            return None
        last = _LAST_WORD.search(view, launch.name.start, launch.name.end)
        if last is None or self._parted(launch.callee.start, max(opening, launch.arguments.end)):
            return None
        directive = self._directives.at(launch.chevrons.start)
        pasted = directive is not None and last[1] in directive.parameters
        if not pasted and not self._is_kernel(last[1]):
            return None
        grid, block, *rest = launch.configuration
        count = self._count(grid)
        name = (self._prefix + ("##" if pasted else "")).encode()
        edits = [Edit(last.start(), last.start(), name), Edit(launch.callee.end, grid.start, b"(")]
        if count is not None:
            edits.append(Edit(grid.start, grid.end, count))
        shared = self._said(rest[0]) if rest else b""
        remark = b" /* blocks of " + self._said(block)
        remark += b", " + shared + b" bytes of shared memory */" if shared not in _NOTHING else b" */"
        close = view.find(b")", opening) if launch.arguments.start == launch.arguments.end else launch.arguments.start
        comma = b"" if launch.arguments.start == launch.arguments.end else b", "
        stream = rest[1] if len(rest) > 1 else None
        if stream is None or view[stream.start : stream.end] in _NOTHING:
            edits.append(Edit(grid.end, close, remark + b", nullptr" + comma))
        else:
            edits += [Edit(grid.end, stream.start, remark + b", "), Edit(stream.end, close, comma)]
        return Fix((*edits, *self._casts(last[1], launch.arguments)), "unsafe", _LAUNCH)

    def _parted(self, start: int, end: int) -> bool:
        """Whether a directive begins in the range, so that it cannot be written as one line."""
        return any(True for _ in between(self._directives.all, start, end))

    # ---- launches

    def _is_kernel(self, name: bytes) -> bool:
        """Whether the file declares a kernel of this name, or never names it but to launch it: then a header does."""
        if name in self._kernels:
            return True
        launched = re.compile(name + rb"(?:\s*<[^<>;{}]*>)?(?:\s|\\\r?\n)*<<<")
        return all(launched.match(self._view, start) for start in occurrences(self._view, name))

    def _count(self, grid: Span) -> bytes | None:
        """The number of blocks where the grid is a `dim3`; None for a plain number."""
        view = self._view
        text = view[grid.start : grid.end]
        found = _DIM3.match(text)
        if found is not None:
            sides = split_arguments(view, grid.start + found.end(), grid.end - 1)
            parts = [self._source[start:end] for start, end in sides]
            return b" * ".join(b"(" + part + b")" if len(parts) > 1 else part for part in parts) or b"1"
        if re.fullmatch(rb"[A-Za-z_]\w*", text) and re.search(
            rb"\bdim3\b[^;()]*?(?:\([^;]*\),\s*)?\b" + text + rb"\b", view
        ):
            return text + b".x * " + text + b".y * " + text + b".z"
        return None

    def _casts(self, name: bytes, arguments: Span) -> list[Edit]:
        """Casts of arguments that point to constant data: the generated function takes `void*`."""
        devices = self._kernels.get(name, [])
        if not devices or not self._is_plain(devices[0]):
            return []
        parameters = [self._view[start:end] for start, end in split_arguments(self._view, *devices[0].parameters)]
        edits: list[Edit] = []
        for (start, end), parameter in zip(split_arguments(self._view, *arguments), parameters, strict=False):
            pointer = _POINTER.fullmatch(parameter)
            if pointer is not None and _READ_ONLY.search(pointer["type"]):
                primary = re.fullmatch(rb"&?[\w.]+(?:\[\w+\])?", self._view[start:end])
                edits.append(Edit(start, start, b"(void*)" if primary else b"(void*)("))
                edits += [] if primary else [Edit(end, end, b")")]
        return edits

    def _said(self, span: Span) -> bytes:
        """An argument in one line, for a comment."""
        return _SPACES.sub(b" ", self._view[span.start : span.end])

    # ---- declarations

    def _is_plain(self, device: Device) -> bool:
        """Whether the kernel has one signature that a C function can have."""

        def types(other: Device) -> bytes:
            return _SPACES.sub(b"", self._view[other.parameters.start : other.parameters.end])

        return (
            device.template.start == device.template.end
            and len({len(split_arguments(self._view, *other.parameters)) for other in self._kernels[device.name]}) == 1
            and b"&" not in types(device)
            and b"(" not in types(device)
        )

    def _entry(self, device: Device) -> str:
        """The declaration of a kernel's launch function."""
        view, source = self._view, self._source
        spans = split_arguments(view, *device.parameters)
        texts = [_SPACES.sub(b" ", view[start:end].replace(b"__grid_constant__", b"")).strip() for start, end in spans]
        head = ""
        if self._is_plain(device):
            head = 'extern "C" '
            texts = [_as_void(text) for text in texts]
        elif device.template.start < device.template.end:
            head = (
                _SPACES.sub(b" ", source[device.template.start : device.template.end]).decode(
                    "utf-8", "surrogateescape"
                )
                + " "
            )
        parameters = "".join(", " + text.decode("utf-8", "surrogateescape") for text in texts)
        return head + _HEAD.format(
            name=self._prefix + device.name.decode("utf-8", "surrogateescape"), parameters=parameters
        )

    # ---- places

    def _groups(self) -> Iterator[list[Device]]:
        """Runs of device code with nothing but comments between."""
        group: list[Device] = []
        for device in self._apart:
            if group and self._view[group[-1].end : device.start].strip():
                yield group
                group = []
            group.append(device)
        if group:
            yield group

    def _lines(self, start: int, end: int) -> tuple[int, int]:
        """The range with the blanks before it and the remark behind it, where it has its lines to itself."""
        line = max(self._source.rfind(b"\n", 0, start) + 1, 3 if self._source.startswith(b"\xef\xbb\xbf") else 0)
        if not self._view[line:start].strip() and not self._source[line:start].strip():
            start = line
        stop = self._source.find(b"\n", end)
        stop = len(self._source) if stop < 0 else stop + 1
        comment = self._source[end:stop]
        whole = not self._view[end:stop].strip() and comment.count(b"/*") == comment.count(b"*/")
        return start, stop if whole else end

    def _begins_line(self, start: int) -> bool:
        return (
            start == 0
            or self._source[start - 1 : start] == b"\n"
            or (start == 3 and self._source[:3] == b"\xef\xbb\xbf")
        )

    def _past_blanks(self, end: int) -> int:
        found = re.compile(rb"[ \t]*").match(self._view, end)
        return found.end() if found else end


def _as_void(parameter: bytes) -> bytes:
    """A parameter as the generated function has it: pointers lose their type."""
    found = _POINTER.fullmatch(parameter)
    if found is None:
        return parameter
    return (
        b"void*" + (b" " + found["name"] if found["name"] else b"") + (b" " + found["rest"] if found["rest"] else b"")
    )
