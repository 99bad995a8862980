"""The figure of a prepared scene: the scene's own pixels, and words for those who do not see it."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from generator.figures.lab.compose import compose, size_of_scenes
from generator.figures.lab.prepared import LabData, prepared_alt, prepared_figure, prepared_kind
from generator.project.config import FigureOptions
from generator.project.experiments import Experiment, PreparedScene, SceneObject, sprite_files

SPRITES = sprite_files(Path(__file__).parents[3] / "templates")


def experiment(*sprites: str) -> Experiment:
    objects = tuple(SceneObject(sprite=name, x=0.5, y=0.5) for name in sprites)
    return Experiment("one", "lab/one.md", "One", PreparedScene("stripes", 2, objects))


def test_the_figure_shows_the_scene_and_nothing_else() -> None:
    one = experiment("teddy-bear")
    data = LabData({"one": one}, SPRITES, 24)
    figure = prepared_figure(data, "one")
    (axes,) = figure.axes
    shown = np.asarray(axes.images[0].get_array())
    np.testing.assert_array_equal(shown, compose(one.scene, SPRITES, size_of_scenes(24)).pixels)
    width, height = axes.get_window_extent().size
    assert abs(width / height - 4 / 3) < 0.02


def test_words_name_the_things_and_do_not_count_designs() -> None:
    assert "apple, teddy bear before" in prepared_alt(experiment("apple-2", "teddy-bear"))
    assert "nothing before a background of the kind stripes" in prepared_alt(experiment())


def test_the_kind_draws_its_own_experiment() -> None:
    data = LabData({"one": experiment("cat"), "two": experiment()}, SPRITES, 24)
    kind = prepared_kind("two")
    assert kind.name == "two"
    assert kind.draw_for_print is not None
    printed = kind.draw_for_print(data, FigureOptions())
    assert printed.axes[0].get_position().width < 0.5
    assert kind.alt(data).startswith("A prepared scene: nothing")
    drawn = np.asarray(kind.draw(data, FigureOptions()).axes[0].images[0].get_array())
    assert not np.array_equal(
        drawn, compose(data.experiments["one"].scene, SPRITES, (48, 64)).pixels
    )
