"""One entry that is measured and not drawn: what numbers, and the choice of pages, need.

In: an entry whose forward pass is on the disk. Out: its measurements and a small `MeasuredRecord`,
both under `.cache/`, from which everything is told when its forward pass is gone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from generator.analysis.detections import Detections
from generator.build.analysed import analysed, measures_key_of
from generator.build.entry_record import detections_from_json, detections_to_json
from generator.files.fingerprint import fingerprint
from generator.files.folders import CacheFolder
from generator.files.sealed import read_sealed_json, write_sealed_json
from generator.files.write import size_of
from generator.inference.runner import LocatedEntry
from generator.measures.cached import BORDER, MeasuresFile, keep_measures
from generator.measures.measurement import Measurement
from generator.project.config import SiteConfig

_BORDER = (
    *BORDER,
    "generator.outputs",
    "generator.pages",
    "generator.figures",
    "generator.build.entry",
)
"""What is not followed: words, what draws, and what the key of the measurements holds."""


@dataclass(frozen=True, eq=False)
class MeasuredRecord:
    """What is kept of an entry that was measured.

    Attributes:
        key: names everything that the record depends on.
        numbers: of the last layer, mean of the heads, by mechanism and measure, such as
            "predictions detected".
    """

    key: str
    detections: Detections
    measures: MeasuresFile
    numbers: Mapping[str, float]


@dataclass(frozen=True, eq=False)
class MeasuredEntry:
    """An entry with what was measured of it."""

    located: LocatedEntry
    record: MeasuredRecord


@dataclass(frozen=True)
class EntryMeasurer:
    """Measures entries of one build, in whichever process; writes to `.cache/` alone."""

    config: SiteConfig
    cache: CacheFolder

    def file(self, located: LocatedEntry) -> Path:
        """Where an entry's record is kept, or will be."""
        return self.cache.measures / f"{self._key(located)}.found.json"

    def files(self, located: LocatedEntry) -> tuple[Path, Path]:
        """Where its record and its measurements are kept, or will be."""
        measures = self.cache.measures / f"{measures_key_of(self.config, located)}.json.gz"
        return self.file(located), measures

    def kept(self, located: LocatedEntry) -> MeasuredRecord | None:
        """What an earlier build measured of an entry; None if it has to be done."""
        try:
            key = self._key(located)
            record = _record(key, read_sealed_json(self.file(located)), self.cache.measures)
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return None
        measures = record.measures
        return record if size_of(measures.path) == measures.file_bytes else None

    def build(self, located: LocatedEntry) -> MeasuredRecord:
        """Measures an entry and keeps what came of it.

        Raises:
            ImageError, CacheError, ChangedError, ObjectsError: as `analysed` does.
        """
        from generator.measures.image import measure_entry

        entry, analysis = located.entry, analysed(self.config, self.cache, located)
        measured = measure_entry(analysis, entry.slug, entry.model)
        record = MeasuredRecord(
            self._key(located),
            analysis.detections,
            keep_measures(self.cache.measures, measures_key_of(self.config, located), measured),
            _last_numbers(measured.measurements),
        )
        write_sealed_json(self.file(located), _to_json(record))
        return record

    def _key(self, located: LocatedEntry) -> str:
        values = {"measures": measures_key_of(self.config, located)}
        return fingerprint(__name__, border=_BORDER, values=values)[:32]


def _last_numbers(measurements: Sequence[Measurement]) -> dict[str, float]:
    """The numbers of the last layer that have any, mean of the heads; in the order of layers."""
    last: dict[str, tuple[int, float]] = {}
    for one in measurements:
        name = f"{one.mechanism} {one.measure}"
        if one.head is None and (name not in last or last[name][0] <= one.layer):
            last[name] = one.layer, one.value
    return {name: last[name][1] for name in sorted(last)}


def _to_json(record: MeasuredRecord) -> dict[str, Any]:
    kept = record.measures
    return {
        "detections": detections_to_json(record.detections),
        "measures": [kept.path.name, kept.sha256, kept.file_bytes],
        "numbers": dict(record.numbers),
    }


def _record(key: str, value: Mapping[str, Any], measures: Path) -> MeasuredRecord:
    name, sha256, file_bytes = value["measures"]
    return MeasuredRecord(
        key,
        detections_from_json(value["detections"]),
        MeasuresFile(measures / Path(name).name, sha256, file_bytes),
        value["numbers"],
    )
