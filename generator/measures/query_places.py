"""Whether each object query has its own places and sizes, over the images of a gallery.

In: the last boxes of all queries in several images of one model. Out: for each image how far
its boxes are from the same queries' boxes in the other images, compared with how far they are
from the other queries' boxes. The DETR paper's figure 7 (arXiv 2005.12872) shows the same boxes
as a scatter for each query.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

from generator.measures.catalogue import PLACE_DISTANCE, SIZE_DIFFERENCE
from generator.measures.measurement import Measure, Measurement
from generator.measures.mechanisms import OTHER_QUERIES, PREDICTIONS

Boxes = npt.NDArray[np.floating]


def place_distances(boxes_cxcywh: Sequence[Boxes]) -> Iterator[npt.NDArray[np.float64]]:
    """Distance of each box's centre from its query's usual place, and from other queries'.

    The usual place is the mean over the other images. Distances are in a unit square and
    divided by its diagonal, so that images of all proportions count alike.

    Args:
        boxes_cxcywh: at least two images' boxes, (Q, 4) each, fractions of the image; Q > 1.

    Yields:
        Of each image (Q, 2) in [0, 1]: from the same query's place, and mean over other queries'.
    """
    centres = np.stack(boxes_cxcywh)[..., :2].astype(np.float64)
    for own, usual in zip(centres, _mean_of_others(centres), strict=True):
        yield _own_and_others(np.linalg.norm(own[:, None] - usual, axis=-1) / math.sqrt(2))


def size_differences(boxes_cxcywh: Sequence[Boxes]) -> Iterator[npt.NDArray[np.float64]]:
    """Likewise for sizes, sqrt(w h) as a fraction of the image: of each (Q, 2) in [0, 1]."""
    boxes = np.stack(boxes_cxcywh).astype(np.float64)
    sizes = np.sqrt(boxes[..., 2] * boxes[..., 3])
    for own, usual in zip(sizes, _mean_of_others(sizes), strict=True):
        yield _own_and_others(np.abs(own[:, None] - usual))


def _mean_of_others(values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """For each image the mean over all the other images."""
    return np.asarray((values.sum(axis=0) - values) / (len(values) - 1))


def _own_and_others(apart: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """(Q, Q) to (Q, 2): the diagonal, and the mean of the rest of the row."""
    own = np.diagonal(apart)
    others = (apart.sum(axis=-1) - own) / (apart.shape[-1] - 1)
    return np.stack([own, others], axis=-1)


def measure_places(boxes_cxcywh: Sequence[Boxes], layer: int) -> Iterator[tuple[Measurement, ...]]:
    """The records of each image; none if there is only one image or one query.

    Args:
        boxes_cxcywh: (Q, 4) for each image of one model.
        layer: the decoder layer of the boxes, from 0.
    """
    if len(boxes_cxcywh) < 2 or len(boxes_cxcywh[0]) < 2:
        yield from (() for _ in boxes_cxcywh)
        return
    distances, differences = place_distances(boxes_cxcywh), size_differences(boxes_cxcywh)
    for places, sizes in zip(distances, differences, strict=True):
        yield (
            _measurement(PLACE_DISTANCE, places, layer),
            _measurement(SIZE_DIFFERENCE, sizes, layer),
        )


def _measurement(measure: Measure, pairs: npt.NDArray[np.float64], layer: int) -> Measurement:
    """One image's record, from (Q, 2), own and others."""
    own, others = (math.fsum(side) / len(pairs) for side in pairs.T.tolist())
    return Measurement(
        measure.name,
        PREDICTIONS.name,
        layer,
        None,
        own,
        len(pairs),
        ((OTHER_QUERIES.name, others),),
    )
