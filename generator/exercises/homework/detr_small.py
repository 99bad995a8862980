"""The small model of the handout, which knows emoji: for trying DETR without a download.

`load()` gives the model and its classes. It answers as the official models of torch hub do: called
with images (1, 3, H, W) it returns `pred_logits` and `pred_boxes`, and its parts have their names.
"""

from __future__ import annotations

import json
from dataclasses import fields
from importlib import resources

import numpy as np
import torch
from torch import Tensor

from generator.detr.architecture import DetrArchitecture
from generator.detr.model import DETR

_TYPES = {"F32": np.float32, "F16": np.float16, "I64": np.int64}


class SmallDETR(DETR):
    """DETR that returns a dictionary, as torch hub's does."""

    def forward(self, images: Tensor) -> dict[str, Tensor]:  # type: ignore[override]
        """Maps images (B, 3, H, W) to logits (B, Q, C + 1) and boxes (B, Q, 4)."""
        output = super().forward(images)
        return {"pred_logits": output.logits[-1], "pred_boxes": output.boxes_cxcywh[-1]}


def load() -> tuple[SmallDETR, list[str]]:
    """The model with its weights, and the names of its classes."""
    folder = resources.files(__package__ or __name__)
    card = json.loads((folder / "weights" / "detr_emoji.json").read_text(encoding="utf-8"))
    numbers = card["architecture"]
    architecture = DetrArchitecture(
        **{one.name: numbers[one.name] for one in fields(DetrArchitecture) if one.name in numbers}
    )
    model = SmallDETR(architecture)
    content = (folder / "weights" / "detr_emoji.safetensors").read_bytes()
    model.load_state_dict(tensors_in(content))
    return model.eval(), [one["name"] for one in card["categories"]]


def tensors_in(content: bytes) -> dict[str, Tensor]:
    """The tensors of a safetensors file: eight bytes of length, JSON, and the numbers."""
    length = int.from_bytes(content[:8], "little")
    header = json.loads(content[8 : 8 + length])
    header.pop("__metadata__", None)
    body = memoryview(content)[8 + length :]
    tensors = {}
    for name, one in header.items():
        begin, end = one["data_offsets"]
        numbers = np.frombuffer(body[begin:end], _TYPES[one["dtype"]]).reshape(one["shape"])
        tensors[name] = torch.from_numpy(numbers.copy())
    return tensors
