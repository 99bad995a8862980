"""A headless Firefox that tests drive, over the protocol that its own tests use (Marionette).

In: pages of a site, as addresses. Out: the values of scripts in them. It needs only the standard
library: a message is JSON after its length and a colon, on a socket of this machine.
"""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

FIREFOX = shutil.which("firefox") or shutil.which("firefox-esr")
_PATIENCE = 90.0
_SETTINGS = {
    "marionette.port": 0,  # any that is free; it is written into the profile
    "browser.shell.checkDefaultBrowser": False,
    "browser.startup.homepage": "about:blank",
    "browser.startup.homepage_override.mstone": "ignore",
    "app.update.enabled": False,
    "app.normandy.enabled": False,
    "datareporting.policy.dataSubmissionEnabled": False,
    "dom.w3c_touch_events.enabled": 1,
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
    "services.settings.server": "",
    "toolkit.telemetry.reportingpolicy.firstRun": False,
}
Place = tuple[float, float]


class Firefox:
    """A session with one window."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection, self._received, self._number = connection, b"", 0
        self._next()  # says who it is
        self.call("WebDriver:NewSession", pageLoadStrategy="normal")

    def call(self, command: str, **parameters: Any) -> Any:
        """Sends a command and waits for its answer."""
        self._number += 1
        data = json.dumps([0, self._number, command, parameters]).encode()
        self._connection.sendall(str(len(data)).encode() + b":" + data)
        _, _, error, result = self._next()
        if error:
            raise RuntimeError(f"{error['error']}: {error['message']}")
        return result

    def open(self, address: str) -> None:
        """Opens a page and waits until it is loaded, and not the one before."""
        self.call("WebDriver:Navigate", url=address)
        wanted = json.dumps(address.partition("#")[0])
        self.wait(f"document.URL.split('#')[0] === {wanted} && document.readyState === 'complete'")

    def ask(self, script: str) -> Any:
        """The value of an expression in the page, or of what it promises."""
        body = f"return ({script});"
        answer = self.call(
            "WebDriver:ExecuteScript", script=body, args=[], sandbox=None, newSandbox=False
        )
        return answer["value"]

    def wait(self, script: str) -> Any:
        """The value of an expression once it is one that counts."""
        until = time.monotonic() + _PATIENCE
        while not (found := self.ask(script)):
            if time.monotonic() > until:
                raise TimeoutError(script)
            time.sleep(0.05)
        return found

    def size(self, width: int, height: int) -> None:
        self.call("WebDriver:SetWindowRect", width=width, height=height)

    def drag(self, places: Sequence[Place], kind: str = "mouse") -> None:
        """Presses at the first place of the window and lets go at the last; "mouse" or "touch"."""
        begin, *others = (
            {"type": "pointerMove", "x": round(x), "y": round(y), "duration": 0} for x, y in places
        )
        down, up = ({"type": f"pointer{one}", "button": 0} for one in ("Down", "Up"))
        steps = [step for one in others for step in (one, {"type": "pause", "duration": 30})]
        self._act("pointer", [begin, down, *steps, up], parameters={"pointerType": kind})

    def point(self, place: Place) -> None:
        """Moves the mouse to a place of the window."""
        (x, y), still = place, {"type": "pause", "duration": 30}
        moves = [
            {"type": "pointerMove", "x": round(x) - d, "y": round(y), "duration": 0} for d in (3, 0)
        ]
        self._act("pointer", [moves[0], still, moves[1]], parameters={"pointerType": "mouse"})

    def press(self, *keys: str) -> None:
        """Presses keys one after the other, each a character as WebDriver has them."""
        self._act(
            "key", [{"type": kind, "value": key} for key in keys for kind in ("keyDown", "keyUp")]
        )

    def _act(self, kind: str, actions: Sequence[dict[str, Any]], **more: Any) -> None:
        one = {"type": kind, "id": more.get("parameters", {}).get("pointerType", kind), **more}
        self.call("WebDriver:PerformActions", actions=[{**one, "actions": list(actions)}])

    def _next(self) -> Any:
        while (colon := self._received.find(b":")) < 0:
            self._receive()
        length = int(self._received[:colon])
        while len(self._received) < colon + 1 + length:
            self._receive()
        text = self._received[colon + 1 : colon + 1 + length]
        self._received = self._received[colon + 1 + length :]
        return json.loads(text)

    def _receive(self) -> None:
        piece = self._connection.recv(1 << 16)
        if not piece:
            raise OSError("the browser ended")
        self._received += piece


@contextmanager
def firefox(profile: Path) -> Iterator[Firefox]:
    """While open, a Firefox with an empty profile."""
    profile.mkdir()
    lines = [
        f"user_pref({json.dumps(name)}, {json.dumps(one)});" for name, one in _SETTINGS.items()
    ]
    (profile / "user.js").write_text("\n".join(lines), encoding="utf-8")
    command = [str(FIREFOX), "--headless", "--no-remote", "--marionette", "--profile", str(profile)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        with socket.create_connection(("127.0.0.1", _port(profile)), _PATIENCE) as connection:
            connection.settimeout(_PATIENCE)
            yield Firefox(connection)
    finally:
        process.terminate()
        try:
            process.wait(_PATIENCE)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _port(profile: Path) -> int:
    file, until = profile / "MarionetteActivePort", time.monotonic() + _PATIENCE
    while not (file.is_file() and (text := file.read_text())):
        if time.monotonic() > until:
            raise TimeoutError("Firefox does not start")
        time.sleep(0.1)
    return int(text)
