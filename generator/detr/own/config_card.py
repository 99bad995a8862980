"""config.json of a transformers model -> a `DetrArchitecture` and its classes.

In: the mapping of a config.json, of version 4 or 5 of transformers. Out: the numbers that our
network is built from. What it says and we cannot run is refused; nothing is passed over.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from generator.detr.architecture import DetrArchitecture
from generator.detr.own.resnet_names import resnet_of
from generator.detr.relatives.architecture import KINDS
from generator.errors import WeightsError

PRE_NORM = {"detr": False, "table-transformer": True}
"""The kinds of model that our own network runs, and whether they normalise first."""
_NUMBERS = {
    "num_queries": 100,
    "d_model": 256,
    "encoder_layers": 6,
    "decoder_layers": 6,
    "encoder_attention_heads": 8,
    "decoder_attention_heads": 8,
    "encoder_ffn_dim": 2048,
    "decoder_ffn_dim": 2048,
}
"""Their defaults, which old files leave out."""
_LONGEST_NAME = 100
_ONLY = {
    "num_channels": (3, "images have 3 channels here"),
    "position_embedding_type": ("sine", "its learned positions are another network"),
    "activation_function": ("relu", "DETR's layers use ReLU"),
}
_TRAINING_ONLY = frozenset(
    [
        "_name_or_path",
        "activation_dropout",
        "architectures",
        "attention_dropout",
        "auxiliary_loss",
        "bbox_cost",
        "bbox_loss_coefficient",
        "class_cost",
        "classifier_dropout",
        "decoder_layerdrop",
        "dice_loss_coefficient",
        "dropout",
        "dtype",
        "encoder_layerdrop",
        "eos_coefficient",
        "giou_cost",
        "giou_loss_coefficient",
        "init_std",
        "init_xavier_std",
        "is_encoder_decoder",
        "mask_loss_coefficient",
        "max_position_embeddings",
        "num_hidden_layers",
        "hidden_size",
        "num_attention_heads",
        "scale_embedding",
        "torch_dtype",
        "transformers_version",
        "use_pretrained_backbone",
        "output_attentions",
        "output_hidden_states",
        "return_dict",
        "problem_type",
        "chunk_size_feed_forward",
        "freeze_backbone",
        "attn_implementation",
        "_attn_implementation_autoset",
        "cls_token_id",
        "label2id",
        "id2label",
        "num_labels",
        "model_type",
        "use_timm_backbone",
        "backbone",
        "backbone_config",
        "backbone_kwargs",
        "dilation",
    ]
)
"""Keys that are read elsewhere, or that change nothing in a forward pass."""


def architecture_of(config: Mapping[str, Any]) -> DetrArchitecture:
    """The numbers that a config.json tells.

    Raises:
        WeightsError: in one sentence, what of it cannot be run, without the name of the file.
    """
    kind = _kind_of(config)
    for key, (wanted, why) in _ONLY.items():
        if config.get(key, wanted) != wanted:
            raise WeightsError(f"{key} is {config[key]!r}, and only {wanted!r} can be run: {why}")
    if config.get("quantization_config"):
        raise WeightsError("its weights are quantised; save the model in float32 and name that")
    sizes = {key: _number(config, key, default) for key, default in _NUMBERS.items()}
    for one in ("attention_heads", "ffn_dim"):
        encoder, decoder = sizes[f"encoder_{one}"], sizes[f"decoder_{one}"]
        if encoder != decoder:
            raise WeightsError(
                f"encoder_{one} is {encoder} and decoder_{one} {decoder}; only equal ones can be "
                "run"
            )
    width, heads = sizes["d_model"], sizes["encoder_attention_heads"]
    if width % heads or width % 2:
        raise WeightsError(
            f"d_model is {width}, which {heads} heads, and rows and columns of positions, cannot "
            "share evenly"
        )
    backbone, dilation = resnet_of(config)
    return DetrArchitecture(
        backbone=backbone,
        num_classes=len(labels_of(config)),
        num_queries=sizes["num_queries"],
        dilation=dilation,
        hidden_dim=width,
        nheads=heads,
        num_encoder_layers=sizes["encoder_layers"],
        num_decoder_layers=sizes["decoder_layers"],
        dim_feedforward=sizes["encoder_ffn_dim"],
        pre_norm=PRE_NORM[kind],
    )


def labels_of(config: Mapping[str, Any]) -> tuple[str | None, ...]:
    """The name of each class; None where the file holds no more than a stand-in.

    Raises:
        WeightsError: the numbers of the classes do not run from 0.
    """
    written = config.get("id2label")
    if written is None:  # version 4 leaves out its default, two classes
        return (None,) * _number(config, "num_labels", 2)
    try:
        names = {int(number): str(name) for number, name in written.items()}
    except (AttributeError, TypeError, ValueError):
        names = {}
    if sorted(names) != list(range(len(names))) or not names:
        raise WeightsError("id2label has to name a class for each number from 0; mend config.json")
    clean = [" ".join(names[number].split())[:_LONGEST_NAME] for number in range(len(names))]
    return tuple(
        None if not name or name == f"LABEL_{number}" or not name.isprintable() else name
        for number, name in enumerate(clean)
    )


def unknown_keys(config: Mapping[str, Any]) -> list[str]:
    """The keys that this program knows nothing of, and passes over."""
    return sorted(key for key in config if key not in _TRAINING_ONLY | {*_NUMBERS, *_ONLY})


def _kind_of(config: Mapping[str, Any]) -> str:
    kind = config.get("model_type")
    if isinstance(kind, str) and kind in PRE_NORM:
        return kind
    if kind is None:
        raise WeightsError("it does not say its model_type; take the config.json of the model")
    raise WeightsError(
        f"a model of the type {kind}, which cannot be run; those of the types "
        f"{', '.join((*PRE_NORM, *KINDS))} can"
    )


def _number(config: Mapping[str, Any], key: str, default: int) -> int:
    value = config.get(key)
    value = default if value is None else value
    if type(value) is not int or not 1 <= value <= 100_000:
        raise WeightsError(f"{key} is {value!r}, not a whole number from 1")
    return value
