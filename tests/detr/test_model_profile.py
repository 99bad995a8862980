import json

import pytest

from generator.detr.model_profile import (
    PARTS,
    STATIONS,
    Anatomy,
    Part,
    anatomy_from_json,
    anatomy_to_json,
)
from generator.pages.model_diagram import TWO_CATS


def test_comes_back_from_json_unchanged() -> None:
    assert anatomy_from_json(json.loads(json.dumps(anatomy_to_json(TWO_CATS)))) == TWO_CATS


def test_shares_are_shares_of_the_whole() -> None:
    shapes = dict.fromkeys(STATIONS, (1,))
    anatomy = Anatomy(shapes, {part: Part(2, 5) for part in PARTS})
    assert (anatomy.parameters, anatomy.multiply_adds) == (16, 40)
    assert anatomy.parameter_share("encoder") == anatomy.work_share("encoder") == 1 / 8
    assert sum(map(TWO_CATS.parameter_share, PARTS)) == pytest.approx(1)
    assert sum(map(TWO_CATS.work_share, PARTS)) == pytest.approx(1)


def test_a_station_or_part_that_is_missing_is_named() -> None:
    parts = dict(TWO_CATS.parts)
    with pytest.raises(ValueError, match=r"stations: expected .*'image'"):
        Anatomy({}, parts)
    del parts["queries"]
    with pytest.raises(ValueError, match=r"parts: expected .*'queries'"):
        Anatomy(TWO_CATS.shapes, parts)
