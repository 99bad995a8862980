"""Networks without the random numbers that they begin with."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import torch


@contextmanager
def undrawn_weights() -> Iterator[None]:
    """Leaves the weights of networks that are built here as the memory was.

    For tests that put other weights in their place at once: drawing the 25 million of a
    ResNet-50 takes longer than everything else they do with it.
    """

    def leave(tensor: torch.Tensor, *_: Any, **__: Any) -> torch.Tensor:
        return tensor

    with pytest.MonkeyPatch.context() as patch:
        for name in ("normal_", "uniform_"):
            patch.setattr(torch.Tensor, name, leave)
        yield
