"""A model of the Hugging Face Hub that is on this machine -> its card; nothing is downloaded.

In: the name of a repository and a revision. Out: a card of the snapshot in the Hub's own cache, or
the sentence that it has to be downloaded. `inference.hub` does that.
"""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path

from generator.detr.formats.shards import INDEX, listed_in
from generator.detr.own.cards import SAFETENSORS, card_of_folder
from generator.detr.own.identity import CONFIG, PREPROCESSOR
from generator.detr.zoo import HubAddress, ModelCard
from generator.errors import UnavailableError, WeightsError

FILES = (CONFIG, PREPROCESSOR, SAFETENSORS, f"model{INDEX}")
"""What is taken of a repository, with the shards that an index lists: no code, and no pickles."""
_COMMIT = re.compile(r"[0-9a-f]{40}")


def card_in_cache(name: str, repository: str, revision: str) -> ModelCard:
    """The card of a model that was downloaded before.

    Raises:
        UnavailableError: it was not, or not all of it.
        WeightsError: it cannot be run.
    """
    snapshot = snapshot_of(repository, revision)
    if snapshot is None or not _is_complete(snapshot):
        raise UnavailableError(
            f"{name}: {repository} is not on this machine, or not all of it; a build with a "
            f"network downloads it, or `hf download {repository}` does"
        )
    source = f"{repository}, revision {revision}, on the Hugging Face Hub"
    return card_of_folder(name, snapshot, source, HubAddress(repository, revision, snapshot.name))


def _is_complete(snapshot: Path) -> bool:
    """Whether all that is taken of a repository is there; a link whose file is gone is not.

    A repository may have no preprocessor_config.json, which the Hub's package notes once it has
    asked for it. A cache that other programs filled may only lack it.
    """
    absent = snapshot.parent.parent / ".no_exist" / snapshot.name / PREPROCESSOR
    has_rule = (snapshot / PREPROCESSOR).is_file() or absent.is_file()
    return (snapshot / CONFIG).is_file() and has_rule and _has_weights(snapshot)


def _has_weights(snapshot: Path) -> bool:
    index = snapshot / f"model{INDEX}"
    if (snapshot / SAFETENSORS).is_file() or not index.is_file():
        return (snapshot / SAFETENSORS).is_file()
    return all(file.is_file() for file in listed_in(index))


def snapshot_of(repository: str, revision: str) -> Path | None:
    """The folder of a revision in the Hub's cache, named by its commit; None if it is not there.

    Raises:
        WeightsError: the package huggingface_hub is not installed.
    """
    folder = _cache() / f"models--{repository.replace('/', '--')}"
    commit = revision
    if not _COMMIT.fullmatch(revision):
        try:
            commit = (folder / "refs" / revision).read_text(encoding="utf-8").strip()
        except OSError:
            return None
    snapshot = folder / "snapshots" / commit
    return snapshot if _COMMIT.fullmatch(commit) and snapshot.is_dir() else None


def _cache() -> Path:
    require_package()
    from huggingface_hub import constants  # its settings alone, which take no time

    return Path(constants.HF_HUB_CACHE)


def require_package() -> None:
    """Says what to install where the Hub's package is missing.

    Raises:
        WeightsError: it is.
    """
    if importlib.util.find_spec("huggingface_hub") is None:
        raise WeightsError(
            "`hub:` needs the package huggingface_hub; run `pip install "
            "'detr-attention-handout[hub]'`"
        )
