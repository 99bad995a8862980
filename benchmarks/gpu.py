"""How many forwards a second a GPU makes of DETR-R50, one by one and in batches.

Random weights, images of 800 x 1066 with all queries and keys kept, as a build makes them. First
with the pixels on their way (resizing, copying), then without.

    python -m benchmarks.gpu [IMAGES]
"""

from __future__ import annotations

import sys
import time

import numpy as np
import torch

from generator.detr.capture import capture_queries_and_keys
from generator.detr.weights import build_model, prepare
from generator.detr.zoo import model_card
from generator.inference.batches import BATCH, ReadAhead, ReadImage, run_batch
from generator.inference.detector import Detector


def forwards_a_second(model: torch.nn.Module, batch: int, images: int) -> float:
    """Of images that are on the GPU already."""
    inputs = torch.randn(batch, 3, 800, 1066, device="cuda")
    inputs = inputs.contiguous(memory_format=torch.channels_last)
    for number in range(2 + images // batch):
        if number == 2:  # the first choose their kernels
            torch.cuda.synchronize()
            started = time.perf_counter()
        with torch.inference_mode(), capture_queries_and_keys(model):
            model(inputs)
    torch.cuda.synchronize()
    return images // batch * batch / (time.perf_counter() - started)


def images_a_second(detector: Detector, size: int, images: int) -> float:
    """From pixels to forward passes, so many at once, read ahead as a build does."""
    pixels = np.random.default_rng(0).integers(0, 256, (960, 1280, 3), dtype=np.uint8)

    def read(_number: int) -> ReadImage:
        return ReadImage(pixels, detector.prepared(pixels))

    done = 0
    with ReadAhead(range(images + size), read) as ahead:
        for number in range(0, images + size, size):
            if number == size:  # the first batch chooses its kernels
                started = time.perf_counter()
            some = [ahead.take(number + one, 2 * size) for one in range(size)]
            done += len(run_batch(detector, some)) if number else 0
    return done / (time.perf_counter() - started)


def main() -> None:
    """Prints a table."""
    images = int(sys.argv[1]) if len(sys.argv) > 1 else 128
    card = model_card("detr_resnet50")
    detector = Detector(card, prepare(build_model(card)), "0" * 64, "cuda")
    print(torch.cuda.get_device_name())
    print(
        "| at once | forwards a second | images a second, with resizing |\n| ---: | ---: | ---: |"
    )
    for size in (1, BATCH):
        rates = (
            forwards_a_second(detector.model, size, images),
            images_a_second(detector, size, images),
        )
        print(f"| {size} | {rates[0]:.0f} | {rates[1]:.0f} |", flush=True)


if __name__ == "__main__":
    main()
