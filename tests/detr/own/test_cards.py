"""Cards of one's own models: what they are known by, and what is refused with which sentence."""

from __future__ import annotations

import argparse
import json
import shutil
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import save_file

from generator.detr.coco import COCO_NAMES
from generator.detr.own import identity
from generator.detr.own.cards import card_of_checkpoint, card_of_folder
from generator.detr.own.identity import of_zoo
from generator.detr.zoo import ModelCard, model_card
from generator.errors import WeightsError
from tests.detr.own.written import ARGUMENTS, checkpoint, config_of, folder, heads, of_transformers

R50 = {**ARGUMENTS, "backbone": "resnet50", "hidden_dim": 256, "nheads": 8, "enc_layers": 6,
       "dec_layers": 6, "dim_feedforward": 2048, "num_queries": 100,
       "dataset_file": "coco"}  # fmt: skip


@pytest.fixture
def official(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Makes a file the official one of a model."""

    def make(name: str | None) -> None:
        card = None if name is None else model_card(name)
        monkeypatch.setattr(identity, "official_model", lambda _: card)
        monkeypatch.setattr("generator.detr.own.cards.official_model", lambda _: card)

    return make


def refusal(call: Any, *given: Any, **named: Any) -> str:
    with pytest.raises(WeightsError) as caught:
        call(*given, **named)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_a_folder_tells_all(tmp_path: Path) -> None:
    card = card_of_folder("cells", folder(tmp_path / "cells", config_of()))
    assert card.category_names == ("cell", "nucleus", "debris")
    assert (card.short_side, card.long_side_cap, card.mean) == (224, 320, (0.5, 0.5, 0.5))
    assert (card.is_own, card.is_named, card.identity) == (True, True, "its config.json")
    assert card.file == tmp_path / "cells/model.safetensors"
    assert card.names_from == "id2label of its config.json"


def test_a_folder_that_lacks_something_says_what(tmp_path: Path) -> None:
    place = folder(tmp_path / "cells", config_of())
    (place / "model.safetensors").unlink()
    assert "has no weights; model.safetensors belongs beside" in refusal(card_of_folder, "a", place)
    (place / "config.json").write_text("{")
    assert "not JSON" in refusal(card_of_folder, "a", place)
    (place / "config.json").unlink()
    assert "has no config.json" in refusal(card_of_folder, "a", place)


def test_weights_that_contradict_their_config_are_refused(tmp_path: Path) -> None:
    place = folder(tmp_path / "a", config_of(), of_transformers(outputs=7))
    assert 'has 7 outputs: 6 classes and "no object", where 3 are told' in refusal(
        card_of_folder, "a", place
    )
    place = folder(tmp_path / "b", config_of(model_type="table-transformer"))
    assert "the last norm of its encoder is missing" in refusal(card_of_folder, "b", place)
    norm = {"model.encoder.layernorm.weight": torch.zeros(32)}
    assert card_of_folder(
        "b",
        folder(tmp_path / "b", config_of(model_type="table-transformer"),
               {**of_transformers(), **norm}),
    )  # fmt: skip
    place = folder(tmp_path / "c", config_of(), {**of_transformers(), **norm})
    assert "which only pre-norm models have" in refusal(card_of_folder, "c", place)
    save_file({"encoder.weight": torch.zeros(1)}, tmp_path / "c/model.safetensors")
    assert "has no class head" in refusal(card_of_folder, "c", place)


def test_a_training_checkpoint_tells_all_but_names(tmp_path: Path) -> None:
    file = checkpoint(tmp_path / "checkpoint.pth")
    card = card_of_checkpoint("mine", file)
    assert card.detr is not None
    assert (card.detr.backbone, card.detr.nheads) == ("resnet18", 4)
    assert card.category_names == ("class 0", "class 1", "class 2")
    assert not card.is_named
    assert "a training checkpoint" in card.notes
    named = card_of_checkpoint("mine", file, {1: "cell", 2: "nucleus"})
    assert named.categories == {1: "cell", 2: "nucleus"}
    assert "4 outputs: 3 classes" in refusal(card_of_checkpoint, "mine", file, ["cell", "nucleus"])
    assert "for the classes 0 to 2 and" in refusal(card_of_checkpoint, "mine", file, {3: "cell"})


def test_91_outputs_are_not_cocos_classes(tmp_path: Path) -> None:
    mine = checkpoint(tmp_path / "mine.pth", heads(outputs=92), dataset_file="cells")
    assert card_of_checkpoint("mine", mine).category_names[1] == "class 1"
    coco = checkpoint(tmp_path / "coco.pth", heads(outputs=92), dataset_file="coco")
    assert card_of_checkpoint("coco", coco).category_names == COCO_NAMES
    many = checkpoint(tmp_path / "many.pth", heads(outputs=251), dataset_file="coco_panoptic")
    assert len(card_of_checkpoint("many", many).categories) == 250


def of_91(path: Path, **arguments: Any) -> Path:
    return checkpoint(path / "mine.pth", heads(outputs=92), dataset_file="coco", **arguments)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ({"num_classes": 5}, "num_classes is 5"),
        ({"class_names": ["cell", "nucleus"]}, "class_names names classes of its own"),
        ({"coco_path": "/home/me/data/cells"}, "coco_path ends in cells"),
        ({"coco_path": "C:\\data\\cells_coco\\images"}, "coco_path ends in cells_coco"),
        ({"coco_path": "/data/coco/balloons/train2017"}, "coco_path ends in balloons"),
        ({"coco_path": None, "data_root": "./zellen"}, "data_root ends in zellen"),
    ],
)
def test_what_speaks_against_coco_counts_more_than_its_name(
    tmp_path: Path, arguments: dict[str, Any], says: str
) -> None:
    card = card_of_checkpoint("mine", of_91(tmp_path, **arguments))
    assert (card.is_named, card.category_names[1]) == (False, "class 1")
    assert card.names_from == f"dataset_file is coco, but {says}"
    assert f"({card.names_from}); they have numbers." in card.notes
    assert "/home" not in card.notes


@pytest.mark.parametrize(
    "arguments",
    [
        {},
        {"coco_path": "/datasets/MSCOCO-2017/images", "num_classes": 91},
        {"coco_path": "D:\\coco\\"},
        {"coco_path": "../data", "class_names": None},
    ],
)
def test_names_that_are_cocos_on_trust_say_so(tmp_path: Path, arguments: dict[str, Any]) -> None:
    card = card_of_checkpoint("mine", of_91(tmp_path, **arguments))
    assert (card.is_named, card.category_names) == (True, COCO_NAMES)
    assert card.names_from == "COCO's, by the training's own argument dataset_file: coco"
    assert card.names_from in card.notes


def test_a_project_says_what_the_classes_are(tmp_path: Path) -> None:
    other = of_91(tmp_path, coco_path="/data/cells")
    coco = card_of_checkpoint("mine", other, "coco")
    assert (coco.category_names, coco.is_named) == (COCO_NAMES, True)
    assert coco.names_from == "COCO's, by `classes: coco` in site_config.yml"
    unknown = card_of_checkpoint("mine", of_91(tmp_path), "unknown")
    assert (unknown.category_names[1], unknown.is_named) == ("class 1", False)
    named = card_of_checkpoint("mine", of_91(tmp_path), {1: "cell"})
    assert (named.categories, named.names_from) == ({1: "cell"}, "`classes:` in site_config.yml")
    few = checkpoint(tmp_path / "few.pth")
    assert "COCO's are 91" in refusal(card_of_checkpoint, "mine", few, "coco")


def test_weights_alone_need_a_base(tmp_path: Path) -> None:
    file = tmp_path / "state.pth"
    torch.save(heads(width=256, queries=100), file)
    assert "such as `base: detr_resnet50`" in refusal(card_of_checkpoint, "mine", file)
    save_file(
        {**heads(width=256), "transformer.encoder.layers.0.linear1.bias": torch.zeros(2048),
         "transformer.decoder.layers.4.linear1.bias": torch.zeros(2048)},
        file.with_suffix(".safetensors"),
    )  # fmt: skip
    card = card_of_checkpoint("mine", file.with_suffix(".safetensors"), None, "detr_resnet50_dc5")
    assert card.detr is not None
    assert (card.detr.dilation, card.detr.num_queries) == (True, 20)
    assert card.identity == "`base: detr_resnet50_dc5` in site_config.yml"


def test_a_wrong_base_is_refused(tmp_path: Path, official: Any) -> None:
    file = checkpoint(tmp_path / "dc5.pth", heads(width=256), **{**R50, "dilation": True})
    said = refusal(card_of_checkpoint, "mine", file, None, "detr_resnet50")
    assert "its training's command line says" in said
    assert "dilation is True instead of False" in said
    official("detr_resnet50_dc5")
    torch.save({"model": heads(width=256)}, file)
    said = refusal(card_of_checkpoint, "mine", file, None, "detr_resnet50")
    assert "the official detr_resnet50_dc5, by its SHA-256" in said


@pytest.mark.parametrize("wrong", ["learned", "v3"])
def test_learned_positions_are_refused(tmp_path: Path, wrong: str) -> None:
    file = checkpoint(tmp_path / "checkpoint.pth", position_embedding=wrong)
    assert f"--position_embedding {wrong}" in refusal(card_of_checkpoint, "mine", file)


def zoo(path: Path, name: str = "detr_resnet50") -> ModelCard:
    return of_zoo(name, path)


def test_weights_of_a_zoos_model_have_to_be_known(tmp_path: Path, official: Any) -> None:
    file = tmp_path / "weights.pth"
    torch.save({"model": heads(92, 256, 100)}, file)
    card = zoo(file)
    assert (card.is_named, card.category_names[1]) == (False, "class 1")
    assert "is taken on trust" in card.identity
    official("detr_resnet50")
    assert zoo(file).category_names[1] == "person"
    official("detr_resnet50_dc5")
    assert "write `detr_resnet50_dc5:` in place of `detr_resnet50:`" in refusal(zoo, file)
    official(None)
    checkpoint(file, heads(92, 256, 100), **R50)
    card = zoo(file)
    assert (card.category_names[1], card.ap) == ("person", None)  # its own training of COCO
    assert "Trained by the authors" not in card.notes
    assert "dilation is False instead of True" in refusal(zoo, file, "detr_resnet50_dc5")


def test_a_config_beside_the_weights_counts(tmp_path: Path) -> None:
    big = {"d_model": 256, "encoder_layers": 6, "decoder_layers": 6, "encoder_attention_heads": 8,
           "decoder_attention_heads": 8, "encoder_ffn_dim": 2048, "decoder_ffn_dim": 2048,
           "num_queries": 100, "backbone": "resnet50",
           "id2label": {str(n): name for n, name in enumerate(COCO_NAMES)}}  # fmt: skip
    place = folder(tmp_path, config_of(**big))
    said = refusal(zoo, place / "model.safetensors")
    assert "preprocessor_config.json has another short_side, 224" in said
    (place / "preprocessor_config.json").unlink()
    card = zoo(place / "model.safetensors")
    assert (card.category_names[1], card.ap) == ("person", 42.0)
    said = refusal(zoo, place / "model.safetensors", "detr_resnet101")
    assert "not detr_resnet101: backbone is 'resnet50'" in said
    (place / "config.json").write_text(json.dumps(config_of(**{**big, "id2label": {"0": "cell"}})))
    assert "a fine-tune of 1 classes, not 91; name its" in refusal(zoo, place / "model.safetensors")
    labels = {str(n): f"cell {n}" for n in range(91)}
    (place / "config.json").write_text(json.dumps(config_of(**{**big, "id2label": labels})))
    card = zoo(place / "model.safetensors")
    assert (card.category_names[1], card.ap, card.dataset) == ("cell 1", None, "not known")
    assert "COCO 2017" not in card.notes


def test_an_official_file_is_known_by_its_hash(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "a.pth"
    file.write_bytes(b"weights")
    monkeypatch.setattr(identity, "_sha256", lambda *_: "f0fb7ef5" + 56 * "0")
    found = identity.official_model(file)
    assert found is not None
    assert found.name == "detr_resnet50_dc5"
    monkeypatch.setattr(identity, "_sha256", lambda *_: 64 * "0")
    assert identity.official_model(file) is None


def test_an_argument_of_another_kind_is_refused(tmp_path: Path) -> None:
    file = checkpoint(tmp_path / "checkpoint.pth", nheads="8")
    assert "says nothing of nheads that can be read" in refusal(card_of_checkpoint, "mine", file)
    torch.save({"model": heads(), "args": argparse.Namespace(backbone=3)}, file)
    assert "says nothing of backbone" in refusal(card_of_checkpoint, "mine", file)


def test_the_matching_has_the_weights_of_the_training(tmp_path: Path) -> None:
    place = folder(tmp_path / "cells", config_of(class_cost=2, giou_cost=None))
    assert card_of_folder("cells", place).matching_weights == (2, 5, 2)
    file = checkpoint(tmp_path / "a.pth", set_cost_class=3, set_cost_bbox=4.5)
    assert card_of_checkpoint("mine", file).matching_weights == (3, 4.5, 2)
    checkpoint(file, set_cost_giou="a lot")
    assert "set_cost_giou is 'a lot', not a number" in refusal(card_of_checkpoint, "mine", file)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"encoder_layers": "six"}, "encoder_layers is 'six', not a whole number"),
        ({"num_queries": 0}, "it tells of 0 layers, heads or queries"),
        ({"class_cost": "much"}, "class_cost is 'much', not a number"),
        ({"quantization_config": {"bits": 4}}, "its weights are quantised"),
    ],
)
def test_a_relatives_config_that_tells_no_numbers_is_refused(
    tmp_path: Path, changes: dict[str, Any], said: str
) -> None:
    config = {"model_type": "conditional_detr", "id2label": {"0": "cell"}}
    place = folder(tmp_path, {**config, **changes})
    assert f"config.json: {said}" in refusal(card_of_folder, "cells", place)
    folder(tmp_path, {**config, "num_queries": None, "class_cost": None})
    relative = card_of_folder("cells", place).relative
    assert relative is not None
    assert (relative.queries, relative.matching_weights) == (300, (2, 5, 2))


@pytest.mark.parametrize(
    ("option", "said"),
    [
        ({"backbone": "swin_t"}, "trained with --backbone swin_t; only resnet18, "),
        ({"dilation": True}, "trained with --dilation, which resnet18 has not here"),
        ({"nheads": 5}, "hidden_dim is 32, which 5 heads"),
        ({"nheads": 0}, "tells of nheads 0, and each number has to be 1 at least"),
        ({"num_queries": -1}, "tells of num_queries -1"),
    ],
)
def test_arguments_of_which_no_network_can_be_built_are_refused(
    tmp_path: Path, option: dict[str, Any], said: str
) -> None:
    file = checkpoint(tmp_path / "checkpoint.pth", **option)
    assert said in refusal(card_of_checkpoint, "mine", file)


def test_shards_are_read_through_their_index(tmp_path: Path) -> None:
    place = folder(tmp_path / "cells", config_of())
    shutil.move(place / "model.safetensors", place / "model-00001-of-00002.safetensors")
    save_file({"model.x": torch.zeros(1)}, place / "model-00002-of-00002.safetensors")
    index = place / "model.safetensors.index.json"
    index.write_text(
        '{"weight_map": {"class_labels_classifier.weight": "model-00001-of-00002.safetensors",'
        ' "model.x": "model-00002-of-00002.safetensors"}}'
    )
    card = card_of_folder("cells", place)
    assert card.file == index
    assert "2 shards" in card.notes
