"""Numbers that prose quotes, and names that do not exist."""

from __future__ import annotations

from typing import Any

import pytest

from generator.errors import PageError
from generator.measures.claims.judge import judge
from generator.measures.gallery import GalleryMeasures
from generator.measures.intervals import Interval
from generator.measures.measurement import Measurement
from generator.pages.quoted_numbers import (
    NOT_ENOUGH,
    NOT_FOR_SAMPLED,
    QuotedNumbers,
    exact,
    with_interval,
)
from tests.invented_measures import gallery_of, lifts, measurement
from tests.measures.claims.test_judge import CLEAR, claim


def quotes(gallery: GalleryMeasures) -> QuotedNumbers:
    one = claim()
    models = gallery.models or ("",)
    findings = {one.name: tuple(judge(one, gallery, model) for model in models)}
    return QuotedNumbers(gallery, ["detr_emoji", "detr_resnet50"], findings)


def test_ends_of_an_interval_have_the_decimals_of_the_number() -> None:
    assert with_interval(Interval(12.34, 9.87, 14.04, 9)) == (
        "12.3 (95\N{NO-BREAK SPACE}% interval 9.9 to 14.0, 9 images)"
    )
    assert "33.6 to 874," in with_interval(Interval(84.5, 33.6, 874.02, 8))


def test_interval_without_width_is_put_into_words() -> None:
    assert with_interval(Interval(0.0, 0.0, 0.0, 9)) == "0 (the same in all 9 images)"
    assert "interval" in with_interval(Interval(0.01, 0.0, 0.03, 9))


@pytest.mark.parametrize(("value", "words"), [(2.0, "2"), (0.75, "0.75"), (-0.05, "−0.05")])
def test_written_number_stays_as_written(value: float, words: str) -> None:
    assert exact(value) == words


def test_full_form_and_bare_forms() -> None:
    quoted = quotes(lifts(*CLEAR))
    assert quoted.measure("lift", "decoder_cross").startswith(
        "4.20 (95\N{NO-BREAK SPACE}% interval 4."
    )
    assert quoted.measure("lift", "decoder_cross").endswith(", 9 images)")
    assert quoted.measure("lift", "decoder_cross", form="number") == "4.20"
    assert quoted.measure("lift", "decoder_cross", control="uniform") == "1.00"
    ratio = quoted.measure(
        "lift", "decoder_cross", control="uniform", compare="difference", form="number"
    )
    assert ratio == "3.20"
    assert quoted.verdict("looks") == "supported"


def test_both_numbers_of_a_contrast_are_of_the_same_images() -> None:
    """Images that lack the control count for neither of the two."""
    ones = [[measurement(value, shuffled=1.0 + value / 10)] for value in CLEAR]
    gallery = gallery_of({"detr_emoji": [*ones, [measurement(400.0)]]})
    quoted = quotes(gallery)
    words = quoted.contrast("lift", "decoder_cross", "shuffled", "in others")
    assert words.replace("\N{NO-BREAK SPACE}", " ") == (
        "4.20, compared with 1.42 in others (the same 9 images; ratio 2.96, 95 % interval 2.91 to "
        "3.00)"
    )
    apart = quoted.contrast("lift", "decoder_cross", "shuffled", "in others", compare="difference")
    assert "difference 2.78, 95" in apart
    assert quotes(lifts(*CLEAR[:7])).contrast("lift", "decoder_cross", "uniform", "") == NOT_ENOUGH


def test_where_nothing_can_be_divided_the_contrast_is_a_difference() -> None:
    words = quotes(lifts(*CLEAR, uniform=0.0)).contrast("lift", "decoder_cross", "uniform", "even")
    assert words.startswith("4.20, compared with 0 even (the same 9 images; difference 4.20, 95")
    alike = quotes(lifts(*[3.0] * 8)).contrast("lift", "decoder_cross", "uniform", "even")
    assert alike == "3.00, compared with 1.00 even (the same 8 images)"


@pytest.mark.parametrize("images", [0, 1, 4])
def test_few_images_are_not_enough(images: int) -> None:
    quoted = quotes(lifts(*CLEAR[:images]))
    assert quoted.measure("lift", "decoder_cross") == NOT_ENOUGH
    assert quoted.measure("lift", "decoder_cross", control="uniform") == NOT_ENOUGH
    assert not quoted.enough("lift", "decoder_cross")
    assert quoted.verdict("looks") == "not testable here"


def test_no_ratio_to_zero() -> None:
    quoted = quotes(lifts(*CLEAR, uniform=0.0))
    words = quoted.measure("lift", "decoder_cross", control="uniform", compare="ratio")
    assert words == NOT_ENOUGH


def test_thousand_images_are_counted() -> None:
    quoted = quotes(lifts(*(1 + index % 7 for index in range(1000))))
    assert quoted.measure("lift", "decoder_cross").endswith(", 1000 images)")


def test_model_of_most_images_is_quoted_unless_one_is_named() -> None:
    few, many = lifts(*CLEAR[:8], model="detr_emoji"), lifts(*[9.0] * 9, model="detr_resnet50")
    quoted = quotes(GalleryMeasures((*few.images, *many.images)))
    assert quoted.measure("lift", "decoder_cross", form="number") == "9.00"
    assert quoted.measure("lift", "decoder_cross", model="detr_emoji", form="number") == "4.20"


def test_model_that_ran_over_no_image_is_not_a_mistake() -> None:
    quoted = quotes(lifts(*CLEAR))
    assert quoted.measure("lift", "decoder_cross", model="detr_resnet50") == NOT_ENOUGH


@pytest.mark.parametrize(
    ("arguments", "options", "message"),
    [
        (("lfit", "decoder_cross"), {}, "no measure `lfit`; did you mean `lift`?"),
        (("lift", "decoder_crss"), {}, "did you mean `decoder_cross`?"),
        (("lift", "encoder_self"), {}, "not measured for `encoder_self`; it is for `decoder_"),
        (("lift", "decoder_cross", "frist"), {}, "did you mean `first`?"),
        (("lift", "decoder_cross", 0), {}, "or a number from 1, not `0`"),
        (("lift", "decoder_cross", 1, "al"), {}, 'a head is "mean", "all" or a number'),
        (("lift", "decoder_cross"), {"control": "unifrom"}, "did you mean `uniform`?"),
        (("lift", "decoder_cross"), {"model": "detr_emojy"}, "did you mean `detr_emoji`?"),
        (("lift", "decoder_cross"), {"form": "short"}, "there are full, number"),
        (("lift", "decoder_cross"), {"compare": "ratio"}, "name one, as `control=`"),
        (("lift", "decoder_cross"), {"compare": "r", "control": "uniform"}, "ratio, difference"),
    ],
)
def test_unknown_names_are_refused(
    arguments: tuple[Any, ...], options: dict[str, Any], message: str
) -> None:
    for gallery in (lifts(*CLEAR), GalleryMeasures()):
        with pytest.raises(PageError) as caught:
            quotes(gallery).measure(*arguments, **options)
        assert message in str(caught.value)


def test_unknown_claim_is_refused() -> None:
    with pytest.raises(PageError, match="did you mean `looks`"):
        quotes(lifts(*CLEAR)).verdict("loks")


def test_what_needs_maps_is_not_for_a_model_that_samples_points() -> None:
    spread = Measurement("spread", "decoder_points", 2, None, 0.1, 3)
    quoted = quotes(gallery_of({"detr_emoji": [[spread]] * 2}))
    assert quoted.measure("entropy", "decoder_cross") == NOT_FOR_SAMPLED
    assert quoted.contrast("lift", "decoder_cross", "uniform", "for an even map") == NOT_FOR_SAMPLED
    assert quoted.measure("spread", "decoder_points") == NOT_ENOUGH  # two images are too few
    assert quoted.measure("duplicates", "predictions") == NOT_ENOUGH
    maps = quotes(gallery_of({"detr_emoji": [[measurement(1.0)]]}))
    assert maps.measure("entropy", "encoder_self") == NOT_ENOUGH
