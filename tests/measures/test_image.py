import dataclasses
import math
from collections.abc import Iterator
from typing import Any, cast

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from generator.analysis.attention import AttentionMaps
from generator.analysis.detections import Detections, detect
from generator.detr.capture import capture_queries_and_keys
from generator.inference.forward_pass import ForwardPass, QueriesAndKeys
from generator.measures.catalogue import about
from generator.measures.image import measure_image
from generator.measures.measurement import Measurement
from generator.measures.mechanisms import CONTROLS, MECHANISMS
from generator.measures.target_boxes import detected_boxes
from tests.conftest import MakeForward
from tests.measures.planting import planted, random_rows

GRID, HEADS, LAYERS, QUERIES, WIDTH = (3, 5), 4, 2, 6, 32
TOKENS = GRID[0] * GRID[1]
KINDS = {
    "encoder_self": ("encoder.layers.", "self_attn"),
    "decoder_self": ("decoder.layers.", "self_attn"),
    "decoder_cross": ("decoder.layers.", "multihead_attn"),
}


class Attentions(nn.Module):
    """The attentions of a transformer, each with its own inputs; they return weights."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.encoder, self.decoder = (
            nn.ModuleDict({"layers": nn.ModuleList(nn.ModuleDict() for _ in range(LAYERS))})
            for _ in range(2)
        )
        for name in KINDS.values():
            for layer in self.get_submodule(name[0].rstrip(".")).children():
                attention = nn.MultiheadAttention(WIDTH, HEADS)
                nn.init.normal_(attention.in_proj_weight, std=0.4)
                nn.init.normal_(attention.in_proj_bias)
                cast(nn.ModuleDict, layer)[name[1]] = attention

    def forward(self) -> dict[str, list[Tensor]]:
        weights: dict[str, list[Tensor]] = {kind: [] for kind in KINDS}
        for kind, (prefix, suffix) in KINDS.items():
            for layer in range(LAYERS):
                query = torch.randn(TOKENS if kind == "encoder_self" else QUERIES, 1, WIDTH)
                key = query if kind != "decoder_cross" else torch.randn(TOKENS, 1, WIDTH)
                module = self.get_submodule(f"{prefix}{layer}.{suffix}")
                _, of_heads = module(
                    query, key, key, need_weights=True, average_attn_weights=False
                )  # (1, heads, n, keys)
                weights[kind].append(torch.cat([of_heads.mean(1), of_heads[0]]))
        return weights


@pytest.fixture(scope="module")
def case(
    make_forward: MakeForward,
) -> tuple[ForwardPass, Detections, dict[str, list[Tensor]]]:
    """A forward pass with captured attention, its detections, and the weights of torch."""
    model = Attentions().eval()
    with torch.no_grad(), capture_queries_and_keys(model) as recorded:
        weights = model()
    pairs: dict[str, Any] = {
        kind: QueriesAndKeys(q.numpy(), k.numpy())
        for kind, (q, k) in ((kind, recorded.stack(*name)) for kind, name in KINDS.items())
    }
    forward = dataclasses.replace(make_forward(GRID, detections=3, queries=QUERIES), **pairs)
    return forward, detect(forward, 0.9), weights


def of_torch(
    forward: ForwardPass, detections: Detections, weights: dict[str, list[Tensor]]
) -> Iterator[tuple[str, str, int, Tensor]]:
    """Measure, mechanism, layer and the values of the mean map and each head, from torch."""
    kept = torch.from_numpy(detections.queries)
    y, x = torch.meshgrid(torch.arange(GRID[0]), torch.arange(GRID[1]), indexing="ij")
    cells = torch.stack([x.flatten() + 0.5, y.flatten() + 0.5], 1).double()
    boxes = torch.from_numpy(detected_boxes(detections).boxes_xyxy) * torch.tensor(
        [GRID[1], GRID[0], GRID[1], GRID[0]]
    )
    low, high = (cells - 0.5)[None], (cells + 0.5)[None]
    inside = torch.minimum(high, boxes[:, None, 2:]) - torch.maximum(low, boxes[:, None, :2])
    coverage = inside.clamp(min=0).prod(-1)  # (n, N)
    for kind, layers in weights.items():
        for layer, every in enumerate(layers):
            rows = (every if kind == "encoder_self" else every[:, kept]).double()
            entropy = torch.distributions.Categorical(rows).entropy()
            yield "entropy", kind, layer, entropy.mean(-1) / math.log(rows.shape[-1])
            mixed = (rows[1:, None] + rows[None, 1:]) / 2
            divergence = (rows[1:, None] * (rows[1:, None] / mixed).log2()).sum(-1)
            both = (divergence + divergence.transpose(0, 1)).mean(-1) / 2  # (heads, heads)
            of_heads = both.sum(1) / (HEADS - 1)
            yield "head_diversity", kind, layer, torch.cat([of_heads.mean()[None], of_heads])
            if kind == "decoder_self":
                continue
            starts = cells if kind == "encoder_self" else (boxes[:, :2] + boxes[:, 2:]) / 2
            reach = (rows * torch.cdist(starts, cells)).sum(-1).mean(-1)
            yield "distance", kind, layer, reach / math.hypot(*GRID)
            if kind == "decoder_cross":
                mass = (rows * coverage).sum(-1)
                yield "mass", kind, layer, mass.mean(-1)
                yield "lift", kind, layer, (mass / coverage.mean(-1)).mean(-1)
                hits = coverage.gather(1, rows.argmax(-1).T).T > 1e-6
                yield "pointing", kind, layer, hits.double().mean(-1)


@pytest.mark.slow
def test_agrees_with_an_independent_computation_in_torch(
    case: tuple[ForwardPass, Detections, dict[str, list[Tensor]]],
) -> None:
    forward, detections, _ = case
    measured = {
        (one.measure, one.mechanism, one.layer, one.head): one.value
        for one in measure_image(AttentionMaps(forward), detections)
    }
    compared = 0
    for measure, mechanism, layer, values in of_torch(*case):
        for head, value in zip((None, *range(HEADS)), values.tolist(), strict=True):
            found = measured[measure, mechanism, layer, head]
            assert found == pytest.approx(value, abs=2e-6, rel=2e-6), (measure, mechanism)
            compared += 1
    assert compared == (2 + 3 + 6) * LAYERS * (1 + HEADS)


def test_every_mechanism_layer_and_head_is_measured(
    case: tuple[ForwardPass, Detections, dict[str, list[Tensor]]],
) -> None:
    forward, detections, _ = case
    measurements = measure_image(AttentionMaps(forward), detections)
    for mechanism in KINDS:
        found = {
            (m.layer, m.head)
            for m in measurements
            if (m.mechanism, m.measure) == (mechanism, "entropy")
        }
        assert found == {(lay, head) for lay in range(2) for head in (None, 0, 1, 2, 3)}
    assert len(set(map(key, measurements))) == len(measurements)


def key(one: Measurement) -> tuple[str, str, int, int | None]:
    return one.measure, one.mechanism, one.layer, one.head


@pytest.mark.parametrize("detections", [0, 1, 2, 20])
@pytest.mark.parametrize("heads", [1, 3])
def test_what_cannot_be_measured_is_absent_and_never_nan(
    make_forward: MakeForward, detections: int, heads: int
) -> None:
    forward = make_forward((3, 5), detections=detections, heads=heads)
    measurements = measure_image(AttentionMaps(forward), detect(forward, 0.9))
    for one in measurements:
        low, high = about(one.measure).range
        assert one.mechanism in MECHANISMS
        assert {name for name, _ in one.controls} <= CONTROLS.keys()
        for value in (one.value, *dict(one.controls).values()):
            assert math.isfinite(value)
            assert low - 1e-9 <= value <= (math.inf if high is None else high) + 1e-9
    names = {one.measure for one in measurements}
    if detections == 0:
        assert names <= {"entropy", "distance", "distance_cells", "head_diversity", "detected",
                         "duplicates", "sink_share", "sink_peak", "sink_on_border",
                         "sink_brightest", "sink_share_without_sinks", "entropy_without_sinks",
                         "distance_without_sinks"}  # fmt: skip
    else:
        assert {"lift", "own_lift", "divergence_from_raw"} <= names
    assert ("head_diversity" in names) == (heads > 1)
    assert ("separation" in names) == (detections > 1)


def test_rollout_of_one_layer_that_looks_at_itself_is_the_raw_map(
    make_forward: MakeForward,
) -> None:
    """With nothing to follow through, rollout equals the raw map."""
    forward = make_forward((3, 4), detections=2, queries=5, layers=1)
    forward = dataclasses.replace(
        forward,
        encoder_self=planted(np.eye(12)[None, None]),
        decoder_self=planted(np.eye(5)[None, None]),
        decoder_cross=planted(random_rows(1, 1, 5, 12)),
    )
    measured = {key(m): m for m in measure_image(AttentionMaps(forward), detect(forward, 0.9))}
    assert measured["divergence_from_raw", "decoder_rollout", 0, None].value < 1e-9
    for name in ("entropy", "lift", "mass", "distance", "pointing"):
        raw, rolled = (measured[name, kind, 0, None]
                       for kind in ("decoder_cross", "decoder_rollout"))  # fmt: skip
        assert rolled.value == pytest.approx(raw.value)
        assert dict(rolled.controls) == pytest.approx(dict(raw.controls))
