"""Kinds of figures, and drawing those of them whose data, options or code changed.

In: kinds, their data, and what was drawn before. Out: picture files, and a record of each. What
is drawn is the figure modules' business.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Generic, TypeVar

from matplotlib.figure import Figure
from PIL import Image

from generator.figures.figure_file import DrawnFigure, FigureFile, FigurePlace
from generator.figures.save import save_figure, save_for_print
from generator.files.fingerprint import fingerprint
from generator.files.write import size_of
from generator.project.config import FigureOptions

Data = TypeVar("Data")
_BORDER = ("generator.detr", "generator.errors", "generator.inference", "generator.project")
"""What figures only pass on; what a forward pass depends on is in the key of their data."""
_SVG_PIXELS_PER_INCH = 100


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
    """

    name: str
    draw: Callable[[Data, FigureOptions], Figure]
    alt: Callable[[Data], str]
    applies: Callable[[Data], bool] = always
    draw_for_print: Callable[[Data, FigureOptions], Figure] | None = None


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
        if known is None or not known.is_current(depends_on, place.site(kind.name), printed):
            known = _drawn(kind, data, options, place, depends_on)
        drawn[kind.name] = known
    _remove_others(place, set(drawn), set(before))
    return drawn


def _depends_on(kind: FigureKind[Any], key: str, options: FigureOptions) -> str:
    modules = sorted({kind.draw.__module__, kind.alt.__module__, __name__})
    return fingerprint(*modules, border=_BORDER, values={"key": key, "options": asdict(options)})


def _drawn(
    kind: FigureKind[Data], data: Data, options: FigureOptions, place: FigurePlace, depends_on: str
) -> DrawnFigure:
    """Draws a figure for the site and, if there is to be a PDF, for print."""
    site, printed = place.site(kind.name), place.printed(kind.name)
    for file in (site, printed):
        file.unlink(missing_ok=True)  # never one of other data
    figure = kind.draw(data, options)
    width, height = (
        round(float(inches) * _SVG_PIXELS_PER_INCH) for inches in figure.get_size_inches()
    )
    if place.for_print:
        on_paper = kind.draw_for_print(data, options) if kind.draw_for_print else figure
        save_for_print(on_paper, printed)
    save_figure(figure, site, options.dpi)
    if site.suffix != ".svg":
        with Image.open(site) as picture:
            width, height = picture.size
    return DrawnFigure(
        FigureFile(site.relative_to(place.docs).as_posix(), kind.alt(data), (width, height)),
        depends_on,
        size_of(site),
        size_of(printed) if place.for_print else None,
    )


def _remove_others(place: FigurePlace, names: set[str], before: set[str]) -> None:
    """Removes figures of kinds or models that are gone."""
    for folder in (place.docs / place.folder, place.prints / place.folder):
        for file in folder.glob("*"):
            is_figure = file.suffix in (".webp", ".svg") and file.stem not in names
            if is_figure and (file.stem in before or not place.is_shared):
                file.unlink()
