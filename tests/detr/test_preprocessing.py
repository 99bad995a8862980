import hashlib

import numpy as np
import pytest
import torch

from generator.detr.preprocessing import input_size_hw, normalise, resize


@pytest.mark.parametrize(
    ("size_hw", "wanted"),
    [
        ((480, 640), (800, 1066)),  # the exercise's image
        ((640, 480), (1066, 800)),
        ((500, 500), (800, 800)),
        ((400, 1600), (333, 1332)),  # the cap on the long side
        ((1, 5000), (1, 1333)),  # not official, where the side would have no pixels
        ((5000, 2), (1333, 1)),
    ],
)
def test_size_is_the_official_one(size_hw: tuple[int, int], wanted: tuple[int, int]) -> None:
    assert input_size_hw(size_hw, 800, 1333) == wanted


@pytest.mark.parametrize(
    ("size_hw", "wanted"),
    [((448, 597), (224, 304)), ((597, 448), (304, 224)), ((9, 900), (16, 304))],
)
def test_a_model_of_whole_cells_gets_whole_cells(
    size_hw: tuple[int, int], wanted: tuple[int, int]
) -> None:
    assert input_size_hw(size_hw, 224, 336, multiple=16) == wanted


@pytest.mark.parametrize(
    ("size_hw", "multiple", "wanted"),
    [
        ((480, 640), 1, (800, 1066)),
        ((1000, 2000), 1, (666, 1333)),  # 1332 in the official code
        ((480, 640), 16, (800, 1056)),  # YOLOS cuts down; 1072 is nearer
        ((500, 333), 16, (1200, 800)),
    ],
)
def test_models_of_transformers_get_its_sizes(
    size_hw: tuple[int, int], multiple: int, wanted: tuple[int, int]
) -> None:
    assert input_size_hw(size_hw, 800, 1333, multiple, "transformers") == wanted


@pytest.mark.slow
@pytest.mark.reference
def test_sizes_are_those_of_transformers_itself() -> None:
    pytest.importorskip("transformers")
    from transformers.image_transforms import get_size_with_aspect_ratio
    from transformers.models.yolos.image_processing_yolos import get_size_with_aspect_ratio_yolos

    random = np.random.default_rng(0)
    for height, width in random.integers(40, 4000, (500, 2)).tolist():
        size = (height, width)
        ours = input_size_hw(size, 800, 1333, 1, "transformers")
        assert ours == tuple(get_size_with_aspect_ratio(size, 800, 1333)), size
        ours = input_size_hw(size, 512, 864, 16, "transformers")
        wanted = get_size_with_aspect_ratio_yolos(size, 512, 864)
        assert ours == tuple(max(side, 16) for side in wanted), size


def test_normalise_takes_the_mean_to_zero() -> None:
    mean = np.array([0.485, 0.456, 0.406]) * 255
    tensor = normalise(np.broadcast_to(mean.round().astype(np.uint8), (2, 3, 3)))
    assert tensor.shape == (3, 2, 3)
    assert tensor.abs().max() < 0.01
    white = normalise(np.full((1, 1, 3), 255, np.uint8))[:, 0, 0]
    torch.testing.assert_close(white, torch.tensor([0.515 / 0.229, 0.544 / 0.224, 0.594 / 0.225]))


def test_resize_averages() -> None:
    pixels = np.zeros((4, 8, 3), np.uint8)
    pixels[:, ::2] = 200
    small = resize(pixels, (2, 4))
    assert small.shape == (2, 4, 3)
    assert 80 < small[0, 1].mean() < 120


def test_resizing_gives_the_same_pixels_under_every_version_of_pillow() -> None:
    waves = np.add.outer(np.arange(100) * 37, np.arange(61 * 3) * 11)
    pixels = waves.astype(np.uint8).reshape(100, 61, 3)
    small = resize(pixels, (96, 64))  # Pillow 13 by itself would begin with the columns
    assert hashlib.sha256(small.tobytes()).hexdigest().startswith("48adf0113a08086b")
