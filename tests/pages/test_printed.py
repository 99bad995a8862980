"""What the printed core shows: the images and the claims that rules or authors choose."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from generator.measures.claims.claim import Kind
from generator.measures.claims.judge import Finding, Verdict
from generator.measures.intervals import Interval
from generator.pages.claim_cards import ClaimCard, claim_cards
from generator.pages.contents import ImageResult
from generator.pages.printed import core_images, images_for, telling_claims
from generator.pages.render import render_pages
from generator.project.config import PrintExtent
from tests.invented import built, invented_contents, invented_project, invented_result
from tests.invented_measures import gallery_of
from tests.measures.claims.test_judge import claim


def slugs(marked: str = "", **detections: int) -> str:
    results = [invented_result(slug, n, print=slug in marked) for slug, n in detections.items()]
    return "".join(one.entry.slug for one in core_images(results))


def test_the_rule_takes_most_detections_two_of_a_class_and_fewest() -> None:
    assert slugs(a=1, b=3, c=2, d=0, e=5) == "bde"
    assert slugs(a=5, b=1, c=1, d=1) == "abc"  # of two of a class there is none but the first


def test_where_the_rule_finds_no_three_the_first_images_fill_up() -> None:
    assert slugs(a=0, b=0, c=0, d=0) == "abc"
    assert slugs(a=4) == "a"
    assert slugs() == ""


def test_a_picture_that_several_models_read_is_taken_once() -> None:
    def of(slug: str, file: str, n: int, model: str = "detr_emoji") -> ImageResult:
        return invented_result(slug, n, file=Path(file), model=model)

    pair = [of("a", "cats.png", 5), of("b", "cats.png", 4, "detr_demo")]
    few = [*pair, of("c", "c.png", 0)]
    assert [one.entry.slug for one in core_images(few)] == ["a", "b", "c"]
    many = [*few, of("d", "d.png", 1), of("e", "e.png", 2)]
    assert [one.entry.slug for one in core_images(many)] == ["a", "c", "d"]
    again = [of("z", "c.png", 1, "detr_demo"), *many]
    assert [one.entry.slug for one in core_images(again)] == ["a", "c", "d"]


def test_images_that_an_author_marks_are_all_and_only_they() -> None:
    assert slugs("ad", a=1, b=3, c=2, d=0) == "ad"
    assert slugs("abcd", a=1, b=3, c=2, d=0) == "abcd"


@pytest.mark.parametrize(("extent", "target", "count"), [
    ("core", "pdf", 3), ("full", "pdf", 5), ("core", "site", 5),
])  # fmt: skip
def test_only_the_printed_core_has_fewer(
    extent: PrintExtent, target: str, count: int, tmp_path: Path
) -> None:
    config = invented_project(tmp_path, print=extent)
    results = [invented_result(f"image-{n}", n) for n in range(5)]
    chosen = images_for(config, results, "pdf" if target == "pdf" else "site")
    assert len(chosen) == count


def card(
    name: str, value: float, verdict: Verdict, kind: Kind = "correlational", measure: str = "lift"
) -> ClaimCard:
    """A card whose mark is 2, and whose interval reaches 1 to either side of the number."""
    one = replace(claim(name=name), kind=kind, effect=2.0, measure=measure)
    finding = Finding(one, "m", verdict, Interval(value, value - 1, value + 1, 9), None, 9, "")
    (made,) = claim_cards([one], gallery_of({}))
    return replace(made, findings=(replace(made.findings[0], finding=finding),))


YES, NO, OPEN = Verdict.SUPPORTED, Verdict.NOT_SUPPORTED, Verdict.NOT_TESTABLE


def test_rule_takes_the_clearest_in_turn_and_no_measure_twice() -> None:
    cards = [
        card("far", 9, YES, measure="lift"),
        card("near", 4, YES, measure="mass"),
        card("same", 8, YES, measure="lift"),
        card("against", -5, NO, measure="entropy"),
        card("open", 99, OPEN, measure="distance"),
        card("tested", 5, YES, "causal", "sink_share"),
    ]
    assert telling_claims(cards, "m") == ("far", "near", "against", "tested")
    assert telling_claims(cards, "another") == ()


def test_rule_stops_at_six() -> None:
    measures = "lift mass entropy distance sink_share sink_peak pointing extremity"
    cards = [card(f"c{n}", 20 - n, YES, measure=name) for n, name in enumerate(measures.split())]
    assert telling_claims(cards, "m") == tuple(f"c{n}" for n in range(6))


def test_claims_that_an_author_marks_are_all_and_only_they() -> None:
    cards = [card("a", 9, YES), card("b", 4, NO)]
    marked = replace(cards[1], claim=replace(cards[1].claim, print=True))
    assert telling_claims([cards[0], marked], "m") == ("b",)


@pytest.mark.slow
def test_what_the_core_leaves_out_is_said_in_a_line(tmp_path: Path) -> None:
    results = [invented_result(f"image-{n}", n) for n in range(5)]
    contents = invented_contents(results, built(results))
    text = "# Q1\n\n{% call only_on_site('the rest') %}\n## Rest\n\nMore.\n{% endcall %}\n"
    pages = {
        extent: render_pages(
            invented_project(tmp_path, {"q1.md": text}, print=extent), contents, "pdf"
        )[0]
        for extent in ("core", "full")
    }
    assert "On the site only: the rest" in pages["core"]["q1.md"]
    assert "On the site only" not in pages["full"]["q1.md"]
    assert "More." in pages["full"]["q1.md"]
    assert "3 are printed, chosen by rule" in pages["core"]["q2.md"]
    assert "gallery/image-1.md" in pages["full"]
    assert "gallery/image-1.md" not in pages["core"]
