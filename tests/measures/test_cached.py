"""Measurements are kept until something changes that the numbers depend on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from generator.analysis.entry_analysis import EntryAnalysis, analyse
from generator.analysis.grid import Grid
from generator.errors import CacheError
from generator.files.fingerprint import modules_of
from generator.inference.forward_pass import ForwardPass
from generator.measures.cached import (
    BORDER,
    keep_measures,
    kept_measures,
    load_measures,
    measures_key,
)
from generator.measures.image import measure_entry
from generator.measures.summary import ImageMeasures, complete
from generator.project.annotations import Annotation
from tests.conftest import MakeForward
from tests.sampled import with_one_stack, with_points

OBJECTS = (Annotation(category="cat", bbox=(10, 10, 30, 30)),)


def analysis(
    make_forward: MakeForward, objects: tuple[Annotation, ...] | None = None
) -> EntryAnalysis:
    pixels = np.zeros((96, 128, 3), np.uint8)
    return analyse(pixels, make_forward(), 0.9, annotations=objects)


@pytest.fixture
def measured(make_forward: MakeForward) -> ImageMeasures:
    return measure_entry(analysis(make_forward), "cats", "detr_emoji")


def test_what_was_kept_reads_back_as_the_same_numbers(
    tmp_path: Path, measured: ImageMeasures
) -> None:
    file = keep_measures(tmp_path, "key", measured)
    assert kept_measures(tmp_path, "key") == file
    again = load_measures(file.path, "cats", "detr_emoji")
    assert again.measurements == measured.measurements
    assert len(again.measurements) > 100
    assert (again.slug, again.model, again.decoder_layers) == ("cats", "detr_emoji", 2)
    assert again.query_boxes_cxcywh.dtype == np.float32
    assert again.sinks is not None
    assert measured.sinks is not None
    assert again.sinks.grid_hw == measured.sinks.grid_hw == (3, 4)
    assert np.array_equal(again.sinks.cells, measured.sinks.cells)
    assert np.array_equal(again.query_boxes_cxcywh, measured.query_boxes_cxcywh)
    assert again.looks is not None
    assert measured.looks is not None
    assert again.looks.grid == measured.looks.grid == Grid((3, 4), (96, 128), 32, 15.5)
    np.testing.assert_array_equal(again.looks.maps, measured.looks.maps)
    assert measured.query_boxes_cxcywh.base is None, "a view would keep all layers alive"


def test_file_has_the_same_bytes_each_time(tmp_path: Path, measured: ImageMeasures) -> None:
    one, other = (keep_measures(tmp_path / folder, "key", measured) for folder in ("a", "b"))
    assert one.sha256 == other.sha256
    assert one.path.read_bytes() == other.path.read_bytes()


def test_numbers_have_their_own_digest(tmp_path: Path, measured: ImageMeasures) -> None:
    first = keep_measures(tmp_path, "a", measured)
    assert keep_measures(tmp_path, "b", measured).sha256 == first.sha256
    changed = (replace(measured.measurements[0], value=0.5), *measured.measurements[1:])
    other = replace(measured, measurements=changed)
    assert keep_measures(tmp_path, "c", other).sha256 != first.sha256


def test_key_holds_all_that_the_numbers_depend_on() -> None:
    keys = {
        measures_key("key", 0.9, None),
        measures_key("another key", 0.9, None),
        measures_key("key", 0.95, None),
        measures_key("key", 0.9, ()),
        measures_key("key", 0.9, OBJECTS),
    }
    assert len(keys) == 5
    assert measures_key("key", 0.9, OBJECTS) in keys


def test_key_follows_the_code_that_measures_and_no_texts() -> None:
    modules, libraries = modules_of("generator.measures.image", border=BORDER)
    assert {"generator.measures.entropy", "generator.analysis.attention"} <= modules
    assert not {"generator.measures.catalogue", "generator.measures.mechanisms"} & modules
    assert {"numpy", "scipy"} <= libraries


@pytest.mark.parametrize("damaged", [b"", b"[1, 2", b"\x1f\x8b nothing"])
def test_damaged_file_counts_as_none(
    tmp_path: Path, measured: ImageMeasures, damaged: bytes
) -> None:
    file = keep_measures(tmp_path, "key", measured)
    file.path.write_bytes(damaged)
    assert kept_measures(tmp_path, "key") is None
    with pytest.raises(CacheError, match="no saved measurements"):
        load_measures(file.path, "cats", "detr_emoji")
    keep_measures(tmp_path, "key", measured)
    assert kept_measures(tmp_path, "key") == file


@pytest.mark.slow
def test_true_boxes_are_measured_where_the_gallery_has_them(make_forward: MakeForward) -> None:
    names = [
        {
            one.measure
            for one in measure_entry(analysis(make_forward, objects), "a", "b").measurements
        }
        for objects in (None, OBJECTS)
    ]
    assert "lift_true" not in names[0]
    assert "lift_true" in names[1]


@pytest.mark.parametrize("kind", [with_points, with_one_stack], ids=["points", "one stack"])
def test_images_of_a_relative_are_completed_from_what_was_kept(
    kind: Callable[[ForwardPass], ForwardPass], make_forward: MakeForward, tmp_path: Path
) -> None:
    """A model that samples points has no maps and no sinks to compare between images."""
    forward = kind(make_forward())
    measured = measure_entry(analyse(np.zeros((96, 128, 3), np.uint8), forward, 0.5), "a", "own")
    file = keep_measures(tmp_path, "key", measured)
    images = complete(load_measures(file.path, slug, "own") for slug in ("a", "b", "c"))
    assert [len(one.measurements) >= len(measured.measurements) for one in images] == [True] * 3
    samples = not forward.has_maps
    assert (measured.looks is None) == (measured.sinks is None) == samples
