"""The site's pictures -> pictures for paper: sharp enough for print, and no larger.

In: pictures in `build/docs`. Out: files next to the typeset source, and their sizes. A
picture that was made before from the same bytes is not made again. An SVG is taken as it is,
so that its lines stay vectors.
"""

from __future__ import annotations

import hashlib
import io
import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image

from generator.files.write import write_if_different

TEXT_WIDTH_MM, TALLEST_MM = 170, 190
PIXELS_PER_INCH = 220
_QUALITY = 85
_MM_PER_INCH = 25.4
_SCREEN = 96
"""Pixels per inch, as in browsers: a picture is no wider than on the site."""
_SHRINKS_TO = 1.5
"""A picture is shrunk if it is up to this many times too high; a higher picture is cut."""
_WHITE = 250
_RECIPE = f"{PIXELS_PER_INCH} {_QUALITY} {TALLEST_MM}"
_SVG_SIZE = re.compile(r"<svg\b[^>]*?\bviewBox=[\"']\S+ \S+ (\S+) (\S+)[\"']", re.DOTALL)


@dataclass(frozen=True)
class Piece:
    """A picture file, or a part of one that is too high for a page; sizes in pixels."""

    file: str
    width: float
    height: float


@dataclass(frozen=True)
class PrintPicture:
    """A picture in its printed form.

    Attributes:
        width_mm: the largest width in print.
        pieces: from top to bottom; one, unless it is too high for a page.
    """

    width_mm: float
    pieces: tuple[Piece, ...]


def print_picture(source: Path, content: bytes, folder: Path) -> PrintPicture:
    """Makes the printed form of a picture.

    Args:
        source: its suffix shows whether it is an SVG.
        content: of that file.
        folder: for the files; their names hold digests of their content.

    Raises:
        OSError: the picture cannot be read.
    """
    name = hashlib.sha256(content + _RECIPE.encode()).hexdigest()[:24]
    if source.suffix == ".svg":
        return _vector(content, folder / f"{name}.svg")
    with Image.open(io.BytesIO(content)) as picture:
        width, cuts = picture.width, _cuts(picture)
        files = [folder / f"{name}-{number}.jpg" for number in range(len(cuts) - 1)]
        for file, top, bottom in zip(files, cuts, cuts[1:], strict=False):
            if not file.is_file():
                _save(picture.crop((0, top, width, bottom)), file)
    pieces = tuple(
        Piece(file.name, width, bottom - top)
        for file, top, bottom in zip(files, cuts, cuts[1:], strict=False)
    )
    return PrintPicture(min(TEXT_WIDTH_MM, width * _MM_PER_INCH / _SCREEN), pieces)


def fits_a_page(drawing: bytes) -> bool:
    """Whether an SVG fits a page without much shrinking; unlike pixels, it cannot be cut."""
    width, height = _size_of(drawing)
    return height <= _SHRINKS_TO * width * TALLEST_MM / TEXT_WIDTH_MM


def _vector(content: bytes, file: Path) -> PrintPicture:
    write_if_different(file, content)
    width, height = _size_of(content)
    return PrintPicture(TEXT_WIDTH_MM, (Piece(file.name, width, height),))


def _size_of(drawing: bytes) -> tuple[float, float]:
    found = _SVG_SIZE.search(drawing.decode("utf-8", "replace"))
    return (float(found[1]), float(found[2])) if found else (4.0, 3.0)


def _save(picture: Image.Image, file: Path) -> None:
    """Writes a part of a picture, no finer than print can show."""
    most = round(TEXT_WIDTH_MM / _MM_PER_INCH * PIXELS_PER_INCH)
    if picture.width > most:
        height = max(1, round(picture.height * most / picture.width))
        picture = picture.resize((most, height), Image.Resampling.LANCZOS)
    stream = io.BytesIO()
    rgb = Image.alpha_composite(Image.new("RGBA", picture.size, "white"), picture.convert("RGBA"))
    rgb.convert("RGB").save(stream, "JPEG", quality=_QUALITY, subsampling=0, optimize=True)
    write_if_different(file, stream.getvalue())


def _cuts(picture: Image.Image) -> list[int]:
    """Rows at which a picture that is much too high for a page is cut: where it is empty.

    Returns:
        From 0 to the height; only these two if it fits or cannot be cut.
    """
    width, height = picture.size
    highest = round(width * TALLEST_MM / TEXT_WIDTH_MM)
    if height <= _SHRINKS_TO * highest:
        return [0, height]
    is_empty = np.asarray(picture.convert("L")).min(axis=1) >= _WHITE
    cuts = [0]
    while height - cuts[-1] > highest:
        first = cuts[-1] + highest // 3
        gap = _widest_gap(is_empty[first : cuts[-1] + highest])
        if gap is None:
            return [0, height]
        cuts.append(first + gap)
    return [*cuts, height]


def _widest_gap(is_empty: npt.NDArray[np.bool_]) -> int | None:
    """The middle of the longest run of empty rows, among equals the last; None without any."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], is_empty, [False]]).astype(int)))
    runs = [(end - start, start) for start, end in edges.reshape(-1, 2).tolist()]
    if not runs:
        return None
    length, start = max(runs)
    return int(start + length // 2)
