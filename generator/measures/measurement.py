"""Measures, which are kinds of numbers, and measurements, which are numbers with controls.

In: values by head. Out: `Measurement`s. What cannot be measured is absent: no record holds
a NaN. `catalogue` has the measures.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from generator.measures.mechanisms import Control, Mechanism

Values = npt.NDArray[np.float64]


Mechanisms = Mapping[Mechanism, tuple[Control, ...]]
"""The mechanisms that a measure exists for, each with its controls."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Measure:
    """A kind of number.

    Attributes:
        name: as in claims, quotes and `measures.json`.
        text: what it is, in a sentence; `Measurement.count` is what it is a mean over.
        formula: in letters; A_ij is the weight of query i on key j, N the number of keys.
        unit: "" for a pure number.
        range: the ends of the scale; None for no end.
        source: the publication, or else where it comes from.
        mechanisms: the mechanisms that it exists for, each with its controls.
        of_boxes: those of them that use boxes; they also exist for true boxes.
    """

    name: str
    text: str
    formula: str
    unit: str = ""
    range: tuple[float, float | None]
    source: str
    mechanisms: Mechanisms
    of_boxes: tuple[Mechanism, ...] = ()


@dataclass(frozen=True, slots=True)
class Measurement:
    """A number about one image.

    Attributes:
        measure: a name of `catalogue.ALL_MEASURES`.
        mechanism: a name of `mechanisms.MECHANISMS`.
        layer: from 0.
        head: from 0; None is the mean of the heads' maps, or a mechanism without heads.
        value: the mean over what was measured; finite.
        count: how many queries, points or rows it is the mean of.
        controls: the same number where no effect is expected, by a name of
            `mechanisms.CONTROLS`, sorted; finite.
    """

    measure: str
    mechanism: str
    layer: int
    head: int | None
    value: float
    count: int
    controls: tuple[tuple[str, float], ...] = ()

    def control(self, name: str) -> float | None:
        """The value of one control; None if it is missing."""
        return dict(self.controls).get(name)


def measurements_by_head(
    measure: Measure,
    mechanism: Mechanism,
    layer: int,
    values: Values,
    controls: Mapping[Control, Values] | None = None,
    *,
    suffix: str = "",
) -> Iterator[Measurement]:
    """Turns values by head into records, each with its controls.

    Args:
        values: (1 + heads, n), the mean map before the heads; NaN where there is nothing to
            measure.
        controls: (1 + heads, m) each, with NaN likewise; they are averaged as the values are.
        suffix: of the measure's name: "", or `catalogue.TRUE` for true boxes.
    """
    for row, head in enumerate((None, *range(len(values) - 1))):
        value = mean_of_finite(values[row])
        if value is None:
            continue
        means = {one.name: mean_of_finite(of[row]) for one, of in (controls or {}).items()}
        yield Measurement(
            measure.name + suffix,
            mechanism.name,
            layer,
            head,
            value,
            int(np.isfinite(values[row]).sum()),
            tuple((name, number) for name, number in sorted(means.items()) if number is not None),
        )


def mean_of_finite(values: Values) -> float | None:
    """The mean of the finite values; None if there are none. Summed exactly."""
    finite = values[np.isfinite(values)]
    return math.fsum(finite.tolist()) / finite.size if finite.size else None
