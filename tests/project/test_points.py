"""Points as they are typed: what is a pixel, what a fraction, and what is told of the rest."""

from __future__ import annotations

import numpy as np
import pytest

from generator.analysis.cells import cell_of_point
from generator.analysis.grid import Grid
from generator.errors import UsageError
from generator.project.points import TypedPoint

SIZE_HW = (480, 640)


def fractions(word: str) -> tuple[float, float]:
    return TypedPoint.read(word, "--points").fractions(SIZE_HW)


@pytest.mark.parametrize(
    ("word", "xy"),
    [
        ("0.25,0.5", (0.25, 0.5)),
        (" 0.25 , .5 ", (0.25, 0.5)),
        ("160,240", (160.5 / 640, 240.5 / 480)),
        ("639,479", (639.5 / 640, 479.5 / 480)),
        ("0,2", (0.5 / 640, 2.5 / 480)),
        ("0,0", (0, 0)),
        ("1,1", (1, 1)),
        ("1,0.5", (1, 0.5)),
        ("1e-1,0.5", (0.1, 0.5)),
    ],
)
def test_whole_numbers_are_pixels_and_others_fractions(word: str, xy: tuple[float, float]) -> None:
    assert fractions(word) == pytest.approx(xy)


@pytest.mark.parametrize(
    ("word", "says"),
    [
        ("640,10", "lies outside the image, which is 640 x 480 pixels, counted from 0; 639,10 is"),
        ("440,600", "440,479 is the nearest, or 600,440 if y was typed first"),
        ("-5,10", "0,10 is the nearest"),
        ("1.5,0.5", "lies outside the image, which goes from 0 to 1; 1,0.5 is the nearest"),
        ("0.5,240", "0.5,240 mixes a fraction and a pixel; give both as fractions"),
        ("160.5,240", "mixes a fraction and a pixel"),
        ("0.5", "expected x,y as fractions of width and height, such as 0.25,0.5, or as pixels"),
        ("1,2,3", "such as 160,240; found 1,2,3"),
        ("a,b", "found a,b"),
        ("nan,0", "found nan,0"),
        ("0.5,inf", "found 0.5,inf"),
        ("", "expected x,y"),
    ],
)
def test_what_is_no_point_of_the_image_says_what_to_type(word: str, says: str) -> None:
    with pytest.raises(UsageError, match=r"^--points: ") as error:
        fractions(word)
    assert says in str(error.value)


def test_a_pixel_belongs_to_the_cell_whose_receptive_field_is_centred_nearest() -> None:
    grid = Grid(
        (25, 34), (800, 1066), 32, 0.0
    )  # cell j is centred on pixel 32 j of a ResNet's input
    for pixel in np.arange(0, 1066, 7):
        if pixel % 32 == 16:
            continue  # as near to one as to the other
        point = TypedPoint.read(f"{pixel},2", "--points").fractions((800, 1066))
        assert cell_of_point(point, grid)[1] == min(33, round(pixel / 32))
