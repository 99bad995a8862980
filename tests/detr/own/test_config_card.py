"""config.json: what is read of it, and what is refused with which sentence."""

from __future__ import annotations

from typing import Any

import pytest

from generator.detr.architecture import DetrArchitecture
from generator.detr.own.config_card import architecture_of, labels_of, unknown_keys
from generator.detr.own.input_card import InputRule, input_rule
from generator.errors import WeightsError
from tests.detr.own.written import config_of

RESNET = {"model_type": "resnet", "layer_type": "bottleneck", "out_features": ["stage4"]}


def test_every_number_is_read() -> None:
    assert architecture_of(config_of()) == DetrArchitecture(
        "resnet18", 3, num_queries=20, hidden_dim=32, nheads=4, num_encoder_layers=2,
        num_decoder_layers=3, dim_feedforward=64,
    )  # fmt: skip
    assert architecture_of(config_of(model_type="table-transformer")).pre_norm


@pytest.mark.parametrize(
    ("changes", "backbone", "dilation"),
    [
        ({"backbone": "resnet50", "dilation": True}, "resnet50", True),
        ({"backbone": "resnet50.a1_in1k",
          "backbone_kwargs": {"output_stride": 16, "out_indices": [1, 2, 3, 4]}},
         "resnet50", True),
        ({"backbone": "microsoft/resnet-101", "use_timm_backbone": False}, "resnet101", False),
        ({"backbone_config": {"model_type": "timm_backbone", "backbone": "resnet101",
                              "out_features": ["layer1", "layer4"]}}, "resnet101", False),
        ({"backbone_config": {**RESNET, "depths": [3, 4, 23, 3]}}, "resnet101", False),
        ({"backbone_config": RESNET}, "resnet50", False),
    ],
)  # fmt: skip
def test_backbones_have_torchvisions_names(
    changes: dict[str, Any], backbone: str, dilation: bool
) -> None:
    read = architecture_of(config_of(**changes))
    assert (read.backbone, read.dilation) == (backbone, dilation)


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"model_type": "mask2former"}, "a model of the type mask2former, which cannot be run"),
        ({"model_type": None}, "does not say its model_type"),
        ({"position_embedding_type": "learned"}, "position_embedding_type is 'learned'"),
        ({"activation_function": "gelu"}, "only 'relu' can be run"),
        ({"num_channels": 1}, "num_channels is 1"),
        ({"decoder_attention_heads": 8}, "encoder_attention_heads is 4 and decoder_attention"),
        ({"decoder_ffn_dim": 8}, "only equal ones can be run"),
        ({"d_model": 30}, "cannot share evenly"),
        ({"num_queries": "20"}, "num_queries is '20', not a whole number"),
        ({"backbone": "swin_t"}, "its backbone is swin_t; only resnet18"),
        ({"dilation": True}, "resnet18 has none here"),
        ({"backbone_kwargs": {"out_indices": [1, 2, 3]}}, "its features end with [1, 2, 3]"),
        ({"backbone_kwargs": [4]}, "backbone_kwargs is [4], not a mapping"),
        ({"backbone_config": {**RESNET, "hidden_sizes": [1, 2, 3, 4]}}, "widths [1, 2, 3, 4]"),
        ({"backbone_config": {**RESNET, "out_features": ["stage3"]}}, "its features end with"),
        ({"backbone_config": {"model_type": "swin"}}, "only ResNets can be run"),
        ({"backbone_config": {**RESNET, "downsample_in_bottleneck": True}}, "downsample_in_bottle"),
        ({"quantization_config": {"bits": 4}}, "quantised"),
        ({"id2label": {"1": "cell"}}, "id2label has to name a class for each number from 0"),
    ],
)  # fmt: skip
def test_what_cannot_be_run_is_one_sentence(changes: dict[str, Any], says: str) -> None:
    with pytest.raises(WeightsError) as caught:
        architecture_of(config_of(**changes))
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)


def test_stand_ins_are_no_names() -> None:
    labels = {"0": "LABEL_0", "1": "a\n b", "2": "", "3": "\x00"}
    assert labels_of({"id2label": labels}) == (None, "a b", None, None)
    assert labels_of({"num_labels": 3}) == (None, None, None)


def test_unknown_keys_are_told() -> None:
    assert unknown_keys(config_of(dropout=0.1, reference_points=3)) == ["reference_points"]


@pytest.mark.parametrize(
    ("config", "rule"),
    [
        ({}, InputRule()),
        ({"size": 800, "max_size": 1000}, InputRule(800, 1000)),
        ({"size": {"longest_edge": 1000}}, InputRule(1000, 1000)),
        ({"size": {"height": 640, "width": 480}}, InputRule(480, 640, (640, 480))),
        ({"do_normalize": False}, InputRule(mean=(0, 0, 0), std=(1, 1, 1))),
        ({"image_mean": [0.5] * 3, "image_std": [0.25] * 3},
         InputRule(mean=(0.5, 0.5, 0.5), std=(0.25, 0.25, 0.25))),
    ],
)  # fmt: skip
def test_how_images_are_prepared(config: dict[str, Any], rule: InputRule) -> None:
    assert input_rule(config) == rule


def test_what_the_file_leaves_out_is_as_its_kind_has_it() -> None:
    plain = {"mean": (0, 0, 0), "std": (1, 1, 1)}
    assert input_rule({}, "rt_detr") == InputRule(640, 640, (640, 640), **plain)
    assert input_rule({"size": {"height": 320, "width": 320}, "do_normalize": None},
                      "rt_detr") == InputRule(320, 320, (320, 320), **plain)  # fmt: skip
    assert input_rule({"do_normalize": True}, "rt_detr").mean == InputRule().mean
    assert input_rule({}, "yolos") == InputRule()


@pytest.mark.parametrize(
    ("config", "says"),
    [
        ({"resample": 3}, "resample is 3"),
        ({"do_rescale": False}, "do_rescale is False"),
        ({"rescale_factor": 1.0}, "only 1/255 can be done"),
        ({"size": {"max_height": 9}}, "not a number of pixels"),
        ({"size": {"max_height": 900}}, "size has the keys max_height"),
        ({"image_std": [1, 0, 1]}, "each has to be above 0"),
        ({"image_mean": [1]}, "not one number for each of three colours"),
        ({"do_center_crop": True}, "cropped or padded"),
    ],
)
def test_what_is_not_done_to_images_is_refused(config: dict[str, Any], says: str) -> None:
    with pytest.raises(WeightsError, match=says):
        input_rule(config)
