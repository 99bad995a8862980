"""The request to a worker: sources, and how their class is built and used.

In and out: records, and the JSON that carries them to the other process. No torch, so that
both sides can read it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

CLASS_NAME = "MinimalDETR"
MAY_BE_MISSING = frozenset({"num_queries"})
"""Arguments that a class may do without: the authors' notebook has 100 queries, always."""


@dataclass(frozen=True)
class Case:
    """One way to build the class, and the images it is given.

    All numbers differ, from each other and from the defaults of the class and of
    `nn.Transformer`, so that a missing or mistaken argument shows. The grids of the images
    are 2 x 3 and 3 x 2 cells, so that rows and columns cannot be confused.

    Attributes:
        arguments: of the class.
        image_sizes_hw: in pixels.
        state: names and shapes of the reference's state, to find the parts of a class that
            has other names; empty while the reference itself is looked at.
    """

    arguments: Mapping[str, int] = field(
        default_factory=lambda: MappingProxyType(
            {
                "num_classes": 9,
                "hidden_dim": 32,
                "nheads": 2,
                "num_encoder_layers": 1,
                "num_decoder_layers": 3,
                "num_queries": 5,
            }
        )
    )
    image_sizes_hw: tuple[tuple[int, int], ...] = ((64, 96), (96, 64))
    state: tuple[tuple[str, tuple[int, ...]], ...] = ()


@dataclass(frozen=True)
class Request:
    """Work for one worker.

    Attributes:
        sources: Python, one step each.
        case: how the class of each is tried.
        seconds: how long a step may take.
    """

    sources: tuple[str, ...]
    case: Case
    seconds: float

    def to_json(self) -> dict[str, Any]:
        """The request as JSON values."""
        case = {
            "arguments": dict(self.case.arguments),
            "sizes": self.case.image_sizes_hw,
            "state": self.case.state,
        }
        return {"sources": self.sources, "case": case, "seconds": self.seconds}

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Request:
        """The request that `to_json` turned into these values."""
        sizes = tuple((height, width) for height, width in value["case"]["sizes"])
        state = tuple((name, tuple(shape)) for name, shape in value["case"]["state"])
        case = Case(MappingProxyType(value["case"]["arguments"]), sizes, state)
        return cls(tuple(value["sources"]), case, value["seconds"])
