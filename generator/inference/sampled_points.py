"""What sampled (deformable) attention reads: points with weights, in place of maps.

In: arrays of a forward pass. Out: a `SampledPoints`. Each query and head reads a few points of each
level's feature map, between whose cells it interpolates (arXiv 2010.04159).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class SampledPoints:
    """The sampling points of one kind of attention in every layer.

    Attributes:
        places: (layers, queries, heads, levels, points, 2) float32, x and y as fractions of the
            image; a point outside it reads zeros.
        weights: (layers, queries, heads, levels, points) float32, which sum to 1 for each head.
        references: (layers, queries, 2) float32, the reference points, which a query's or cell's
            points are set off from.
        levels_hw: rows and columns of each level's feature map, the finest first.
    """

    places: FloatArray
    weights: FloatArray
    references: FloatArray
    levels_hw: tuple[tuple[int, int], ...]

    def __post_init__(self) -> None:
        wanted = (*self.weights.shape, 2)
        is_whole = (
            len(wanted) == 6
            and self.places.shape == wanted
            and self.references.shape == (*wanted[:2], 2)
            and wanted[3] == len(self.levels_hw)
        )
        if not is_whole:
            raise ValueError(
                "expected places (layers, queries, heads, levels, points, 2), weights without the "
                "last axis, references (layers, queries, 2) and as many levels, got places "
                f"{self.places.shape}, weights {self.weights.shape}, references "
                f"{self.references.shape} and {len(self.levels_hw)} levels"
            )

    def __len__(self) -> int:
        """The number of layers."""
        return len(self.weights)

    @property
    def heads(self) -> int:
        """The number of heads."""
        return int(self.weights.shape[2])
