"""The two files of an entry: found, downloaded once, or refused with a sentence."""

from __future__ import annotations

import hashlib
import http.server
import threading
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import pytest
from PIL import Image

from generator.detr.zoo import model_card
from generator.errors import DownloadError, ImageError, UnavailableError, WeightsError
from generator.files import download
from generator.files.images import load_image
from generator.inference.locate import locate_image, locate_weights
from generator.models import model_lines

if TYPE_CHECKING:
    from generator.project.gallery import GalleryImage

CONTENT = b"weights" * 1000
PREFIX = hashlib.sha256(CONTENT).hexdigest()[:8]
URL = "http://me:secret@host.example/a/Photo.JPG?token=secret"
PICTURE = np.arange(8 * 32 * 3, dtype=np.uint8).reshape(8, 32, 3)


@pytest.fixture
def host(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A server on this machine that sends the same file for every request."""
    monkeypatch.setattr(download, "fetch", partial(download.fetch, private=True))

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


@pytest.mark.slow
def test_weights_are_downloaded_once_into_torch_hubs_folder(
    host: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    card = replace(model_card("detr_resnet50"), checkpoint_url=f"{host}/detr-r50-{PREFIX}.pth")
    file = locate_weights(card, offline=False)
    assert file == tmp_path / f"hub/checkpoints/detr-r50-{PREFIX}.pth"
    assert file.read_bytes() == CONTENT
    assert locate_weights(card, offline=True) == file


@pytest.mark.slow
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


def entry(**given: Any) -> GalleryImage:
    """A gallery entry with the fields that `locate_image` needs."""
    fields = {"slug": "photo", "file": None, "url": None, "sha256": None} | given
    return cast("GalleryImage", SimpleNamespace(**fields))


def stored(folder: Path) -> Path:
    """An image on disk."""
    path = folder / "image.png"
    Image.fromarray(PICTURE).save(path)
    return path


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Stands in for the web: `content` is what it sends; it records the requests."""
    web: dict[str, Any] = {"content": b"", "contents": []}

    def fetch(url: str, destination: Path, **options: Any) -> Path:
        web.update(options, url=url)
        if destination.is_file():
            return destination
        destination.parent.mkdir(parents=True, exist_ok=True)
        destination.write_bytes(web["contents"].pop(0) if web["contents"] else web["content"])
        return destination

    monkeypatch.setattr("generator.files.download.fetch", fetch)
    return web


def test_file_of_an_entry(tmp_path: Path) -> None:
    path = stored(tmp_path)
    sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
    for given in (None, sha256, sha256[:8].upper()):
        assert locate_image(entry(file=path, sha256=given), tmp_path, offline=True) == path
    with pytest.raises(ImageError, match="SHA-256"):
        locate_image(entry(file=path, sha256="0" * 64), tmp_path, offline=True)
    with pytest.raises(ImageError, match="no such file"):
        locate_image(entry(file=tmp_path / "none.png"), tmp_path, offline=True)
    with pytest.raises(ImageError, match="neither a file nor a url"):
        locate_image(entry(), tmp_path, offline=True)


def test_address_of_an_entry(tmp_path: Path, served: dict[str, Any]) -> None:
    served["content"] = stored(tmp_path).read_bytes()
    path = locate_image(entry(url=URL, sha256=None), tmp_path / "cache", offline=True)
    name = hashlib.sha256(URL.encode()).hexdigest() + ".jpg"
    assert path == tmp_path / "cache" / name
    assert served["url"] == URL
    assert (served["max_bytes"], served["offline"]) == (100_000_000, True)
    assert load_image(path, max_pixels=1000).shape == PICTURE.shape


@pytest.mark.parametrize("sha256", [None, "0" * 64])
def test_download_that_is_not_an_image(
    tmp_path: Path, served: dict[str, Any], sha256: str | None
) -> None:
    served["content"] = b"<html>Please log in</html>"
    gallery_image = entry(url=URL, sha256=sha256)
    if sha256 is None:  # otherwise it is the right file, and load_image will refuse it
        with pytest.raises(ImageError, match=r"host\.example/a/Photo\.JPG: a web page") as caught:
            locate_image(gallery_image, tmp_path, offline=False)
        assert "secret" not in str(caught.value)
    else:
        locate_image(gallery_image, tmp_path, offline=False)
    assert len(list(tmp_path.iterdir())) == (sha256 is not None)


def test_picture_that_was_cut_off_is_fetched_again(tmp_path: Path, served: dict[str, Any]) -> None:
    whole = stored(tmp_path).read_bytes()
    served["contents"] = [whole[:-40], whole]
    path = locate_image(entry(url=URL), tmp_path / "cache", offline=False)
    assert path.read_bytes() == whole
    assert served["contents"] == []

    path.write_bytes(whole[:-40])  # damaged on the disk, or left by an earlier version
    served["contents"] = [whole]
    assert locate_image(entry(url=URL), tmp_path / "cache", offline=False) == path
    assert path.read_bytes() == whole


def test_picture_that_cannot_be_decoded_names_its_address(
    tmp_path: Path, served: dict[str, Any]
) -> None:
    whole = stored(tmp_path).read_bytes()
    served["contents"] = [whole[:-40], whole[:-40]]
    with pytest.raises(ImageError, match=r"host\.example/a/Photo\.JPG: damaged, cut short"):
        locate_image(entry(url=URL), tmp_path / "cache", offline=False)
    assert list((tmp_path / "cache").iterdir()) == []


def test_picture_that_was_proven_is_not_decoded_again(
    tmp_path: Path, served: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    served["content"] = stored(tmp_path).read_bytes()
    first = locate_image(entry(url=URL), tmp_path / "cache", offline=True)
    monkeypatch.setattr("generator.inference.locate.complaint_of", None)
    assert locate_image(entry(url=URL), tmp_path / "cache", offline=True) == first


def test_half_a_checkpoint_is_told_from_a_missing_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    card = model_card("detr_resnet50")
    card.file.parent.mkdir(parents=True)
    card.file.write_bytes(b"half")
    with pytest.raises(WeightsError, match=r"detr-r50-e632da11\.pth: cut short or damaged"):
        locate_weights(card, offline=True)
    (line,) = (one for one in model_lines({}) if one.startswith("detr_resnet50 "))
    assert line.split()[1] == "damaged"
