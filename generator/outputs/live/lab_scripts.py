"""The scripts that the lab loads when its reader presses "Start": its things, and the model.

In: the settings, the experiments, the sprites' files, and the card of the embedded model. Out: two
scripts in `docs/assets/live`, where a page shows the lab. Pictures are data in them: a
page that was opened from a file may not read the pixels of another.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from generator.detr.zoo import LAB_MODEL, ModelCard, model_card
from generator.figures.colours import BASE_COLOURS
from generator.files.fingerprint import digest_of_folders, fingerprint, sha256_of
from generator.files.folders import BuildFolder
from generator.files.write import write_if_different
from generator.outputs.live.lab_bounds import bounds_of
from generator.outputs.live.publish import publish_live_models, remove_live_models
from generator.outputs.output import read_stamp, write_stamp
from generator.project.config import SiteConfig
from generator.project.experiments import FOLDER as EXPERIMENTS
from generator.project.experiments import Experiment, label_of, read_experiments, sprite_files
from generator.project.overlay import content_of, templates_of

_PLACE = re.compile(r'<div class="lab"')
_STAMP = "lab_things"
_BORDER = ("generator.errors", "generator.files", "generator.outputs.output", "generator.pages")
_TYPES = {".webp": "image/webp", ".png": "image/png"}


def publish_lab(folder: BuildFolder, config: SiteConfig) -> None:
    """Writes the lab's scripts if a page shows the lab, and removes them otherwise.

    Raises:
        WeightsError: the model's weights cannot be read.
        ConfigurationError: an experiment has problems.
    """
    if not _is_shown(folder.docs):
        remove_lab(folder)
        return
    card, sprites = model_card(LAB_MODEL), sprite_files(templates_of(config))
    file, stamp = folder.lab_things, folder.stamp(_STAMP)
    key = _key(card, sprites, config)
    if not file.is_file() or read_stamp(stamp) != {"key": key, "file": sha256_of(file)}:
        experiments = read_experiments(content_of(config), list(sprites))
        things = things_script(experiments, sprites, card, config)
        write_if_different(file, things.encode())
        write_stamp(stamp, {"key": key, "file": sha256_of(file)})
    publish_live_models(folder, templates_of(config), [card])


def remove_lab(folder: BuildFolder) -> None:
    """Removes all that an earlier build wrote."""
    folder.lab_things.unlink(missing_ok=True)
    folder.stamp(_STAMP).unlink(missing_ok=True)
    remove_live_models(folder)


def things_script(
    experiments: Sequence[Experiment],
    sprites: Mapping[str, Path],
    card: ModelCard,
    config: SiteConfig,
) -> str:
    """What `LabData` in `templates/assets/live/lab_types.js` tells of, as a script."""
    value = {
        "sprites": {name: _sprite(name, file, card) for name, file in sprites.items()},
        "bounds": bounds_of(card),
        "colours": base64.b64encode(_colours(config.figures.colour_map)).decode("ascii"),
        "queryColours": BASE_COLOURS,
        "threshold": config.threshold,
        "experiments": {one.name: _prepared(one) for one in experiments},
    }
    text = json.dumps(value, ensure_ascii=True, separators=(",", ":"))
    return f"(globalThis.Live = globalThis.Live || {{}}).labData = {text};\n"


def _key(card: ModelCard, sprites: Mapping[str, Path], config: SiteConfig) -> str:
    """A key of everything that the lab's script is made from."""
    values = {
        "model": [card.name, card.category_names, bounds_of(card)],
        "sprites": {name: [file.name, sha256_of(file)] for name, file in sprites.items()},
        "experiments": digest_of_folders(content_of(config).below(EXPERIMENTS).folders),
        "colours": config.figures.colour_map,
        "threshold": config.threshold,
    }
    return fingerprint(__name__, border=_BORDER, values=values)


def _is_shown(docs: Path) -> bool:
    return any(_PLACE.search(page.read_text(encoding="utf-8")) for page in docs.glob("*.md"))


def _sprite(name: str, file: Path, card: ModelCard) -> dict[str, Any]:
    data = base64.b64encode(file.read_bytes()).decode("ascii")
    label = label_of(name)
    return {
        "src": f"data:{_TYPES[file.suffix]};base64,{data}",
        "label": label,
        "known": label in card.category_names,
    }


def _prepared(one: Experiment) -> dict[str, Any]:
    """An experiment's scene; things and cells count from 0 in scripts."""
    scene = one.scene
    things = [
        {
            "sprite": thing.sprite, "x": thing.x, "y": thing.y,
            "size": thing.size, "turn": thing.turn, "flip": thing.flip,
        }
        for thing in scene.objects
    ]  # fmt: skip
    return {
        "title": one.title,
        "scene": {
            "background": scene.background,
            "seed": scene.seed,
            "things": things,
            "follow": one.follow - 1,
        },
        "show": one.show,
        "plot": one.plot,
        "threshold": one.threshold,
    }


def _colours(colour_map: str) -> bytes:
    """The colours of a map from its least to its greatest value: 256 times red, green, blue."""
    from matplotlib import colormaps

    return bytes(np.asarray(colormaps[colour_map](np.arange(256), bytes=True)[:, :3]))
