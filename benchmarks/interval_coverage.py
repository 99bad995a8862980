"""How often the intervals of Q3's claims hold the truth, by draws from many scenes.

Composes scenes that the embedded model never saw, measures them, and takes their mean for the
truth. Then draws few of them, again and again, and counts how often each claim's interval holds it.

    python -m benchmarks.interval_coverage [SCENES] [--draws 4000]
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from generator.analysis.entry_analysis import analyse
from generator.detr.zoo import model_card
from generator.inference.detector import Detector
from generator.measures.claims.claim import Claim
from generator.measures.claims.judge import has_no_width, pairs_of
from generator.measures.claims.read import read_claims
from generator.measures.gallery import measure_gallery
from generator.measures.image import measure_entry
from generator.measures.intervals import Interval, interval_of_mean, interval_of_ratio
from generator.measures.summary import ImageMeasures
from generator.training.scenes import compose_scene
from generator.training.tray import tray_world

ROOT = Path(__file__).parents[1]
SEED = 987_654
SIZES = (8, 10, 30)
Pairs = npt.NDArray[np.float64]


def measured_scenes(scenes: int) -> list[ImageMeasures]:
    """The measurements of scenes with anything in them."""
    card = model_card("detr_emoji")
    world = tray_world(card.category_names)
    detector = Detector.load(card, card.file, weights_sha256="")
    side = card.short_side
    images = []
    for index in range(scenes):
        pixels = compose_scene(SEED, index, (side, side), world).pixels
        analysis = analyse(pixels, detector.run(pixels), 0.9)
        images.append(measure_entry(analysis, f"scene-{index}", card.name))
    return images


def coverage(claim: Claim, pairs: Pairs, size: int, draws: int) -> tuple[float, float]:
    """The share of intervals that hold the truth, and of draws that have an interval."""
    truth = _effect(claim, pairs).value
    random, held, there = np.random.default_rng(size), 0, 0
    for _ in range(draws):
        found = _interval(claim, pairs[random.integers(len(pairs), size=size)])
        there += found is not None
        held += found is not None and found.low <= truth <= found.high
    return held / max(there, 1), there / draws


def _effect(claim: Claim, pairs: Pairs) -> Interval:
    found = _interval(claim, pairs)
    if found is None:
        raise ValueError(f"{claim.name}: there is no ratio to compare with")
    return found


def _interval(claim: Claim, pairs: Pairs) -> Interval | None:
    """As the verdict uses it, which trusts no interval without width."""
    first, second = pairs.T.tolist()
    if claim.compare == "ratio":
        found = interval_of_ratio(first, second)
    else:
        found = interval_of_mean([a - b for a, b in zip(first, second, strict=True)])
    return None if found is None or has_no_width(found) else found


def main(arguments: Sequence[str] | None = None) -> None:
    """Prints a table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n", maxsplit=1)[0])
    parser.add_argument("scenes", type=int, nargs="?", default=300)
    parser.add_argument("--draws", type=int, default=4000)
    options = parser.parse_args(arguments)
    gallery = measure_gallery(measured_scenes(options.scenes))
    print(f"| claim | scenes | truth | {' | '.join(f'n = {size}' for size in SIZES)} |")
    print(f"| --- | ---: | ---: | {' | '.join('---:' for _ in SIZES)} |")
    for claim in read_claims(ROOT / "content/claims.yml"):
        pairs = np.array(pairs_of(claim, gallery, "detr_emoji")[0])
        if len(pairs) < max(SIZES) or np.ptp(pairs, axis=0).max() == 0:
            print(f"| {claim.name} | {len(pairs)} | | | | |")
            continue
        cells = []
        for size in SIZES:
            held, there = coverage(claim, pairs, size, options.draws)
            cells.append(f"{held:.3f}" + (f" (of {there:.0%})" if there < 1 else ""))
        truth = _effect(claim, pairs).value
        print(f"| {claim.name} | {len(pairs)} | {truth:.3f} | {' | '.join(cells)} |")


if __name__ == "__main__":
    main()
