import hashlib
import http.server
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from generator.detr.zoo import model_card
from generator.errors import DownloadError, UnavailableError, WeightsError
from generator.inference.cache import forward_pass_file
from generator.inference.runner import locate_weights

CONTENT = b"weights" * 1000
PREFIX = hashlib.sha256(CONTENT).hexdigest()[:8]


@pytest.fixture
def host() -> Iterator[str]:
    """A server that has one file, whatever it is asked for."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Length", str(len(CONTENT)))
            self.end_headers()
            self.wfile.write(CONTENT)

        def log_message(self, *args: object) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def test_weights_are_downloaded_once_into_torch_hubs_folder(
    host: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    card = replace(model_card("detr_resnet50"), checkpoint_url=f"{host}/detr-r50-{PREFIX}.pth")
    file = locate_weights(card, offline=False)
    assert file == tmp_path / f"hub/checkpoints/detr-r50-{PREFIX}.pth"
    assert file.read_bytes() == CONTENT
    assert locate_weights(card, offline=True) == file


def test_weights_with_another_hash_are_refused(
    host: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    card = replace(model_card("detr_resnet50"), checkpoint_url=f"{host}/detr-r50-00000000.pth")
    with pytest.raises(DownloadError):
        locate_weights(card, offline=False)
    assert not card.file.exists()


def test_weights_out_of_reach_say_where_to_put_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    with pytest.raises(UnavailableError, match=r"put detr-r101-2c7b67e5\.pth into"):
        locate_weights(model_card("detr_resnet101"), offline=True)


def test_local_file_is_taken_and_a_missing_one_is_named(tmp_path: Path) -> None:
    mine = tmp_path / "mine.pth"
    card = model_card("detr_resnet50")
    with pytest.raises(WeightsError, match=r"mine\.pth: there is no such file"):
        locate_weights(card, mine, offline=True)
    mine.write_bytes(b"x")
    assert locate_weights(card, mine, offline=True) == mine


def test_cache_name_depends_on_all_that_a_forward_depends_on(tmp_path: Path) -> None:
    image, other = tmp_path / "a.png", tmp_path / "b.png"
    image.write_bytes(b"one")
    other.write_bytes(b"two")
    card = model_card("detr_resnet50")
    first = forward_pass_file(tmp_path, image, card, "00")
    assert first == forward_pass_file(tmp_path, image, card, "00")
    names = {
        first,
        forward_pass_file(tmp_path, other, card, "00"),
        forward_pass_file(tmp_path, image, card, "01"),
        forward_pass_file(tmp_path, image, replace(card, short_side=600), "00"),
        forward_pass_file(tmp_path, image, model_card("detr_resnet101"), "00"),
    }
    assert len(names) == 5
