"""Which cell of a feature map a sampling point lies in.

In: places as fractions of the image, an array or a tensor. Out: numbers of cells. No torch here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Cells:
    """The cells of a feature map, row by row, as `analysis.grid.Grid` has them.

    Attributes:
        hw: rows and columns.
        input_hw: height and width of the network's input in pixels.
        stride: pixels of that input from one centre to the next.
        first_centre: the pixel that the first cell is centred on.
    """

    hw: tuple[int, int]
    input_hw: tuple[int, int]
    stride: int
    first_centre: float

    def numbers_of(self, places: Any) -> Any:
        """The cell whose centre is nearest, (...); -1 for a point outside the image.

        Args:
            places: (..., 2), x and y as fractions of the image.
        """
        x, y = places[..., 0], places[..., 1]
        rows, columns = self.hw
        row = self._nearest(y, self.input_hw[0], rows)
        column = self._nearest(x, self.input_hw[1], columns)
        is_inside = (x >= 0) & (x <= 1) & (y >= 0) & (y <= 1)
        return (row * columns + column + 1) * is_inside - 1

    def _nearest(self, fraction: Any, pixels: int, count: int) -> Any:
        place = (fraction * pixels - 0.5 - self.first_centre) / self.stride
        return place.round().clip(0, count - 1)
