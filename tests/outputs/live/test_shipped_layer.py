"""What rounding does to the weights of a layer, and what is said of it."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import logsumexp, softmax

from generator.inference.forward_pass import FloatArray
from generator.outputs.live import shipped_layer
from generator.outputs.live.shipped_layer import ShippedLayer, shipped

HEADS, QUERIES, KEYS, WIDTH = 4, 30, 600, 16


def drawn(seed: int = 0, offset: float = 0.0) -> tuple[FloatArray, FloatArray]:
    """Queries and keys around a mean that softmax does not see, or hardly."""
    random = np.random.default_rng(seed)
    pair = (random.normal(offset, 1, (HEADS, n, WIDTH)) for n in (QUERIES, KEYS))
    q, k = (one.astype(np.float32) for one in pair)
    return q, k


def exact(q: FloatArray, k: FloatArray) -> FloatArray:
    """All weights, (heads, queries, keys)."""
    logits = np.einsum("hqd,hkd->hqk", q.astype(np.float64), k.astype(np.float64))
    return np.asarray(softmax(logits / np.sqrt(WIDTH), axis=-1))


def logits_of(layer: ShippedLayer) -> FloatArray:
    """All logits, from what is stored alone."""
    pair = layer.pair
    q, k = pair.q.astype(np.float64), pair.k.astype(np.float64)
    if pair.q_scale is not None and pair.k_scale is not None:
        q, k = q * pair.q_scale[..., None], k * pair.k_scale[..., None]
    products = np.einsum("qhd,khd->hqk", q, k) / np.sqrt(WIDTH)
    return np.asarray(products + pair.key_bias[:, None].astype(np.float64))


@pytest.mark.parametrize(("precision", "most"), [("int8", 0.006), ("float16", 0.0004)])
def test_weights_are_off_by_no_more_than_is_said(precision: str, most: float) -> None:
    q, k = drawn()
    layer = shipped(q, k, precision)  # type: ignore[arg-type]
    assert layer.pair.q.dtype == layer.pair.k.dtype == precision
    logits, weights = logits_of(layer), exact(q, k)
    as_rows = np.abs(softmax(logits, axis=-1) - weights).max()
    as_columns = np.abs(np.exp(logits - layer.log_sum_exp[..., None]) - weights).max()
    assert layer.largest_error == pytest.approx(max(as_rows, as_columns), rel=1e-6)
    assert 0 < layer.largest_error < most
    mean = np.abs(softmax(logits, axis=-1).mean(axis=0) - weights.mean(axis=0)).max()
    assert mean <= layer.largest_error


@pytest.mark.parametrize("precision", ["int8", "float16"])
def test_keys_that_are_not_shipped_take_part_in_the_softmax(precision: str) -> None:
    q, k = drawn(offset=0.5)
    shown, rest = k[:, :400], k[:, 400:]
    layer = shipped(q, shown, precision, rest=rest)  # type: ignore[arg-type]
    assert layer.rest is not None
    assert layer.pair.k.shape[0] == 400
    weights, logits = exact(q, k)[..., :400], logits_of(layer)
    powers = np.exp(logits)
    rows = powers / (powers.sum(axis=-1) + np.exp(layer.rest))[..., None]
    assert np.abs(rows - weights).max() <= layer.largest_error * (1 + 1e-6)
    columns = np.exp(logits - layer.log_sum_exp[..., None])
    assert np.abs(columns - weights).max() <= layer.largest_error * (1 + 1e-6)
    assert layer.largest_error < 0.006
    np.testing.assert_allclose(layer.received, weights.mean(axis=0).sum(axis=0), rtol=2e-3)
    assert 0.2 < rows.sum(axis=-1).mean() < 0.9


def test_the_normaliser_is_that_of_the_rounded_logits() -> None:
    layer = shipped(*drawn(), "int8")
    expected = logsumexp(logits_of(layer), axis=-1)
    np.testing.assert_allclose(layer.log_sum_exp, expected, rtol=1e-6)


def test_what_softmax_does_not_see_costs_no_bits() -> None:
    q, k = drawn()
    near, far = shipped(q, k, "int8"), shipped(q, k + np.float32(20), "int8")
    assert far.largest_error < 1.2 * near.largest_error


def test_what_queries_have_in_common_costs_no_bits() -> None:
    q, k = drawn()
    k *= np.float32(0.1)
    near, far = shipped(q, k, "int8"), shipped(q + np.float32(10), k, "int8")
    assert exact(q + np.float32(10), k).max() > 2 * exact(q, k).max()
    assert far.largest_error / exact(q + np.float32(10), k).max() < 0.02
    assert np.abs(near.pair.q.astype(int) - far.pair.q).max() <= 1


def test_peaks_and_sums_are_the_exact_ones() -> None:
    q, k = drawn(offset=1.0)
    layer, weights = shipped(q, k, "int8"), exact(q, k)
    half = 2**-10
    np.testing.assert_allclose(layer.peak[:HEADS], weights.max(axis=-1), rtol=half)
    np.testing.assert_allclose(layer.peak[HEADS], weights.mean(axis=0).max(axis=-1), rtol=half)
    np.testing.assert_allclose(layer.received, weights.mean(axis=0).sum(axis=0), rtol=half)


def test_blocks_of_rows_do_not_change_anything(monkeypatch: pytest.MonkeyPatch) -> None:
    q, k = drawn()
    whole = shipped(q, k, "int8")
    monkeypatch.setattr(shipped_layer, "_BLOCK", 7)
    parts = shipped(q, k, "int8")
    for name in ("log_sum_exp", "peak", "received"):
        np.testing.assert_allclose(getattr(parts, name), getattr(whole, name), rtol=1e-6)
    assert parts.largest_error == pytest.approx(whole.largest_error, rel=1e-6)


def test_queries_that_are_all_alike_are_shipped_as_zeros() -> None:
    q, k = drawn()
    q[:] = 3.0
    layer = shipped(q, k, "int8")
    assert not layer.pair.q.any()
    assert layer.largest_error < 1e-3  # all is in the keys' bias


def test_what_is_small_is_shipped_in_half_precision() -> None:
    q, k = drawn()
    assert shipped(q, k).pair.precision == "float16"
    many = np.zeros((8, 500, 32), np.float32)
    assert shipped(many, many).pair.precision == "int8"
