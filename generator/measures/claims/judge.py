"""Claims and measurements -> verdicts.

In: `Claim`s and the measurements of a gallery. Out: for each claim and model a `Finding`.
The rule: a claim is supported if the whole 95 % interval lies beyond the claim's effect in
the claim's direction, and still does after Holm's correction for all claims of its kind that
are tested on this model; otherwise it is not supported. It is not testable if the model does
not have what the claim is about, if fewer than `ENOUGH_IMAGES` images have both numbers, if the
denominator of a ratio may be 0, if no attention whatever could put the number on the other side
of the mark, or if a few images all have the same number, so that they do not show how others
vary.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import Enum
from itertools import product

from generator.measures.catalogue import about
from generator.measures.catalogue_causal import DECODER_SHUFFLED_LIKENESS
from generator.measures.claims.claim import KINDS, Claim
from generator.measures.digits import in_digits
from generator.measures.gallery import GalleryMeasures, ImageNumber
from generator.measures.intervals import LEVEL, Interval, holm, mean_of, probability_above
from generator.measures.mechanisms import (
    CEILING,
    DECODER_CROSS,
    DECODER_POINTS,
    DECODER_ROLLOUT,
    ENCODER_ROLLOUT,
    PREDICTIONS,
)
from generator.measures.summary import ENOUGH_IMAGES, Comparison, compared

ENOUGH_ALIKE = 60
"""If so many images all agree, at most one in twenty others does not, at a level of 95 % (the
rule of three: 3 / 60). With fewer images an interval without width is no evidence."""
_ROLLOUTS = (ENCODER_ROLLOUT.name, DECODER_ROLLOUT.name)
_OF_A_DECODER = (DECODER_SHUFFLED_LIKENESS.name,)
"""Measures of what is done to a decoder alone."""


class Verdict(Enum):
    """The gallery's verdict on a claim; pages print the values."""

    SUPPORTED = "supported"
    NOT_SUPPORTED = "not supported"
    NOT_TESTABLE = "not testable here"

    @property
    def slug(self) -> str:
        """The end of a CSS class."""
        return self.value.replace(" ", "-")


@dataclass(frozen=True)
class Finding:
    """The result of one claim, for one model.

    Attributes:
        model: its name; "" if nothing was measured at all.
        verdict: by the rule at the top of this module.
        effect: the ratio or difference with its interval, if there is one.
        probability: how probable such numbers would be if the truth lay at the mark, one-sided and
            corrected for all claims of its kind that were tested; None if nothing was.
        comparison: the two numbers that are compared; None if no image has both.
        images: how many images have both.
        reason: for the verdict, a sentence without its full stop.
    """

    claim: Claim
    model: str
    verdict: Verdict
    effect: Interval | None
    comparison: Comparison | None
    images: int
    reason: str
    probability: float | None = None


def judge_all(
    claims: Sequence[Claim], gallery: GalleryMeasures
) -> tuple[tuple[Claim, tuple[Finding, ...]], ...]:
    """Each claim with its findings, one per model; a single one if nothing was measured."""
    models = gallery.models or ("",)
    found: dict[str, list[Finding]] = {claim.name: [] for claim in claims}
    for kind, model in product(KINDS, models):
        family = [claim for claim in claims if claim.kind == kind]
        for finding in judge_together(family, gallery, model):
            found[finding.claim.name].append(finding)
    return tuple((claim, tuple(found[claim.name])) for claim in claims)


def judge(claim: Claim, gallery: GalleryMeasures, model: str) -> Finding:
    """Decides one claim for one model, as if it were the only one."""
    return judge_together([claim], gallery, model)[0]


def judge_together(
    claims: Sequence[Claim], gallery: GalleryMeasures, model: str
) -> tuple[Finding, ...]:
    """Decides a family of claims for one model, corrected for how many are tested."""
    tested = [_test(claim, gallery, model) for claim in claims]
    corrected = iter(holm([one.probability for one in tested if one.probability is not None]))
    return tuple(
        one if one.probability is None else _decide(one, next(corrected)) for one in tested
    )


def _test(claim: Claim, gallery: GalleryMeasures, model: str) -> Finding:
    """A finding that is final if it has no probability, and without verdict otherwise."""
    pairs, highest = pairs_of(claim, gallery, model)
    comparison = compared(claim.name, pairs) if pairs else None

    def untestable(reason: str, effect: Interval | None = None) -> Finding:
        return Finding(claim, model, Verdict.NOT_TESTABLE, effect, comparison, len(pairs), reason)

    if not pairs and (instead := _what_it_has_instead(claim, gallery, model)):
        return untestable(instead)
    if comparison is None or not comparison.enough:
        return untestable(f"{_have(len(pairs))} both numbers; it takes {ENOUGH_IMAGES}")
    effect = comparison.ratio if claim.compare == "ratio" else comparison.difference
    if effect is None:
        return untestable("what the number is to be divided by is 0, or may be")
    if has_no_width(effect) and effect.images < ENOUGH_ALIKE:
        return untestable(
            "since all images agree, the interval has no width, and does not tell how others may "
            f"differ; it takes {ENOUGH_ALIKE} images that agree",
            effect,
        )
    bound = _bound(claim, comparison, highest)
    if bound is not None:
        return untestable(bound, effect)
    sign, mark = _sign(claim), claim.effect
    beyond = [
        sign * (one - mark * other if claim.compare == "ratio" else one - other - mark)
        for one, other in pairs
    ]
    return Finding(
        claim, model, Verdict.NOT_SUPPORTED, effect, comparison, len(pairs), "",
        probability_above(beyond),
    )  # fmt: skip


def has_no_width(interval: Interval) -> bool:
    """Whether all images agree, apart from rounding."""
    return math.isclose(interval.low, interval.high, rel_tol=1e-9, abs_tol=1e-12)


def _bound(claim: Claim, comparison: Comparison, highest: float | None) -> str | None:
    """Why no attention could put the number on the other side of the mark; None if it could.

    Args:
        highest: the largest number that the claim's measure could have on these images.
    """
    lowest = about(claim.measure).range[0]
    ends = [_effect(claim, end, comparison.second) for end in (lowest, highest) if end is not None]
    if highest is not None and max(ends) <= claim.effect:
        end = f"{in_digits(max(ends))} at most"
    elif min(ends) >= claim.effect:
        end = f"{in_digits(min(ends))} at least"
    else:
        return None
    return f"whatever the attention did, the {claim.compare} could be {end}"


def _effect(claim: Claim, number: float, other: float) -> float:
    return number / other if claim.compare == "ratio" else number - other


def _sign(claim: Claim) -> float:
    return 1.0 if claim.direction == "more" else -1.0


def _decide(tested: Finding, probability: float) -> Finding:
    """The finding with its verdict; the probability is corrected for all claims."""
    claim, effect = tested.claim, tested.effect
    if effect is None:  # nothing was tested
        return tested
    sign = _sign(claim)
    low, high = sorted((sign * effect.low, sign * effect.high))
    mark, neutral = sign * claim.effect, sign * claim.neutral
    verdict = Verdict.NOT_SUPPORTED
    if low > mark and probability < (1 - LEVEL) / 2:
        verdict, reason = Verdict.SUPPORTED, "The whole interval lies beyond the mark"
    elif low > mark:
        reason = (
            "The whole interval lies beyond the mark, but among so many claims that may be "
            "chance (Holm's correction)"
        )
    elif high < neutral < mark:
        reason = "The whole interval shows the opposite"
    elif high < mark:
        reason = "The whole interval lies short of the mark"
    else:
        reason = "The interval reaches to both sides of the mark"
    return replace(tested, verdict=verdict, reason=reason, probability=probability)


def pairs_of(
    claim: Claim, gallery: GalleryMeasures, model: str
) -> tuple[list[tuple[float, float]], float | None]:
    """The claim's number and what it is compared with, for each image that has both.

    Also the largest number that there could be on these images; None if there is no end.
    """
    numbers = gallery.values(model, claim.choice)
    others = _others(claim, gallery, model, numbers)
    both = {slug: one for slug, one in numbers.items() if slug in others}
    highest = about(claim.measure).range[1]
    ceilings = [one.controls.get(CEILING.name, highest) for one in both.values()]
    known = [one for one in ceilings if one is not None]
    return (
        [(one.value, others[slug]) for slug, one in both.items()],
        mean_of(known) if both and len(known) == len(both) else None,
    )


def _others(
    claim: Claim, gallery: GalleryMeasures, model: str, numbers: dict[str, ImageNumber]
) -> dict[str, float]:
    control, value = claim.against.control, claim.against.value
    if control is not None:
        return {
            slug: one.controls[control] for slug, one in numbers.items() if control in one.controls
        }
    if value is not None:
        return dict.fromkeys(numbers, value)
    choice = claim.other_choice
    if choice is None or _is_same_layer(claim, gallery, model):
        return {}
    return {slug: other.value for slug, other in gallery.values(model, choice).items()}


def _what_it_has_instead(claim: Claim, gallery: GalleryMeasures, model: str) -> str:
    """Why no image of this model can have the numbers, however many there are; "" if one may."""

    def layers(mechanism: str) -> int:
        return gallery.layers_of(model, mechanism)

    if not layers(claim.mechanism) and layers(DECODER_POINTS.name):
        return "this model reads points, and the claim is about attention to all cells"
    if _is_same_layer(claim, gallery, model):
        return "the claim compares two layers, and this model has numbers of one alone"
    # A decoder answers after each of its layers, and one stack after the last alone.
    is_one_stack = 0 < layers(PREDICTIONS.name) < layers(DECODER_CROSS.name)
    if is_one_stack and (claim.mechanism in _ROLLOUTS or claim.measure in _OF_A_DECODER):
        return "this model has one stack, and the claim is about an encoder and a decoder"
    return ""


def _is_same_layer(claim: Claim, gallery: GalleryMeasures, model: str) -> bool:
    """Whether a claim about two layers is empty, as the model has a single layer."""
    choice, other = claim.choice, claim.other_choice
    if other is None or (choice.measure, choice.mechanism) != (other.measure, other.mechanism):
        return False
    return choice.layer != other.layer and gallery.layers_of(model, claim.mechanism) == 1


def _have(images: int) -> str:
    if images < 2:
        return f"{'one' if images else 'no'} image has"
    return f"{images} images have"
