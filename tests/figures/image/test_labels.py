from __future__ import annotations

import numpy as np

from generator.figures.image.labels import chip_sizes, place_chips, worst_overlap

SIZE_HW = (100, 200)


def boxes(*rows: tuple[float, float, float, float]) -> np.ndarray:
    return np.array(rows, dtype=np.float64).reshape(-1, 4)


def chips_of(n: int, width: float = 40, height: float = 10) -> np.ndarray:
    return np.tile([[width, height]], (n, 1))


def test_a_chip_stands_on_its_box() -> None:
    placed = place_chips(boxes((50, 40, 150, 90)), chips_of(1), SIZE_HW)
    np.testing.assert_array_equal(placed, [[50, 30, 90, 40]])


def test_chips_stay_inside_the_image() -> None:
    random = np.random.default_rng(0)
    low = random.uniform(0, 0.9, (60, 2)) * [200, 100]
    high = np.minimum(low + random.uniform(1, 80, (60, 2)), [200, 100])
    placed = place_chips(np.concatenate([low, high], axis=1), chips_of(60), SIZE_HW)
    assert placed.min() >= 0
    assert placed[:, 2].max() <= 200
    assert placed[:, 3].max() <= 100
    np.testing.assert_allclose(placed[:, 2:] - placed[:, :2], chips_of(60))


def test_chips_of_equal_boxes_do_not_hide_each_other() -> None:
    placed = place_chips(boxes(*[(60, 30, 140, 80)] * 6), chips_of(6), SIZE_HW)
    assert worst_overlap(placed) == 0


def test_a_chip_does_not_cover_a_small_box() -> None:
    small = (100.0, 2.0, 106.0, 8.0)
    (chip,) = place_chips(boxes(small), chips_of(1), SIZE_HW)
    assert chip[0] >= small[2] or chip[2] <= small[0] or chip[1] >= small[3]


def test_overlap_is_a_part_of_one_chip() -> None:
    assert worst_overlap(boxes()) == 0
    assert worst_overlap(boxes((0, 0, 10, 10))) == 0
    assert worst_overlap(boxes((0, 0, 10, 10), (5, 0, 25, 10))) == 0.5


def test_no_boxes_have_no_chips() -> None:
    assert place_chips(boxes(), chip_sizes([], 8), SIZE_HW).shape == (0, 4)


def test_a_chip_too_large_for_the_image_starts_at_its_edge() -> None:
    (chip,) = place_chips(boxes((1, 1, 3, 3)), chips_of(1), (4, 4))
    assert chip[:2].tolist() == [0, 0]


def test_sizes_grow_with_text_and_type() -> None:
    (cat, _), (caterpillar, height) = chip_sizes(["cat", "caterpillar"], 8)
    assert 8 < cat < caterpillar < 100
    assert 8 < height < 16
    np.testing.assert_allclose(chip_sizes(["cat"], 16)[0], [2 * cat, 2 * height], rtol=0.1)
