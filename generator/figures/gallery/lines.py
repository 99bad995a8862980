"""A number by layer: the mean with its interval, single heads, and controls.

In: `Summary` records and axes. Out: lines on the axes, or words for alt texts.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from generator.figures.colours import query_colours
from generator.figures.style import GREY
from generator.measures.digits import in_digits
from generator.measures.mechanisms import (
    CEILING,
    RANDOM_CELLS_CONTROL,
    SHUFFLED,
    UNIFORM,
    UNMATCHED,
)
from generator.measures.summary import ENOUGH_IMAGES, Summary

BLUE = query_colours(range(5))[0]
_RED, _PURPLE = (query_colours(range(5))[number] for number in (2, 4))

TOO_FEW = f"Fewer than {ENOUGH_IMAGES} images: no interval, and not enough to tell."

_MEAN: Mapping[str, Any] = {"color": BLUE, "linewidth": 1.6, "marker": "o", "markersize": 4}
_HEAD: Mapping[str, Any] = {"color": BLUE, "linewidth": 0.7, "alpha": 0.6}
_CONTROLS: Mapping[str, Mapping[str, Any]] = {
    UNIFORM.name: {"color": GREY, "linewidth": 1.0, "linestyle": (0, (5, 3))},
    SHUFFLED.name: {"color": _RED, "linewidth": 1.0, "marker": "x", "markersize": 4,
                    "linestyle": (0, (6, 2, 1, 2))},
    # Hollow and large, so that they can be seen where they lie on the mean's dots.
    UNMATCHED.name: {"color": _PURPLE, "linewidth": 1.0, "marker": "^", "markersize": 8,
                     "markerfacecolor": "none", "linestyle": (0, (1, 1.5)), "zorder": 4},
    RANDOM_CELLS_CONTROL.name: {"color": GREY, "linewidth": 1.0, "linestyle": (0, (5, 3)),
                                "marker": "_", "markersize": 8},
    CEILING.name: {"color": GREY, "linewidth": 1.4, "linestyle": "solid"},
}  # fmt: skip


def models_of(summaries: Iterable[Summary]) -> tuple[str, ...]:
    """The models with measurements, in the order of the summaries."""
    return tuple(dict.fromkeys(one.key.model for one in summaries))


def by_layer(
    summaries: Iterable[Summary],
    model: str,
    measure: str,
    mechanism: str,
    head: int | None = None,
) -> list[Summary]:
    """One number's summaries, from the first layer to the last."""
    wanted = (model, measure, mechanism, head)
    found = [
        one
        for one in summaries
        if (one.key.model, one.key.measure, one.key.mechanism, one.key.head) == wanted
    ]
    return sorted(found, key=lambda one: one.key.layer)


def heads_of(
    summaries: Iterable[Summary], model: str, measure: str, mechanism: str
) -> tuple[int, ...]:
    """The single heads that have the number."""
    heads = {
        one.key.head
        for one in summaries
        if (one.key.model, one.key.measure, one.key.mechanism) == (model, measure, mechanism)
    }
    return tuple(sorted(head for head in heads if head is not None))


def draw_mean(axes: Axes, curve: Sequence[Summary]) -> None:
    """Draws the mean over the images, and a band for its interval if there is one."""
    layers = [one.key.layer + 1 for one in curve]
    fill = BLUE if all(one.enough for one in curve) else "white"
    axes.plot(
        layers,
        [one.value for one in curve],
        **_MEAN,
        markerfacecolor=fill,
        gid="mean",
        zorder=3,
    )
    with_interval = [
        (layer, one.interval) for layer, one in zip(layers, curve, strict=True) if one.interval
    ]
    if with_interval:
        at = [layer for layer, _ in with_interval]
        low, high = ([getattr(i, end) for _, i in with_interval] for end in ("low", "high"))
        axes.fill_between(at, low, high, color=BLUE, alpha=0.2, linewidth=0, gid="interval")
        axes.vlines(at, low, high, color=BLUE, linewidth=0.8, gid="interval", zorder=2)


def draw_heads(axes: Axes, heads: Iterable[Sequence[Summary]]) -> None:
    """Draws each head as a thin line."""
    for curve in heads:
        layers = [one.key.layer + 1 for one in curve]
        marker = "." if len(curve) == 1 else None
        axes.plot(layers, [one.value for one in curve], **_HEAD, marker=marker, gid="head")


def draw_control(axes: Axes, curve: Sequence[Summary], name: str) -> None:
    """Draws a control, over the images that have it."""
    points = [(one.key.layer + 1, c.second) for one in curve if (c := one.control(name))]
    if not points:
        return
    style = dict(_CONTROLS[name])
    if len(points) == 1 and "marker" not in style:
        style |= {"marker": "_", "markersize": 14}
    axes.plot(*np.array(points).T, **style, gid=name)


def key_of(*names: str, labels: Mapping[str, str]) -> list[Line2D]:
    """The lines of the key: "mean", "head" and controls, in words."""
    styles = {"mean": _MEAN, "head": _HEAD, **_CONTROLS}
    return [Line2D([], [], **styles[name], label=labels[name]) for name in names]


def is_enough(summaries: Iterable[Summary]) -> bool:
    """Whether all of them have enough images."""
    return all(one.enough for one in summaries)


def images_in_words(curve: Sequence[Summary]) -> str:
    """The number of images of a line: "10 images"."""
    most = max(one.images for one in curve)
    return "1 image" if most == 1 else f"{most:,} images"


def values_in_words(curve: Sequence[Summary]) -> str:
    """The means from the first layer to the last, with images and an interval.

    For example "2.46, 13.6, 140 in layers 1 to 3 (10 images; 95 % interval of the last 132
    to 149)".
    """
    numbers = ", ".join(in_digits(one.value) for one in curve)
    text = f"{numbers} in {layers_in_words(curve)} ({images_in_words(curve)}"
    interval = curve[-1].interval
    if interval is None:
        return f"{text}; not enough to tell)"
    last = "" if len(curve) == 1 else " of the last"
    low, high = (in_digits(end, like=interval.value) for end in (interval.low, interval.high))
    return f"{text}; 95 % interval{last} {low} to {high})"


def controls_in_words(curve: Sequence[Summary], names: Mapping[str, str]) -> str:
    """Each control's values by layer, like "; shuffled 0.273, 1.17"; equal values once."""
    parts = []
    for name, words in names.items():
        values = [c.second for one in curve if (c := one.control(name))]
        if values:
            numbers = list(map(in_digits, values))
            alike = len(set(numbers)) == 1
            parts.append(f"; {words} {', '.join(numbers[:1] if alike else numbers)}")
    return "".join(parts)


def capitalised(sentence: str) -> str:
    """The sentence with a capital at the start; the other letters stay."""
    return sentence[:1].upper() + sentence[1:]


def layers_in_words(curve: Sequence[Summary]) -> str:
    """For example "layers 1 to 6", or "layer 1"."""
    first, last = curve[0].key.layer + 1, curve[-1].key.layer + 1
    return f"layer {first}" if first == last else f"layers {first} to {last}"
