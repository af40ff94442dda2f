"""Chromium without a window, driven over a pipe by the DevTools protocol; nothing is downloaded."""

import contextlib
import json
import os
import select
import shutil
import subprocess
import time
from base64 import b64decode
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self

PROGRAMS = ("chromium", "chromium-browser", "google-chrome")
FLAGS = (
    "--headless=new", "--remote-debugging-pipe", "--no-sandbox", "--disable-gpu", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--disable-dev-shm-usage", "--hide-scrollbars",
)  # fmt: skip
PATIENCE = 60.0  # seconds until an answer that does not come is an error, on a busy machine too
SETTLED = "complete"


def program() -> str | None:
    """Return the path of a Chromium that is installed, or None."""
    return next(filter(None, map(shutil.which, PROGRAMS)), None)


@dataclass
class Visit:
    """What happened while a page was opened."""

    requests: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)


class Browser:
    """A Chromium with one tab."""

    def __init__(self, folder: Path) -> None:
        path = program()
        assert path is not None, "the caller has looked for it"
        to_browser, self._write = os.pipe()
        self._read, from_browser = os.pipe()
        redirected = f'exec "$@" 3<&{to_browser} 4>&{from_browser}'  # where Chromium looks
        command = [path, *FLAGS, f"--user-data-dir={folder}", "about:blank"]
        self._process = subprocess.Popen(
            ["/bin/bash", "-c", redirected, "bash", *command],
            pass_fds=(to_browser, from_browser),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(to_browser)
        os.close(from_browser)
        self._number, self._rest = 0, b""
        self._events: list[dict[str, Any]] = []
        self._session: str | None = None

    def __enter__(self) -> Self:
        try:
            target = self.call("Target.createTarget", url="about:blank")["targetId"]
            attached = self.call("Target.attachToTarget", targetId=target, flatten=True)
            self._session = attached["sessionId"]
            for domain in ("Page", "Network", "Runtime", "Log"):
                self.call(f"{domain}.enable")
        except BaseException:
            self._close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        self._close()

    def _close(self) -> None:
        with contextlib.suppress(OSError):
            self._send("Browser.close", {}, None)
        os.close(self._write)
        try:
            self._process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        os.close(self._read)

    def call(self, method: str, **parameters: Any) -> dict[str, Any]:
        """Call a method of the protocol, and return its result."""
        number = self._send(method, parameters, self._session)
        for message in self._messages():
            if message.get("id") == number:
                assert "error" not in message, message
                result: dict[str, Any] = message["result"]
                return result
            self._events.append(message)
        raise EOFError(f"the browser ended before it answered {method}")

    def _send(self, method: str, parameters: dict[str, Any], session: str | None) -> int:
        self._number += 1
        message = {"id": self._number, "method": method, "params": parameters}
        if session is not None:
            message["sessionId"] = session
        os.write(self._write, json.dumps(message).encode() + b"\0")
        return self._number

    def _messages(self) -> Iterator[dict[str, Any]]:
        until = time.monotonic() + PATIENCE
        while True:
            message, end, rest = self._rest.partition(b"\0")
            if end:
                self._rest = rest
                yield json.loads(message)
                continue
            ready, _, _ = select.select([self._read], [], [], until - time.monotonic())
            if not ready:
                raise TimeoutError("the browser does not answer")
            data = os.read(self._read, 1 << 20)
            if not data:
                return
            self._rest += data

    def look(self, script: str) -> Any:
        """Return the value of an expression of JavaScript in the page."""
        found = self.call("Runtime.evaluate", expression=script, returnByValue=True)
        assert "exceptionDetails" not in found, found
        return found["result"].get("value")

    def visit(self, url: str, *, width: int = 1100, height: int = 900, dark: bool = False) -> Visit:
        """Open a page, and return what it asked for and complained of until it was loaded."""
        self.call(
            "Emulation.setDeviceMetricsOverride",
            width=width, height=height, deviceScaleFactor=1, mobile=False,
        )  # fmt: skip
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.call("Emulation.setEmulatedMedia", features=[scheme])
        self._events.clear()
        self.call("Page.navigate", url=url)
        until = time.monotonic() + PATIENCE
        while self.look("document.readyState + ' ' + location.href") != f"{SETTLED} {url}":
            assert time.monotonic() < until, "the page does not come to rest"
            time.sleep(0.02)
        found = Visit()
        for event in self._events:
            name, about = event.get("method"), event.get("params", {})
            if name == "Network.requestWillBeSent":
                found.requests.append(about["request"]["url"])
            elif name == "Log.entryAdded":
                found.complaints.append(about["entry"]["text"])
            elif name in ("Runtime.exceptionThrown", "Runtime.consoleAPICalled"):
                found.complaints.append(json.dumps(about))
        return found

    def screenshot(self, path: Path, *, whole: bool = True) -> None:
        """Save a picture of the page, of all of it or of what a window shows."""
        shot = self.call("Page.captureScreenshot", format="png", captureBeyondViewport=whole)
        path.write_bytes(b64decode(shot["data"]))

    def print_pdf(self) -> bytes:
        """Return the page as it is printed."""
        printed = self.call("Page.printToPDF", printBackground=False, preferCSSPageSize=True)
        return b64decode(printed["data"])
