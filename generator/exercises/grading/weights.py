"""The weights that every class gets: the same for the same name and shape, in every process.

In: a name of the reference's state and a tensor. Out: its numbers.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable

import torch
from torch import Tensor


class Weights:
    """Draws weights and keeps them."""

    def __init__(self) -> None:
        self._drawn: dict[tuple[str, tuple[int, ...]], Tensor] = {}

    def draw(self, state: Iterable[tuple[str, tuple[int, ...]]]) -> None:
        """Draws the weights of a whole state, given by names and shapes."""
        for name, shape in state:
            if not name.endswith("num_batches_tracked"):  # a count, and no weight
                self.of(name, torch.empty(shape))

    def of(self, name: str, like: Tensor) -> Tensor:
        """The weights of a name, in the shape of a tensor.

        They are drawn so that every difference shows in the outputs: activations neither
        grow nor vanish, and box numbers leave [0, 1] if there is no sigmoid.
        """
        key = (name, tuple(like.shape))
        if key not in self._drawn:
            self._drawn[key] = _draw(name, like)
        return self._drawn[key]


def _draw(name: str, like: Tensor) -> Tensor:
    if not like.is_floating_point():
        return torch.zeros_like(like)
    random = torch.Generator().manual_seed(zlib.crc32(name.encode()))
    if name.endswith("running_var"):
        return torch.ones_like(like)
    drawn = torch.randn(like.shape, generator=random)
    if name.endswith("bias") or name.endswith("running_mean"):
        return drawn * (2.0 if name == "linear_bbox.bias" else 0.1)
    if like.ndim == 1:  # scales of norms; the last of a residual block adds little
        return (0.2 if ".bn3." in name else 1.0) * (1 + 0.1 * drawn)
    if "." not in name:  # queries and positions
        return drawn
    return drawn.mul((2 / like[0].numel()) ** 0.5)
