"""The models as a table: where their weights are, how large and how good they are.

In: the cards of a project's models. Out: lines of text. No model is loaded, and no torch.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from generator.detr.formats.shards import shards_of
from generator.detr.model_cards import ModelCards
from generator.detr.zoo import ModelCard
from generator.files.fingerprint import is_here


def model_lines(local: Mapping[str, Path], cards: ModelCards | None = None) -> list[str]:
    """A heading and a line per model; sizes of files on other machines are estimates.

    Args:
        local: weights files by model name.
        cards: of the models of a project; without them those of the zoo.
    """
    known = cards or ModelCards()
    width = max(20, *map(len, known.names))
    lines = [f"{'name':<{width}} {'weights':<12} {'size':>8}  {'AP':>4}  on"]
    for name in known.names:
        if name in known.away:
            lines.append(f"{name:<{width}} {'to download':<12} {'?':>5} MB  {'-':>4}  -")
            continue
        card = known[name]
        state, file = _weights_of(card, local.get(name))
        size = f"~{4 * card.parameters / 1e6:.0f}" if file is None else _megabytes(file)
        on = f"{card.dataset}, {card.source}" if card.is_own else card.dataset
        lines.append(f"{name:<{width}} {state:<12} {size:>5} MB  {_ap(card):>4}  {on}")
    return lines


def _weights_of(card: ModelCard, local: Path | None) -> tuple[str, Path | None]:
    """One word for the origin of a model's weights, and the file if it is on this machine."""
    if card.is_own:
        return "hub" if card.hub else "own", card.file
    if local is not None:
        return "local", local
    if card.file.is_file() and not is_here(card.file, card.checkpoint_hash):
        return "damaged", card.file  # as a build judges it, which downloads it again
    if card.file.is_file():
        return "shipped" if card.is_shipped else "here", card.file
    return "missing" if card.is_shipped else "to download", None


def _megabytes(file: Path) -> str:
    return f"{sum(one.stat().st_size for one in shards_of(file)) / 1e6:.0f}"


def _ap(card: ModelCard) -> str:
    """Box AP; for the minimal DETR its authors published only a round number."""
    if card.ap is None:
        return "-"
    return f"~{card.ap:.0f}" if card.name == "detr_demo" else f"{card.ap:.1f}"
