"""Everything that is measured of the causal tests of one image."""

from __future__ import annotations

from collections.abc import Iterator

from generator.inference.causal_tests import CausalTests
from generator.inference.forward_pass import ForwardPass
from generator.measures.causal.ablation import measure_ablations
from generator.measures.causal.deletion import measure_orders
from generator.measures.causal.knock_out import measure_knock_outs
from generator.measures.causal.shuffling import measure_shuffling
from generator.measures.measurement import Measurement
from generator.measures.target_boxes import TargetBoxes


def measure_causal(
    forward: ForwardPass,
    tests: CausalTests,
    threshold: float,
    truth: TargetBoxes | None = None,
) -> Iterator[Measurement]:
    """Measures all tests; without a detection, what is found after ablations is all there is.

    Args:
        threshold: the score that a detection exceeds, as in the plan of the tests.
        truth: the true boxes, if the image is annotated.
    """
    yield from measure_knock_outs(forward, tests, threshold)
    yield from measure_ablations(forward, tests, threshold, truth)
    yield from measure_orders(tests)
    yield from measure_shuffling(forward, tests)
