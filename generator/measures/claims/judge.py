"""Claims and measurements -> verdicts.

In: `Claim`s and the measurements of a gallery. Out: for each claim and model a `Finding`.
The rule: a claim is supported if the whole 95 % interval lies beyond the claim's effect in
the claim's direction, otherwise not supported. It is not testable if fewer than
`ENOUGH_IMAGES` images have both numbers, if the denominator of a ratio may be 0, or if a few
images all have the same number, so that a bootstrap cannot show how others vary.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from generator.measures.bootstrap import Interval
from generator.measures.claims.claim import Claim
from generator.measures.gallery import GalleryMeasures, ImageNumber
from generator.measures.summary import ENOUGH_IMAGES, Comparison, compared

ENOUGH_ALIKE = 60
"""If so many images all agree, at most one in twenty others does not, at a level of 95 % (the
rule of three: 3 / 60). With fewer images an interval without width is no evidence."""


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


def judge_all(
    claims: Sequence[Claim], gallery: GalleryMeasures
) -> tuple[tuple[Claim, tuple[Finding, ...]], ...]:
    """Each claim with its findings, one per model; a single one if nothing was measured."""
    models = gallery.models or ("",)
    return tuple(
        (claim, tuple(judge(claim, gallery, model) for model in models)) for claim in claims
    )


def judge(claim: Claim, gallery: GalleryMeasures, model: str) -> Finding:
    """Decides one claim for one model."""
    pairs = _pairs(claim, gallery, model)
    comparison = compared(claim.name, pairs) if pairs else None
    if comparison is None or not comparison.enough:
        reason = f"{_have(len(pairs))} both numbers; it takes {ENOUGH_IMAGES}"
        return Finding(claim, model, Verdict.NOT_TESTABLE, None, comparison, len(pairs), reason)
    effect = comparison.ratio if claim.compare == "ratio" else comparison.difference
    if effect is None:
        reason = "what the number is to be divided by is 0 in all images, or in too many"
        return Finding(claim, model, Verdict.NOT_TESTABLE, None, comparison, len(pairs), reason)
    verdict, reason = _decide(claim, effect)
    return Finding(claim, model, verdict, effect, comparison, len(pairs), reason)


def has_no_width(interval: Interval) -> bool:
    """Whether all images agree, apart from rounding."""
    return math.isclose(interval.low, interval.high, rel_tol=1e-9, abs_tol=1e-12)


def _decide(claim: Claim, effect: Interval) -> tuple[Verdict, str]:
    if has_no_width(effect) and effect.images < ENOUGH_ALIKE:
        return Verdict.NOT_TESTABLE, (
            "Since all images agree, the interval has no width, and does not tell how others may "
            f"differ; it takes {ENOUGH_ALIKE} images that agree"
        )
    sign = 1.0 if claim.direction == "more" else -1.0
    low, high = sorted((sign * effect.low, sign * effect.high))
    mark, neutral = sign * claim.effect, sign * claim.neutral
    if low > mark:
        return Verdict.SUPPORTED, "The whole interval lies beyond the mark"
    if high < neutral < mark:
        return Verdict.NOT_SUPPORTED, (
            "The whole interval lies on the other side of equal: here it is the other way round"
        )
    if high < mark:
        return Verdict.NOT_SUPPORTED, "The whole interval lies short of the mark"
    return Verdict.NOT_SUPPORTED, "The interval reaches to both sides of the mark"


def _pairs(claim: Claim, gallery: GalleryMeasures, model: str) -> list[tuple[float, float]]:
    """The claim's number and what it is compared with, for each image that has both."""
    numbers = gallery.values(model, claim.choice)
    others = _others(claim, gallery, model, numbers)
    return [(one.value, others[slug]) for slug, one in numbers.items() if slug in others]


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
