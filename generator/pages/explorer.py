"""What a page is told of the scripts that its explorer loads.

In: the names and sizes of scripts, or the JSON of an earlier build. Out: an `Explorer`. It opens
no script.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class ShippedScript:
    """A script with the queries and keys of one layer.

    Attributes:
        mechanism: as in `measures.mechanisms`.
        layer: counted from 0.
        path: relative to `build/docs`, with forward slashes.
        file_bytes: its size.
        largest_error: how far a weight that is computed from it may be from the exact one.
    """

    mechanism: str
    layer: int
    path: str
    file_bytes: int
    largest_error: float


@dataclass(frozen=True)
class Explorer:
    """The scripts of one image.

    Attributes:
        depends_on: the fingerprint of all that they depend on.
        index: the script that a page begins with.
        layers: one script for each layer that is shipped.
        layer_counts: how many layers there are, by mechanism.
        cell_levels: of an encoder that samples points, from how many of its coarsest levels a
            cell can be chosen; finer ones may be too large to be shipped.
    """

    depends_on: str
    index: ShippedScript
    layers: tuple[ShippedScript, ...]
    layer_counts: Mapping[str, int]
    cell_levels: int = 0

    @property
    def largest_error(self) -> float:
        """The greatest of all layers."""
        return max(one.largest_error for one in self.layers)

    @property
    def megabytes(self) -> float:
        """What is loaded if every layer is looked at."""
        return sum(one.file_bytes for one in self.layers) / 1e6

    @property
    def is_complete(self) -> bool:
        """Whether every layer is shipped."""
        return len(self.layers) == sum(self.layer_counts.values())

    def to_json(self) -> dict[str, Any]:
        """JSON's own types."""
        return asdict(self)

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Explorer:
        """Reads back what `to_json` wrote.

        Raises:
            KeyError, TypeError, ValueError: it is something else.
        """
        return cls(
            depends_on=value["depends_on"],
            index=ShippedScript(**value["index"]),
            layers=tuple(ShippedScript(**one) for one in value["layers"]),
            layer_counts=dict(value["layer_counts"]),
            cell_levels=value["cell_levels"],
        )
