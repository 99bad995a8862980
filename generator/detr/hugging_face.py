"""Renames a Hugging Face DETR's weights to the official names.

In: the tensors of `model.safetensors` of `facebook/detr-resnet-50` and its siblings.
Out: the same tensors as the official checkpoint names them; the separate projections of
queries, keys and values become one matrix again.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

import torch
from torch import Tensor

# What differs, as regular expressions, tried in this order on every name.
_RENAMES = (
    (r"^model\.backbone\.(conv_encoder\.)?model\.", "backbone.0.body."),
    (r"^model\.input_projection\.", "input_proj."),
    (r"^model\.query_position_embeddings\.", "query_embed."),
    (r"^class_labels_classifier\.", "class_embed."),
    (r"^bbox_predictor\.", "bbox_embed."),
    (r"^model\.(encoder|decoder)\.", r"transformer.\1."),
    (r"^transformer\.decoder\.layernorm\.", "transformer.decoder.norm."),
    (r"\.encoder_attn\.", ".multihead_attn."),
    (r"\.fc1\.", ".linear1."),
    (r"\.fc2\.", ".linear2."),
    (r"\.self_attn_layer_norm\.", ".norm1."),
    (r"\.encoder_attn_layer_norm\.", ".norm2."),
)
_PROJECTIONS = ("q_proj", "k_proj", "v_proj")


def is_hugging_face(state: Mapping[str, Tensor]) -> bool:
    """Whether the names are Hugging Face's."""
    return "class_labels_classifier.weight" in state


def from_hugging_face(state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Gives every tensor its official name."""
    renamed: dict[str, Tensor] = {}
    projections: dict[str, dict[str, Tensor]] = {}
    for name, value in state.items():
        official = _official_name(name)
        found = re.fullmatch(r"(.+)\.(q_proj|k_proj|v_proj)\.(weight|bias)", official)
        if found:
            attention, projection, kind = found.groups()
            projections.setdefault(f"{attention}.in_proj_{kind}", {})[projection] = value
        elif not official.endswith("num_batches_tracked"):
            renamed[official] = value
    for name, parts in projections.items():
        if all(projection in parts for projection in _PROJECTIONS):
            renamed[name] = torch.cat([parts[projection] for projection in _PROJECTIONS])
    return renamed


def _official_name(name: str) -> str:
    for pattern, replacement in _RENAMES:
        name = re.sub(pattern, replacement, name)
    # The norm after the feed-forward network is the layer's last: second or third.
    last = "norm3" if ".decoder." in name else "norm2"
    return name.replace(".final_layer_norm.", f".{last}.")
