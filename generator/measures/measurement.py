"""One measured number and what it is compared with, and a list of all that is measured.

In: values by head. Out: `Measurement`s. What cannot be measured is absent: no record holds
a NaN.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Values = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Measurement:
    """A number about one image.

    Attributes:
        measure: a name of `catalogue.MEASURES`.
        mechanism: a name of `catalogue.MECHANISMS`.
        layer: from 0.
        head: from 0; None is the mean of the heads' maps, or what has no heads.
        value: the mean over what was measured; finite.
        count: of how many queries, points or rows it is the mean.
        controls: the same number where it should not show, by a name of
            `catalogue.CONTROLS`, sorted; finite.
    """

    measure: str
    mechanism: str
    layer: int
    head: int | None
    value: float
    count: int
    controls: tuple[tuple[str, float], ...] = ()

    def control(self, name: str) -> float | None:
        """The value of one control; None where there is none."""
        return dict(self.controls).get(name)


def measurements_by_head(
    measure: str,
    mechanism: str,
    layer: int,
    values: Values,
    controls: Mapping[str, Values] | None = None,
    *,
    first_head: int | None = None,
) -> Iterator[Measurement]:
    """Turns values by head into records, each with its controls.

    Args:
        values: (heads, n), NaN where there is nothing to measure.
        controls: (heads, m) each, with NaN likewise; they are averaged as the values are.
        first_head: the head of the first row: None where it is the mean map, 0 where the
            rows are heads alone.
    """
    heads: list[int | None] = list(range(len(values)))
    if first_head is None:
        heads = [None, *range(len(values) - 1)]
    for row, head in enumerate(heads):
        value = mean_of_known(values[row])
        if value is None:
            continue
        known = {name: mean_of_known(of[row]) for name, of in (controls or {}).items()}
        yield Measurement(
            measure,
            mechanism,
            layer,
            head,
            value,
            int(np.isfinite(values[row]).sum()),
            tuple((name, number) for name, number in sorted(known.items()) if number is not None),
        )


def mean_of_known(values: Values) -> float | None:
    """The mean of the finite values; None if there are none. Summed exactly."""
    known = values[np.isfinite(values)]
    return math.fsum(known.tolist()) / known.size if known.size else None
