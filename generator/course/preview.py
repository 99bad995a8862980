"""Serves a site to its author's own browser, and tells the browser when to load it again.

In: the folder of a site, and what the builder says of it. Out: pages at an address that this
computer alone has. A script is added to pages while they are sent; no file is changed.
"""

from __future__ import annotations

import functools
import html
import json
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import Message
from http import HTTPStatus
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from generator.errors import UsageError

HOST = "127.0.0.1"
ASKED = "/.preview"
"""The address at which pages ask for news."""
_PATIENCE_S = 20.0
_PORTS = 20
"""So many are tried, from the one that is wanted."""

_SCRIPT = """<script>(async () => {
  let seen = -1;
  const show = (text) => {
    let banner = document.getElementById("preview-banner");
    if (!text) { banner?.remove(); return; }
    if (!banner) {
      banner = document.createElement("pre");
      banner.id = "preview-banner";
      banner.setAttribute("role", "alert");
      banner.style.cssText = "position:fixed;z-index:9999;left:0;right:0;bottom:0;margin:0;" +
        "padding:1em;max-height:40vh;overflow:auto;white-space:pre-wrap;font:14px/1.4 monospace;" +
        "background:#7a1020;color:#fff";
      document.body.append(banner);
    }
    banner.textContent = text;
  };
  for (;;) {
    try {
      const news = await (await fetch(`ASKED?seen=${seen}`)).json();
      if (news.site !== SITE) { location.reload(); return; }
      show(news.mistake);
      seen = news.number;
    } catch {
      show("The preview has ended; start `serve` again.");
      await new Promise((go) => setTimeout(go, 1000));
    }
  }
})();</script>"""


class News:
    """What pages are told: which site there is, and what is wrong with the newest texts.

    Attributes:
        site: counts the sites that were made; a page that is of an earlier one loads again.
        mistake: what keeps the newest texts from being shown, "" if nothing does.
        number: counts the changes of both.
    """

    def __init__(self) -> None:
        self.site = self.number = 0
        self.mistake = ""
        self._changed = threading.Condition()

    def tell(self, *, is_new: bool, mistake: str = "") -> None:
        """Lets pages know of a new site, or of a mistake; "" means that it was mended."""
        with self._changed:
            if is_new or mistake != self.mistake:
                self.site += is_new
                self.mistake = mistake
                self.number += 1
                self._changed.notify_all()

    def after(self, seen: int) -> dict[str, Any]:
        """The news, as soon as they differ from those that were seen."""
        with self._changed:
            self._changed.wait_for(lambda: self.number != seen, _PATIENCE_S)
            return {"site": self.site, "mistake": self.mistake, "number": self.number}


@contextmanager
def serving(folder: Path, news: News, port: int) -> Iterator[str]:
    """While open, the address of a site.

    Args:
        folder: of the site; need not be there yet.
        port: the first that is tried.

    Raises:
        UsageError: that port and those after it are taken.
    """
    handler = functools.partial(_Handler, directory=str(folder), news=news)
    server = _server(handler, port)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, args=(0.1,), daemon=True).start()
    try:
        yield f"http://{HOST}:{server.server_port}/"
    finally:
        server.shutdown()
        server.server_close()


def _server(handler: Any, port: int) -> ThreadingHTTPServer:
    for one in range(port, port + _PORTS) if port else (0,):
        try:
            return _Server((HOST, one), handler)
        except (OSError, OverflowError):
            continue
    raise UsageError(f"--port: {port} is taken, and so are those after it; name another one")


class _Server(ThreadingHTTPServer):
    # After a restart the same port is free at once; on Windows two servers would share it.
    allow_reuse_address = os.name != "nt"

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A page that was left before it came is no news."""


class _Handler(SimpleHTTPRequestHandler):
    def __init__(self, *args: Any, news: News, **options: Any) -> None:
        self._news = news
        super().__init__(*args, **options)

    def parse_request(self) -> bool:
        """Refuses what pages of others ask, by whatever method."""
        if not super().parse_request():
            return False
        if _is_own(self.headers):
            return True
        self.send_error(HTTPStatus.FORBIDDEN)
        return False

    def do_GET(self) -> None:
        """Sends news, a page with the script, or a file."""
        asked = urlsplit(self.path)
        if asked.path == ASKED:
            self._send_news(parse_qs(asked.query).get("seen", [""])[0])
        elif page := self._page():
            self._send(page[1], "text/html; charset=utf-8", page[0])
        else:
            super().do_GET()

    def _page(self) -> tuple[HTTPStatus, bytes] | None:
        """The page that is asked for; None if it is another file."""
        site, number = Path(self.directory), self._news.site
        file = Path(self.translate_path(self.path))
        file = file / "index.html" if file.is_dir() else file
        if file.is_file():
            if file.suffix != ".html":
                return None
            return HTTPStatus.OK, _with_script(file.read_bytes(), number)
        missing = site / "404.html"
        if missing.is_file():
            return HTTPStatus.NOT_FOUND, _with_script(missing.read_bytes(), number)
        return HTTPStatus.OK, _with_script(_waiting(self._news.mistake), number)

    def _send_news(self, seen: str) -> None:
        number = int(seen) if seen.isdecimal() and len(seen) < 9 else -1
        self._send(json.dumps(self._news.after(number)).encode(), "application/json")

    def _send(self, content: bytes, kind: str, status: HTTPStatus = HTTPStatus.OK) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def end_headers(self) -> None:
        """Nothing is kept by the browser, as any file may change, and nothing is for others."""
        self.send_header("Cache-Control", "no-store")
        self.send_header("Cross-Origin-Resource-Policy", "same-origin")
        self.send_header("X-Frame-Options", "DENY")
        super().end_headers()

    def log_message(self, *_: object) -> None:
        """Says nothing: the terminal is for mistakes."""


def _is_own(headers: Message) -> bool:
    """Whether a request is of this site's own pages, or of a reader who follows a link."""
    # A name that leads here may be anybody's.
    if urlsplit(f"//{headers.get('Host', '')}").hostname not in (HOST, "localhost"):
        return False
    if headers.get("Sec-Fetch-Site") not in ("cross-site", "same-site"):
        return True
    asked = headers.get("Sec-Fetch-Mode"), headers.get("Sec-Fetch-Dest")
    return asked == ("navigate", "document")


def _with_script(page: bytes, site: int) -> bytes:
    script = _SCRIPT.replace("ASKED", ASKED).replace("SITE", str(site)).encode()
    before, end, after = page.rpartition(b"</body>")
    return before + script + end + after if end else page + script


def _waiting(mistake: str) -> bytes:
    what = "There is no site yet." if mistake else "The first site is being built."
    return (
        '<!doctype html><html lang="en"><title>Preview</title><meta charset="utf-8">'
        f'<body style="font:18px sans-serif;margin:3em">{html.escape(what)}</body></html>'
    ).encode()
