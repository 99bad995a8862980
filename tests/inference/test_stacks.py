"""Forward passes of models that are no DETR: scores, stacks, parts of queries and keys, points."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.special import expit, softmax

from generator.analysis.attention import AttentionMaps
from generator.analysis.detections import detect
from generator.analysis.matching import matching_costs
from generator.inference.forward_pass import ForwardPass, QueriesAndKeys
from generator.inference.sampled_points import SampledPoints
from generator.measures.image import measure_image
from tests.conftest import MakeForward
from tests.sampled import LEVELS, random_points, with_one_stack, with_places, with_points


def with_sigmoid(forward: ForwardPass) -> ForwardPass:
    return replace(forward, logits=forward.logits[..., :-1] + 4, score="sigmoid")


def test_scores_by_sigmoid_are_of_each_class_alone(make_forward: MakeForward) -> None:
    forward = with_sigmoid(make_forward())
    np.testing.assert_allclose(forward.scores(0), expit(forward.logits[0].astype(np.float64)))
    assert forward.scores().sum(axis=1).max() > 1
    found = detect(forward, 0.7)
    best = forward.scores().max(axis=1)
    assert sorted(found.queries.tolist()) == np.flatnonzero(best > 0.7).tolist()
    np.testing.assert_array_equal(found.scores, np.sort(best[best > 0.7])[::-1])


def test_classes_and_scores_have_to_fit(make_forward: MakeForward) -> None:
    with pytest.raises(ValueError, match="category_ids"):
        replace(make_forward(), score="sigmoid")


def test_the_blocks_of_one_stack_are_parts_of_one_softmax(make_forward: MakeForward) -> None:
    forward = with_one_stack(make_forward())
    maps, joint = AttentionMaps(forward), forward.joint
    assert joint is not None
    cells = slice(1, 13)
    for head in range(2):
        scores = joint.q[1, head] @ joint.k[1, head].T / np.sqrt(np.float32(8))
        whole = softmax(scores, axis=-1)
        np.testing.assert_allclose(maps.encoder_self(1, head), whole[cells, cells], atol=1e-6)
        np.testing.assert_allclose(maps.decoder_self(1, head), whole[13:, 13:], atol=1e-6)
        cross = maps.decoder_cross(1, head).reshape(20, 12)
        np.testing.assert_allclose(cross, whole[13:, cells], atol=1e-6)
        row, column = maps.encoder_row((1, 2), 1, head), maps.encoder_column((1, 2), 1, head)
        np.testing.assert_allclose(row.ravel(), whole[7, cells], atol=1e-6)
        np.testing.assert_allclose(column.ravel(), whole[cells, 7], atol=1e-6)
    assert not forward.can_be_followed


def test_what_and_where_multiply_to_the_attention(make_forward: MakeForward) -> None:
    forward = with_places(make_forward(heads=1))
    maps = AttentionMaps(forward)
    content, place = maps.cross_parts(0)
    product = (content * place).reshape(20, -1)
    product /= product.sum(axis=1, keepdims=True)
    np.testing.assert_allclose(product, maps.decoder_cross(0).reshape(20, -1), atol=1e-5)
    assert abs(content - place).max() > 0.01
    with pytest.raises(ValueError, match="in one"):
        AttentionMaps(make_forward()).cross_parts()


def test_points_have_to_fit_their_levels() -> None:
    points = random_points(2, 3)
    with pytest.raises(ValueError, match="1 levels"):
        SampledPoints(points.places, points.weights, points.references, ((3, 4),))
    with pytest.raises(ValueError, match="expected places"):
        SampledPoints(points.places[..., :1], points.weights, points.references, LEVELS)
    with pytest.raises(ValueError, match=r"references \(2, 2, 2\)"):
        SampledPoints(points.places, points.weights, points.references[:, :2], LEVELS)


@pytest.mark.slow
def test_what_a_model_has_not_is_not_measured(make_forward: MakeForward) -> None:
    forward = make_forward(detections=3)
    names = {}
    for kind, one in (("points", with_points(forward)), ("stack", with_one_stack(forward))):
        measured = measure_image(AttentionMaps(one), detect(one, 0.9))
        assert all(np.isfinite(number.value) for number in measured)
        names[kind] = {number.mechanism for number in measured}
    assert names["points"] == {"decoder_self", "decoder_points", "predictions"}
    assert names["stack"] == {"encoder_self", "decoder_self", "decoder_cross", "predictions"}


def test_the_class_costs_two_focal_losses_if_scores_are_sigmoids() -> None:
    probabilities = np.array([[0.8, 0.1], [0.3, 0.2]])
    box = np.array([[0.5, 0.5, 0.2, 0.2]])
    costs = matching_costs(probabilities, np.tile(box, (2, 1)), np.array([0]), box, is_focal=True)
    expected = [0.25 * (1 - p) ** 2 * -np.log(p) - 0.75 * p**2 * -np.log(1 - p) for p in (0.8, 0.3)]
    np.testing.assert_allclose(costs.classes[:, 0], expected, rtol=1e-5)
    assert costs.classes[0, 0] < costs.classes[1, 0]
    assert not costs.l1.any()


def test_no_attention_has_no_layers() -> None:
    nothing = np.zeros((0, 0, 0, 0), np.float32)
    assert (len(QueriesAndKeys(nothing, nothing)), QueriesAndKeys(nothing, nothing).heads) == (0, 0)
