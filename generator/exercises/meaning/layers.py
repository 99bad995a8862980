"""Layers of `torch.nn`: the arguments of a call in, a `Layer` with all of its settings out.

The table holds the signatures of PyTorch's usual layers, with their defaults, as its documentation
prints them. `layers.js` does the same.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from generator.exercises.meaning.code import UnclearError
from generator.exercises.meaning.functions import bound, called
from generator.exercises.meaning.tensors import Tensor, filled, is_whole

_CONV = (
    "in_channels out_channels kernel_size stride:1 padding:0 dilation:1 groups:1 bias:True "
    "padding_mode:zeros"
)
_NORM = "num_features eps:1e-5 momentum:0.1 affine:True track_running_stats:True"
_ATTENDING = "d_model nhead dim_feedforward:2048 dropout:0.1 activation:relu layer_norm_eps:1e-5"
_OPTIONS = "batch_first:False norm_first:False bias:True"
LAYERS: dict[str, str] = {
    "BatchNorm1d": _NORM,
    "BatchNorm2d": _NORM,
    "Conv1d": _CONV,
    "Conv2d": _CONV,
    "Conv3d": _CONV,
    "Dropout": "p:0.5 inplace:False",
    "Embedding": "num_embeddings embedding_dim padding_idx:None max_norm:None",
    "Flatten": "start_dim:1 end_dim:-1",
    "GELU": "approximate:none",
    "GroupNorm": "num_groups num_channels eps:1e-5 affine:True",
    "Identity": "",
    "LayerNorm": "normalized_shape eps:1e-5 elementwise_affine:True bias:True",
    "Linear": "in_features out_features bias:True",
    "MultiheadAttention": "embed_dim num_heads dropout:0.0 bias:True add_bias_kv:False "
    "add_zero_attn:False kdim:None vdim:None batch_first:False",
    "ReLU": "inplace:False",
    "Sequential": "*layers:None",
    "Sigmoid": "",
    "Softmax": "dim:None",
    "Tanh": "",
    "Transformer": "d_model:512 nhead:8 num_encoder_layers:6 num_decoder_layers:6 "
    "dim_feedforward:2048 dropout:0.1 activation:relu custom_encoder:None custom_decoder:None "
    f"layer_norm_eps:1e-5 {_OPTIONS}",
    "TransformerDecoder": "decoder_layer num_layers norm:None",
    "TransformerDecoderLayer": f"{_ATTENDING} {_OPTIONS}",
    "TransformerEncoder": "encoder_layer num_layers norm:None",
    "TransformerEncoderLayer": f"{_ATTENDING} {_OPTIONS}",
}
_EACH_WAY = {"1d": 1, "2d": 2, "3d": 3}
_AS_FUNCTIONS = {"Sigmoid": "sigmoid", "Tanh": "tanh", "ReLU": "relu", "Softmax": "softmax"}


@dataclass(frozen=True)
class Layer:
    """A layer and its settings, defaults included."""

    name: str
    settings: dict[str, Any]

    @property
    def is_empty(self) -> bool:
        """Whether it has no weights and does nothing."""
        return self.name == "Identity" or (
            self.name == "Sequential" and self.settings["layers"] is None
        )


def layer_of(name: str, places: Sequence[Any], keywords: Mapping[str, Any]) -> Layer:
    """A layer.

    Raises:
        UnclearError: PyTorch would refuse the arguments, or the layer is not known here.
    """
    if name not in LAYERS:
        raise UnclearError
    if name == "Identity":  # takes whatever it is given
        return Layer(name, {})
    settings = bound(LAYERS[name], places, keywords, allow="device dtype")
    if any(keywords.get(option) is not None for option in ("device", "dtype")):
        raise UnclearError
    if name.startswith("Conv"):
        settings = _each_way(settings, _EACH_WAY[name[-2:]])
    if isinstance(settings.get("activation"), str):
        settings["activation"] = settings["activation"].rpartition(".")[2]
    return Layer(name, settings)


def _each_way(settings: dict[str, Any], count: int) -> dict[str, Any]:
    """Settings of a convolution with a number for each direction."""
    found = dict(settings)
    for name in ("kernel_size", "stride", "dilation", "padding"):
        value = found[name]
        if name == "padding" and value == "valid":
            value = 0
        if name == "padding" and value == "same":
            spans = zip(found["dilation"], found["kernel_size"], strict=True)
            reach = [dilation * (size - 1) for dilation, size in spans]
            if any(one % 2 for one in reach) or set(found["stride"]) != {1}:
                raise UnclearError
            value = tuple(one // 2 for one in reach)
        value = (value,) * count if is_whole(value) else value
        if not isinstance(value, tuple) or len(value) != count or not all(map(is_whole, value)):
            raise UnclearError
        found[name] = value
    return found


def weight_of(layer: Layer) -> Tensor:
    """The weights of an embedding or a linear layer, of which only the shape counts."""
    names = {
        "Embedding": ("num_embeddings", "embedding_dim"),
        "Linear": ("out_features", "in_features"),
    }
    if layer.name not in names:
        raise UnclearError
    return filled([layer.settings[name] for name in names[layer.name]], is_any=True)


def applied(layer: Layer, value: Any) -> Any:
    """What a layer without weights makes of a tensor.

    Raises:
        UnclearError: it has weights, or is not known here.
    """
    if layer.is_empty:
        return value
    if layer.name not in _AS_FUNCTIONS:
        raise UnclearError
    keywords = {"dim": layer.settings["dim"]} if layer.name == "Softmax" else {}
    return called("f", _AS_FUNCTIONS[layer.name], [value], keywords)
