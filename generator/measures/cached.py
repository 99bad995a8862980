"""Measures one gallery entry, or finds what was measured of it before.

In: an entry and its forward pass. Out: `ImageMeasures`, kept under `.cache/`. The file's
name holds everything that the numbers depend on, the code that measures among it, so a
second build measures nothing, and a changed measure is measured anew.
"""

from __future__ import annotations

import functools
import gzip
import hashlib
import json
import sys
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path
from typing import Any

from generator.analysis.attention import AttentionMaps
from generator.analysis.detections import detect
from generator.analysis.ground_truth import ground_truth
from generator.analysis.matching import match_objects
from generator.files.write import write_if_different
from generator.inference.forward_pass import ForwardPass
from generator.measures.image import measure_image
from generator.measures.measurement import Measurement
from generator.measures.summary import ImageMeasures
from generator.measures.target_boxes import TargetBoxes, target_boxes_in_pixels
from generator.project.gallery import GalleryImage

CODE = ("analysis/*.py", "measures/*.py")


def measure_entry(
    entry: GalleryImage, forward: ForwardPass, key: str, cache: Path
) -> ImageMeasures:
    """What is measured on an entry, from the cache if it is there.

    Args:
        key: names everything that the forward pass depends on.
        cache: the folder to keep measurements in.

    Raises:
        ObjectsError: what the entry says is in the picture cannot be there.
    """
    file = cache / f"{_key(entry, key)}.json.gz"
    measurements = _read(file)
    if measurements is None:
        detections = detect(forward, entry.threshold)
        true = _true_boxes(entry, forward)
        measurements = measure_image(AttentionMaps(forward), detections, true)
        write_if_different(file, _text(measurements))
    return ImageMeasures(
        slug=entry.slug,
        model=entry.model,
        measurements=measurements,
        query_boxes_cxcywh=forward.boxes_cxcywh[-1].copy(),  # not a view of all layers
        decoder_layers=len(forward.logits),
    )


def _true_boxes(entry: GalleryImage, forward: ForwardPass) -> TargetBoxes | None:
    """What is really there, each with the query that is matched to it; None if nobody said."""
    if entry.objects is None:
        return None
    truth = ground_truth(entry.objects, forward.category_names, forward.size_hw)
    queries = match_objects(forward, truth).queries
    return target_boxes_in_pixels(truth.boxes_xyxy, forward.size_hw, queries, truth.labels)


def _key(entry: GalleryImage, key: str) -> str:
    parts = {
        "key": key,
        "threshold": entry.threshold,
        "objects": None if entry.objects is None else [asdict(one) for one in entry.objects],
        "code": _code_sha256(),
    }
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:32]


@functools.cache
def _code_sha256() -> str:
    """Of the sources that measurements depend on, and of NumPy's version."""
    digest = hashlib.sha256(f"numpy {version('numpy')}".encode())
    for pattern in CODE:
        for path in sorted(Path(__file__).parents[1].glob(pattern)):
            digest.update(path.read_bytes())
    return digest.hexdigest()


def _text(measurements: tuple[Measurement, ...]) -> bytes:
    """Rows of numbers in full precision, the same bytes for the same numbers."""
    rows = [
        [one.measure, one.mechanism, one.layer, one.head, one.value, one.count, one.controls]
        for one in measurements
    ]
    return gzip.compress(json.dumps(rows, allow_nan=False).encode(), compresslevel=6, mtime=0)


def _read(file: Path) -> tuple[Measurement, ...] | None:
    """What was measured before; None if it is not there or cannot be read."""
    try:
        rows = json.loads(gzip.decompress(file.read_bytes()))
        return tuple(_measurement(*row) for row in rows)
    except (OSError, EOFError, ValueError, TypeError):
        return None


def _measurement(
    measure: str,
    mechanism: str,
    layer: int,
    head: int | None,
    value: float,
    count: int,
    controls: list[Any],
) -> Measurement:
    """A record of a row; names are kept once, however many records have them."""
    known = tuple((sys.intern(name), number) for name, number in controls)
    return Measurement(sys.intern(measure), sys.intern(mechanism), layer, head, value, count, known)
