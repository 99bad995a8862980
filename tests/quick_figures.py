"""Figures that take no time, for tests whose subject is what happens to figures.

In: `setattr`, or that of a `MonkeyPatch`. Out: every kind of figure draws an empty sheet. The
fingerprint of a figure stays that of the real one, so what was drawn before still serves.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from generator.figures.redraw import FigureKind
    from generator.figures.tiles import Tiles
    from generator.project.config import FigureOptions

_PLAIN = {"viridis": "white", "magma": "black"}


def draw_next_to_nothing(set_attribute: Callable[..., None]) -> None:
    """Puts stand-ins in the place of all figures."""
    from generator.figures import training
    from generator.figures.gallery import gallery_set
    from generator.figures.image import image_set

    real, curve = gallery_set.gallery_figures, training.training_kind
    kinds = tuple(map(_quick, image_set.IMAGE_FIGURES))
    set_attribute(image_set, "IMAGE_FIGURES", kinds)
    set_attribute(gallery_set, "gallery_figures", lambda models: tuple(map(_quick, real(models))))
    set_attribute(training, "training_kind", lambda name: _quick(curve(name)))


@functools.cache
def _sheet(colour: str) -> Figure:
    """An empty sheet, which is drawn once in each format and resolution."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(2, 1), facecolor=colour)
    save, saved = figure.savefig, dict[str, Any]()

    def save_once(stream: Any, **options: Any) -> None:
        key = repr((type(stream), sorted(options.items())))
        if key not in saved:
            first = type(stream)()
            save(first, **options)
            saved[key] = first.getvalue()
        stream.write(saved[key])

    figure.savefig = save_once  # type: ignore[assignment, method-assign]
    return figure


def _quick(kind: FigureKind[Any]) -> FigureKind[Any]:
    from generator.figures.tiles import Tile, Tiles

    def draw(_: object, options: FigureOptions) -> Figure:
        return _sheet(_PLAIN[options.colour_map])

    def tiles(_: object, options: FigureOptions) -> Tiles:
        pixels = np.full((2, 4, 3), 255 * (options.colour_map == "viridis"), np.uint8)
        pixels[0, 0] = options.dpi % 256  # another resolution is another picture
        return Tiles((Tile(pixels, "A tile."),))

    draw.__module__ = kind.draw.__module__  # whose code counts
    if kind.tiles is None:
        return replace(kind, draw=draw, draw_for_print=None)
    tiles.__module__ = kind.tiles.__module__
    return replace(kind, draw=draw, draw_for_print=None, tiles=tiles)
