"""The script that brings the model: small, the same bytes each time, and torch-free."""

from __future__ import annotations

import base64
import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from generator.detr.backbone import fold_batch_norm
from generator.detr.weights import build_model
from generator.detr.zoo import model_card, model_names
from generator.errors import WeightsError
from generator.files.folders import BuildFolder
from generator.outputs.live import publish
from generator.outputs.live.bundle import WORKER_SCRIPTS, live_bundle, whole_numbers
from generator.outputs.live.network import (
    can_run_live,
    fold_batch_norms,
    live_network,
    read_tensors,
)
from generator.outputs.live.publish import publish_live_models
from tests.live.node import LIVE, run
from tests.live.twin import embedded, embedded_network


@pytest.mark.slow
def test_the_whole_of_it_has_five_megabytes_at_most(bundle: Path) -> None:
    others = sum(path.stat().st_size for path in LIVE.glob("*.js"))
    assert bundle.stat().st_size + others <= 5_000_000


@pytest.mark.slow
def test_the_same_bytes_twice_and_plain_ascii(bundle: Path) -> None:
    text = live_bundle(embedded_network(), LIVE)
    assert text.isascii()
    assert text == bundle.read_text(encoding="utf-8")


def test_it_holds_the_models_own_numbers(bundle: Path) -> None:
    text = bundle.read_text(encoding="utf-8")
    held = json.loads(text[text.index(".bundle = ") + 10 :].rstrip(";\n"))
    card = embedded()
    assert card.detr is not None
    model = held["model"]
    assert model["architecture"]["num_queries"] == card.detr.num_queries
    assert [one["name"] for one in model["categories"]] == list(card.category_names)
    assert model["input"]["short_side"] == card.short_side
    assert base64.b64decode(held["kernels"]) == (LIVE / "kernels.wasm").read_bytes()
    places = [held["worker"].index((LIVE / name).read_text("utf-8")) for name in WORKER_SCRIPTS]
    assert places == sorted(places)


@pytest.mark.slow
def test_batch_norms_are_folded_as_python_folds_them() -> None:
    card = embedded()
    folded = fold_batch_norms(read_tensors(card.file))
    model = build_model(card)
    model.load_state_dict({k: torch.from_numpy(v) for k, v in read_tensors(card.file).items()})
    fold_batch_norm(model)
    wanted = model.state_dict()
    assert folded.keys() == wanted.keys()
    for name, one in folded.items():
        np.testing.assert_allclose(one, wanted[name].numpy(), atol=1e-6, rtol=1e-6)


def test_whole_numbers_are_off_by_half_a_step_at_most() -> None:
    tensor = np.random.default_rng(0).normal(size=(5, 3, 2, 2)).astype(np.float32)
    tensor[2] = 0
    tensor[3] *= 1e-4  # a row of its own size
    numbers, factors = whole_numbers(tensor)
    assert numbers.shape == tensor.shape
    again = numbers * factors[:, None, None, None].astype(np.float64)
    largest = np.abs(tensor).reshape(5, -1).max(axis=1)[:, None, None, None]
    assert (np.abs(again - tensor) <= largest / 32767 * 0.501).all()


@pytest.mark.slow
@pytest.mark.node
def test_numbers_arrive_in_javascript_as_they_were_sent(bundle: Path) -> None:
    found = run(["weights.js", bundle], "return [...Live.weights.state(Live.bundle)];")
    tensors = embedded_network().tensors
    assert [name for name, _ in found] == sorted(tensors)
    for name, values in found:
        sent = tensors[name]
        if sent.ndim > 1:
            numbers, factors = whole_numbers(sent)
            sent = (numbers.reshape(len(sent), -1) * factors[:, None]).astype(np.float32)
        np.testing.assert_array_equal(values, sent.ravel())


def test_only_what_is_small_and_shipped_runs_in_a_page() -> None:
    assert [name for name in model_names() if can_run_live(model_card(name))] == ["detr_emoji"]
    assert not can_run_live(replace(embedded(), checkpoint_url="somewhere-01234567.pth"))
    with pytest.raises(ValueError, match="detr_resnet50 has no small backbone"):
        live_network(model_card("detr_resnet50"), {})


def test_weights_that_cannot_be_read_are_a_sentence(tmp_path: Path) -> None:
    for path in (tmp_path / "none.safetensors", tmp_path / "bad.safetensors"):
        if path.name.startswith("bad"):
            path.write_bytes(b"no weights")
        with pytest.raises(WeightsError, match="the weights cannot be read"):
            read_tensors(path)


@pytest.mark.slow
def test_no_torch_is_needed() -> None:
    program = (
        "import sys; from generator.detr.zoo import model_card;"
        "from generator.outputs.live import bundle, network;"
        "card = model_card('detr_emoji');"
        "network.live_network(card, network.read_tensors(card.file));"
        "sys.exit('torch' in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", program], check=True)


@pytest.mark.slow
def test_it_is_published_once_and_goes_when_no_image_needs_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, templates = BuildFolder(tmp_path / "build"), LIVE.parents[1]
    cards = [model_card("detr_resnet50"), embedded()]
    publish_live_models(folder, templates, cards)
    (file,) = (folder.docs / "assets" / "live").iterdir()
    assert file == folder.live_model("detr_emoji")
    assert "Live" in file.read_text("ascii")[:100]
    written = file.stat().st_mtime_ns

    with monkeypatch.context() as patch:
        patch.setattr(publish, "live_bundle", lambda *_: pytest.fail("it was there"))
        publish_live_models(folder, templates, cards)
    assert file.stat().st_mtime_ns == written

    file.write_text("cut short")
    publish_live_models(folder, templates, cards)
    assert file.stat().st_size > 4_000_000

    publish_live_models(folder, templates, cards[:1])
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_templates_without_the_scripts_give_no_live_model(tmp_path: Path) -> None:
    folder = BuildFolder(tmp_path / "build")
    (tmp_path / "templates" / "assets").mkdir(parents=True)
    publish_live_models(folder, tmp_path / "templates", [embedded()])
    assert not folder.path.exists()
