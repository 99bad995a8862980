"""`python -m generator.training.train`: trains `detr_emoji`, resumes, and ships it.

In: a run folder, empty or with a checkpoint. Out: that run, and at the end the weights and their
card in `generator/detr/weights`. On processors alone, several processes of one thread each share
every batch; with a GPU one process trains, and others compose scenes for it.
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
from torch import Tensor
from torch.multiprocessing.spawn import spawn

from generator.detr.model import DETR
from generator.errors import GeneratorError
from generator.training.data import CropBatches, SceneBatches, Share, loader, prepared
from generator.training.evaluate import evaluate_network
from generator.training.families import families_option, find_packages, training_world, unseen_world
from generator.training.network import shipped_state, starting_average, update_average
from generator.training.recipe import ARCHITECTURE, RECIPE, Recipe
from generator.training.run import Run
from generator.training.scenes import VALIDATION_SEED
from generator.training.ship import CURVE, card_of, recipe_of, ship

LOG_EVERY = 50
SAVE_EVERY = 500
"""Steps between two checkpoints."""
EVALUATE_EVERY = 25_000
VALIDATION_SCENES = 200


def _is_orphan() -> bool:
    """Whether the process that started this one is gone; then this one should end."""
    parent = multiprocessing.parent_process()
    return parent is not None and not parent.is_alive()


def train_on_crops(run: Run) -> None:
    """Teaches the backbone to classify single things; a quick start for what follows."""
    recipe, progress = run.recipe, run.progress
    batches = CropBatches(recipe, progress.crops_seen, run.share, run.world)
    for pixels, labels in loader(batches, run.workers):
        loss = run.network.crop_loss(prepared(pixels, run.device), labels.to(run.device))
        done = progress.crops_seen / recipe.crops
        run.step(loss, 1 - 0.9 * done)
        progress.crops_seen += recipe.crop_batch
        if run.is_first and progress.crops_seen // recipe.crop_batch % LOG_EVERY == 0:
            run.log(crops=progress.crops_seen, crop_loss=loss.item())
    if progress.steps == 0:
        run.average = starting_average(run.network)


def train_on_scenes(run: Run) -> None:
    """Trains the whole network until the recipe's number of scenes was seen."""
    recipe, progress = run.recipe, run.progress
    started = time.monotonic() - progress.seconds
    recent: list[Tensor] = []  # not numbers yet: to ask a GPU for one would wait for it
    batches = SceneBatches(recipe, progress.scenes_seen, run.share, run.world)
    for pixels, truths in loader(batches, run.workers):
        if _is_orphan():
            raise GeneratorError("training was stopped; it goes on from its last checkpoint")
        seen = progress.scenes_seen
        loss = run.network(
            prepared(pixels, run.device),
            [truth.to(run.device) for truth in truths],
            recipe.groups(seen),
            recipe.dense(seen),
            recipe.no_object(seen),
            recipe.bf16,
        )
        run.step(loss, recipe.rate_share(seen))
        since = (seen - recipe.backbone_scenes) // recipe.batch  # negative: nothing to average yet
        update_average(run.average, run.network, max(since, 0), recipe.average_decay)
        recent.append(loss.detach())
        progress.steps += 1
        progress.scenes_seen += recipe.batch
        progress.seconds = time.monotonic() - started
        if run.is_first:
            if progress.steps % LOG_EVERY == 0:
                run.log(loss=float(torch.stack(recent).mean()), hours=progress.seconds / 3600)
                recent.clear()
            if progress.steps % SAVE_EVERY == 0:
                run.save()
            is_whole = seen >= recipe.backbone_scenes
            if is_whole and seen // EVALUATE_EVERY != progress.scenes_seen // EVALUATE_EVERY:
                _log_validation(run)


def _log_validation(run: Run) -> None:
    """Measures the averaged network on validation scenes."""
    network = DETR(ARCHITECTURE)
    network.load_state_dict(shipped_state(run.average))  # on the CPU
    stage = run.recipe.stage(run.progress.scenes_seen)
    row: dict[str, float] = {}
    for prefix, world in (("", run.world), ("unseen_", run.unseen)):
        if world is None:
            continue
        result = evaluate_network(
            network.eval(), VALIDATION_SEED, VALIDATION_SCENES, world, stage.short_side,
            options=stage.measured,
        )  # fmt: skip
        names = ("AP", "AP50", "AP75", "precision", "recall")
        row |= {prefix + name: result[name] for name in names if result[name] is not None}
    run.log(**row)


@dataclasses.dataclass(frozen=True)
class Machine:
    """What trains: processes of one thread each that share the batches, or a GPU with workers."""

    device: str
    processes: int
    workers: int

    @classmethod
    def of(cls, device: str, processes: int) -> Machine:
        """On a GPU the processes compose scenes, and one more trains."""
        return cls(device, processes, 0) if device == "cpu" else cls(device, 1, processes)


def _process(
    rank: int, machine: Machine, folder: Path, recipe: Recipe, root: Path, begun: Path | None
) -> None:
    """The body of one training process."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s", datefmt="%H:%M:%S")
    cv2.setNumThreads(0)
    if machine.processes > 1:
        torch.set_num_threads(1)
        torch.distributed.init_process_group(
            "gloo",
            init_method=(folder.resolve() / "rendezvous").as_uri(),
            rank=rank,
            world_size=machine.processes,
        )
    worlds = training_world(root, folder), unseen_world(root, folder)
    share = Share(rank, machine.processes)
    device = torch.device(machine.device)
    run = Run(folder, recipe, *worlds, share, device, machine.workers, begun)
    train_on_crops(run)
    train_on_scenes(run)
    if run.is_first:
        run.save()
        curve = [json.loads(line) for line in (folder / CURVE).read_text().splitlines()]
        state, progress = shipped_state(run.average), dataclasses.asdict(run.progress)
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
    help="Training processes, one thread each; on a GPU those that compose scenes.",
)
@click.option("--device", default="cpu", show_default=True, help="cpu, cuda, cuda:1, ...")
@click.option(
    "--batch",
    type=int,
    default=RECIPE.batch,
    show_default=True,
    help="Scenes per step; on a GPU some hundred. The learning rate grows with its root.",
)
@click.option(
    "--begin-from",
    "begun",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="Folder that `python -m generator.training.kept` wrote; a new run goes on from there.",
)
@click.option("--bf16", is_flag=True, help="Run the backbone in bfloat16.")
@click.option("--seed", type=int, default=RECIPE.seed, show_default=True, help="Of the weights.")
@families_option
def main(
    folder: Path,
    scenes: int,
    processes: int,
    device: str,
    batch: int,
    begun: Path | None,
    bf16: bool,
    seed: int,
    families: Path | None,
) -> None:
    """Trains the embedded model, or goes on where the run in FOLDER stopped."""
    try:
        if device != "cpu" and not torch.cuda.is_available():
            raise GeneratorError(f"--device {device}: PyTorch finds no GPU on this machine")
        recipe = dataclasses.replace(RECIPE.with_batch(batch), scenes=scenes, seed=seed, bf16=bf16)
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "rendezvous").unlink(missing_ok=True)
        root = find_packages(families)
        for world in (training_world, unseen_world):
            world(root, folder)  # drawn once, for all processes
        machine = Machine.of(device, processes)
        arguments = (machine, folder, recipe, root, begun)
        if machine.processes == 1:
            _process(0, *arguments)
        else:
            spawn(_process, arguments, nprocs=machine.processes)
    except GeneratorError as error:
        raise click.ClickException(str(error)) from error


if __name__ == "__main__":
    main()
