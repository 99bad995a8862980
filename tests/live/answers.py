"""`python -m tests.live.answers [NAME ...]`: what the experiments' answers are about, in numbers.

In: names of experiments; without one, all. Out: tables. Whoever changes the model or a scene reads
them, then writes the answers of `content/lab` and the tests of `test_experiments.py` anew.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

import click
import numpy as np

from generator.project.experiments import PreparedScene, label_of
from tests.live.lab import SPRITES, Look, everywhere, experiments, look, moved
from tests.live.test_experiments import cells_of, rings

HEADS = 4


def scene(name: str) -> PreparedScene:
    """The scene of an experiment."""
    return experiments()[name].scene


def curve(name: str, number: int, key: str, values: Iterable[float], *followed: int) -> None:
    """Moves or scales one thing; each line is about what answers for the things followed."""
    for value in values:
        one = look(moved(scene(name), number, **{key: float(value)}))
        told = [_told(one, thing) for thing in followed]
        click.echo(f"{key} {value:.2f}  {' | '.join(told)}  boxes {len(one.kept())}")


def _told(one: Look, thing: int) -> str:
    query, label, score, overlap = one.answer(thing)
    found, true = one.boxes[-1, query], one.composed.boxes_xyxy[thing - 1]
    seen = one.composed.visible[thing - 1]
    return (
        f"seen {seen:.2f} query {query} {label} {score:.3f} IoU {overlap:.2f} "
        f"left {found[0] - true[0]:+.0f} right {found[2] - true[2]:+.0f}"
    )


def occlusion() -> None:
    """The tree in front of the elephant."""
    curve("occlusion", 2, "x", np.linspace(0.12, 0.6, 25), 1)


def twins() -> None:
    """One zebra in front of the other."""
    curve("twins", 2, "x", np.linspace(0.75, 0.32, 30), 1, 2)


def edge() -> None:
    """The bus leaves at the right."""
    curve("edge", 1, "x", np.linspace(0.6, 1.1, 26), 1)


def size() -> None:
    """The dog from small to large."""
    curve("size", 1, "size", np.linspace(0.04, 1, 33), 1)


def unknown() -> None:
    """What is nearly taken for something: each thing without a class before ten backgrounds."""
    start = scene("unknown")
    classes = set(look(start).forward.category_names)
    for sprite in SPRITES:
        if label_of(sprite) not in classes:
            scenes = [replace(moved(start, 1, sprite=sprite), seed=seed) for seed in range(3, 13)]
            best = [look(one).kept(0.2)[:1] for one in scenes]
            words = (f"{one[0][1]} {one[0][2]:.2f}" if one else "-" for one in best)
            click.echo(f"{sprite}: {', '.join(words)}")


def sinks() -> None:
    """Which cells are read, with the giraffe and without it, by layer of the encoder."""
    giraffe, empty = look(scene("sinks")), look(PreparedScene("flat", 6))
    outer, on_it = rings(giraffe.grid.hw) < 2, cells_of(giraffe, 1)
    click.echo(f"the outer two rings are {outer.mean():.2f} of all cells, the giraffe "
          f"{len(on_it) / len(outer):.2f}")  # fmt: skip
    for layer, name in enumerate(everywhere("encoder_self")):
        read = [one.maps.encoder_self(layer).reshape(len(outer), -1) for one in (giraffe, empty)]
        ranked = [np.argsort(-weights.mean(0)) for weights in read]
        shared = len(set(ranked[0][:12].tolist()) & set(ranked[1][:12].tolist()))
        received, inside = read[0].mean(0), read[0][on_it[len(on_it) // 2], on_it].sum()
        click.echo(
            f"{name}: outer rings {received[outer].sum():.2f}, twelve cells "
            f"{received[ranked[0][:12]].sum():.2f}, {shared} of them the same without it, from its "
            f"middle to itself {inside:.2f}; off: {look(scene('sinks'), [name]).kept()}"
        )


def switched(name: str, mechanism: str) -> None:
    """How many boxes are left, and the lowest of their scores, without a layer or a head."""
    start = scene(name)
    click.echo(f"{name}: {len(look(start).kept())} boxes, without {mechanism}: "
          f"{len(look(start, everywhere(mechanism)).kept())}")  # fmt: skip
    for layer in everywhere(mechanism):
        parts = [layer, *(f"{layer}.{head + 1}" for head in range(HEADS))]
        left = [look(start, [part]).kept() for part in parts]
        words = (f"{len(one)} ({min((row[2] for row in one), default=0):.2f})" for one in left)
        click.echo(f"{layer}: {', '.join(words)}")


def duplicates() -> None:
    """What the decoder's self-attention removes."""
    for name in ("duplicates", "one-head", "twins"):
        switched(name, "decoder_self")


def one_head() -> None:
    """What single heads of the decoder's cross-attention carry."""
    for name in ("one-head", "duplicates", "twins"):
        switched(name, "decoder_cross")


TABLES: dict[str, Callable[[], Any]] = {
    one.__name__.replace("_", "-"): one
    for one in (occlusion, twins, edge, size, unknown, sinks, duplicates, one_head)
}

if __name__ == "__main__":
    for asked in sys.argv[1:] or TABLES:
        click.echo(f"\n# {asked}: {look(scene(asked)).kept()}")
        TABLES[asked]()
