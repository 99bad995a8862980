from __future__ import annotations

import dataclasses
from collections.abc import Callable

import numpy as np
import pytest

from generator.analysis.detections import Detections, FurtherClass, detect
from generator.inference.forward_pass import ForwardPass

MakeForward = Callable[..., ForwardPass]


def with_probabilities(forward: ForwardPass, rows: dict[int, list[float]]) -> ForwardPass:
    """Gives queries of the last layer these probabilities, "no object" last."""
    logits = forward.logits.copy()
    for query, row in rows.items():
        logits[-1, query] = np.log(row)
    return dataclasses.replace(forward, logits=logits)


def test_finds_what_was_planted(make_forward: MakeForward) -> None:
    detections = detect(make_forward(detections=4, queries=20), 0.9)
    assert detections.queries.tolist() == [0, 5, 10, 15]
    assert detections.labels == ("cat", "dog", "remote", "cat")
    assert detections.category_ids.tolist() == [1, 2, 3, 1]
    np.testing.assert_allclose(detections.scores, np.linspace(0.99, 0.91, 4), atol=1e-6)
    assert len(detections) == 4


@pytest.mark.parametrize("count", [0, 1, 20, 100])
def test_any_number_of_detections(make_forward: MakeForward, count: int) -> None:
    detections = detect(make_forward(detections=count, queries=100), 0.9)
    assert len(detections) == count
    assert detections.boxes_xyxy.shape == (count, 4)
    assert detections.queries.dtype == detections.category_ids.dtype == np.int64


def test_best_score_first_and_ties_by_query(make_forward: MakeForward) -> None:
    rows = {
        9: [0.95, 0.02, 0.02, 0.01],
        3: [0.02, 0.95, 0.02, 0.01],
        6: [0.97, 0.01, 0.01, 0.01],
    }
    detections = detect(with_probabilities(make_forward(detections=0), rows), 0.9)
    assert detections.queries.tolist() == [6, 3, 9]


def test_no_object_is_never_a_label_but_lowers_scores(make_forward: MakeForward) -> None:
    rows = {4: [0.30, 0.15, 0.05, 0.50]}
    detections = detect(with_probabilities(make_forward(detections=0), rows), 0.25)
    assert detections.queries.tolist() == [4]
    assert detections.labels == ("cat",)
    assert detections.scores[0] == pytest.approx(0.30)


def test_a_score_equal_to_the_threshold_is_dropped(make_forward: MakeForward) -> None:
    forward = make_forward(detections=1)
    score = float(detect(forward, 0.5).scores[0])
    assert len(detect(forward, score)) == 0
    assert len(detect(forward, score - 1e-9)) == 1


def test_boxes_are_pixels_of_the_image_with_x_and_y_apart(make_forward: MakeForward) -> None:
    forward = make_forward(size_hw=(100, 400), detections=1)
    boxes = forward.boxes_cxcywh.copy()
    boxes[-1, 0] = [0.5, 0.25, 0.5, 0.1]
    detections = detect(dataclasses.replace(forward, boxes_cxcywh=boxes), 0.9)
    np.testing.assert_allclose(detections.boxes_xyxy, [[100, 20, 300, 30]], atol=1e-4)


def test_boxes_are_cut_off_at_the_image(make_forward: MakeForward) -> None:
    forward = make_forward(size_hw=(100, 200), detections=1)
    boxes = forward.boxes_cxcywh.copy()
    boxes[-1, 0] = [0.0, 1.0, 0.5, 0.5]
    detections = detect(dataclasses.replace(forward, boxes_cxcywh=boxes), 0.9)
    np.testing.assert_allclose(detections.boxes_xyxy, [[0, 75, 50, 100]], atol=1e-4)


def test_large_logits_do_not_overflow(make_forward: MakeForward) -> None:
    forward = make_forward(detections=0)
    logits = forward.logits.copy()
    logits[-1, 4] = [-1000, 1000, -1000, 1000]
    logits[-1, 7] = [1000, -1000, -1000, 0]
    detections = detect(dataclasses.replace(forward, logits=logits), 0.4)
    assert detections.queries.tolist() == [7, 4]
    assert detections.scores.tolist() == [1.0, 0.5]


def test_an_earlier_layer_has_its_own_predictions(make_forward: MakeForward) -> None:
    forward = make_forward(detections=3, layers=2)
    assert len(detect(forward, 0.9, layer=0)) == 0
    assert len(detect(forward, 0.9, layer=1)) == 3


@pytest.mark.parametrize("layer", [2, -3])
def test_a_layer_that_is_not_there_is_named(make_forward: MakeForward, layer: int) -> None:
    with pytest.raises(IndexError, match=f"no decoder layer {layer}: this model has 2"):
        detect(make_forward(layers=2), 0.9, layer=layer)


def test_arrays_that_disagree_are_named(make_forward: MakeForward) -> None:
    detections = detect(make_forward(), 0.9)
    with pytest.raises(ValueError, match=r"scores: expected shape \(2,\), got \(1,\)"):
        dataclasses.replace(detections, scores=detections.scores[:1])
    assert isinstance(detections, Detections)


def with_sigmoids(forward: ForwardPass, rows: dict[int, list[float]], most: int) -> ForwardPass:
    """Gives queries of the last layer these scores by class, and all others 0.01."""
    scores = np.full((*forward.logits.shape[:2], len(forward.category_ids)), 0.01)
    for query, row in rows.items():
        scores[-1, query] = row
    logits = np.log(scores / (1 - scores)).astype(np.float32)
    return dataclasses.replace(forward, logits=logits, score="sigmoid", most_pairs=most)


TWO_CLASSES = {5: [0.8, 0.9, 0.2], 2: [0.7, 0.3, 0.75], 9: [0.6, 0.1, 0.1]}


def test_a_query_with_several_classes_is_one_detection_and_several_pairs(
    make_forward: MakeForward,
) -> None:
    forward = with_sigmoids(make_forward(detections=0), TWO_CLASSES, 100)
    detections = detect(forward, 0.5)
    assert detections.queries.tolist() == [5, 2, 9]
    assert detections.labels == ("dog", "remote", "cat")
    assert [(one.query, one.label) for one in detections.further] == [(5, "cat"), (2, "cat")]
    pairs = list(detections.pairs())
    assert [(one.query, one.category_id) for one in pairs] == [
        (5, 2), (5, 1), (2, 3), (2, 1), (9, 1),
    ]  # fmt: skip
    np.testing.assert_allclose([one.score for one in pairs], [0.9, 0.8, 0.75, 0.7, 0.6], atol=1e-6)
    assert pairs[0].box_xyxy == pairs[1].box_xyxy == tuple(detections.boxes_xyxy[0].tolist())
    assert pairs[2].box_xyxy == tuple(detections.boxes_xyxy[1].tolist())


@pytest.mark.parametrize(("most", "queries", "further"), [(3, [5, 2], 1), (4, [5, 2], 2)])
def test_no_more_pairs_are_kept_than_the_library_lists(
    make_forward: MakeForward, most: int, queries: list[int], further: int
) -> None:
    detections = detect(with_sigmoids(make_forward(detections=0), TWO_CLASSES, most), 0.5)
    assert detections.queries.tolist() == queries
    assert len(detections.further) == further
    assert len(list(detections.pairs())) == most


def test_a_further_class_belongs_to_a_query_that_was_kept(make_forward: MakeForward) -> None:
    detections = detect(make_forward(detections=1), 0.9)
    with pytest.raises(ValueError, match=r"were not kept: \[7\]"):
        dataclasses.replace(detections, further=(FurtherClass(7, 1, "cat", 0.95),))
