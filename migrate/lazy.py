"""Regular expressions compiled when first used: a hook that looks at one file must not pay for those it never needs."""

from __future__ import annotations

import re
from typing import Any, AnyStr, cast


class _Lazy:
    """Stands for a pattern until one of its methods is asked for."""

    def __init__(self, pattern: str | bytes, flags: int) -> None:
        self._source = (pattern, flags)

    def __getattr__(self, name: str) -> Any:
        compiled: re.Pattern[Any] = re.compile(*self._source)
        # The method is kept as an attribute of its own, so that later calls find it without coming here.
        value = getattr(compiled, name)
        self.__dict__[name] = value
        return value


def pattern(source: AnyStr, flags: int = 0) -> re.Pattern[AnyStr]:
    """What `re.compile` gives, compiled (once: re keeps it) at its first use; a wrong pattern fails only then."""
    return cast("re.Pattern[AnyStr]", _Lazy(source, flags))
