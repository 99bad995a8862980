"""What is known of a figure that lies on the disk; nothing here draws, or needs matplotlib.

In: what was drawn, or the JSON of an earlier build. Out: `FigureFile`s for the pages, and whether a
figure that an earlier build drew still serves.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

from generator.files.write import size_of


@dataclass(frozen=True)
class Mark:
    """A short text on a picture, which the page writes there, so that it never shrinks.

    Attributes:
        text: such as the number of a point.
        place_xy: where it stands, as fractions of the picture's width and height.
        colour: of what it stands for, "#rrggbb".
        ink: of the text: "black" or "white".
        label: what the text stands for, which is said below the picture; may be empty.
        anchor_xy: the point of the text that is at its place, as fractions of its size.
        screens: "narrow" or "wide" where it is meant for such screens only.
    """

    text: str
    place_xy: tuple[float, float]
    colour: str
    ink: str
    label: str = ""
    anchor_xy: tuple[float, float] = (0.5, 0.5)
    screens: Literal["", "narrow", "wide"] = ""


@dataclass(frozen=True)
class TileFile:
    """One picture of a figure whose words stand beside it on the page.

    Attributes:
        path, alt, size_wh: as for a `FigureFile`.
        title: what it is of, "query 17"; may be empty.
        text: what else is to be said of it; may be empty.
        colour, ink: of the title, "#rrggbb", "black" or "white"; empty where it has none.
        marks: what is written on it.
        is_large: whether it is as wide as two others.
    """

    path: str
    alt: str
    size_wh: tuple[int, int]
    title: str
    text: str
    colour: str
    ink: str
    marks: tuple[Mark, ...]
    is_large: bool


@dataclass(frozen=True)
class Cell:
    """A number in a table.

    Attributes:
        fill, frame: colours, "#rrggbb"; no frame if empty.
    """

    text: str
    fill: str
    frame: str


@dataclass(frozen=True)
class Row:
    """A row of a table.

    Attributes:
        title, colour, ink: what it is of, such as the id of a query, and its colours.
        text: what else is said of that.
        starts: what is said of this row and those after it; may be empty.
    """

    title: str
    colour: str
    ink: str
    text: str
    cells: tuple[Cell, ...]
    starts: str


@dataclass(frozen=True)
class Table:
    """A table beside the tiles of a figure.

    Attributes:
        title: what it is, for those who cannot see it.
        headings: a number and a word for each column.
        remark: what is not in it.
    """

    title: str
    headings: tuple[tuple[str, str], ...]
    rows: tuple[Row, ...]
    remark: str


@dataclass(frozen=True)
class NarrowFile:
    """The picture that a narrow screen shows: its path, and its width and height in pixels."""

    path: str
    size_wh: tuple[int, int]


@dataclass(frozen=True)
class FigureFile:
    """A picture that a page shows, or several with their words beside them.

    Attributes:
        path: relative to `build/docs`, with forward slashes. Where there are `tiles`, only the
            PDF has this picture; it shows all of them.
        alt: what it shows, for those who cannot see it.
        size_wh: width and height in pixels.
        tiles: what the site shows in its place; empty if it shows the picture itself.
        remark: what is said of all tiles.
        scale: the colours of the tiles' maps from 0 to their maximum, "#rrggbb"; may be empty.
        columns: of tiles on a wide screen, if it matters; else 0.
        table: what the page says in a table, if the figure has one.
        narrow: what narrow screens show in place of the picture, if it is something else.
    """

    path: str
    alt: str
    size_wh: tuple[int, int]
    tiles: tuple[TileFile, ...] = ()
    remark: str = ""
    scale: tuple[str, ...] = ()
    columns: int = 0
    table: Table | None = None
    narrow: NarrowFile | None = None

    @property
    def site_paths(self) -> tuple[str, ...]:
        """The files that the site shows, relative to `build/docs`."""
        if self.tiles:
            return tuple(one.path for one in self.tiles)
        return (self.path,) if self.narrow is None else (self.path, self.narrow.path)


@dataclass(frozen=True)
class FigurePlace:
    """Where the figures of some data go.

    Attributes:
        docs: the site's source.
        prints: where figures go once more for the PDF, in folders as in `docs`.
        for_print: whether there is to be a PDF.
        folder: below both, with forward slashes.
        suffix: on the site: ".webp" for what holds pixels, ".svg" for lines.
        is_shared: whether the folder holds files of others, too, which stay.
    """

    docs: Path
    prints: Path
    for_print: bool
    folder: str
    suffix: str
    is_shared: bool = False

    def site(self, name: str) -> Path:
        """The file of a figure that the site shows."""
        return self.docs / self.folder / f"{name}{self.suffix}"

    def tile(self, name: str, number: int) -> Path:
        """The file of one of a figure's tiles, which are counted from 1."""
        return self.docs / self.folder / f"{name}-{number}.webp"

    def printed(self, name: str) -> Path:
        """The file of a figure that the PDF shows."""
        return self.prints / self.folder / f"{name}.svg"


@dataclass(frozen=True)
class DrawnFigure:
    """A figure on the disk, and what it was drawn from.

    Attributes:
        depends_on: the fingerprint of all that it depends on.
        site_bytes: the size of each file that the site shows.
        print_bytes: of the file that the PDF shows; None if it was not drawn for print.
    """

    file: FigureFile
    depends_on: str
    site_bytes: tuple[int, ...]
    print_bytes: int | None

    def is_current(self, depends_on: str, docs: Path, printed: Path | None) -> bool:
        """Whether it need not be drawn again: nothing changed, and its files are whole.

        Args:
            docs: the site's source.
            printed: None where there is to be no PDF.
        """
        sizes = tuple(size_of(docs / path) for path in self.file.site_paths)
        is_whole = sizes == self.site_bytes and (
            printed is None
            or (self.print_bytes is not None and size_of(printed) == self.print_bytes)
        )
        return is_whole and self.depends_on == depends_on

    def to_json(self) -> dict[str, Any]:
        """JSON's own types."""
        return asdict(self)

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> DrawnFigure:
        """Reads back what `to_json` wrote.

        Raises:
            KeyError, TypeError, ValueError: it is something else.
        """
        file = figure_file_from_json(value["file"])
        return cls(file, value["depends_on"], tuple(value["site_bytes"]), value["print_bytes"])


def figure_file_from_json(value: Mapping[str, Any]) -> FigureFile:
    """Reads back what `asdict` of a `FigureFile` gave.

    Raises:
        KeyError, TypeError, ValueError: it is something else.
    """
    tiles = tuple(map(_tile_from_json, value["tiles"]))
    table = None if value["table"] is None else _table_from_json(value["table"])
    size_wh, scale = _pair(value["size_wh"]), tuple(value["scale"])
    small = value["narrow"]
    narrow = None if small is None else NarrowFile(small["path"], _pair(small["size_wh"]))
    parts = {"size_wh": size_wh, "tiles": tiles, "scale": scale, "table": table, "narrow": narrow}
    return FigureFile(**{**value, **parts})


def _table_from_json(value: Mapping[str, Any]) -> Table:
    rows = tuple(
        Row(**{**row, "cells": tuple(Cell(**cell) for cell in row["cells"])})
        for row in value["rows"]
    )
    return Table(value["title"], tuple(map(_pair, value["headings"])), rows, value["remark"])


def _tile_from_json(value: Mapping[str, Any]) -> TileFile:
    marks = tuple(map(_mark_from_json, value["marks"]))
    return TileFile(**{**value, "size_wh": _pair(value["size_wh"]), "marks": marks})


def _mark_from_json(value: Mapping[str, Any]) -> Mark:
    pairs = {name: _pair(value[name]) for name in ("place_xy", "anchor_xy")}
    return Mark(**{**value, **pairs})


def _pair(value: Any) -> Any:
    first, second = value
    return first, second
