"""A headless Chromium that tests type into, controlled over its debugging pipe.

In: pages of a site, as files. Out: the values of scripts in them. It needs only the standard
library: messages are JSON, each followed by a null byte, on the file descriptors 3 and 4.
"""

from __future__ import annotations

import atexit
import functools
import json
import os
import select
import shutil
import subprocess
import sys
import tempfile
import time
from types import TracebackType
from typing import Any

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
_LAUNCH = (
    "import os, sys; r, w = int(sys.argv[1]), int(sys.argv[2]);"
    "os.dup2(r, 103); os.dup2(w, 104); os.dup2(103, 3); os.dup2(104, 4);"
    "os.closerange(5, 120); os.execv(sys.argv[3], sys.argv[3:])"
)
_OPTIONS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking",
    "--no-first-run", "--disable-component-update", "--disable-sync", "--hide-scrollbars",
    "--remote-debugging-pipe",
)  # fmt: skip
_PATIENCE = 60.0
"""Seconds after which a browser that does not answer has failed."""


class _Chromium:
    """The one process that all pages of this process of tests share, and its pipe."""

    def __init__(self) -> None:
        self._profile = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
        self.received = b""
        from_us, self.write = os.pipe()
        self.read, to_us = os.pipe()
        command = [sys.executable, "-c", _LAUNCH, str(from_us), str(to_us), str(CHROMIUM)]
        self.process = subprocess.Popen(
            [*command, *_OPTIONS, f"--user-data-dir={self._profile.name}"],
            pass_fds=(from_us, to_us),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        self.number = 0
        os.close(from_us)
        os.close(to_us)

    def end(self) -> None:
        """Closes it, or ends it if it does not want to."""
        try:
            message = {"id": self.number + 1, "method": "Browser.close"}
            os.write(self.write, json.dumps(message).encode() + b"\0")
            self.process.wait(_PATIENCE)
        except (OSError, subprocess.TimeoutExpired):
            self.process.kill()
            self.process.wait()
        os.close(self.read)
        os.close(self.write)
        self._profile.cleanup()


@functools.cache
def _chromium() -> _Chromium:
    """Started when it is first asked for: that costs as much as three tests do."""
    started = _Chromium()
    atexit.register(started.end)
    return started


class Browser:
    """A window of its own with one page, and with nothing that others stored; a context manager."""

    def __init__(self) -> None:
        self._session: str | None = None
        self.requests: list[str] = []

    def __enter__(self) -> Browser:
        self._chromium = _chromium()
        self._context = self.call("Target.createBrowserContext")["browserContextId"]
        target = self.call(
            "Target.createTarget", url="about:blank", browserContextId=self._context
        )["targetId"]
        attached = self.call("Target.attachToTarget", targetId=target, flatten=True)
        self._session = attached["sessionId"]
        # The window that was opened last has the focus, and so would any other.
        self.call("Emulation.setFocusEmulationEnabled", enabled=True)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._session = None
        try:
            self.call("Target.disposeBrowserContext", browserContextId=self._context)
        except (OSError, TimeoutError):
            _chromium.cache_clear()  # the next one starts another

    def open(self, address: str) -> None:
        """Opens a page and waits until it and its scripts are loaded."""
        self.call("Page.navigate", url=address)
        self.wait_for(
            f"document.readyState == 'complete' && location.href == {json.dumps(address)}"
        )

    def wait_for(self, condition: str) -> None:
        """Waits until an expression in the page is true."""
        until = time.monotonic() + _PATIENCE
        while not self.evaluate(condition):
            if time.monotonic() > until:
                raise TimeoutError(condition)
            time.sleep(0.05)

    def evaluate(self, script: str) -> Any:
        """The value of an expression in the page."""
        answer = self.call("Runtime.evaluate", expression=script, returnByValue=True)
        if "exceptionDetails" in answer:
            raise RuntimeError(answer["exceptionDetails"])
        return answer["result"].get("value")

    def type(self, text: str) -> None:
        """Types into the element with the focus."""
        self.call("Input.insertText", text=text)

    def press(self, key: str, code: int, text: str = "") -> None:
        """Presses and releases a key."""
        names = {"key": key, "code": key, "windowsVirtualKeyCode": code}
        self.call("Input.dispatchKeyEvent", type="keyDown", text=text, **names)
        self.call("Input.dispatchKeyEvent", type="keyUp", **names)

    def call(self, method: str, **parameters: Any) -> dict[str, Any]:
        """Sends a message and waits for its answer."""
        self._chromium.number += 1
        number = self._chromium.number
        message = {"id": number, "method": method, "params": parameters}
        if self._session:
            message["sessionId"] = self._session
        os.write(self._chromium.write, json.dumps(message).encode() + b"\0")
        until = time.monotonic() + _PATIENCE
        while True:
            answer = self._next(until)
            if answer.get("id") == number:
                if "error" in answer:
                    raise RuntimeError(answer["error"])
                result: dict[str, Any] = answer["result"]
                return result
            self._note(answer)

    def watch_requests(self) -> None:
        """From now on the network is off, and `requests` has the address of each request."""
        self.call("Network.enable")
        self.call("Network.emulateNetworkConditions", offline=True, latency=0,
                  downloadThroughput=-1, uploadThroughput=-1)  # fmt: skip

    def _note(self, event: dict[str, Any]) -> None:
        if event.get("sessionId") != self._session:
            return
        given = event.get("params", {})
        if event.get("method") == "Network.requestWillBeSent":
            self.requests.append(given["request"]["url"])
        elif event.get("method") == "Network.webSocketCreated":
            self.requests.append(given["url"])

    def _next(self, until: float) -> dict[str, Any]:
        chromium = self._chromium
        while b"\0" not in chromium.received:
            left = until - time.monotonic()
            if left <= 0 or not select.select([chromium.read], [], [], left)[0]:
                raise TimeoutError("the browser does not answer")
            piece = os.read(chromium.read, 1 << 16)
            if not piece:
                raise OSError("the browser ended")
            chromium.received += piece
        text, _, chromium.received = chromium.received.partition(b"\0")
        message: dict[str, Any] = json.loads(text)
        return message
