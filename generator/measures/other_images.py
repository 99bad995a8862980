"""How much of where a query looks is its usual place: its maps on the other images.

In: the last cross-attention maps of all queries in several images of one model, and boxes. Out:
the control `other_images` of mass and lift. A query that looked at the same place whatever the
image showed would have as much weight in its box from the other images' maps as from its own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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


def with_other_images(
    measurements: Sequence[Sequence[Measurement]], looks: Sequence[QueryMaps], layer: int
) -> list[tuple[Measurement, ...]]:
    """Adds the control to the measurements of each image.

    Args:
        measurements, looks: of each image of one model.
        layer: the decoder layer of the maps, from 0.
    """
    places: dict[tuple[str, str, int, int | None], tuple[Measure, str]] = {
        (f"{measure.name}{suffix}", DECODER_CROSS.name, layer, None): (measure, suffix)
        for measure in (MASS, LIFT)
        for suffix in {suffix for one in looks for suffix in one.boxes}
    }
    usual = _UsualMaps(looks)
    completed = []
    for ones, look in zip(measurements, looks, strict=True):
        added = []
        for one in ones:
            found = places.get((one.measure, one.mechanism, one.layer, one.head))
            control = usual.mean_of(look, *found) if found else None
            if control is not None:
                controls = (*one.controls, (OTHER_IMAGES.name, control))
                one = replace(one, controls=tuple(sorted(controls)))
            added.append(one)
        completed.append(tuple(added))
    return completed


class _UsualMaps:
    """The maps of all images added up, by the grid that they share: masses are sums too."""

    def __init__(self, looks: Sequence[QueryMaps]) -> None:
        self._sums: dict[Grid, Values] = {}
        self._counts: dict[Grid, int] = {}
        for look in looks:
            maps = look.maps.astype(np.float64)
            self._sums[look.grid] = self._sums.get(look.grid, np.zeros_like(maps)) + maps
            self._counts[look.grid] = self._counts.get(look.grid, 0) + 1

    def mean_of(self, look: QueryMaps, measure: Measure, suffix: str) -> float | None:
        """The mean over an image's boxes and all other images; None if there are none."""
        boxes = look.boxes.get(suffix)
        if boxes is None or not len(boxes):
            return None
        total, images = np.zeros(len(boxes)), 0
        for grid, sums in self._sums.items():
            maps, others = sums[boxes.queries], self._counts[grid]
            if grid == look.grid:
                maps, others = maps - look.maps[boxes.queries].astype(np.float64), others - 1
            if not others:
                continue
            coverage = box_coverage(boxes.boxes_xyxy, grid)
            lifts = np.diagonal(pairwise_lift(maps, coverage))
            total += lifts if measure is LIFT else lifts * coverage.mean((1, 2))
            images += others
        return float(total.mean() / images) if images else None
