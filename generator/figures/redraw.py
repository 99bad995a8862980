"""Kinds of figures, and drawing those of them whose data, options or code changed.

In: kinds, their data, and what was drawn before. Out: picture files, and a record of each. What
is drawn is the figure modules' business.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

from matplotlib.figure import Figure
from PIL import Image

from generator.figures.figure_file import DrawnFigure, FigureFile, FigurePlace, NarrowFile, TileFile
from generator.figures.save import save_figure, save_for_print
from generator.figures.style import ink_on, narrow_screen
from generator.figures.tiles import Tile, Tiles, save_tile
from generator.files.fingerprint import fingerprint
from generator.files.write import size_of
from generator.project.config import FigureOptions

Data = TypeVar("Data")
_BORDER = ("generator.detr", "generator.errors", "generator.inference", "generator.project")
"""What figures only pass on; what a forward pass depends on is in the key of their data."""
_SVG_PIXELS_PER_INCH = 100
_TALL = 1.6
"""A figure higher than this many times its width is cut into pages, which takes pixels."""


def always(_: object) -> bool:
    """For figures that there is always something to show in."""
    return True


@dataclass(frozen=True)
class FigureKind(Generic[Data]):
    """One kind of figure.

    Attributes:
        name: of its file, and what templates call it.
        draw: makes the figure of data.
        alt: what it shows, for those who cannot see it.
        applies: whether there is something to show.
        draw_for_print: where the figure on paper is another one.
        tiles: makes what the site shows in place of the figure, which is then drawn for print
            alone.
        is_narrowed: whether the site has one more for narrow screens, on which the words of the
            other would be too small; it is drawn while `style.narrow_screen` is open.
    """

    name: str
    draw: Callable[[Data, FigureOptions], Figure]
    alt: Callable[[Data], str]
    applies: Callable[[Data], bool] = always
    draw_for_print: Callable[[Data, FigureOptions], Figure] | None = None
    tiles: Callable[[Data, FigureOptions], Tiles] | None = None
    is_narrowed: bool = False


def redraw(
    kinds: Iterable[FigureKind[Data]],
    data: Data,
    key: str,
    options: FigureOptions,
    place: FigurePlace,
    before: Mapping[str, DrawnFigure],
) -> dict[str, DrawnFigure]:
    """Draws the figures of some data that are not there as they should be.

    Files of figures that do not apply (any more) are removed.

    Args:
        key: names the data.
        before: what an earlier call returned, by name.
    """
    drawn: dict[str, DrawnFigure] = {}
    for kind in kinds:
        if not kind.applies(data):
            continue
        depends_on = _depends_on(kind, key, options)
        printed = place.printed(kind.name) if place.for_print else None
        known = before.get(kind.name)
        if known is None or not known.is_current(depends_on, place.docs, printed):
            known = _drawn(kind, data, options, place, depends_on)
        drawn[kind.name] = known
    _remove_others(place, drawn, before)
    return drawn


def _depends_on(kind: FigureKind[Any], key: str, options: FigureOptions) -> str:
    functions = (kind.draw, kind.alt, kind.tiles, kind.draw_for_print)
    modules = sorted({__name__, *(one.__module__ for one in functions if one is not None)})
    return fingerprint(*modules, border=_BORDER, values={"key": key, "options": asdict(options)})


def _drawn(
    kind: FigureKind[Data], data: Data, options: FigureOptions, place: FigurePlace, depends_on: str
) -> DrawnFigure:
    """Draws a figure for the site and, if there is to be a PDF, for print."""
    printed = place.printed(kind.name)
    printed.unlink(missing_ok=True)  # never one of other data
    if kind.tiles is not None:
        if place.for_print:
            _print(kind, data, options, printed, None)
        file = _tiled(kind, kind.tiles(data, options), data, place)
    else:
        file = _whole(kind, data, options, place)
    sizes = tuple(size_of(place.docs / path) for path in file.site_paths)
    return DrawnFigure(file, depends_on, sizes, size_of(printed) if place.for_print else None)


def _whole(
    kind: FigureKind[Data], data: Data, options: FigureOptions, place: FigurePlace
) -> FigureFile:
    """Draws a figure that is one picture, words and all."""
    site = place.site(kind.name)
    site.unlink(missing_ok=True)
    figure = kind.draw(data, options)
    if place.for_print:
        _print(kind, data, options, place.printed(kind.name), figure)
    size_wh = _drawing_size(figure)
    save_figure(figure, site, options.dpi)
    if site.suffix != ".svg":
        with Image.open(site) as picture:
            size_wh = picture.size
    narrow = _narrow(kind, data, options, place) if kind.is_narrowed else None
    path = site.relative_to(place.docs).as_posix()
    return FigureFile(path, kind.alt(data), size_wh, narrow=narrow)


def _narrow(
    kind: FigureKind[Data], data: Data, options: FigureOptions, place: FigurePlace
) -> NarrowFile:
    """Draws a figure for narrow screens."""
    site = place.site(f"{kind.name}-narrow")
    with narrow_screen():
        figure = kind.draw(data, options)
    size_wh = _drawing_size(figure)
    save_figure(figure, site, options.dpi)
    return NarrowFile(site.relative_to(place.docs).as_posix(), size_wh)


def _tiled(kind: FigureKind[Data], made: Tiles, data: Data, place: FigurePlace) -> FigureFile:
    """Writes a figure's tiles."""
    files = []
    for number, tile in enumerate(made.tiles, start=1):
        path = place.tile(kind.name, number)
        save_tile(tile, path)
        files.append(_tile_file(tile, path.relative_to(place.docs).as_posix()))
    whole = place.site(kind.name).relative_to(place.docs).as_posix()
    size_wh = files[0].size_wh
    more = (tuple(files), made.remark, made.scale, made.columns, made.table)
    return FigureFile(whole, kind.alt(data), size_wh, *more)


def _tile_file(tile: Tile, path: str) -> TileFile:
    height, width = tile.pixels.shape[:2]
    ink = ink_on(tile.colour) if tile.colour else ""
    words = (tile.title, tile.text, tile.colour, ink)
    return TileFile(path, tile.alt, (width, height), *words, tile.marks, tile.is_large)


def _print(
    kind: FigureKind[Data],
    data: Data,
    options: FigureOptions,
    printed: Path,
    figure: Figure | None,
) -> None:
    """Draws a figure for print, in words and lines; one too tall for a page in pixels, too."""
    draw = kind.draw_for_print or (kind.draw if figure is None else None)
    on_paper = draw(data, options) if draw is not None else figure
    assert on_paper is not None  # it was drawn here or before
    save_for_print(on_paper, printed)
    pixels = printed.with_suffix(".webp")
    pixels.unlink(missing_ok=True)
    width, height = _drawing_size(on_paper)
    if kind.tiles is not None and height > _TALL * width:
        save_figure(on_paper, pixels, options.dpi)


def _drawing_size(figure: Figure) -> tuple[int, int]:
    width, height = (float(inches) * _SVG_PIXELS_PER_INCH for inches in figure.get_size_inches())
    return round(width), round(height)


def _remove_others(
    place: FigurePlace, drawn: Mapping[str, DrawnFigure], before: Mapping[str, DrawnFigure]
) -> None:
    """Removes figures of kinds or models that are gone, and tiles that are no more."""
    kept = {path for one in drawn.values() for path in one.file.site_paths}
    known = {path for one in before.values() for path in one.file.site_paths}
    for file in (place.docs / place.folder).glob("*"):
        path = file.relative_to(place.docs).as_posix()
        is_figure = file.suffix in (".webp", ".svg") and path not in kept
        if is_figure and (path in known or not place.is_shared):
            file.unlink()
    for file in (place.prints / place.folder).glob("*"):
        is_figure = file.suffix in (".webp", ".svg") and file.stem not in drawn
        if is_figure and (file.stem in before or not place.is_shared):
            file.unlink()
