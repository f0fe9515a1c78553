"""The browser pages are shown in."""

from __future__ import annotations

import shutil
import subprocess

import pytest

CHROMIUM = next(
    (path for name in ("chromium", "chromium-browser", "google-chrome") if (path := shutil.which(name))), ""
)


@pytest.fixture
def dom(tmp_path):
    """The document Chromium makes of a page, its script run, at an address with a fragment."""
    if not CHROMIUM:
        pytest.skip("needs chromium")

    def show(page: str, fragment: str = "") -> str:
        file = tmp_path / "page.html"
        file.write_text(page, encoding="utf-8")
        command = [
            CHROMIUM, "--headless=new", "--no-sandbox", "--disable-gpu", f"--user-data-dir={tmp_path}/profile",
            "--virtual-time-budget=8000", "--dump-dom", f"file://{file}#{fragment}",
        ]  # fmt: skip
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
        assert "<html" in done.stdout, done.stderr[-400:]
        return done.stdout

    return show
