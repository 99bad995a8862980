"""The models as a table: where their weights are, how large and how good they are.

In: local weights files by model name. Out: lines of text. No model is loaded.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from generator.detr.zoo import ModelCard, model_card, model_names
from generator.files.fingerprint import is_here


def model_lines(local: Mapping[str, Path]) -> list[str]:
    """A heading and a line per model; sizes of files on other machines are estimates."""
    lines = [f"{'name':<20} {'weights':<12} {'size':>8}  {'AP':>4}  on"]
    for name in model_names():
        card = model_card(name)
        state, file = _weights_of(card, local.get(name))
        size = f"~{4 * card.parameters / 1e6:.0f}" if file is None else _megabytes(file)
        lines.append(f"{name:<20} {state:<12} {size:>5} MB  {_ap(card):>4}  {card.dataset}")
    return lines


def _weights_of(card: ModelCard, local: Path | None) -> tuple[str, Path | None]:
    """One word for the origin of a model's weights, and the file if it is on this machine."""
    if local is not None:
        return "local", local
    is_shipped = card.checkpoint_url is None
    if card.file.is_file() and not is_here(card.file, card.checkpoint_hash):
        return "damaged", card.file  # as a build judges it, which downloads it again
    if card.file.is_file():
        return "shipped" if is_shipped else "here", card.file
    return "missing" if is_shipped else "to download", None


def _megabytes(file: Path) -> str:
    return f"{file.stat().st_size / 1e6:.0f}"


def _ap(card: ModelCard) -> str:
    """Box AP; for the minimal DETR its authors published only a round number."""
    if card.ap is None:
        return "-"
    return f"~{card.ap:.0f}" if card.name == "detr_demo" else f"{card.ap:.1f}"
