"""Whether the sinks are the same cells in all images of a gallery.

In: the most-read cells of several images of one model. Out: a `Measurement` for each image,
layer and head: how many of its most-read cells lie where another image has one, and how many
would if those were random cells. Places are fractions of the grid, as grids differ in shape.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from generator.measures.attention_rows import Rows
from generator.measures.catalogue_sinks import SAME_SINKS
from generator.measures.measurement import Measurement, Values, measurements_by_head
from generator.measures.mechanisms import ANY_CELLS, ANY_ON_BORDER, ENCODER_SELF
from generator.measures.most_read import on_border

Shape = tuple[int, int]


@dataclass(frozen=True, eq=False)
class SinkCells:
    """The most-read cells of an image.

    Attributes:
        grid_hw: rows and columns of the grid.
        cells: (layers, 1 + heads, n), tokens; the first map is the mean of the heads.
    """

    grid_hw: Shape
    cells: Rows


def measure_same_sinks(images: Sequence[SinkCells]) -> Iterator[tuple[Measurement, ...]]:
    """The records of each image; none if there is only one image.

    Args:
        images: of one model, so that they have as many layers and heads.
    """
    if len(images) < 2:
        yield from (() for _ in images)
        return
    sums = _sums(images)
    yield from (_measurements(image, sums) for image in images)


@dataclass(eq=False)
class _Sum:
    """All images whose grids have one shape, added up.

    Attributes:
        images: how many.
        sinks: (layers, maps, N), how many of them have a sink at a cell.
        chance: (layers, maps, 2), the sum of their shares of sinks, of the cells inside and of
            those on the border.
    """

    images: int
    sinks: Values
    chance: Values


def _sums(images: Sequence[SinkCells]) -> dict[Shape, _Sum]:
    sums: dict[Shape, _Sum] = {}
    for image in images:
        sinks, chance = _one(image)
        if image.grid_hw in sums:
            shape = sums[image.grid_hw]
            shape.images, shape.sinks = shape.images + 1, shape.sinks + sinks
            shape.chance = shape.chance + chance
        else:
            sums[image.grid_hw] = _Sum(1, sinks, chance)
    return sums


def _one(image: SinkCells) -> tuple[Values, Values]:
    """Where an image has sinks, and the shares of its cells that are: see `_Sum`."""
    border = on_border(image.grid_hw)
    sinks = np.zeros((*image.cells.shape[:2], len(border)))
    np.put_along_axis(sinks, image.cells, 1, axis=-1)
    shares = [sinks[..., of].sum(axis=-1) / max(1, of.sum()) for of in (~border, border)]
    return sinks, np.stack(shares, axis=-1)


def _measurements(image: SinkCells, sums: dict[Shape, _Sum]) -> tuple[Measurement, ...]:
    """One image compared with the sums of all others."""
    own_sinks, own_chance = _one(image)
    hits, random, on_the_border = (np.zeros(image.cells.shape) for _ in range(3))
    others = 0
    for grid_hw, shape in sums.items():
        number, sinks, chance = shape.images, shape.sinks, shape.chance
        if grid_hw == image.grid_hw:
            number, sinks, chance = number - 1, sinks - own_sinks, chance - own_chance
        there = cells_at_same_places(image.grid_hw, grid_hw)[image.cells]  # (layers, maps, n)
        is_border = on_border(grid_hw)[there].astype(np.int64)
        hits += np.take_along_axis(sinks, there, axis=-1)
        random += sinks.mean(axis=-1, keepdims=True)
        on_the_border += np.take_along_axis(chance, is_border, axis=-1)
        others += number
    return tuple(
        one
        for layer in range(len(hits))
        for one in measurements_by_head(
            SAME_SINKS,
            ENCODER_SELF,
            layer,
            hits[layer] / others,
            {
                ANY_CELLS: random[layer] / others,
                ANY_ON_BORDER: on_the_border[layer] / others,
            },
        )
    )


def cells_at_same_places(grid_hw: Shape, other_hw: Shape) -> npt.NDArray[np.int64]:
    """For each token of a grid, the token of another grid that its centre falls into: (h * w,)."""
    rows, columns = (
        ((np.arange(own) + 0.5) * other / own).astype(np.int64)
        for own, other in zip(grid_hw, other_hw, strict=True)
    )
    return np.asarray((rows[:, None] * other_hw[1] + columns).ravel())
