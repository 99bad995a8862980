"""One picture that several models looked at: which answers are of one object.

In: the `ImageResult`s of images that share a `Comparison`. Out: a `ComparedPicture` for each
comparison, with the maps of several models side by side.

Answers of two models are taken for one object if their boxes overlap by an IoU of at least 0.5, the
best overlap first. Classes do not matter: two models may have different ones.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from generator.analysis.boxes import Boxes, box_iou
from generator.analysis.detections import rounded_down
from generator.figures.figure_file import FigureFile, TileFile
from generator.pages.contents import ImageResult

SAME_OBJECT_IOU = 0.5
"""The least overlap of two boxes that are taken for one object."""


@dataclass(frozen=True)
class Answer:
    """What one model says of an object.

    Attributes:
        query: of the model's own.
        score: rounded down, three decimals.
    """

    query: int
    label: str
    score: str


@dataclass(frozen=True)
class ComparedObject:
    """One object, and what each model says of it.

    Attributes:
        answers: one for each model; None for one that found nothing there.
        maps: where the models' queries look, each map above its box, side by side; None if fewer
            than two were drawn.
    """

    answers: tuple[Answer | None, ...]
    maps: FigureFile | None

    @property
    def label(self) -> str:
        """What the first model that found it calls it."""
        return next(one.label for one in self.answers if one is not None)


@dataclass(frozen=True)
class ComparedPicture:
    """A picture that several models ran over.

    Attributes:
        slug, title: of the page that compares them.
        results: one for each model that was built, at least two.
        objects: those of the first model, best score first, then what only others found.
        found: the boxes of all models, side by side; None if they were not drawn in tiles.
        points: where cells at the same reference points look, side by side; empty unless the author
            chose the points.
    """

    slug: str
    title: str
    results: tuple[ImageResult, ...]
    objects: tuple[ComparedObject, ...]
    found: FigureFile | None
    points: tuple[FigureFile, ...]

    @property
    def models(self) -> tuple[str, ...]:
        """The models, in the order of the results."""
        return tuple(one.entry.model for one in self.results)

    @property
    def found_by_all(self) -> int:
        """How many objects every model found."""
        return sum(all(one.answers) for one in self.objects)


def compared_pictures(
    results: Iterable[ImageResult], titles: Mapping[str, str]
) -> tuple[ComparedPicture, ...]:
    """The comparisons of which two models were built or more, in the gallery's order.

    Args:
        titles: of models, by name.
    """
    groups: dict[str, list[ImageResult]] = {}
    for result in results:
        if result.entry.comparison is not None:
            groups.setdefault(result.entry.comparison.slug, []).append(result)
    return tuple(_compared(group, titles) for group in groups.values() if len(group) > 1)


def gallery_pages(results: Iterable[ImageResult]) -> list[str]:
    """The files of images in `docs`, in the gallery's order, each comparison before its images."""
    return list(captions_of(results))


def captions_of(results: Iterable[ImageResult]) -> dict[str, str]:
    """The captions by the files of `gallery_pages`, in the same order."""
    results = tuple(results)
    compared = {one.slug for one in compared_pictures(results, {})}
    captions: dict[str, str] = {}
    for result in results:
        whole = result.entry.comparison
        if whole is not None and whole.slug in compared:
            captions.setdefault(f"gallery/{whole.slug}.md", result.entry.caption)
        captions[f"gallery/{result.entry.slug}.md"] = result.entry.caption
    return captions


def _compared(results: Sequence[ImageResult], titles: Mapping[str, str]) -> ComparedPicture:
    whole = results[0].entry.comparison
    assert whole is not None
    named = [titles.get(one.entry.model, one.entry.model) for one in results]
    objects = tuple(
        _object(results, named, indices)
        for indices in same_objects([one.detections.boxes_xyxy for one in results])
    )
    drawn = [next(iter(_tiles(one, "detections", 1)), None) for one in results]
    found = _side_by_side([one and replace(one, is_large=False) for one in drawn], named)
    points = _points(results, named)
    return ComparedPicture(whole.slug, whole.title, tuple(results), objects, found, points)


def same_objects(boxes_xyxy: Sequence[Boxes]) -> list[tuple[int | None, ...]]:
    """Which boxes of several models are of one object.

    Args:
        boxes_xyxy: (n, 4) for each model, in one unit.

    Returns:
        For each object the index of each model's box, or None. Each box is in one object.
    """
    objects: list[list[int | None]] = []
    first: list[Boxes] = []  # the box of each object that was found first
    for model, boxes in enumerate(boxes_xyxy):
        object_of = _paired(np.array(first).reshape(-1, 4), boxes)
        for one in objects:
            one.append(None)
        for box in range(len(boxes)):
            if box in object_of:
                objects[object_of[box]][model] = box
            else:
                objects.append([*[None] * model, box])
                first.append(boxes[box])
    return [tuple(one) for one in objects]


def _paired(first_xyxy: Boxes, boxes_xyxy: Boxes) -> dict[int, int]:
    """By box the object that it is of; the best overlap is given first, and each only once."""
    iou = box_iou(first_xyxy, boxes_xyxy)
    object_of: dict[int, int] = {}
    for place in np.argsort(-iou, axis=None, kind="stable").tolist():
        one, box = divmod(place, len(boxes_xyxy))
        if iou[one, box] < SAME_OBJECT_IOU:
            break
        if box not in object_of and one not in object_of.values():
            object_of[box] = one
    return object_of


def _object(
    results: Sequence[ImageResult], named: Sequence[str], indices: Sequence[int | None]
) -> ComparedObject:
    answers, maps = [], []
    for result, index in zip(results, indices, strict=True):
        tiles = _tiles(result, "decoder", len(result.detections))
        answers.append(None if index is None else _answer(result, index))
        maps.append(None if index is None or not tiles else tiles[index])
    return ComparedObject(tuple(answers), _side_by_side(maps, named, _scale(results, "decoder")))


def _points(results: Sequence[ImageResult], named: Sequence[str]) -> tuple[FigureFile, ...]:
    """Where the same points look; empty if models were asked about different ones."""
    if len({one.points for one in results}) > 1:
        return ()
    # The first tile of each figure is the picture itself.
    rows = [_tiles(one, "encoder_row", len(one.points) + 1) for one in results]
    columns = [
        [replace(row[number], title="") if row else None for row in rows]
        for number in range(1, len(results[0].points) + 1)
    ]
    scale = _scale(results, "encoder_row")
    figures = (_side_by_side(column, named, scale) for column in columns)
    return tuple(one for one in figures if one is not None)


def _answer(result: ImageResult, index: int) -> Answer:
    found = result.detections
    score = f"{rounded_down(float(found.scores[index])):.3f}"
    return Answer(int(found.queries[index]), found.labels[index], score)


def _tiles(result: ImageResult, name: str, number: int) -> tuple[TileFile, ...]:
    """The tiles of a figure; none if it has not so many, since then they show something else."""
    figure = result.figures.get(name)
    return figure.tiles if figure is not None and len(figure.tiles) == number else ()


def _scale(results: Sequence[ImageResult], name: str) -> tuple[str, ...]:
    """The colours of a figure's maps, which all images share."""
    return next((one.figures[name].scale for one in results if name in one.figures), ())


def _side_by_side(
    tiles: Sequence[TileFile | None], named: Sequence[str], scale: tuple[str, ...] = ()
) -> FigureFile | None:
    """Tiles of several models as one figure, each with the name of its model.

    Args:
        scale: the colours of maps, as in `FigureFile`.
    """
    shown = tuple(
        replace(tile, title=name, text=" ".join(filter(None, (tile.title, tile.text))))
        for tile, name in zip(tiles, named, strict=True)
        if tile
    )
    if len(shown) < 2:
        return None
    alt = " ".join(f"{one.title}: {one.alt}" for one in shown)
    return FigureFile(shown[0].path, alt, shown[0].size_wh, shown, scale=scale, columns=len(shown))
