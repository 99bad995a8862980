"""Each model's categories in one numbering: COCO's are shared, others never collide."""

from __future__ import annotations

from dataclasses import replace

from generator.detr.zoo import ModelCard, model_card
from generator.outputs.categories import categories_of


def own(name: str, *names: str) -> ModelCard:
    card = model_card("detr_demo")
    return replace(card, name=name, category_ids=tuple(range(len(names))), category_names=names)


def test_cocos_ids_are_shared() -> None:
    found = categories_of([model_card("detr_emoji"), model_card("detr_resnet50")])
    assert len(found.rows) == 80
    assert found.id_of("detr_emoji", 17) == 17
    assert found.rows == categories_of([]).rows


def test_a_single_model_keeps_its_ids() -> None:
    found = categories_of([own("cells", "N/A", "cell")])
    assert found.rows == ({"id": 1, "name": "cell", "model": "cells", "model_category_id": 1},)


def test_ids_never_collide() -> None:
    many = own("many", *(f"class {n}" for n in range(1200)))
    found = categories_of([own("cells", "cell", "person"), many, model_card("detr_resnet50"),
                           own("tables", "table")])  # fmt: skip
    ids = [row["id"] for row in found.rows]
    assert len(set(ids)) == len(ids) == 80 + 2 + 1200 + 1
    assert [found.id_of(name, 0) for name in ("cells", "many", "tables")] == [1000, 2000, 4000]
    assert found.id_of("detr_resnet50", 17) == 17
