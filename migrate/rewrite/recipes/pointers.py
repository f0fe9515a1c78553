"""Allocations: CUDA's C++ functions take the address of any pointer, those of the stacks here that of a `void*`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from migrate.model import Edit
from migrate.rewrite.recipes import recipe

if TYPE_CHECKING:
    from migrate.model import Fix
    from migrate.rewrite.calls import Call

_CAST = re.compile(rb"\(\s*void\s*\*\s*\*\s*\)|(?:reinterpret|static)_cast\s*<\s*void\s*\*\s*\*\s*>")
#: What a cast can stand before without parentheses.
_PRIMARY = re.compile(rb"&?\s*\w+(?:\s*(?:\.|->|::)\s*\w+|\[[^\[\]]*\])*")
#: Flags of `cudaHostAlloc` that make the memory another one than pinned memory of the host.
_MAPPED = (b"cudaHostAllocMapped", b"CU_MEMHOSTALLOC_DEVICEMAP")


class Allocation(NamedTuple):
    """How a target writes an allocation."""

    name: str
    keep: int  # arguments of CUDA's call that stay
    total: int  # arguments the target's call has
    last: str = ""  # the last one, where CUDA's call does not give it


_ACL = Allocation("aclrtMalloc", 2, 3, "ACL_MEM_MALLOC_HUGE_FIRST")
_TOPS_HOST = Allocation("topsHostMalloc", 3, 3, "topsHostMallocDefault")

#: (target, CUDA name) → the target's call; its source is the rule's evidence.
_ALLOCATIONS = {
    ("cann", "cudaMalloc"): _ACL,
    ("cann", "cuMemAlloc"): _ACL,
    ("cann", "cudaMallocManaged"): Allocation("aclrtMemAllocManaged", 2, 3, "ACL_RT_MEM_ATTACH_GLOBAL"),
    ("cann", "cudaMallocHost"): Allocation("aclrtMallocHost", 2, 2),
    ("cann", "cudaHostAlloc"): Allocation("aclrtMallocHost", 2, 2),
    ("cann", "cuMemHostAlloc"): Allocation("aclrtMallocHost", 2, 2),
    ("cambricon", "cudaMalloc"): Allocation("cnrtMalloc", 2, 2),
    ("cambricon", "cudaMallocHost"): Allocation("cnrtHostMalloc", 2, 2),
    ("cambricon", "cudaHostAlloc"): Allocation("cnrtHostMalloc", 2, 2),
    ("xpu", "cudaMalloc"): Allocation("xpu_malloc", 2, 2),
    ("xpu", "cudaMallocHost"): Allocation("xpu_host_alloc", 2, 3, "0"),
    ("tops", "cudaMalloc"): Allocation("topsMalloc", 2, 2),
    ("tops", "cudaMallocHost"): _TOPS_HOST,
    ("tops", "cuMemAllocHost"): _TOPS_HOST,
    ("tops", "cudaHostAlloc"): _TOPS_HOST,
    ("tops", "cudaMallocAsync"): Allocation("topsMallocAsync", 3, 4, "0"),
}


def as_void(call: Call, number: int) -> tuple[Edit, ...]:
    """Edits that cast argument *number* to `void**`, none where it is cast already."""
    argument = call.argument(number)
    if _CAST.match(argument):
        return ()
    if _PRIMARY.fullmatch(argument):
        start = call.arguments[number - 1].start
        return (Edit(start, start, b"(void**)"),)
    return call.wrap(number, "(void**)(")


def allocate(call: Call) -> Fix | None:
    """`cudaMalloc(&p, n)` → `aclrtMalloc((void**)&p, n, ACL_MEM_MALLOC_HUGE_FIRST)`."""
    target = _ALLOCATIONS[call.target.name, call.use.shape.name]
    kept = min(target.keep, len(call.arguments))
    dropped = b" ".join(call.argument(number) for number in range(kept + 1, len(call.arguments) + 1))
    if not call.called or any(flag in dropped for flag in _MAPPED):
        return None
    added = f", {target.last}" if kept < target.total else ""
    tail = Edit(call.arguments[kept - 1].end, call.arguments[-1].end, added.encode())
    return call.fix(call.rename(target.name), *as_void(call, 1), *([tail] if added or dropped else ()))


for _target, _name in _ALLOCATIONS:
    recipe(_target, _name)(allocate)
