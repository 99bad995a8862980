"""All measurements as columns, where pyarrow is installed."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO

import numpy as np
import pytest

from generator.files.folders import BuildFolder
from generator.measures.gallery import GalleryMeasures
from generator.measures.measurement import Measurement
from generator.measures.summary import ImageMeasures
from generator.outputs import measures_files, measures_parquet
from generator.outputs.measures_files import measures_csv, write_measures
from generator.pages.contents import MeasuredGallery

BOXES = np.zeros((1, 4), np.float32)
IMAGES = tuple(
    ImageMeasures(
        slug,
        "detr_emoji",
        (
            Measurement("lift", "decoder_cross", 1, None, 1.25, 3, (("uniform", 1.0),)),
            Measurement("entropy", "encoder_self", 0, 2, 0.1234567891, 9),
        ),
        BOXES,
        2,
    )
    for slug in ("a", "b", "c")
)


@pytest.mark.slow
def test_it_is_the_table_of_the_csv(monkeypatch: pytest.MonkeyPatch) -> None:
    parquet = pytest.importorskip("pyarrow.parquet", reason="pyarrow is not installed")
    monkeypatch.setattr(measures_parquet, "IMAGES_A_GROUP", 2)
    content, again = io.BytesIO(), io.BytesIO()
    for stream in (content, again):
        measures_parquet.write_parquet(IMAGES, stream)
    assert content.getvalue() == again.getvalue()
    table = parquet.read_table(content)
    rows = list(csv.DictReader(io.StringIO("".join(measures_csv(IMAGES)))))
    assert table.column_names == list(rows[0])
    read = table.to_pylist()
    assert [one["slug"] for one in read] == ["a", "a", "b", "b", "c", "c"]
    for row, one in zip(rows, read, strict=True):
        texts = {name: "" if value is None else str(value) for name, value in one.items()}
        texts["value"] = str(round(one["value"], 6))
        assert texts == row
    assert read[1]["value"] == 0.1234567891


@pytest.mark.parametrize("is_there", [True, False])
def test_without_the_package_none_of_an_earlier_build_stays(
    is_there: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(measures_files, "has_parquet", lambda: is_there)

    def write(images: Sequence[ImageMeasures], stream: BinaryIO) -> None:
        stream.write(b"%d" % len(images))

    monkeypatch.setattr(measures_files, "write_parquet", write)
    folder = BuildFolder(tmp_path)
    folder.measures_parquet.write_bytes(b"old")
    write_measures(folder, MeasuredGallery.of(GalleryMeasures(IMAGES), "key"))
    made = folder.measures_parquet
    assert (made.read_bytes() if made.exists() else None) == (b"3" if is_there else None)
