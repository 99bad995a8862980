"""Which models are relatives, and what is said where transformers is not installed."""

from __future__ import annotations

import sys
from typing import Any

import pytest

from generator.detr.relatives.architecture import KINDS, RelativeArchitecture, is_relative
from generator.detr.relatives.load import load_relative
from generator.errors import UsageError
from tests.detr.relatives.tiny import tiny_card
from tests.invented import invented_card


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_a_relative_without_transformers_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    monkeypatch.setitem(sys.modules, "transformers", None)
    with pytest.raises(UsageError, match=r"pip install 'detr-attention-handout\[transformers\]'"):
        load_relative(tiny_card(kind), {})


def test_detr_itself_is_no_relative() -> None:
    assert is_relative("yolos")
    assert not any(map(is_relative, ("detr", "table-transformer", None, 3, ["yolos"])))
    assert invented_card().relative is None
    assert tiny_card("yolos").relative is not None
    assert tiny_card("yolos").detr is None


def test_a_configuration_counts_more_than_a_default() -> None:
    one = RelativeArchitecture("deformable_detr", {"two_stage": True, "num_queries": 7})
    assert one.queries == 300
    assert RelativeArchitecture("dab-detr", {"num_patterns": 3, "num_queries": 4}).queries == 12
    assert RelativeArchitecture("conditional_detr", {"encoder_layers": 2}).layers == (2, 6)
    yolos = RelativeArchitecture("yolos", {"num_hidden_layers": 5, "patch_size": 8})
    assert (yolos.layers, yolos.size_multiple) == ((5, 5), 8)
    assert (yolos.has_encoder, yolos.has_decoder, yolos.is_sampled) == (False, False, False)


@pytest.mark.parametrize(
    ("config", "is_timm"),
    [
        ({"use_timm_backbone": True, "backbone": "resnet18", "backbone_config": None}, True),
        ({"use_timm_backbone": False, "backbone": "resnet18"}, False),
        ({"backbone_config": {"model_type": "timm_backbone", "backbone": "resnet18"}}, True),
        ({"backbone_config": {"model_type": "resnet"}}, False),
        ({}, True),
    ],
)
def test_who_gives_the_backbone_is_read(config: dict[str, Any], is_timm: bool) -> None:
    assert RelativeArchitecture("conditional_detr", config).has_timm_backbone == is_timm
    assert not RelativeArchitecture("yolos", {}).has_timm_backbone
