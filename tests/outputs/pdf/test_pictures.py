from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from generator.outputs.pdf.pictures import PIXELS_PER_INCH, fits_a_page, print_picture


def encoded(picture: Image.Image, kind: str = "WEBP") -> bytes:
    stream = io.BytesIO()
    picture.save(stream, kind, lossless=True, method=0, quality=0)
    return stream.getvalue()


@pytest.mark.slow
def test_image_is_resampled_to_print_and_made_once(tmp_path: Path) -> None:
    noise = np.random.default_rng(0).integers(0, 255, (1200, 3000, 3), np.uint8)
    content = encoded(Image.fromarray(noise))
    printed = print_picture(Path("a.webp"), content, tmp_path)
    (piece,) = printed.pieces
    assert (piece.width, piece.height) == (3000, 1200)  # only their ratio counts
    with Image.open(tmp_path / piece.file) as picture:
        assert picture.format == "JPEG"
        assert picture.width == round(170 / 25.4 * PIXELS_PER_INCH)
        assert picture.width / picture.height == pytest.approx(2.5, rel=0.01)
    before = (tmp_path / piece.file).stat().st_mtime_ns
    assert print_picture(Path("b.webp"), content, tmp_path) == printed
    assert (tmp_path / piece.file).stat().st_mtime_ns == before


def test_what_is_transparent_becomes_white(tmp_path: Path) -> None:
    content = encoded(Image.new("RGBA", (20, 10), (0, 0, 0, 0)))
    (piece,) = print_picture(Path("a.webp"), content, tmp_path).pieces
    with Image.open(tmp_path / piece.file) as picture:
        assert np.asarray(picture).min() > 250


def test_figure_that_is_far_too_high_is_cut_where_it_is_empty(tmp_path: Path) -> None:
    sheet = np.full((1000, 200), 255, np.uint8)
    for top in range(0, 1000, 100):
        sheet[top : top + 80] = 0  # ten bands with white between them, and a narrow gap in each
        sheet[top + 60 : top + 65] = 255
    pieces = print_picture(Path("a.webp"), encoded(Image.fromarray(sheet)), tmp_path).pieces
    tops = np.cumsum([0, *(piece.height for piece in pieces)])
    assert len(pieces) > 3
    assert tops[-1] == 1000
    assert all(top % 100 == 0 or top % 100 >= 80 for top in tops)
    assert all(piece.height <= 200 * 190 / 170 + 1 for piece in pieces)


@pytest.mark.parametrize("height", [250, 1000])
def test_picture_without_a_gap_stays_whole(height: int, tmp_path: Path) -> None:
    content = encoded(Image.new("L", (200, height), 100))
    assert len(print_picture(Path("a.webp"), content, tmp_path).pieces) == 1


def test_drawing_that_is_far_too_high_does_not_fit_a_page() -> None:
    drawing = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 100 {}"></svg>'
    assert fits_a_page(drawing.format(160).encode())
    assert not fits_a_page(drawing.format(175).encode())


def test_drawing_stays_a_drawing(tmp_path: Path) -> None:
    content = b'<svg xmlns="http://www.w3.org/2000/svg"\n width="9" viewBox="0 0 504 252.5"></svg>'
    (piece,) = print_picture(Path("a.svg"), content, tmp_path).pieces
    assert (piece.width, piece.height) == (504, 252.5)
    assert (tmp_path / piece.file).read_bytes() == content


def test_what_is_not_a_picture_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="cannot identify"):
        print_picture(Path("a.webp"), b"nothing", tmp_path)
