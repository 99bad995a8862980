"""What `detect` shows on the terminal: tables of detections, shapes, points and measures.

In: a `TriedImage`. Out: text.
"""

from __future__ import annotations

from collections.abc import Iterator

from generator.analysis.detections import Detections
from generator.figures.words import share
from generator.measures.digits import in_digits
from generator.measures.last_layer import last_layer
from generator.outputs.tried.tried_image import TriedImage
from generator.pages.image_rows import detection_rows, point_rows


def text_of(tried: TriedImage) -> str:
    """All of it, with an empty line at its end."""
    shapes = tried.shapes
    (height, width), (input_height, input_width) = shapes.size_hw, shapes.input_hw
    rows, columns = shapes.grid_hw
    lines = [
        f"{tried.image}: {width} x {height} pixels, seen as {input_width} x {input_height}, "
        f"{columns} x {rows} = {shapes.tokens} cells",
        *_detections(tried.analysis.detections),
        "",
        *(f"{words}: {list(numbers)}" for words, numbers in shapes.printed),
        *_points(tried),
        *_measures(tried),
        "",
        *([f"Mind: {tried.card.notes}"] if tried.card.training is not None else []),
        f"Figures in {tried.folder}",
        *(f"Report: {path}" for path in tried.report.values()),
    ]
    return "\n".join(lines) + "\n"


def _detections(found: Detections) -> list[str]:
    """The detections in columns."""
    if not len(found):
        return [f"Nothing scores above {found.threshold:g}."]
    head = f"{'query':>5}  {'class':<14} {'score':>5}  box (left, top, right, bottom)"
    return [head] + [
        f"{row['query']:>5}  {row['label']:<14} {row['score']:>5}  {row['box']}"
        + "".join(f", also {one['label']} {one['score']}" for one in row["further"])
        for row in detection_rows(found)
    ]


def _points(tried: TriedImage) -> Iterator[str]:
    """Each point with its row and its column of the encoder's attention."""
    rows = point_rows(tried.analysis.points, tried.shapes)
    if not rows:
        return
    yield ""
    yield "Encoder self-attention at points: last layer, mean of the heads; cells are row, column"
    yield (
        f"{'point':>5}  {'pixel x, y':<11} {'cell':<7} {'its row: where it looks':<30} "
        "its column: who looks at it"
    )
    for row, (to, by) in zip(rows, tried.looks(), strict=True):
        looks_at = f"sum {to.total:.2f}, most {share(to.most)} at {to.most_at[0]}, {to.most_at[1]}"
        looked_at = (
            f"sum {by.total:.2f}, most {share(by.most)} from {by.most_at[0]}, {by.most_at[1]}"
        )
        cell = f"{row['row']}, {row['column']}"
        yield f"{row['number']:>5}  {row['pixel']:<11} {cell:<7} {looks_at:<30} {looked_at}"


def _measures(tried: TriedImage) -> Iterator[str]:
    """The measures of the last layer, with what they are to be compared with."""
    yield ""
    yield "Measures of this image: last layer, mean of the heads; in brackets, its controls"
    for mechanism, measurements in last_layer(tried.measurements):
        yield f"  {mechanism.title}"
        for one in measurements:
            value = in_digits(one.value)
            controls = ", ".join(f"{name} {in_digits(number)}" for name, number in one.controls)
            yield f"    {one.measure:<32} {value:>7}{f'  ({controls})' if controls else ''}"
