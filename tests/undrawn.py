"""Networks without their initial random numbers."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import torch


@contextmanager
def undrawn_weights() -> Iterator[None]:
    """While open, leaves the weights of new networks uninitialised.

    For tests that replace the weights at once: drawing the 25 million of a ResNet-50 takes
    longer than everything else in such a test.
    """

    def leave(tensor: torch.Tensor, *_: Any, **__: Any) -> torch.Tensor:
        return tensor

    with pytest.MonkeyPatch.context() as patch:
        for name in ("normal_", "uniform_"):
            patch.setattr(torch.Tensor, name, leave)
        yield
