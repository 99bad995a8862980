"""What a build ships and the page reads back: attention within the error that is said of it."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from generator.analysis.attention import AttentionMaps
from generator.inference.forward_pass import ForwardPass
from generator.outputs.live.scripts import layer_script
from generator.outputs.live.shipped_layer import Precision, ShippedLayer, shipped
from tests.conftest import MakeForward
from tests.live.node import run

pytestmark = pytest.mark.node

FILES = ["attention.js", "shipped.js"]
READ = """
const layer = Live.shipped.layerOf(value.layer);
const { heads, queryCount, keyCount, headWidth, isRounded, peak, received } = layer;
const what = [[0, "row"], ["mean", "row"], [0, "column"], ["mean", "column"]];
const maps = what.map(([head, name]) => Live.attention[name](layer, head, value.index));
return { heads, queryCount, keyCount, headWidth, isRounded, peak, received, q: layer.q, maps };
"""


@pytest.fixture(scope="module")
def forward(make_forward: MakeForward) -> ForwardPass:
    return make_forward((5, 7), (160, 224), heads=4, d=8, seed=3)


def read(layer: ShippedLayer, index: int) -> dict[str, Any]:
    """What the page makes of a layer's script."""
    text = layer_script("name", layer).decode()
    value = json.loads(text.removeprefix("Live.shipped.receive(").removesuffix(");\n"))
    found: dict[str, Any] = run(FILES, READ, {"layer": value, "index": index})
    return found


@pytest.mark.parametrize("precision", ["int8", "float16"])
def test_rows_and_columns_are_as_near_as_is_said(
    forward: ForwardPass, precision: Precision
) -> None:
    pair, maps = forward.encoder_self, AttentionMaps(forward)
    layer = shipped(pair.q[1], pair.k[1], precision)
    found = read(layer, 9)
    assert (found["heads"], found["queryCount"], found["keyCount"]) == (4, 35, 35)
    assert found["isRounded"] == (precision == "int8")
    expected = [
        maps.encoder_row((1, 2), 1, 0),
        maps.encoder_row((1, 2), 1),
        maps.encoder_column((1, 2), 1, 0),
        maps.encoder_column((1, 2), 1),
    ]
    for one, exact in zip(found["maps"], expected, strict=True):
        error = np.abs(one - exact.ravel()).max()
        assert 0 < error <= layer.largest_error + 1e-6
    np.testing.assert_array_equal(found["peak"], layer.peak.ravel().astype(np.float32))
    np.testing.assert_array_equal(found["received"], layer.received.astype(np.float32))


def test_half_precision_is_read_exactly(forward: ForwardPass) -> None:
    pair = forward.decoder_cross
    layer = shipped(pair.q[0], pair.k[0], "float16")
    odd = [0.0, -0.0, 6e-8, 6.1e-5, 65504, -1.0, np.inf, 0.1]
    layer.pair.q.ravel()[: len(odd)] = odd  # small ones without a leading 1 among them
    found = read(layer, 3)
    assert found["q"].tobytes() == layer.pair.q.astype(np.float32).tobytes()
