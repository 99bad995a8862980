"""The figures of a tried picture: as PNG for the person who tried it, and as pages show them.

In: an `EntryAnalysis`. Out: files. What a figure shows is its kind's business. What a report is
made from is named here, as `report` takes a second to import.
"""

from __future__ import annotations

from pathlib import Path

from generator.analysis.entry_analysis import EntryAnalysis
from generator.detr.zoo import ModelCard
from generator.figures.figure_file import FigureFile, FigurePlace
from generator.figures.image import image_set
from generator.figures.image.detections import detections_alt
from generator.figures.redraw import redraw
from generator.figures.save import save_figure
from generator.files.encode import publish_image
from generator.files.folders import BuildFolder
from generator.pages.contents import ImageResult, Shapes
from generator.project.config import FigureOptions
from generator.project.gallery import GalleryImage
from generator.project.slugs import slugify

STYLES = ("report.css", "assets/handout.css")
"""What the theme brings to the site, and how figures and tables look there."""
_LONG_SIDE = 1600
"""Of the copy of the picture, in pixels."""


def draw_figures(analysis: EntryAnalysis, folder: Path, options: FigureOptions) -> dict[str, Path]:
    """Draws every figure that there is something to show in, as PNG; files by kind."""
    drawn = {}
    for kind in image_set.IMAGE_FIGURES:
        if kind.applies(analysis):
            drawn[kind.name] = folder / f"{kind.name}.png"
            save_figure(kind.draw(analysis, options), drawn[kind.name], options.dpi)
    return drawn


def draw_for_report(
    image: Path, card: ModelCard, analysis: EntryAnalysis, build: BuildFolder
) -> ImageResult:
    """Draws the same figures once more, for the screen and for print, below an empty folder."""
    slug = slugify(image.stem) or "image"
    place = FigurePlace(build.docs, build.prints, True, f"figures/{slug}", ".webp")
    copy = build.image(slug)
    publish_image(analysis.pixels, copy, max_side=_LONG_SIDE)
    forward, options = analysis.forward, FigureOptions()
    figures = redraw(image_set.IMAGE_FIGURES, analysis, "", options, place, {})
    height, width = forward.size_hw
    published = FigureFile(
        copy.relative_to(build.docs).as_posix(),
        detections_alt(analysis.detections),
        (width, height),
    )
    return ImageResult(
        entry=GalleryImage(
            slug=slug,
            title=image.name,
            file=image,
            model=card.name,
            threshold=analysis.detections.threshold,
        ),
        shapes=Shapes.of(forward),
        profile=forward.profile,
        detections=analysis.detections,
        weights_sha256=forward.weights_sha256,
        points=analysis.points,
        image=published,
        thumbnail=published,
        figures={name: drawn.file for name, drawn in figures.items()},
    )
