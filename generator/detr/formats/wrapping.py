"""What is wrapped around a model's weights in a file, and the weights without it.

In: what a file holds, with tensors or their shapes in it. Out: tensors by name, the training's
command line, and what the file is, in words. One table names every wrapping that is known.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from generator.detr.formats.pickle_header import Opaque
from generator.errors import WeightsError

_STATES = (
    ("model_ema", "the moving average (EMA) of its weights"),
    ("ema_state_dict", "the moving average (EMA) of its weights"),
    ("ema", "the moving average (EMA) of its weights"),
    ("model", ""),
    ("state_dict", ""),
    ("model_state_dict", ""),
)
"""Where a checkpoint keeps the weights, the best place first, and what is to be said of it."""
_WITHIN = ("module", "model", "state_dict")
"""Where an average keeps its own."""
_LIGHTNING = "pytorch-lightning_version"
_ARGUMENTS = ("args", "hyper_parameters", "hparams")
_HEADS = re.compile(r"((?:.*?\.)?)(class_embed|class_labels_classifier|linear_class)\.weight")
"""The class head, which only a DETR has: what stands before its name wraps all of the weights."""
_LOSS = re.compile(r"(^|\.)criterion\.")
"""What belongs to a loss is no part of the network."""
_AVERAGED = "n_averaged"
"""How many steps an average of PyTorch is made of, which it keeps among the weights."""
_PANOPTIC = re.compile(r"(^|\.)(bbox_attention|mask_head)\.")
PANOPTIC = "a panoptic model, whose masks are not drawn"


@dataclass(frozen=True)
class Unwrapped:
    """The weights of a file.

    Attributes:
        state: tensors, or their shapes, by name.
        arguments: the command line of the training, or nothing.
        kinds: what the file is, in words.
    """

    state: Mapping[str, Any]
    arguments: Mapping[str, Any] = field(default_factory=dict)
    kinds: tuple[str, ...] = ()


def unwrapped(saved: Any, path: Path) -> Unwrapped:
    """Finds the weights in what a file holds.

    Raises:
        WeightsError: it holds no weights by name; the sentence says what it is instead.
    """
    kinds: list[str] = []
    arguments: Mapping[str, Any] = {}
    if isinstance(saved, Mapping):
        if _LIGHTNING in saved:
            kinds.append("a Lightning checkpoint")
        elif any(name in saved for name in ("optimizer", "lr_scheduler", "epoch")):
            kinds.append("a training checkpoint")
        arguments = _arguments(saved)
        for name, words in _STATES:
            if isinstance(saved.get(name), Mapping | Opaque):  # None: none was kept
                saved = _innermost(saved[name])
                kinds += [words] if words else []
                break
    _refuse_whole_models(saved, path)
    if not isinstance(saved, Mapping) or not all(
        isinstance(name, str) and _is_tensor(value) for name, value in saved.items()
    ):
        raise WeightsError(
            f"{path}: expected weights by name, found something else; save the model's state_dict"
        )
    state, more = _without_prefix(saved)
    return Unwrapped(state, arguments, (*kinds, *more))


def _innermost(value: Any) -> Any:
    """An average may keep the weights beside a count of its steps."""
    if isinstance(value, Mapping) and not all(_is_tensor(one) for one in value.values()):
        inner = (value[name] for name in _WITHIN if isinstance(value.get(name), Mapping))
        return next(inner, value)
    return value


def _refuse_whole_models(saved: Any, path: Path) -> None:
    if isinstance(saved, Opaque):
        raise WeightsError(
            f"{path}: a whole pickled model ({saved.path}), which only its own code can read; it "
            "was not run. Save the model's state_dict alone: torch.save(model.state_dict(), path)"
        )


def _is_tensor(value: Any) -> bool:
    return hasattr(value, "shape") and hasattr(value, "dtype")


def _arguments(saved: Mapping[str, Any]) -> Mapping[str, Any]:
    """The command line of a training, from a namespace or a mapping."""
    for name in _ARGUMENTS:
        value = saved.get(name)
        found = value.values if isinstance(value, Opaque) else value
        if not isinstance(found, Mapping):
            found = getattr(found, "__dict__", None)
        if isinstance(found, Mapping):
            inner = found.get("args")  # Lightning keeps a namespace among others
            if inner is not None and hasattr(inner, "__dict__"):
                found = vars(inner)
            return {str(key): one for key, one in found.items()}
    return {}


def _without_prefix(saved: Mapping[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """The weights without what all of their names begin with, a loss, or the head for masks."""
    heads = [found[1] for name in saved if (found := _HEADS.fullmatch(name))]
    prefix = min(heads, key=len, default="")
    state = {
        name.removeprefix(prefix): value
        for name, value in saved.items()
        if not _PANOPTIC.search(name) and not _LOSS.search(name) and name != _AVERAGED
    }
    wrapped = "module." in prefix and _AVERAGED not in saved
    kinds = ["wrapped by DataParallel"] if wrapped else []
    if any(_PANOPTIC.search(name) for name in saved):
        kinds.append(PANOPTIC)
    return state, kinds
