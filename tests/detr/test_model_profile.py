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


def test_shares_are_shares_of_the_whole() -> None:
    shapes = dict.fromkeys(STAGES, (1,))
    profile = ModelProfile(shapes, {part: Part(2, 5) for part in PARTS})
    assert (profile.parameters, profile.multiply_adds) == (16, 40)
    assert profile.parameter_share("encoder") == profile.work_share("encoder") == 1 / 8
    assert sum(map(TWO_CATS.parameter_share, PARTS)) == pytest.approx(1)
    assert sum(map(TWO_CATS.work_share, PARTS)) == pytest.approx(1)


def test_a_stage_or_part_that_is_missing_is_named() -> None:
    parts = dict(TWO_CATS.parts)
    with pytest.raises(ValueError, match=r"stages: expected .*'image'"):
        ModelProfile({}, parts)
    del parts["queries"]
    with pytest.raises(ValueError, match=r"parts: expected .*'queries'"):
        ModelProfile(TWO_CATS.shapes, parts)
