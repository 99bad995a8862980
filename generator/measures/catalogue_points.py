"""Measures of sampled attention alone, described once; `catalogue` collects them.

In: nothing. Out: an entry for each measure.
"""

from __future__ import annotations

from generator.measures.measurement import Measure
from generator.measures.mechanisms import DECODER_POINTS, UNIFORM, UNMATCHED

SPREAD = Measure(
    name="spread",
    text="how far the points that a query reads lie from their weighted middle, as a fraction of "
    "the image's diagonal",
    formula="sqrt(sum_k w_k |p_k - m|^2) / sqrt(H^2 + W^2), m = sum_k w_k p_k",
    unit="diagonals",
    range=(0, None),
    source="ours, for arXiv 2010.04159",
    mechanisms={DECODER_POINTS: (UNIFORM, UNMATCHED)},
)
POINT_MEASURES = (SPREAD,)
