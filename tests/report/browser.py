"""A headless Chromium spoken to over its debugging pipe: open a page, look, press keys, photograph.

with Chromium() as browser:
    page = browser.open(path, width=390, height=844, dark=True)
    page.run("document.title")
"""

from __future__ import annotations

import base64
import fcntl
import json
import os
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any, Self

NAMES = ("chromium", "chromium-browser", "google-chrome")
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
    "--remote-debugging-pipe",
)


def installed() -> str | None:
    """Where Chromium is, if it is on this machine."""
    return next((found for found in map(shutil.which, NAMES) if found), None)


def _high(number: int) -> int:
    found = fcntl.fcntl(number, fcntl.F_DUPFD_CLOEXEC, 10)
    os.close(number)
    return found


class Chromium:
    """The browser, in a profile of its own that goes with it."""

    def __enter__(self) -> Self:
        self.profile = tempfile.mkdtemp(prefix="chromium-")
        # The browser reads from 3 and writes to 4; numbers of 10 and more are in the way of neither.
        (to_read, self.to_write), (self.to_read, to_write) = (tuple(map(_high, os.pipe())) for _ in range(2))

        def place() -> None:
            os.dup2(to_read, 3)
            os.dup2(to_write, 4)

        self.process = subprocess.Popen(
            [installed() or "chromium", *FLAGS, f"--user-data-dir={self.profile}", "about:blank"],
            preexec_fn=place,  # noqa: PLW1509 - two system calls, and no lock is taken
            pass_fds=(3, 4),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        os.close(to_read)
        os.close(to_write)
        self.number = 0
        self.rest = b""
        self.events: list[dict[str, Any]] = []
        return self

    def __exit__(self, *_: object) -> None:
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(10)
        os.close(self.to_write)
        os.close(self.to_read)
        shutil.rmtree(self.profile, ignore_errors=True)

    def say(self, method: str, session: str | None = None, **params: Any) -> dict[str, Any]:
        """Send a command and wait for its answer; events that come between are kept."""
        self.number += 1
        message = {"id": self.number, "method": method, "params": params} | ({"sessionId": session} if session else {})
        os.write(self.to_write, json.dumps(message).encode() + b"\0")
        until = time.monotonic() + 60
        while time.monotonic() < until:
            heard = self.hear()
            if heard.get("id") == self.number:
                assert "error" not in heard, heard["error"]
                return heard["result"]
            self.events.append(heard)
        raise TimeoutError(method)

    def hear(self) -> dict[str, Any]:
        while b"\0" not in self.rest:
            piece = os.read(self.to_read, 1 << 20)
            if not piece:
                raise EOFError("the browser ended")
            self.rest += piece
        message, self.rest = self.rest.split(b"\0", 1)
        return json.loads(message)

    def open(self, path: Path, *, width: int, height: int, dark: bool = False) -> Page:
        """Open a file in a tab of this size."""
        target = self.say("Target.createTarget", url="about:blank")["targetId"]
        session = self.say("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        page = Page(self, session, width, height)
        for domain in ("Page", "Network", "Runtime", "Log"):
            page.say(f"{domain}.enable")
        page.say(
            "Emulation.setEmulatedMedia",
            features=[{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}],
        )
        page.resize(width, height)
        page.say("Page.navigate", url=path.as_uri())
        page.wait("document.readyState === 'complete'")
        return page


class Page:
    """One tab."""

    def __init__(self, browser: Chromium, session: str, width: int, height: int) -> None:
        self.browser, self.session, self.width, self.height = browser, session, width, height

    def say(self, method: str, **params: Any) -> dict[str, Any]:
        return self.browser.say(method, self.session, **params)

    def run(self, script: str) -> Any:
        """The value of an expression in the page."""
        answer = self.say("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in answer, answer["exceptionDetails"]
        return answer["result"].get("value")

    def wait(self, condition: str) -> None:
        until = time.monotonic() + 30
        while not self.run(condition):
            assert time.monotonic() < until, condition
            time.sleep(0.05)

    def resize(self, width: int, height: int) -> None:
        mobile = width < 600
        self.say("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=mobile)

    def press(self, key: str) -> None:
        codes = {"Tab": 9, "Enter": 13, "ArrowDown": 40}
        for kind in ("keyDown", "keyUp"):
            self.say("Input.dispatchKeyEvent", type=kind, key=key, code=key, windowsVirtualKeyCode=codes[key])

    def photograph(self, path: Path, *, top: int = 0, height: int | None = None) -> Path:
        """A picture of the page from `top` on, as high as the page unless told."""
        height = height or self.run("document.documentElement.scrollHeight") - top
        clip = {"x": 0, "y": top, "width": self.width, "height": height, "scale": 1}
        shot = self.say("Page.captureScreenshot", captureBeyondViewport=True, clip=clip)
        path.write_bytes(base64.b64decode(shot["data"]))
        return path

    def requests(self) -> list[str]:
        """Every address that the page asked for."""
        return [
            event["params"]["request"]["url"]
            for event in self.browser.events
            if event.get("method") == "Network.requestWillBeSent" and event.get("sessionId") == self.session
        ]

    def complaints(self) -> list[str]:
        """What the browser wrote to its console: errors, and what the security policy stopped."""
        return [
            json.dumps(event["params"])
            for event in self.browser.events
            if event.get("method") in {"Runtime.exceptionThrown", "Log.entryAdded", "Runtime.consoleAPICalled"}
            and event.get("sessionId") == self.session
        ]
