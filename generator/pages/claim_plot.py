"""A claim's numbers as a small plot: where the intervals lie, and where they support it.

In: the findings of a claim, one per model. Out: a `ClaimPlot` for a template to draw. Places
are in per cent of its width, so that the plot can be as wide as the page while its words keep
their size.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from generator.measures.claims.claim import Claim
from generator.measures.claims.judge import Finding, Verdict, has_no_width
from generator.measures.digits import in_digits
from generator.pages.quoted_numbers import NOT_ENOUGH, exact

_MARGIN = 0.1
"""Room on both sides of what is shown, as a share of its width."""
_FARTHEST = 1e-3
"""Ratios below this are drawn at this place, since the scale of ratios has no 0."""
_SIDE = 15.0
"""Words this near to an edge, in per cent, are not centred but begin or end at their place."""

Anchor = Literal["start", "middle", "end"]


@dataclass(frozen=True)
class Mark:
    """A vertical line of the plot, with words next to it."""

    place: float
    text: str

    @property
    def anchor(self) -> Anchor:
        """Which part of the words is at the line."""
        return "start" if self.place < _SIDE else "end" if self.place > 100 - _SIDE else "middle"


@dataclass(frozen=True)
class Row:
    """One model's number.

    Attributes:
        model: its name.
        low, place, high: the interval and the value, in per cent; None without a number.
        text: the number, or why there is none.
    """

    model: str
    verdict: Verdict
    low: float | None
    place: float | None
    high: float | None
    text: str

    @property
    def anchor(self) -> Anchor:
        """Which part of the words is at the value."""
        return Mark(self.place or 0.0, "").anchor


@dataclass(frozen=True)
class ClaimPlot:
    """All that a template needs to draw the plot.

    Attributes:
        neutral: the place of no difference.
        effect: the place of the claim's effect.
        zone: start and width of the part in which the whole interval has to lie.
        file: of the plot as a separate file, in `docs`.
        alt: the plot in words.
    """

    claim: Claim
    neutral: Mark
    effect: Mark
    zone: tuple[float, float]
    rows: tuple[Row, ...]
    file: str
    alt: str


def plot_of(claim: Claim, findings: Sequence[Finding]) -> ClaimPlot:
    """Lays out a claim's findings on a scale that shows all of them."""
    ends = [claim.neutral, claim.effect]
    for finding in findings:
        if finding.effect is not None:
            ends += [finding.effect.low, finding.effect.value, finding.effect.high]
    place = _scale(claim, ends)
    mark = place(claim.effect)
    more = claim.direction == "more"
    return ClaimPlot(
        claim=claim,
        neutral=Mark(place(claim.neutral), _neutral_words(claim)),
        effect=Mark(mark, f"supported {'above' if more else 'below'} {exact(claim.effect)}"),
        zone=(mark, round(100 - mark, 2)) if more else (0.0, mark),
        rows=tuple(_row(finding, place) for finding in findings),
        file=f"claims/{claim.name}.svg",
        alt=_alt(claim, findings),
    )


def _scale(claim: Claim, ends: Sequence[float]) -> Callable[[float], float]:
    """A function from a number to a place in per cent; ratios have a logarithmic scale."""

    def along(value: float) -> float:
        return math.log(max(value, _FARTHEST)) if claim.compare == "ratio" else value

    low, high = min(map(along, ends)), max(map(along, ends))
    room = (high - low) * _MARGIN or 1.0
    low, high = low - room, high + room
    return lambda value: round(100.0 * (along(value) - low) / (high - low), 2)


def _row(finding: Finding, place: Callable[[float], float]) -> Row:
    effect = finding.effect
    if effect is None:
        return Row(finding.model, finding.verdict, None, None, None, NOT_ENOUGH)
    places = (place(effect.low), place(effect.value), place(effect.high))
    return Row(finding.model, finding.verdict, *places, in_digits(effect.value))


def _neutral_words(claim: Claim) -> str:
    return "equal: 1" if claim.compare == "ratio" else "equal: 0"


def _alt(claim: Claim, findings: Sequence[Finding]) -> str:
    """The plot in words."""
    side = "above" if claim.direction == "more" else "below"
    asked = f"It is supported {side} {exact(claim.effect)}."
    sentences = []
    for finding in findings:
        if finding.effect is None:
            sentences.append(f"{finding.model or 'No model'}: {NOT_ENOUGH}.")
            continue
        effect, number = finding.effect, in_digits(finding.effect.value)
        if has_no_width(effect):
            sentences.append(f"{finding.model}: {number}, the same in all images.")
            continue
        low, high = (in_digits(end, like=effect.value) for end in (effect.low, effect.high))
        sentences.append(f"{finding.model}: {number}, interval {low} to {high}.")
    return " ".join([f"{claim.compare.capitalize()} with its 95 % interval.", *sentences, asked])
