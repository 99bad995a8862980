"""What a forward costs on a machine that does something else at the same time.

Each number is of a process of its own, with and without the setting of `generator/__init__`, on the
idle machine and beside as many busy processes as there are cores. CPU seconds of a forward, the
mean of a few: read ratios.

    python -m benchmarks.busy_machine [FORWARDS]
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

BUSY = "while True: pass"
FIRST = {"in a long loop, GNU's default": "torch", "in a short loop": "generator"}
"""Which package is imported first: once torch is, the setting of `generator` comes too late."""
FORWARDS = """
import {first}
import time
import numpy, torch
from generator.detr.weights import build_model, prepare
from generator.detr.zoo import model_card
from generator.inference.detector import Detector

torch.manual_seed(0)
card = model_card({model!r})
detector = Detector(card, prepare(build_model(card)), "")
pixels = numpy.random.default_rng(0).integers(0, 255, (480, 640, 3), dtype=numpy.uint8)
detector.run(pixels)
began = time.process_time()
for _ in range({count}):
    detector.run(pixels)
print((time.process_time() - began) / {count})
"""


def measured(model: str, count: int, first: str) -> float:
    """The CPU seconds of a forward of a model with random numbers as weights and image."""
    settings = ("GOMP_SPINCOUNT", "OMP_WAIT_POLICY")
    environment = {name: v for name, v in os.environ.items() if name not in settings}
    program = FORWARDS.format(model=model, count=count, first=first)
    done = subprocess.run(
        [sys.executable, "-c", program],
        env=environment,
        check=True,
        capture_output=True,
        text=True,
    )
    return float(done.stdout)


@contextmanager
def busy_cores() -> Iterator[None]:
    """While open, each core has something else to do."""
    busy = [subprocess.Popen([sys.executable, "-c", BUSY]) for _ in range(os.cpu_count() or 1)]
    try:
        yield
    finally:
        for one in busy:
            one.kill()
            one.wait()


def main() -> None:
    """Prints a table."""
    count = int(sys.argv[1]) if sys.argv[1:] else 3
    print("| model | threads wait | idle machine | busy machine | ratio |")
    print("| --- | --- | ---: | ---: | ---: |")
    for model, times in (("detr_emoji", 10 * count), ("detr_resnet50", count)):
        for words, first in FIRST.items():
            idle = measured(model, times, first)
            with busy_cores():
                busy = measured(model, times, first)
            print(
                f"| {model} | {words} | {idle:.3f} | {busy:.3f} | {busy / idle:.1f} |", flush=True
            )


if __name__ == "__main__":
    main()
