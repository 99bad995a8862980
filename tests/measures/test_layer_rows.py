import gc
import weakref

import numpy as np
import pytest
from scipy.special import entr

from generator.measures import attention_rows, layer_rows, sinks
from generator.measures.attention_rows import attention_weights, with_mean
from generator.measures.layer_rows import mean_weights, remembered
from generator.measures.without_sinks import rest_and_entropy
from tests.measures.planting import planted, random_rows


def test_blocks_are_the_weights_their_mean_and_their_entropies(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(attention_rows, "_BLOCK_NUMBERS", 5 * 3 * 12)  # five rows of three heads
    monkeypatch.setattr(attention_rows, "CACHED_NUMBERS", 2 * 12)  # of which two at once
    pair = planted(random_rows(2, 3, 12, 12))
    blocks = list(layer_rows.layer_rows(pair, 1))
    assert [block.rows.tolist() for block in blocks] == [[*range(5)], [*range(5, 10)], [10, 11]]
    assert [block.part for block in blocks] == [slice(0, 5), slice(5, 10), slice(10, 12)]
    weights = with_mean(attention_weights(pair, 1, slice(None)))
    for block in blocks:
        np.testing.assert_allclose(block.weights, weights[:, block.rows], atol=1e-15)
        np.testing.assert_allclose(block.entropy, entr(block.weights).sum(axis=-1), atol=1e-14)


def test_the_last_layer_and_all_mean_maps_are_kept_with_their_forward_pass() -> None:
    pair = planted(random_rows(2, 3, 12, 12))
    chosen = np.array([4, 0])
    fresh = mean_weights(pair, 0, chosen)
    first = layer_rows.layer_rows(pair, 0)
    assert layer_rows.layer_rows(pair, 0) is first
    assert layer_rows.layer_rows(pair, 1) is not first
    np.testing.assert_allclose(mean_weights(pair, 0, chosen), fresh, atol=1e-15)
    assert layer_rows.layer_rows(planted(random_rows(2, 3, 12, 12)), 1) is not first
    gone = weakref.ref(pair)
    del pair
    gc.collect()
    assert gone() is None


def test_large_layers_are_made_each_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(layer_rows, "_KEPT_NUMBERS", 4 * 12 * 12 - 1)
    pair = planted(random_rows(1, 3, 12, 12))
    once, again = (list(layer_rows.layer_rows(pair, 0)) for _ in range(2))
    assert once[0] is not again[0]
    np.testing.assert_array_equal(once[0].weights, again[0].weights)


def test_a_result_is_kept_for_its_very_object() -> None:
    made = []

    @remembered
    def length(of: np.ndarray) -> int:
        made.append(len(of))
        return len(of)

    first, second = np.zeros(3), np.zeros(3)
    assert [length(first), length(first), length(second), length(first)] == [3] * 4
    assert made == [3, 3, 3]


@pytest.mark.parametrize("kept", [0, 10**9])
def test_shuffled_rows_are_those_that_numpy_shuffles(
    monkeypatch: pytest.MonkeyPatch, kept: int
) -> None:
    monkeypatch.setattr(sinks, "_KEPT_NUMBERS", kept)
    weights = np.random.default_rng(5).random((2, 7, 9))
    places = sinks.random_places(2, 9, (4, 3))
    random = np.random.default_rng(0)
    for rows, place in zip((weights[:, :4], weights[:, 4:]), places, strict=True):
        moved = np.zeros_like(rows)
        np.put_along_axis(moved, place.astype(np.int64), rows, axis=-1)
        np.testing.assert_array_equal(moved, random.permuted(rows, axis=-1))


def test_rows_that_give_nearly_all_to_the_sinks_keep_their_digits() -> None:
    others = np.array([1.0, 2.0, 3.0, 4.0]) / 10
    left = np.array([0.5, 1e-3, 1e-8, 1e-12])[:, None]
    weights = np.concatenate([1 - left, left * others], axis=1)
    rest, entropy = rest_and_entropy(weights, entr(weights).sum(axis=-1), np.array([0]))
    np.testing.assert_allclose(rest[:3, 1:], np.tile(others, (3, 1)), rtol=1e-12)
    np.testing.assert_allclose(entropy[:3], entr(others).sum(), rtol=1e-12)
    assert not rest[:, 0].any()
    assert not rest[3].any()
    assert np.isnan(entropy[3])
