"""The network in JavaScript is the network in Python.

With weights of single precision logits differ by rounding alone. With the published ones, of 16
bits, the same queries find the same classes, and boxes lie within half a pixel.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from generator.detr.architecture import DetrArchitecture
from tests.live.node import ScriptError
from tests.live.scenes import GALLERY, held_out_scenes, pixels_of
from tests.live.twin import (
    Agreement,
    Pixels,
    agreement_of,
    assert_equal_to,
    embedded_detector,
    embedded_network,
    random_pair,
    twins,
    write_bundle,
)
from tests.thorough import times

pytestmark = pytest.mark.node

ARCHITECTURES = {
    "small": DetrArchitecture(
        "small", 5, num_queries=7, hidden_dim=32, nheads=2, num_encoder_layers=2,
        num_decoder_layers=3, dim_feedforward=24, position_temperature=20, position_scale=9.0,
    ),
    # No number of its transformer is a multiple of eight where it need not be.
    "wide": DetrArchitecture(
        "wide", 56, num_queries=9, hidden_dim=48, nheads=3, num_encoder_layers=1,
        num_decoder_layers=2, dim_feedforward=20,
    ),
}  # fmt: skip


def noise(height: int, width: int) -> Pixels:
    random = np.random.default_rng([height, width])
    return random.integers(0, 256, (height, width, 3), dtype=np.uint8)


KERNELS = [
    pytest.param(True, id="WebAssembly"),
    pytest.param(False, id="JavaScript", marks=pytest.mark.slow),
]


@pytest.mark.slow
@pytest.mark.parametrize("simd", KERNELS)
@pytest.mark.parametrize("name", ["small", "wide"])
def test_any_model_of_the_family_gives_the_same_logits(
    name: str, simd: bool, tmp_path: Path
) -> None:
    rule = {"short_side": 60, "long_side_cap": 97, "size_multiple": 16}
    detector, bundle = random_pair(tmp_path, ARCHITECTURES[name], rule)
    pictures = [noise(64, 80), noise(100, 61), noise(20, 200)]
    for pixels, twin in zip(pictures, twins(bundle, pictures, simd=simd), strict=True):
        assert_equal_to(detector.run(pixels), twin, logits=1e-4)


@pytest.mark.slow
@pytest.mark.parametrize("simd", KERNELS)
def test_the_embedded_model_in_single_precision_gives_the_same_logits(
    simd: bool, tmp_path: Path
) -> None:
    bundle = write_bundle(tmp_path, embedded_network(), "float32")
    pixels = pixels_of(GALLERY[0])
    (twin,) = twins(bundle, [pixels], simd=simd)
    assert_equal_to(embedded_detector().run(pixels), twin, logits=1e-4)


def compare(bundle: Path, pictures: list[Pixels], *, simd: bool = True) -> list[Agreement]:
    detector = embedded_detector()
    found = twins(bundle, pictures, simd=simd)
    return [
        agreement_of(detector.run(pixels), twin)
        for pixels, twin in zip(pictures, found, strict=True)
    ]


def assert_agree(agreements: list[Agreement]) -> None:
    assert sum(one.detections for one in agreements) > len(agreements)
    assert sum(one.flips for one in agreements) == 0
    assert max(one.score for one in agreements) < 0.02
    assert max(one.pixels for one in agreements) < 0.5
    assert max(one.weight for one in agreements) < 0.01


@pytest.mark.slow
def test_the_published_model_finds_what_python_finds(bundle: Path) -> None:
    assert_agree(compare(bundle, [pixels_of(GALLERY[0])]))  # all are compared below


@pytest.mark.slow
def test_it_does_in_the_whole_gallery(bundle: Path) -> None:
    pictures = [pixels_of(path) for path in GALLERY]
    assert len(pictures) >= 10
    assert_agree(compare(bundle, pictures))


@pytest.mark.slow
def test_it_does_without_webassembly(bundle: Path) -> None:
    """`test_kernels.py` compares the two kinds of kernels; here are all of them together."""
    pictures = [pixels_of(path) for path in GALLERY[: times(2, len(GALLERY))]]
    assert_agree(compare(bundle, pictures, simd=False))


@pytest.mark.slow
def test_it_does_in_scenes_that_no_training_saw(bundle: Path) -> None:
    scenes = times(20, 200)
    agreements = [
        one for first in range(0, scenes, 20) for one in compare(bundle, held_out_scenes(first, 20))
    ]
    detections = sum(one.detections for one in agreements)
    assert detections > 3.5 * scenes
    assert sum(one.flips for one in agreements) <= 1
    assert max(one.score for one in agreements) < 0.02
    assert max(one.pixels for one in agreements) < 0.5
    assert max(one.weight for one in agreements) < 0.01


@pytest.mark.slow
def test_a_model_whose_heads_the_kernels_cannot_keep_apart_is_refused(tmp_path: Path) -> None:
    architecture = replace(ARCHITECTURES["small"], nheads=8)  # of four columns each
    rule = {"short_side": 60, "long_side_cap": 97, "size_multiple": 16}
    _, bundle = random_pair(tmp_path, architecture, rule)
    with pytest.raises(ScriptError, match="a head's width is no multiple of 8"):
        twins(bundle, [noise(64, 80)])
