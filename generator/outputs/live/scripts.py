"""The bytes of the explorer's scripts.

In: a `ShippedLayer`, `ShippedPoints`, or a forward pass and where its layers lie. Out: JavaScript,
the same bytes for the same values. Each script is one call of `Live.shipped.receive` with JSON;
arrays in it are base64 of their bytes, row by row, the lowest byte first.
`templates/assets/live/shipped.js` reads them.
"""

from __future__ import annotations

import base64
import json
import sys
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.special import expit, softmax

from generator.analysis.grid import Grid
from generator.figures.colours import point_colours
from generator.inference.forward_pass import ForwardPass
from generator.outputs.live.shipped_layer import ShippedLayer
from generator.outputs.live.shipped_points import LEAST, MOST, PLACE_ERROR, ShippedPoints
from generator.pages.explorer import ShippedScript

POINTS = {"encoder_points": "encoder_self", "decoder_points": "decoder_cross"}
"""The names of sampled attentions, and the attention that each stands for."""
_CALL = "Live.shipped.receive({});\n"


def layer_script(name: str, layer: ShippedLayer) -> bytes:
    """The script of one layer.

    Args:
        name: under which the page asks for it.
    """
    pair = layer.pair
    (queries, heads, width), keys = pair.q.shape, len(pair.k)
    value: dict[str, Any] = {
        "name": name,
        "heads": heads,
        "queryCount": queries,
        "keyCount": keys,
        "headWidth": width,
        "precision": pair.precision,
        "q": _base64(pair.q),
        "k": _base64(pair.k),
        "keyBias": _base64(pair.key_bias),
        "logSumExp": _base64(layer.log_sum_exp),
        "peak": _base64(layer.peak),
        "received": _base64(layer.received),
    }
    if layer.rest is not None:
        value["rest"] = _base64(layer.rest)
    if pair.q_scale is not None and pair.k_scale is not None:
        value |= {"qScale": _base64(pair.q_scale), "kScale": _base64(pair.k_scale)}
    return _script(value)


def points_script(name: str, points: ShippedPoints) -> bytes:
    """The script of one layer of sampled attention.

    Args:
        name: under which the page asks for it.
    """
    queries, heads, levels, each = points.weights.shape
    value: dict[str, Any] = {
        "name": name,
        "heads": heads,
        "queryCount": queries,
        "levels": levels,
        "each": each,
        "least": LEAST,
        "most": MOST,
        "places": _base64(points.places),
        "weights": _base64(points.weights),
        "references": _base64(points.references),
    }
    if points.inside is not None:
        value["inside"] = _base64(np.packbits(points.inside, bitorder="little"))
    return _script(value)


def index_script(
    name: str,
    forward: ForwardPass,
    layers: Sequence[ShippedScript],
    layer_counts: Mapping[str, int],
    colours: npt.NDArray[np.uint8],
    first_level: int = 0,
) -> bytes:
    """The script that a page begins with: the grid, what was predicted, and which layers there are.

    Args:
        name: under which the page asks for it.
        layers: those that are shipped.
        layer_counts: how many there are, by mechanism.
        colours: (256, 3) from the least to the greatest weight.
        first_level: of an encoder that samples, the first one whose cells are shipped.
    """
    grid = Grid.of(forward)
    logits = forward.logits.astype(np.float64)
    has_no_object = forward.score == "softmax"  # (layers, queries, C + 1), else C
    probabilities = softmax(logits, axis=-1) if has_no_object else expit(logits)
    best = probabilities[..., :-1] if has_no_object else probabilities
    value = {
        "name": name,
        "grid": {"height": grid.hw[0], "width": grid.hw[1]},
        "stride": forward.stride,
        "inputSize": _size(forward.input_hw),
        "pictureSize": _size(forward.size_hw),
        "edgesX": grid.edges_x.tolist(),
        "edgesY": grid.edges_y.tolist(),
        "classNames": forward.category_names,
        "layerCounts": layer_counts,
        "queryCount": forward.logits.shape[1],
        "headCounts": {
            name: forward.points[POINTS[name]].heads
            if name in POINTS
            else getattr(forward, name).heads
            for name, layers in layer_counts.items()
            if layers
        },
        "classes": _base64(best.argmax(axis=-1).astype(np.uint16)),
        "scores": _base64(best.max(axis=-1)),
        "noObject": _base64(probabilities[..., -1]) if has_no_object else None,
        "boxes": _base64(forward.boxes_cxcywh.astype(np.float32)),
        "colours": _base64(colours),
        "sampled": _sampled(forward, first_level),
        "layers": [
            {
                "mechanism": one.mechanism,
                "layer": one.layer,
                "file": one.path.rpartition("/")[2],
                "bytes": one.file_bytes,
                "largestError": one.largest_error,
            }
            for one in layers
        ],
    }
    return _script(value)


def _sampled(forward: ForwardPass, first_level: int) -> dict[str, Any] | None:
    """The levels that points lie in, and the colours of heads, as in the figures."""
    if not forward.points:
        return None
    most = max(points.heads for points in forward.points.values())
    levels = next(iter(forward.points.values())).levels_hw
    return {
        "levels": [_size(hw) for hw in levels],
        "firstLevel": first_level,
        "colours": point_colours(most),
        "placeError": PLACE_ERROR,
    }


def _size(size_hw: tuple[int, int]) -> dict[str, int]:
    return {"height": size_hw[0], "width": size_hw[1]}


def _script(value: Mapping[str, Any]) -> bytes:
    text = json.dumps(value, ensure_ascii=True, separators=(",", ":"), allow_nan=False)
    return _CALL.format(text).encode()


def _base64(values: npt.NDArray[Any]) -> str:
    order = values.astype(values.dtype.newbyteorder("<")) if sys.byteorder == "big" else values
    return base64.b64encode(np.ascontiguousarray(order).tobytes()).decode()
