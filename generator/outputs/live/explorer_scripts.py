"""The scripts of one image's explorer, written only if what they are made of has changed.

In: a forward pass, and what an earlier build wrote. Out: files below `docs/attention/SLUG`, and
the `Explorer` that pages and the next build know of them.
"""

from __future__ import annotations

import contextlib
import math
from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from generator.files.write import write_if_different
from generator.inference.forward_pass import ForwardPass, QueriesAndKeys
from generator.measures.mechanisms import ATTENTIONS
from generator.measures.target_boxes import query_boxes
from generator.outputs.live.explorer_place import ExplorerPlace
from generator.outputs.live.scripts import POINTS, index_script, layer_script, points_script
from generator.outputs.live.shipped_layer import shipped
from generator.outputs.live.shipped_points import first_level, shipped_points
from generator.pages.explorer import Explorer, ShippedScript


def write_explorer(
    forward: ForwardPass, forward_key: str, place: ExplorerPlace, before: Explorer | None
) -> Explorer | None:
    """Writes the scripts of a forward pass, unless they are there already.

    Scripts that are not wanted (any more) are removed.

    Args:
        forward_key: names the forward pass.
        before: what an earlier call returned.

    Returns:
        None if none are wanted.
    """
    if not place.is_current(before, forward_key):
        before = None if place.layers == "none" else _written(forward, forward_key, place)
    kept = {one.path for one in (before.index, *before.layers)} if before else set()
    for file in (place.docs / place.folder).glob("*.js"):
        if file.relative_to(place.docs).as_posix() not in kept:
            file.unlink()
    if before is None:
        with contextlib.suppress(OSError):  # it is not there, or not empty
            (place.docs / place.folder).rmdir()
    return before


def _written(forward: ForwardPass, forward_key: str, place: ExplorerPlace) -> Explorer:
    scripts, counts = [], {}
    for mechanism in ATTENTIONS:
        pair: QueriesAndKeys = getattr(forward, mechanism.name)
        if not len(pair):  # sampled attention has no maps
            continue
        counts[mechanism.name] = len(pair)
        for layer in _layers(len(pair), place):
            scripts.append(_write_layer(pair, mechanism.name, layer, place))
    start = cell_levels = 0  # the first level whose cells are shipped, and how many are
    for name, stack in POINTS.items():
        if (points := forward.points.get(stack)) is None:
            continue
        if stack == "encoder_self":
            start = first_level(points)
            cell_levels = len(points.levels_hw) - start
            if not cell_levels:
                continue
        counts[name] = len(points)
        for layer in _layers(len(points), place):
            scripts.append(_write_points(forward, name, layer, start, place))
    colours = _colours(place.colour_map)

    def make_index(name: str) -> bytes:
        return index_script(name, forward, scripts, counts, colours, start)

    path, file_bytes = _write(place, "index.js", make_index)
    return Explorer(
        depends_on=place.depends_on(forward_key),
        index=ShippedScript("", 0, path, file_bytes, 0.0),
        layers=tuple(scripts),
        layer_counts=counts,
        cell_levels=cell_levels,
    )


def _layers(count: int, place: ExplorerPlace) -> range:
    """The layers that are wanted of so many."""
    return range(0 if place.layers == "all" else count - 1, count)


def _write_layer(
    pair: QueriesAndKeys, mechanism: str, layer: int, place: ExplorerPlace
) -> ShippedScript:
    rest = None if pair.rest is None else pair.rest[layer]
    small = shipped(pair.q[layer], pair.k[layer], rest=rest)

    def make(name: str) -> bytes:
        return layer_script(name, small)

    path, file_bytes = _write(place, f"{mechanism}-{layer}.js", make)
    error = _rounded_up(small.largest_error)
    return ShippedScript(mechanism, layer, path, file_bytes, error)


def _write_points(
    forward: ForwardPass, name: str, layer: int, first_level: int, place: ExplorerPlace
) -> ShippedScript:
    points = forward.points[POINTS[name]]
    if name == "encoder_points":
        first = sum(h * w for h, w in points.levels_hw[:first_level])
        small = shipped_points(points, layer, first)
    else:
        small = shipped_points(points, layer, boxes_xyxy=query_boxes(forward))

    def make(name: str) -> bytes:
        return points_script(name, small)

    path, file_bytes = _write(place, f"{name}-{layer}.js", make)
    return ShippedScript(name, layer, path, file_bytes, _rounded_up(small.largest_error))


def _write(place: ExplorerPlace, file: str, make: Callable[[str], bytes]) -> tuple[str, int]:
    """Writes a script that bears its own path as its name; the path and its bytes."""
    path = f"{place.folder}/{file}"
    script = make(path)
    write_if_different(place.docs / path, script)
    return path, len(script)


def _rounded_up(error: float) -> float:
    """An error with two digits that count, and not smaller than it is."""
    if error == 0:
        return 0.0
    decimals = 1 - math.floor(math.log10(error))
    return math.ceil(error * 10.0**decimals) / 10.0**decimals


def _colours(colour_map: str) -> npt.NDArray[np.uint8]:
    """The colours of a map from its least to its greatest value, (256, 3)."""
    from matplotlib import colormaps

    return np.asarray(colormaps[colour_map](np.arange(256), bytes=True)[:, :3])
