"""`python -m generator.training.train`: trains `detr_emoji`, resumes, and ships it.

In: a run folder, empty or with a checkpoint. Out: `checkpoint.pt` (everything that is
needed to continue), `curve.jsonl` (loss and AP over scenes seen) and, at the end, the
weights and their card in `generator/detr/weights`.
"""

from __future__ import annotations

import dataclasses
import json
import logging
import multiprocessing
import os
import time
from pathlib import Path

import click
import cv2
import torch
import torch.distributed
from torch import Tensor, nn
from torch.multiprocessing.spawn import spawn

from generator.detr.model import DETR
from generator.errors import GeneratorError
from generator.training.data import crop_batch, num_crop_classes, training_batch
from generator.training.evaluate import evaluate_network
from generator.training.families import find_packages, training_world, unseen_world
from generator.training.network import (
    TrainingNetwork,
    average_gradients,
    parameter_groups,
    shipped_state,
    starting_average,
    update_average,
)
from generator.training.recipe import ARCHITECTURE, RECIPE, Recipe
from generator.training.scenes import VALIDATION_SEED
from generator.training.ship import CHECKPOINT, CURVE, card_of, recipe_of, ship
from generator.training.sprites import SpriteWorld

logger = logging.getLogger("generator.training")

LOG_EVERY = 50
SAVE_EVERY = 500
"""Steps between two checkpoints."""
EVALUATE_EVERY = 25_000
VALIDATION_SCENES = 200


@dataclasses.dataclass
class Progress:
    """The progress of a run; all of it goes into the checkpoint."""

    crops_seen: int = 0
    scenes_seen: int = 0
    steps: int = 0
    seconds: float = 0.0


class Run:
    """One process's view of a run: network, optimiser, average and progress."""

    def __init__(
        self, folder: Path, recipe: Recipe, world: SpriteWorld, rank: int, processes: int
    ) -> None:
        self.folder, self.recipe, self.world = folder, recipe, world
        self.rank, self.processes = rank, processes
        self.unseen: SpriteWorld | None = None  # measured, too, if it is given
        torch.manual_seed(recipe.seed)
        self.network = TrainingNetwork(ARCHITECTURE, recipe.query_groups, num_crop_classes(world))
        self.network = self.network.to(memory_format=torch.channels_last)
        self.average = starting_average(self.network)
        self.optimizer = torch.optim.AdamW(
            parameter_groups(self.network, recipe.weight_decay),
            lr=recipe.learning_rate,
            fused=True,
        )
        self.progress = Progress()
        if (folder / CHECKPOINT).exists():
            self._load()
        if rank == 0:
            self._cut_curve()

    def _load(self) -> None:
        saved = torch.load(self.folder / CHECKPOINT, weights_only=True)
        if saved["recipe"] != _comparable(self.recipe):
            raise GeneratorError(
                f"{self.folder}: this run was begun with another recipe; name another folder with "
                "--run, or delete it"
            )
        self.network.load_state_dict(saved["network"])
        self.average = saved["average"]
        self.optimizer.load_state_dict(saved["optimizer"])
        self.progress = Progress(**saved["progress"])

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

    def step(self, loss: Tensor, rate: float) -> None:
        """One optimiser step on the mean gradient of all processes."""
        for group in self.optimizer.param_groups:
            group["lr"] = rate
        self.optimizer.zero_grad()
        loss.backward()
        if self.processes > 1:
            average_gradients(self.network, self.processes)
        nn.utils.clip_grad_norm_(self.network.parameters(), self.recipe.clip_norm)
        self.optimizer.step()


def _comparable(recipe: Recipe) -> str:
    """A recipe as text, without its lengths: a run may be made longer or shorter."""
    lengths = {"scenes": None, "stages": None}
    return json.dumps({**dataclasses.asdict(recipe), **lengths}, sort_keys=True)


def _is_orphan() -> bool:
    """Whether the process that started this one is gone; then this one should end."""
    parent = multiprocessing.parent_process()
    return parent is not None and not parent.is_alive()


def train_on_crops(run: Run) -> None:
    """Teaches the backbone to classify single glyphs; a quick start for what follows."""
    recipe, progress = run.recipe, run.progress
    while progress.crops_seen < recipe.crops:
        images, labels = crop_batch(recipe, progress.crops_seen, run.rank, run.processes, run.world)
        loss = run.network.crop_loss(images, labels)
        done = progress.crops_seen / recipe.crops
        run.step(loss, 1e-3 * (1 - 0.9 * done))
        progress.crops_seen += recipe.crop_batch
        if run.rank == 0 and progress.crops_seen // recipe.crop_batch % LOG_EVERY == 0:
            run.log(crops=progress.crops_seen, crop_loss=loss.item())
    if progress.steps == 0:
        run.average = starting_average(run.network)
        run.optimizer.state.clear()


def train_on_scenes(run: Run) -> None:
    """Trains the whole network until the recipe's number of scenes was seen."""
    recipe, progress = run.recipe, run.progress
    started, recent = time.monotonic() - progress.seconds, []
    while progress.scenes_seen < recipe.scenes:
        if _is_orphan():
            raise GeneratorError("training was stopped; it goes on from its last checkpoint")
        seen = progress.scenes_seen
        images, truths = training_batch(recipe, seen, run.rank, run.processes, run.world)
        loss = run.network(
            images, truths, recipe.groups(seen), recipe.dense(seen), recipe.no_object(seen)
        )
        run.step(loss, recipe.rate(seen))
        since = (seen - recipe.backbone_scenes) // recipe.batch  # negative: nothing to average yet
        update_average(run.average, run.network, max(since, 0), recipe.average_decay)
        recent.append(loss.item())
        progress.steps += 1
        progress.scenes_seen += recipe.batch
        progress.seconds = time.monotonic() - started
        if run.rank == 0:
            if progress.steps % LOG_EVERY == 0:
                run.log(loss=sum(recent) / len(recent), hours=progress.seconds / 3600)
                recent.clear()
            if progress.steps % SAVE_EVERY == 0:
                run.save()
            is_whole = seen >= recipe.backbone_scenes
            if is_whole and seen // EVALUATE_EVERY != progress.scenes_seen // EVALUATE_EVERY:
                _log_validation(run)


def _log_validation(run: Run) -> None:
    """Measures the averaged network on validation scenes."""
    network = DETR(ARCHITECTURE)
    network.load_state_dict(shipped_state(run.average))
    stage = run.recipe.stage(run.progress.scenes_seen)
    row: dict[str, float] = {}
    for prefix, world in (("", run.world), ("unseen_", run.unseen)):
        if world is None:
            continue
        result = evaluate_network(
            network.eval(), VALIDATION_SEED, VALIDATION_SCENES, world, stage.short_side,
            options=stage.options,
        )  # fmt: skip
        names = ("AP", "AP50", "AP75", "precision", "recall")
        row |= {prefix + name: result[name] for name in names if result[name] is not None}
    run.log(**row)


def _process(rank: int, processes: int, folder: Path, recipe: Recipe, root: Path) -> None:
    """The body of one training process."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s", datefmt="%H:%M:%S")
    cv2.setNumThreads(0)
    torch.set_num_threads(1 if processes > 1 else torch.get_num_threads())
    if processes > 1:
        torch.distributed.init_process_group(
            "gloo",
            init_method=(folder.resolve() / "rendezvous").as_uri(),
            rank=rank,
            world_size=processes,
        )
    run = Run(folder, recipe, training_world(root, folder), rank, processes)
    run.unseen = unseen_world(root, folder)
    train_on_crops(run)
    train_on_scenes(run)
    if rank == 0:
        run.save()
        curve = [json.loads(line) for line in (folder / CURVE).read_text().splitlines()]
        state, progress = shipped_state(run.average), dataclasses.asdict(run.progress)
        worlds = training_world(root, folder), unseen_world(root, folder)
        ship(card_of(state, recipe_of(recipe), progress, curve, *worlds), state)


@click.command(help=__doc__.split("\n\n")[0])
@click.option(
    "--run",
    "folder",
    type=click.Path(path_type=Path),
    default=Path("runs/emoji"),
    show_default=True,
    help="Folder of the checkpoint; a run that is there goes on.",
)
@click.option(
    "--scenes",
    type=int,
    default=RECIPE.scenes,
    show_default=True,
    help="Scenes to see in all; more than a finished run saw makes it go on.",
)
@click.option(
    "--processes",
    type=int,
    default=min(os.cpu_count() or 1, 8),
    show_default=True,
    help="Training processes, one thread each.",
)
@click.option("--seed", type=int, default=RECIPE.seed, show_default=True, help="Of the weights.")
@click.option(
    "--families", type=click.Path(path_type=Path), help="The folder node_modules of the emoji sets."
)
def main(folder: Path, scenes: int, processes: int, seed: int, families: Path | None) -> None:
    """Trains the embedded model, or goes on where the run in FOLDER stopped."""
    try:
        recipe = dataclasses.replace(RECIPE, scenes=scenes, seed=seed)
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "rendezvous").unlink(missing_ok=True)
        root = find_packages(families)
        for world in (training_world, unseen_world):
            world(root, folder)  # drawn once, for all processes
        arguments = (processes, folder, recipe, root)
        if processes == 1:
            _process(0, *arguments)
        else:
            spawn(_process, arguments, nprocs=processes)
    except GeneratorError as error:
        raise click.ClickException(str(error)) from error


if __name__ == "__main__":
    main()
