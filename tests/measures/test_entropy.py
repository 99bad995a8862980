import numpy as np
import pytest
from scipy.spatial.distance import jensenshannon

from generator.measures.entropy import head_diversity, jensen_shannon, normalised_entropy
from tests.measures.planting import one_hot, random_rows


def test_entropy_of_a_uniform_row_is_one_and_of_a_single_weight_zero() -> None:
    for keys in (2, 15, 850):
        rows = np.stack([np.full(keys, 1 / keys), one_hot(keys - 1, keys)])
        np.testing.assert_allclose(normalised_entropy(rows), [1, 0], atol=1e-12)
    assert normalised_entropy(np.ones((3, 1))).tolist() == [0, 0, 0]


def test_entropy_of_half_of_the_keys() -> None:
    row = np.repeat([1 / 8, 0.0], 8)
    assert normalised_entropy(row) == pytest.approx(np.log(8) / np.log(16))


def test_entropy_ignores_the_order_of_keys() -> None:
    rows = random_rows(2, 5, 12)
    shuffled = np.random.default_rng(1).permuted(rows, axis=-1)
    np.testing.assert_allclose(normalised_entropy(rows), normalised_entropy(shuffled), atol=1e-12)
    assert (normalised_entropy(rows) < 1).all()


def test_divergence_has_its_ends_and_agrees_with_scipy() -> None:
    first, second = random_rows(20, 9), random_rows(20, 9, seed=1)
    np.testing.assert_allclose(jensen_shannon(first, first), 0, atol=1e-12)
    assert jensen_shannon(one_hot(0, 4), one_hot(3, 4)) == pytest.approx(1)
    np.testing.assert_allclose(jensen_shannon(first, second), jensen_shannon(second, first))
    theirs = [jensenshannon(p, q, base=2) ** 2 for p, q in zip(first, second, strict=True)]
    np.testing.assert_allclose(jensen_shannon(first, second), theirs, atol=1e-12)


def test_diversity_is_the_mean_over_pairs_of_heads() -> None:
    weights = random_rows(3, 4, 7)
    diversity = head_diversity(weights)
    assert diversity.shape == (3, 4)
    pair = {(a, b): jensen_shannon(weights[a], weights[b]) for a, b in ((0, 1), (0, 2), (1, 2))}
    np.testing.assert_allclose(diversity[0], (pair[0, 1] + pair[0, 2]) / 2)
    np.testing.assert_allclose(diversity[2], (pair[0, 2] + pair[1, 2]) / 2)
    np.testing.assert_allclose(diversity.mean(axis=0), np.mean(list(pair.values()), axis=0))


def test_equal_heads_have_no_diversity_and_a_single_head_has_none_to_be() -> None:
    weights = np.repeat(random_rows(1, 2, 6), 4, axis=0)
    np.testing.assert_allclose(head_diversity(weights), 0, atol=1e-12)
    with pytest.raises(ValueError, match="at least two heads"):
        head_diversity(weights[:1])
