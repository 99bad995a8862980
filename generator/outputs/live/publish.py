"""The live models of a site: those of its gallery that can run in a page, as scripts in `docs`.

In: an edition's folder, its templates, the cards of its models. Out: `docs/assets/live/NAME.js`,
written anew only when weights, scripts or this code changed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from generator.detr.zoo import ModelCard
from generator.files.fingerprint import digest_of_folders, fingerprint, sha256_of
from generator.files.folders import BuildFolder
from generator.files.write import size_of, write_if_different
from generator.outputs.live.bundle import KERNELS, live_bundle
from generator.outputs.live.network import can_run_live, live_network, read_tensors
from generator.outputs.output import read_stamp, write_stamp
from generator.project.overlay import Overlay

_BORDER = ("generator.errors", "generator.files", "generator.outputs.output", "generator.pages",
           "generator.project")  # fmt: skip


def publish_live_models(
    folder: BuildFolder, templates: Path | Overlay, cards: Iterable[ModelCard]
) -> None:
    """Writes the models that are asked for, and removes others.

    Templates of an author's own that have no live scripts give no live model.
    """
    scripts = Overlay.of(templates).below("assets/live")
    wanted = [card for card in cards if can_run_live(card) and scripts.file(KERNELS).is_file()]
    kept = set()
    for card in sorted(wanted, key=lambda card: card.name):
        file, stamp = folder.live_model(card.name), folder.stamp(f"live-{card.name}")
        kept |= {file, stamp}
        key = _key(card, scripts)
        if read_stamp(stamp) != _stamp(key, file):
            network = live_network(card, read_tensors(card.file))
            write_if_different(file, live_bundle(network, scripts).encode("ascii"))
            write_stamp(stamp, _stamp(key, file))
    _remove(folder, kept)


def remove_live_models(folder: BuildFolder) -> None:
    """Removes all that an earlier build wrote."""
    _remove(folder, kept=set())


def _remove(folder: BuildFolder, kept: set[Path]) -> None:
    for path in folder.live_models():
        if path not in kept:
            path.unlink(missing_ok=True)


def _key(card: ModelCard, scripts: Overlay) -> str:
    values = {
        "card": [card.name, card.title, card.short_side, card.long_side_cap, card.size_multiple,
                 card.category_ids, card.category_names, repr(card.architecture)],
        "weights": sha256_of(card.file),
        "scripts": digest_of_folders(scripts.folders),
    }  # fmt: skip
    return fingerprint(__name__, border=_BORDER, values=values)


def _stamp(key: str, file: Path) -> Mapping[str, Any]:
    return {"key": key, "size": size_of(file)}
