"""`enum cudaError e`: the tag of CUDA's enumeration, where the target has a name for the type only."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from migrate.model import Edit
from migrate.rewrite.recipes import recipe

if TYPE_CHECKING:
    from migrate.model import Fix
    from migrate.rewrite.calls import Call

_ENUM = re.compile(rb"\benum\s+\Z")
_TYPES = {"cann": "aclError", "cambricon": "cnrtRet_t"}


@recipe("cann", "cudaError")
@recipe("cambricon", "cudaError")
def error(call: Call) -> Fix | None:
    """The type's name, without the keyword before it."""
    keyword = _ENUM.search(call.view, max(0, call.name.start - 40), call.name.start)
    start = keyword.start() if keyword else call.name.start
    return call.fix(Edit(start, call.name.end, _TYPES[call.target.name].encode()))
