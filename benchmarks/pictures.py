"""The pictures of docs/images: both views of the report in both languages, made from samples/ by the Chromium on PATH.

    python benchmarks/pictures.py [FOLDER]

Run it after a change that can be seen; the pictures are 1440 px wide. With Pillow at hand they are stored with a
palette of 256 colours, a third of the size.
"""

from __future__ import annotations

import os
import sys
import tempfile
from contextlib import closing
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "report")]

from browser import Browser  # noqa: E402

from migrate.effort.run import basis  # noqa: E402
from migrate.pipeline import scan_paths  # noqa: E402
from migrate.report.html import render, view  # noqa: E402
from migrate.tables.rules import rules_dir  # noqa: E402
from migrate.targets import parse_targets  # noqa: E402

TARGETS = "musa,maca,supa,tops,cann"

#: Picture → address in the page, height in pixels.
PICTURES = {
    "report.png": ("lang=en", 1240),
    "report.zh.png": ("lang=zh", 1240),
    "engineer.png": ("lang=en&view=engineer&target=musa", 1240),
    "engineer.zh.png": ("lang=zh&view=engineer&target=musa", 1240),
}


def main() -> None:
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else ROOT / "docs" / "images").absolute()
    os.chdir(ROOT)
    targets = parse_targets(TARGETS, rules_dir())
    scan = scan_paths(["samples"], targets)
    seen = view.report([("samples", "", scan)], basis(names=tuple(target.name for target in targets)))
    with tempfile.TemporaryDirectory() as work, closing(Browser()) as browser:
        file = Path(work) / "report.html"
        file.write_text(render.render(seen), encoding="utf-8")
        for name, (fragment, height) in PICTURES.items():
            page = browser.page(height=height)
            page.open(file, fragment)
            if "engineer" in fragment:
                page.run("document.querySelector('.block.now .rule:not([hidden])').open = true")
                page.wait("document.querySelector('.block.now .rule[open] .places .code')")
            page.picture(folder / name, whole=False)
            page.close()
            shrink(folder / name)


def shrink(file: Path) -> None:
    """Stores a picture with a palette, where Pillow can."""
    try:
        from PIL import Image
    except ImportError:
        return
    picture = Image.open(file).convert("RGB")
    # The most frequent colours as they are: a palette by areas would bend those of the small marks.
    frequent = sorted(picture.getcolors(1 << 24) or (), reverse=True)[:256]
    palette = Image.new("P", (1, 1))
    palette.putpalette([part for _, colour in frequent for part in colour])
    picture.quantize(palette=palette, dither=Image.Dither.NONE).save(file, optimize=True)


if __name__ == "__main__":
    main()
