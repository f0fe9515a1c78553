"""The browser pages are shown in."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from browser import CHROMIUM, Browser


@pytest.fixture(scope="session")
def chromium():
    """One browser for all tests."""
    if not CHROMIUM:
        pytest.skip("needs chromium")
    browser = Browser()
    yield browser
    browser.close()


@pytest.fixture
def tab(chromium, tmp_path):
    """Opens pages in tabs of the browser: `tab(page, fragment, width=…, dark=…)`."""
    opened = []

    def show(page: str, fragment: str = "", **options: object):
        file = tmp_path / "page.html"
        file.write_text(page, encoding="utf-8")
        opened.append(chromium.page(**options))
        opened[-1].open(file, fragment)
        return opened[-1]

    yield show
    for page in opened:
        page.close()


@pytest.fixture
def dom(tab):
    """The document that the browser makes of a page, its script run, at an address with a fragment."""
    return lambda page, fragment="": tab(page, fragment).run("document.documentElement.outerHTML")


@pytest.fixture(scope="session")
def axe():
    """The script of axe-core: the file AXE_CORE names, or that of a global `npm install axe-core`."""
    named = os.environ.get("AXE_CORE", "")
    if not named and (npm := shutil.which("npm")):
        root = subprocess.run([npm, "root", "-g"], capture_output=True, text=True, check=False).stdout.strip()
        named = f"{root}/axe-core/axe.min.js"
    if not named or not Path(named).is_file():
        pytest.skip("needs axe-core (npm install axe-core; AXE_CORE names its axe.min.js)")
    return Path(named).read_text(encoding="utf-8")
