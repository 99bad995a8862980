"""The exercise's solution is the minimal DETR of the zoo, and each accepted answer works."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import nn

from generator.detr.minimal import MinimalDETR
from generator.exercises.notes import Worksheet
from tests.undrawn import undrawn_weights

SMALL = {"hidden_dim": 32, "nheads": 4, "num_encoder_layers": 1, "num_decoder_layers": 2}
pytestmark = pytest.mark.filterwarnings("ignore:enable_nested_tensor")


class SmallBackbone(nn.Module):
    """Stands in for a ResNet-50: the same names of parts, stride and channels."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(3, 4, 32, stride=32)
        self.bn1 = self.relu = self.maxpool = self.avgpool = nn.Identity()
        self.layer1 = self.layer2 = self.layer3 = nn.Identity()
        self.layer4 = nn.Conv2d(4, 2048, 1)
        self.fc = nn.Linear(2048, 2)


def class_of(source: str, **others: Any) -> Any:
    scope: dict[str, Any] = {}
    exec(compile(source, "submission", "exec", dont_inherit=True), scope)
    scope.update(others)
    return scope["MinimalDETR"]


@pytest.fixture(scope="module")
def reference() -> MinimalDETR:
    torch.manual_seed(0)
    return MinimalDETR(3, **SMALL, num_queries=5).eval()


def answers_of(model: nn.Module) -> dict[str, torch.Tensor]:
    image = torch.randn(1, 3, 64, 96, generator=torch.Generator().manual_seed(1))
    with torch.no_grad():
        answers: dict[str, torch.Tensor] = model(image)
    return answers


def assert_same(
    own: Any, reference: nn.Module, expected: dict[str, torch.Tensor], classes: int = 3
) -> None:
    """The class takes the weights of `reference`, and with them its outputs are as expected."""
    with undrawn_weights():
        model = own(classes, **SMALL, num_queries=5).eval()
    weights = reference.state_dict()
    assert {k: v.shape for k, v in model.state_dict().items()} == {
        k: v.shape for k, v in weights.items()
    }
    model.load_state_dict(weights)
    answers = answers_of(model)
    for name, tensor in expected.items():
        torch.testing.assert_close(answers[name], tensor)


@pytest.mark.slow
def test_solution_is_the_zoos_class(worksheet: Worksheet, reference: MinimalDETR) -> None:
    own = class_of(worksheet.exercise.solution)
    assert_same(own, reference, answers_of(reference))
    with torch.device("meta"), undrawn_weights():
        names = {name: tensor.shape for name, tensor in own(91).state_dict().items()}
        assert names == {n: t.shape for n, t in MinimalDETR(91).state_dict().items()}


@pytest.mark.slow
def test_each_accepted_answer_works(worksheet: Worksheet) -> None:
    exercise = worksheet.exercise
    torch.manual_seed(0)
    right = class_of(exercise.solution, resnet50=SmallBackbone)(3, **SMALL, num_queries=5).eval()
    expected = answers_of(right)
    for name, notes in worksheet.notes.items():
        for form in notes.accepted:
            source = exercise.with_answers({name: form})
            assert_same(class_of(source, resnet50=SmallBackbone), right, expected)


@pytest.mark.slow
def test_no_mistake_works_as_well(worksheet: Worksheet) -> None:
    """A mistake that worked would not be one."""
    exercise = worksheet.exercise
    torch.manual_seed(0)
    right = class_of(exercise.solution, resnet50=SmallBackbone)(3, **SMALL, num_queries=5).eval()
    expected = answers_of(right)
    working = []
    for name, notes in worksheet.notes.items():
        for mistake in notes.mistakes:
            for form in mistake.answers:
                try:
                    source = exercise.with_answers({name: form})
                    assert_same(class_of(source, resnet50=SmallBackbone), right, expected)
                except Exception:
                    continue
                working.append(form)
    assert working == []
