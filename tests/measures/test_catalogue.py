"""The catalogue lists exactly the measures, mechanisms and controls that are measured."""

import dataclasses
from collections.abc import Iterator

import pytest

from generator.analysis.attention import AttentionMaps
from generator.analysis.detections import detect
from generator.inference.forward_pass import ForwardPass
from generator.measures.catalogue import ALL_MEASURES, MEASURES, TRUE, about, applies_to
from generator.measures.causal.measure import measure_causal
from generator.measures.decoder import Targets
from generator.measures.gallery import measure_gallery
from generator.measures.image import measure_image, query_maps
from generator.measures.measurement import Measurement
from generator.measures.mechanisms import ATTENTIONS, CONTROLS, MECHANISMS
from generator.measures.most_read import find_sinks
from generator.measures.points import measure_points
from generator.measures.same_sinks import SinkCells
from generator.measures.summary import ImageMeasures
from generator.measures.target_boxes import detected_boxes, target_boxes, unmatched_boxes
from tests.conftest import MakeForward
from tests.invented_causal import invented_causal_tests, without_maps
from tests.sampled import with_points


def measured(forward: ForwardPass) -> tuple[Measurement, ...]:
    """All measurements of one of two images, whose true boxes are the detections."""
    detections = detect(forward, 0.9)
    found = detected_boxes(detections)
    true = target_boxes(found.boxes_xyxy, found.queries, found.labels)
    ones = measure_image(
        AttentionMaps(forward), detections, true, causal=invented_causal_tests(forward)
    )
    looks = query_maps(forward, {"": found, TRUE: true})
    sinks = SinkCells(forward.grid_hw, find_sinks(forward).cells)
    boxes = forward.boxes_cxcywh[-1]
    images = [ImageMeasures(slug, "m", ones, boxes, 2, looks, sinks) for slug in ("a", "b")]
    return tuple(measure_gallery(images).images[0].measurements)


def measured_points(forward: ForwardPass) -> Iterator[Measurement]:
    """The same of a model that samples points."""
    found = detected_boxes(detect(forward, 0.9))
    rest = unmatched_boxes(forward, detect(forward, 0.9))
    sampled, tests = with_points(forward), invented_causal_tests(forward)
    yield from measure_points(sampled, Targets(found, rest, found))
    yield from measure_causal(sampled, without_maps(tests), 0.9, found)


@pytest.mark.slow
def test_each_measure_applies_to_what_is_measured(make_forward: MakeForward) -> None:
    measured_names: dict[tuple[str, str], set[str]] = {}
    forward = make_forward((15, 20), detections=6, queries=100)
    for one in (*measured(forward), *measured_points(forward)):
        names = measured_names.setdefault((one.measure, one.mechanism), set())
        names |= {name for name, _ in one.controls}
    described = {
        (measure, mechanism): set(controls)
        for measure in ALL_MEASURES
        for mechanism, controls in applies_to(measure).items()
    }
    assert described == measured_names


@pytest.mark.slow
def test_true_boxes_that_are_the_detections_give_the_same_numbers(
    make_forward: MakeForward,
) -> None:
    ones = measured(make_forward((15, 20), detections=6))
    of_true = [one for one in ones if one.measure.endswith(TRUE)]
    assert len(of_true) > 50
    for one in of_true:
        assert dataclasses.replace(one, measure=one.measure.removesuffix(TRUE)) in ones


def test_entries_are_listed_under_their_own_names() -> None:
    assert all(name == one.name for name, one in MEASURES.items())
    assert all(name == one.name for name, one in MECHANISMS.items())
    assert all(name == one.name for name, one in CONTROLS.items())
    assert len(MEASURES) > 20
    assert len(set(ALL_MEASURES)) == len(ALL_MEASURES)


def test_no_mechanism_and_no_control_is_without_a_measure() -> None:
    pairs = [pair for one in MEASURES.values() for pair in one.mechanisms.items()]
    assert {mechanism for mechanism, _ in pairs} == set(MECHANISMS.values())
    assert {one for _, controls in pairs for one in controls} == set(CONTROLS.values())


@pytest.mark.parametrize("name", sorted(MEASURES))
def test_every_entry_is_filled_in(name: str) -> None:
    entry = about(name)
    assert about(f"{name}{TRUE}") is entry
    assert all((entry.text, entry.formula, entry.source, entry.mechanisms))
    low, high = entry.range
    assert high is None or low < high
    assert set(entry.of_boxes) <= set(entry.mechanisms)


@pytest.mark.parametrize("name", ["lfit", "entropy_true", "detected_true", "_true", ""])
def test_what_is_never_measured_applies_to_nothing(name: str) -> None:
    with pytest.raises(KeyError):
        applies_to(name)


def test_true_boxes_are_measured_only_where_boxes_are() -> None:
    points = ["decoder_cross", "decoder_rollout", "decoder_points"]
    assert list(applies_to("distance_true")) == points
    assert list(applies_to("lift_true")) == list(applies_to("lift"))
    assert applies_to("own_lift_true") == applies_to("own_lift")


def test_three_mechanisms_are_attention() -> None:
    assert [one.title for one in ATTENTIONS] == [
        "Encoder self-attention", "Decoder self-attention", "Decoder cross-attention",
    ]  # fmt: skip
    assert ATTENTIONS[0].title_in_text == "encoder self-attention"
    rollouts = [name for name, one in MECHANISMS.items() if one.is_rollout]
    assert rollouts == ["encoder_rollout", "decoder_rollout", "decoder_relevance"]


def test_gallery_of_nothing_has_no_numbers() -> None:
    assert measure_gallery([]).models == ()
    assert measure_gallery([]).summaries == ()
