"""The verdict of a gallery on a claim."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from generator.measures.claims.claim import Against, Claim
from generator.measures.claims.judge import Finding, Verdict, judge, judge_all, judge_together
from generator.measures.gallery import GalleryMeasures
from tests.invented_measures import gallery_of, lifts, measurement

CLEAR = (4.0, 4.2, 4.4, 4.1, 4.3, 4.2, 4.1, 4.3, 4.2)
LOW = (0.5, 0.6, 0.7, 0.6, 0.5, 0.6, 0.7, 0.6, 0.5)
SHORT = (1.0, 1.1, 1.2, 1.1, 1.0, 1.1, 1.2, 1.1, 1.0)


def claim(**changes: Any) -> Claim:
    """A claim that lift is more than twice the uniform map's."""
    values: dict[str, Any] = {
        "name": "looks",
        "text": "It looks.",
        "origin": "here",
        "measure": "lift",
        "mechanism": "decoder_cross",
        "against": Against(control="uniform"),
        "compare": "ratio",
        "direction": "more",
        "effect": 2.0,
        "why": "Because.",
    }
    return Claim(**(values | changes))


def found(gallery: GalleryMeasures, **changes: Any) -> Finding:
    return judge(claim(**changes), gallery, "detr_emoji")


def test_clear_claim_is_supported_and_its_opposite_is_not() -> None:
    finding = found(lifts(*CLEAR))
    assert finding.verdict is Verdict.SUPPORTED
    assert finding.effect is not None
    assert finding.effect.value == pytest.approx(np.mean(CLEAR))
    assert finding.effect.low > 2
    assert found(lifts(*CLEAR), direction="less").verdict is Verdict.NOT_SUPPORTED


@pytest.mark.parametrize("compare", ["ratio", "difference"])
@pytest.mark.parametrize("level", [0.5, 2.0, 8.0])
def test_flipping_the_direction_of_a_clear_claim_flips_its_verdict(
    compare: str, level: float
) -> None:
    gallery = lifts(*(value * level for value in CLEAR))
    both = {found(gallery, compare=compare, direction=way).verdict for way in ("more", "less")}
    assert both == {Verdict.SUPPORTED, Verdict.NOT_SUPPORTED}


def test_interval_across_the_mark_supports_neither_direction() -> None:
    gallery = lifts(0.5, 1.0, 3.5, 1.2, 2.9, 2.4, 1.5, 2.6, 2.2)
    for direction in ("more", "less"):
        finding = found(gallery, direction=direction)
        assert finding.verdict is Verdict.NOT_SUPPORTED
        assert "both sides" in finding.reason


def test_interval_wholly_short_of_the_mark_is_mentioned() -> None:
    assert "short of the mark" in found(lifts(*SHORT)).reason


@pytest.mark.parametrize(
    ("images", "said"), [(0, "no image has"), (1, "one image has"), (4, "4 images have")]
)
def test_too_few_images_are_not_testable(images: int, said: str) -> None:
    finding = found(lifts(*CLEAR[:images]))
    assert finding.verdict is Verdict.NOT_TESTABLE
    assert finding.effect is None
    assert finding.reason == f"{said} both numbers; it takes 8"


def test_images_without_the_control_do_not_count() -> None:
    with_control = [[measurement(value, shuffled=1.0)] for value in CLEAR[:4]]
    gallery = gallery_of({"detr_emoji": [*with_control, [measurement(4)], [measurement(4)]]})
    finding = found(gallery, against=Against(control="shuffled"))
    assert finding.verdict is Verdict.NOT_TESTABLE
    assert finding.images == 4


def test_nothing_can_be_divided_by_nothing() -> None:
    finding = found(lifts(*CLEAR, uniform=0.0))
    assert finding.verdict is Verdict.NOT_TESTABLE
    assert "divided by is 0" in finding.reason
    assert found(lifts(*CLEAR, uniform=0.0), compare="difference").verdict is Verdict.SUPPORTED


def test_fixed_value() -> None:
    finding = found(lifts(*CLEAR), against=Against(value=1.5), compare="difference")
    assert finding.effect is not None
    assert finding.effect.value == pytest.approx(np.mean(CLEAR) - 1.5)


def test_another_layer_and_another_mechanism() -> None:
    ones = [
        [
            measurement(value),
            measurement(3 * value, layer=1),
            measurement(6 * value, mechanism="decoder_rollout", layer=1),
        ]
        for value in CLEAR
    ]
    gallery = gallery_of({"detr_emoji": ones})
    later = found(gallery, against=Against(layer="first"))
    rollout = found(gallery, against=Against(mechanism="decoder_rollout"))
    assert later.effect is not None
    assert rollout.effect is not None
    assert later.effect.value == pytest.approx(3)
    assert rollout.effect.value == pytest.approx(0.5)


def test_single_layer_has_no_first_and_last() -> None:
    finding = found(lifts(*CLEAR), against=Against(layer="first"), compare="difference")
    assert finding.verdict is Verdict.NOT_TESTABLE
    assert finding.reason.startswith("the claim compares two layers, and this model has numbers")


def test_each_model_is_judged_by_itself() -> None:
    gallery = GalleryMeasures(
        (*lifts(*CLEAR, model="good").images, *lifts(*SHORT, model="poor").images)
    )
    ((_, findings),) = judge_all([claim()], gallery)
    assert [(one.model, one.verdict) for one in findings] == [
        ("good", Verdict.SUPPORTED),
        ("poor", Verdict.NOT_SUPPORTED),
    ]


def test_empty_gallery_has_one_finding() -> None:
    ((_, findings),) = judge_all([claim()], GalleryMeasures())
    assert [one.verdict for one in findings] == [Verdict.NOT_TESTABLE]


@pytest.mark.parametrize(
    ("images", "verdict"), [(10, Verdict.NOT_TESTABLE), (59, Verdict.NOT_TESTABLE),
                            (60, Verdict.SUPPORTED)]
)  # fmt: skip
def test_few_images_that_all_agree_are_no_evidence(images: int, verdict: Verdict) -> None:
    finding = found(lifts(*[0.0] * images), direction="less", effect=0.05)
    assert finding.verdict is verdict
    assert finding.effect is not None  # the number itself is there
    assert (finding.effect.low, finding.effect.value, finding.effect.high) == (0, 0, 0)
    assert ("it takes 60 images that agree" in finding.reason) == (images < 60)


def test_one_image_that_differs_gives_the_interval_its_width() -> None:
    finding = found(lifts(*[0.0] * 9, 0.1), direction="less", effect=0.5)
    assert finding.verdict is Verdict.SUPPORTED


def test_the_opposite_of_what_is_claimed_is_named() -> None:
    assert "shows the opposite" in found(lifts(*LOW)).reason
    assert "shows the opposite" in found(lifts(*CLEAR), direction="less", effect=0.5).reason
    short = found(lifts(*SHORT), direction="more")
    assert "shows the opposite" not in short.reason


def test_claim_of_next_to_no_difference_has_no_opposite() -> None:
    """Being below another number does not contradict being above 0.75 of it."""
    near = found(lifts(*LOW), effect=0.75)
    assert near.verdict is Verdict.NOT_SUPPORTED
    assert "short of the mark" in near.reason


def test_so_many_claims_may_come_out_by_chance() -> None:
    """One of forty claims is only just beyond the mark; alone it would be supported."""
    values = (2.0, 2.6, 1.9, 2.7, 2.1, 2.4, 2.0, 2.6, 2.05)
    noise = [[measurement(value), measurement(1.0, "mass", uniform=1.0)] for value in values]
    gallery = gallery_of({"detr_emoji": noise})
    close = claim(against=Against(value=1.0), name="close")
    no = [
        claim(name=f"no-{number}", against=Against(value=1.0), effect=2.2 + number / 100)
        for number in range(39)
    ]
    assert judge(close, gallery, "detr_emoji").verdict is Verdict.SUPPORTED
    first, *rest = judge_together([close, *no], gallery, "detr_emoji")
    assert first.verdict is Verdict.NOT_SUPPORTED
    assert "Holm" in first.reason
    assert first.probability is not None
    assert first.probability > 0.025
    assert {one.verdict for one in rest} == {Verdict.NOT_SUPPORTED}
    clear = claim(name="clear", against=Against(value=1.0), effect=1.0)
    assert judge_together([clear, *no], gallery, "detr_emoji")[0].verdict is Verdict.SUPPORTED


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        # A map wholly in its box has a lift of 4.5 here, 1.1 times what there was before.
        ({"against": Against(layer="first"), "effect": 1.25}, "the ratio could be 1.07 at most"),
        ({"against": Against(value=1.0), "effect": 5.0}, "the ratio could be 4.50 at most"),
        ({"against": Against(value=5.0), "compare": "difference", "effect": -6.0},
         "the difference could be −5.00 at least"),
    ],
)  # fmt: skip
def test_what_the_attention_cannot_decide_is_not_testable(
    changes: dict[str, Any], said: str
) -> None:
    ones = [[measurement(value), measurement(value + 0.1, layer=1, ceiling=4.5)] for value in CLEAR]
    finding = found(gallery_of({"detr_emoji": ones}), **changes)
    assert finding.verdict is Verdict.NOT_TESTABLE
    assert said in finding.reason


def test_the_end_of_the_scale_is_a_ceiling() -> None:
    ones = [
        [measurement(0.9 + value / 100, "mass"), measurement(0.95 + value / 100, "mass", layer=1)]
        for value in CLEAR
    ]
    finding = found(
        gallery_of({"detr_emoji": ones}),
        measure="mass",
        against=Against(layer="first"),
        effect=1.25,
    )
    assert finding.verdict is Verdict.NOT_TESTABLE
    assert "at most" in finding.reason


def test_claims_of_one_kind_are_corrected_for_each_other_alone() -> None:
    ones = [measurement(value) for value in (2.0, 2.6, 1.9, 2.7, 2.1, 2.4, 2.0, 2.6, 2.05)]
    gallery = gallery_of({"detr_emoji": [[one] for one in ones]})
    close = claim(against=Against(value=1.0), name="close", kind="causal")
    others = [
        claim(name=f"no-{number}", against=Against(value=1.0), effect=2.2) for number in range(39)
    ]
    verdicts = {
        one.name: findings[0].verdict for one, findings in judge_all([*others, close], gallery)
    }
    assert verdicts["close"] is Verdict.SUPPORTED
    assert list(verdicts)[-1] == "close"


def test_a_model_that_reads_points_has_no_such_attention() -> None:
    gallery = gallery_of({"detr_emoji": [[measurement(1.0, mechanism="decoder_points")]] * 9})
    assert found(gallery).reason.startswith("this model reads points")


@pytest.mark.parametrize(
    "changes",
    [{"mechanism": "decoder_rollout"}, {"measure": "decoder_shuffled_likeness"}],
)
def test_one_stack_is_the_reason_however_many_images_there_are(changes: dict[str, str]) -> None:
    answers = measurement(1.0, measure="duplicates", mechanism="predictions")
    maps = [measurement(2.0, layer=layer) for layer in range(2)]
    stack = gallery_of({"detr_emoji": [[*maps, answers]] * 9})
    assert found(stack, **changes).reason.startswith("this model has one stack")
    decoder = gallery_of({"detr_emoji": [[*maps, answers, replace(answers, layer=1)]] * 9})
    assert found(decoder, **changes).reason.startswith("no image has both numbers")
