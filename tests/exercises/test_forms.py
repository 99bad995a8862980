"""The corpus of typed forms: what PyTorch says of each, and what the check says of it."""

from __future__ import annotations

import json
import math
import random
import re
from dataclasses import asdict
from typing import Any

import numpy as np
import pytest
import torch
import torch.nn.functional as functional
from torch import nn

from generator.exercises.answer_check import check_of, judge
from generator.exercises.meaning.form import form_of, without_frame
from generator.exercises.normal_form import normal_form
from generator.exercises.notes import Worksheet
from generator.exercises.surroundings import frames_of
from tests.exercises.forms import RIGHT, WRONG
from tests.exercises.test_answer_check import NODE, in_node
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


@pytest.mark.slow
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


def mangled(forms: list[str], count: int) -> list[str]:
    """Forms with a token left out, put in or exchanged: what nobody thought of."""
    chance = random.Random(count)
    tokens = [re.findall(r"\w+|\s+|\S", form) for form in forms]
    others = sorted({token for some in tokens for token in some})
    others += [
        "-1",
        "None",
        "...",
        "**",
        "//",
        "%",
        "1e3",
        "[::2]",
        ".T",
        "len",
        ";",
        "\n",
        "'",
        "(",
    ]
    found = []
    for _ in range(count):
        pieces = list(chance.choice(tokens))
        for _ in range(chance.choice([1, 1, 2, 3])):
            place = chance.randrange(len(pieces))
            pieces[place : place + chance.choice([0, 1])] = chance.choice(
                [[], [chance.choice(others)]]
            )
            pieces = pieces or [""]
        found.append("".join(pieces))
    return found


@pytest.mark.slow
@pytest.mark.skipif(NODE is None, reason="no node here")
def test_page_works_out_what_python_works_out(worksheet: Worksheet) -> None:
    typed = {}
    for name, notes in worksheet.notes.items():
        known = [*notes.accepted, *(form for one in notes.mistakes for form in one.answers)]
        forms = [*RIGHT[name], *WRONG[name], *known]
        typed[name] = [*forms, *mangled(forms, 150)]
    value = {name: [json.loads(check_of(worksheet, name)), some] for name, some in typed.items()}
    program = (
        "Object.fromEntries(Object.entries(value).map(([name, [check, typed]]) =>"
        " [name, typed.map((one) => [formOf(check, one), judge(check, one)])]))"
    )
    kinds = set()
    for name, found in in_node(program, value).items():
        for one, (form, judgement) in zip(typed[name], found, strict=True):
            own = form_of(worksheet.surroundings[name], one)
            assert form == asdict(own), (name, one)
            assert judgement == asdict(judge(worksheet, name, one)), (name, one)
            kinds.add(own.kind)
    assert kinds == {"line", "answer", "spelling"}


def said(worksheet: Worksheet, name: str, typed: list[str]) -> list[str]:
    """What the page says of answers, after its lead."""
    value = [json.loads(check_of(worksheet, name)), typed, worksheet.exercise.student]
    program = "value[1].map((one) => saysOf(judge(value[0], one), one, value[2]))"
    return [str(text) for text in in_node(program, value)]


@pytest.mark.slow
@pytest.mark.skipif(NODE is None, reason="no node here")
def test_what_is_not_known_is_not_called_wrong(worksheet: Worksheet) -> None:
    forms = ["super().sigmoid()", "self.linear_bbox(answers).softmax(-2)", "sigmoid(answers)"]
    spelling, line, missing = said(worksheet, "sigmoid", forms)
    assert spelling.startswith("This may be right in a form that this page does not know. ")
    assert line.startswith("The page has worked out what this line makes, and it expects")
    assert missing.startswith("There is no `sigmoid` here. ")
    [answer, part] = said(worksheet, "rows", ["self.row_embed[:h].T", "row_embed[h, None] + 1"])
    assert answer.startswith("The page cannot work out its line with this in it")
    assert part.startswith("There is no `row_embed` here: attributes need their `self.`. ")
    [own] = said(worksheet, "target", ["self.queries.unsqueeze(1)"])
    assert own.startswith("The class has no `self.queries`. ")
    for text in (spelling, line, missing, answer, part, own):
        assert "wrong" not in text
        assert "generator" not in text
        assert "notebook" in text


@pytest.mark.slow
@pytest.mark.skipif(NODE is None, reason="no node here")
def test_nothing_is_said_to_be_missing_that_python_or_the_class_has(worksheet: Worksheet) -> None:
    typed = [
        "super()", "hidden_dim", "MinimalDETR", "resnet50", "self.training", "self.modules()",
        "self.conv.out_channels", "self.row_embed", "print(x)", "__name__", "sorted(x)",
    ]  # fmt: skip
    for text in said(worksheet, "target", typed):
        assert not text.startswith(("There is no", "The class has no"))


@pytest.mark.slow
@pytest.mark.skipif(NODE is None, reason="no node here")
def test_what_a_right_answer_still_needs_is_said(worksheet: Worksheet) -> None:
    plain, needs = said(
        worksheet,
        "sigmoid",
        [f"{way}(self.linear_bbox(answers))" for way in ("torch.sigmoid", "F.sigmoid")],
    )
    assert needs == f"{plain} Your file then needs `import torch.nn.functional as F` as well."


@pytest.mark.slow
@pytest.mark.skipif(NODE is None, reason="no node here")
@pytest.mark.parametrize(
    ("name", "typed", "answer"),
    [
        ("boxes", " nn.Linear(hidden_dim, 4)  # four", "nn.Linear(hidden_dim, 4)"),
        ("boxes", "self.linear_bbox=nn.Linear(hidden_dim,4)", "nn.Linear(hidden_dim,4)"),
        ("codes", "self.col_embed = nn.Parameter( torch.rand(50, 7) )", "torch.rand(50, 7)"),
        ("codes", "nn.Parameter(a) + f(b)", "nn.Parameter(a) + f(b)"),
        (
            "sigmoid",
            "\u201cpred_boxes\u201d: Self.linear_bbox(answers),",
            "self.linear_bbox(answers)",
        ),
        ("sigmoid", "Self.linear_bbox(answers)", "self.linear_bbox(answers)"),
        ("columns", "self.col_embed[:w] .expand(h, w, -1)", "self.col_embed[:w]"),
        ("backbone", "delattr(self.backbone, \u2018fc\u2019);", "delattr(self.backbone, 'fc')"),
        ("backbone", "del Self.backbone.fc", "del self.backbone.fc"),
    ],
)
def test_listing_takes_the_answer_alone(
    worksheet: Worksheet, name: str, typed: str, answer: str
) -> None:
    check = json.loads(check_of(worksheet, name))
    assert in_node("answerOf(value[0], value[1])", [check, typed]) == answer


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
