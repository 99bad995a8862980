"""The page's attention is that of `generator.analysis.attention`, under Node."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from generator.analysis.attention import AttentionMaps
from generator.inference.forward_pass import ForwardPass, QueriesAndKeys
from tests.conftest import MakeForward
from tests.live.node import ScriptError, run

pytestmark = pytest.mark.node

ONE = "return Live.attention[value.what](value.layer, value.head, value.index);"


@pytest.fixture(scope="module")
def forward(make_forward: MakeForward) -> ForwardPass:
    return make_forward((5, 7), (160, 224), heads=4, d=8, layers=2, seed=3)


def layer_of(pair: QueriesAndKeys, layer: int) -> dict[str, Any]:
    """As `Live.attention` takes it: tokens first, then heads."""
    q, k = (np.ascontiguousarray(one[layer].transpose(1, 0, 2)) for one in (pair.q, pair.k))
    (queries, heads, width), keys = q.shape, len(k)
    return {
        "heads": heads, "queryCount": queries, "keyCount": keys, "headWidth": width, "q": q, "k": k,
    }  # fmt: skip


def computed(what: str, layer: dict[str, Any], head: int | str, index: int) -> Any:
    value = {"what": what, "layer": layer, "head": head, "index": index}
    return run(["attention.js"], ONE, value)


@pytest.mark.slow
@pytest.mark.parametrize("head", [0, 3, "mean"])
@pytest.mark.parametrize("layer", [0, 1])
def test_rows_and_columns_of_the_encoder(forward: ForwardPass, layer: int, head: Any) -> None:
    maps, one = AttentionMaps(forward), layer_of(forward.encoder_self, layer)
    of_head = None if head == "mean" else head
    row = computed("row", one, head, 9)
    assert row.dtype == np.float32
    expected = maps.encoder_row((1, 2), layer, of_head)
    np.testing.assert_allclose(row, expected.ravel(), atol=1e-6)
    column = computed("column", one, head, 9)
    expected = maps.encoder_column((1, 2), layer, of_head)
    np.testing.assert_allclose(column, expected.ravel(), atol=1e-6)
    assert abs(column - row).max() > 0.01


@pytest.mark.slow
def test_rows_of_the_decoder(forward: ForwardPass) -> None:
    maps = AttentionMaps(forward)
    cross = computed("row", layer_of(forward.decoder_cross, 1), "mean", 4)
    np.testing.assert_allclose(cross, maps.decoder_cross(1)[4].ravel(), atol=1e-6)
    among = computed("row", layer_of(forward.decoder_self, 0), 1, 7)
    np.testing.assert_allclose(among, maps.decoder_self(0, 1)[7], atol=1e-6)


@pytest.mark.slow
def test_a_row_leaves_room_for_keys_that_are_not_there(forward: ForwardPass) -> None:
    one = layer_of(forward.decoder_cross, 0)
    added = np.random.default_rng(1).normal(5, 1, one["q"].shape[1::-1]).astype(np.float32)
    powers = np.exp(np.einsum("qhd,khd->hqk", one["q"], one["k"]) / np.sqrt(8))  # (heads, Q, N)
    weights = powers / (powers.sum(axis=-1) + np.exp(added))[..., None]
    for head, expected in ((2, weights[2, 4]), ("mean", weights[:, 4].mean(axis=0))):
        row = computed("row", one | {"rest": added}, head, 4)
        np.testing.assert_allclose(row, expected, atol=1e-6)
    assert weights[2, 4].sum() < 0.95


@pytest.mark.slow
def test_a_bias_of_keys_and_a_given_normaliser_count(forward: ForwardPass) -> None:
    one = layer_of(forward.decoder_cross, 0)
    bias = np.random.default_rng(0).normal(0, 2, (4, 35)).astype(np.float32)
    logits = np.einsum("qhd,khd->hqk", one["q"], one["k"]) / np.sqrt(8) + bias[:, None]
    powers = np.exp(logits)
    weights = powers / powers.sum(axis=-1, keepdims=True)
    biased = one | {"keyBias": bias}
    np.testing.assert_allclose(computed("row", biased, 2, 5), weights[2, 5], atol=1e-6)
    np.testing.assert_allclose(computed("column", biased, 2, 5), weights[2, :, 5], atol=1e-6)
    normaliser = np.log(powers.sum(axis=-1)).astype(np.float32)
    given = biased | {"logSumExp": normaliser + np.float32(np.log(2))}
    np.testing.assert_allclose(computed("column", given, 2, 5), weights[2, :, 5] / 2, atol=1e-6)


@pytest.mark.slow
def test_large_logits_do_not_overflow(forward: ForwardPass) -> None:
    one = layer_of(forward.encoder_self, 0)
    row = computed("row", one | {"q": one["q"] * np.float32(1000)}, "mean", 0)
    assert abs(row.sum() - 1) < 1e-6


@pytest.mark.slow
@pytest.mark.parametrize(
    ("what", "head", "index", "says"),
    [
        ("row", 4, 0, "there is no head 4: this layer has 4 (0 to 3)"),
        ("row", 0, 35, "there is no row 35: this layer has 35"),
        ("column", "mean", -1, "there is no column -1: this layer has 35"),
    ],
)
def test_what_does_not_exist_is_an_error(
    forward: ForwardPass, what: str, head: Any, index: int, says: str
) -> None:
    with pytest.raises(ScriptError) as error:
        computed(what, layer_of(forward.encoder_self, 0), head, index)
    assert says in str(error.value)
