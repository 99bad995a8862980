"""What a page costs beside the notebook that it replaces: CPU seconds of both, in one run.

DETR-R50 with random weights, pictures of 800 x 1066, a threshold for each at which five objects are
found. The notebook's way is `notebook_way`; ours is a whole build with all figures and measures,
without the PDF and the causal tests. Read the ratio.

    python -m benchmarks.side_by_side [PICTURES...] [--rounds N] [--jobs N]

PICTURES are files; without any, the shipped scenes are enlarged.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
from PIL import Image

ROOT = Path(__file__).parents[1]
SIZE_WH = (1280, 960)
FOUND = 5


def make_weights(file: Path) -> None:
    """Random weights of DETR-R50, the same ones each time."""
    import torch
    from safetensors.torch import save_file

    from generator.detr.weights import build_model
    from generator.detr.zoo import model_card

    torch.manual_seed(5)
    state = build_model(model_card("detr_resnet50")).state_dict()
    state["class_embed.weight"] *= 10  # so that queries differ in what they are sure of
    save_file({name: one.contiguous() for name, one in state.items()}, file)


def thresholds_of(weights: Path, pictures: list[Path]) -> list[float]:
    """Between the fifth and the sixth score of each picture."""
    from scipy.special import softmax

    from generator.detr.zoo import model_card
    from generator.files.images import load_image
    from generator.inference.detector import Detector

    detector = Detector.load(model_card("detr_resnet50"), weights, "0" * 64)
    found = []
    for picture in pictures:
        logits = detector.run(load_image(picture, max_pixels=10**8)).logits[-1]
        best = np.sort(softmax(logits.astype(np.float64), axis=-1)[:, :-1].max(axis=1))[::-1]
        found.append(float(best[FOUND - 1 : FOUND + 1].mean()))
    return found


def make_project(folder: Path, weights: Path, pictures: list[tuple[Path, float]]) -> None:
    """The project's own pages with a gallery of the pictures."""
    for name in ("content", "templates"):
        shutil.copytree(ROOT / name, folder / name)
    settings = (ROOT / "site_config.yml").read_text(encoding="utf-8")
    for old, new in (
        ("model: detr_emoji", "model: detr_resnet50"),
        ("causal: on", "causal: off"),
        ("weights: {}", f'weights: {{detr_resnet50: "{weights}"}}'),
    ):
        if f"\n{old}\n" not in settings:
            raise ValueError(f"site_config.yml does not hold {old!r}")
        settings = settings.replace(f"\n{old}\n", f"\n{new}\n")
    (folder / "site_config.yml").write_text(settings, encoding="utf-8")
    lines = ["images:"]
    for number, (picture, threshold) in enumerate(pictures):
        shutil.copy(picture, folder / "content/images")
        lines += [f"  - file: content/images/{picture.name}", f'    title: "Picture {number}"']
        lines += [f'    caption: "Caption {number}."', f"    threshold: {threshold:.12f}"]
    (folder / "content/gallery.yml").write_text("\n".join(lines) + "\n", encoding="utf-8")


def cpu_seconds(command: list[str], folder: Path) -> float:
    """The CPU seconds of a command and its children."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)  # an installed package has compiled modules
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, "-m", *command], cwd=folder, env=environment, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime


def prepared(place: Path, chosen: list[Path]) -> list[Path]:
    """The pictures as JPEG of one size."""
    files = []
    for number, file in enumerate(chosen):
        files.append(place / f"picture-{number}.jpg")
        with Image.open(file) as image:
            image.convert("RGB").resize(SIZE_WH).save(files[-1], quality=92)
    return files


def main() -> None:
    """Prints both costs and their ratio, round by round."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("pictures", nargs="*", type=Path)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    options = parser.parse_args()
    chosen = options.pictures or sorted((ROOT / "content/images").glob("*.jpg"))[:8]
    with tempfile.TemporaryDirectory() as name:
        place = Path(name)
        weights = place / "weights.safetensors"
        make_weights(weights)
        pictures = prepared(place, chosen)
        given = list(zip(pictures, thresholds_of(weights, pictures), strict=True))
        (place / "pictures.json").write_text(json.dumps([[str(a), b] for a, b in given]))
        costs = []
        for number in range(options.rounds):
            notebook, ours = place / f"notebook-{number}", place / f"project-{number}"
            notebook.mkdir()
            ours.mkdir()
            make_project(ours, weights, given)
            way = ["benchmarks.notebook_way", str(weights), str(place / "pictures.json")]
            theirs = cpu_seconds([*way, str(notebook)], place)
            build = ["generator", "build", "--offline", "--quiet", "--no-pdf"]
            own = cpu_seconds([*build, "--jobs", str(options.jobs)], ours)
            costs.append((theirs, own))
            print(f"the notebook's way {theirs:6.1f}   a build {own:6.1f}   {own / theirs:.2f}")
            shutil.rmtree(ours)
        least = [min(one) for one in zip(*costs, strict=True)]
        print(f"least: {least[0]:.1f} and {least[1]:.1f}, {least[1] / least[0]:.2f};", end=" ")
        print(f"{len(pictures)} pictures, {os.cpu_count()} cores, {options.jobs} jobs")


if __name__ == "__main__":
    main()
