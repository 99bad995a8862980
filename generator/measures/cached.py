"""The cache of measurements of gallery entries.

In: the measurements of an entry, and what they depend on. Out: a file under `.cache/`, whose
name is a key of everything that the numbers depend on, including the code that measures; and,
from such a file, `ImageMeasures`. A second build measures nothing; a changed measure is
measured anew.
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
import sys
import zlib
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from generator.analysis.grid import Grid
from generator.errors import CacheError
from generator.files.fingerprint import fingerprint
from generator.files.sealed import read_sealed, write_sealed
from generator.files.write import size_of
from generator.measures.catalogue import MEASURES
from generator.measures.measurement import Measurement
from generator.measures.mechanisms import CONTROLS, MECHANISMS
from generator.measures.other_images import QueryMaps
from generator.measures.same_sinks import SinkCells
from generator.measures.summary import ImageMeasures
from generator.measures.target_boxes import TargetBoxes
from generator.project.annotations import Annotation

BORDER = (
    "generator.detr",
    "generator.errors",
    "generator.inference",
    "generator.measures.catalogue",
    "generator.measures.catalogue_causal",
    "generator.measures.catalogue_points",
    "generator.measures.catalogue_sinks",
    "generator.measures.mechanisms",
    "generator.project",
)
"""Not followed: descriptions, whose `names` count separately, and what the key of the forward
pass covers."""

_HALF = np.dtype("<f2")
"""Half precision, with the same bytes on every machine."""


@dataclass(frozen=True)
class MeasuresFile:
    """The file with the measurements of an entry.

    Attributes:
        sha256: of the numbers; entries with the same numbers have the same.
        file_bytes: the file's size.
    """

    path: Path
    sha256: str
    file_bytes: int


def measures_key(
    forward_key: str,
    threshold: float,
    annotations: Sequence[Annotation] | None,
    causal_key: str | None = None,
) -> str:
    """A key of everything that an entry's numbers depend on, 32 hex digits."""
    values = {
        "forward": forward_key,
        "causal": causal_key,
        "threshold": threshold,
        "objects": None if annotations is None else [asdict(one) for one in annotations],
        "names": names(),
    }
    return fingerprint("generator.measures.image", border=BORDER, values=values)[:32]


def names() -> list[list[str]]:
    """The names under which numbers are kept; the texts that explain them do not count."""
    return [sorted(MEASURES), sorted(MECHANISMS), sorted(CONTROLS)]


def kept_measures(folder: Path, key: str) -> MeasuresFile | None:
    """The measurements of an earlier build; None if they are not there, or are damaged."""
    path = folder / f"{key}.json.gz"
    try:
        text = gzip.decompress(read_sealed(path))
        _measurements(json.loads(text)["rows"])
    except (OSError, EOFError, ValueError, TypeError, KeyError, zlib.error):
        return None
    return MeasuresFile(path, hashlib.sha256(text).hexdigest(), size_of(path))


def keep_measures(folder: Path, key: str, measures: ImageMeasures) -> MeasuresFile:
    """Writes measurements down in full precision, the same bytes for the same numbers."""
    rows = [
        [one.measure, one.mechanism, one.layer, one.head, one.value, one.count, one.controls]
        for one in measures.measurements
    ]
    value = {
        "rows": rows,
        "query_boxes_cxcywh": measures.query_boxes_cxcywh.tolist(),
        "decoder_layers": measures.decoder_layers,
        "looks": None if measures.looks is None else _looks_to_json(measures.looks),
        "sinks": None if measures.sinks is None else _sinks_to_json(measures.sinks),
    }
    text = json.dumps(value, allow_nan=False).encode()
    path = folder / f"{key}.json.gz"
    write_sealed(path, gzip.compress(text, compresslevel=6, mtime=0))
    return MeasuresFile(path, hashlib.sha256(text).hexdigest(), size_of(path))


def load_measures(path: Path, slug: str, model: str) -> ImageMeasures:
    """Reads back what `keep_measures` wrote; a damaged file is removed.

    Raises:
        CacheError: the file is missing or damaged.
    """
    try:
        value = json.loads(gzip.decompress(read_sealed(path)))
        return ImageMeasures(
            slug=slug,
            model=model,
            measurements=_measurements(value["rows"]),
            query_boxes_cxcywh=np.array(value["query_boxes_cxcywh"], np.float32),
            decoder_layers=value["decoder_layers"],
            looks=None if value["looks"] is None else _looks(value["looks"]),
            sinks=None if value["sinks"] is None else _sinks(*value["sinks"]),
        )
    except (OSError, EOFError, ValueError, TypeError, KeyError, zlib.error) as error:
        path.unlink(missing_ok=True)
        sentence = f"{path}: no saved measurements ({error}); it was removed, so build again"
        raise CacheError(sentence) from error


def _measurements(rows: list[list[Any]]) -> tuple[Measurement, ...]:
    return tuple(_measurement(*row) for row in rows)


def _measurement(
    measure: str,
    mechanism: str,
    layer: int,
    head: int | None,
    value: float,
    count: int,
    controls: list[Any],
) -> Measurement:
    """The record of a row; equal names share one string, to save memory."""
    interned = tuple((sys.intern(name), number) for name, number in controls)
    return Measurement(
        sys.intern(measure), sys.intern(mechanism), layer, head, value, count, interned
    )


def _looks_to_json(looks: QueryMaps) -> dict[str, Any]:
    boxes = {
        suffix: [of.boxes_xyxy.tolist(), of.queries.tolist(), of.labels]
        for suffix, of in looks.boxes.items()
    }
    maps = base64.b64encode(looks.maps.astype(_HALF).tobytes()).decode()
    grid = looks.grid
    where = [grid.hw, grid.input_hw, grid.stride, grid.first_centre]
    return {"maps": maps, "grid": where, "boxes": boxes}


def _sinks_to_json(sinks: SinkCells) -> list[Any]:
    return [sinks.grid_hw, sinks.cells.tolist()]


def _sinks(grid_hw: list[int], cells: list[Any]) -> SinkCells:
    rows, columns = grid_hw
    return SinkCells((rows, columns), np.array(cells, np.int64))


def _looks(value: dict[str, Any]) -> QueryMaps:
    (h, w), (height, width), stride, first_centre = value["grid"]
    grid = Grid((h, w), (height, width), stride, first_centre)
    maps = np.frombuffer(base64.b64decode(value["maps"]), _HALF).reshape(-1, *grid.hw)
    boxes = {
        suffix: TargetBoxes(
            np.array(of_boxes, np.float64).reshape(-1, 4),
            np.array(queries, np.int64),
            tuple(labels),
        )
        for suffix, (of_boxes, queries, labels) in value["boxes"].items()
    }
    return QueryMaps(maps.astype(np.float16), grid, boxes)
