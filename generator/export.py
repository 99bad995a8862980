"""Writes chosen attention maps of a gallery's image as `.npy`, `.csv` and PNG files.

In: an image's slug and what was asked for on the command line. Out: three files a map, and a line
about each. The forward pass comes from the cache; if it is not there, the model runs once. Layers,
heads and points are counted from 1, as on the pages; queries have their ids, from 0.
"""

from __future__ import annotations

import io
import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from generator.analysis.attention import AttentionMaps
from generator.analysis.cells import cell_of_point
from generator.analysis.entry_analysis import EntryAnalysis, analyse
from generator.analysis.grid import Grid, Point
from generator.errors import UsageError
from generator.figures.tiles import map_picture, square_picture
from generator.figures.words import enumerated, layer_and_head, share
from generator.files.folders import CacheFolder
from generator.files.images import load_image
from generator.files.owned_folder import held_output
from generator.files.write import write_if_different
from generator.inference.cache import load_or_remove
from generator.inference.forward_pass import FloatArray
from generator.inference.hub import with_hub_models
from generator.inference.runner import Runner
from generator.project.config import SiteConfig
from generator.project.gallery import GalleryImage, load_project
from generator.project.points import TypedPoint
from generator.project.suggest import did_you_mean

KINDS = {
    "decoder_cross": "query",
    "decoder_self": "query",
    "encoder_row": "point",
    "encoder_column": "point",
}
"""What can be exported, and what each map of it belongs to."""
ALL, MEAN = "all", "mean"


@dataclass(frozen=True)
class Request:
    """What was asked for; words as they were typed, empty for the default.

    Attributes:
        kind: one of `KINDS`.
        layers: numbers from 1, or "all"; by default the last.
        heads: numbers from 1, "mean" or "all"; by default the mean.
        queries: ids, or "all"; by default those that were kept.
        points: numbers of the image's own points, or "x,y" as `TypedPoint` reads it; by default all
            of its own.
    """

    kind: str
    layers: tuple[str, ...] = ()
    heads: tuple[str, ...] = ()
    queries: tuple[str, ...] = ()
    points: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class ExportedMap:
    """One map.

    Attributes:
        name: of its files, without a suffix.
        words: which one it is.
        weights: (h, w) of the grid, or (1, queries) for `decoder_self`.
        is_of_cells: whether it is over the grid.
    """

    name: str
    words: str
    weights: FloatArray
    is_of_cells: bool

    def __str__(self) -> str:
        row, column = divmod(int(self.weights.argmax()), self.weights.shape[1])
        where = f"row {row}, column {column}" if self.is_of_cells else f"query {column}"
        return (
            f"{self.name}: {self.words}; sum {self.weights.sum():.4g}, "
            f"maximum {share(float(self.weights.max()))} at {where}"
        )


def export(
    config: Path, slug: str, request: Request, output: Path, *, offline: bool, wait: bool = False
) -> str:
    """Writes the maps, and returns what is to be said of them.

    Args:
        config: of the project whose gallery has the image.
        output: gets a folder named after the slug.
        offline: download nothing.
        wait: for another command that writes to the folder.

    Raises:
        UsageError: there is no such image, kind, layer, head, query or point, or the folder may
            not be written to.
        BusyError: another command writes to the folder.
        ConfigurationError, UnavailableError, ImageError, WeightsError: as in a build.
    """
    _check_kind(request)
    site, gallery = load_project(config)
    entry = _entry_of(gallery, slug)
    site = with_hub_models(site, [entry.model], offline=offline)
    one = _analysis(site, entry, offline=offline)
    maps = list(exported_maps(one, request))
    folder = output / slug
    with held_output(output, site.root, "`export`", wait=wait):
        for exported in maps:
            for suffix, content in _files(exported, one, site.figures.colour_map).items():
                write_if_different(folder / f"{exported.name}{suffix}", content)
    rows, columns = one.forward.grid_hw
    lines = [
        f"{slug}: {columns} x {rows} cells, {one.forward.model}",
        *map(str, maps),
        f"Each as .npy, .csv and .png in {folder}",
    ]
    return "\n".join(lines)


def exported_maps(one: EntryAnalysis, request: Request) -> Iterator[ExportedMap]:
    """The maps that were asked for, layer by layer and head by head.

    Raises:
        UsageError: there is no such layer, head, query or point.
    """
    pair = one.forward.decoder_cross if _is_of_query(request.kind) else one.forward.encoder_self
    layers, heads = pair.q.shape[:2]
    chosen = itertools.product(
        _numbers("layer", request.layers or (str(layers),), layers),
        _heads(request.heads, heads),
        _targets(one, request),
    )
    for layer, head, (target, words) in chosen:
        of_head = MEAN if head is None else f"head{head + 1}"
        yield ExportedMap(
            f"{request.kind}-layer{layer}-{of_head}-{words.split(' (')[0].replace(' ', '')}",
            f"{layer_and_head(layer - 1, layers, head, heads)}, {words}",
            _weights(one, request.kind, layer - 1, head, target),
            request.kind != "decoder_self",
        )


def _check_kind(request: Request) -> None:
    if request.kind not in KINDS:
        offer = did_you_mean(request.kind, KINDS) or f"; there are {', '.join(KINDS)}"
        raise UsageError(f"--kind: there is no {request.kind}{offer}")
    wrong = "points" if _is_of_query(request.kind) else "queries"
    if getattr(request, wrong):
        option, right = {"points": "--point", "queries": "--query"}[wrong], KINDS[request.kind]
        raise UsageError(f"{option}: a map of {request.kind} belongs to a {right}; use --{right}")


def _is_of_query(kind: str) -> bool:
    return KINDS[kind] == "query"


def _entry_of(gallery: Sequence[GalleryImage], slug: str) -> GalleryImage:
    by_slug = {entry.slug: entry for entry in gallery}
    if slug not in by_slug:
        offer = did_you_mean(slug, by_slug) or f"; there are {enumerated(list(by_slug))}"
        raise UsageError(f"there is no image `{slug}` in the gallery{offer}")
    return by_slug[slug]


def _analysis(site: SiteConfig, entry: GalleryImage, *, offline: bool) -> EntryAnalysis:
    """The image's forward pass and what it says; the model runs if it never did."""
    cache = CacheFolder.of(site.root)
    runner = Runner(site, cache.forward_passes, cache.downloads, offline=offline)
    located = runner.locate(entry)
    if not runner.is_cached(located):
        runner.run(located)
    pixels = load_image(located.image, max_pixels=site.max_pixels)
    return analyse(pixels, load_or_remove(located.forward_pass), entry.threshold, entry.points)


def _numbers(option: str, given: Sequence[str], most: int, first: int = 1) -> list[int]:
    """Numbers from `first`, as many as there are; in the order given, each once."""
    if ALL in given:
        return list(range(first, first + most))
    return list(dict.fromkeys(_number(option, word, first, first + most - 1) for word in given))


def _number(option: str, word: str, first: int, last: int, others: str = ALL) -> int:
    try:
        number = int(word)
    except ValueError:
        raise UsageError(
            f"--{option}: expected a number from {first} to {last}, or {others}, found {word}"
        ) from None
    if not first <= number <= last:
        nearest = min(max(number, first), last)
        raise UsageError(
            f"--{option}: there is no {option} {number}; they go from {first} to {last}, and "
            f"{nearest} is the nearest"
        )
    return number


def _heads(given: Sequence[str], heads: int) -> list[int | None]:
    """Heads from 0, None for their mean."""
    chosen: list[int | None] = []
    for word in given or (MEAN,):
        if word == MEAN:
            chosen.append(None)
        elif word == ALL:
            chosen += range(heads)
        else:
            chosen.append(_number("head", word, 1, heads, f"{MEAN}, or {ALL}") - 1)
    return list(dict.fromkeys(chosen))


def _targets(one: EntryAnalysis, request: Request) -> list[tuple[int | Point, str]]:
    """Queries by id, or points as fractions, each with its name."""
    if not _is_of_query(request.kind):
        return _points(one, request.points)
    found = one.detections
    labels = dict(zip(found.queries.tolist(), found.labels, strict=True))
    queries = list(labels)
    if request.queries:
        queries = _numbers("query", request.queries, one.forward.logits.shape[1], first=0)
    if not queries:
        raise UsageError(
            f"--query: no query of this image scores above {found.threshold:g}; name one, from 0 "
            f"to {one.forward.logits.shape[1] - 1}"
        )
    return [(query, f"query {query} ({labels.get(query, 'not kept')})") for query in queries]


def _points(one: EntryAnalysis, given: Sequence[str]) -> list[tuple[int | Point, str]]:
    """Points by number, or from fractions that were typed."""
    own = one.points
    if not (given or own):
        raise UsageError("--point: this image has no points of its own; name one as x,y")
    chosen: list[tuple[int | Point, str]] = []
    for word in given or [str(number) for number in range(1, len(own) + 1)]:
        if "," in word:
            x, y = TypedPoint.read(word, "--point").fractions(one.forward.size_hw)
            chosen.append(((x, y), f"point {word.replace(' ', '')}"))
        else:
            others = f"{ALL}, or x,y"
            numbers = (
                range(1, len(own) + 1)
                if word == ALL
                else [_number("point", word, 1, len(own), others)]
            )
            chosen += [(own[number - 1], f"point {number}") for number in numbers]
    return list(dict.fromkeys(chosen))


def _weights(
    one: EntryAnalysis, kind: str, layer: int, head: int | None, target: int | Point
) -> FloatArray:
    maps: AttentionMaps = one.maps
    if isinstance(target, int):
        if kind == "decoder_self":
            return np.asarray(maps.decoder_self(layer, head)[target : target + 1])
        return np.asarray(maps.decoder_cross(layer, head)[target])
    cell = cell_of_point(target, Grid.of(one.forward))
    of_cell = maps.encoder_row if kind == "encoder_row" else maps.encoder_column
    return of_cell(cell, layer, head)


def _files(exported: ExportedMap, one: EntryAnalysis, colour_map: str) -> dict[str, bytes]:
    """The bytes of each file by its suffix. Nine digits are a float32, exactly."""
    array, table, image = io.BytesIO(), io.StringIO(), io.BytesIO()
    np.save(array, np.ascontiguousarray(exported.weights))
    np.savetxt(table, exported.weights, fmt="%.9g", delimiter=",")
    if exported.is_of_cells:
        grid = Grid.of(one.forward)
        pixels = map_picture(exported.weights, grid, one.forward.size_hw, colour_map)
    else:
        pixels = square_picture(exported.weights, colour_map)
    Image.fromarray(pixels).save(image, "PNG", optimize=True)
    return {".npy": array.getvalue(), ".csv": table.getvalue().encode(), ".png": image.getvalue()}
