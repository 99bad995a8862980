"""Names of a DETR's tensors in other formats -> the official names; one table a format.

In: names as the transformers package writes them, with ResNets of timm or of its own. Out: the
names of the official checkpoints. It sees no tensors, so headers and weights are read alike.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

Renames = tuple[tuple[str, str], ...]
"""What differs, as regular expressions, tried in this order on every name."""

_TRANSFORMERS: Renames = (
    (r"^(?:model\.)?backbone\.(?:conv_encoder\.)?(?:model\.|_backbone\.)*", "backbone.0.body."),
    (r"^(?:model\.)?input_projection\.", "input_proj."),
    (r"^(?:model\.)?query_position_embeddings\.", "query_embed."),
    (r"^class_labels_classifier\.", "class_embed."),
    (r"^bbox_predictor\.", "bbox_embed."),
    (r"^(?:model\.)?(encoder|decoder)\.", r"transformer.\1."),
    (r"^transformer\.(encoder|decoder)\.layernorm\.", r"transformer.\1.norm."),
    (r"\.encoder_attn\.", ".multihead_attn."),
    (r"\.o_proj\.", ".out_proj."),
    (r"\.(?:mlp\.)?fc1\.", ".linear1."),
    (r"\.(?:mlp\.)?fc2\.", ".linear2."),
    (r"\.self_attn_layer_norm\.", ".norm1."),
    (r"\.encoder_attn_layer_norm\.", ".norm2."),
    # The norm of the feed-forward network is the layer's last: third or second.
    (r"(\.decoder\..*)\.final_layer_norm\.", r"\1.norm3."),
    (r"\.final_layer_norm\.", ".norm2."),
)
"""Versions 4 and 5 of transformers, with and without `model.`; timm's ResNets are torchvision's."""

_RESNET: Renames = (
    (r"^(backbone\.0\.body\.)embedder\.embedder\.convolution\.", r"\1conv1."),
    (r"^(backbone\.0\.body\.)embedder\.embedder\.normalization\.", r"\1bn1."),
    (r"\.shortcut\.convolution\.", ".downsample.0."),
    (r"\.shortcut\.normalization\.", ".downsample.1."),
)
_STAGE = re.compile(r"\.encoder\.stages\.(\d+)\.layers\.(\d+)\.")
_STEP = re.compile(r"\.layer\.(\d+)\.(convolution|normalization)\.")
"""The ResNets of transformers itself; stages, and steps of a block, count from 0, not 1."""

PROJECTIONS = ("q_proj", "k_proj", "v_proj")
_PROJECTION = re.compile(r"(.+)\.(q_proj|k_proj|v_proj)\.(weight|bias)")


def is_of_transformers(names: Iterable[str]) -> bool:
    """Whether names are those of the transformers package."""
    return any(name.startswith(("class_labels_classifier.", "bbox_predictor.")) for name in names)


def official_name(name: str) -> str:
    """The official name of a tensor, but for projections, which `projection_of` tells."""
    for pattern, replacement in (*_TRANSFORMERS, *_RESNET):
        name = re.sub(pattern, replacement, name)
    if name.startswith("backbone."):
        name = _STAGE.sub(lambda found: f".layer{int(found[1]) + 1}.{found[2]}.", name)
        kinds = {"convolution": "conv", "normalization": "bn"}
        name = _STEP.sub(lambda found: f".{kinds[found[2]]}{int(found[1]) + 1}.", name)
    return name


def projection_of(official: str) -> tuple[str, str] | None:
    """The matrix that a projection of queries, keys or values is a part of, and which part."""
    found = _PROJECTION.fullmatch(official)
    return None if found is None else (f"{found[1]}.in_proj_{found[3]}", found[2])


def official_shapes(shapes: Mapping[str, tuple[int, ...]]) -> dict[str, tuple[int, ...]]:
    """Shapes by official name, whatever format their names are of; projections are put together."""
    if not is_of_transformers(shapes):
        return dict(shapes)
    renamed: dict[str, tuple[int, ...]] = {}
    for name, shape in shapes.items():
        official = official_name(name)
        if (of := projection_of(official)) is None:
            renamed[official] = shape
        elif of[1] == PROJECTIONS[0] and shape:
            renamed[of[0]] = (len(PROJECTIONS) * shape[0], *shape[1:])
    return renamed
