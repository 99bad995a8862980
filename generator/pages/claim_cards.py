"""What a page shows for each claim: words, numbers and a plot.

In: the claims and the measurements. Out: `ClaimCard`s, from which macros write cards and the
table of verdicts.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from generator.measures.catalogue import HEAD_DIVERSITY, TRUE, about
from generator.measures.catalogue_causal import OF_ALL_HEADS
from generator.measures.claims.claim import Claim
from generator.measures.claims.judge import Finding, judge_all
from generator.measures.digits import in_digits
from generator.measures.gallery import Choice, GalleryMeasures
from generator.measures.mechanisms import CONTROLS, MECHANISMS
from generator.pages.claim_plot import ClaimPlot, plot_of
from generator.pages.quoted_numbers import NOT_ENOUGH, exact, with_interval


@dataclass(frozen=True)
class FindingCard:
    """The finding for one model, in words.

    Attributes:
        number: "ratio 3.10", or that there is not enough to tell.
        sentence: the number, its interval, what it compares, and the reason for the verdict.
    """

    finding: Finding
    number: str
    sentence: str


@dataclass(frozen=True)
class ClaimCard:
    """A claim with everything that a page shows for it.

    Attributes:
        measured, against: the numbers that are compared, in words.
        meaning: what the measure is.
        mark: the condition, "above 2".
        refuted: what would have refuted the claim, in a sentence.
    """

    claim: Claim
    findings: tuple[FindingCard, ...]
    plot: ClaimPlot
    measured: str
    against: str
    meaning: str
    mark: str
    refuted: str

    @property
    def is_testable(self) -> bool:
        """Whether any model has a number; without one there is nothing to plot."""
        return any(one.finding.effect is not None for one in self.findings)


def claim_cards(claims: Sequence[Claim], gallery: GalleryMeasures) -> tuple[ClaimCard, ...]:
    """Judges the claims and puts the findings into words."""
    return tuple(_card(claim, findings) for claim, findings in judge_all(claims, gallery))


def by_mechanism(cards: Sequence[ClaimCard]) -> list[tuple[str, list[ClaimCard]]]:
    """The claims in their order; neighbours about the same mechanism form a group."""
    return [
        (MECHANISMS[name].title, list(ones))
        for name, ones in groupby(cards, key=lambda one: one.claim.mechanism)
    ]


def _card(claim: Claim, findings: tuple[Finding, ...]) -> ClaimCard:
    side = "above" if claim.direction == "more" else "below"
    return ClaimCard(
        claim=claim,
        findings=tuple(_finding_card(one) for one in findings),
        plot=plot_of(claim, findings),
        measured=_choice_words(claim.choice),
        against=_against_words(claim),
        meaning=_meaning(claim.measure),
        mark=f"{side} {exact(claim.effect)}",
        refuted=_refuted_words(claim),
    )


def _refuted_words(claim: Claim) -> str:
    """For example "An interval wholly below 2 would have refuted it; ..."."""
    side = "below" if claim.direction == "more" else "above"
    words = f"An interval wholly {side} {exact(claim.effect)} would have refuted it"
    sign = 1 if claim.direction == "more" else -1
    if sign * claim.neutral < sign * claim.effect:
        words += f", and one wholly {side} {exact(claim.neutral)} would have shown the opposite"
    return f"{words}."


def _finding_card(finding: Finding) -> FindingCard:
    effect, comparison = finding.effect, finding.comparison
    made_of = ""
    if comparison is not None and comparison.enough:
        made_of = f"{in_digits(comparison.first)}, compared with {in_digits(comparison.second)}"
    if effect is None:
        sentence = f"{NOT_ENOUGH.capitalize()}: {finding.reason}."
        return FindingCard(
            finding, NOT_ENOUGH, f"Measured {made_of}. {sentence}" if made_of else sentence
        )
    compare = finding.claim.compare
    reason = f"{finding.reason[:1].upper()}{finding.reason[1:]}{_chance(finding)}"
    sentence = f"Measured {made_of}: {compare} {with_interval(effect)}. {reason}."
    return FindingCard(finding, f"{compare} {in_digits(effect.value)}", sentence)


def _chance(finding: Finding) -> str:
    """How probable such numbers would be if the truth lay at the mark; "" if not tested."""
    if finding.probability is None:
        return ""
    value = finding.probability
    return f" (p {'below 0.001' if value < 0.001 else f'= {in_digits(value)}'})"


def _choice_words(choice: Choice) -> str:
    """For example "`lift` of decoder cross-attention, last layer, mean of the heads' maps"."""
    mechanism = MECHANISMS[choice.mechanism]
    words = [f"`{choice.measure}` of {mechanism.title_in_text}", _layer_words(choice)]
    if mechanism.has_heads:
        words.append(_head_words(choice))
    return ", ".join(word for word in words if word)


def _layer_words(choice: Choice) -> str:
    if MECHANISMS[choice.mechanism].is_rollout:
        return ""
    if choice.layer == "all":
        return "mean over the layers"
    return f"{choice.layer} layer" if isinstance(choice.layer, str) else f"layer {choice.layer}"


def _head_words(choice: Choice) -> str:
    if choice.head == "all":
        return "mean over the single heads"
    if isinstance(choice.head, int):
        return f"head {choice.head}"
    if choice.measure == HEAD_DIVERSITY.name:
        return "all pairs of heads"
    if choice.measure in OF_ALL_HEADS:
        return "all heads"
    return "mean of the heads' maps"


def _against_words(claim: Claim) -> str:
    if claim.against.control is not None:
        return CONTROLS[claim.against.control].text
    if claim.against.value is not None:
        return f"the number {exact(claim.against.value)}"
    other = claim.other_choice
    if other is None:
        return ""
    if (other.measure, other.mechanism) == (claim.measure, claim.mechanism):
        changed = claim.against.layer is not None
        return f"the same, {_layer_words(other) if changed else _head_words(other)}"
    words = _choice_words(other)
    if other.measure != claim.measure:
        words += f": {_meaning(other.measure)}"
    return words


def _meaning(measure: str) -> str:
    text = re.split("[;:] ", about(measure).text)[0]  # the rest is for measures.json
    text = text.replace("-1", "−1")
    return f"{text}; with the true boxes" if measure.endswith(TRUE) else text
