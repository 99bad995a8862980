"""content/lab/*.md -> `Experiment`s in the order of their files, or every problem at once.

In: the folder of the texts, and the names of the things that the lab can show. Out: one frozen
record for each file, from the YAML at its head: the prepared scene, and what to follow in it. The
Markdown below is the page's, which is rendered elsewhere.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

from pydantic import Field, Strict
from pydantic.dataclasses import dataclass

from generator.errors import ConfigurationError, Problem
from generator.project.fields import OnOrOff, Threshold, Title, a_kind_of, expects, one_of
from generator.project.headings import first_heading
from generator.project.overlay import Overlay
from generator.project.records import CLOSED, read_record
from generator.project.yaml_source import YamlSource, read_head

FOLDER = "lab"
"""Below `content`."""
BACKGROUND_NAMES = ("flat", "gradient", "clouds", "stripes", "tiles", "shapes", "landscape")
MAPS = ("boxes", "cross", "looks", "looked-at")
"""What the lab can lay over a scene: nothing but boxes, a query's map, a row, a column."""
AXES = ("runs", "visible", "size", "turn", "x", "y")
"""What score and IoU of the followed thing can be drawn over: the runs, or something of it."""
SPRITE_SUFFIXES = (".webp", ".png")
_VARIANT = re.compile(r"-\d+$")
_NUMBER = re.compile(r"^(\d+)-")
_NAME = re.compile(r"[\w-]+", re.ASCII)
"""A name is part of an address, of which `lab_address.js` reads no other letters."""

Share = Annotated[
    float, Strict(), Field(ge=-0.5, le=1.5), expects("a share of the picture, such as 0.5")
]
Size = Annotated[
    float, Strict(), Field(ge=0.03, le=1.5), expects("a share of the picture's short side")
]
Degrees = Annotated[
    float, Strict(), Field(ge=-180, le=180), expects("degrees to the right, from -180 to 180")
]
Number = Annotated[int, Strict(), Field(ge=0, le=9999), expects("a whole number from 0 to 9999")]


@dataclass(frozen=True, config=CLOSED)
class SceneObject:
    """One thing in a scene.

    Attributes:
        sprite: the name of its picture in `templates/sprites`.
        x, y: its middle, as shares of the picture's width and height.
        size: its longer side, as a share of the picture's short side.
        turn: degrees to the right.
        flip: whether left and right change places.
    """

    sprite: Title
    x: Share
    y: Share
    size: Size = 0.35
    turn: Degrees = 0.0
    flip: OnOrOff = False


@dataclass(frozen=True, config=CLOSED)
class PreparedScene:
    """What an experiment begins with; of its things the last lies on top."""

    background: Annotated[str, one_of(*BACKGROUND_NAMES)] = "gradient"
    seed: Number = 1
    objects: Annotated[
        tuple[
            Annotated[SceneObject, a_kind_of((dict, SceneObject), "keys such as `sprite:`")], ...
        ],
        a_kind_of((list, tuple), "a list of things", may_be_empty=True),
    ] = ()


@dataclass(frozen=True, config=CLOSED)
class Experiment:
    """An experiment of the lab.

    Attributes:
        name: of its file, without the number that it begins with; its page's anchor.
        file: below `content`, with forward slashes.
        title: the first heading of its text.
        scene: the prepared scene.
        follow: the number of the thing to follow, from 1.
        show: what is laid over the scene at first.
        plot: what score and IoU are drawn over.
        threshold: of the slider at first; None leaves it.
    """

    name: Title
    file: Title
    title: Title
    scene: Annotated[PreparedScene, a_kind_of((dict, PreparedScene), "keys such as `objects:`")]
    follow: Number = 1
    show: Annotated[str, one_of(*MAPS)] = "boxes"
    plot: Annotated[str, one_of(*AXES)] = "runs"
    threshold: Threshold | None = None


def sprite_files(templates: Path | Overlay) -> dict[str, Path]:
    """The pictures that a scene can be composed of, by name, in the order of their names."""
    files = Overlay.of(templates).below("sprites").files("*").values()
    pictures = (path for path in files if path.suffix in SPRITE_SUFFIXES)
    return {path.stem: path for path in sorted(pictures, key=lambda path: path.stem)}


def label_of(sprite: str) -> str:
    """What a sprite shows: "teddy-bear-2" is a teddy bear."""
    return _VARIANT.sub("", sprite).replace("-", " ")


def read_experiments(content: Path | Overlay, sprites: Sequence[str]) -> tuple[Experiment, ...]:
    """Reads all experiments.

    Raises:
        ConfigurationError: every problem in any of them.
    """
    found, problems = [], []
    texts = Overlay.of(content)
    for path in sorted(texts.below(FOLDER).files("*.md").values(), key=_place):
        source, experiment = _read(path, sprites)
        problems += source.sorted_problems()
        if experiment is not None:
            found.append(experiment)
    names = [one.name for one in found]
    problems += [
        Problem(
            texts.file(one.file), None, f"another experiment is called `{one.name}`; rename one"
        )
        for index, one in enumerate(found)
        if one.name in names[:index]
    ]
    if problems:
        raise ConfigurationError(problems)
    return tuple(found)


def _place(path: Path) -> tuple[float, str]:
    """A file that begins with a number comes by its number, others come last."""
    found = _NUMBER.match(path.stem)
    return (float(found[1]) if found else float("inf"), path.stem)


def _read(path: Path, sprites: Sequence[str]) -> tuple[YamlSource, Experiment | None]:
    source, text = read_head(path)
    heading = first_heading(text)
    if heading is None and not source.problems:
        source.report((), "there is no heading that says what the experiment is called")
    name = _NUMBER.sub("", path.stem)
    if not _NAME.fullmatch(name):
        expected = "expected a file's name of letters, digits and hyphens"
        source.report((), f"{expected}, found `{path.stem}`", 1)
    if not isinstance(source.value, dict) or heading is None:
        if source.value is not None and heading is not None:
            source.report_unexpected((), "keys such as `scene:`")
        return source, None
    given = {
        "name": name or path.stem,
        "file": f"{FOLDER}/{path.name}",
        "title": heading,
    }
    experiment = read_record(Experiment, source.value, source, given=given)
    if experiment is not None:
        _check_objects(experiment, source, sprites)
    return source, None if source.problems else experiment


def _check_objects(experiment: Experiment, source: YamlSource, sprites: Sequence[str]) -> None:
    objects = experiment.scene.objects
    for index, one in enumerate(objects):
        if one.sprite not in sprites:
            at = ("scene", "objects", index, "sprite")
            source.report_unexpected(at, "the name of a file in templates/sprites", names=sprites)
    if not (experiment.follow <= len(objects)):
        source.report_unexpected(("follow",), f"the number of a thing, at most {len(objects)}")
