"""The scripts of one image's explorer, written only if what they are made of has changed.

In: a forward pass, and what an earlier build wrote. Out: files below `docs/attention/SLUG`, and
the `Explorer` that pages and the next build know of them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from generator.files.fingerprint import fingerprint
from generator.files.write import size_of, write_if_different
from generator.inference.forward_pass import ForwardPass, QueriesAndKeys
from generator.measures.digits import rounded_up
from generator.measures.mechanisms import ATTENTIONS
from generator.outputs.live.scripts import index_script, layer_script
from generator.outputs.live.shipped_layer import largest_error, shipped
from generator.pages.explorer import Explorer, ShippedScript
from generator.project.config import ExplorerLayers

_BORDER = (
    "generator.detr", "generator.errors", "generator.inference", "generator.pages",
    "generator.project",
)  # fmt: skip
"""What is not followed: names and records; what a forward pass depends on is in its key."""


@dataclass(frozen=True)
class ExplorerPlace:
    """Where the scripts of an image go, and which are wanted.

    Attributes:
        docs: the site's source.
        folder: below it, with forward slashes.
        layers: of each attention; "none" writes nothing.
        colour_map: of the figures.
    """

    docs: Path
    folder: str
    layers: ExplorerLayers
    colour_map: str

    def depends_on(self, forward_key: str) -> str:
        """Names all that the scripts are made of, the code included."""
        values = {
            "forward": forward_key,
            "layers": self.layers,
            "folder": self.folder,
            "colour_map": self.colour_map,
        }
        return fingerprint(__name__, border=_BORDER, values=values)

    def is_current(self, explorer: Explorer | None, forward_key: str) -> bool:
        """Whether what an earlier build wrote is what this one would write."""
        if explorer is None or self.layers == "none":
            return explorer is None and self.layers == "none"
        is_whole = all(
            size_of(self.docs / one.path) == one.file_bytes
            for one in (explorer.index, *explorer.layers)
        )
        return is_whole and explorer.depends_on == self.depends_on(forward_key)


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
    return before


def _written(forward: ForwardPass, forward_key: str, place: ExplorerPlace) -> Explorer:
    scripts, counts = [], {}
    for mechanism in ATTENTIONS:
        pair: QueriesAndKeys = getattr(forward, mechanism.name)
        counts[mechanism.name] = len(pair.q)
        for layer in range(len(pair.q)):
            if place.layers == "all" or layer == len(pair.q) - 1:
                scripts.append(_write_layer(pair, mechanism.name, layer, place))
    colours = _colours(place.colour_map)

    def make_index(name: str) -> bytes:
        return index_script(name, forward, scripts, counts, colours)

    path, file_bytes = _write(place, "index.js", make_index)
    return Explorer(
        depends_on=place.depends_on(forward_key),
        index=ShippedScript("", 0, path, file_bytes, 0.0),
        layers=tuple(scripts),
        layer_counts=counts,
    )


def _write_layer(
    pair: QueriesAndKeys, mechanism: str, layer: int, place: ExplorerPlace
) -> ShippedScript:
    q, k = pair.q[layer], pair.k[layer]
    small = shipped(q, k)

    def make(name: str) -> bytes:
        return layer_script(name, small)

    path, file_bytes = _write(place, f"{mechanism}-{layer}.js", make)
    error = rounded_up(largest_error(small, q, k))
    return ShippedScript(mechanism, layer, path, file_bytes, error)


def _write(place: ExplorerPlace, file: str, make: Callable[[str], bytes]) -> tuple[str, int]:
    """Writes a script that bears its own path as its name; the path and its bytes."""
    path = f"{place.folder}/{file}"
    script = make(path)
    write_if_different(place.docs / path, script)
    return path, len(script)


def _colours(colour_map: str) -> npt.NDArray[np.uint8]:
    """The colours of a map from its least to its greatest value, (256, 3)."""
    from matplotlib import colormaps

    return np.asarray(colormaps[colour_map](np.arange(256), bytes=True)[:, :3])
