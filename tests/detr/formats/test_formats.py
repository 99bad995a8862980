"""What a file is, said before what it lacks; and nothing of it is run."""

from __future__ import annotations

import io
import json
import os
import pickle
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import save_file
from torch import nn

from generator.detr.checkpoint import read_state
from generator.detr.formats.file_header import read_header
from generator.detr.formats.key_names import official_name
from generator.detr.formats.pickle_header import read_pickle_header
from generator.detr.formats.shards import sha256_of_weights, shards_of
from generator.errors import ChangedError, WeightsError
from tests.detr.own.written import heads

INNER = {"class_embed.weight", "query_embed.weight"}


def prefixed(prefix: str) -> dict[str, Any]:
    return {f"{prefix}{name}": one for name, one in heads().items()}


@pytest.mark.parametrize("old", [False, True], ids=["zip", "old"])
@pytest.mark.parametrize(
    ("saved", "kind"),
    [
        (heads(), None),
        ({"model": heads()}, None),
        ({"model": heads(), "epoch": 3}, "a training checkpoint"),
        ({"model": {"a": torch.zeros(1)}, "model_ema": heads()}, "average (EMA)"),
        ({"ema": {"module": heads(), "updates": 7}}, "average (EMA)"),
        ({"model": heads(), "model_ema": None, "ema": 0.999}, None),
        ({"ema": {"n_averaged": torch.tensor(3), **prefixed("module.")}}, "average (EMA)"),
        (prefixed("module."), "wrapped by DataParallel"),
        ({"state_dict": prefixed("model."), "pytorch-lightning_version": "2"}, "a Lightning"),
        ({"model": {**prefixed("detr."), "mask_head.lay1.weight": torch.zeros(1),
                    "bbox_attention.q.bias": torch.zeros(1)}}, "a panoptic model"),
        ({"model": {**heads(), "criterion.empty_weight": torch.zeros(4)}}, None),
    ],
    ids=["state", "model", "training", "ema", "timm ema", "no ema", "swa", "parallel", "lightning",
         "masks", "loss"],
)  # fmt: skip
def test_wrappings_are_told_and_taken_off(
    saved: Any, kind: str | None, old: bool, tmp_path: Path
) -> None:
    file = tmp_path / "a.pth"
    torch.save(saved, file, _use_new_zipfile_serialization=not old)
    header = read_header(file)
    assert set(header.shapes) == INNER
    assert header.shapes["class_embed.weight"] == (4, 32)
    assert kind in "; ".join(header.kinds) if kind else header.kinds == ()
    assert {name: tuple(one.shape) for name, one in read_state(file).items()} == header.shapes


class Whole(nn.Module):
    """A model that somebody saved as a whole."""

    def __init__(self) -> None:
        super().__init__()
        self.class_embed = nn.Linear(2, 2)


def test_a_whole_pickled_model_is_called_so(tmp_path: Path) -> None:
    file = tmp_path / "whole.pth"
    torch.save(Whole(), file)
    for read in (read_header, read_state):
        with pytest.raises(WeightsError) as caught:
            read(file)
        assert "a whole pickled model (tests.detr.formats.test_formats.Whole)" in str(caught.value)


class _Touch:
    """Pickles into a call."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> Any:
        return os.mkdir, (str(self.path),)


class _Builds:
    """Pickles into a change of whatever made it."""

    def __reduce__(self) -> Any:
        return dict, (), {"class_embed.weight": 1}


def test_nothing_in_a_file_runs(tmp_path: Path) -> None:
    made, file = tmp_path / "made", tmp_path / "evil.pth"
    torch.save({"model": heads(), "extra": _Touch(made), "odd": _Builds()}, file)
    assert set(read_header(file).shapes) == INNER
    assert set(read_state(file)) == INNER
    assert not made.exists()


def test_weights_beside_objects_of_libraries_are_read(tmp_path: Path) -> None:
    file = tmp_path / "lightning.ckpt"
    weights = {"class_embed.weight": torch.randn(4, 3).T,
               "query_embed.weight": torch.ones(2).half(),
               "transformer.count": torch.tensor(7)}  # fmt: skip
    saved = {"state_dict": {f"model.{name}": one for name, one in weights.items()},
             "pytorch-lightning_version": "2", "best": np.float64(1),
             "folder": Path("x")}  # fmt: skip
    torch.save(saved, file)
    read = read_state(file)
    assert read.keys() == weights.keys()
    assert all(torch.equal(read[name], one) for name, one in weights.items())
    assert read["query_embed.weight"].dtype == torch.float16


@pytest.mark.parametrize(
    "program",
    [
        b"cbuiltins\neval\n(S'1/0'\ntR.",
        b"\x80\x04\x95\xff\xff\xff\xff\xff\xff\xff\x7f.",
        b"\x80\x02K\x01r\xff\xff\xff\x7f.",
        b"(lp0\n0g0\n.",
    ],
    ids=["eval", "frame", "memo", "list"],
)
def test_odd_pickles_are_one_sentence(program: bytes, tmp_path: Path) -> None:
    file = tmp_path / "odd.pth"
    head: tuple[object, ...] = (0x1950A86A20F9469CFC6C, 1001, {})
    magic = b"".join(pickle.dumps(one, 2) for one in head)
    file.write_bytes(magic + program)
    with pytest.raises(WeightsError, match=r"odd\.pth: "):
        read_header(file)


def test_the_header_makes_nothing_but_plain_records(tmp_path: Path) -> None:
    file = tmp_path / "a.pth"
    torch.save({"path": Path("x"), "size": torch.Size([1, 2]), "set": {1}}, file)
    read = read_pickle_header(file)
    assert type(read["path"]).__mro__[1].__name__ == "Opaque"
    assert read["size"] == (1, 2)


def test_a_storage_whose_name_would_fill_the_memory_is_refused(tmp_path: Path) -> None:
    nested = b")" + b"2\x86" * 40  # a pair of itself, forty times: 2^40 words if written out
    program = b"\x80\x02ctorch._utils\n_rebuild_tensor_v2\n((X\x01\x00\x00\x00s"
    program += b"ctorch\nFloatStorage\n" + nested + b"tQK\x00))\x89)tR."
    file = tmp_path / "a.pth"
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("a/data.pkl", program)
    with pytest.raises(WeightsError, match="damaged"):
        read_pickle_header(file)


def shards(folder: Path) -> Path:
    for number, (name, value) in enumerate(heads().items(), 1):
        save_file({name: value}, folder / f"model-0000{number}-of-00002.safetensors")
    index = folder / "model.safetensors.index.json"
    names = [f"model-0000{number}-of-00002.safetensors" for number in (1, 2)]
    index.write_text(json.dumps({"weight_map": dict(zip(heads(), names, strict=True))}))
    return index


def test_all_shards_of_an_index_are_read_and_hashed(tmp_path: Path) -> None:
    index = shards(tmp_path)
    assert set(read_state(index, sha256_of_weights(index))) == INNER
    assert read_header(index).kinds == ("2 shards",)
    before = sha256_of_weights(index)
    save_file({"query_embed.weight": torch.ones(20, 32)}, shards_of(index)[1])
    assert sha256_of_weights(index) != before
    with pytest.raises(ChangedError):
        read_state(index, before)


def test_one_shard_says_that_it_is_one(tmp_path: Path) -> None:
    index = shards(tmp_path)
    shard = tmp_path / "model-00001-of-00002.safetensors"
    with pytest.raises(WeightsError, match=r"one shard of 2, .* name the folder or model\.saf"):
        read_header(shard)
    shards_of(index)[1].unlink()
    with pytest.raises(WeightsError, match="of its 2 shards model-00002-of-00002"):
        shards_of(index)
    index.write_text('{"weight_map": {"a": "../../etc/passwd"}}')
    with pytest.raises(WeightsError, match="not an index of shards"):
        shards_of(index)
    index.unlink()
    with pytest.raises(WeightsError, match="belong beside it"):
        read_header(shard)


@pytest.mark.parametrize(
    ("name", "official"),
    [
        ("model.backbone.conv_encoder.model.bn1.bias", "backbone.0.body.bn1.bias"),
        ("backbone.conv_encoder.model.conv1.weight", "backbone.0.body.conv1.weight"),
        ("model.backbone.model._backbone.bn1.bias", "backbone.0.body.bn1.bias"),
        ("model.backbone.conv_encoder.model.embedder.embedder.normalization.weight",
         "backbone.0.body.bn1.weight"),
        ("model.backbone.conv_encoder.model.encoder.stages.2.layers.5.layer.1.convolution.weight",
         "backbone.0.body.layer3.5.conv2.weight"),
        ("model.backbone.conv_encoder.model.encoder.stages.0.layers.0.shortcut.convolution.weight",
         "backbone.0.body.layer1.0.downsample.0.weight"),
        ("model.encoder.layernorm.weight", "transformer.encoder.norm.weight"),
        ("model.decoder.layers.1.final_layer_norm.bias", "transformer.decoder.layers.1.norm3.bias"),
        ("model.encoder.layers.1.mlp.fc1.bias", "transformer.encoder.layers.1.linear1.bias"),
        ("model.decoder.layers.0.encoder_attn.o_proj.bias",
         "transformer.decoder.layers.0.multihead_attn.out_proj.bias"),
        ("encoder.layers.0.fc2.bias", "transformer.encoder.layers.0.linear2.bias"),
    ],
)  # fmt: skip
def test_names_of_transformers_in_every_version(name: str, official: str) -> None:
    assert official_name(name) == official


def test_a_header_that_claims_too_much_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "a.safetensors"
    for content in (b"", (2**40).to_bytes(8, "little"), (2).to_bytes(8, "little") + b"[]"):
        file.write_bytes(content)
        with pytest.raises(WeightsError, match="damaged or not a checkpoint"):
            read_header(file)
    assert io.BytesIO(file.read_bytes()).read(1) == b"\x02"
