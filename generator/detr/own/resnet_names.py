"""Which ResNet a config.json tells of, by torchvision's name, and whether it is dilated.

In: the mapping of a config.json: a ResNet of timm, by its name, or of transformers, by its numbers.
Out: a name that `detr.backbone` builds. Others are refused.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from generator.errors import WeightsError

RESNETS = ("resnet18", "resnet34", "resnet50", "resnet101", "resnet152", "resnext50_32x4d",
           "resnext101_32x8d", "wide_resnet50_2", "wide_resnet101_2")  # fmt: skip
"""Those of torchvision; timm's of these names have the same layers and the same names in them."""
BASIC = ("resnet18", "resnet34")
_DEPTHS = {
    ("basic", (2, 2, 2, 2)): "resnet18",
    ("basic", (3, 4, 6, 3)): "resnet34",
    ("bottleneck", (3, 4, 6, 3)): "resnet50",
    ("bottleneck", (3, 4, 23, 3)): "resnet101",
    ("bottleneck", (3, 8, 36, 3)): "resnet152",
}
_WIDTHS = {"basic": [64, 128, 256, 512], "bottleneck": [256, 512, 1024, 2048]}
_STRIDES = {None: False, 32: False, 16: True}
"""Pixels from cell to cell; 16 is what dilation makes of 32."""
_TRAINED = re.compile(r"\.[a-z0-9_]+$")
"""What timm appends to a name: on what the weights were trained."""


def resnet_of(config: Mapping[str, Any]) -> tuple[str, bool]:
    """The name of the backbone, and whether `layer4` dilates instead of halving the size.

    Raises:
        WeightsError: in one sentence, why this backbone cannot be run.
    """
    inner = config.get("backbone_config")
    dilation = config.get("dilation") or False
    if not isinstance(inner, Mapping):
        uses_timm = config.get("use_timm_backbone", True)
        name = config.get("backbone") or "resnet50"
        kwargs = config.get("backbone_kwargs") or {}
        if not isinstance(kwargs, Mapping):
            raise WeightsError(f"backbone_kwargs is {kwargs!r}, not a mapping; mend it")
        _refuse_other_stage(kwargs, "layer4")
        stride, name = kwargs.get("output_stride"), str(name).removeprefix("microsoft/")
        name = name if uses_timm else name.replace("-", "")
        return _checked(_name_of_timm(name), dilation, stride, is_timm=bool(uses_timm))
    if inner.get("model_type") == "timm_backbone":
        _refuse_other_stage(inner, "layer4")
        name = _name_of_timm(str(inner.get("backbone")))
        return _checked(name, dilation, inner.get("output_stride"), is_timm=True)
    if inner.get("model_type") == "resnet":
        _refuse_other_stage(inner, "stage4")
        return _checked(_name_of_numbers(inner), dilation, None, is_timm=False)
    raise WeightsError(
        f"its backbone is {inner.get('model_type')!r}; only ResNets can be run, of timm or resnet"
    )


def _checked(name: str, dilation: Any, stride: Any, *, is_timm: bool) -> tuple[str, bool]:
    if stride not in _STRIDES or type(dilation) is not bool:
        raise WeightsError(
            f"dilation is {dilation!r} and output_stride {stride!r}; a stride of 32, or of 16 with "
            "dilation, can be run"
        )
    dilated = dilation or _STRIDES[stride]
    if dilated and (not is_timm or name in BASIC):
        raise WeightsError(f"dilation is on, and {name} has none here; take it from timm, or leave "
                           "dilation out")  # fmt: skip
    return name, dilated


def _name_of_timm(written: str) -> str:
    name = _TRAINED.sub("", written)
    if name not in RESNETS:
        raise WeightsError(f"its backbone is {written}; only {', '.join(RESNETS)} can be run")
    return name


def _name_of_numbers(inner: Mapping[str, Any]) -> str:
    kind = inner.get("layer_type", "bottleneck")
    depths = tuple(inner.get("depths") or (3, 4, 6, 3))
    widths = inner.get("hidden_sizes") or _WIDTHS["bottleneck"]
    wanted = {
        "embedding_size": 64, "hidden_act": "relu", "downsample_in_first_stage": False,
        "downsample_in_bottleneck": False, "num_channels": 3,
    }  # fmt: skip
    for key, value in wanted.items():
        if inner.get(key, value) != value:
            raise WeightsError(f"its ResNet's {key} is {inner[key]!r}; only {value!r} can be run")
    if (kind, depths) not in _DEPTHS or list(widths) != _WIDTHS[kind]:
        raise WeightsError(
            f"its ResNet has {kind} layers, depths {list(depths)} and widths {list(widths)}; only "
            f"those of {', '.join(_DEPTHS.values())} can be run"
        )
    return _DEPTHS[kind, depths]


def _refuse_other_stage(inner: Mapping[str, Any], last: str) -> None:
    """The features that the transformer reads are the last of those that are asked for."""
    features, indices = inner.get("out_features"), inner.get("out_indices")
    if (features and features[-1] != last) or (not features and indices and indices[-1] != 4):
        raise WeightsError(
            f"its features end with {features or indices}; only the last stage's, {last}, can be "
            "run"
        )
