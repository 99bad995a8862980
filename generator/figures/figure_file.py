"""What is known of a figure that lies on the disk; nothing here draws, or needs matplotlib.

In: what was drawn, or the JSON of an earlier build. Out: `FigureFile`s for the pages, and whether a
figure that an earlier build drew still serves.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from generator.files.write import size_of


@dataclass(frozen=True)
class FigureFile:
    """A picture that a page shows.

    Attributes:
        path: relative to `build/docs`, with forward slashes.
        alt: what it shows, for those who cannot see it.
        size_wh: width and height in pixels.
    """

    path: str
    alt: str
    size_wh: tuple[int, int]


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

    def printed(self, name: str) -> Path:
        """The file of a figure that the PDF shows."""
        return self.prints / self.folder / f"{name}.svg"


@dataclass(frozen=True)
class DrawnFigure:
    """A figure on the disk, and what it was drawn from.

    Attributes:
        depends_on: the fingerprint of all that it depends on.
        site_bytes, print_bytes: the sizes of its files; None where none was drawn for print.
    """

    file: FigureFile
    depends_on: str
    site_bytes: int
    print_bytes: int | None

    def is_current(self, depends_on: str, site: Path, printed: Path | None) -> bool:
        """Whether it need not be drawn again: nothing changed, and its files are whole.

        Args:
            printed: None where there is to be no PDF.
        """
        is_whole = size_of(site) == self.site_bytes and (
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
        return cls(file, value["depends_on"], value["site_bytes"], value["print_bytes"])


def figure_file_from_json(value: Mapping[str, Any]) -> FigureFile:
    """Reads back what `asdict` of a `FigureFile` gave.

    Raises:
        KeyError, TypeError, ValueError: it is something else.
    """
    width, height = value["size_wh"]
    return FigureFile(value["path"], value["alt"], (width, height))
