"""What a download says while it runs."""

from __future__ import annotations

import io
import logging
import sys
from pathlib import Path

import pytest

from tests.files.web import CONTENT, LIMIT, Handler, Web, fetch, sends

pytestmark = pytest.mark.usefixtures("quick_and_direct")


@pytest.mark.parametrize(("wanted", "terminal"), [(True, True), (True, False), (False, True)])
def test_progress_bar(
    web: Web, target: Path, monkeypatch: pytest.MonkeyPatch, wanted: bool, terminal: bool
) -> None:
    stream = io.StringIO()
    monkeypatch.setattr(stream, "isatty", lambda: terminal)
    monkeypatch.setattr(sys, "stderr", stream)
    fetch(web.behaves(sends()), target, max_bytes=LIMIT, progress=wanted)
    assert (target.name in stream.getvalue()) == (wanted and terminal)


@pytest.mark.parametrize("terminal", [True, False])
def test_line_that_says_what_is_coming(
    web: Web,
    target: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    terminal: bool,
) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: terminal)
    content = CONTENT * 50

    def without_length(request: Handler) -> None:
        request.head(200)
        request.wfile.write(content)

    once = (sends(content, stop=100), sends(content))
    caplog.set_level(logging.INFO, "generator")
    for wanted, behaviours in ((True, once), (True, (without_length,)), (False, once)):
        web.requests.clear()
        url = web.behaves(*behaviours).replace("//", "//me:secret@")
        fetch(url, target, max_bytes=LIMIT, progress=wanted)
        target.unlink()
    assert caplog.messages == [
        "downloading file.bin from 127.0.0.1, 0.5 MB",
        "downloading file.bin from 127.0.0.1",
    ]
