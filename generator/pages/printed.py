"""What the core of the printed handout shows: a few images, and a few claims.

In: the settings, the images that were built, the claims with their findings. Out: which of them
`print: core` takes. An author's `print: true` decides; without one the rules here do, and the
handout says them.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from generator.measures.claims.claim import KINDS
from generator.measures.claims.judge import Finding, Verdict
from generator.pages.built_gallery import BuiltGallery
from generator.pages.claim_cards import ClaimCard
from generator.pages.contents import ImageResult
from generator.project.config import Output, SiteConfig

IMAGES, CARDS = 3, 6
"""How many the rules choose, where there are as many."""


def is_core(config: SiteConfig, target: Output) -> bool:
    """Whether pages are those of the printed core."""
    return target == "pdf" and config.print == "core"


def images_for(
    config: SiteConfig, results: Sequence[ImageResult], target: Output
) -> tuple[ImageResult, ...]:
    """The images that have a page of their own, in the order of the gallery."""
    return core_images(results) if is_core(config, target) else tuple(results)


def core_images(results: Sequence[ImageResult]) -> tuple[ImageResult, ...]:
    """The images of the printed core, in the order of the gallery.

    Those that the gallery marks with `print: true`. If it marks none that was built: the one with
    the most detections, the first other one with two of a class, and of the rest the one with the
    fewest. Where there is no such image, the gallery's first ones fill up. A picture that several
    models read is taken once, unless the gallery has too few others.
    """
    if marked := tuple(one for one in results if one.entry.print):
        return marked
    gallery = BuiltGallery(results)
    pair = gallery.with_two_of_a_class
    wanted = [gallery.example, pair.result if pair else None, gallery.with_fewest, *results]
    by_slug = {one.entry.slug: one for one in wanted if one is not None}  # each once, in order
    by_picture = {_picture(one): one.entry.slug for one in reversed(by_slug.values())}
    slugs = sorted(by_slug, key=lambda slug: slug not in by_picture.values())[:IMAGES]
    return tuple(one for one in results if one.entry.slug in slugs)


def _picture(result: ImageResult) -> tuple[str, str]:
    """What an entry is of: its file or its address."""
    return str(result.entry.file or ""), result.entry.url or ""


def telling_claims(cards: Sequence[ClaimCard], model: str | None) -> tuple[str, ...]:
    """The names of the claims whose cards the printed core has, in the order of the claims.

    Those that claims.yml marks with `print: true`. If it marks none: in turn from the supported and
    the other claims, and from both kinds, the one whose number lies furthest from its mark,
    counted in halves of its interval; no measure twice.

    Args:
        model: whose findings count, the main one.
    """
    if marked := tuple(card.claim.name for card in cards if card.claim.print):
        return marked
    found = [one.finding for card in cards for one in card.findings if one.finding.model == model]
    ranked = [one for one in sorted(found, key=_clearness, reverse=True) if _clearness(one)]
    chosen: list[Finding] = []
    while (turn := _one_of_each_group(ranked, chosen)) and len(chosen) < CARDS:
        chosen += turn[: CARDS - len(chosen)]
    names = {one.claim.name for one in chosen}
    return tuple(card.claim.name for card in cards if card.claim.name in names)


def _one_of_each_group(ranked: Sequence[Finding], chosen: Sequence[Finding]) -> list[Finding]:
    """The next finding of each kind and verdict, whose measure is not among the chosen ones."""
    turn: list[Finding] = []
    for kind in KINDS:
        for is_supported in (True, False):
            taken = {one.claim.measure for one in (*chosen, *turn)}
            turn += [
                one
                for one in ranked
                if one.claim.kind == kind
                and (one.verdict is Verdict.SUPPORTED) == is_supported
                and one.claim.measure not in taken
            ][:1]
    return turn


def _clearness(finding: Finding) -> float:
    """How far a number lies from its mark, in halves of its interval; 0 without a verdict.

    Above 1, the interval does not reach the mark.
    """
    effect, mark = finding.effect, finding.claim.effect
    if effect is None or finding.verdict is Verdict.NOT_TESTABLE:
        return 0.0
    half = effect.value - effect.low if effect.value > mark else effect.high - effect.value
    return abs(effect.value - mark) / half if half > 0 and math.isfinite(half) else 0.0
