"""What became of the detections of an image when attention was taken away, as NumPy arrays.

In: a `CausalPlan`, which says what is taken away, and arrays from `intervene`; or a file. Out:
`CausalTests`, or a file. It needs no torch. In all shapes n is the number of tested detections,
Q of object queries, N of cells, L of layers, H of heads.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from generator.errors import CacheError
from generator.files.sealed import is_sealed, read_sealed, write_sealed
from generator.inference.forward_pass import FloatArray

Indices = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

ENCODER_SELF, DECODER_SELF, DECODER_CROSS = "encoder_self", "decoder_self", "decoder_cross"
ATTENTIONS = (ENCODER_SELF, DECODER_SELF, DECODER_CROSS)
"""The attentions that are ablated, by the names that a `ForwardPass` gives them."""

OWN_BOX, RANDOM_CELLS, OTHER_BOX = "own_box", "random_cells", "other_box"
BOX_PART, EQUAL_MASS, SINKS = "box_part", "equal_mass", "sinks"
"""What a query may not look at: the cells of its own box; as many random others; the cells
of another detection's box; cells of the own box and cells outside that had the same attention; as
many cells outside as the box has, those that the encoder reads most."""
BY_LAYER = (OWN_BOX, RANDOM_CELLS)
"""The knock-outs that are made for the first layers alone, too; all are made for all layers."""

ATTENTION, ROLLOUT, RELEVANCE = "attention", "rollout", "relevance"
NEARNESS, RANDOM = "nearness", "random"
ORDERS = (ATTENTION, ROLLOUT, NEARNESS, RANDOM, RELEVANCE)
"""By what cells are ordered before they are deleted or inserted."""

DECODER_SHUFFLED, ALL_SHUFFLED = "decoder", "decoder and encoder"
STAGES = (DECODER_SHUFFLED, ALL_SHUFFLED)
"""Whose weights were shuffled."""


@dataclass(frozen=True, eq=False)
class CausalPlan:
    """What is to be taken away from whom.

    Attributes:
        queries: (n,), the object query of each tested detection, best score first.
        classes: (n,), index of its class.
        middles: (n,), the cell in the middle of its box.
        kinds: K names of knock-outs; `RANDOM_CELLS` comes once for each draw.
        knock_outs: (K, n, N), true where the detection's query may not look. A row without any
            true is a test that cannot be made, such as another box where there is none.
        counts: (F,), how many cells are deleted or inserted, 0 and N at the ends.
        orders: (O, n, N), the cells of `ORDERS` without the last, which the plan cannot know:
            the cell that goes first is first. All -1 where the model has no such map.
    """

    queries: Indices
    classes: Indices
    middles: Indices
    kinds: tuple[str, ...]
    knock_outs: Mask
    counts: Indices
    orders: Indices

    def __post_init__(self) -> None:
        n, cells = len(self.queries), self.knock_outs.shape[-1]
        _expect(
            classes=(self.classes, (n,)),
            middles=(self.middles, (n,)),
            knock_outs=(self.knock_outs, (len(self.kinds), n, cells)),
            orders=(self.orders, (len(ORDERS) - 1, n, cells)),
        )


@dataclass(frozen=True, eq=False)
class Outcomes:
    """What became of each tested detection, under conditions that the leading axes count.

    Attributes:
        probability: (..., n) in [0, 1], of the class that it had, in its own query.
        boxes_cxcywh: (..., n, 4), its query's box, fractions of the image.
        similarity: (..., n) in [0, 1], of D-RISE (arXiv 2006.03204): the greatest over all queries
            of IoU x cosine of the class probabilities x probability of an object.
    """

    probability: FloatArray
    boxes_cxcywh: FloatArray
    similarity: FloatArray


@dataclass(frozen=True, eq=False)
class Predictions:
    """What all queries predict, under conditions that the leading axes count.

    Attributes:
        scores: (..., Q) in [0, 1], the probability of the best class.
        classes: (..., Q), index of the best class.
        boxes_cxcywh: (..., Q, 4), fractions of the image.
        probability: (..., n) in [0, 1], of the class that each tested detection had, in its query.
    """

    scores: FloatArray
    classes: Indices
    boxes_cxcywh: FloatArray
    probability: FloatArray


@dataclass(frozen=True, eq=False)
class CausalTests:
    """The results for one image. NaN where a test could not be made.

    Attributes:
        plan: what was taken away.
        before: nothing taken away; no leading axes.
        knocked_out: (K, L) conditions: `plan.kinds`, and up to which decoder layer, from the first.
            Most kinds were tried in all layers only, and are NaN before the last.
        deleted: (O, F) conditions: `ORDERS`, and `plan.counts`. No query may look at the cells.
        inserted: likewise; the queries may look at these cells only.
        alone: by attention, (L, 1 + H) conditions: each layer as a whole, then each of its heads.
            What is ablated is uniform: every key has the same weight.
        up_to: by attention, (L,) conditions: all heads of the layers up to this one look at all
            keys alike.
        silent: by attention, (L,) conditions: the layers up to this one add nothing.
        relevance: (n, N) from 0, of each cell of the memory for the detection's class
            (arXiv 2103.15679).
        shuffled_attention, shuffled_relevance: (S, D, n, N), the maps of the last decoder layer,
            heads averaged, and the relevance, of the same queries after the weights of `STAGES`
            were shuffled, D times.
        shuffled_rows: (S, D, n, N), likewise the encoder's last rows of `plan.middles`.
    """

    plan: CausalPlan
    before: Outcomes
    knocked_out: Outcomes
    deleted: Outcomes
    inserted: Outcomes
    alone: Mapping[str, Predictions]
    up_to: Mapping[str, Predictions]
    silent: Mapping[str, Predictions]
    relevance: FloatArray
    shuffled_attention: FloatArray
    shuffled_relevance: FloatArray
    shuffled_rows: FloatArray

    def __post_init__(self) -> None:
        n, cells = len(self.plan.queries), self.plan.knock_outs.shape[-1]
        kinds, counts = len(self.plan.kinds), len(self.plan.counts)
        layers = self.knocked_out.probability.shape[1]
        curves = (len(ORDERS), counts, n)
        shuffled = (len(STAGES), self.shuffled_attention.shape[1], n, cells)
        _expect(
            before=(self.before.probability, (n,)),
            knocked_out=(self.knocked_out.probability, (kinds, layers, n)),
            deleted=(self.deleted.probability, curves),
            inserted=(self.inserted.probability, curves),
            relevance=(self.relevance, (n, cells)),
            shuffled_attention=(self.shuffled_attention, shuffled),
            shuffled_relevance=(self.shuffled_relevance, shuffled),
            shuffled_rows=(self.shuffled_rows, shuffled),
        )

    def orders(self) -> Indices:
        """(O, n, N), the cells in all `ORDERS`; the relevance's is made from its map."""
        return np.concatenate([self.plan.orders, order_or_none(self.relevance)[None]])


def order_of(maps: npt.NDArray[np.floating]) -> Indices:
    """The cells from the largest weight to the smallest, ties by cell: (..., N)."""
    return np.argsort(-np.asarray(maps, np.float64), axis=-1, kind="stable").astype(np.int64)


def order_or_none(maps: npt.NDArray[np.floating]) -> Indices:
    """The same; all -1 where there are no maps, but NaN."""
    if np.isfinite(maps).all():
        return order_of(maps)
    return np.full(maps.shape, -1, np.int64)


def _expect(**arrays: tuple[npt.NDArray[Any], tuple[int, ...]]) -> None:
    for name, (array, wanted) in arrays.items():
        if array.shape != wanted:
            raise ValueError(f"{name}: expected shape {wanted}, got {array.shape}")


_PLAN = ("queries", "classes", "middles", "knock_outs", "counts", "orders")
_OUTCOMES = ("before", "knocked_out", "deleted", "inserted")
_PREDICTIONS = ("alone", "up_to", "silent")
_ARRAYS = ("relevance", "shuffled_attention", "shuffled_relevance", "shuffled_rows")


def save_causal_tests(tests: CausalTests, path: Path) -> None:
    """Writes results to `path`, whose name is their key; the same bytes for the same."""
    arrays: dict[str, Any] = {name: getattr(tests, name) for name in _ARRAYS}
    arrays |= {f"plan.{name}": getattr(tests.plan, name) for name in _PLAN}
    for group in _OUTCOMES:
        arrays |= {f"{group}.{name}": one for name, one in vars(getattr(tests, group)).items()}
    for group in _PREDICTIONS:
        for attention, predictions in getattr(tests, group).items():
            parts = vars(predictions).items()
            arrays |= {f"{group}.{attention}.{name}": one for name, one in parts}
    stream = io.BytesIO()
    np.savez_compressed(stream, header=np.array(json.dumps(tests.plan.kinds)), **arrays)
    write_sealed(path, stream.getvalue())


def are_causal_tests(path: Path) -> bool:
    """Whether a file has the seal of results of its name; the rest of it is not read."""
    return is_sealed(path)


def load_causal_tests(path: Path) -> CausalTests:
    """Reads back what `save_causal_tests` wrote; a damaged file is removed.

    Raises:
        CacheError: the file is missing, is not what was written, or is that of another key.
    """
    try:
        with np.load(io.BytesIO(read_sealed(path)), allow_pickle=False) as archive:
            return _read({name: archive[name] for name in archive.files})
    except (OSError, ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile) as error:
        path.unlink(missing_ok=True)
        raise CacheError(
            f"{path}: no saved causal tests ({error}); it was removed, so build again"
        ) from error


def _read(arrays: Mapping[str, Any]) -> CausalTests:
    def outcomes(group: str) -> Outcomes:
        return Outcomes(**{name: arrays[f"{group}.{name}"] for name in Outcomes.__annotations__})

    def predictions(group: str) -> dict[str, Predictions]:
        return {
            attention: Predictions(
                **{name: arrays[f"{group}.{attention}.{name}"] for name in
                   Predictions.__annotations__}
            )
            for attention in ATTENTIONS
        }  # fmt: skip

    plan = {name: arrays[f"plan.{name}"] for name in _PLAN}
    kinds = tuple(json.loads(str(arrays["header"])))
    before, knocked_out, deleted, inserted = map(outcomes, _OUTCOMES)
    alone, up_to, silent = map(predictions, _PREDICTIONS)
    return CausalTests(
        plan=CausalPlan(kinds=kinds, **plan),
        before=before,
        knocked_out=knocked_out,
        deleted=deleted,
        inserted=inserted,
        alone=alone,
        up_to=up_to,
        silent=silent,
        **{name: arrays[name] for name in _ARRAYS},
    )
