"""The key of a forward pass: what counts, and what does not."""

from __future__ import annotations

from dataclasses import replace

import pytest

from generator.detr.zoo import model_card
from generator.files.fingerprint import modules_of
from generator.inference.cache import _BORDER, _MODULES, forward_key

CARD = model_card("detr_resnet50")
FIRST = forward_key("aa", CARD, "00")


@pytest.mark.parametrize(
    "other",
    [
        forward_key("bb", CARD, "00"),
        forward_key("aa", CARD, "01"),
        forward_key("aa", replace(CARD, short_side=600), "00"),
        forward_key("aa", replace(CARD, size_rule="transformers"), "00"),
        forward_key("aa", replace(CARD, matching_weights=(2, 5, 2)), "00"),
        forward_key("aa", replace(CARD, mean=(0, 0, 0)), "00"),
        forward_key("aa", replace(CARD, fixed_hw=(640, 640)), "00"),
        forward_key("aa", CARD, "00", "bf16"),
        forward_key("aa", replace(CARD, category_names=("cat",)), "00"),
        forward_key("aa", model_card("detr_resnet101"), "00"),
    ],
)
def test_key_depends_on_all_that_a_forward_pass_depends_on(other: str) -> None:
    assert other != FIRST


def test_texts_of_a_card_do_not_count() -> None:
    card = replace(CARD, title="Another", notes="Other notes.", ap=1.0, dataset="none")
    assert forward_key("aa", card, "00") == FIRST


def test_key_follows_the_network_the_preprocessing_and_the_libraries() -> None:
    modules, libraries = modules_of(*_MODULES, border=_BORDER)
    for name in ("transformer", "backbone", "preprocessing", "weights", "capture"):
        assert f"generator.detr.{name}" in modules
    assert "generator.inference.saved_forward_pass" in modules, "what files hold counts, too"
    assert not {"generator.detr.zoo", "generator.measures.image"} & modules
    assert {"torch", "torchvision", "numpy", "PIL"} <= libraries
