"""How long a large gallery takes to typeset, and how much memory.

Takes a project whose images were run before, prints its gallery over and over under new
names until there are enough images, and typesets that.

    python benchmarks/handout.py [IMAGES]
"""

from __future__ import annotations

import resource
import sys
import tempfile
import time
from dataclasses import replace
from itertools import cycle, islice
from pathlib import Path

from generator.build.image_set import illustrate
from generator.detr.zoo import model_card
from generator.errors import UnavailableError
from generator.files.images import load_image
from generator.inference.forward_pass import load_forward_pass
from generator.inference.runner import Runner
from generator.outputs.pdf.book import PRINTS, typeset_handout
from generator.pages.contents import Contents, EntryStatus, FigureFile, ImageResult
from generator.project.gallery import load_project


def drawn(build: Path) -> tuple[ImageResult, ...]:
    """The gallery's results, with figures for the site and for print."""
    config, gallery = load_project(Path("site_config.yml"))
    runner = Runner(config, config.root / ".cache", offline=True)
    results = []
    for entry in gallery:
        try:
            located = runner.locate(entry)
        except UnavailableError:
            continue
        pixels = load_image(located.image, max_pixels=config.max_pixels)
        forward, docs = load_forward_pass(located.forward_pass), build / "docs"
        results.append(illustrate(entry, pixels, forward, config.figures, docs, "", build / PRINTS))
    return tuple(results)


def renamed(result: ImageResult, number: int, build: Path) -> ImageResult:
    """The same result under another name, with figures that differ by a remark."""
    slug = f"{result.entry.slug}-{number}"
    figures: dict[str, FigureFile] = {}
    for name, file in result.figures.items():
        path = f"figures/{slug}/{name}.webp"
        drawing = (build / PRINTS / file.path).with_suffix(".svg").read_text(encoding="utf-8")
        copy = (build / PRINTS / path).with_suffix(".svg")
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_text(f"{drawing}<!-- {number} -->", encoding="utf-8")
        figures[name] = replace(file, path=path)
    return replace(result, entry=replace(result.entry, slug=slug), figures=figures)


def main() -> None:
    """Prints seconds and memory."""
    images = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    config, _ = load_project(Path("site_config.yml"))
    with tempfile.TemporaryDirectory() as folder:
        build = Path(folder)
        once = drawn(build)
        many = tuple(
            renamed(result, number, build)
            for number, result in enumerate(islice(cycle(once), images))
        )
        statuses = tuple(EntryStatus(one.entry.slug, one.entry.title, "built") for one in many)
        titles = {one.slug: one.title for one in statuses}
        cards = tuple(model_card(name) for name in dict.fromkeys(one.entry.model for one in many))
        for attempt in ("first", "second"):
            started = time.monotonic()
            contents = Contents(many, statuses, titles, cards)
            typeset_handout(config, contents, build / "docs", build / "handout")
            seconds = time.monotonic() - started
            print(f"{attempt} time       {seconds:7.1f} s")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3
    print(f"memory at most   {peak:7.0f} MB, {images} images")


if __name__ == "__main__":
    main()
