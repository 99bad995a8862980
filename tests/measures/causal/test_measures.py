import dataclasses
from collections.abc import Mapping

import numpy as np
import pytest

from generator.analysis.detections import detect
from generator.inference.causal_tests import DECODER_SELF, ORDERS, OWN_BOX, CausalTests, Predictions
from generator.measures.causal.ablation import found_and_removed, share_of_few
from generator.measures.causal.deletion import area_under
from generator.measures.causal.knock_out import overlaps
from generator.measures.causal.measure import measure_causal
from generator.measures.causal.shuffling import rank_correlations
from generator.measures.measurement import Measurement
from generator.measures.target_boxes import detected_boxes
from tests.conftest import MakeForward
from tests.invented_causal import invented_causal_tests, without_maps
from tests.sampled import with_points

Numbers = Mapping[tuple[str, str, int, int | None], Measurement]


def measured(make_forward: MakeForward, detections: int = 3) -> tuple[CausalTests, Numbers]:
    forward = make_forward((12, 16), detections=detections)
    tests = invented_causal_tests(forward)
    truth = detected_boxes(detect(forward, 0.9))
    ones = list(measure_causal(forward, tests, 0.9, truth))
    numbers = {(one.measure, one.mechanism, one.layer, one.head): one for one in ones}
    assert len(numbers) == len(ones)
    return tests, numbers


@pytest.mark.slow
def test_a_knock_out_costs_what_the_class_loses(make_forward: MakeForward) -> None:
    tests, numbers = measured(make_forward)
    lost = tests.before.probability - tests.knocked_out.probability
    number = numbers["knock_out_drop", "decoder_cross", 1, None]
    assert number.value == pytest.approx(lost[0, 1].mean())
    assert number.control("random_cells") == pytest.approx(lost[1:3, 1].mean())
    assert number.control("other_box") == pytest.approx(lost[3, 1].mean())
    assert number.count == 3
    share = numbers["knock_out_kept", "decoder_cross", 0, None].value
    assert share == pytest.approx((tests.knocked_out.probability[0, 0] > 0.9).mean())


@pytest.mark.slow
def test_boxes_that_stay_overlap_wholly(make_forward: MakeForward) -> None:
    tests, _ = measured(make_forward)
    tests.knocked_out.boxes_cxcywh[0, 1] = tests.before.boxes_cxcywh
    np.testing.assert_allclose(overlaps(tests, OWN_BOX), 1)


@pytest.mark.slow
def test_heads_and_layers_have_numbers_of_their_own(make_forward: MakeForward) -> None:
    tests, numbers = measured(make_forward)
    for name in ("encoder_self", "decoder_self", "decoder_cross"):
        for layer in range(2):
            for row, head in enumerate((None, 0, 1)):
                after = tests.alone[name].probability[layer, row]
                wanted = (tests.before.probability - after).mean()
                assert numbers["even_drop", name, layer, head].value == pytest.approx(
                    wanted, abs=1e-6
                )


@pytest.mark.slow
def test_duplicates_are_counted_beside_those_of_the_whole_network(
    make_forward: MakeForward,
) -> None:
    tests, numbers = measured(make_forward)
    number = numbers["removed_duplicates", DECODER_SELF, 1, None]
    found, removed = found_and_removed(tests.silent[DECODER_SELF], 1, 0.9)
    assert (number.value, number.count) == (removed, found)
    assert number.control("intact") == 0
    assert numbers["removed_detected", DECODER_SELF, 1, None].control("intact") == 3


def test_two_boxes_on_one_object_are_one_too_many() -> None:
    boxes = np.array([[[0.5, 0.5, 0.2, 0.2]] * 3], np.float32)
    predictions = Predictions(
        np.array([[0.95, 0.99, 0.4]], np.float32),
        np.array([[1, 1, 1]]),
        boxes,
        np.zeros((1, 0), np.float32),
    )
    assert found_and_removed(predictions, 0, 0.9) == (2, 1)


@pytest.mark.slow
def test_the_precision_of_what_was_really_found_is_1(make_forward: MakeForward) -> None:
    _, numbers = measured(make_forward)
    number = numbers["removed_ap", DECODER_SELF, 1, None]
    intact = number.control("intact")
    assert intact is not None
    assert intact > 0.9  # boxes are cut at the edge, which the true ones are already
    assert 0 <= number.value < intact


def test_a_few_heads_and_all_heads() -> None:
    np.testing.assert_allclose(share_of_few(np.array([0, 0, 1.0, 0, 0, 0, 0, 1.0])), 1)
    np.testing.assert_allclose(share_of_few(np.full(8, 0.3)), 0.25)
    np.testing.assert_allclose(share_of_few(np.array([0.3, 0.1, -5, -1])), 0.75)
    assert np.isnan(share_of_few(np.array([-1.0, 0])))


@pytest.mark.slow
def test_the_area_of_a_detection_that_is_never_lost_is_1(make_forward: MakeForward) -> None:
    tests, _ = measured(make_forward)
    tests.deleted.similarity[:] = 1
    tests.deleted.similarity[1, 1:] = 0  # lost at the first step
    areas = area_under(tests, tests.deleted)
    assert areas.shape == (len(ORDERS), 3)
    np.testing.assert_allclose(areas[0], 1)
    np.testing.assert_allclose(areas[1], tests.plan.counts[1] / 192 / 2)


def test_rank_correlation_is_that_of_scipy() -> None:
    from scipy.stats import spearmanr

    random = np.random.default_rng(0)
    maps, others = random.integers(0, 5, (2, 3, 40)).astype(float)
    found = rank_correlations(maps, others)
    for row in range(3):
        for column in range(3):
            wanted = spearmanr(maps[row], others[column]).statistic
            np.testing.assert_allclose(found[row, column], wanted, atol=1e-12)
    assert np.isnan(rank_correlations(np.ones((1, 4)), np.ones((1, 4)))).all()


def test_a_map_that_is_the_same_after_shuffling_survives(make_forward: MakeForward) -> None:
    forward = make_forward((12, 16), detections=3)
    tests = invented_causal_tests(forward)
    tests.shuffled_relevance[:] = tests.relevance
    ones = measure_causal(forward, tests, 0.9)
    number = next(one for one in ones if one.measure == "decoder_shuffled_likeness"
                  and one.mechanism == "decoder_relevance")  # fmt: skip
    assert number.value == pytest.approx(1)
    assert abs(number.control("other_maps") or 1) < 0.3


@pytest.mark.parametrize("detections", [0, 1])
def test_nothing_found_and_one(make_forward: MakeForward, detections: int) -> None:
    forward = make_forward((12, 16), detections=detections)
    tests = invented_causal_tests(forward)
    if not detections:
        empty = dataclasses.replace(tests, plan=tests.plan)
        assert not [one for one in measure_causal(forward, empty, 0.9) if "knock" in one.measure]
    assert {one.measure for one in measure_causal(forward, tests, 0.9)} >= {"removed_detected"}


@pytest.mark.slow
def test_sampled_attention_is_measured_under_its_own_names(make_forward: MakeForward) -> None:
    forward = make_forward((12, 16), detections=3)
    tests = without_maps(invented_causal_tests(forward))
    tests.alone["encoder_self"].probability[:] = np.nan  # as where queries are chosen anew
    tests.silent["encoder_self"].probability[:] = np.nan
    ones = list(measure_causal(with_points(forward), tests, 0.9))
    names = {(one.measure, one.mechanism) for one in ones}
    assert {mechanism for _, mechanism in names} == {
        "encoder_points", "decoder_self", "decoder_points",
    }  # fmt: skip
    assert {"knock_out_drop", "part_drop", "even_drop", "removed_kept"} <= {
        measure for measure, mechanism in names if mechanism == "decoder_points"
    }
    of_encoder = {measure for measure, mechanism in names if mechanism == "encoder_points"}
    assert "removed_detected" in of_encoder
    assert not of_encoder & {"even_drop", "even_kept", "few_heads", "removed_kept"}
    assert all(np.isfinite(one.value) for one in ones)
