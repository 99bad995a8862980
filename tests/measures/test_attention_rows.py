import numpy as np
import pytest

from generator.analysis.attention import AttentionMaps
from generator.measures import attention_rows as module
from generator.measures.attention_rows import attention_weights, blocks_of_rows, with_mean
from tests.conftest import MakeForward
from tests.measures.planting import planted, random_rows


def test_planted_weights_come_back_and_rows_sum_to_one() -> None:
    rows = random_rows(2, 3, 4, 6)
    weights = attention_weights(planted(rows), 1, slice(None))
    assert weights.dtype == np.float64
    np.testing.assert_allclose(weights, rows[1], atol=1e-6)
    np.testing.assert_allclose(weights.sum(axis=-1), 1, atol=1e-14)


def test_agrees_with_the_maps_that_figures_draw(make_forward: MakeForward) -> None:
    forward = make_forward((3, 5), layers=2, heads=3)
    chosen = np.array([14, 0, 3])
    weights = with_mean(attention_weights(forward.encoder_self, 1, chosen))
    assert weights.shape == (4, 3, 15)
    for row, head in enumerate((None, 0, 1, 2)):
        drawn = AttentionMaps(forward).encoder_self(1, head)[chosen]
        np.testing.assert_allclose(weights[row], drawn, atol=1e-6)


def test_blocks_hold_every_row_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_BLOCK_NUMBERS", 4 * 2 * 6)
    pair = planted(random_rows(1, 2, 6, 6))
    blocks = list(blocks_of_rows(pair, np.arange(6)))
    assert [block.tolist() for block in blocks] == [[0, 1, 2, 3], [4, 5]]
