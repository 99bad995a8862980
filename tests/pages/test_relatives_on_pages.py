"""What the page of an image says of a model that is no DETR but a relative."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from generator.analysis.detections import FurtherClass
from generator.analysis.matching_summary import MatchingSummary
from generator.pages.contents import Contents
from generator.pages.render import render_pages
from tests.detr.relatives.tiny import tiny_card
from tests.invented import built, invented_project, invented_result

SHAPES: dict[str, dict[str, Any]] = {
    "conditional_detr": {"score": "sigmoid", "keeps_places": True},
    "yolos": {"has_one_stack": True, "answers": 1},
    "deformable_detr": {
        "score": "sigmoid", "mapped": ("decoder_self",), "points_each": 4,
        "sampled": ("encoder_self", "decoder_cross"), "levels_hw": ((6, 8), (3, 4)),
    },
    "rt_detr": {
        "score": "sigmoid", "mapped": ("encoder_self", "decoder_self"), "points_each": 4,
        "sampled": ("decoder_cross",), "levels_hw": ((6, 8), (3, 4)),
    },
}  # fmt: skip
NOT_FOR_POINTS = ("overlay", "decoder", "query_heads", "rollout")
SAID = {
    "conditional_detr": [
        "### What, and where",
        "a **sigmoid**",
        "each map sums to 1",
        "| dog, also dog 0.905 | 0.910 |",
        "no more than the 100 best pairs of a query and a\nclass are kept",
        "All tests of DETR have a meaning for this model",
        "contents and places together",
    ],
    "yolos": [
        "both sit",
        "Of its 100 detection tokens",
        "the other tokens sum to 1",
        "Attention of detection tokens to patches. Above",
        "Two tests have no meaning here: rollout, and shuffled weights of a decoder alone",
        "Patches that a detection token may not look at",
    ],
    "deformable_detr": [
        "**not for sampled attention**",
        "sinks are not for sampled attention",
        "points that lie in them weigh exactly 0",
        "The encoder reads points, too",
    ],
    "rt_detr": [
        "**not for sampled attention**",
        "### Who looks at a point",
        "and the cross-attention under shuffled weights",
        "no detection is followed",
    ],
}
NOT_SAID = {
    "conditional_detr": ["not for sampled attention"],
    "yolos": [
        "a **sigmoid**",
        "best pairs",
        "**each map sums to 1**",
        "Followed through all layers",
        "ecoder cross-attention",
        "The backbone",
    ],
    "deformable_detr": [
        "no detection is followed",
        "Each map belongs to one query",
        "That is not\nthe image in",
    ],
    "rt_detr": ["Each map belongs to one query"],
}


def page_of(kind: str, root: Path, matching: MatchingSummary | None = None) -> str:
    card = tiny_card(kind)
    result = replace(invented_result(model=card.name), matching=matching)
    new = {"what_and_where"} if kind == "conditional_detr" else set()
    if "sampled" in SHAPES[kind]:
        new |= {"query_points"}
        new |= {"encoder_points"} if "encoder_self" in SHAPES[kind]["sampled"] else set()
    left_out = set(NOT_FOR_POINTS if "sampled" in SHAPES[kind] else ())
    if kind == "yolos":
        left_out = {"rollout"}
    if kind == "deformable_detr":
        left_out |= {"encoder_row", "encoder_column", "point_heads", "sinks"}
    if "sampled" in SHAPES[kind]:
        left_out |= {"deletion", "relevance", "shuffled"}
    some = next(iter(result.figures.values()))
    figures = {name: one for name, one in result.figures.items() if name not in left_out}
    unknown = {"what_and_where", "query_points", "encoder_points"} - new
    figures = {name: one for name, one in figures.items() if name not in unknown}
    figures |= {name: replace(some, path=f"figures/cats/{name}.webp") for name in new}
    result = replace(result, figures=figures, shapes=replace(result.shapes, **SHAPES[kind]))
    if kind == "conditional_detr":
        more = (FurtherClass(7, 18, "dog", 0.9059),)
        result = replace(result, detections=replace(result.detections, further=more))
    contents = Contents((result,), tuple(built([result])), {"cats": "Cats"}, (card,))
    pages, _ = render_pages(invented_project(root), contents, "site")
    return pages["gallery/cats.md"]


@pytest.mark.slow
@pytest.mark.parametrize("kind", sorted(SHAPES))
def test_the_page_says_what_the_model_has_and_has_not(kind: str, tmp_path: Path) -> None:
    page = page_of(kind, tmp_path)
    assert "This model is a relative of DETR" in page
    assert "## What the detections depend on" in page
    for text in SAID[kind]:
        assert text in page, text
    for text in NOT_SAID[kind]:
        assert text not in page, text


@pytest.mark.slow
@pytest.mark.parametrize(
    ("kind", "words"),
    [("rt_detr", "no query should score high for any class"),
     ("yolos", 'every query should say "no object"')],
)  # fmt: skip
def test_where_there_is_nothing_to_find_the_score_decides_what_is_right(
    kind: str, words: str, tmp_path: Path
) -> None:
    page = page_of(kind, tmp_path, MatchingSummary((), 9))
    assert f"With no object to answer for, {words}" in page
