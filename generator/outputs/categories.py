"""The categories of all models in one numbering: cards in, an id for each class of each model out.

Models whose classes bear COCO's names under COCO's ids share these. The first other model keeps its
own ids where none of COCO's is in use; each further one begins at the next thousand, so that no
two classes have the same.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from generator.detr.coco import COCO_NAMES, HOLE
from generator.detr.zoo import ModelCard

_COCO = {number: name for number, name in enumerate(COCO_NAMES) if name != HOLE}
_BLOCK = 1000


@dataclass(frozen=True)
class Categories:
    """One numbering.

    Attributes:
        rows: each with `id` and `name`; of a model that does not share COCO's with `model` and
            `model_category_id`, too.
        offsets: by a model's name, what its own ids are raised by.
    """

    rows: tuple[dict[str, Any], ...]
    offsets: dict[str, int]

    def id_of(self, model: str, own: int) -> int:
        """The id of a model's class in this numbering."""
        return own + self.offsets.get(model, 0)


def categories_of(cards: Iterable[ModelCard]) -> Categories:
    """The numbering of these models, in their order; COCO's alone if there is none."""
    models = list(cards)
    own = [card for card in models if not card.categories.items() <= _COCO.items()]
    rows: list[dict[str, Any]] = []
    if len(own) < len(models) or not models:
        rows += [{"id": number, "name": name} for number, name in _COCO.items()]
    offsets: dict[str, int] = {}
    for card in own:
        highest = max((row["id"] for row in rows), default=-1)
        offset = 0 if highest < 0 else (highest // _BLOCK + 1) * _BLOCK
        offsets[card.name] = offset
        rows += [
            {
                "id": number + offset,
                "name": name,
                "model": card.name,
                "model_category_id": number,
            }
            for number, name in card.categories.items()
        ]
    return Categories(tuple(rows), offsets)
