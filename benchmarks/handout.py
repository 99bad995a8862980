"""How long a large gallery takes to typeset, and how much memory.

Takes a project whose images were run before, prints its gallery over and over under new
names until there are enough images, and typesets that.

    python -m benchmarks.handout [IMAGES]
"""

from __future__ import annotations

import resource
import sys
import tempfile
import time
from dataclasses import replace
from itertools import cycle, islice
from pathlib import Path

from generator.build.entry import EntryBuilder
from generator.detr.zoo import model_card
from generator.figures.figure_file import FigureFile
from generator.files.folders import BuildFolder, CacheFolder
from generator.inference.runner import Runner
from generator.outputs.pdf.book import typeset_handout
from generator.pages.contents import Contents, EntryStatus, ImageResult
from generator.pages.render import render_pages
from generator.project.gallery import load_project


def drawn(build: BuildFolder) -> tuple[ImageResult, ...]:
    """The gallery's results, with figures for the site and for print."""
    config, gallery = load_project(Path("site_config.yml"))
    cache = CacheFolder(config.root / ".cache")
    runner = Runner(config, cache.forward_passes, cache.downloads, offline=True)
    builder = EntryBuilder(config, build, cache, for_print=True)
    located = runner.look(gallery).values()
    return tuple(builder.build(one).result(one.entry) for one in located)


def renamed(result: ImageResult, number: int, build: BuildFolder) -> ImageResult:
    """The same result under another name, with figures that differ by a remark."""
    slug = f"{result.entry.slug}-{number}"
    figures: dict[str, FigureFile] = {}
    for name, file in result.figures.items():
        path = f"figures/{slug}/{name}.webp"
        drawing = (build.prints / file.path).with_suffix(".svg").read_text(encoding="utf-8")
        copy = (build.prints / path).with_suffix(".svg")
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_text(f"{drawing}<!-- {number} -->", encoding="utf-8")
        figures[name] = replace(file, path=path)
    return replace(result, entry=replace(result.entry, slug=slug), figures=figures)


def main() -> None:
    """Prints seconds and memory."""
    images = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    config, _ = load_project(Path("site_config.yml"))
    with tempfile.TemporaryDirectory() as folder:
        build = BuildFolder(Path(folder))
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
            rendered = render_pages(config, contents, "pdf")
            sources, listing = build.handout_sources("handout"), build.handout_listing("handout")
            typeset_handout(config, contents, rendered, build, sources, listing)
            seconds = time.monotonic() - started
            print(f"{attempt} time       {seconds:7.1f} s")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3
    print(f"memory at most   {peak:7.0f} MB, {images} images")


if __name__ == "__main__":
    main()
