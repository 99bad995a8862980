import numpy as np
import pytest

from generator.analysis.attention import AttentionMaps
from generator.analysis.detections import detect
from generator.measures.catalogue import CONTROLS, MEASURES
from generator.measures.gallery import measure_gallery
from generator.measures.image import measure_image
from generator.measures.reach import ALL_MEASURES, REACH, reach_of
from generator.measures.summary import ImageMeasures
from generator.measures.target_boxes import detected_boxes, target_boxes
from tests.conftest import MakeForward


def test_reach_is_what_is_measured(make_forward: MakeForward) -> None:
    forward = make_forward((15, 20), detections=6)
    detections = detect(forward, 0.9)
    found = detected_boxes(detections)
    true = target_boxes(found.boxes_xyxy, found.queries, found.labels)
    ones = measure_image(AttentionMaps(forward), detections, true)
    images = [ImageMeasures(slug, "m", ones, forward.boxes_cxcywh[-1], 2) for slug in ("a", "b")]
    measured: dict[tuple[str, str], set[str]] = {}
    for one in measure_gallery(images).images[0].measurements:
        names = measured.setdefault((one.measure, one.mechanism), set())
        names |= {name for name, _ in one.controls}
    told = {
        (measure, mechanism): set(controls)
        for measure in ALL_MEASURES
        for mechanism, controls in reach_of(measure).items()
    }
    assert told == measured


def test_every_measure_of_the_catalogue_has_a_reach() -> None:
    assert set(REACH) == set(MEASURES)
    assert {name for of in REACH.values() for names in of.values() for name in names} == set(
        CONTROLS
    )


@pytest.mark.parametrize("name", ["lfit", "entropy_true", "detected_true", ""])
def test_what_is_never_measured_has_none(name: str) -> None:
    with pytest.raises(KeyError):
        reach_of(name)


def test_stand_in_gallery_needs_no_boxes() -> None:
    assert measure_gallery([]).models == ()
    assert np.isfinite(len(measure_gallery([]).summaries))
