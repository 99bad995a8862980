"""The record of one run of DETR over one image, as NumPy arrays.

In: arrays from `detector`, or from a file (`saved_forward_pass`). Out: a `ForwardPass`. It needs no
torch and draws nothing. It keeps each attention's projected queries and keys, not the weights:
`analysis.attention` rebuilds any row, column, head or layer from them exactly.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from generator.detr.model_profile import ModelProfile
from generator.detr.relatives.architecture import Score
from generator.inference.sampled_points import SampledPoints

FloatArray = npt.NDArray[np.float32]
STACKS = ("encoder_self", "decoder_self", "decoder_cross")
"""The three attentions of DETR, by the names of their fields."""


@dataclass(frozen=True)
class QueriesAndKeys:
    """Projected queries and keys of one kind of attention in every layer.

    The attention weights of a layer and head are `softmax(q @ k.T / sqrt(d))`.

    Attributes:
        q: (layers, heads, n_queries, d), float32; no layers of an attention that a model has not.
        k: (layers, heads, n_keys, d), float32.
        rest: (layers, heads, n_rest, d), keys that the softmax runs over as well, such as a
            detection token's in a map over patches; with them a row over `k` has a sum below 1.
        place: how many of the d numbers, the last ones, compare places and not contents, where a
            model keeps the two apart; 0 where they are added up.
    """

    q: FloatArray
    k: FloatArray
    rest: FloatArray | None = None
    place: int = field(default=0, kw_only=True)

    def __post_init__(self) -> None:
        q, k = self.q.shape, self.k.shape
        if len(q) != 4 or len(k) != 4 or q[:2] != k[:2] or q[3] != k[3]:
            raise ValueError(
                "expected q (layers, heads, n_queries, d) and k (layers, heads, n_keys, d), "
                f"got q {q} and k {k}"
            )

    def __len__(self) -> int:
        """The number of layers."""
        return len(self.q)

    @property
    def heads(self) -> int:
        """The number of heads."""
        return int(self.q.shape[1])

    @property
    def parts(self) -> tuple[QueriesAndKeys, QueriesAndKeys]:
        """What compares contents, and what compares places; each as an attention of its own.

        A logit of the whole is the sum of both parts' logits, so the parts are scaled to fit.
        """
        width = self.q.shape[3]
        cut, scale = width - self.place, math.sqrt(width)
        content, place = (
            QueriesAndKeys(self.q[..., of] * np.float32(math.sqrt(size) / scale), self.k[..., of])
            for of, size in ((slice(cut), cut), (slice(cut, None), self.place))
        )
        return content, place


def no_attention() -> QueriesAndKeys:
    """The record of an attention that a model has not."""
    nothing = np.zeros((0, 0, 0, 0), np.float32)
    return QueriesAndKeys(nothing, nothing)


def blocks_of(joint: QueriesAndKeys, cells: int, queries: int) -> dict[str, QueriesAndKeys]:
    """The three attentions of one stack in which patches and detection tokens both sit.

    Args:
        joint: of all tokens: one for the class, then the patches, then the detection tokens.
    """
    start = joint.q.shape[2] - queries - cells
    patches, tokens = slice(start, start + cells), slice(start + cells, None)

    def block(rows: slice, keys: slice) -> QueriesAndKeys:
        others = np.delete(joint.k, keys, axis=2)
        return QueriesAndKeys(joint.q[:, :, rows], joint.k[:, :, keys], others)

    return {
        "encoder_self": block(patches, patches),
        "decoder_self": block(tokens, tokens),
        "decoder_cross": block(tokens, patches),
    }


@dataclass(frozen=True)
class ForwardPass:
    """The record of one run over one image: all that figures and measures need.

    N = grid_hw[0] * grid_hw[1] tokens, row by row; no token is padding.

    Attributes:
        model: the model's name in the zoo.
        weights_sha256: of the weights file, 64 hex digits.
        size_hw: height and width of the image in pixels, EXIF orientation applied.
        input_hw: height and width of the network's input, in pixels.
        grid_hw: rows and columns of the feature map.
        stride: pixels of the network's input from one cell's centre to the next one's.
        first_centre: the pixel of the network's input, counted from 0, that the first cell's
            receptive field is centred on; the same for rows and columns. 0 for a ResNet.
        feature_channels: channels of the backbone's last feature map.
        category_ids: (C,) int, COCO's id of each class.
        category_names: C names; "N/A" where COCO's numbering has a hole.
        profile: the shape at each stage, the parameters and multiply-adds of each part.
        logits: (answering layers, queries, C + 1) float32; the last class is "no object". Scores
            by sigmoid know no such class: (answering layers, queries, C).
        boxes_cxcywh: (decoder layers, queries, 4) float32, fractions of the image in [0, 1].
        encoder_self: n_queries = n_keys = N.
        decoder_self: n_queries = n_keys = number of object queries.
        decoder_cross: n_queries = number of object queries, n_keys = N.
        score: how logits become scores.
        matching_weights: of class, L1 and GIoU in the matching that the model was trained with.
        most_pairs: of a query and a class that are listed; None if a query has one class only.
        points: what sampled attention reads, by the name of the attention that it stands for.
        joint: of all tokens, where a model has one stack; the three attentions are parts of it.
    """

    model: str
    weights_sha256: str
    size_hw: tuple[int, int]
    input_hw: tuple[int, int]
    grid_hw: tuple[int, int]
    stride: int
    first_centre: float
    feature_channels: int
    category_ids: tuple[int, ...]
    category_names: tuple[str, ...]
    profile: ModelProfile
    logits: FloatArray
    boxes_cxcywh: FloatArray
    encoder_self: QueriesAndKeys
    decoder_self: QueriesAndKeys
    decoder_cross: QueriesAndKeys
    score: Score = "softmax"
    matching_weights: tuple[float, float, float] = (1.0, 5.0, 2.0)
    most_pairs: int | None = None
    points: Mapping[str, SampledPoints] = field(default_factory=dict)
    joint: QueriesAndKeys | None = None

    def __post_init__(self) -> None:
        layers, queries, outputs = self.logits.shape
        classes = outputs - 1 if self.score == "softmax" else outputs
        tokens = self.grid_hw[0] * self.grid_hw[1]
        expected = {
            "boxes_cxcywh": (self.boxes_cxcywh.shape, (layers, queries, 4)),
            "category_ids": ((len(self.category_ids),), (classes,)),
            "category_names": ((len(self.category_names),), (classes,)),
            "encoder_self.q": (self.encoder_self.q.shape[2:3], (tokens,)),
            "decoder_cross.k": (self.decoder_cross.k.shape[2:3], (tokens,)),
            "decoder_cross.q": (self.decoder_cross.q.shape[2:3], (queries,)),
            "decoder_self.q": (self.decoder_self.q.shape[2:3], (queries,)),
        }
        for name, (actual, wanted) in expected.items():
            stack = name.partition(".")[0]
            if stack in STACKS and not len(getattr(self, stack)):
                continue
            if tuple(actual) != wanted:
                raise ValueError(f"{name}: expected shape {wanted}, got {tuple(actual)}")

    @property
    def has_maps(self) -> bool:
        """Whether queries look at all cells, so that there are maps of where."""
        return len(self.decoder_cross) > 0

    @property
    def can_be_followed(self) -> bool:
        """Whether maps of an encoder and of a decoder can be multiplied: rollout."""
        return self.has_maps and len(self.encoder_self) > 0 and self.joint is None

    def scores(self, layer: int = -1) -> npt.NDArray[np.float64]:
        """The score of every class for every query after a layer, (queries, C), in [0, 1].

        With "softmax" the classes and "no object" share 1 among them; with "sigmoid" each class
        has a score of its own, as the focal loss trains it.
        """
        from scipy.special import expit, softmax  # what is only read needs no SciPy

        logits = self.logits[layer].astype(np.float64)
        if self.score == "softmax":
            return np.asarray(softmax(logits, axis=-1)[..., :-1])
        return np.asarray(expit(logits))
