"""A model of the Hub: downloaded once into the Hub's cache, or told why not; from a server here."""

from __future__ import annotations

import hashlib
import http.server
import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest

from tests.detr.own.written import config_of, folder

COMMIT = "0123456789abcdef0123456789abcdef01234567"
CODE = """
import json, sys
from pathlib import Path
from typing import Any
from generator.inference.hub import settings_of, with_hub_models
from generator.project.config import load_config
config = load_config(Path(sys.argv[1]))
told = {}
if sys.argv[2] == "inspect":
    card, header = settings_of("tables", "me/tables", "main")
    told |= {"classes": card.category_names, "shapes": list(header.shapes.values())}
else:
    config = with_hub_models(config, config.models, offline=sys.argv[2] == "offline")
    for name in config.models:
        told[name] = config.cards.away.get(name)
        for card in config.cards.known([name]):
            told[name] = [card.hub.commit, str(card.file)]
told["torch"] = "torch" in sys.modules
print(json.dumps(told))
"""


@pytest.fixture
def server(tmp_path: Path) -> Iterator[tuple[str, list[str]]]:
    """A Hub with three repositories, one with pickles alone; and the paths that were asked for."""
    files = tmp_path / "served"
    folder(files, config_of())
    (files / "run_me.py").write_text("raise SystemExit")
    asked: list[str] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer(with_body=True)

        def do_HEAD(self) -> None:
            self._answer(with_body=False)

        def _answer(self, *, with_body: bool) -> None:
            path = unquote(urlsplit(self.path).path)
            asked.append(path)
            if path.startswith("/api/models/me/"):
                names = ["pytorch_model.bin"]
                if not path.startswith("/api/models/me/old"):
                    names = sorted(one.name for one in files.iterdir())
                if path.startswith("/api/models/me/bare"):
                    names.remove("preprocessor_config.json")
                told = {"id": "me/tables", "modelId": "me/tables", "sha": COMMIT, "private": False,
                        "siblings": [{"rfilename": one} for one in names]}  # fmt: skip
                self._send(200, json.dumps(told).encode(), with_body=with_body)
            elif (
                path.startswith(("/me/tables/resolve/", "/me/bare/resolve/"))
                and not (
                    path.startswith("/me/bare/") and path.endswith("/preprocessor_config.json")
                )
                and (file := files / path.split("/")[-1]).exists()
            ):
                self._send(200, file.read_bytes(), with_body=with_body)
            else:
                self._send(404, b"", with_body=with_body)

        def _send(self, status: int, content: bytes, *, with_body: bool) -> None:
            self.send_response(status)
            self.send_header("Content-Length", str(len(content)))
            self.send_header("ETag", f'"{hashlib.sha256(content).hexdigest()}"')
            self.send_header("X-Repo-Commit", COMMIT)
            if status == 404:
                is_there = urlsplit(self.path).path.startswith("/me/bare/")
                self.send_header("X-Error-Code", "EntryNotFound" if is_there else "RepoNotFound")
            self.end_headers()
            if with_body:
                self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as web:
        thread = threading.Thread(target=web.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{web.server_port}", asked
        web.shutdown()
        thread.join()


@pytest.mark.slow
@pytest.mark.reference
def test_models_of_the_hub(tmp_path: Path, server: tuple[str, list[str]]) -> None:
    pytest.importorskip("huggingface_hub")
    address, asked = server
    for name in ("content", "templates"):
        (tmp_path / name).mkdir()
    (tmp_path / "content/gallery.yml").touch()
    config = tmp_path / "site_config.yml"
    config.write_text(
        "title: T\nmodels:\n"
        "  tables: {hub: me/tables}\n  bare: {hub: me/bare}\n"
        "  old: {hub: me/old}\n  none: {hub: you/none}\n"
    )
    environment = {
        **os.environ, "HF_ENDPOINT": address, "HF_HOME": str(tmp_path / "hf"),
        "HF_HUB_DISABLE_XET": "1", "HF_HUB_DISABLE_TELEMETRY": "1", "HF_TOKEN": "",
    }  # fmt: skip
    environment.pop("HF_HUB_OFFLINE", None)

    def run(how: str) -> dict[str, Any]:
        done = subprocess.run(
            [sys.executable, "-c", CODE, str(config), how],
            env=environment, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)  # type: ignore[no-any-return]

    told = run("offline")
    assert "me/tables is not on this machine" in told["tables"]
    assert asked == []
    told = run("inspect")
    assert told["classes"] == ["cell", "nucleus", "debris"]
    assert told["shapes"] == [[4, 32]]
    assert not list((tmp_path / "hf").rglob("model.safetensors"))
    told = run("online")
    commit, file = told["tables"]
    assert commit == COMMIT
    assert Path(file).read_bytes() == (tmp_path / "served/model.safetensors").read_bytes()
    assert told["bare"][0] == COMMIT  # it has no preprocessor_config.json, which is known now
    assert "pickles are not downloaded" in told["old"]
    assert "the Hub has no you/none" in told["none"]
    assert told["torch"] is False
    assert not any("run_me" in path or ".bin" in path for path in asked)
    asked.clear()
    assert run("offline")["tables"] == [COMMIT, file]
    assert asked == []
