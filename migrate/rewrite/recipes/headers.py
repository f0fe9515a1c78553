"""Headers that the target's main header does not bring along."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from migrate.model import Fix
from migrate.parse.directives import Directives
from migrate.rewrite.includes import insertion
from migrate.rewrite.recipes import file_recipe
from migrate.tables import condition

if TYPE_CHECKING:
    from collections.abc import Iterator

    from migrate.rewrite.recipes import File

#: CUDA's names whose counterparts ACL declares beside its main header (`acl_rt_memory_soma.h`, from CANN 9.1 on).
_POOLS = re.compile(
    r"cudaFreeAsync|cudaMallocFromPoolAsync|cudaMemPool(?:_t|Attr\w+|Create|Destroy|[GS]etAttribute|Reuse\w+|TrimTo)"
    r"|cuMemPool(?:Create|Destroy|[GS]etAttribute|TrimTo)"
)
_HEADER = "acl/acl_rt_memory_soma.h"


@file_recipe("cann")
def pools(file: File) -> Iterator[Fix]:
    """The header of ACL's memory pools, where names it declares are written."""
    if condition.failing("sdk>=9.1.0", file.target.facts) or _HEADER.encode() in file.source:
        return
    if any(_POOLS.fullmatch(use.shape.name) for use in file.result.uses):
        yield Fix((insertion(file.source, file.view, Directives(file.view), _HEADER),), "safe")
