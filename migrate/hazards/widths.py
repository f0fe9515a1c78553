"""What the three warp hazards share: which chips have warps of another size than CUDA's, and how to say it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from migrate.hazards.facts import Verdict, named, sources
from migrate.model import Note

if TYPE_CHECKING:
    from migrate.hazards.facts import Facts

#: Lanes of a warp in CUDA, on every architecture: NVIDIA's programming guide, "SIMT architecture".
CUDA_WARP = 32


def where_not_cuda(facts: Facts, template: Note) -> Verdict | None:
    """*template* filled in (`{lanes}`, `{chips}`) for the chips whose warp is not CUDA's; None without one."""
    others = [chip for chip in facts.chips if chip.warp not in (0, CUDA_WARP)]
    if not others:
        return None
    lanes = "/".join(dict.fromkeys(str(chip.warp) for chip in others))
    same = [chip for chip in facts.chips if chip.warp == CUDA_WARP]
    chips_en = named(others) + (f"; {named(same)} has {CUDA_WARP}" if same else "")
    chips_zh = named(others) + (f"；{named(same)} 为 {CUDA_WARP}" if same else "")
    note = Note(template.en.format(lanes=lanes, chips=chips_en), template.zh.format(lanes=lanes, chips=chips_zh))
    return Verdict(note, sources(others))
