"""Our DETR compared with the `transformers` package's, with the same random weights."""

import dataclasses
from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from generator.detr.architecture import DetrArchitecture
from generator.detr.capture import Recorded, capture_queries_and_keys
from generator.detr.formats.key_names import is_of_transformers
from generator.detr.hugging_face import from_hugging_face
from generator.detr.model import DETR, DetrOutput
from tests.undrawn import undrawn_weights

pytestmark = [
    pytest.mark.reference,
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::FutureWarning"),
]

SMALL = DetrArchitecture(
    "resnet50", 91, num_queries=9, num_encoder_layers=2, num_decoder_layers=2, dim_feedforward=64
)


@pytest.fixture(scope="module", params=[False, True], ids=["stride 32", "DC5"])
def models(request: pytest.FixtureRequest, randomise: Callable[..., nn.Module]) -> Any:
    """The same weights in both implementations: ours, theirs."""
    transformers = pytest.importorskip("transformers")  # here, since that takes seconds
    ours = randomise(DETR(dataclasses.replace(SMALL, dilation=request.param)))
    config = transformers.DetrConfig(
        num_labels=91, num_queries=9, encoder_layers=2, decoder_layers=2, encoder_ffn_dim=64,
        decoder_ffn_dim=64, dilation=request.param, attn_implementation="eager",
    )  # fmt: skip
    with undrawn_weights():
        theirs = transformers.DetrForObjectDetection(config).eval()
    state = _as_saved(theirs)
    assert is_of_transformers(state)
    renamed = from_hugging_face(state)
    assert set(renamed) == set(ours.state_dict())
    # Our model has the random weights; theirs gets them through the inverse of our renaming.
    flat = ours.state_dict()
    theirs.load_state_dict(_as_theirs(theirs, flat))
    check = from_hugging_face(_as_saved(theirs))
    assert all(torch.equal(check[name], flat[name]) for name in flat)
    return ours, theirs


def _as_saved(theirs: Any) -> dict[str, Tensor]:
    """Their state under the names of the published files, which their loader renames."""
    return {
        name.replace("o_proj", "out_proj")
        .replace(".mlp.", ".")
        .replace("model.backbone.model", "model.backbone.conv_encoder.model"): value
        for name, value in theirs.state_dict().items()
    }


def _as_theirs(theirs: Any, ours: dict[str, Tensor]) -> dict[str, Tensor]:
    """Our tensors under their names; marker tensors show which name belongs to which."""
    marked = {
        name: torch.tensor(float(index)).expand(value.shape)
        for index, (name, value) in enumerate(_as_saved(theirs).items())
    }
    names = list(theirs.state_dict())
    result: dict[str, Tensor] = {}
    for name, places in from_hugging_face(marked).items():
        if not places.dim():
            result[names[int(places)]] = ours[name]
            continue
        first = places.flatten(1)[:, 0] if places.dim() > 1 else places  # of each row
        assert (places.movedim(0, -1) == first).all(), "a row comes from two tensors"
        for index in first.unique().tolist():
            result[names[int(index)]] = ours[name][first == index]
    current = theirs.state_dict()
    assert set(current) - set(result) == {n for n in names if "num_batches_tracked" in n}
    return {**current, **result}


def _run_both(
    models: tuple[DETR, Any], images: Tensor, mask: Tensor | None
) -> tuple[DetrOutput, Recorded, Any]:
    ours, theirs = models
    with torch.inference_mode(), capture_queries_and_keys(ours) as recorded:
        output = ours(images, mask)
        pixel_mask = None if mask is None else (~mask).long()
        wanted = theirs(
            pixel_values=images,
            pixel_mask=pixel_mask,
            output_attentions=True,
            output_hidden_states=True,
        )
        # Their auxiliary outputs are not the official ones: each layer gets the normalised output
        # of the layer before. So the first layer's prediction is taken from its plain output.
        first = theirs.class_labels_classifier(
            theirs.model.decoder.layernorm(wanted.decoder_hidden_states[1])
        )
    torch.testing.assert_close(output.logits[0], first, atol=1e-4, rtol=1e-4)
    return output, recorded, wanted


def _weights(recorded: Recorded, name: str, padding: Tensor | None) -> Tensor:
    q, k = recorded.pairs[name]
    scores = q @ k.transpose(-1, -2) / q.shape[-1] ** 0.5
    if padding is not None:
        scores = scores.masked_fill(padding[:, None, None], float("-inf"))
    weights: Tensor = scores.softmax(-1)
    return weights


def _assert_equal(
    output: DetrOutput, recorded: Recorded, wanted: Any, padding: Tensor | None
) -> None:
    torch.testing.assert_close(output.logits[-1], wanted.logits, atol=1e-4, rtol=1e-4)
    torch.testing.assert_close(output.boxes_cxcywh[-1], wanted.pred_boxes, atol=1e-5, rtol=1e-4)
    kinds = (
        ("encoder.layers.{}.self_attn", wanted.encoder_attentions, padding),
        ("decoder.layers.{}.self_attn", wanted.decoder_attentions, None),
        ("decoder.layers.{}.multihead_attn", wanted.cross_attentions, padding),
    )
    for name, attentions, hidden in kinds:
        for layer, expected in enumerate(attentions):
            actual = _weights(recorded, "transformer." + name.format(layer), hidden)
            torch.testing.assert_close(actual, expected, atol=1e-5, rtol=0)


def test_one_image(models: Any) -> None:
    torch.manual_seed(0)
    output, recorded, wanted = _run_both(models, torch.randn(1, 3, 96, 130), None)
    assert output.logits[-1].std() > 0.1
    _assert_equal(output, recorded, wanted, None)


def test_batch_of_two_sizes(models: Any) -> None:
    torch.manual_seed(0)
    images = torch.randn(2, 3, 128, 160)
    mask = torch.zeros(2, 128, 160, dtype=torch.bool)
    mask[1, 64:], mask[1, :, 96:] = True, True
    output, recorded, wanted = _run_both(models, images, mask)
    h, w = output.feature_shape[2:]
    padding = nn.functional.interpolate(mask[None].float(), size=(h, w))[0].bool().flatten(1)
    assert padding[1].any()
    assert not padding[0].any()
    _assert_equal(output, recorded, wanted, padding)
