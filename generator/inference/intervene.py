"""Runs the causal tests of one image: takes attention away, and notes what is then found.

In: a detector, RGB pixels, a `CausalPlan`. Out: `CausalTests`. All runs are of the detector's own
network (`detr.interventions`), from the features and the memory of a single forward pass. Masks
go through the decoder many at a time. `intervene_relative` does the same for relatives.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager, ExitStack
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from generator.detr.capture import capture_queries_and_keys
from generator.detr.interventions import Answer, Replay, shuffled
from generator.detr.relevance import relevance_of
from generator.detr.similarity import detection_similarity
from generator.inference.causal_tests import (
    ATTENTIONS,
    BY_LAYER,
    DECODER_SHUFFLED,
    ENCODER_SELF,
    ORDERS,
    STAGES,
    CausalPlan,
    CausalTests,
    Indices,
    Mask,
    Outcomes,
    Predictions,
    order_of,
)
from generator.inference.detector import Detector
from generator.inference.forward_pass import FloatArray

DRAWS = 2
"""How often weights are shuffled: with the seeds 0 and 1."""
_BLOCK_NUMBERS, _MOST_AT_ONCE = 2**22, 64
"""Numbers of all masks (queries x cells), and masks, that go through the decoder at once."""

Ablation = Callable[[Any], AbstractContextManager[None]]


class Network(Protocol):
    """What masks and ablations ask of a network that has seen an image, as `Replay` says it."""

    @property
    def queries(self) -> int: ...  # noqa: D102

    @property
    def cells_read(self) -> int: ...  # noqa: D102

    def attentions(self, kind: str) -> Sequence[Any]: ...  # noqa: D102

    def probabilities(self, logits: Tensor) -> Tensor: ...  # noqa: D102

    def decode(  # noqa: D102
        self, blocked: Tensor | None = None, layers: Iterable[int] | None = None
    ) -> Answer: ...

    def again(self, kind: str, first: int) -> Answer: ...  # noqa: D102

    def evenly(  # noqa: D102
        self, attention: Any, heads: Sequence[int] | None = None
    ) -> AbstractContextManager[None]: ...

    def silently(self, attention: Any) -> AbstractContextManager[None]: ...  # noqa: D102


def intervene(detector: Detector, pixels: npt.NDArray[np.uint8], plan: CausalPlan) -> CausalTests:
    """Makes all tests of one image, (H, W, 3) RGB."""
    with torch.no_grad(), detector.computing():
        replay = Replay(detector.model, detector.prepared(pixels))
        before = replay.decode()
        relevance = as_array(relevance_of(replay, plan.queries.tolist(), plan.classes.tolist()))
        orders = np.concatenate([plan.orders, order_of(relevance)[None]])
        masks = Masks(replay, plan, before)
        ablations = Ablations(replay, plan)
        shuffled_maps = [_shuffled(replay, plan, stage) for stage in STAGES]
        attention, shuffled_relevance, rows = map(np.stack, zip(*shuffled_maps, strict=True))
        return CausalTests(
            plan=plan,
            before=masks.outcomes(before, np.arange(len(plan.queries))),
            knocked_out=masks.knocked_out(),
            deleted=masks.curves(orders, inserted=False),
            inserted=masks.curves(orders, inserted=True),
            alone={kind: ablations.alone(kind) for kind in ATTENTIONS},
            up_to={kind: ablations.up_to(kind, replay.evenly) for kind in ATTENTIONS},
            silent={kind: ablations.up_to(kind, replay.silently) for kind in ATTENTIONS},
            relevance=relevance,
            shuffled_attention=attention,
            shuffled_relevance=shuffled_relevance,
            shuffled_rows=rows,
        )


class Masks:
    """What becomes of the detections if cells may not be looked at."""

    def __init__(self, replay: Network, plan: CausalPlan, before: Answer) -> None:
        self._replay, self._plan, self._before = replay, plan, before
        self._layers = len(replay.attentions("decoder_cross"))

    def knocked_out(self) -> Outcomes:
        """(K, L) conditions; the detection's own query alone may not look."""
        plan = self._plan
        can_be = plan.knock_outs.any(axis=-1)  # (K, n)
        made = nothing(len(plan.kinds), self._layers, len(plan.queries))
        for layer in range(self._layers):
            asked = [layer == self._layers - 1 or kind in BY_LAYER for kind in plan.kinds]
            kinds, of = np.nonzero(can_be & np.array(asked)[:, None])
            found = self._run(plan.knock_outs[kinds, of], of, plan.queries[of], range(layer + 1))
            _put(made, (kinds, layer, of), found)
        return made

    def curves(self, orders: Indices, *, inserted: bool) -> Outcomes:
        """(O, F) conditions; no query may look. An order that is not there gives NaN."""
        plan, cells = self._plan, orders.shape[-1]
        everyone = np.arange(len(plan.queries))
        made = nothing(len(ORDERS), len(plan.counts), len(everyone))
        there = np.flatnonzero((orders >= 0).all(axis=(1, 2)))
        orders = orders[there]
        if not len(there):
            return made
        for step, count in enumerate(plan.counts.tolist()):
            blocked = np.zeros(orders.shape, bool)  # (O, n, N)
            gone = orders[..., count:] if inserted else orders[..., :count]
            np.put_along_axis(blocked, gone, True, axis=-1)
            if count in (0, cells):  # the same for all: everything is there, or nothing
                found = self._run(np.full((1, cells), (count == 0) == inserted), everyone)
                for order in there.tolist():
                    _put(made, (order, step), found)
                continue
            of = np.tile(everyone, len(there))
            found = self._run(blocked.reshape(-1, cells), of)
            where = (np.repeat(there, len(everyone)), step, of)
            _put(made, where, found)
        return made

    def outcomes(self, answer: Answer, of: Indices) -> Outcomes:
        """What became of detection `of[b]` in item b of a batch, or of all in a single item."""
        who = torch.from_numpy(of)
        queries, classes = (
            torch.from_numpy(one)[who] for one in (self._plan.queries, self._plan.classes)
        )
        probabilities = self._replay.probabilities(answer.logits).cpu().expand(len(of), -1, -1)
        boxes = answer.boxes_cxcywh.cpu().expand(len(of), -1, -1)
        item = torch.arange(len(of))
        similarity = detection_similarity(
            self._replay.probabilities(self._before.logits[0]).cpu()[queries],
            self._before.boxes_cxcywh[0].cpu()[queries],
            probabilities,
            boxes,
        )
        return Outcomes(
            as_array(probabilities[item, queries, classes]),
            as_array(boxes[item, queries]),
            as_array(similarity),
        )

    def _run(
        self,
        masks: Mask,
        of: Indices,
        queries: Indices | None = None,
        layers: Iterable[int] | None = None,
    ) -> Outcomes:
        """Decodes with (B, N) masks, of which one may serve for all; of one query each, or all."""
        replay, device = self._replay, self._before.logits.device
        everyone = replay.queries
        size = min(_MOST_AT_ONCE, max(1, _BLOCK_NUMBERS // (everyone * replay.cells_read)))
        chosen = None if layers is None else tuple(layers)
        parts = []
        for start in range(0, len(masks), size):
            some = torch.from_numpy(masks[start : start + size])[:, None]  # (B, 1, N)
            if queries is not None:
                asked = torch.from_numpy(queries[start : start + size])[:, None, None]
                some = some & (torch.arange(everyone)[None, :, None] == asked)  # (B, Q, N)
            answer = replay.decode(some.to(device), chosen)
            parts.append(self.outcomes(answer, of if len(masks) == 1 else of[start : start + size]))
        return Outcomes(*(np.concatenate([getattr(one, name) for one in parts]) if parts
                          else np.zeros((0, 4) if name == "boxes_cxcywh" else 0, np.float32)
                          for name in Outcomes.__annotations__))  # fmt: skip


class Ablations:
    """What the network finds if attentions, or single heads, do not choose where they look."""

    def __init__(self, replay: Network, plan: CausalPlan) -> None:
        self._replay = replay
        self._queries = torch.from_numpy(plan.queries)
        self._classes = torch.from_numpy(plan.classes)

    def alone(self, kind: str) -> Predictions:
        """(L, 1 + H) conditions: a layer as a whole, then each of its heads."""
        answers = []
        for layer, attention in enumerate(self._replay.attentions(kind)):
            for heads in (None, *([head] for head in range(attention.num_heads))):
                with self._replay.evenly(attention, heads):
                    answers.append(self._replay.again(kind, layer))
        return self._predictions(answers, (len(self._replay.attentions(kind)), -1))

    def up_to(self, kind: str, how: Ablation) -> Predictions:
        """(L,) conditions: all layers up to one."""
        answers = []
        with ExitStack() as changed:
            for attention in self._replay.attentions(kind):
                changed.enter_context(how(attention))
                answers.append(self._replay.again(kind, 0))
        return self._predictions(answers, (-1,))

    def _predictions(self, answers: Sequence[Answer], shape: tuple[int, ...]) -> Predictions:
        logits = torch.cat([one.logits for one in answers])
        probabilities = self._replay.probabilities(logits)  # (A, Q, C + 1)
        scores, classes = probabilities[..., :-1].max(dim=-1)
        boxes = torch.cat([one.boxes_cxcywh for one in answers])
        own = probabilities[:, self._queries, self._classes]
        return Predictions(
            as_array(scores.unflatten(0, shape)),
            classes.unflatten(0, shape).cpu().numpy().astype(np.int64),
            as_array(boxes.unflatten(0, shape)),
            as_array(own.unflatten(0, shape)),
        )


def _shuffled(
    replay: Replay, plan: CausalPlan, stage: str
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Cross-attention, relevance and encoder rows under shuffled weights, (D, n, N) each."""
    if not len(plan.queries):
        return (np.zeros((DRAWS, 0, len(replay.memory)), np.float32),) * 3
    stacks = [replay.decoder] + ([] if stage == DECODER_SHUFFLED else [replay.encoder])
    unchanged = len(replay.attentions(ENCODER_SELF)) - 1  # only the last layer's rows are wanted
    queries, classes = plan.queries.tolist(), plan.classes.tolist()
    maps = []
    for seed in range(DRAWS):
        generator = torch.Generator().manual_seed(seed)
        with ExitStack() as changed:
            for stack in stacks:
                changed.enter_context(shuffled(stack, generator))
            with capture_queries_and_keys(replay.encoder) as encoder:
                memory = replay.encode(0 if len(stacks) > 1 else unchanged)
            with capture_queries_and_keys(replay.decoder) as decoder:
                replay.decode(memory=memory)
            maps.append((
                _rows(*decoder.stack("layers.", "multihead_attn"), plan.queries),
                as_array(relevance_of(replay, queries, classes, memory)),
                _rows(*encoder.stack("layers.", "self_attn"), plan.middles),
            ))  # fmt: skip
    attention, relevance, rows = (np.stack(ones) for ones in zip(*maps, strict=True))
    return attention, relevance, rows


def _rows(queries: Tensor, keys: Tensor, chosen: Indices) -> FloatArray:
    """The last layer's rows, heads averaged: (L, H, ., d) to (n, N)."""
    q, k = queries[-1][:, torch.from_numpy(chosen)], keys[-1]
    return as_array((q @ k.transpose(-1, -2) / q.shape[-1] ** 0.5).softmax(dim=-1).mean(dim=0))


def nothing(*shape: int) -> Outcomes:
    """Outcomes to be filled; what is not stays NaN."""
    numbers = (shape, (*shape, 4), shape)
    return Outcomes(*(np.full(one, np.nan, np.float32) for one in numbers))


def _put(made: Outcomes, where: tuple[Any, ...], found: Outcomes) -> None:
    for name, array in vars(found).items():
        getattr(made, name)[where] = array


def as_array(tensor: Tensor) -> FloatArray:
    """The numbers of a tensor, float32."""
    return tensor.detach().float().cpu().numpy()
