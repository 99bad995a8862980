"""Where the cells of a feature map lie in the image, for all that is measured or drawn.

In: a forward pass. Out: a `Grid`. It knows no attention and no box.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from generator.inference.forward_pass import ForwardPass

Floats = npt.NDArray[np.float64]
Cell = tuple[int, int]
Point = tuple[float, float]


@dataclass(frozen=True)
class Grid:
    """The cells of a feature map, and where they lie in the image.

    The receptive field of cell j of a row is centred on pixel `first_centre + stride * j` of the
    network's input. Dividing the image into equal parts would be wrong: it shifts the cells by up
    to half a stride, and its step is not the stride where that does not divide the side.

    The *footprint* of a cell are the points that are nearer to its centre than to any other, so
    that footprints tile the image. They are a stride wide, but at the edges: in a ResNet the first
    row and column have half a stride, the last from half to one and a half.

    Attributes:
        hw: rows and columns.
        input_hw: height and width of the network's input in pixels.
        stride: pixels of that input from one centre to the next.
        first_centre: the pixel that the first cell is centred on, counted from 0, in rows and
            columns alike; whole for the middle of a pixel.
    """

    hw: tuple[int, int]
    input_hw: tuple[int, int]
    stride: int
    first_centre: float

    @classmethod
    def of(cls, forward: ForwardPass) -> Grid:
        """The grid of a forward pass."""
        return cls(forward.grid_hw, forward.input_hw, forward.stride, forward.first_centre)

    @property
    def size_wh(self) -> Floats:
        """The image's width and height in cells, (2,): whole strides, and what is left."""
        return np.array(self.input_hw[::-1], np.float64) / self.stride

    @property
    def diagonal(self) -> float:
        """The image's diagonal in cells; distances are divided by it to compare images."""
        return math.hypot(*self.size_wh)

    @property
    def centres_x(self) -> Floats:
        """The middle of each column as a fraction of the image's width, (w,)."""
        return _centres(self, 1)

    @property
    def centres_y(self) -> Floats:
        """The middle of each row as a fraction of the image's height, (h,)."""
        return _centres(self, 0)

    @property
    def edges_x(self) -> Floats:
        """Where the footprints of columns begin and end, from 0 to 1: (w + 1,)."""
        return _edges(self, 1)

    @property
    def edges_y(self) -> Floats:
        """Where the footprints of rows begin and end, from 0 to 1: (h + 1,)."""
        return _edges(self, 0)

    def in_cells(self, boxes_xyxy: Floats) -> Floats:
        """Boxes, (n, 4) fractions of the image, in a unit in which every footprint has side 1.

        Column j reaches from j to j + 1, also where the image's edge makes it narrower or wider.
        """
        x = np.interp(boxes_xyxy[:, 0::2], self.edges_x, np.arange(self.hw[1] + 1))
        y = np.interp(boxes_xyxy[:, 1::2], self.edges_y, np.arange(self.hw[0] + 1))
        return np.stack([x[:, 0], y[:, 0], x[:, 1], y[:, 1]], axis=1)

    def centre_of(self, cell: Cell) -> Point:
        """The middle of a cell, (x, y) as fractions of the image."""
        return float(self.centres_x[cell[1]]), float(self.centres_y[cell[0]])


# Asked for many hundred times an image, of a few grids; nobody may write to them.
@lru_cache(64)
def _centres(grid: Grid, axis: int) -> Floats:
    # Pixel i reaches from i to i + 1, so its middle is half a pixel further than its number.
    pixels = grid.first_centre + 0.5 + grid.stride * np.arange(grid.hw[axis])
    centres = np.asarray(pixels / grid.input_hw[axis], np.float64)
    centres.flags.writeable = False
    return centres


@lru_cache(64)
def _edges(grid: Grid, axis: int) -> Floats:
    """The borders between neighbours, and the two ends: (n + 1,) of n cells."""
    centres = _centres(grid, axis)
    edges = np.concatenate([[0.0], (centres[:-1] + centres[1:]) / 2, [1.0]])
    edges.flags.writeable = False
    return edges
