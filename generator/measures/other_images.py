"""How much of where a query looks is its usual place: its maps on the other images.

In: the last cross-attention maps of all queries in several images of one model, and boxes. Out:
the control `other_images` of mass and lift. A query that looked at the same place whatever the
image showed would have as much weight in its box from the other images' maps as from its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from generator.analysis.grid import Grid
from generator.measures.catalogue import LIFT, MASS
from generator.measures.localisation import box_coverage, pairwise_lift
from generator.measures.measurement import Measure, Measurement
from generator.measures.mechanisms import DECODER_CROSS, OTHER_IMAGES
from generator.measures.target_boxes import TargetBoxes

Values = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class QueryMaps:
    """Where the queries of one image look, and its boxes.

    Attributes:
        maps: (Q, h, w), cross-attention of the last layer, mean of the heads; each sums to 1, in
            half precision, which is enough for a mean and keeps the cache small.
        grid: where the cells of the maps lie in this image.
        boxes: target boxes by the suffix of the measures that use them.
    """

    maps: npt.NDArray[np.float16]
    grid: Grid
    boxes: Mapping[str, TargetBoxes]


@dataclass(frozen=True, eq=False)
class BoxMaps:
    """What is kept of the maps of an image: those of the queries that have a box.

    Attributes:
        grid: as in `QueryMaps`.
        boxes: target boxes by suffix, each with the maps of their queries, (n, h, w).
    """

    grid: Grid
    boxes: Mapping[str, tuple[TargetBoxes, npt.NDArray[np.float16]]]


class UsualMaps:
    """The maps of images of one model added up, by the grid that they share: masses are sums too.

    All images are added before any is compared with the others.
    """

    def __init__(self) -> None:
        self._sums: dict[Grid, Values] = {}
        self._counts: dict[Grid, int] = {}

    def add(self, look: QueryMaps) -> BoxMaps:
        """Adds an image; returns what is needed to compare it."""
        maps = look.maps.astype(np.float64)
        self._sums[look.grid] = self._sums.get(look.grid, 0.0) + maps
        self._counts[look.grid] = self._counts.get(look.grid, 0) + 1
        return BoxMaps(
            look.grid,
            {suffix: (boxes, look.maps[boxes.queries]) for suffix, boxes in look.boxes.items()},
        )

    def as_control(
        self, measurements: Iterable[Measurement], look: BoxMaps, layer: int
    ) -> Iterator[Measurement]:
        """The measurements of one of the images, with the control where it has one.

        Args:
            layer: the decoder layer of the maps, from 0.
        """
        places: dict[tuple[str, str, int, int | None], tuple[Measure, str]] = {
            (f"{measure.name}{suffix}", DECODER_CROSS.name, layer, None): (measure, suffix)
            for measure in (MASS, LIFT)
            for suffix in look.boxes
        }
        for one in measurements:
            found = places.get((one.measure, one.mechanism, one.layer, one.head))
            control = self._mean_of(look, *found) if found else None
            if control is None:
                yield one
            else:
                controls = (*one.controls, (OTHER_IMAGES.name, control))
                yield replace(one, controls=tuple(sorted(controls)))

    def _mean_of(self, look: BoxMaps, measure: Measure, suffix: str) -> float | None:
        """The mean over an image's boxes and all other images; None if there are none."""
        boxes, own = look.boxes[suffix]
        if not len(boxes):
            return None
        total, images = np.zeros(len(boxes)), 0
        for grid, sums in self._sums.items():
            maps, others = sums[boxes.queries], self._counts[grid]
            if grid == look.grid:
                maps, others = maps - own.astype(np.float64), others - 1
            if not others:
                continue
            coverage = box_coverage(boxes.boxes_xyxy, grid)
            lifts = np.diagonal(pairwise_lift(maps, coverage))
            total += lifts if measure is LIFT else lifts * coverage.mean((1, 2))
            images += others
        return float(total.mean() / images) if images else None
