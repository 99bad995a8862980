"""`python -m generator.training.kept`: a run in a few megabytes, so that it can go on elsewhere.

In: a run's folder. Out: a folder with its averaged weights in float16, its progress and its curve,
which `train --begin-from` takes up. What the optimiser remembers is left out: it is three times as
large, and made again within some hundred steps.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click
import torch
from safetensors.torch import load_file, save
from torch import Tensor

from generator.errors import GeneratorError
from generator.files.write import write_if_different, write_json
from generator.training.ship import CHECKPOINT, CURVE

WEIGHTS = "network.safetensors"
PROGRESS = "progress.json"


def keep(run: Path, folder: Path) -> None:
    """Writes what is worth keeping of a run.

    Raises:
        GeneratorError: the run has no checkpoint.
    """
    if not (run / CHECKPOINT).is_file():
        raise GeneratorError(f"{run}: there is no {CHECKPOINT}; name a run's folder with --run")
    saved = torch.load(run / CHECKPOINT, map_location="cpu", weights_only=True)
    state = {
        name: (value.half() if value.is_floating_point() else value).contiguous()
        for name, value in saved["average"].items()
    }
    seen = saved["progress"]["scenes_seen"]
    rows = [json.loads(line) for line in (run / CURVE).read_text().splitlines()]
    curve = [row for row in rows if row["scenes"] <= seen and ("loss" in row or row.get("AP"))]
    write_if_different(folder / WEIGHTS, save(state))
    write_json(folder / PROGRESS, {"recipe": saved["recipe"], "progress": saved["progress"]})
    text = "".join(f"{json.dumps(row)}\n" for row in curve)
    write_if_different(folder / CURVE, text.encode())


def kept_run(folder: Path) -> tuple[dict[str, Tensor], dict[str, Any], str]:
    """What `keep` wrote: weights in float32, `recipe` and `progress`, and the curve.

    Raises:
        GeneratorError: it is not whole.
    """
    missing = [name for name in (WEIGHTS, PROGRESS, CURVE) if not (folder / name).is_file()]
    if missing:
        raise GeneratorError(f"{folder}: there is no {', no '.join(missing)}")
    state = {
        name: value.float() if value.is_floating_point() else value
        for name, value in load_file(folder / WEIGHTS).items()
    }
    return state, json.loads((folder / PROGRESS).read_text()), (folder / CURVE).read_text()


@click.command(help=__doc__.split("\n\n")[0])
@click.option(
    "--run",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    default=Path("runs/emoji"),
    show_default=True,
    help="Folder of the checkpoint.",
)
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
def main(run: Path, folder: Path) -> None:
    """Keeps a run in FOLDER."""
    try:
        keep(run, folder)
    except GeneratorError as error:
        raise click.ClickException(str(error)) from error


if __name__ == "__main__":
    main()
