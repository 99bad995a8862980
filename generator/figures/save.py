"""Writes a figure to a file, with the same bytes for the same figure.

In: a `Figure`. Out: a PNG, WebP or SVG file for the site, written only if its bytes change, so
that a live preview does not rebuild for nothing; or an SVG file for paper, in which words and
lines stay vectors and images become JPEG. It does not know what is drawn.
"""

from __future__ import annotations

import base64
import io
import re
from pathlib import Path
from typing import Any

from matplotlib import rc_context
from matplotlib.figure import Figure
from PIL import Image

from generator.figures.style import figure_style
from generator.files.write import write_if_different

# Keeps matplotlib from writing its version and, into an SVG, the date.
_METADATA: dict[str, dict[str, str | None] | None] = {
    ".png": {"Software": None},
    ".svg": {"Date": None, "Creator": None},
    ".webp": None,
}
_WEBP_OPTIONS = {"quality": 88, "method": 4}

# A WebP file holds at most 16,383 pixels per side; a long figure gets fewer dots per inch.
_LONGEST_SIDE = 16_000

PRINTED_PIXELS_PER_INCH = 180
"""The resolution of images in a figure for print."""
_PRINTED_QUALITY = 75
_EMBEDDED = re.compile(r"data:image/png;base64,([A-Za-z0-9+/=\s]+)")


def save_figure(figure: Figure, path: Path, dpi: int) -> None:
    """Saves the figure in the format of the path's suffix, and empties it.

    The file is written under a temporary name and renamed, and left alone if it has the
    same bytes already. A figure that would be longer than 16,000 pixels is drawn with
    fewer dots per inch.

    Args:
        figure: cannot be used again.
        path: ends in .png, .webp or .svg; its folder is made if necessary.
        dpi: dots per inch; in an SVG those of its embedded images.

    Raises:
        ValueError: the suffix is another one.
    """
    suffix = path.suffix.lower()
    if suffix not in _METADATA:
        raise ValueError(f"{path.name}: figures are saved as .png, .webp or .svg")
    more: dict[str, Any] = {"pil_kwargs": _WEBP_OPTIONS} if suffix == ".webp" else {}
    highest_dpi = _LONGEST_SIDE / float(max(figure.get_size_inches()))
    stream = io.BytesIO()
    with figure_style():
        figure.savefig(
            stream,
            format=suffix[1:],
            dpi=min(float(dpi), highest_dpi),
            metadata=_METADATA[suffix],
            **more,
        )
    for axes in figure.axes:  # frees the pixels; Figure.clear() would set up each axes anew
        figure.delaxes(axes)
    write_if_different(path, stream.getvalue())


def save_for_print(figure: Figure, path: Path) -> None:
    """Saves a figure for print; it can still be used afterwards.

    Args:
        path: ends in .svg; its folder is made if necessary.
    """
    stream = io.StringIO()
    with figure_style(), rc_context({"svg.fonttype": "none"}):
        figure.savefig(
            stream,
            format="svg",
            dpi=PRINTED_PIXELS_PER_INCH,
            metadata={"Date": None, "Creator": None},
        )
    svg = _EMBEDDED.sub(lambda found: _smallest(found[1]), stream.getvalue())
    write_if_different(path, svg.encode())


def _smallest(png: str) -> str:
    """An embedded image as JPEG, unless PNG is smaller, as it is for maps of few cells."""
    content = base64.b64decode(png)
    stream = io.BytesIO()
    with Image.open(io.BytesIO(content)) as image:
        if image.getextrema()[-1] != (255, 255) and image.mode == "RGBA":
            return f"data:image/png;base64,{png}"  # it is partly transparent
        image.convert("RGB").save(stream, "JPEG", quality=_PRINTED_QUALITY, optimize=True)
    if len(stream.getvalue()) >= len(content):
        return f"data:image/png;base64,{png}"
    return f"data:image/jpeg;base64,{base64.b64encode(stream.getvalue()).decode()}"
