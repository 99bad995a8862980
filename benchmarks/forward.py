"""How much faster the prepared DETR-R50 is than the same network as it was built.

Random weights, one image of 800 x 1066, the same run: read the ratio, not the seconds.

    python -m benchmarks.forward
"""

from __future__ import annotations

import time

import torch

from generator.detr.capture import capture_queries_and_keys
from generator.detr.weights import build_model, prepare
from generator.detr.zoo import model_card

ROUNDS = 5


def seconds(model: torch.nn.Module, image: torch.Tensor, capture: bool) -> float:
    """The quickest of a few forwards, in seconds."""
    best = float("inf")
    with torch.inference_mode():
        for _ in range(ROUNDS):
            started = time.perf_counter()
            if capture:
                with capture_queries_and_keys(model):
                    model(image)
            else:
                model(image)
            best = min(best, time.perf_counter() - started)
    return best


def main() -> None:
    """Prints seconds and ratios."""
    image = torch.randn(1, 3, 800, 1066)
    model = build_model(model_card("detr_resnet50")).eval()
    plain = seconds(model, image, capture=False)
    prepare(model)
    image = image.contiguous(memory_format=torch.channels_last)
    prepared = seconds(model, image, capture=False)
    captured = seconds(model, image, capture=True)
    print(f"as built                  {plain:6.2f} s   1.00")
    print(f"folded, channels last     {prepared:6.2f} s   {prepared / plain:4.2f}")
    print(f"... and Q and K captured  {captured:6.2f} s   {captured / plain:4.2f}")


if __name__ == "__main__":
    main()
