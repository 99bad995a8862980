"""Published weights -> nothing: neither is there a network, nor do weights matter to a mark.

In: `weights="DEFAULT"`, `pretrained=True` and `load_state_dict_from_url` in a submission. Out: the
network with the weights it was drawn with. The probe replaces them all anyway.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import nn
from torchvision.models import _api


class NoWeights(dict[str, Any]):
    """The weights of anything; whoever loads them keeps its own."""


def download_nothing() -> None:
    """Replaces PyTorch's ways to published weights, for the rest of this process."""
    load = nn.Module.load_state_dict

    def load_state_dict(self: nn.Module, state_dict: Any, *rest: Any, **named: Any) -> Any:
        if isinstance(state_dict, NoWeights):
            return load(self, self.state_dict())
        return load(self, state_dict, *rest, **named)

    def none(*_: Any, **__: Any) -> NoWeights:
        return NoWeights()

    nn.Module.load_state_dict = load_state_dict  # type: ignore[method-assign]
    weights: Any = getattr(_api, "WeightsEnum", None)
    if weights is not None:
        weights.get_state_dict = none
    torch.hub.load_state_dict_from_url = none
