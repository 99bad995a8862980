"""A headless Chromium that tests type into, controlled over its debugging pipe.

In: pages of a site, as files. Out: the values of scripts in them. It needs only the standard
library: messages are JSON, each followed by a null byte, on the file descriptors 3 and 4.
"""

from __future__ import annotations

import json
import os
import select
import shutil
import subprocess
import sys
import time
from pathlib import Path
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


class Browser:
    """A browser with one page; a context manager."""

    def __init__(self, profile: Path) -> None:
        self._profile = profile
        self._number = 0
        self._received = b""
        self._session: str | None = None
        self.requests: list[str] = []

    def __enter__(self) -> Browser:
        from_us, self._write = os.pipe()
        self._read, to_us = os.pipe()
        command = [sys.executable, "-c", _LAUNCH, str(from_us), str(to_us), str(CHROMIUM)]
        self._process = subprocess.Popen(
            [*command, *_OPTIONS, f"--user-data-dir={self._profile}"],
            pass_fds=(from_us, to_us),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(from_us)
        os.close(to_us)
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        attached = self.call("Target.attachToTarget", targetId=target, flatten=True)
        self._session = attached["sessionId"]
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        try:
            self._session = None
            self.call("Browser.close")
            self._process.wait(_PATIENCE)
        except (OSError, TimeoutError, subprocess.TimeoutExpired):
            self._process.kill()
            self._process.wait()
        os.close(self._read)
        os.close(self._write)

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
        self._number += 1
        message = {"id": self._number, "method": method, "params": parameters}
        if self._session:
            message["sessionId"] = self._session
        os.write(self._write, json.dumps(message).encode() + b"\0")
        until = time.monotonic() + _PATIENCE
        while True:
            answer = self._next(until)
            if answer.get("id") == self._number:
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
        given = event.get("params", {})
        if event.get("method") == "Network.requestWillBeSent":
            self.requests.append(given["request"]["url"])
        elif event.get("method") == "Network.webSocketCreated":
            self.requests.append(given["url"])

    def _next(self, until: float) -> dict[str, Any]:
        while b"\0" not in self._received:
            left = until - time.monotonic()
            if left <= 0 or not select.select([self._read], [], [], left)[0]:
                raise TimeoutError("the browser does not answer")
            piece = os.read(self._read, 1 << 16)
            if not piece:
                raise OSError("the browser ended")
            self._received += piece
        text, _, self._received = self._received.partition(b"\0")
        message: dict[str, Any] = json.loads(text)
        return message
