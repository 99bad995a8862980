"""How much slower the embedded model is in JavaScript than in PyTorch, and how soon it answers.

CPU seconds of one forward pass of a square picture: PyTorch with one thread, and Node with
WebAssembly and without, taking turns in one run. Then, where there is a Chromium, the seconds of
the clock from "Start" to the first answer, in a page opened from a file; and what is loaded.

    python -m benchmarks.live_forward [ROUNDS]
"""

from __future__ import annotations

import json
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import torch

from tests.exercises.browser import CHROMIUM, Browser
from tests.live.node import LIVE, run
from tests.live.test_browser import Page
from tests.live.twin import (
    NETWORK_SCRIPTS,
    Pixels,
    embedded,
    embedded_detector,
    embedded_network,
    picture_of,
    write_bundle,
)

MOST_TIMES, MOST_SECONDS, MOST_BYTES = 4.0, 2.0, 5_000_000
WARM, RUNS = 15, 25
_TIMED = """
const model = Live.model.load(Live.bundle, { simd: value.simd });
const times = [];
for (let number = 0; number < value.warm + value.runs; number++) {
  const before = process.cpuUsage();
  Live.detr.forward(model, value.picture);
  const { user, system } = process.cpuUsage(before);
  times.push((user + system) / 1e6);
}
return times.slice(value.warm);
"""
_STARTED = """
const started = performance.now();
const network = await Live.client.start("model.js");
await network.forward(value[0]);
return (performance.now() - started) / 1000;
"""


def in_python(pixels: Pixels) -> list[float]:
    """CPU seconds of the network alone, with one thread."""
    torch.set_num_threads(1)
    detector = embedded_detector()
    image = detector.prepared(pixels)
    times = []
    with torch.inference_mode():
        for _ in range(WARM + RUNS):
            before = time.process_time()
            detector.model(image)
            times.append(time.process_time() - before)
    return times[WARM:]


def in_node(bundle: Path, pixels: Pixels, *, simd: bool) -> list[float]:
    """CPU seconds of all that a picture takes: to prepare it, the network, what is kept of it."""
    runs = {"warm": WARM, "runs": RUNS} if simd else {"warm": 3, "runs": 3}
    value = {"picture": picture_of(pixels), "simd": simd, **runs}
    times: list[float] = run([*NETWORK_SCRIPTS, bundle], _TIMED, value)
    return times


def first_answer(folder: Path, bundle: Path) -> float:
    """Seconds of the clock from "Start" to the first answer in Chromium."""
    (folder / "page").mkdir()
    with Browser() as browser:
        seconds: Any = Page(browser, folder / "page", bundle).ask(_STARTED)
    return float(seconds)


def main() -> None:
    """Prints times, ratios and bounds."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 3
    side = embedded().short_side
    pixels = np.random.default_rng(0).integers(0, 256, (side, side, 3), dtype=np.uint8)
    times: dict[str, list[float]] = {"PyTorch, one thread": [], "WebAssembly": [], "JavaScript": []}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        bundle = write_bundle(folder, embedded_network(), "int16")
        for _ in range(rounds):
            times["PyTorch, one thread"] += in_python(pixels)
            times["WebAssembly"] += in_node(bundle, pixels, simd=True)
            times["JavaScript"] += in_node(bundle, pixels, simd=False)
        print(f"CPU ms of a picture of {side} x {side}: least, median, and the medians' ratio")
        least = statistics.median(times["PyTorch, one thread"])
        for title, ones in times.items():
            median = statistics.median(ones)
            print(f"{title:20} {1000 * min(ones):7.1f} {1000 * median:7.1f} {median / least:6.2f}")
        print(f"(at most {MOST_TIMES:g} with WebAssembly)")
        if CHROMIUM:
            seconds = sorted(
                first_answer(Path(tempfile.mkdtemp(dir=folder)), bundle) for _ in range(rounds)
            )
            print(f"from Start to the first answer: {json.dumps([round(s, 2) for s in seconds])} s "
                  f"(at most {MOST_SECONDS:g})")  # fmt: skip
        size = bundle.stat().st_size + sum(
            (LIVE / name).stat().st_size for name in ("source.js", "client.js")
        )
        print(f"loaded: {size:,} bytes (at most {MOST_BYTES:,})")


if __name__ == "__main__":
    main()
