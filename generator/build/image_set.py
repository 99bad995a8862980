"""One gallery entry's pictures: its published copy, thumbnail and figures.

In: pixels, a `ForwardPass` and the entry. Out: picture files, and the `ImageResult` that
tells of them. What was drawn before from the same data is not drawn again.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path

import numpy as np
import numpy.typing as npt
from matplotlib.figure import Figure
from PIL import Image

from generator.analysis.attention import AttentionMaps, reference_points
from generator.analysis.detections import Detections, detect
from generator.analysis.ground_truth import ground_truth
from generator.analysis.matching import Matching, match_objects
from generator.analysis.matching_summary import summarise
from generator.detr.zoo import ModelCard
from generator.figures.image.decoder import (
    decoder_alt,
    decoder_figure,
    rollout_alt,
    rollout_figure,
)
from generator.figures.image.detections import TALLEST_IN_PRINT, detections_alt, detections_figure
from generator.figures.image.encoder import encoder_alt, encoder_figure
from generator.figures.image.matching import matching_alt, matching_figure
from generator.figures.image.thumbnail import thumbnail
from generator.figures.printing import save_for_print
from generator.figures.save import save_figure
from generator.figures.training import training_alt, training_figure
from generator.files.images import publish_image
from generator.files.write import write_if_different
from generator.inference.forward_pass import ForwardPass
from generator.measures.rollout import query_rollout
from generator.pages.contents import FigureFile, ImageResult, Shapes
from generator.project.config import FigureOptions
from generator.project.gallery import GalleryImage

DRAWING_CODE = (
    "analysis/*.py", "build/image_set.py", "figures/*.py", "figures/image/*.py", "files/images.py",
    "measures/attention_rows.py", "measures/rollout.py",
)  # fmt: skip
FIGURES = ("detections", "decoder", "rollout", "encoder_row", "encoder_column")
"""Names of the figures that every image has."""
PUBLISHED_LONG_SIDE = 1600
"""Long side of the published copy of an image, in pixels."""


@dataclass(frozen=True)
class Drawing:
    """A figure still to be drawn, and the words that stand for it.

    Attributes:
        print: draws it for paper, where that is another figure.
    """

    draw: Callable[[], Figure]
    alt: str
    print: Callable[[], Figure] | None = None


def illustrate(
    entry: GalleryImage,
    pixels: npt.NDArray[np.uint8],
    forward: ForwardPass,
    options: FigureOptions,
    docs: Path,
    key: str,
    prints: Path | None = None,
) -> ImageResult:
    """Draws what the entry's page shows.

    Args:
        pixels: (H, W, 3), the image that `forward` is of.
        docs: where the pictures go, in `images/` and `figures/`.
        key: names everything that the pictures depend on besides the entry and the options.
        prints: where the figures go once more for the PDF, as `docs` has them but for the
            suffix; None where there is to be no PDF.

    Raises:
        ObjectsError: what the entry says is in the picture cannot be there.
    """
    detections = detect(forward, entry.threshold)
    maps = AttentionMaps(forward)
    points = reference_points(forward, detections, entry.points)
    image = docs / "images" / f"{entry.slug}.webp"
    small = docs / "images" / "thumbnails" / f"{entry.slug}.webp"
    drawings = drawings_of(pixels, detections, maps, points, options)
    matching = _matching_of(entry, forward)
    if matching is not None and len(matching):
        drawings["matching"] = Drawing(
            lambda: matching_figure(pixels, matching, detections, options), matching_alt(matching)
        )
    files = {name: docs / "figures" / entry.slug / f"{name}.webp" for name in drawings}
    printed = {
        name: (prints or docs.parent / "print") / "figures" / entry.slug / f"{name}.svg"
        for name in drawings
    }
    stamp = docs.parent / "stamps" / f"{entry.slug}.txt"
    wanted = _stamp(key, entry, detections, points, options)
    needed = [image, small, *files.values(), *(printed.values() if prints else ())]
    if not _is_drawn(stamp, wanted, needed):
        stamp.unlink(missing_ok=True)
        publish_image(pixels, image, max_side=PUBLISHED_LONG_SIDE)
        publish_image(thumbnail(pixels, detections), small)
        for name, drawing in drawings.items():
            printed[name].unlink(missing_ok=True)  # never one of other data
            _save(drawing, files[name], printed[name] if prints else None, options.dpi)
        for file in (docs / "figures" / entry.slug).glob("*.webp"):
            if file not in files.values():  # the entry had objects once
                file.unlink()
        write_if_different(stamp, wanted.encode())
    alt = entry.alt or detections_alt(detections)
    return ImageResult(
        entry=entry,
        shapes=shapes_of(forward),
        profile=forward.profile,
        detections=detections,
        weights_sha256=forward.weights_sha256,
        points=points,
        image=_figure_file(image, docs, entry.alt or entry.title),
        thumbnail=_figure_file(small, docs, alt),
        figures={
            name: _figure_file(files[name], docs, drawing.alt) for name, drawing in drawings.items()
        },
        matching=None if matching is None else summarise(matching),
    )


def _save(drawing: Drawing, file: Path, printed: Path | None, dpi: int) -> None:
    """Draws a figure for the site and, where a place for it is given, for print."""
    figure = drawing.draw()
    if printed is not None:
        save_for_print(drawing.print() if drawing.print else figure, printed)
    save_figure(figure, file, dpi)


def illustrate_training(card: ModelCard, docs: Path) -> FigureFile:
    """Draws how the embedded model was trained; SVG, as there are only lines."""
    training = card.training or {}
    curve, recipe = training["curve"], training["recipe"]
    sizes = [(round(share * recipe["scenes"]), side) for share, side in recipe["short_sides"]]
    figure = training_figure(curve, sizes)
    width, height = (round(inches * 100) for inches in figure.get_size_inches())
    path = docs / "models" / f"{card.name}-training.svg"
    save_figure(figure, path, dpi=100)
    return FigureFile(path.relative_to(docs).as_posix(), training_alt(curve), (width, height))


def drawings_of(
    pixels: npt.NDArray[np.uint8],
    detections: Detections,
    maps: AttentionMaps,
    points: tuple[tuple[float, float], ...],
    options: FigureOptions,
) -> dict[str, Drawing]:
    """The exercise's figures of one image, the encoder's in both directions, and the rollout."""
    return {
        "detections": Drawing(
            lambda: detections_figure(pixels, detections, options),
            detections_alt(detections),
            lambda: detections_figure(pixels, detections, options, TALLEST_IN_PRINT),
        ),
        "decoder": Drawing(
            lambda: decoder_figure(pixels, detections, maps, options),
            decoder_alt(detections, maps),
        ),
        "rollout": Drawing(
            lambda: rollout_figure(pixels, detections, query_rollout(maps.forward), options),
            rollout_alt(detections),
        ),
        "encoder_row": Drawing(
            lambda: encoder_figure(pixels, maps, points, options, direction="row"),
            encoder_alt(maps, points, direction="row"),
        ),
        "encoder_column": Drawing(
            lambda: encoder_figure(pixels, maps, points, options, direction="column"),
            encoder_alt(maps, points, direction="column"),
        ),
    }


def shapes_of(forward: ForwardPass) -> Shapes:
    """The sizes of one forward."""
    encoder_layers, heads, _, head_dim = forward.encoder_self.q.shape
    decoder_layers, num_queries, num_outputs = forward.logits.shape
    return Shapes(
        size_hw=forward.size_hw,
        input_hw=forward.input_hw,
        grid_hw=forward.grid_hw,
        feature_channels=forward.feature_channels,
        hidden_dim=heads * head_dim,
        num_queries=num_queries,
        num_classes=num_outputs - 1,
        encoder_layers=encoder_layers,
        decoder_layers=decoder_layers,
        heads=heads,
    )


def _matching_of(entry: GalleryImage, forward: ForwardPass) -> Matching | None:
    """Which query answers for which object; None where nobody said what is in the picture."""
    if entry.objects is None:
        return None
    truth = ground_truth(entry.objects, forward.category_names, forward.size_hw)
    return match_objects(forward, truth)


def _stamp(
    key: str,
    entry: GalleryImage,
    detections: Detections,
    points: tuple[tuple[float, float], ...],
    options: FigureOptions,
) -> str:
    """Names all that the pictures depend on; the code that draws them included."""
    package = Path(__file__).parents[1]
    code = hashlib.sha256(f"{version('matplotlib')} {version('pillow')}".encode())
    for pattern in DRAWING_CODE:
        for source in sorted(package.glob(pattern)):
            code.update(source.read_bytes())
    parts = {
        "key": key,
        "threshold": detections.threshold,
        "points": points,
        "objects": entry.objects and [asdict(one) for one in entry.objects],
        "options": asdict(options),
        "code": code.hexdigest(),
    }
    return json.dumps(parts, sort_keys=True) + "\n"


def _is_drawn(stamp: Path, wanted: str, files: list[Path]) -> bool:
    return stamp.is_file() and stamp.read_text() == wanted and all(f.is_file() for f in files)


def _figure_file(path: Path, docs: Path, alt: str) -> FigureFile:
    with Image.open(path) as picture:
        return FigureFile(path.relative_to(docs).as_posix(), alt, picture.size)
