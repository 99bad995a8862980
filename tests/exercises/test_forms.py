"""The corpus of typed forms: what PyTorch says of each, and what the check says of it."""

from __future__ import annotations

import math
import re
from typing import Any

import numpy as np
import pytest
import torch
import torch.nn.functional as functional
from torch import nn

from generator.exercises.answer_check import judge
from generator.exercises.meaning.form import without_frame
from generator.exercises.normal_form import normal_form
from generator.exercises.notes import Worksheet
from generator.exercises.surroundings import frames_of
from tests.exercises.forms import RIGHT, WRONG
from tests.exercises.test_minimal_detr import (
    SMALL,
    SmallBackbone,
    answers_of,
    assert_same,
    class_of,
)

ACCEPTED_AT_LEAST = 0.9
CLASSES = 6  # with 3, there would be as many scores as numbers of a box


class Backbone(SmallBackbone):
    """With the one attribute besides its parts that forms use."""

    inplanes = 2048


def test_corpus_is_as_large_as_it_says() -> None:
    for forms, least in ((RIGHT, 93), (WRONG, 48)):
        every = [(name, form) for name, some in forms.items() for form in some]
        assert len(set(every)) == len(every) >= least
        assert len(forms) == 12


def test_right_forms_are_accepted_and_no_wrong_one_is(worksheet: Worksheet) -> None:
    verdicts = {
        deserved: [
            (name, form, judge(worksheet, name, form).verdict)
            for name, some in forms.items()
            for form in some
        ]
        for deserved, forms in (("right", RIGHT), ("wrong", WRONG))
    }
    refused = [one for one in verdicts["right"] if one[2] != "right"]
    accepted = [one for one in verdicts["wrong"] if one[2] == "right"]
    assert [one for one in refused if one[2] == "mistake"] == []  # a false sentence is worse
    assert len(refused) <= (1 - ACCEPTED_AT_LEAST) * len(verdicts["right"]), refused
    assert accepted == []


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:enable_nested_tensor")
@pytest.mark.filterwarnings("ignore:nn.functional.sigmoid")
@pytest.mark.filterwarnings("ignore:nn.functional.tanh")
@pytest.mark.filterwarnings("ignore:The use of `x.T`")
@pytest.mark.filterwarnings("ignore:This overload of add")
def test_corpus_deserves_what_it_says(worksheet: Worksheet) -> None:
    """Each form is put into the class as a student would, and PyTorch runs it."""
    exercise = worksheet.exercise
    torch.manual_seed(0)
    others = {"resnet50": Backbone, "np": np, "math": math, "F": functional}
    right = class_of(exercise.solution, **others)(CLASSES, **SMALL, num_queries=5).eval()
    expected = answers_of(right)

    def works(name: str, typed: str) -> bool:
        source = exercise.with_answers({name: bare(worksheet, name, typed)})
        try:
            own = class_of(source, **others)
            assert_same(own, right, expected, CLASSES)
            return as_trained(own(CLASSES, **SMALL, num_queries=5)) == as_trained(right)
        except Exception:
            return False

    wrong = [
        f"{name}: {form}" for name, some in RIGHT.items() for form in some if not works(name, form)
    ]
    works_after_all = [
        f"{name}: {form}" for name, some in WRONG.items() for form in some if works(name, form)
    ]
    assert wrong == []
    assert works_after_all == []


def bare(worksheet: Worksheet, name: str, typed: str) -> str:
    """The answer without what the check forgives: the line around it, and a telephone's `Self`."""
    frames = frames_of(worksheet.exercise, name)
    code = typed.split("  #")[0].rstrip(";").replace("\n", " ")
    short = without_frame(normal_form(code), frames)
    return re.sub(r"^Self\b", "self", code if short == normal_form(code) else short)


def as_trained(model: nn.Module) -> list[Any]:
    """What evaluation does not show: the rates of dropout."""
    return [one.p for one in model.modules() if isinstance(one, nn.Dropout)]
