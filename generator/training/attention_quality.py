"""Whether the embedded model's attention is good enough for teaching, on held-out scenes.

In: a detector and scenes, whose objects are known. Out: two numbers with intervals: how much
more cross-attention falls into a query's object than its share of the area, and how much more
a point of the encoder looks into its own object than into the others.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from scipy.stats import bootstrap

from generator.analysis.attention import AttentionMaps
from generator.analysis.cells import cell_of_point
from generator.analysis.grid import Grid
from generator.inference.detector import Detector
from generator.inference.forward_pass import ForwardPass
from generator.measures.intervals import LEVEL, Interval
from generator.measures.localisation import Map, box_coverage, lift, own_and_other_lift
from generator.training.data import truth_of
from generator.training.matcher import match
from generator.training.scenes import Scene, SceneOptions, compose_scene
from generator.training.sprites import SpriteWorld

Values = npt.NDArray[np.float64]
ROUNDS = 1000


def measure_attention(
    detector: Detector,
    seed: int,
    count: int,
    world: SpriteWorld,
    options: SceneOptions = SceneOptions(),  # noqa: B008 (frozen)
) -> dict[str, Any]:
    """Measures the last layers' attention, averaged over heads.

    Returns:
        `cross_attention_lift`: median over matched queries of the mass in the true box over
        its area share. `instance_separation`: mean lift of the box that a point is the
        centre of, over the mean lift of the other boxes of the scene; `..._same_class` over
        those of its class. Each with `value`, `low`, `high` (95 %, over scenes), `images`, or
        None if no scene has a value.
    """
    side = detector.card.short_side
    lifts: list[Values] = []
    pairs: list[Values] = []
    pairs_same_class: list[Values] = []
    for index in range(count):
        scene = compose_scene(seed, index, (side, side), world, options)
        if not len(scene.classes):
            continue
        forward = detector.run(scene.pixels)
        maps = AttentionMaps(forward)
        boxes = scene.boxes_xyxy / side
        grid = Grid.of(forward)
        coverage = box_coverage(boxes, grid)  # (n, h, w)
        lifts.append(_matched_lifts(forward, maps, scene, coverage))
        cells = [cell_of_point(((x0 + x1) / 2, (y0 + y1) / 2), grid)
                 for x0, y0, x1, y1 in boxes.tolist()]  # fmt: skip
        rows = np.stack([maps.encoder_row(cell) for cell in cells])  # (n, h, w)
        same = scene.classes[:, None] == scene.classes[None]
        pairs.append(_known(own_and_other_lift(rows, coverage)))
        pairs_same_class.append(_known(own_and_other_lift(rows, coverage, same)))
    return {
        "cross_attention_lift": interval_over_scenes(lifts, _median),
        "instance_separation": interval_over_scenes(pairs, _ratio),
        "instance_separation_same_class": interval_over_scenes(pairs_same_class, _ratio),
    }


def interval_over_scenes(
    values: Sequence[Values], statistic: Callable[[Values], float]
) -> dict[str, Any] | None:
    """The interval of a number, bootstrapped over scenes.

    Args:
        values: of each scene, (n,) or (n, k); scenes without any are left out.
        statistic: maps all values, (N,) or (N, k), to a number.

    Returns:
        An `Interval` as a dictionary; None if no scene has a value.
    """
    kept = [value for value in values if len(value)]
    if not kept:
        return None
    whole = statistic(np.concatenate(kept))
    if len(kept) == 1:  # which does not tell how others vary
        return dataclasses.asdict(Interval(whole, whole, whole, 1))
    found = bootstrap(
        (np.arange(len(kept)),),
        lambda draw: statistic(np.concatenate([kept[scene] for scene in draw])),
        vectorized=False,
        n_resamples=ROUNDS,
        confidence_level=LEVEL,
        method="percentile",
        random_state=np.random.default_rng(0),
    ).confidence_interval
    return dataclasses.asdict(Interval(whole, float(found.low), float(found.high), len(kept)))


def _matched_lifts(
    forward: ForwardPass, maps: AttentionMaps, scene: Scene, coverage: Map
) -> Values:
    """Lift of each object's box in the map of the query that is matched to it: (n,)."""
    _, _, queries, objects = match(
        torch.from_numpy(forward.logits[-1:, None]),
        torch.from_numpy(forward.boxes_cxcywh[-1:, None]),
        [truth_of(scene)],
    )
    return lift(maps.decoder_cross()[queries.numpy()], coverage[objects.numpy()])


def _known(pairs: Values) -> Values:
    """Drops the rows, (n, 2), that have nothing to compare with."""
    return np.asarray(pairs[~np.isnan(pairs).any(1)])


def _median(values: Values) -> float:
    return float(np.median(values))


def _ratio(pairs: Values) -> float:
    """Mean of the first column over mean of the second."""
    return float(pairs[:, 0].mean() / pairs[:, 1].mean())
