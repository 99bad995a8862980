"""How much of where a query looks is its usual place."""

from __future__ import annotations

import numpy as np
import pytest

from generator.measures.localisation import box_coverage, pairwise_lift
from generator.measures.measurement import Measurement
from generator.measures.other_images import QueryMaps, UsualMaps
from generator.measures.target_boxes import TargetBoxes
from tests.grids import even_grid

LEFT, RIGHT = (0.0, 0.0, 0.5, 1.0), (0.5, 0.0, 1.0, 1.0)


def looking(*columns: int, grid_hw: tuple[int, int] = (2, 4)) -> np.ndarray:
    """Maps of queries that each look at one column alone."""
    maps = np.zeros((len(columns), *grid_hw), np.float16)
    for query, column in enumerate(columns):
        maps[query, :, column] = 1 / grid_hw[0]
    return maps


def look(maps: np.ndarray, *boxes: tuple[int, tuple[float, ...]], suffix: str = "") -> QueryMaps:
    queries = np.array([query for query, _ in boxes], np.int64)
    where = np.array([box for _, box in boxes], np.float64).reshape(-1, 4)
    grid = even_grid(*maps.shape[1:])
    return QueryMaps(maps, grid, {suffix: TargetBoxes(where, queries, ("cat",) * len(boxes))})


def completed(ones: list[Measurement], looks: list[QueryMaps]) -> list[list[Measurement]]:
    """The same measurements of each image, with their control."""
    usual = UsualMaps()
    kept = [usual.add(one) for one in looks]
    return [list(usual.as_control(ones, one, layer=1)) for one in kept]


def controls(looks: list[QueryMaps], measure: str = "mass") -> list[float | None]:
    one = Measurement(measure, "decoder_cross", 1, None, 1.0, 1, (("uniform", 0.5),))
    return [ones[0].control("other_images") for ones in completed([one], looks)]


def test_a_query_that_never_looks_elsewhere_owes_all_to_its_place() -> None:
    maps = looking(0, 3)
    assert controls([look(maps, (0, LEFT), (1, RIGHT))] * 3) == [1.0, 1.0, 1.0]
    assert controls([look(maps, (0, LEFT))] * 3, "lift") == [2.0, 2.0, 2.0]


def test_a_query_that_looks_elsewhere_on_other_images_owes_nothing_to_it() -> None:
    there, elsewhere = look(looking(0), (0, LEFT)), look(looking(3), (0, RIGHT))
    assert controls([there, elsewhere]) == [0.0, 0.0]
    assert controls([there, elsewhere, elsewhere]) == [0.0, 0.5, 0.5]


def test_grids_of_other_shapes_count_image_by_image() -> None:
    """The same as measuring every other image by itself, one at a time."""
    random = np.random.default_rng(0)
    shapes = [(2, 4), (3, 3), (2, 4), (5, 2)]
    maps = [random.random((3, *shape)).astype(np.float16) for shape in shapes]
    box = (0.1, 0.2, 0.7, 0.9)
    looks = [look(one, (2, box)) for one in maps]
    found = controls(looks, "lift")
    for number in range(len(shapes)):
        others = [
            pairwise_lift(
                maps[other][2:3].astype(np.float64),
                box_coverage(np.array([box]), even_grid(*shapes[other])),
            )[0, 0]
            for other in range(len(shapes))
            if other != number
        ]
        assert found[number] == pytest.approx(np.mean(others))


def test_nothing_is_added_where_there_is_nothing_to_compare() -> None:
    alone = look(looking(0), (0, LEFT))
    assert controls([alone]) == [None]
    nothing = look(looking(0))
    assert controls([alone, nothing]) == [1.0, None]


def test_only_the_last_layers_mean_map_has_the_control_and_true_boxes_have_their_own() -> None:
    ones = [
        Measurement(measure, "decoder_cross", layer, head, 1.0, 1)
        for measure, layer, head in [
            ("mass", 0, None), ("mass", 1, 0), ("entropy", 1, None), ("mass_true", 1, None),
        ]
    ]  # fmt: skip
    looks = [look(looking(0), (0, LEFT), suffix="_true")] * 2
    first, _ = completed(ones, looks)
    assert [one.control("other_images") for one in first] == [None, None, None, 1.0]
