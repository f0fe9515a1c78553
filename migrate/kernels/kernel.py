"""One kernel as a value: profile, operation and flags, written in one word so that it can travel as a use's owner."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from migrate.kernels.features import features
from migrate.kernels.profiles import profile_of

if TYPE_CHECKING:
    from migrate.kernels.features import Features

#: Statements above which a body is no short formula, and those above which it is a long one.
_SHORT = 15
_LONG = 60


class Kernel(NamedTuple):
    """What is known of a kernel whatever the target.

    Flags: the signs of `features`, and "table" or "ragged" (indices or row offsets are data), "math", "loops",
    "medium" and "long" (statements), "early" (a loop that data end), "packed", "quant", "backward", and "name" and
    "body" for what the profile rests on.
    """

    profile: str
    operation: str  # "" when not known
    flags: frozenset[str]

    def encoded(self) -> str:
        """The value as one word, `decoded` makes it again."""
        return "+".join((f"{self.profile}:{self.operation}" if self.operation else self.profile, *sorted(self.flags)))


def decoded(word: str) -> Kernel:
    """The kernel that *word* stands for."""
    head, *flags = word.split("+")
    profile, _, operation = head.partition(":")
    return Kernel(profile, operation, frozenset(flags))


def describe(name: str, body: bytes, helpers: bytes = b"") -> Kernel:
    """The kernel *name* with *body*, a view; *helpers* are the bodies of the device functions it calls."""
    found = features(body, helpers)
    told = profile_of(name, found)
    flags = set(found.signs)
    flags |= {"name", "body"} if told.basis == "both" else {told.basis}
    flags |= {word for word, holds in _flags(found) if holds}
    flags |= {
        word
        for word, holds in (("packed", told.packed), ("quant", told.quantises), ("backward", told.backward))
        if holds
    }
    return Kernel(told.profile, told.operation, frozenset(flags))


def _flags(found: Features) -> tuple[tuple[str, bool], ...]:
    return (
        (found.indirect or "table", bool(found.indirect)),
        ("math", bool(found.math)),
        ("loops", found.depth > 0),
        ("medium", found.statements > _SHORT),
        ("long", found.statements > _LONG),
        ("early", found.leaves_early),
    )
