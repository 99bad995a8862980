from __future__ import annotations

import pytest

from generator.figures.image.arrangement import Arrangement, arrange


def covered(arrangement: Arrangement) -> list[tuple[float, float, float, float]]:
    """Left, top, right and bottom of the image and of every map."""
    (column, row), span = arrangement.image, arrangement.span
    maps = [(c, r, c + 1, r + 1) for c, r in arrangement.slots]
    return [(column, row, column + span, row + span), *maps]


@pytest.mark.parametrize("aspect", [0.1, 0.75, 1.5, 10.0])
@pytest.mark.parametrize("n", range(17))
def test_nothing_overlaps_or_leaves_the_grid(n: int, aspect: float) -> None:
    arrangement = arrange(n, aspect)
    places = covered(arrangement)
    assert len(places) == n + 1
    for index, (left, top, right, bottom) in enumerate(places):
        assert left >= 0
        assert top >= 0
        assert right <= arrangement.columns
        assert bottom <= arrangement.rows
        for other in places[:index]:
            apart_x = right <= other[0] or left >= other[2]
            apart_y = bottom <= other[1] or top >= other[3]
            assert apart_x or apart_y


def test_four_maps_stand_two_on_each_side() -> None:
    arrangement = arrange(4, 4 / 3)
    assert (arrangement.columns, arrangement.rows) == (4, 2)
    assert arrangement.image == (1, 0)
    assert arrangement.span == 2
    assert arrangement.slots == ((0, 0), (0, 1), (3, 0), (3, 1))


def test_twelve_maps_close_the_ring() -> None:
    arrangement = arrange(12, 4 / 3)
    assert (arrangement.columns, arrangement.rows) == (4, 4)
    assert arrangement.image == (1, 1)


def test_a_panorama_has_its_maps_above_and_below() -> None:
    arrangement = arrange(4, 10.0)
    assert arrangement.columns == 1
    assert arrangement.image == (0, 2)
    assert arrangement.slots == ((0, 0), (0, 1), (0, 3), (0, 4))


def test_a_tall_image_has_them_left_and_right() -> None:
    arrangement = arrange(4, 0.1)
    assert arrangement.rows == 1
    assert arrangement.image == (2, 0)
    assert arrangement.slots == ((0, 0), (1, 0), (3, 0), (4, 0))
