"""Relatives of DETR are what transformers says they are: answers, maps, points, detections."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from generator.analysis.attention import AttentionMaps
from generator.analysis.detections import Detections, detect
from generator.detr.relatives.architecture import KINDS, RelativeArchitecture
from generator.detr.relatives.load import load_relative
from generator.errors import WeightsError
from generator.inference.detector import Detector
from generator.inference.forward_pass import ForwardPass
from generator.inference.saved_forward_pass import load_forward_pass, save_forward_pass
from tests.detr.relatives.tiny import CONFIGS, a_picture, save_tiny, tiny_card

pytestmark = [
    pytest.mark.reference,
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::FutureWarning"),
    pytest.mark.filterwarnings("ignore::UserWarning"),
]


@dataclass
class Case:
    """A model that ran twice: by the generator, and by transformers alone.

    Attributes:
        seen: what deformable attentions were called with, by name.
    """

    kind: str
    detector: Detector
    forward: ForwardPass
    output: Any
    seen: dict[str, tuple[Any, dict[str, Any]]]


@pytest.fixture(scope="module", params=sorted(CONFIGS))
def case(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Case:
    pytest.importorskip("transformers")
    kind = request.param
    folder = tmp_path_factory.mktemp(kind)
    theirs = save_tiny(kind, folder)
    detector = Detector.load(tiny_card(kind), folder / "model.safetensors", "0" * 64)
    forward = detector.run(a_picture())
    seen: dict[str, tuple[Any, dict[str, Any]]] = {}
    for name, module in theirs.named_modules():
        if type(module).__name__.endswith("MultiscaleDeformableAttention"):
            module.register_forward_pre_hook(
                lambda one, _, options, name=name: seen.update({name: (one, options)}),
                with_kwargs=True,
            )
    with torch.no_grad():
        output = theirs(pixel_values=detector.prepared(a_picture()), output_attentions=True)
    return Case(kind, detector, forward, output, seen)


def test_answers_are_the_librarys(case: Case) -> None:
    np.testing.assert_allclose(case.forward.logits[-1], case.output.logits[0], atol=1e-4)
    np.testing.assert_allclose(case.forward.boxes_cxcywh[-1], case.output.pred_boxes[0], atol=1e-4)
    assert case.forward.logits.std(axis=1).max() > 0.01, "all queries answer alike"
    layers = 1 if case.kind == "yolos" else 3
    assert len(case.forward.logits) == layers


def test_answers_of_earlier_layers_are_those_of_the_loss(case: Case) -> None:
    if case.kind == "yolos":
        pytest.skip("one layer answers")
    model: Any = case.detector.model
    image = case.detector.prepared(a_picture())
    if case.kind == "conditional_detr":  # which changes its layers' inputs if the loss is asked for
        layers = model.model.decoder.layers
        for number in (1, 2):
            model.model.decoder.layers = layers[:number]
            with torch.no_grad():
                output = model(pixel_values=image)
            answers = case.forward.logits[number - 1], case.forward.boxes_cxcywh[number - 1]
            np.testing.assert_allclose(answers[0], output.logits[0], atol=1e-4)
            np.testing.assert_allclose(answers[1], output.pred_boxes[0], atol=1e-4)
        model.model.decoder.layers = layers
        return
    model.config.auxiliary_loss = True
    labels = [{"class_labels": torch.tensor([0]), "boxes": torch.tensor([[0.5, 0.5, 0.2, 0.2]])}]
    with torch.no_grad():
        output = model(pixel_values=image, labels=labels)
    for layer, one in enumerate(output.auxiliary_outputs[:2]):
        np.testing.assert_allclose(case.forward.logits[layer], one["logits"][0], atol=1e-4)
        np.testing.assert_allclose(
            case.forward.boxes_cxcywh[layer], one["pred_boxes"][0], atol=1e-4
        )


def test_maps_are_the_librarys(case: Case) -> None:
    maps, output = AttentionMaps(case.forward), case.output
    if case.kind == "yolos":
        h, w = case.forward.grid_hw
        patches, tokens = slice(1, 1 + h * w), slice(1 + h * w, None)
        pairs = [
            (maps.encoder_self, [one[:, :, patches, patches] for one in output.attentions]),
            (maps.decoder_self, [one[:, :, tokens, tokens] for one in output.attentions]),
            (maps.decoder_cross, [one[:, :, tokens, patches] for one in output.attentions]),
        ]
        column = np.stack([maps.encoder_column((1, 2), 0, head) for head in range(4)])
        theirs = output.attentions[0][0, :, patches, 1 + w + 2]
        np.testing.assert_allclose(column.reshape(4, -1), theirs, atol=1e-5)
    else:
        pairs = [(maps.decoder_self, output.decoder_attentions)]
        if case.kind != "deformable_detr":
            pairs.append((maps.encoder_self, output.encoder_attentions))
        if not case.forward.points:
            pairs.append((maps.decoder_cross, output.cross_attentions))
    for ours, theirs in pairs:
        for layer, of_layer in enumerate(theirs):
            for head in range(of_layer.shape[1]):
                one = ours(layer, head)
                np.testing.assert_allclose(
                    one.reshape(len(one), -1), of_layer[0, head], atol=1e-5, err_msg=f"{layer}"
                )
        assert max(of_layer.std() for of_layer in theirs) > 1e-3, "even maps prove nothing"


def test_points_are_the_librarys(case: Case) -> None:
    sampled = {"deformable_detr": ["encoder_self", "decoder_cross"], "rt_detr": ["decoder_cross"]}
    assert sorted(case.forward.points) == sorted(sampled.get(case.kind, []))
    for stack, points in case.forward.points.items():
        of_stack = {"encoder_self": "encoder_attentions", "decoder_cross": "cross_attentions"}
        weights = case.output[of_stack[stack]]
        assert len(points) == len(weights)
        part = "model.encoder" if stack == "encoder_self" else "model.decoder"
        calls = [call for name, call in case.seen.items() if name.startswith(part)]
        for layer, (module, options) in enumerate(calls):
            np.testing.assert_allclose(points.weights[layer], weights[layer][0], atol=1e-5)
            expected = locations(module, options)
            np.testing.assert_allclose(points.places[layer], expected, atol=1e-5)
            given = options["reference_points"][0, :, 0, :2]
            np.testing.assert_allclose(points.references[layer], given, atol=1e-6)
            np.testing.assert_allclose(points.weights[layer].sum(axis=(2, 3)), 1, atol=1e-5)


def locations(module: Any, options: dict[str, Any]) -> Any:
    """Where an attention reads, by the formulas of arXiv 2010.04159, appendix A.3."""
    asked = options["hidden_states"] + options["position_embeddings"]
    with torch.no_grad():
        offsets = module.sampling_offsets(asked)[0]
    offsets = offsets.unflatten(-1, (module.n_heads, module.n_levels, module.n_points, 2))
    starts = options["reference_points"][0][:, None, :, None]  # (Q, 1, levels or 1, 1, 2 or 4)
    if starts.shape[-1] == 2:
        sizes = torch.tensor([[w, h] for h, w in options["spatial_shapes_list"]])
        return starts + offsets / sizes[None, None, :, None]
    return starts[..., :2] + offsets / module.n_points * starts[..., 2:] * 0.5


def test_detections_are_those_of_the_librarys_post_processing(case: Case) -> None:
    best = np.sort(case.forward.scores().max(axis=1))
    second = np.sort(np.sort(case.forward.scores(), axis=1)[:, -2])
    # Between two scores, so that rounding decides nothing.
    for threshold, has_further in ((best[3:5].mean(), False), (second[-4:-2].mean(), True)):
        theirs = post_processed(case.kind, case.output, float(threshold))
        ours = detect(case.forward, float(threshold))
        assert_same_pairs(ours, theirs)
        assert len(set(ours.queries.tolist())) == len(ours)
        if has_further and case.forward.score == "sigmoid" and case.kind != "rt_detr":
            # RT-DETR lists as many pairs as queries; `test_many_queries_and_classes` has it.
            assert ours.further, "no query has two classes above the threshold"


def post_processed(kind: str, output: Any, threshold: float) -> dict[str, Any]:
    """What transformers lists of an image of 96 by 128 pixels, as it does it by default."""
    transformers = pytest.importorskip("transformers")
    processors = {
        "yolos": "YolosImageProcessor",
        "rt_detr": "RTDetrImageProcessor",
        "deformable_detr": "DeformableDetrImageProcessor",
    }
    name = processors.get(kind, "ConditionalDetrImageProcessor")
    (found,) = getattr(transformers, name)().post_process_object_detection(
        output, threshold=threshold, target_sizes=torch.tensor([[96, 128]])
    )
    return {name: values.numpy() for name, values in found.items()}


def assert_same_pairs(ours: Detections, theirs: dict[str, Any]) -> None:
    """Compares every pair of a query and a class, whatever the order of equal scores."""
    pairs = list(ours.pairs())
    assert len(pairs) == len(theirs["scores"]) > 0
    order = np.argsort(-theirs["scores"], kind="stable")
    np.testing.assert_allclose([one.score for one in pairs], theirs["scores"][order], atol=1e-4)
    boxes = theirs["boxes"].clip(0, [128, 96, 128, 96])
    for one in pairs:  # boxes of pixels, to 1e-4 of the image
        is_same = (
            (np.abs(boxes - one.box_xyxy).max(axis=1) < 1e-2)
            & (np.abs(theirs["scores"] - one.score) < 1e-4)
            & (theirs["labels"] == one.category_id)
        )
        assert is_same.any(), one


@pytest.mark.parametrize(("kind", "most"), [("conditional_detr", 100), ("rt_detr", 300)])
def test_many_queries_and_classes(kind: str, most: int, tmp_path: Path) -> None:
    """300 queries, 250 classes, and at last more pairs above the threshold than are listed."""
    pytest.importorskip("transformers")
    names = [f"thing {number}" for number in range(250)]
    many = {"num_queries": 300, "encoder_layers": 1, "decoder_layers": 1}
    theirs = save_tiny(kind, tmp_path, names, **many)
    # RT-DETR chooses its queries among the cells of its maps: 96 by 128 pixels have too few.
    card = replace(tiny_card(kind, names, **many), short_side=128)
    detector = Detector.load(card, tmp_path / "model.safetensors", "0" * 64)
    forward = detector.run(a_picture())
    with torch.no_grad():
        output = theirs(pixel_values=detector.prepared(a_picture()))
    scores = np.sort(forward.scores(), axis=None)[::-1]
    for listed in (40, most, most + 500):
        threshold = float(scores[listed - 1 : listed + 1].mean())
        ours = detect(forward, threshold)
        assert_same_pairs(ours, post_processed(kind, output, threshold))
        assert len(list(ours.pairs())) == min(listed, most)
    if kind == "rt_detr":  # of the other kind a case above has them
        assert ours.further, "no query has two classes above the threshold"


def test_a_forward_pass_is_read_back_as_it_was(case: Case, tmp_path: Path) -> None:
    file = tmp_path / f"{'a' * 32}.npz"
    save_forward_pass(case.forward, file)
    again = load_forward_pass(file)
    for stack in ("encoder_self", "decoder_self", "decoder_cross"):
        one, other = getattr(case.forward, stack), getattr(again, stack)
        np.testing.assert_array_equal(one.q, other.q)
        np.testing.assert_array_equal(one.k, other.k)
        assert (one.rest is None) == (other.rest is None)
        assert one.place == other.place
    for stack, points in case.forward.points.items():
        np.testing.assert_array_equal(points.places, again.points[stack].places)
        np.testing.assert_array_equal(points.references, again.points[stack].references)
        assert points.levels_hw == again.points[stack].levels_hw
    assert (again.score, again.matching_weights) == (
        case.forward.score,
        case.forward.matching_weights,
    )
    assert (case.forward.joint is None) == (again.joint is None) == (case.kind != "yolos")


def test_every_parameter_belongs_to_a_part(case: Case) -> None:
    profile = case.forward.profile
    assert profile.parameters == sum(one.numel() for one in case.detector.model.parameters())
    assert profile.parts["encoder"].multiply_adds > 0
    assert (profile.parts["decoder"].multiply_adds > 0) == (case.kind != "yolos")
    assert profile.shapes["classes"] == case.forward.logits.shape[1:]


def test_weights_of_another_model_are_refused(case: Case) -> None:
    state = dict(case.detector.model.state_dict())
    name = next(one for one in state if "class" in one and one.endswith("weight"))
    with pytest.raises(WeightsError, match=r"not the weights.*another shape"):
        load_relative(case.detector.card, state | {name: torch.zeros(7, *state[name].shape[1:])})
    lost = next(n for n in state if n.endswith("norm.weight") and "backbone" not in n)
    with pytest.raises(WeightsError, match=f"missing, such as {lost}"):
        load_relative(case.detector.card, {n: one for n, one in state.items() if n != lost})
    with pytest.raises(WeightsError, match="NaN or infinity"):
        load_relative(case.detector.card, state | {name: state[name] * float("nan")})


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_what_a_configuration_leaves_out_is_transformers_default(kind: str) -> None:
    transformers = pytest.importorskip("transformers")
    config = transformers.AutoConfig.for_model(kind)
    ours, about = RelativeArchitecture(kind, {}), KINDS[kind]
    assert ours.layers == tuple(getattr(config, name) for name, _ in about.layers)
    assert ours.heads == tuple(getattr(config, name) for name, _ in about.heads)
    assert ours.queries == getattr(config, about.queries[0])
    inner = getattr(config, "backbone_config", None)
    assert ours.has_timm_backbone == (getattr(inner, "model_type", "") == "timm_backbone")
    of_rt = ("matcher_class_cost", "matcher_bbox_cost", "matcher_giou_cost")
    names = of_rt if kind == "rt_detr" else ("class_cost", "bbox_cost", "giou_cost")
    assert ours.matching_weights == tuple(getattr(config, name) for name in names)
