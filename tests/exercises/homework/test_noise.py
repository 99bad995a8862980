"""The numbers that classes get are the same everywhere, to the last bit."""

from __future__ import annotations

import torch

from generator.exercises.homework.detr_check.noise import noise

FIRST = [
    0.23909838497638702,
    -1.4204217195510864,
    0.3989225924015045,
    -0.2500767409801483,
    -1.3968571424484253,
    -0.26361170411109924,
]
LAST = 0.7268244624137878


def test_the_numbers_are_these() -> None:
    first = noise("conv.weight", (2, 3)).flatten().tolist()
    assert first == torch.tensor(FIRST).tolist()
    assert noise("image 64", (4,))[-1].item() == torch.tensor(LAST).item()


def test_they_look_drawn() -> None:
    many = noise("queries", (200, 500))
    assert abs(float(many.mean())) < 0.01
    assert abs(float(many.std()) - 1) < 0.01
    assert float((many[:, 0] * many[:, 1]).mean().abs()) < 0.3
    assert not torch.equal(noise("a", (5,)), noise("b", (5,)))
