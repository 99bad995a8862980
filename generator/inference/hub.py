"""Downloads the models of the Hugging Face Hub that a gallery needs, once, into the Hub's cache.

In: settings. Out: settings whose cards know the models that are here now. Only settings and
safetensors are taken, never code and never pickles; the Hub's package does it, with its cache, its
tokens, its offline mode and its progress bars.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from generator.detr.formats.file_header import FileHeader, unwrapped_header
from generator.detr.formats.shards import INDEX, listed_in
from generator.detr.own.cards import SAFETENSORS, card_of_folder
from generator.detr.own.hub_cache import FILES, require_package, snapshot_of
from generator.detr.own.identity import CONFIG, PREPROCESSOR
from generator.detr.zoo import HubAddress, ModelCard
from generator.errors import UnavailableError, WeightsError
from generator.project.config import SiteConfig
from generator.project.models import cards_of

logger = logging.getLogger("generator")


def with_hub_models(config: SiteConfig, names: Iterable[str], *, offline: bool) -> SiteConfig:
    """The settings, after downloading the models of these names that are not here yet.

    What cannot be downloaded stays away, with the reason; whoever needs it is told.
    """
    missing = [name for name in dict.fromkeys(names) if name in config.cards.away]
    if offline or not missing:
        return config
    reasons = {}
    for name in missing:
        source = config.models.get(name)
        if source is not None and source.hub is not None:
            logger.info("%s: downloading %s from the Hugging Face Hub", name, source.hub)
            if reason := download(source.hub, source.revision):
                reasons[name] = f"{name}: {reason}"
    cards = cards_of(config)
    return replace(config, cards=replace(cards, away={**cards.away, **reasons}))


def download(repository: str, revision: str) -> str:
    """Downloads a model; returns why that cannot be, "" if it is here."""
    try:
        require_package()
    except WeightsError as error:
        return str(error)
    try:
        _fetch(repository, revision)
    except WeightsError as error:
        return str(error)
    except Exception as error:  # the Hub's own, and whatever the library's connection raises
        return _why_not(error, repository, revision)
    if snapshot_of(repository, revision) is None:
        return f"{repository} was downloaded, and is not where the Hub's cache keeps it"
    return ""


def _fetch(repository: str, revision: str) -> None:
    """Puts the files that are needed into the Hub's cache.

    Raises:
        WeightsError: there are pickles alone, or an index that cannot be read.
    """
    from huggingface_hub import HfApi, hf_hub_download
    from huggingface_hub.errors import EntryNotFoundError

    there = HfApi().model_info(repository, revision=revision)
    names = {one.rfilename for one in there.siblings or ()}
    if SAFETENSORS not in names and f"model{INDEX}" not in names:
        raise WeightsError(
            f"{repository} has no {SAFETENSORS}, and pickles are not downloaded; save it with "
            "save_pretrained, and name that folder"
        )
    # A name of a branch is asked for, so that the cache knows which commit it is.
    wanted = [one for one in FILES if one in names]
    if SAFETENSORS in names:
        wanted = [one for one in wanted if not one.endswith(INDEX)]
    for name in wanted:
        path = hf_hub_download(repository, name, revision=revision)
        for shard in listed_in(Path(path)) if name.endswith(INDEX) else ():
            hf_hub_download(repository, shard.name, revision=revision)
    if PREPROCESSOR not in names:
        with suppress(EntryNotFoundError):  # asked for so that the cache notes that it is not
            hf_hub_download(repository, PREPROCESSOR, revision=revision)


def _why_not(error: Exception, repository: str, revision: str) -> str:
    """What a download's error means for who asked for it, most special errors first."""
    from huggingface_hub import errors

    if isinstance(error, errors.GatedRepoError):
        return (
            f"{repository} asks who you are; accept its terms on its page, and run `hf auth login`"
        )
    if isinstance(error, errors.RepositoryNotFoundError):
        return f"the Hub has no {repository}, or it is private; mend the name, or `hf auth login`"
    if isinstance(error, errors.RevisionNotFoundError):
        return f"{repository} has no revision {revision}; name a branch, a tag or a commit of it"
    absent = (
        errors.EntryNotFoundError, errors.LocalEntryNotFoundError, errors.OfflineModeIsEnabled
    )  # fmt: skip
    if isinstance(error, absent):
        return f"{repository} cannot be downloaded ({_line(error)})"
    if isinstance(error, errors.HfHubHTTPError):
        return f"{repository} cannot be downloaded: the Hub answered {_line(error)}"
    return f"{repository} cannot be downloaded ({_line(error)}); try again with a network"


def settings_of(name: str, repository: str, revision: str) -> tuple[ModelCard, FileHeader]:
    """The card of a model whose weights are not here, and their shapes; some kilobytes are read.

    Raises:
        UnavailableError: it cannot be had.
        WeightsError: it cannot be run.
    """
    require_package()
    from huggingface_hub import HfApi, hf_hub_download

    try:
        told = HfApi().model_info(repository, revision=revision)
        names = {one.rfilename for one in told.siblings or ()}
        here = [
            Path(hf_hub_download(repository, one, revision=revision))
            for one in (CONFIG, PREPROCESSOR)
            if one in names
        ]
        shapes = {
            tensor: tuple(one.shape)
            for part in HfApi()
            .get_safetensors_metadata(repository, revision=revision)
            .files_metadata.values()
            for tensor, one in part.tensors.items()
        }
    except Exception as error:  # the library's own, and those of its connection
        raise UnavailableError(f"{repository} cannot be read ({_line(error)})") from error
    if not here:
        raise WeightsError(f"{repository}: has no {CONFIG}; it is no model of transformers")
    header = unwrapped_header(shapes, here[0])
    address = HubAddress(repository, revision, here[0].parent.name)
    source = f"{repository}, revision {revision}, on the Hugging Face Hub"
    return card_of_folder(name, here[0].parent, source, address, header), header


def _line(error: Exception) -> str:
    """The first line of a library's error."""
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:200]
