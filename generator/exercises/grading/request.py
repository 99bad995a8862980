"""The request to a worker: a source, and how its class is built and used.

In and out: records, and the JSON that carries them to the other process. No torch, so that
both sides can read it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from types import MappingProxyType
from typing import Any

CLASS_NAME = "MinimalDETR"
TOKEN = "DETR_GRADE_RUN"
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

    def to_json(self) -> dict[str, Any]:
        """The case as JSON values."""
        return {
            "arguments": dict(self.arguments),
            "sizes": self.image_sizes_hw,
            "state": self.state,
        }


def case_from(value: Mapping[str, Any]) -> Case:
    """The case that `to_json` turned into these values."""
    sizes = tuple((height, width) for height, width in value["sizes"])
    state = tuple((name, tuple(shape)) for name, shape in value["state"])
    return Case(MappingProxyType(value["arguments"]), sizes, state)


@dataclass(frozen=True)
class Request:
    """What a submission's own process is told; it may read that.

    Attributes:
        source: Python.
        seconds: how long it may take.
        megabytes: of memory that it may use.
        token: stands in its environment, and in that of all that it starts.
    """

    source: str
    seconds: float
    megabytes: int
    token: str

    @property
    def marks(self) -> dict[str, str]:
        """The part of the environment that tells its processes from others."""
        return {TOKEN: self.token}

    def to_json(self) -> dict[str, Any]:
        """The request as JSON values."""
        return asdict(self)

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Request:
        """The request that `to_json` turned into these values."""
        return cls(**value)
