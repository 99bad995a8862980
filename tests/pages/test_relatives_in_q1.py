"""What question 1 says where a gallery's model is no DETR but a relative."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from generator.detr.model_profile import ModelProfile
from generator.detr.zoo import ModelCard, model_card
from generator.pages.contents import Contents
from generator.pages.model_diagram import TWO_CATS, workflows_of
from generator.pages.relatives import relatives_of
from generator.pages.render import render_pages
from tests.detr.relatives.tiny import tiny_card
from tests.invented import TEMPLATES, built, invented_project, invented_result

Q1 = (TEMPLATES.parent / "content/q1.md").read_text(encoding="utf-8")
Q1 = Q1.split("## What came after")[0]  # what follows needs the exercises
MAIN = {  # the model that the numbers are of, and what runs beside it
    "conditional_detr": (), "yolos": ("dab-detr",), "rt_detr": ("deformable_detr",),
}  # fmt: skip
SHAPES: dict[str, dict[str, Any]] = {
    "conditional_detr": {"score": "sigmoid", "keeps_places": True},
    "dab-detr": {"score": "sigmoid", "keeps_places": True},
    "yolos": {"has_one_stack": True, "answers": 1},
    "deformable_detr": {"score": "sigmoid", "sampled": ("encoder_self", "decoder_cross")},
    "rt_detr": {"score": "sigmoid", "sampled": ("decoder_cross",)},
}
SAID = {
    "conditional_detr": [
        "## How Conditional DETR differs from DETR", "arxiv.org/abs/2108.06152",
        "*what* and *where* side by side", "as a step from the query's point", "are sigmoids",
        "In the first layer alone, places are added",
    ],
    "dab-detr": [
        "arxiv.org/abs/2201.12329", "are learned boxes", "corrected from layer to layer",
        "In every layer, places are added",
    ],
    "yolos": [
        "arxiv.org/abs/2106.00666", "**No backbone.**", "patches of 16 × 16 pixels",
        "one token for the class, 969 in all", "softmax with \"no object\"",
        "The **one stack** holds", "a single convolution cuts the image into patches",
    ],
    "deformable_detr": [
        "arxiv.org/abs/2010.04159", "Not one feature map is read but 4", "there are no keys",
        "reads 4 points in each of the\n  4 maps, at offsets from the query's point",
    ],
    "rt_detr": [
        "arxiv.org/abs/2304.08069", "the encoder proposes them", "in one layer, is computed",
        "are chosen anew for each image", "**Boxes** are corrected from layer to layer",
    ],
}  # fmt: skip
OF_DETR = (
    "A layer of the **decoder** has two attentions",
    "cost next to nothing",
    "The transformer sees only the coarse one",
    "is split into",
)


def contents_of(*cards: ModelCard) -> Contents:
    results = []
    for card in cards:
        one = invented_result(card.name.replace("_", "-"), model=card.name)
        if (a := card.relative) is not None:
            outputs = len(card.category_names) + (a.score == "softmax")
            width = a.config.get("d_model", a.config.get("hidden_size"))
            shapes = {**TWO_CATS.shapes, "classes": (9, outputs), "queries": (9, width)}
            if a.kind == "yolos":
                shapes |= {"features": (32, 24, 40), "tokens": (969, 32), "memory": (969, 32)}
            one = replace(
                one,
                profile=ModelProfile(shapes, TWO_CATS.parts),
                shapes=replace(one.shapes, **SHAPES[a.kind]),
            )
        results.append(one)
    titles = {one.entry.slug: one.entry.title for one in results}
    return Contents(tuple(results), tuple(built(results)), titles, cards)


def card_of(kind: str) -> ModelCard:
    """The tiny model's; DAB-DETR's adds places to the contents in every layer."""
    card = tiny_card(kind)
    if kind != "dab-detr" or (a := card.relative) is None:
        return card
    return replace(card, architecture=replace(a, config={**a.config, "keep_query_pos": True}))


def q1_of(root: Path, *cards: ModelCard) -> dict[str, str]:
    config = invented_project(root, {"q1.md": Q1}, model=cards[0].name)
    return render_pages(config, contents_of(*cards), "site")[0]


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, str]]:
    """The pages of a gallery by its main model's kind."""
    return {
        main: q1_of(tmp_path_factory.mktemp(main), *map(card_of, (main, *others)))
        for main, others in MAIN.items()
    }


@pytest.mark.slow
@pytest.mark.parametrize("kind", sorted(SHAPES))
def test_q1_says_what_differs_at_each_station(kind: str, pages: dict[str, dict[str, str]]) -> None:
    main = next(one for one, others in MAIN.items() if kind in (one, *others))
    page = pages[main]["q1.md"]
    for text in SAID[kind]:
        assert text in page, text
    for text in OF_DETR:
        assert text not in page, text
    anchors = set(re.findall(r"\]\(#(differs-[a-z0-9-]+)\)", page))
    assert len(anchors) == 1 + len(MAIN[main])
    assert all(f'id="{anchor}"' in page for anchor in anchors)
    assert page.count("differs from DETR](#") == page.count("differs from DETR\n") == len(anchors)


@pytest.mark.slow
def test_the_diagram_has_the_parts_that_there_are(pages: dict[str, dict[str, str]]) -> None:
    drawn = {name: pages[name][f"models/tiny_{name}-workflow.svg"] for name in MAIN}
    assert ">One stack<" in drawn["yolos"]
    assert ">Decoder<" not in drawn["yolos"]
    assert ">1 layer, self-attention, convolutions<" in drawn["rt_detr"]
    assert ">Projection<" not in drawn["yolos"]
    assert "decoder reads" not in drawn["yolos"]
    assert "The best of its cells become object queries." in drawn["rt_detr"]
    tip_into_decoder = "M239 518"  # of the line from the positions
    found = {name: tip_into_decoder in one for name, one in drawn.items()}
    assert found == {"conditional_detr": True, "yolos": True, "rt_detr": False}


def test_each_kind_is_told_of_once() -> None:
    cards = [tiny_card("yolos"), model_card("detr_resnet50"), tiny_card("rt_detr")]
    cards.append(replace(cards[0], name="other", title="Other"))
    contents = contents_of(*cards)
    kinds = relatives_of(workflows_of(contents, contents.results[0]))
    assert [(one.anchor, len(one.models)) for one in kinds] == [
        ("differs-yolos", 2), ("differs-rt-detr", 1),
    ]  # fmt: skip
    assert kinds[0].models[1] == "Other"


@pytest.mark.slow
def test_a_gallery_of_detrs_says_nothing_of_relatives(tmp_path: Path) -> None:
    page = q1_of(tmp_path, model_card("detr_resnet50"))["q1.md"]
    assert "Not every model here is DETR" not in page
    assert "differs from DETR" not in page
    assert all(text in page for text in OF_DETR[:3])
