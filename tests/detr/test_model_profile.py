import json

import pytest

from generator.detr.model_profile import (
    PARTS,
    STAGES,
    ModelProfile,
    Part,
    profile_from_json,
    profile_to_json,
)
from generator.pages.model_diagram import TWO_CATS


def test_comes_back_from_json_unchanged() -> None:
    assert profile_from_json(json.loads(json.dumps(profile_to_json(TWO_CATS)))) == TWO_CATS


def test_the_whole_is_the_sum_of_its_parts() -> None:
    shapes = dict.fromkeys(STAGES, (1,))
    profile = ModelProfile(shapes, {part: Part(2, 5) for part in PARTS})
    assert (profile.parameters, profile.multiply_adds) == (16, 40)


def test_a_stage_or_part_that_is_missing_is_named() -> None:
    parts = dict(TWO_CATS.parts)
    with pytest.raises(ValueError, match=r"stages: expected .*'image'"):
        ModelProfile({}, parts)
    del parts["queries"]
    with pytest.raises(ValueError, match=r"parts: expected .*'queries'"):
        ModelProfile(TWO_CATS.shapes, parts)
