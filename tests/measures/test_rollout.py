import dataclasses

import numpy as np
import pytest

from generator.measures import attention_rows as blocks
from generator.measures.rollout import decoder_mixture, query_rollout, through_encoder
from tests.conftest import MakeForward
from tests.measures.planting import one_hot, planted, random_rows


def test_encoder_rollout_is_the_product_of_all_layers(
    make_forward: MakeForward, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Compared with the paper's own way: the product of the whole matrices."""
    monkeypatch.setattr(blocks, "_BLOCK_NUMBERS", 5 * 2 * 12)
    rows = random_rows(3, 2, 12, 12)
    forward = dataclasses.replace(make_forward(), encoder_self=planted(rows))
    product = np.eye(12)
    for layer in rows:
        product = (layer.mean(axis=0) / 2 + np.eye(12) / 2) @ product
    np.testing.assert_allclose(through_encoder(forward, np.eye(12)), product, atol=1e-6)
    mixtures = random_rows(4, 12, seed=2)
    traced = through_encoder(forward, mixtures)
    np.testing.assert_allclose(traced, mixtures @ product, atol=1e-6)
    np.testing.assert_allclose(traced.sum(axis=1), 1)


def test_an_encoder_that_looks_at_itself_changes_nothing(make_forward: MakeForward) -> None:
    identity = np.broadcast_to(np.eye(12), (2, 2, 12, 12))
    forward = dataclasses.replace(make_forward(), encoder_self=planted(identity))
    mixtures = random_rows(4, 12)
    np.testing.assert_allclose(through_encoder(forward, mixtures), mixtures, atol=1e-9)


def test_decoder_without_exchange_averages_its_layers(make_forward: MakeForward) -> None:
    """If queries look only at themselves, later layers weigh more, because of the residuals."""
    cross = random_rows(2, 1, 3, 12)
    forward = dataclasses.replace(
        make_forward(detections=0, queries=3),
        decoder_self=planted(np.broadcast_to(np.eye(3), (2, 1, 3, 3))),
        decoder_cross=planted(cross),
    )
    wanted = (cross[0, 0] / 4 + cross[1, 0] / 2) / 0.75
    np.testing.assert_allclose(decoder_mixture(forward), wanted, atol=1e-6)


def test_decoder_passes_on_what_another_query_saw(make_forward: MakeForward) -> None:
    """In layer 1 query 0 looks at query 1, which saw cell 7 in layer 0."""
    cross = np.stack([one_hot([2, 7], 12), one_hot([2, 2], 12)])[:, None]
    among = np.stack([np.eye(2), one_hot([1, 1], 2)])[:, None]
    forward = dataclasses.replace(
        make_forward(detections=0, queries=2),
        decoder_self=planted(among),
        decoder_cross=planted(cross),
    )
    mixture = decoder_mixture(forward)
    assert mixture[0, 7] == pytest.approx(1 / 8 / 0.75)
    assert mixture[0, 2] == pytest.approx(1 - 1 / 8 / 0.75)
    np.testing.assert_allclose(mixture.sum(axis=1), 1)


def test_rollout_of_queries_sums_to_one_on_the_grid(make_forward: MakeForward) -> None:
    forward = make_forward((3, 5))
    rollout = query_rollout(forward)
    assert rollout.shape == (20, 3, 5)
    np.testing.assert_allclose(rollout.sum((1, 2)), 1, rtol=1e-5)
    np.testing.assert_allclose(
        rollout.reshape(20, 15), through_encoder(forward, decoder_mixture(forward)), rtol=1e-5
    )
