"""What a forward pass refuses to hold."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import numpy as np
import pytest

from generator.inference.forward_pass import ForwardPass, QueriesAndKeys

MakeForward = Callable[..., ForwardPass]


def test_shapes_that_disagree_are_named(make_forward: MakeForward) -> None:
    forward = make_forward((3, 4), detections=0, queries=5)
    with pytest.raises(ValueError, match=r"boxes_cxcywh: expected shape \(2, 5, 4\)"):
        dataclasses.replace(forward, boxes_cxcywh=forward.boxes_cxcywh[:1])
    with pytest.raises(ValueError, match=r"encoder_self.q: expected shape \(15,\), got \(12,\)"):
        dataclasses.replace(forward, grid_hw=(3, 5))
    with pytest.raises(ValueError, match="category_names"):
        dataclasses.replace(forward, category_names=("cat",))


def test_queries_and_keys_must_fit_each_other() -> None:
    q = np.zeros((2, 4, 5, 8), dtype=np.float32)
    with pytest.raises(ValueError, match="got q"):
        QueriesAndKeys(q, np.zeros((2, 4, 5, 7), dtype=np.float32))
    with pytest.raises(ValueError, match="got q"):
        QueriesAndKeys(q, np.zeros((2, 3, 5, 8), dtype=np.float32))
