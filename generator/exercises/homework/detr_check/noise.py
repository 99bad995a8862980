"""Numbers that are the same on every computer and with every version of PyTorch and NumPy.

In: a name and a shape. Out: numbers of mean 0 and deviation 1, drawn by whole-number arithmetic
alone (splitmix64, Steele et al. 2014), so that nothing depends on the stream of a library's seed.
"""

from __future__ import annotations

import math
import zlib
from collections.abc import Mapping, Sequence

import numpy as np
import torch
from torch import Tensor

_STEP, _FIRST, _SECOND = 0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9, 0x94D049BB133111EB


def noise(name: str, shape: Sequence[int]) -> Tensor:
    """Uniform numbers between -1.73 and 1.73, float32, the same for the same name and shape."""
    count = math.prod(shape)
    with np.errstate(over="ignore"):
        z = np.arange(1, count + 1, dtype=np.uint64) + np.uint64(zlib.crc32(name.encode()) << 24)
        z *= np.uint64(_STEP)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(_FIRST)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(_SECOND)
        z ^= z >> np.uint64(31)
    unit = (z >> np.uint64(40)).astype(np.float32) / np.float32(1 << 24)  # exact: 24 bits
    values = (unit * 2 - 1) * np.float32(math.sqrt(3))
    return torch.from_numpy(values.reshape(tuple(shape)))


def fill(state: Mapping[str, Tensor], names: Mapping[str, str]) -> None:
    """Gives a model its numbers, in place, so that activations neither grow nor vanish.

    Args:
        state: the model's tensors by their own names.
        names: the reference's name of each.
    """
    with torch.no_grad():
        for own, tensor in state.items():
            tensor.copy_(_numbers(names.get(own, own), tensor))


def _numbers(name: str, like: Tensor) -> Tensor:
    if not like.is_floating_point():
        return torch.zeros_like(like)
    if name.endswith("running_var"):
        return torch.ones_like(like)
    drawn = noise(name, like.shape)
    if name.endswith(("bias", "running_mean")):
        return drawn * (2.0 if name == "linear_bbox.bias" else 0.1)
    if like.ndim == 1:  # scales of norms; the last of a residual block adds little
        return (0.2 if ".bn3." in name else 1.0) * (1 + 0.1 * drawn)
    if "." not in name:  # queries and positions
        return drawn
    fan = max(math.prod(like.shape[1:]), 1)
    return drawn * float((2 / fan) ** 0.5)
