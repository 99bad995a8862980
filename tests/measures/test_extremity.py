import math

import numpy as np
import pytest

from generator.measures.catalogue import EXTREMITY
from generator.measures.extremity import extremity_index, ring_coverage
from generator.measures.localisation import box_coverage
from tests.grids import even_grid, resnet_grid

SHAPE = (10, 20)
GRID = even_grid(*SHAPE)
BOXES = np.array([[0.1, 0.2, 0.5, 0.8], [0.0, 0.0, 1.0, 1.0], [0.33, 0.11, 0.71, 0.52]])


def test_ring_is_half_of_the_box_and_at_its_edge() -> None:
    ring, box = ring_coverage(BOXES, GRID), box_coverage(BOXES, GRID)
    np.testing.assert_allclose(ring.sum((1, 2)) / box.sum((1, 2)), 0.5)
    assert ring[1, 0, 0] == ring[1, 9, 19] == 1
    assert ring[1, 5, 10] == 0
    width = (1 - math.sqrt(0.5)) / 2 * 20  # of the whole image, in columns
    np.testing.assert_allclose(ring[1, 5, :4], [1, 1, width - 2, 0], atol=1e-9)
    narrow = ring_coverage(BOXES, GRID, ring_share=0.19)
    np.testing.assert_allclose(narrow.sum((1, 2)) / box.sum((1, 2)), 0.19)


def test_even_map_has_index_one_whatever_the_box() -> None:
    np.testing.assert_allclose(extremity_index(np.full((3, *SHAPE), 1 / 200), BOXES, GRID), 1)


def test_even_map_has_index_one_where_cells_are_cut_too() -> None:
    grid = resnet_grid(300, 620)
    even = np.full((3, *grid.hw), 1 / 200)
    np.testing.assert_allclose(extremity_index(even, BOXES, grid), 1)


@pytest.mark.parametrize(
    "box", [[1.604, 1.604, 7.358, 7.358], [0, 0, 8, 8], [0, 2, 5, 8], [0.3, 4.1, 8, 8]]
)
def test_index_stays_on_its_scale_where_the_last_cells_are_wide(box: list[float]) -> None:
    """The ring is half of the cells that the box covers, so that all mass in it has index 2."""
    grid = resnet_grid(256, 256)
    boxes = np.array([box]) / 8
    whole, ring = box_coverage(boxes, grid), ring_coverage(boxes, grid)
    assert ring.sum() / whole.sum() == pytest.approx(0.5)
    outer = (whole > 0) & np.isclose(ring, whole)
    index = extremity_index(outer / outer.sum(), boxes, grid)
    assert index[0] == pytest.approx(EXTREMITY.range[1])


def test_planted_edge_and_middle() -> None:
    maps = np.zeros((2, 1, *SHAPE))
    maps[0, 0, 0, 0] = 0.1  # a corner of the image, the rest outside of what counts
    maps[1, 0, 5, 10] = 1.0
    index = extremity_index(maps, BOXES[1:2], GRID)
    np.testing.assert_allclose(index, [[2], [0]])


def test_what_is_outside_the_box_does_not_count() -> None:
    maps = np.zeros((1, *SHAPE))
    maps[0, 9, 19] = 0.9
    maps[0, 2:8, 2:10] = 0.1 / 48  # even over the first box
    assert extremity_index(maps, BOXES[:1], GRID)[0] == pytest.approx(1)


def test_small_or_empty_boxes_have_no_index() -> None:
    small = np.array([[0.1, 0.1, 0.22, 0.9], [0.1, 0.1, 0.25, 0.4], [0.5, 0.5, 0.5, 0.5]])
    index = extremity_index(np.full((3, *SHAPE), 1 / 200), small, GRID)
    assert np.isnan(index).tolist() == [True, False, True]
    empty = np.zeros((1, *SHAPE))
    empty[0, 0, 0] = 1
    assert np.isnan(extremity_index(empty, BOXES[:1], GRID))[0]
