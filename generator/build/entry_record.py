"""What a build keeps of an entry, so that the next one need not open its forward pass.

In: what was detected, drawn and measured. Out: an `EntryRecord`, as JSON and back, and the
`ImageResult` that the pages tell of. Words of the gallery (title, caption) are no part of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from generator.analysis.detections import Detections, FurtherClass
from generator.analysis.matching_summary import Candidate, MatchedObject, MatchingSummary
from generator.detr.model_profile import ModelProfile, profile_from_json, profile_to_json
from generator.figures.figure_file import DrawnFigure, FigureFile
from generator.files.sealed import read_sealed_json
from generator.measures.cached import MeasuresFile
from generator.pages.contents import ImageResult, Shapes
from generator.pages.explorer import Explorer
from generator.project.gallery import GalleryImage


@dataclass(frozen=True)
class Copy:
    """A published copy of an image: its path in `docs`, its pixels and its bytes."""

    path: str
    size_wh: tuple[int, int]
    file_bytes: int


@dataclass(frozen=True, eq=False)
class EntryRecord:
    """One entry that was built.

    Attributes:
        key: names everything that the record depends on.
        detections_alt: what the small copy shows, for those who cannot see it.
        points: the reference points, (x, y) as fractions of width and height.
        image, thumbnail: the published copies.
        figures: by the name of their kind.
        matching: None where nobody said what is in the picture.
        explorer: None if the site is to have none.
    """

    key: str
    shapes: Shapes
    profile: ModelProfile
    detections: Detections
    detections_alt: str
    weights_sha256: str
    points: tuple[tuple[float, float], ...]
    image: Copy
    thumbnail: Copy
    figures: Mapping[str, DrawnFigure]
    matching: MatchingSummary | None
    measures: MeasuresFile
    explorer: Explorer | None

    def result(self, entry: GalleryImage) -> ImageResult:
        """What the pages tell of the entry, with its words as they are now."""
        alt = entry.alt or self.detections_alt
        image, small = self.image, self.thumbnail
        return ImageResult(
            entry=entry,
            shapes=self.shapes,
            profile=self.profile,
            detections=self.detections,
            weights_sha256=self.weights_sha256,
            points=self.points,
            image=FigureFile(image.path, entry.alt or entry.title, image.size_wh),
            thumbnail=FigureFile(small.path, alt, small.size_wh),
            figures={name: drawn.file for name, drawn in self.figures.items()},
            matching=self.matching,
            explorer=self.explorer,
        )


def record_to_json(record: EntryRecord) -> dict[str, Any]:
    """JSON's own types, in full precision."""
    return {
        "key": record.key,
        "shapes": asdict(record.shapes),
        "profile": profile_to_json(record.profile),
        "detections": detections_to_json(record.detections),
        "detections_alt": record.detections_alt,
        "weights_sha256": record.weights_sha256,
        "points": record.points,
        "image": asdict(record.image),
        "thumbnail": asdict(record.thumbnail),
        "figures": {name: drawn.to_json() for name, drawn in record.figures.items()},
        "matching": None if record.matching is None else asdict(record.matching),
        "measures": {
            "file": record.measures.path.name,
            "sha256": record.measures.sha256,
            "file_bytes": record.measures.file_bytes,
        },
        "explorer": None if record.explorer is None else record.explorer.to_json(),
    }


def read_record(file: Path, measures: Path) -> EntryRecord | None:
    """Reads back what was written of `record_to_json`; None if it is not there, or damaged.

    Args:
        measures: the folder in which measurements are kept.
    """
    try:
        return _record(read_sealed_json(file), measures)
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def _record(value: Mapping[str, Any], measures: Path) -> EntryRecord:
    matching, explorer = value["matching"], value["explorer"]
    kept = value["measures"]
    return EntryRecord(
        key=value["key"],
        shapes=Shapes(**{name: _pair(one) for name, one in value["shapes"].items()}),
        profile=profile_from_json(value["profile"]),
        detections=detections_from_json(value["detections"]),
        detections_alt=value["detections_alt"],
        weights_sha256=value["weights_sha256"],
        points=tuple((x, y) for x, y in value["points"]),
        image=_copy(value["image"]),
        thumbnail=_copy(value["thumbnail"]),
        figures={name: DrawnFigure.from_json(one) for name, one in value["figures"].items()},
        matching=None if matching is None else _matching(matching),
        measures=MeasuresFile(
            measures / Path(kept["file"]).name, kept["sha256"], kept["file_bytes"]
        ),
        explorer=None if explorer is None else Explorer.from_json(explorer),
    )


def _pair(value: Any) -> Any:
    """A number as it is; a list, which JSON made of a tuple, as a tuple again."""
    return tuple(map(_pair, value)) if isinstance(value, list) else value


def _copy(value: Mapping[str, Any]) -> Copy:
    width, height = value["size_wh"]
    return Copy(value["path"], (width, height), value["file_bytes"])


def detections_to_json(found: Detections) -> dict[str, Any]:
    """JSON's own types, in full precision."""
    return {
        "queries": found.queries.tolist(),
        "category_ids": found.category_ids.tolist(),
        "labels": found.labels,
        "scores": found.scores.tolist(),
        "boxes_xyxy": found.boxes_xyxy.tolist(),
        "size_hw": found.size_hw,
        "threshold": found.threshold,
        "further": [asdict(one) for one in found.further],
    }


def detections_from_json(value: Mapping[str, Any]) -> Detections:
    """Reads back what `detections_to_json` wrote."""
    height, width = value["size_hw"]
    return Detections(
        queries=np.array(value["queries"], np.int64),
        category_ids=np.array(value["category_ids"], np.int64),
        labels=tuple(value["labels"]),
        scores=np.array(value["scores"], np.float64),
        boxes_xyxy=np.array(value["boxes_xyxy"], np.float64).reshape(-1, 4),
        size_hw=(height, width),
        threshold=value["threshold"],
        further=tuple(FurtherClass(**one) for one in value["further"]),
    )


def _matching(value: Mapping[str, Any]) -> MatchingSummary:
    objects = tuple(
        MatchedObject(
            number=one["number"],
            label=one["label"],
            matched=_candidate(one["matched"]),
            runner_up=_candidate(one["runner_up"]),
            same_class_runner_up=_candidate(one["same_class_runner_up"]),
        )
        for one in value["objects"]
    )
    return MatchingSummary(
        objects, value["num_queries"], tuple(value["unknown"]), tuple(value["crowds"])
    )


def _candidate(value: Mapping[str, Any] | None) -> Candidate | None:
    return None if value is None else Candidate(**value)
