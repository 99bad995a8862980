"""From RGB pixels to the network's input: resized and normalised.

In: (H, W, 3) uint8. Out: (3, H', W') float32. The short side becomes
`short_side` unless the long side would pass `long_side_cap`; how that is rounded the official code
and the package transformers do not do alike. A model may need sides that are multiples of its
stride, so that all cells are whole.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
import torch
from PIL import Image
from torch import Tensor

from generator.detr.imagenet import DEVIATION, MEAN
from generator.detr.zoo import SizeRule


def input_size_hw(
    size_hw: tuple[int, int],
    short_side: int,
    long_side_cap: int,
    multiple: int = 1,
    rule: SizeRule = "official",
) -> tuple[int, int]:
    """Size that an image is resized to, in pixels.

    When the long side would pass the cap, the official code rounds the short side first, and the
    long side follows from it; in transformers it follows from the short side as it was before.

    Args:
        multiple: both sides are rounded to multiples of this, to the nearest or, as YOLOS of
            transformers does, down. A model that was trained on whole cells alone misplaces boxes
            in a cell that the image's edge cuts.
        rule: whose rounding it is.
    """
    height, width = size_hw
    short, long = min(size_hw), max(size_hw)
    is_official = rule == "official"
    exact: float = short_side
    if long / short * short_side > long_side_cap:
        exact = long_side_cap * short / long
    target = max(round(exact), 1)
    # A very thin image keeps one pixel, and its long side would pass the cap all the same.
    other = min(
        max(int((target if is_official else exact) * long / short), 1), max(long_side_cap, target)
    )
    if short == target and not is_official:
        other = long  # it has the size already
    nearest = round if is_official else math.floor
    target, other = (max(nearest(side / multiple), 1) * multiple for side in (target, other))
    return (target, other) if height <= width else (other, target)


def resize(pixels: npt.NDArray[np.uint8], size_hw: tuple[int, int]) -> npt.NDArray[np.uint8]:
    """Resizes (H, W, 3) with Pillow's antialiased bilinear filter.

    First along the rows, then along the columns: left to itself Pillow begins with the one or the
    other, by size and by version, which changes a quarter of the pixels by 1.
    """
    if pixels.shape[:2] == size_hw:
        return pixels
    height, width = size_hw
    image = Image.fromarray(pixels)
    for size_wh in ((width, image.height), (width, height)):
        image = image.resize(size_wh, Image.Resampling.BILINEAR)
    return np.asarray(image)


def normalise(
    pixels: npt.NDArray[np.uint8],
    mean: tuple[float, float, float] = MEAN,
    std: tuple[float, float, float] = DEVIATION,
) -> Tensor:
    """Maps (H, W, 3) uint8 to (3, H, W) float32; by default of mean 0 and deviation 1 on ImageNet.

    Args:
        mean, std: of red, green and blue in [0, 1].
    """
    deviation = np.array(std, np.float32)
    scale = np.float32(1 / 255) / deviation
    offset = np.array(mean, np.float32) / deviation
    return torch.from_numpy(pixels * scale - offset).permute(2, 0, 1)
