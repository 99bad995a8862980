"""All measurements, for other programs: `measures.json` and `measures.csv`.

In: the measurements of each image, and their summaries. Out: two files. The same measurements
give the same bytes: keys are sorted, images are in the gallery's order, and numbers are rounded
to `DECIMALS` decimals.

`measures.json` is an object with these keys:

- `settings`: how numbers were rounded and intervals computed;
- `measures`, `mechanisms`, `controls`: what each name stands for;
- `columns`, `images`: each image with its `slug`, `model` and `values`, rows of the columns:
  measure, mechanism, layer, head (null is the mean of the heads' maps), value, count (of the
  queries, points or rows that it is the mean of) and controls (an object of numbers);
- `summaries`: for each model, measure, mechanism, layer and head the `value` (mean over
  images), its interval `low` and `high`, `images`, `count`, whether that is `enough`, and for
  each control `first` and `second` (the means over the images that have both), their
  `difference` and `ratio`, each null or [value, low, high].

`measures.csv` has a row for each image, measure, mechanism, layer and head, and a column
for each control; a field is empty if there is no head or no such control.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from generator.files.fingerprint import fingerprint
from generator.files.folders import BuildFolder
from generator.files.write import replaced_if_different, size_of
from generator.measures import intervals
from generator.measures.catalogue import MEASURES, TRUE
from generator.measures.intervals import Interval
from generator.measures.measurement import Measure, Measurement
from generator.measures.mechanisms import CONTROLS, MECHANISMS
from generator.measures.summary import ENOUGH_IMAGES, Comparison, ImageMeasures, Summary
from generator.outputs.measures_parquet import has_parquet, write_parquet
from generator.outputs.output import read_stamp, write_stamp
from generator.pages.contents import MeasuredGallery

DECIMALS = 6
"""Digits after the decimal point; sums in float64 agree far beyond them on all machines."""
_BORDER = (
    "generator.analysis",
    "generator.detr",
    "generator.errors",
    "generator.exercises",
    "generator.figures",
    "generator.inference",
    "generator.outputs.output",
    "generator.pages",
    "generator.project",
)
"""Not followed: what the key of the numbers covers, and what writes other files."""
COLUMNS = ("measure", "mechanism", "layer", "head", "value", "count", "controls")


def write_measures(folder: BuildFolder, measured: MeasuredGallery) -> None:
    """Writes `measures.json` and `measures.csv`, unless their numbers have not changed.

    With pyarrow there is a `measures.parquet`, too; without it none of an earlier build stays.

    Args:
        folder: of the build.
        measured: loaded only if a number changed.
    """
    files, stamp = [folder.measures_json, folder.measures_csv], folder.stamp("measures")
    if has_parquet():
        files.append(folder.measures_parquet)
    else:
        folder.measures_parquet.unlink(missing_ok=True)
    key = fingerprint(__name__, border=_BORDER, values={"numbers": measured.numbers.key})
    before = read_stamp(stamp)
    if before == {"key": key, "sizes": [size_of(file) for file in files]}:
        return
    numbers = measured.numbers.value
    with replaced_if_different(files[0]) as stream:
        stream.writelines(one.encode() for one in measures_json(numbers.images, numbers.summaries))
    with replaced_if_different(files[1]) as stream:
        stream.writelines(one.encode() for one in measures_csv(numbers.images))
    if has_parquet():
        with replaced_if_different(folder.measures_parquet) as stream:
            write_parquet(numbers.images, stream)
    write_stamp(stamp, {"key": key, "sizes": [size_of(file) for file in files]})


def measures_json(images: Sequence[ImageMeasures], summaries: Sequence[Summary]) -> Iterator[str]:
    """The text of `measures.json`, piece by piece; each row of numbers is one line."""
    head = {
        "settings": {
            "decimals": DECIMALS,
            "enough_images": ENOUGH_IMAGES,
            "interval_level": intervals.LEVEL,
            "interval_method": intervals.METHOD,
            "true_suffix": TRUE,
        },
        "measures": {name: _words(one) for name, one in MEASURES.items()},
        "mechanisms": {name: one.text for name, one in MECHANISMS.items()},
        "controls": {name: one.text for name, one in CONTROLS.items()},
        "columns": COLUMNS,
    }
    parts: dict[str, Iterable[str]] = {name: (_text(value),) for name, value in head.items()}
    parts["images"] = _lines(map(_image, images))
    parts["summaries"] = _lines(_text(_summary(one)) for one in summaries)
    for number, name in enumerate(sorted(parts)):
        yield f"{',' if number else '{'}\n{_text(name)}: "
        yield from parts[name]
    yield "\n}\n"


def measures_csv(images: Sequence[ImageMeasures]) -> Iterator[str]:
    """The text of `measures.csv`, image by image."""
    controls = sorted(CONTROLS)
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(["slug", "model", *COLUMNS[:-1], *(f"control_{name}" for name in controls)])
    for image in images:
        yield _taken(stream)
        for measurement in image.measurements:
            values = dict(measurement.controls)
            writer.writerow(
                [
                    image.slug,
                    image.model,
                    measurement.measure,
                    measurement.mechanism,
                    measurement.layer,
                    "" if measurement.head is None else measurement.head,
                    rounded(measurement.value),
                    measurement.count,
                    *(rounded(values[name]) if name in values else "" for name in controls),
                ]
            )
    yield _taken(stream)


def _taken(stream: io.StringIO) -> str:
    """What was written into a stream, which is empty afterwards."""
    text = stream.getvalue()
    stream.seek(0)
    stream.truncate()
    return text


def rounded(value: float) -> float:
    """The value rounded to `DECIMALS` decimals; zero has no minus sign."""
    return round(value, DECIMALS) + 0.0


def _words(measure: Measure) -> Mapping[str, Any]:
    return {
        "text": measure.text,
        "formula": measure.formula,
        "unit": measure.unit,
        "range": measure.range,
        "source": measure.source,
    }


def _image(image: ImageMeasures) -> str:
    head = f'"model": {_text(image.model)}, "slug": {_text(image.slug)}, "values": '
    return "{" + head + "".join(_lines(_text(measure_row(one)) for one in image.measurements)) + "}"


def measure_row(measurement: Measurement) -> list[Any]:
    """The values of `COLUMNS`, of JSON's own types."""
    controls = {name: rounded(value) for name, value in measurement.controls}
    return [
        measurement.measure,
        measurement.mechanism,
        measurement.layer,
        measurement.head,
        rounded(measurement.value),
        measurement.count,
        controls,
    ]


def _summary(summary: Summary) -> Mapping[str, Any]:
    return {
        **asdict(summary.key),
        "value": rounded(summary.value),
        "low": rounded(summary.interval.low) if summary.interval else None,
        "high": rounded(summary.interval.high) if summary.interval else None,
        "images": summary.images,
        "count": summary.count,
        "enough": summary.enough,
        "controls": {comparison.name: _comparison(comparison) for comparison in summary.controls},
    }


def _comparison(comparison: Comparison) -> Mapping[str, Any]:
    return {
        "first": rounded(comparison.first),
        "second": rounded(comparison.second),
        "images": comparison.images,
        "enough": comparison.enough,
        "difference": _interval(comparison.difference),
        "ratio": _interval(comparison.ratio),
    }


def _interval(interval: Interval | None) -> list[float] | None:
    return (
        [rounded(interval.value), rounded(interval.low), rounded(interval.high)]
        if interval
        else None
    )


def _text(value: Any) -> str:
    return json.dumps(value, sort_keys=True, ensure_ascii=False, allow_nan=False)


def _lines(rows: Iterable[str]) -> Iterator[str]:
    """An array with one row per line, piece by piece."""
    number = -1
    for number, row in enumerate(rows):
        yield f"{',' if number else '['}\n{row}"
    yield "[]" if number < 0 else "\n]"
