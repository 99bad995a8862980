"""Runs DETR once over one image.

In: a model card, its weights file, RGB pixels. Out: a `ForwardPass`. Only this package
and those under `detr` and `training` need torch.
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from generator.detr.capture import Recorded, capture_queries_and_keys
from generator.detr.minimal import MinimalDETR, run_minimal
from generator.detr.model import DetrOutput
from generator.detr.precision import FLOAT32, computing
from generator.detr.preprocessing import input_size_hw, normalise, resize
from generator.detr.profiler import parameters_of, profile_forward
from generator.detr.receptive_field import centres_of_cells
from generator.detr.weights import load_model
from generator.detr.zoo import ModelCard
from generator.errors import UsageError, WeightsError
from generator.inference.forward_pass import FloatArray, ForwardPass, QueriesAndKeys
from generator.inference.relative_detector import relative_forward


class Detector:
    """A model with its weights, ready to run.

    Raises:
        UsageError: the device is not there.
    """

    def __init__(
        self,
        card: ModelCard,
        model: nn.Module,
        weights_sha256: str,
        device: str = "cpu",
        precision: str = FLOAT32,
    ) -> None:
        self.card = card
        self.weights_sha256 = weights_sha256
        self.device = choose_device(device)
        self.precision = precision
        self.model = model.to(self.device)
        self._is_relative = card.relative is not None
        if not self._is_relative:
            self._parameters = parameters_of(card)
            self._stride, self._first_centre = centres_of_cells(model.get_submodule("backbone"))

    @classmethod
    def load(
        cls,
        card: ModelCard,
        weights: Path,
        weights_sha256: str,
        device: str = "cpu",
        precision: str = FLOAT32,
        *,
        check: bool = False,
    ) -> Detector:
        """Reads the weights from a file.

        Args:
            check: whether the bytes that are read have to have this SHA-256.

        Raises:
            WeightsError: the file cannot be read, or holds another model.
            ChangedError: the file is another one by now.
            UsageError: the device is not there.
        """
        choose_device(device)  # fails before the weights are read
        model = load_model(card, weights, weights_sha256 if check else None)
        return cls(card, model, weights_sha256, device, precision)

    def run(
        self, pixels: npt.NDArray[np.uint8], network_input: Tensor | None = None
    ) -> ForwardPass:
        """Runs the model over one image, (H, W, 3) RGB.

        Args:
            network_input: what `prepared` made of it, if it did already.

        Raises:
            WeightsError: its numbers overflow, so that nothing could be said of the image.
        """
        image = self.prepared(pixels) if network_input is None else network_input
        if self._is_relative:
            size_hw = (pixels.shape[0], pixels.shape[1])
            with self.computing():
                forward = relative_forward(
                    self.model, self.card, self.weights_sha256, image, size_hw
                )
            refuse_infinite(forward)
            return forward
        with (
            torch.inference_mode(),
            self.computing(),
            capture_queries_and_keys(self.model) as recorded,
            profile_forward(self.model) as seen,
        ):
            output = self._forward(image)
        _, channels, h, w = output.feature_shape
        size_hw = (pixels.shape[0], pixels.shape[1])
        forward = ForwardPass(
            model=self.card.name,
            weights_sha256=self.weights_sha256,
            size_hw=size_hw,
            input_hw=(image.shape[2], image.shape[3]),
            grid_hw=(h, w),
            stride=self._stride,
            first_centre=self._first_centre,
            feature_channels=channels,
            category_ids=self.card.category_ids,
            category_names=self.card.category_names,
            profile=seen.profile(size_hw, self._parameters),
            **arrays_of(output, recorded),
            matching_weights=self.card.matching_weights,
        )
        refuse_infinite(forward)
        return forward

    def computing(self) -> AbstractContextManager[object]:
        """While open, the model computes with the numbers that were asked for."""
        return computing(self.device, self.precision)

    def prepared(self, pixels: npt.NDArray[np.uint8]) -> Tensor:
        """The network's input, (1, 3, H', W'), from an image, (H, W, 3) RGB."""
        size_hw, card = (pixels.shape[0], pixels.shape[1]), self.card
        input_hw = card.fixed_hw or input_size_hw(
            size_hw, card.short_side, card.long_side_cap, card.size_multiple, card.size_rule
        )
        image = normalise(resize(pixels, input_hw), card.mean, card.std)[None].to(self.device)
        return image.contiguous(memory_format=torch.channels_last)

    def _forward(self, image: Tensor) -> DetrOutput:
        if isinstance(self.model, MinimalDETR):
            return run_minimal(self.model, image)
        return self.model(image)  # type: ignore[no-any-return]


def choose_device(name: str) -> torch.device:
    """Turns "auto", "cpu", "cuda" or "mps" into a device.

    Raises:
        UsageError: the device is not there.
    """
    present = {
        "cuda": torch.cuda.is_available(),
        "mps": torch.backends.mps.is_available(),
        "cpu": True,
    }
    if name == "auto":
        return torch.device(next(device for device, there in present.items() if there))
    if not present[name]:
        raise UsageError(f"device: this machine has no {name}; use `device: cpu` or `auto`")
    return torch.device(name)


def refuse_infinite(forward: ForwardPass) -> None:
    """Raises a `WeightsError` where a number is NaN or infinite."""
    pairs = (forward.encoder_self, forward.decoder_self, forward.decoder_cross)
    arrays = (
        forward.logits,
        forward.boxes_cxcywh,
        *(one for pair in pairs for one in (pair.q, pair.k)),
        *(one for points in forward.points.values() for one in (points.places, points.weights)),
    )
    if not all(np.isfinite(array).all() for array in arrays):
        raise WeightsError(
            f"{forward.model}: its numbers for this image are NaN or infinite; the weights are too "
            "large for it, take another checkpoint"
        )


def arrays_of(output: DetrOutput, recorded: Recorded, image: int = 0) -> dict[str, Any]:
    """The arrays of a `ForwardPass`, of one image of a batch."""

    def pair(stack: str, attention: str) -> QueriesAndKeys:
        q, k = recorded.stack(f"transformer.{stack}.layers.", attention, image)
        return QueriesAndKeys(_array(q), _array(k))

    return {
        "logits": _array(output.logits[:, image]),
        "boxes_cxcywh": _array(output.boxes_cxcywh[:, image]),
        "encoder_self": pair("encoder", "self_attn"),
        "decoder_self": pair("decoder", "self_attn"),
        "decoder_cross": pair("decoder", "multihead_attn"),
    }


def _array(tensor: Tensor) -> FloatArray:
    return tensor.float().cpu().numpy()
