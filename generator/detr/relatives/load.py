"""Builds a relative with its weights, through the package transformers.

In: a model's card and its tensors by name, read by `checkpoint`. Out: the network in evaluation
mode, whose attentions can be recorded. Nothing is downloaded, and no code of a folder runs.
"""

from __future__ import annotations

import importlib
import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn

from generator.detr.relatives.architecture import RelativeArchitecture
from generator.detr.relatives.recorded import ATTENTION, attend
from generator.detr.zoo import ModelCard
from generator.errors import UsageError, WeightsError


def load_relative(card: ModelCard, state: Mapping[str, Tensor]) -> nn.Module:
    """Builds the network of a card and loads its weights.

    Args:
        card: its architecture is a `RelativeArchitecture`.
        state: by their names; older names are translated by transformers itself.

    Raises:
        UsageError: transformers is not installed.
        WeightsError: the weights are another model's.
    """
    architecture = architecture_of(card)
    network, config = _network(architecture)
    try:
        with _quiet():
            model, loaded = network.from_pretrained(
                None,
                state_dict=dict(state),
                config=config,
                dtype=torch.float32,
                output_loading_info=True,
                ignore_mismatched_sizes=True,  # they are refused below, in our own words
            )
    except (OSError, ValueError, KeyError, RuntimeError) as error:
        said = str(error).strip().splitlines()
        raise WeightsError(
            f"{card.name}: its weights cannot be read as a {architecture.about.title} "
            f"({said[0] if said else type(error).__name__})"
        ) from error
    _refuse_others(card, loaded)
    _refuse_infinite(card, model)
    ready: nn.Module = model.eval().requires_grad_(False)
    return ready


def architecture_of(card: ModelCard) -> RelativeArchitecture:
    """The architecture of a relative's card.

    Raises:
        TypeError: the card is of a DETR.
    """
    architecture = card.architecture
    if not isinstance(architecture, RelativeArchitecture):
        raise TypeError(f"{card.name} is no relative that runs through transformers")
    return architecture


def _network(architecture: RelativeArchitecture) -> tuple[Any, Any]:
    """The class of the network, and its configuration."""
    transformers = _transformers(architecture)
    transformers.AttentionInterface.register(ATTENTION, attend)
    config = transformers.AutoConfig.for_model(architecture.kind, **_offline(architecture.config))
    # DAB-DETR computes attention in its own module, where hooks find queries and keys.
    config._attn_implementation = "eager" if architecture.kind == "dab-detr" else ATTENTION
    return getattr(transformers, architecture.about.class_name), config


def _offline(config: Mapping[str, Any]) -> dict[str, Any]:
    """The configuration without what would download a backbone or start code of others."""
    left_out = ("model_type", "auto_map", "transformers_version", "architectures", "dtype")
    kept = {name: value for name, value in config.items() if name not in left_out}
    if isinstance(kept.get("backbone_config"), Mapping):
        kept["backbone_config"] = dict(kept["backbone_config"]) | {"use_pretrained_backbone": False}
        if kept["backbone_config"].get("model_type") != "timm_backbone":
            del kept["backbone_config"]["use_pretrained_backbone"]
    if "use_pretrained_backbone" in kept:
        kept["use_pretrained_backbone"] = False
    return kept


def _transformers(architecture: RelativeArchitecture) -> Any:
    try:
        return importlib.import_module("transformers")
    except ImportError as error:
        raise UsageError(
            f"{architecture.about.title} runs through the package transformers, which is not "
            "installed; install it with `pip install 'detr-attention-handout[transformers]'`"
        ) from error


@contextmanager
def _quiet() -> Iterator[None]:
    """Without transformers' own reports: what is wrong is said by an error."""
    from transformers.utils import logging as reports

    level = reports.get_verbosity()
    was_shown = reports.is_progress_bar_enabled()
    reports.set_verbosity(logging.CRITICAL)
    reports.disable_progress_bar()
    try:
        yield
    finally:
        reports.set_verbosity(level)
        if was_shown:
            reports.enable_progress_bar()


def _refuse_others(card: ModelCard, loaded: Mapping[str, Any]) -> None:
    """Refuses weights that are not all there, or too many: half a model finds nothing."""
    problems = []
    for key, words in (("missing_keys", "are missing"), ("unexpected_keys", "are too many")):
        names = sorted(
            str(one) for one in loaded[key] if not str(one).endswith("num_batches_tracked")
        )
        if names:
            problems.append(f"{len(names)} weights {words}, such as {names[0]}")
    shapes = sorted(tuple(one) for one in loaded["mismatched_keys"])
    if shapes:
        name, found, wanted = shapes[0]
        problems.append(
            f"{len(shapes)} have another shape: {name} is {tuple(found)} instead of {tuple(wanted)}"
        )
    if problems:
        raise WeightsError(
            f"{card.name}: not the weights of its config.json: {'; '.join(problems)}"
        )


def _refuse_infinite(card: ModelCard, model: nn.Module) -> None:
    for name, value in model.state_dict().items():
        if value.is_floating_point() and not bool(torch.isfinite(value).all()):
            raise WeightsError(
                f"{card.name}: holds NaN or infinity where weights should be, in {name}"
            )
