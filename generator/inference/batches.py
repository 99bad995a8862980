"""Several images in one forward, for a GPU, and images that are read while others run.

In: images of one size, or entries in the order in which they will be run. Out: `ForwardPass`es, or
images that are ready to run. A batch holds images of one size alone and so needs no padding: an
image's edge is where its convolutions meet zeros; beside padding they would meet what the layers
before made of it.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from types import TracebackType
from typing import TYPE_CHECKING, Generic, Self, TypeVar

import numpy as np
import numpy.typing as npt

from generator.detr.architecture import DetrArchitecture
from generator.errors import GeneratorError, WeightsError
from generator.inference.forward_pass import ForwardPass

if TYPE_CHECKING:
    from torch import Tensor

    from generator.inference.detector import Detector

BATCH = 8
"""Images in a forward on a GPU."""
AHEAD = 2
"""Images that are read ahead of one that is run alone."""

Item = TypeVar("Item")
Pixels = npt.NDArray[np.uint8]


@dataclass(frozen=True, eq=False)
class ReadImage:
    """An image that is ready to run.

    Attributes:
        pixels: (H, W, 3) RGB.
        network_input: (1, 3, H', W'), from `Detector.prepared`; None if there was no detector yet.
    """

    pixels: Pixels
    network_input: Tensor | None = None


def runs_in_batches(detector: Detector) -> bool:
    """Whether images run together: on a CPU it gains nothing, and changes the last digits."""
    is_detr = isinstance(detector.card.architecture, DetrArchitecture)
    return is_detr and detector.device.type == "cuda"


def run_batch(detector: Detector, images: Sequence[ReadImage]) -> list[ForwardPass]:
    """Runs a DETR over images of one size; the same to 1e-5 as one by one.

    The first runs alone: its shapes and its work are those of all. The others run at once.

    Args:
        images: all of one shape.

    Returns:
        Of the first, and of those that follow it; fewer than were given if the others do not fit
        into the GPU's memory together, or up to one whose numbers overflow: run alone, it says so.

    Raises:
        ValueError: the images have several shapes.
        WeightsError: the network's numbers overflow for the first image.
    """
    import torch

    from generator.detr.capture import capture_queries_and_keys
    from generator.inference.detector import arrays_of, refuse_infinite

    if len({one.pixels.shape for one in images}) > 1:
        raise ValueError("expected images of one shape")
    first, *others = images
    like = detector.run(first.pixels, first.network_input)
    if not others:
        return [like]
    inputs = torch.cat([
        detector.prepared(one.pixels) if one.network_input is None else one.network_input
        for one in others
    ])  # fmt: skip
    inputs = inputs.contiguous(memory_format=torch.channels_last)
    with (
        torch.inference_mode(),
        detector.computing(),
        capture_queries_and_keys(detector.model) as recorded,
    ):
        try:
            output = detector.model(inputs)
        except torch.OutOfMemoryError:
            return [like]
    done = [like]
    for index in range(len(others)):
        forward = replace(like, **arrays_of(output, recorded, index))
        try:
            refuse_infinite(forward)
        except WeightsError:
            break
        done.append(forward)
    return done


class ReadAhead(Generic[Item]):
    """Reads images in threads, a few ahead of the one that is asked for.

    Args:
        items: in the order in which they will be asked for.
        read: reads one, or raises.
    """

    def __init__(self, items: Iterable[Item], read: Callable[[Item], ReadImage]) -> None:
        self._read = read
        self._coming = deque(items)
        self._started: dict[int, tuple[Item, Future[ReadImage]]] = {}
        threads = max(1, min(BATCH, (os.cpu_count() or 1) // 2))
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="reading")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._threads.shutdown(wait=True, cancel_futures=True)

    def take(self, item: Item, ahead: int = AHEAD) -> ReadImage:
        """An item's image; raises what its reading raised.

        Args:
            ahead: how many that come after it are read meanwhile.
        """
        while self._coming and id(item) not in self._started:
            self._start(self._coming.popleft())
        while self._coming and len(self._started) <= ahead:
            self._start(self._coming.popleft())
        if id(item) not in self._started:  # it was not announced
            return self._read(item)
        while next(iter(self._started)) != id(item):  # it was not asked for: it was run before
            self._started.pop(next(iter(self._started)))
        return self._started.pop(id(item))[1].result()

    def like(
        self, image: ReadImage, most: int, suits: Callable[[Item], bool]
    ) -> list[tuple[Item, ReadImage]]:
        """The next items of the same size, which will not be asked for any more."""
        found: list[tuple[Item, ReadImage]] = []
        for key, (item, future) in list(self._started.items()):
            if len(found) == most:
                break
            if not suits(item):
                continue
            try:
                same = future.result().pixels.shape == image.pixels.shape
            except (GeneratorError, OSError):  # it is raised when the item is asked for
                continue
            if same:
                found.append((item, self._started.pop(key)[1].result()))
        return found

    def _start(self, item: Item) -> None:
        self._started[id(item)] = (item, self._threads.submit(self._read, item))
