"""Each image is measured once, until something changes that the numbers depend on."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from generator.measures import cached as measuring
from generator.measures.cached import measure_entry
from generator.measures.image import measure_image
from generator.measures.measurement import Measurement
from generator.project.annotations import Annotation
from generator.project.gallery import GalleryImage
from tests.conftest import MakeForward

ENTRY = GalleryImage(
    slug="cats", title="Cats", file=Path("cats.png"), model="detr_emoji", threshold=0.9
)


@pytest.fixture
def measured(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Grows by one whenever an image is really measured."""
    calls: list[int] = []

    def counted(*arguments: object) -> tuple[Measurement, ...]:
        calls.append(len(calls))
        return measure_image(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(measuring, "measure_image", counted)
    return calls


def test_second_time_reads_the_same_numbers(
    tmp_path: Path, make_forward: MakeForward, measured: list[int]
) -> None:
    forward = make_forward()
    first = measure_entry(ENTRY, forward, "key", tmp_path)
    second = measure_entry(ENTRY, forward, "key", tmp_path)
    assert len(measured) == 1
    assert first.measurements == second.measurements
    assert len(first.measurements) > 100
    assert (first.slug, first.model, first.decoder_layers) == ("cats", "detr_emoji", 2)
    assert first.query_boxes_cxcywh.shape == (20, 4)
    assert first.query_boxes_cxcywh.base is None, "a view would keep all layers alive"


def test_file_has_the_same_bytes_each_time(tmp_path: Path, make_forward: MakeForward) -> None:
    forward = make_forward()
    for folder in ("a", "b"):
        measure_entry(ENTRY, forward, "key", tmp_path / folder)
    (one,), (other,) = ((tmp_path / folder).iterdir() for folder in ("a", "b"))
    assert (one.name, one.read_bytes()) == (other.name, other.read_bytes())


def test_what_matters_is_measured_anew(
    tmp_path: Path, make_forward: MakeForward, measured: list[int]
) -> None:
    forward = make_forward()
    objects = (Annotation(category="cat", bbox=(10, 10, 30, 30)),)
    for entry, key in (
        (ENTRY, "key"),
        (ENTRY, "another key"),
        (replace(ENTRY, threshold=0.95), "key"),
        (replace(ENTRY, objects=()), "key"),
        (replace(ENTRY, objects=objects), "key"),
        (replace(ENTRY, title="What it is called does not matter"), "key"),
    ):
        measure_entry(entry, forward, key, tmp_path)
    assert len(measured) == 5


@pytest.mark.parametrize("damaged", [b"", b"[1, 2", b"\x1f\x8b nothing"])
def test_damaged_file_is_measured_anew(
    tmp_path: Path, make_forward: MakeForward, measured: list[int], damaged: bytes
) -> None:
    forward = make_forward()
    first = measure_entry(ENTRY, forward, "key", tmp_path)
    (file,) = tmp_path.iterdir()
    file.write_bytes(damaged)
    assert measure_entry(ENTRY, forward, "key", tmp_path).measurements == first.measurements
    assert len(measured) == 2
    assert measure_entry(ENTRY, forward, "key", tmp_path).measurements == first.measurements
    assert len(measured) == 2


def test_true_boxes_are_measured_where_the_gallery_has_them(
    tmp_path: Path, make_forward: MakeForward
) -> None:
    objects = (Annotation(category="cat", bbox=(10, 10, 30, 30)),)
    with_objects = replace(ENTRY, objects=objects)
    names = [
        {one.measure for one in measure_entry(entry, make_forward(), "k", tmp_path).measurements}
        for entry in (ENTRY, with_objects)
    ]
    assert "lift_true" not in names[0]
    assert "lift_true" in names[1]
