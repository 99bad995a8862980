import math

import numpy as np
import pytest

from generator.measures.distance import (
    DistanceProfile,
    cell_centres,
    distances_between,
    mean_distance,
)
from tests.grids import even_grid
from tests.measures.planting import one_hot, random_rows

GRID = even_grid(3, 5)
CENTRES = cell_centres(GRID)
DISTANCES = distances_between(CENTRES, CENTRES)


def test_cells_are_listed_row_by_row_with_x_first() -> None:
    assert CENTRES.shape == (15, 2)
    assert CENTRES[4].tolist() == [4.5, 0.5]
    assert CENTRES[5].tolist() == [0.5, 1.5]
    assert GRID.diagonal == pytest.approx(math.sqrt(34))


def test_distance_of_the_identity_is_zero() -> None:
    assert mean_distance(np.eye(15), DISTANCES).tolist() == [0] * 15


def test_planted_rows_look_as_far_as_they_were_planted() -> None:
    right = one_hot([1, 2, 3, 4, 4], 15)  # the first row of cells looks one cell to the right
    assert mean_distance(right, DISTANCES[:5]).tolist() == [1, 1, 1, 1, 0]
    corner = one_hot([14], 15)
    assert mean_distance(corner, DISTANCES[:1])[0] == pytest.approx(math.hypot(4, 2))


def test_uniform_rows_look_as_far_as_cells_are_apart() -> None:
    uniform = np.full((2, 15, 15), 1 / 15)
    expected = [[math.dist(a, b) for b in CENTRES.tolist()] for a in CENTRES.tolist()]
    measured = mean_distance(uniform, DISTANCES)
    np.testing.assert_allclose(measured[1], np.mean(expected, axis=1))


def test_profile_keeps_a_map_by_distance_alone() -> None:
    wanted = np.exp(-np.rint(DISTANCES))
    wanted /= wanted.sum()  # one constant, so that rows share their profile
    profile = DistanceProfile(1, GRID)
    profile.add(wanted[None, :8], DISTANCES[:8])
    profile.add(wanted[None, 8:], DISTANCES[8:])
    rows = wanted / wanted.sum(axis=1, keepdims=True)
    np.testing.assert_allclose(profile.maps(DISTANCES)[0], rows)


def test_profile_forgets_direction() -> None:
    """Rows that look only to the right become maps that look equally to both sides."""
    profile = DistanceProfile(2, GRID)
    right = one_hot([min(cell % 5 + 1, 4) + cell // 5 * 5 for cell in range(15)], 15)
    profile.add(np.stack([right, random_rows(15, 15)]), DISTANCES)
    maps = profile.maps(DISTANCES)
    assert maps.shape == (2, 15, 15)
    np.testing.assert_allclose(maps.sum(axis=-1), 1)
    assert maps[0, 7, 6] == pytest.approx(maps[0, 7, 8])
    assert maps[0, 7, 8] > maps[0, 7, 9] == 0
