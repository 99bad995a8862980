"""A figure for paper: words and lines stay what they are, photographs become JPEG.

In: a `Figure`. Out: an SVG file with the same bytes for the same figure. Typst sets the
words in the font that measured them; nothing here knows of Typst.
"""

from __future__ import annotations

import base64
import io
import re
from pathlib import Path

from matplotlib import rc_context
from matplotlib.figure import Figure
from PIL import Image

from generator.figures.style import figure_style
from generator.files.write import write_if_different

PIXELS_PER_INCH = 180
"""Of the photographs in it."""

_QUALITY = 75
_EMBEDDED = re.compile(r"data:image/png;base64,([A-Za-z0-9+/=\s]+)")


def save_for_print(figure: Figure, path: Path) -> None:
    """Saves a figure for print; it can still be used afterwards.

    Args:
        path: ends in .svg; its folder is made if need be.
    """
    stream = io.StringIO()
    with figure_style(), rc_context({"svg.fonttype": "none"}):
        figure.savefig(
            stream, format="svg", dpi=PIXELS_PER_INCH, metadata={"Date": None, "Creator": None}
        )
    drawing = _EMBEDDED.sub(lambda found: _smallest(found[1]), stream.getvalue())
    write_if_different(path, drawing.encode())


def _smallest(png: str) -> str:
    """An embedded picture as JPEG, unless PNG is smaller, as it is for maps of few cells."""
    content = base64.b64decode(png)
    stream = io.BytesIO()
    with Image.open(io.BytesIO(content)) as picture:
        if picture.getextrema()[-1] != (255, 255) and picture.mode == "RGBA":
            return f"data:image/png;base64,{png}"  # something shines through it
        picture.convert("RGB").save(stream, "JPEG", quality=_QUALITY, optimize=True)
    if len(stream.getvalue()) >= len(content):
        return f"data:image/png;base64,{png}"
    return f"data:image/jpeg;base64,{base64.b64encode(stream.getvalue()).decode()}"
