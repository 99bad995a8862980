import numpy as np
import pytest

from generator.analysis.cells import cell_box_xyxy
from generator.measures.localisation import (
    box_coverage,
    lift,
    mass_in_box,
    own_and_other_lift,
    pairwise_lift,
    pairwise_pointing,
    separation_index,
)
from tests.grids import even_grid, resnet_grid

SHAPE = (3, 5)
GRID = even_grid(*SHAPE)


def uniform(n: int) -> np.ndarray:
    return np.full((n, *SHAPE), 1 / 15)


def test_coverage_counts_parts_of_cells() -> None:
    boxes = np.array([[0.2, 0.0, 0.5, 1 / 3], [0.0, 0.0, 1.0, 1.0], [0.9, 0.5, 1.4, 0.5]])
    coverage = box_coverage(boxes, GRID)
    assert coverage.shape == (3, *SHAPE)
    np.testing.assert_allclose(coverage[0, 0], [0, 1, 0.5, 0, 0], atol=1e-12)
    assert coverage[0, 1:].sum() == pytest.approx(0)
    assert (coverage[1] == 1).all()
    assert coverage[2].sum() == 0


def test_coverage_sums_to_the_area_of_the_box() -> None:
    rng = np.random.default_rng(0)
    corners = np.sort(rng.random((50, 2, 2)), axis=1)
    boxes = np.concatenate([corners[:, 0], corners[:, 1]], axis=1)
    areas = np.prod(boxes[:, 2:] - boxes[:, :2], axis=1)
    np.testing.assert_allclose(box_coverage(boxes, GRID).sum((1, 2)), 15 * areas, atol=1e-9)


def test_uniform_map_has_lift_one_whatever_the_box() -> None:
    boxes = np.array([[0.1, 0.2, 0.35, 0.9], [0.0, 0.0, 1.0, 1.0], [0.61, 0.01, 0.62, 0.02]])
    coverage = box_coverage(boxes, GRID)
    np.testing.assert_allclose(lift(uniform(3), coverage), 1)
    np.testing.assert_allclose(mass_in_box(uniform(3), coverage), coverage.sum((1, 2)) / 15)


@pytest.mark.parametrize("size_hw", [(70, 140), (96, 160), (64, 33)])
def test_cells_that_are_cut_keep_both_ends_of_the_scale(size_hw: tuple[int, int]) -> None:
    """A uniform map has lift 1 in any box; a map wholly in its box has mass 1."""
    grid = resnet_grid(*size_hw)
    tokens = grid.hw[0] * grid.hw[1]
    rng = np.random.default_rng(0)
    corners = np.sort(rng.random((50, 2, 2)), axis=1)
    edges = [[0, 0, 1, 1], [0, 0, 0.01, 1], [0.99, 0.99, 1, 1]]  # thin boxes at both ends
    boxes = np.concatenate([corners.reshape(50, 4), edges])
    coverage = box_coverage(boxes, grid)
    even = np.full((len(boxes), *grid.hw), 1 / tokens)
    np.testing.assert_allclose(lift(even, coverage), 1)
    assert (coverage[50] == 1).all()
    maps = rng.random((tokens, *grid.hw))
    maps /= maps.sum((1, 2), keepdims=True)
    np.testing.assert_allclose(mass_in_box(maps, coverage[50]), 1)
    cells = [(row, column) for row in range(grid.hw[0]) for column in range(grid.hw[1])]
    own = np.array([cell_box_xyxy(cell, grid, (1, 1)) for cell in cells])
    single = np.eye(tokens).reshape(tokens, *grid.hw)
    np.testing.assert_allclose(box_coverage(own, grid), single, atol=1e-9)
    np.testing.assert_allclose(mass_in_box(single, box_coverage(own, grid)), 1)


def test_coverage_is_of_the_cells_around_their_centres() -> None:
    """The first 16.5 pixels of a ResNet's input are its first cell."""
    grid = resnet_grid(64, 100)
    coverage = box_coverage(np.array([[0.0, 0.0, 0.165, 1.0], [0.0, 0.0, 0.325, 1.0]]), grid)
    wanted = np.array([[1, 0, 0, 0], [1, 0.5, 0, 0]])
    np.testing.assert_allclose(coverage[:, 0], wanted, atol=1e-9)


def test_planted_map_gives_the_planted_numbers() -> None:
    maps = np.zeros((1, *SHAPE))
    maps[0, 2, 4] = 0.75
    maps[0, 0, 0] = 0.25
    coverage = box_coverage(np.array([[0.8, 2 / 3, 1.0, 1.0]]), GRID)  # the last cell
    assert mass_in_box(maps, coverage)[0] == pytest.approx(0.75)
    assert lift(maps, coverage)[0] == pytest.approx(0.75 * 15)


def test_box_without_area_has_no_lift() -> None:
    assert np.isnan(lift(uniform(1), box_coverage(np.array([[0.3, 0.3, 0.3, 0.8]]), GRID)))[0]


def test_own_box_against_the_others() -> None:
    boxes = np.array([[0.0, 0.0, 0.2, 1 / 3], [0.8, 2 / 3, 1.0, 1.0], [0.4, 0.0, 0.6, 1 / 3]])
    maps = np.zeros((3, *SHAPE))
    maps[0, 0, 0], maps[0, 2, 4] = 0.6, 0.2  # mostly itself, a little the second
    maps[1, 2, 4] = 1.0
    maps[2] = 1 / 15
    coverage = box_coverage(boxes, GRID)
    wanted = np.array([[9, 1.5], [15, 0], [1, 1]])
    np.testing.assert_allclose(own_and_other_lift(maps, coverage), wanted, atol=1e-9)
    same = np.array([[1, 1, 0], [1, 1, 0], [0, 0, 1]], bool)
    measured = own_and_other_lift(maps, coverage, same)
    np.testing.assert_allclose(measured[:2], [[9, 3], [15, 0]], atol=1e-9)
    assert np.isnan(measured[2, 1])


def test_pairs_of_maps_and_boxes_agree_with_one_by_one() -> None:
    rng = np.random.default_rng(0)
    maps = rng.random((2, 3, *SHAPE))
    maps /= maps.sum((-2, -1), keepdims=True)
    boxes = np.array([[0.1, 0.2, 0.35, 0.9], [0.0, 0.0, 1.0, 1.0], [0.3, 0.3, 0.3, 0.8],
                      [0.61, 0.01, 0.8, 0.5]])  # fmt: skip
    coverage = box_coverage(boxes, GRID)
    pairs = pairwise_lift(maps, coverage)
    assert pairs.shape == (2, 3, 4)
    for box in range(4):
        same = np.repeat(coverage[box : box + 1], 3, axis=0)
        np.testing.assert_allclose(pairs[1, :, box], lift(maps[1], same))
    assert np.isnan(pairs[..., 2]).all()


def test_pointing_game_uses_the_largest_weight_alone() -> None:
    maps = np.full((3, *SHAPE), 0.01)
    maps[0, 1, 2] = maps[1, 0, 0] = 0.02
    maps[2, 1, 2] = maps[2, 0, 0] = 0.02  # a tie: half a hit
    boxes = np.array([[0.59, 0.4, 0.9, 0.6], [0, 0, 1, 1], [0.8, 0.7, 1, 1]])
    coverage = box_coverage(boxes, GRID)  # the first touches the cell (1, 2) by a twentieth
    games = [[1, 1, 0], [0, 1, 0], [0.5, 1, 0]]
    assert pairwise_pointing(maps, coverage).tolist() == games
    assert pairwise_pointing(np.stack([maps, maps]), coverage).tolist() == [games, games]


def test_blind_pointing_hits_as_often_as_cells_are_touched() -> None:
    boxes = np.array([[0.1, 0.2, 0.35, 0.9], [0.0, 0.0, 1.0, 1.0], [0.2, 0.0, 0.4, 1 / 3]])
    coverage = box_coverage(boxes, GRID)
    hits = pairwise_pointing(uniform(1), coverage)
    np.testing.assert_allclose(hits, [[6 / 15, 1, 1 / 15]])


def test_separation_on_a_scale() -> None:
    pairs = np.array([[4.0, 1.0], [2.0, 1.0], [9.0, np.nan]])
    assert separation_index(pairs) == pytest.approx(0.5)
    assert separation_index(np.array([[5.0, 0.0]])) == 1
    assert separation_index(np.ones((4, 2))) == 0
    assert np.isnan(separation_index(pairs[2:]))
