"""Where the cells of a feature map look: the middles of their receptive fields.

In: a backbone. Out: its stride, and the pixel that its first cell is centred on, both worked out
from kernels, strides and paddings.
"""

from __future__ import annotations

from torch import nn


def centres_of_cells(backbone: nn.Module) -> tuple[int, float]:
    """The line on which the centres lie: cell j is centred on pixel `first + stride * j`.

    A kernel of k pixels whose first one lies p pixels outside the input is centred on pixel
    (k - 1) / 2 - p. So a ResNet, whose paddings are half its kernels, starts with pixel 0: the
    first cell lies on the edge of the image, not half a stride within.

    Args:
        backbone: convolutions and poolings one after the other; shortcuts, which see less of the
            image with the same centre, are not followed. Rows and columns are alike.

    Returns:
        The stride in pixels of the network's input, and `first`, in pixels counted from 0.
    """
    stride, first = 1, 0.0
    for name, part in backbone.named_modules():
        is_shortcut = "downsample" in name or "shortcut" in name
        if is_shortcut or not isinstance(part, nn.Conv2d | nn.MaxPool2d):
            continue
        kernel, step, padding, dilation = (
            _of_a_side(one) for one in (part.kernel_size, part.stride, part.padding, part.dilation)
        )
        first += stride * (dilation * (kernel - 1) / 2 - padding)
        stride *= step
    return stride, first


def _of_a_side(value: object) -> int:
    """One of two equal numbers, or the one number there is."""
    one, *others = value if isinstance(value, tuple) else (value,)
    if not isinstance(one, int) or any(other != one for other in others):
        raise ValueError(f"expected the same number for rows and columns, got {value}")
    return one
