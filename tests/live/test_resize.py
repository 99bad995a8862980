"""Pictures come to the network with the same bits in JavaScript as in Python."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image

from generator.detr.imagenet import DEVIATION, MEAN
from generator.detr.preprocessing import input_size_hw, normalise, resize
from tests.live.node import ScriptError, run

pytestmark = pytest.mark.node


def picture(pixels: npt.NDArray[np.uint8]) -> dict[str, Any]:
    return {"width": pixels.shape[1], "height": pixels.shape[0], "data": pixels}


def noise(height: int, width: int, channels: int = 3) -> npt.NDArray[np.uint8]:
    random = np.random.default_rng([height, width])
    return random.integers(0, 256, (height, width, channels), dtype=np.uint8)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("before_hw", "after_hw"),
    [
        ((448, 597), (224, 304)),
        ((33, 47), (224, 336)),  # larger
        ((224, 500), (224, 304)),  # one side alone
        ((500, 224), (304, 224)),
        ((301, 199), (7, 5)),
        ((100, 61), (96, 64)),  # Pillow 13 would begin with the columns
        ((1000, 300), (336, 96)),
        ((1, 9), (3, 1)),
        ((20, 30), (20, 30)),
    ],
)
def test_resizing_is_that_of_python_bit_for_bit(
    before_hw: tuple[int, int], after_hw: tuple[int, int]
) -> None:
    pixels = noise(*before_hw)
    size = {"width": after_hw[1], "height": after_hw[0]}
    body = "return Live.resize.bilinear(value.picture, value.size);"
    found = run(["resize.js"], body, {"picture": picture(pixels), "size": size})
    wanted = resize(pixels, after_hw)
    assert (found["height"], found["width"]) == after_hw
    np.testing.assert_array_equal(found["data"], wanted.ravel())


def test_extremes_do_not_wrap_around() -> None:
    pixels = np.full((50, 70, 3), 255, np.uint8)
    pixels[:, ::2] = 0
    pixels[::3] = 255
    size = {"width": 33, "height": 21}
    body = "return Live.resize.bilinear(value.picture, value.size).data;"
    found = run(["resize.js"], body, {"picture": picture(pixels), "size": size})
    np.testing.assert_array_equal(found, resize(pixels, (21, 33)).ravel())


def test_every_size_is_that_of_python() -> None:
    random = np.random.default_rng(0)
    sizes = [(224, 224), (1, 1), (1, 5000), (5000, 1), (480, 640), (333, 500), (448, 597)]
    sizes += [(int(a), int(b)) for a, b in random.integers(1, 3000, (300, 2))]
    rules = [(224, 336, 16), (216, 324, 12), (800, 1333, 1), (224, 336, 32)]
    body = """
    return value.rules.map(([short_side, long_side_cap, size_multiple]) => value.sizes.map(
      ([height, width]) => Live.resize.inputSize({ width, height },
        { short_side, long_side_cap, size_multiple })));
    """
    found = run(["resize.js"], body, {"sizes": sizes, "rules": rules})
    for rule, given in zip(rules, found, strict=True):
        pairs = [(one["height"], one["width"]) for one in given]
        assert pairs == [input_size_hw(size, *rule) for size in sizes]


def test_what_is_transparent_lies_over_white_as_pillow_pastes_it() -> None:
    colours, opacities = np.mgrid[0:256, 0:256].astype(np.uint8)
    pixels = np.stack([colours, colours[::-1], colours, opacities], axis=-1)
    found = run(["resize.js"], "return Live.resize.overWhite(value).data;", picture(pixels))
    wanted = Image.new("RGB", (256, 256), "white")
    image = Image.fromarray(pixels)
    wanted.paste(image.convert("RGB"), mask=image.getchannel("A"))
    np.testing.assert_array_equal(found, np.asarray(wanted).ravel())


@pytest.mark.parametrize("size", [(0, 0, 0), (2, 2, 4), (2, 2, 13)])
def test_what_is_no_picture_is_refused(size: tuple[int, int, int]) -> None:
    height, width, length = size
    given = {"width": width, "height": height, "data": np.zeros(length, np.uint8)}
    with pytest.raises(ScriptError, match=f"a picture of {width} x {height} has not {length}"):
        run(["resize.js"], "return Live.resize.overWhite(value);", given)


def test_colours_alone_stay_as_they_are() -> None:
    pixels = noise(3, 4)
    found = run(["resize.js"], "return Live.resize.overWhite(value).data;", picture(pixels))
    np.testing.assert_array_equal(found, pixels.ravel())


def test_every_value_is_normalised_to_the_same_bits() -> None:
    pixels = np.repeat(np.arange(256, dtype=np.uint8)[None, :, None], 3, axis=2)
    body = "return Live.resize.normalise(value.picture, value.mean, value.deviation);"
    given = {"picture": picture(pixels), "mean": MEAN, "deviation": DEVIATION}
    found = run(["resize.js"], body, given)
    wanted = normalise(pixels).permute(1, 2, 0).numpy()
    assert found.tobytes() == np.ascontiguousarray(wanted).tobytes()
