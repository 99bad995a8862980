"""The places of a claim's numbers in its plot."""

from __future__ import annotations

import pytest

from generator.measures.claims.judge import judge
from generator.measures.gallery import GalleryMeasures
from generator.pages.claim_plot import ClaimPlot, Mark, plot_of
from tests.invented_measures import lifts
from tests.measures.claims.test_judge import CLEAR, claim


def plot(*galleries: GalleryMeasures, **changes: object) -> ClaimPlot:
    one = claim(**changes)
    findings = [judge(one, each, each.models[0]) for each in galleries]
    return plot_of(one, findings)


def test_everything_lies_in_the_plot_in_its_order() -> None:
    drawn = plot(lifts(*CLEAR))
    (row,) = drawn.rows
    places = [row.low, row.place, row.high]
    assert None not in places
    known = [place for place in places if place is not None]
    order = [0, drawn.neutral.place, drawn.effect.place, *known, 100]
    assert order == sorted(order)
    assert len(set(order)) == len(order)


def test_ratios_have_a_logarithmic_scale() -> None:
    """2 is as far from 1 as 4 is from 2."""
    drawn = plot(lifts(*[3.9, 4.1] * 4))
    place = drawn.rows[0].place
    assert place is not None
    first, second = drawn.effect.place - drawn.neutral.place, place - drawn.effect.place
    assert first == pytest.approx(second, abs=0.02)


def test_differences_have_a_linear_scale() -> None:
    drawn = plot(lifts(*[3.9, 4.1] * 4), compare="difference", effect=1.0)
    place = drawn.rows[0].place
    assert place is not None
    assert (place - drawn.neutral.place) == pytest.approx(
        3 * (drawn.effect.place - drawn.neutral.place), abs=0.05
    )


@pytest.mark.parametrize("direction", ["more", "less"])
def test_shaded_part_is_where_it_counts(direction: str) -> None:
    drawn = plot(lifts(*CLEAR), direction=direction)
    start, width = drawn.zone
    if direction == "more":
        assert (start, start + width) == (drawn.effect.place, 100)
    else:
        assert (start, width) == (0, drawn.effect.place)


def test_zero_ratio_has_a_place() -> None:
    drawn = plot(lifts(*[0.0] * 9), direction="less", effect=0.5)
    assert drawn.rows[0].place is not None
    assert 0 <= drawn.rows[0].place < drawn.effect.place


def test_model_without_a_number_has_words_alone() -> None:
    drawn = plot(lifts(*CLEAR), lifts(4.0, model="detr_resnet50"))
    assert drawn.rows[1].place is None
    assert drawn.rows[1].text == "not enough to tell"
    assert "detr_emoji: 4.20, interval 4." in drawn.alt
    assert "detr_resnet50: not enough to tell." in drawn.alt
    assert drawn.alt.endswith("It is supported above 2.")


@pytest.mark.parametrize(("place", "anchor"), [(3.0, "start"), (50.0, "middle"), (97.0, "end")])
def test_words_stay_inside(place: float, anchor: str) -> None:
    assert Mark(place, "").anchor == anchor
