"""A training run: its network, optimiser, moving average and progress, in a folder.

In: a folder, empty or with a checkpoint. Out: `checkpoint.pt`, everything that is needed to go on,
and `curve.jsonl`, loss and AP over the scenes seen.
"""

from __future__ import annotations

import dataclasses
import json
import logging
from pathlib import Path

import torch
from torch import Tensor, nn

from generator.errors import GeneratorError
from generator.training.data import Share, num_crop_classes
from generator.training.kept import kept_run
from generator.training.network import (
    TrainingNetwork,
    average_gradients,
    starting_average,
)
from generator.training.optimizer import Optimizer, Rates
from generator.training.recipe import ARCHITECTURE, Recipe
from generator.training.ship import CHECKPOINT, CURVE, recipe_of
from generator.training.sprites import SpriteWorld

logger = logging.getLogger("generator.training")

_CPU = torch.device("cpu")


@dataclasses.dataclass
class Progress:
    """The progress of a run; all of it goes into the checkpoint."""

    crops_seen: int = 0
    scenes_seen: int = 0
    steps: int = 0
    seconds: float = 0.0


class Run:
    """One process's view of a run.

    Args:
        world: what scenes are composed of.
        unseen: another one, on which the network is measured, too.
        share: what this process makes of each batch.
        device: where the network is.
        workers: processes that compose scenes ahead; 0 composes them in this one.
        begun: a folder that `kept` wrote, from which a run without a checkpoint goes on.
    """

    def __init__(
        self,
        folder: Path,
        recipe: Recipe,
        world: SpriteWorld,
        unseen: SpriteWorld | None = None,
        share: Share = Share(),  # noqa: B008 (frozen)
        device: torch.device = _CPU,
        workers: int = 0,
        begun: Path | None = None,
    ) -> None:
        self.folder, self.recipe, self.world, self.unseen = folder, recipe, world, unseen
        self.share, self.device, self.workers = share, device, workers
        torch.manual_seed(recipe.seed)
        self.network = TrainingNetwork(ARCHITECTURE, recipe.query_groups, num_crop_classes(world))
        self.network = self.network.to(device).to(memory_format=torch.channels_last)
        self.average = starting_average(self.network)
        rates = Rates(
            recipe.matrix_rate, recipe.transformer_rate, recipe.learning_rate, recipe.weight_decay
        )
        self.optimizer = Optimizer(self.network, rates)
        self.progress = Progress()
        if (folder / CHECKPOINT).exists():
            self._load()
        elif begun is not None:
            self._go_on_from(begun)
        if self.is_first:
            self._cut_curve()

    @property
    def is_first(self) -> bool:
        """Whether this is the process that writes."""
        return self.share.rank == 0

    def _load(self) -> None:
        saved = torch.load(self.folder / CHECKPOINT, map_location=self.device, weights_only=True)
        self._check(saved["recipe"], self.folder)
        self.network.load_state_dict(saved["network"])
        self.average = saved["average"]
        self.optimizer.load_state_dict(saved["optimizer"])
        self.progress = Progress(**saved["progress"])

    def _go_on_from(self, folder: Path) -> None:
        state, told, curve = kept_run(folder)
        self._check(told["recipe"], folder)
        self.network.load_state_dict(state)
        self.average = starting_average(self.network)
        self.progress = Progress(**told["progress"])
        if self.is_first:
            (self.folder / CURVE).write_text(curve)

    def _check(self, recipe: str, folder: Path) -> None:
        if recipe != _comparable(self.recipe):
            raise GeneratorError(
                f"{folder}: this run was begun with another recipe; name another folder with "
                "--run, or delete it"
            )

    def _cut_curve(self) -> None:
        """Drops what was logged after the checkpoint, because it will be repeated."""
        curve = self.folder / CURVE
        rows = curve.read_text().splitlines() if curve.exists() else []
        kept = [row for row in rows if json.loads(row)["scenes"] <= self.progress.scenes_seen]
        curve.write_text("".join(f"{row}\n" for row in kept))

    def save(self) -> None:
        """Writes the checkpoint, under a temporary name first."""
        partial = self.folder / f"{CHECKPOINT}.part"
        torch.save(
            {
                "network": self.network.state_dict(),
                "average": self.average,
                "optimizer": self.optimizer.state_dict(),
                "progress": dataclasses.asdict(self.progress),
                "recipe": _comparable(self.recipe),
                "told": recipe_of(self.recipe),
            },
            partial,
        )
        partial.replace(self.folder / CHECKPOINT)

    def log(self, **row: float) -> None:
        """Adds a row to the curve and to the terminal."""
        row = {"scenes": self.progress.scenes_seen, **row}
        with (self.folder / CURVE).open("a") as stream:
            stream.write(json.dumps(row, allow_nan=False) + "\n")
        logger.info("%s", "  ".join(f"{k} {v:.5g}" for k, v in row.items()))

    def step(self, loss: Tensor, share: float) -> None:
        """One step on the mean gradient of all processes, with a share of the learning rates."""
        self.network.zero_grad()
        loss.backward()
        if self.share.processes > 1:
            average_gradients(self.network, self.share.processes)
        nn.utils.clip_grad_norm_(self.network.parameters(), self.recipe.clip_norm)
        self.optimizer.step(share)


def _comparable(recipe: Recipe) -> str:
    """A recipe as text, without its lengths and precision, which another machine may change."""
    free = {"scenes": None, "stages": None, "bf16": None}
    return json.dumps({**dataclasses.asdict(recipe), **free}, sort_keys=True)
