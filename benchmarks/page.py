"""The report page in a real browser: size, time to the first screen, answer of a filter, requests, complaints.

    python benchmarks/page.py SCAN.json… [--root DIR] [--runs 5] [--keep DIR]

Each scan becomes one page, opened from file:// in the Chromium on PATH, both views, both languages. `first screen` is
the browser's first contentful paint, `ready` the time until the script has loaded every place and filtered once,
`filter` the median answer of a filter over all places of the target with most. Limits:
4 MB, 2 s, 100 ms, no request, no complaint; a page over one of them ends the run with exit code 1.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "report")]

from browser import Browser  # noqa: E402

from migrate.effort.run import basis  # noqa: E402
from migrate.report.html import render, view  # noqa: E402
from migrate.scanfile import load  # noqa: E402

#: Bytes, milliseconds to the first screen, milliseconds of a filter.
SIZE, SCREEN, FILTER = 4_000_000, 2_000, 100

FIRST = "performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? 0"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("scans", nargs="+")
    parser.add_argument("--root", default="", help="folder the paths of the scans are relative to")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--keep", default="", help="folder to keep the pages in")
    options = parser.parse_args()
    folder = Path(options.keep or tempfile.mkdtemp())
    folder.mkdir(parents=True, exist_ok=True)
    bad = 0
    print(
        f"{'page':16}{'files':>7}{'places':>9}{'MB':>7}{'made s':>8}{'screen ms':>11}{'ready ms':>10}{'filter ms':>11}"
    )
    with closing(Browser()) as browser:
        for name in options.scans:
            file, files, places, seconds = made(Path(name), options.root, folder)
            size = file.stat().st_size
            screen, ready, filtered, complaints = shown(browser, file, options.runs)
            print(
                f"{file.stem:16}{files:7,}{places:9,}{size / 1e6:7.2f}{seconds:8.1f}{screen:11.0f}{ready:10.0f}"
                f"{filtered:11.1f}"
            )
            for complaint in complaints:
                print(f"  {complaint}")
            bad += size >= SIZE or screen >= SCREEN or filtered >= FILTER or bool(complaints)
    return 1 if bad else 0


def made(scan_file: Path, root: str, folder: Path) -> tuple[Path, int, int, float]:
    """Writes the page of a scan: its file, files with CUDA, places of the target with most, seconds of CPU."""
    scan = load(str(scan_file))
    start = time.process_time()
    seen = view.report([(scan_file.stem, "", scan)], basis(names=tuple(target.name for target in scan.targets)))
    page = render.render(seen, root=root)
    seconds = time.process_time() - start
    file = folder / f"{scan_file.stem}.html"
    file.write_text(page, encoding="utf-8")
    project = seen.projects[0]
    return file, sum(1 for item in project.scan.files if item.uses), project.uses, seconds


def shown(browser: Browser, file: Path, runs: int) -> tuple[float, float, float, list[str]]:
    """Medians of first screen, ready and filter in milliseconds, and every complaint of both views and languages."""
    screens: list[float] = []
    ready: list[float] = []
    filters: list[float] = []
    complaints: list[str] = []
    for number in range(runs):
        for view_name in ("manager", "engineer"):
            page = browser.page()
            page.open(file, f"lang={'en' if number % 2 else 'zh'}&view={view_name}&off=")
            screens.append(page.run(FIRST))
            if view_name == "engineer":
                ready.append(page.run("migrateReport.ready"))
                filters += page.run("Array.from({length: 15}, () => migrateReport.filter())")
            complaints += page.complaints()
            page.close()
    return statistics.median(screens), statistics.median(ready), statistics.median(filters), complaints


if __name__ == "__main__":
    sys.exit(main())
