"""Chromium driven over its debugging pipe, so that no package is needed: open a page, press keys, measure, print."""

from __future__ import annotations

import base64
import json
import os
import select
import shutil
import subprocess
import tempfile
import time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

CHROMIUM = next(
    (path for name in ("chromium", "chromium-browser", "google-chrome") if (path := shutil.which(name))), ""
)

#: Keys that tests press: name → code of the key and text it makes.
KEYS = {"Tab": (9, ""), "Enter": (13, "\r"), "Space": (32, " "), "ArrowRight": (39, ""), "ArrowDown": (40, "")}


class Browser:
    """One Chromium with a profile of its own, for `contextlib.closing`."""

    def __init__(self, *arguments: str) -> None:
        self._profile = tempfile.mkdtemp()
        command = [
            CHROMIUM, "--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--no-first-run",
            "--disable-background-networking", "--disable-component-update", "--remote-debugging-pipe",
            f"--user-data-dir={self._profile}", *arguments,
        ]  # fmt: skip
        theirs_in, self._write = os.pipe()
        self._read, theirs_out = os.pipe()
        # Chromium reads file descriptor 3 and writes 4; the shell puts ours there.
        shell = f'exec "$@" 3<&{theirs_in} 4>&{theirs_out}'
        self._process = subprocess.Popen(
            ["bash", "-c", shell, "chromium", *command],
            pass_fds=(theirs_in, theirs_out),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(theirs_in)
        os.close(theirs_out)
        self._buffer = b""
        self._number = 0
        self.events: list[dict] = []

    def close(self) -> None:
        """Ends the browser and drops its profile."""
        try:
            self.call("Browser.close")
        except (OSError, TimeoutError, RuntimeError):
            self._process.kill()
        self._process.wait(timeout=20)
        os.close(self._write)
        os.close(self._read)
        shutil.rmtree(self._profile, ignore_errors=True)

    def call(self, method: str, session: str = "", *, seconds: float = 60, **parameters: object) -> dict:
        """The answer to one command; events that come before it are kept."""
        self._number += 1
        number = self._number
        message = {"id": number, "method": method, "params": parameters} | ({"sessionId": session} if session else {})
        self._send(json.dumps(message).encode() + b"\0")
        end = time.monotonic() + seconds
        while True:
            answer = self._next(end)
            if answer.get("id") == number:
                if "error" in answer:
                    raise RuntimeError(f"{method}: {answer['error'].get('message')}")
                return answer["result"]
            if "method" in answer:
                self.events.append(answer)

    def _send(self, data: bytes) -> None:
        while data:
            data = data[os.write(self._write, data) :]

    def _next(self, end: float) -> dict:
        while b"\0" not in self._buffer:
            ready, _, _ = select.select([self._read], [], [], max(0.0, end - time.monotonic()))
            if not ready:
                raise TimeoutError("the browser does not answer")
            part = os.read(self._read, 1 << 20)
            if not part:
                raise OSError("the browser has gone")
            self._buffer += part
        message, _, self._buffer = self._buffer.partition(b"\0")
        return json.loads(message)

    def page(self, width: int = 1440, height: int = 900, *, dark: bool = False, bypass: bool = False) -> Page:
        """A new tab; *bypass* lets scripts in that the page's policy forbids, as the checks of accessibility need."""
        return Page(self, width, height, dark=dark, bypass=bypass)


class Page:
    """One tab."""

    def __init__(self, browser: Browser, width: int, height: int, *, dark: bool, bypass: bool) -> None:
        self._browser = browser
        target = browser.call("Target.createTarget", url="about:blank")["targetId"]
        self._target = target
        self._session = browser.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(f"{domain}.enable")
        if bypass:
            self.call("Page.setBypassCSP", enabled=True)
        # A tab behind others draws no frames and gets no keys.
        self.call("Page.bringToFront")
        self.call("Emulation.setFocusEmulationEnabled", enabled=True)
        self.dark = dark
        self.media("screen")
        self.size(width, height)

    def call(self, method: str, **parameters: object) -> dict:
        """One command to this tab."""
        return self._browser.call(method, self._session, **parameters)

    def size(self, width: int, height: int) -> None:
        """Sets the size of the window in CSS pixels."""
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)

    def media(self, kind: str) -> None:
        """`screen` or `print`, in light or dark."""
        scheme = {"name": "prefers-color-scheme", "value": "dark" if self.dark else "light"}
        self.call("Emulation.setEmulatedMedia", media=kind, features=[scheme])

    def open(self, file: Path, fragment: str = "", *, seconds: float = 60) -> None:
        """Opens *file*, and waits until its script has done its work."""
        # The same file with another fragment would only scroll.
        self.call("Page.navigate", url="about:blank")
        self.call("Page.navigate", url=file.absolute().as_uri() + (f"#{fragment}" if fragment else ""))
        self.wait("document.documentElement?.classList.contains('ready')", seconds)

    def wait(self, condition: str, seconds: float = 30) -> None:
        """Waits until the JavaScript expression *condition* holds."""
        end = time.monotonic() + seconds
        while not self.run(f"Boolean({condition})"):
            if time.monotonic() > end:
                raise TimeoutError(condition)
            time.sleep(0.02)

    def run(self, expression: str) -> Any:
        """The value of a JavaScript expression, awaited."""
        answer = self.call("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in answer:
            details = answer["exceptionDetails"]
            raise RuntimeError(details.get("exception", {}).get("description", details["text"]))
        return answer["result"].get("value")

    def press(self, *keys: str) -> None:
        """Presses keys as a keyboard does: names of KEYS, or characters."""
        for key in keys:
            code, text = KEYS.get(key, (ord(key[0].upper()), key))
            name = " " if key == "Space" else key
            shared = {"key": name, "windowsVirtualKeyCode": code}
            self.call("Input.dispatchKeyEvent", type="keyDown", text=text, **shared)
            self.call("Input.dispatchKeyEvent", type="keyUp", **shared)

    def picture(self, file: Path, *, whole: bool = True) -> None:
        """A screenshot, of the whole page or of the window."""
        data = self.call("Page.captureScreenshot", captureBeyondViewport=whole, format="png", **self._clip(whole=whole))
        file.write_bytes(base64.b64decode(data["data"]))

    def _clip(self, *, whole: bool) -> dict:
        if not whole:
            return {}
        size = self.call("Page.getLayoutMetrics")["cssContentSize"]
        return {"clip": {"x": 0, "y": 0, "width": size["width"], "height": min(size["height"], 16000), "scale": 1}}

    def pdf(self) -> bytes:
        """The page as it prints, on the paper that its style asks for."""
        self.media("print")
        data = self.call("Page.printToPDF", preferCSSPageSize=True, printBackground=True)
        return base64.b64decode(data["data"])

    def complaints(self) -> list[str]:
        """Errors of scripts, console and policy, and every request that is none for a local file."""
        found = []
        self.run("0")  # lets what is under way arrive
        for event in self._browser.events:
            if event.get("sessionId") != self._session:
                continue
            kind, details = event["method"], event["params"]
            if kind == "Runtime.exceptionThrown":
                found.append(details["exceptionDetails"]["text"])
            elif kind == "Runtime.consoleAPICalled" and details["type"] in ("error", "warning", "assert"):
                found.append(str(details["args"]))
            elif kind == "Log.entryAdded" and details["entry"]["level"] in ("error", "warning"):
                found.append(details["entry"]["text"])
            elif kind == "Network.requestWillBeSent" and not details["request"]["url"].startswith(("file:", "data:")):
                found.append(details["request"]["url"])
            elif kind in ("Page.javascriptDialogOpening", "Page.windowOpen"):
                found.append(kind)
        return [text for text in found if text != "about:blank"]

    def close(self) -> None:
        """Closes the tab."""
        self._browser.call("Target.closeTarget", targetId=self._target)
