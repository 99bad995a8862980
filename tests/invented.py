"""Invented results, cards and projects for the tests of the pages and the site."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from generator.analysis.detections import Detections
from generator.build.stand_ins import stand_in
from generator.detr.zoo import ModelCard
from generator.figures.figure_file import FigureFile
from generator.pages.contents import Contents, EntryStatus, ImageResult, Shapes
from generator.pages.explorer import Explorer, ShippedScript
from generator.project.config import SiteConfig
from generator.project.gallery import GalleryImage

TEMPLATES = Path(__file__).parents[1] / "templates"

CONTENT = {
    "index.md": "# Home\n\nWelcome. {{ ref('q1') }}\n",
    "q1.md": "# Q1 The model\n\nIt has $N = hw$ tokens.\n",
    "q2.md": "# Q2 Gallery\n\nThe introduction.\n",
    "q3.md": "# Q3 Attention\n\nThree of them.\n",
    "about.md": "# About\n\n{% for card in cards %}{{ card.title }}{% endfor %}\n",
}


def invented_card(name: str = "detr_emoji", **changes: Any) -> ModelCard:
    """A model's card, without its weights."""
    values: dict[str, Any] = {
        "name": name,
        "title": "DETR-Invented",
        "source": "tests",
        "dataset": "nothing",
        "architecture": None,
        "checkpoint_url": None,
        "ap": 12.3,
        "short_side": 96,
        "long_side_cap": 128,
        "size_multiple": 1,
        "category_ids": (1, 2),
        "category_names": ("cat", "dog"),
        "parameters": 7,
        "notes": "Trained on nothing at all.",
    }
    return ModelCard(**(values | changes))


def invented_result(slug: str = "cats", n: int = 2, **changes: Any) -> ImageResult:
    """A result with n detections on an image of 128 × 96 pixels; `changes` are the entry's."""
    values: dict[str, Any] = {
        "slug": slug,
        "title": slug.title(),
        "file": Path(f"{slug}.png"),
        "model": "detr_emoji",
        "threshold": 0.9,
    }
    entry = GalleryImage(**(values | changes))
    blank = stand_in(entry)
    figures = {name for name in blank.figures if name != "matching"}
    return replace(
        blank,
        shapes=Shapes((96, 128), (96, 128), (3, 4), 32, 0.0, 2048, 256, 100, 91, 6, 6, 8),
        detections=invented_detections(n, entry.threshold),
        points=((0.25, 0.25), (0.75, 0.9)),
        image=FigureFile(f"images/{slug}.webp", entry.alt or entry.title, (16, 12)),
        thumbnail=FigureFile(f"images/{slug}-thumbnail.webp", "A small picture", (8, 6)),
        figures={
            name: FigureFile(f"figures/{slug}/{name}.webp", f"Alt of {name}", (20, 10))
            for name in sorted(figures)
        },
        explorer=None,
    )


def invented_explorer(slug: str = "cats") -> Explorer:
    """The scripts of an image whose encoder has two layers, and its decoder none."""
    folder = f"attention/{slug}"
    layers = tuple(
        ShippedScript(
            "encoder_self", one, f"{folder}/encoder_self-{one}.js", 1000, 0.002 - one / 1e3
        )
        for one in (0, 1)
    )
    index = ShippedScript("", 0, f"{folder}/index.js", 100, 0.0)
    return Explorer("key", index, layers, {"encoder_self": 2})


def invented_detections(n: int, threshold: float = 0.9) -> Detections:
    """n detections, best first; the first score would round up to 1."""
    return Detections(
        queries=np.arange(n) * 7 % 100,
        category_ids=np.ones(n, dtype=np.int64),
        labels=tuple("cat" if index % 2 == 0 else "dog" for index in range(n)),
        scores=np.linspace(0.9996, 0.91, n) if n != 1 else np.array([0.9996]),
        boxes_xyxy=np.tile([1.4, 2.6, 30.0, 40.2], (n, 1)),
        size_hw=(96, 128),
        threshold=threshold,
    )


def invented_project(
    root: Path, content: dict[str, str] | None = None, **settings: Any
) -> SiteConfig:
    """A project with the real templates and its own small pages."""
    folder = root / "content"
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in (CONTENT | (content or {})).items():
        (folder / name).write_text(text, encoding="utf-8")
    values: dict[str, Any] = {
        "title": "A handout",
        "gallery": folder / "gallery.yml",
        "templates": TEMPLATES,
    }
    return SiteConfig(root=root, content=folder, **(values | settings))


def built(results: Iterable[ImageResult]) -> list[EntryStatus]:
    """The statuses of entries that were all built."""
    return [EntryStatus(one.entry.slug, one.entry.title, "built") for one in results]


def invented_contents(results: Sequence[ImageResult], statuses: Sequence[EntryStatus]) -> Contents:
    """The contents of the pages, with one model's card."""
    titles = {status.slug: status.title for status in statuses}
    return Contents(tuple(results), tuple(statuses), titles, (invented_card(),))


def paint(build: Path, results: Iterable[ImageResult]) -> None:
    """Writes the pictures of the results."""
    for result in results:
        for file in (result.image, result.thumbnail, *result.figures.values()):
            path = build / "docs" / file.path
            path.parent.mkdir(parents=True, exist_ok=True)
            Image.new("RGB", file.size_wh, "teal").save(path)
