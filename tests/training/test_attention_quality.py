import dataclasses

import numpy as np
import pytest
import torch

from generator.detr.weights import build_model, prepare
from generator.detr.zoo import ModelCard, model_card
from generator.inference.detector import Detector
from generator.training.attention_quality import interval_over_scenes, measure_attention
from generator.training.recipe import ARCHITECTURE
from generator.training.sprites import SpriteWorld


def small_card() -> ModelCard:
    return dataclasses.replace(
        model_card("detr_resnet50"),
        architecture=ARCHITECTURE,
        category_ids=tuple(range(48)),
        category_names=("thing",) * 48,
        short_side=96,
        long_side_cap=96,
    )


@pytest.mark.slow
def test_blind_attention_has_lift_and_separation_one(world: SpriteWorld) -> None:
    """If all queries and keys are zero, every map is uniform."""
    model = build_model(small_card())
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if "in_proj" in name:
                parameter.zero_()
    detector = Detector(small_card(), prepare(model), "")
    measured = measure_attention(detector, seed=9, count=4, world=world)
    assert set(measured) == {
        "cross_attention_lift", "instance_separation", "instance_separation_same_class",
    }  # fmt: skip
    for interval in measured.values():
        assert abs(interval["value"] - 1) < 1e-4
        assert interval["high"] - interval["low"] < 1e-4


@pytest.mark.slow
def test_seeing_attention_is_measured(world: SpriteWorld) -> None:
    torch.manual_seed(0)
    detector = Detector(small_card(), prepare(build_model(small_card())), "")
    measured = measure_attention(detector, seed=9, count=6, world=world)
    lift = measured["cross_attention_lift"]
    assert lift["low"] <= lift["value"] <= lift["high"]
    assert lift["value"] != 1
    assert lift["images"] <= 6


def test_scenes_are_drawn_not_values() -> None:
    """Ten equal values in each of two scenes are worth two values, not twenty."""
    measured = interval_over_scenes([np.zeros(10), np.array([]), np.ones(10)], np.mean)
    assert measured == {"value": 0.5, "low": 0.0, "high": 1.0, "images": 2}
    assert interval_over_scenes([np.array([])], np.mean) is None
