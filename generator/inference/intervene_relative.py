"""Runs the causal tests of one image through a relative of DETR.

In: a detector, RGB pixels, a `CausalPlan`. Out: the same `CausalTests` as of a DETR, with NaN where
a test has no meaning for such a model: an order or a map that there is not, shuffled weights of a
decoder where there is one stack, detections whose queries are chosen anew from a changed encoder.
"""

from __future__ import annotations

import dataclasses
import logging
import time
from collections.abc import Iterator
from contextlib import ExitStack

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from generator.detr.interventions import shuffled
from generator.detr.relatives.cells import Cells
from generator.detr.relatives.load import architecture_of
from generator.detr.relatives.parts import Attention
from generator.detr.relatives.recorded import recording
from generator.detr.relatives.relevance import relevance_of_relative
from generator.detr.relatives.replay import RelativeReplay
from generator.inference.causal_runs import planned_runs, told_if_long
from generator.inference.causal_tests import (
    ATTENTIONS,
    DECODER_CROSS,
    DECODER_SHUFFLED,
    ENCODER_SELF,
    STAGES,
    CausalPlan,
    CausalTests,
    Indices,
    Predictions,
    order_or_none,
)
from generator.inference.detector import Detector
from generator.inference.forward_pass import FloatArray, ForwardPass
from generator.inference.intervene import DRAWS, Ablations, Masks, as_array

logger = logging.getLogger("generator")


def intervene_relative(
    detector: Detector, pixels: npt.NDArray[np.uint8], plan: CausalPlan
) -> CausalTests:
    """Makes all tests of one image, (H, W, 3) RGB, that have a meaning."""
    image = detector.prepared(pixels)
    forward = detector.run(pixels, image)
    cells = Cells(forward.grid_hw, forward.input_hw, forward.stride, forward.first_centre)
    with torch.no_grad(), detector.computing():
        architecture = architecture_of(detector.card)
        replay = RelativeReplay(detector.model, architecture, image, cells, _cells_read(forward))
        began = time.perf_counter()
        before = replay.decode()
        seconds = time.perf_counter() - began
        relevance = _relevance(replay, plan)
        orders = np.concatenate([plan.orders, order_or_none(relevance)[None]])
        if not replay.parts.before and (said := told_if_long(_runs(replay, plan, orders), seconds)):
            logger.warning("%s", said)
        masks, ablations = Masks(replay, plan, before), Ablations(replay, plan)
        attention, shuffled_relevance, rows = (
            np.stack(ones) for ones in zip(*_all_shuffled(replay, plan), strict=True)
        )
        ablated = [
            {kind: _told(replay, kind, of(kind)) for kind in ATTENTIONS}
            for of in (
                ablations.alone,
                lambda kind: ablations.up_to(kind, replay.evenly),
                lambda kind: ablations.up_to(kind, replay.silently),
            )
        ]
        return CausalTests(
            plan=plan,
            before=masks.outcomes(before, np.arange(len(plan.queries))),
            knocked_out=masks.knocked_out(),
            deleted=masks.curves(orders, inserted=False),
            inserted=masks.curves(orders, inserted=True),
            alone=ablated[0],
            up_to=ablated[1],
            silent=ablated[2],
            relevance=relevance,
            shuffled_attention=attention,
            shuffled_relevance=shuffled_relevance,
            shuffled_rows=rows,
        )


def _runs(replay: RelativeReplay, plan: CausalPlan, orders: Indices) -> int:
    heads = {kind: [one.num_heads for one in replay.attentions(kind)] for kind in ATTENTIONS}
    return planned_runs(plan, heads, int((orders >= 0).all(axis=(1, 2)).sum()))


def _cells_read(forward: ForwardPass) -> int:
    points = forward.points.get(DECODER_CROSS)
    levels = (forward.grid_hw,) if points is None else points.levels_hw
    return sum(h * w for h, w in levels)


def _told(replay: RelativeReplay, kind: str, found: Predictions) -> Predictions:
    """Without the detections' own queries, if a changed encoder has others chosen."""
    if kind != ENCODER_SELF or not replay.architecture.chooses_queries:
        return found
    return dataclasses.replace(found, probability=np.full_like(found.probability, np.nan))


def _relevance(replay: RelativeReplay, plan: CausalPlan) -> FloatArray:
    return as_array(relevance_of_relative(replay, plan.queries.tolist(), plan.classes.tolist()))


Shuffled = tuple[FloatArray, FloatArray, FloatArray]
"""Cross-attention, relevance and encoder rows, (D, n, N) each."""


def _all_shuffled(replay: RelativeReplay, plan: CausalPlan) -> Iterator[Shuffled]:
    """What is left of the maps after the weights of each of `STAGES` were shuffled."""
    nothing = np.full((DRAWS, *plan.knock_outs.shape[1:]), np.nan, np.float32)
    for stage in STAGES:
        stacks = [replay.parts.decoder, replay.parts.encoder]
        if stage == DECODER_SHUFFLED:
            stacks = stacks[:1]
        has_none = not replay.parts.encoder and stage == DECODER_SHUFFLED  # one stack is both
        if has_none or not len(plan.queries):
            yield nothing, nothing, nothing
            continue
        maps = []
        for seed in range(DRAWS):
            generator = torch.Generator().manual_seed(seed)
            with ExitStack() as changed:
                for layer in (one for stack in stacks for one in stack):
                    changed.enter_context(shuffled(layer, generator))
                if len(stacks) > 1:
                    changed.enter_context(replay.with_encoder_as_it_is())
                maps.append(_maps(replay, plan))
        attention, relevance, rows = (np.stack(ones) for ones in zip(*maps, strict=True))
        yield attention, relevance, rows


def _maps(replay: RelativeReplay, plan: CausalPlan) -> Shuffled:
    """The maps of the last layers as the network now computes them, (n, N) each."""
    with recording(replay.model) as seen:
        replay.run(first=(ENCODER_SELF, 0))
    names = {id(module): name for name, module in replay.model.named_modules()}
    cross, encoder = (
        _rows(replay.attentions(kind)[-1], seen.pairs, names, chosen, plan)
        for kind, chosen in ((DECODER_CROSS, plan.queries), (ENCODER_SELF, plan.middles))
    )
    return cross, _relevance(replay, plan), encoder


def _rows(
    attention: Attention,
    pairs: dict[str, tuple[Tensor, Tensor]],
    names: dict[int, str],
    chosen: Indices,
    plan: CausalPlan,
) -> FloatArray:
    """Rows of an attention, heads averaged; NaN of sampled attention: (n, N)."""
    if attention.is_sampled:
        return np.full(plan.knock_outs.shape[1:], np.nan, np.float32)
    queries, keys = pairs[names[id(attention.module)]]  # (H, ., d)
    q = queries[:, attention.rows][:, torch.from_numpy(chosen)]
    weights = (q @ keys.transpose(-1, -2) / q.shape[-1] ** 0.5).softmax(dim=-1).mean(dim=0)
    return as_array(weights[:, attention.keys])
