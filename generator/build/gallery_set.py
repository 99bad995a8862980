"""The figures of Q3, which show what was measured over the gallery: drawn once a build.

In: the measurements of the images and their summaries, and for decoder self-attention the
maps of one image a model. Out: SVG files in `docs/figures/q3/`, and where they are. What was
drawn before from the same data is not drawn again.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from importlib.metadata import version
from pathlib import Path

from generator.analysis.attention import AttentionMaps
from generator.analysis.detections import Detections
from generator.build.image_set import Drawing
from generator.figures.gallery.duplicates import duplicates_alt, duplicates_figure
from generator.figures.gallery.heads import HEADS, heads_alt, heads_figure
from generator.figures.gallery.lift import lift_alt, lift_figure, lift_summaries
from generator.figures.gallery.lines import models_of
from generator.figures.gallery.query_map import query_map_alt, query_map_figure
from generator.figures.gallery.query_places import query_places_alt, query_places_figure
from generator.figures.gallery.spread import DISTANCE, ENTROPY, spread_alt, spread_figure
from generator.figures.printing import save_for_print
from generator.figures.save import save_figure
from generator.files.write import write_if_different
from generator.measures.summary import ImageMeasures, Summary
from generator.pages.contents import FigureFile
from generator.project.config import FigureOptions

FOLDER = "q3"
"""Below `docs/figures`; no image can have this slug."""

_CODE = ("figures/*.py", "figures/gallery/*.py", "build/gallery_set.py", "analysis/*.py",
         "measures/among_queries.py", "measures/mechanisms.py")  # fmt: skip


@dataclass(frozen=True, eq=False)
class Example:
    """One image, whose decoder self-attention is drawn.

    Attributes:
        title: of the image.
        maps, detections: of its forward pass.
    """

    title: str
    maps: AttentionMaps
    detections: Detections


def illustrate_measures(
    images: Sequence[ImageMeasures],
    summaries: Sequence[Summary],
    docs: Path,
    options: FigureOptions,
    *,
    titles: Mapping[str, str] | None = None,
    examples: Sequence[Example] = (),
    prints: Path | None = None,
) -> dict[str, FigureFile]:
    """Draws the figures that there is something to show in.

    Args:
        images: in the gallery's order.
        summaries: of the same images.
        docs: where the pictures go, in `figures/q3/`.
        options: the site's figure options.
        titles: what models are called, by name.
        examples: at most one image for each model.
        prints: where the figures go once more for the PDF, as `docs` has them; None where
            there is to be no PDF.

    Returns:
        By name: "entropy", "distance", "lift", "duplicates", "heads-entropy",
        "heads-distance" and "heads-lift", each with all models; "query-places-MODEL" for each
        model and "query-map-MODEL" for that of each example. The lifts are absent where no
        image has a detection; without images there is no figure.
    """
    drawings = drawings_of(images, summaries, options, titles or {}, examples)
    folder = docs / "figures" / FOLDER
    files = {name: folder / f"{name}.svg" for name in drawings}
    prints_folder = (prints or docs.parent / "print") / "figures" / FOLDER
    printed = {name: prints_folder / f"{name}.svg" for name in drawings}
    stamp = docs.parent / "stamps" / f"{FOLDER}.txt"
    wanted = _stamp(images, summaries, options, titles or {}, examples)
    sizes = _drawn_sizes(stamp, wanted, [*files.values(), *(printed.values() if prints else ())])
    if sizes is None:
        stamp.unlink(missing_ok=True)
        sizes = {}
        for name, drawing in drawings.items():
            figure = drawing.draw()
            width, height = (round(float(inches) * 100) for inches in figure.get_size_inches())
            sizes[name] = (width, height)
            printed[name].unlink(missing_ok=True)  # never one of other data
            if prints:
                save_for_print(figure, printed[name])
            save_figure(figure, files[name], options.dpi)
        content = {"depends_on": wanted, "sizes": sizes}
        write_if_different(stamp, (json.dumps(content, sort_keys=True) + "\n").encode())
    for place, known in ((folder, files), (prints_folder, printed)):
        for file in place.glob("*.svg"):  # of models that are gone
            if file not in known.values():
                file.unlink()
    return {
        name: FigureFile(files[name].relative_to(docs).as_posix(), drawing.alt, sizes[name])
        for name, drawing in drawings.items()
    }


def drawings_of(
    images: Sequence[ImageMeasures],
    summaries: Sequence[Summary],
    options: FigureOptions,
    titles: Mapping[str, str],
    examples: Sequence[Example],
) -> dict[str, Drawing]:
    """The figures and their words, by name."""
    if not images:
        return {}
    found = {
        spread.measure: Drawing(
            partial(spread_figure, summaries, spread, titles),
            spread_alt(summaries, spread, titles),
        )
        for spread in (ENTROPY, DISTANCE)
    }
    has_lift = bool(lift_summaries(summaries))
    if has_lift:
        found["lift"] = Drawing(
            partial(lift_figure, summaries, titles), lift_alt(summaries, titles)
        )
    found["duplicates"] = Drawing(
        partial(duplicates_figure, summaries, titles), duplicates_alt(summaries, titles)
    )
    for name, numbers in HEADS.items():
        if name != "lift" or has_lift:
            found[f"heads-{name}"] = Drawing(
                partial(heads_figure, summaries, numbers, titles, options.colour_map),
                heads_alt(summaries, numbers, titles),
            )
    for model in models_of(summaries):
        boxes = [image.query_boxes_cxcywh for image in images if image.model == model]
        found[f"query-places-{model}"] = Drawing(
            partial(query_places_figure, boxes), query_places_alt(boxes)
        )
    for one in examples:
        found[f"query-map-{one.maps.forward.model}"] = Drawing(
            partial(query_map_figure, one.maps, one.detections, one.title),
            query_map_alt(one.maps, one.detections),
        )
    return found


def _stamp(
    images: Sequence[ImageMeasures],
    summaries: Sequence[Summary],
    options: FigureOptions,
    titles: Mapping[str, str],
    examples: Sequence[Example],
) -> str:
    """Names all that the figures depend on; the code that draws them included."""
    package = Path(__file__).parents[1]
    digest = hashlib.sha256(version("matplotlib").encode())
    for pattern in _CODE:
        for source in sorted(package.glob(pattern)):
            digest.update(source.read_bytes())
    digest.update(repr((tuple(summaries), asdict(options), sorted(titles.items()))).encode())
    for image in images:
        digest.update(repr((image.slug, image.model)).encode())
        digest.update(image.query_boxes_cxcywh.tobytes())
    for one in examples:
        forward = one.maps.forward
        digest.update(repr((one.title, forward.model, one.detections.queries.tolist())).encode())
        for array in (forward.decoder_self.q, forward.decoder_self.k, forward.logits):
            digest.update(array.tobytes())
    return digest.hexdigest()


def _drawn_sizes(
    stamp: Path, wanted: str, files: Sequence[Path]
) -> dict[str, tuple[int, int]] | None:
    """The sizes of the figures that an earlier build drew; None if they have to be drawn."""
    try:
        kept = json.loads(stamp.read_text(encoding="utf-8"))
        if kept["depends_on"] != wanted or not all(file.is_file() for file in files):
            return None
        return {name: (width, height) for name, (width, height) in kept["sizes"].items()}
    except (OSError, ValueError, KeyError, TypeError):
        return None
