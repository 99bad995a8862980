"""What is measured of a model's behaviour, with networks whose answers are known."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from generator.detr.model import DETR
from generator.training import behaviour
from generator.training.behaviour import false_boxes, knocked_out, steadiness
from generator.training.predict import held_out_scenes, predict
from generator.training.recipe import ARCHITECTURE
from generator.training.scenes import SceneOptions
from generator.training.sprites import Sprite, SpriteWorld

SIDE = 96


class Answers(nn.Module):
    """Two queries: the first finds everything that is red, as the class 0."""

    def __init__(self, wobble: int = 0) -> None:
        super().__init__()
        self.wobble = wobble

    def forward(self, images: Tensor) -> SimpleNamespace:
        red = (images[:, 0] - images[:, 2]) > 1.5  # normalised
        logits = torch.full((1, len(images), 2, 3), -9.0)
        logits[..., 2] = 9.0
        boxes = torch.full((1, len(images), 2, 4), 0.5)
        for number, one in enumerate(red):
            rows, columns = np.flatnonzero(one.any(1)), np.flatnonzero(one.any(0))
            if len(rows):
                moved = self.wobble if columns[0] % 8 == 0 else 0
                x0, y0, x1, y1 = columns[0] + moved, rows[0], columns[-1] + 1, rows[-1] + 1
                centre = torch.tensor([(x0 + x1) / 2, (y0 + y1) / 2, x1 - x0, y1 - y0]) / SIDE
                boxes[0, number, 0] = centre
                logits[0, number, 0] = torch.tensor([9.0, -9.0, -9.0])
        return SimpleNamespace(logits=logits, boxes_cxcywh=boxes)


def square(colour: tuple[int, int, int]) -> Sprite:
    return Sprite.of(np.full((40, 40, 4), (*colour, 255), np.uint8))


@pytest.fixture
def colours(monkeypatch: pytest.MonkeyPatch) -> SpriteWorld:
    def grey(_: object, size_hw: tuple[int, int]) -> np.ndarray:
        return np.full((*size_hw, 3), 0.5, np.float32)

    monkeypatch.setattr(behaviour, "draw_background", grey)
    monkeypatch.setattr(behaviour, "DRAGS", 3)
    red, blue = square((255, 0, 0)), square((0, 0, 255))
    return SpriteWorld(("thing",), (((red,),),), ((red,), (blue,)))


def test_boxes_on_what_has_no_class_are_counted(colours: SpriteWorld) -> None:
    found = false_boxes(Answers(), colours, SIDE, 0.9, pictures_each=5)
    assert found["pictures"] == 10
    assert 0.3 <= found["per_picture"] <= 0.7  # each red one, but for what backgrounds add


def test_a_steady_model_does_not_jump_and_a_wobbling_one_does(colours: SpriteWorld) -> None:
    steady = steadiness(Answers(), colours, SIDE, 0.9)
    assert (steady["drags"], steady["steps"]) == (3, 3 * behaviour.STEPS)
    assert steady["flips"] == steady["jumps"] == steady["lost"] == 0
    assert steadiness(Answers(wobble=6), colours, SIDE, 0.9)["jumps"] == pytest.approx(
        0.25, abs=0.1
    )


def test_a_layer_that_is_knocked_out_has_no_say(world: SpriteWorld) -> None:
    torch.manual_seed(0)
    network = DETR(ARCHITECTURE).eval()
    scenes = [
        s for some in held_out_scenes(9, 2, 60, world, SceneOptions(min_objects=2)) for s in some
    ]
    found = knocked_out(network, scenes, world.names)
    assert set(found) == {"none", "layer 1", "layer 2", "layer 3", "all"}
    layers = list(network.transformer.encoder.layers)
    with behaviour._identity(layers):
        before = predict(network, scenes)
        with torch.no_grad():
            for parameter in network.transformer.encoder.parameters():
                parameter.zero_()
        after = predict(network, scenes)
    for one, other in zip(before, after, strict=True):
        np.testing.assert_allclose(one.scores, other.scores, rtol=1e-5)
