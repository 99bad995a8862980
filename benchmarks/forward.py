"""What a forward of DETR-R50 costs: as it was built, prepared, with Q and K, and in transformers.

Random weights, one image of 800 x 1066, the same run, CPU seconds, the least of a few: read ratios.
`transformers` runs its own DETR eagerly and returns all attentions; it is left out where the
package is missing.

    python -m benchmarks.forward [ROUNDS]
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import Any

import torch

from generator.detr.capture import capture_queries_and_keys
from generator.detr.weights import build_model, prepare
from generator.detr.zoo import model_card

Forward = Callable[[], Any]


def ours(image: torch.Tensor) -> dict[str, Forward]:
    """Our forwards, in the order of what was added."""
    card = model_card("detr_resnet50")
    plain, prepared = build_model(card).eval(), prepare(build_model(card))
    last = image.contiguous(memory_format=torch.channels_last)

    def captured() -> None:
        with capture_queries_and_keys(prepared):
            prepared(last)

    return {
        "as built": lambda: plain(image),
        "folded, channels last": lambda: prepared(last),
        "... and all Q and K": captured,
    }


def theirs(image: torch.Tensor) -> dict[str, Forward]:
    """The forward of transformers, with random weights of its own."""
    try:
        from transformers import DetrConfig, DetrForObjectDetection
    except ImportError:
        return {}
    config = DetrConfig(use_pretrained_backbone=False, attn_implementation="eager")
    model = DetrForObjectDetection(config).eval()
    return {"transformers, eager": lambda: model(image, output_attentions=True)}


def main() -> None:
    """Prints seconds and ratios; the forwards take turns, so that all see the same machine."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    image = torch.randn(1, 3, 800, 1066)
    forwards = {**ours(image), **theirs(image)}
    best = dict.fromkeys(forwards, float("inf"))
    with torch.inference_mode():
        for _ in range(rounds):
            for name, forward in forwards.items():
                started = time.process_time()
                forward()
                best[name] = min(best[name], time.process_time() - started)
    base = list(best.values())[-1]
    for name, seconds in best.items():
        print(f"{name:24} {seconds:6.2f} CPU s   {seconds / base:4.2f}")


if __name__ == "__main__":
    main()
