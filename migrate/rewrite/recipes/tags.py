"""`enum cudaError e`, `struct cudaDeviceProp p`: tags of CUDA's, where the target has a name for the type only."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from migrate.model import Edit
from migrate.rewrite.recipes import recipe

if TYPE_CHECKING:
    from migrate.model import Fix
    from migrate.rewrite.calls import Call

_KEYWORD = re.compile(rb"\b(?:enum|struct)\s+\Z")

#: (target, tag) → the target's type; its source is the rule's evidence.
_TYPES = {
    ("cambricon", "cudaDeviceProp"): "cnrtDeviceProp_t",
    ("cambricon", "cudaError"): "cnrtRet_t",
    ("cambricon", "cudaPointerAttributes"): "cnrtPointerAttributes_t",
    ("cann", "cudaError"): "aclError",
    ("maca", "cudaError"): "mcError_t",
    ("maca", "cudaDeviceProp"): "mcDeviceProp_t",
    ("maca", "cudaPointerAttributes"): "mcPointerAttribute_t",
    ("tops", "cudaDeviceProp"): "topsDeviceProp_t",
    ("tops", "cudaPointerAttributes"): "topsPointerAttribute_t",
}


def untagged(call: Call) -> Fix | None:
    """The type's name, without the keyword before it."""
    keyword = _KEYWORD.search(call.view, max(0, call.name.start - 40), call.name.start)
    start = keyword.start() if keyword else call.name.start
    return call.fix(Edit(start, call.name.end, _TYPES[call.target.name, call.use.shape.name].encode()))


for _target, _name in _TYPES:
    recipe(_target, _name)(untagged)
