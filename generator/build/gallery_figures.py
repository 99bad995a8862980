"""The figures that belong to no single entry: Q3's, how models were trained, the lab's scenes.

In: what was measured, the cards of the models, the experiments. Out: `FigureFile`s. Nothing is
loaded, and nothing that draws is imported, where the figures of an earlier build still serve.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from generator.build.entry import BuiltEntry
from generator.build.measured_entry import MeasuredEntry
from generator.detr.zoo import ModelCard
from generator.figures.figure_file import DrawnFigure, FigureFile, FigurePlace
from generator.files.fingerprint import digest_of, fingerprint, sha256_of
from generator.files.folders import BuildFolder
from generator.outputs.output import read_stamp, write_stamp
from generator.pages.contents import MeasuredGallery
from generator.project.config import FigureOptions
from generator.project.experiments import Experiment

if TYPE_CHECKING:
    from generator.figures.gallery.gallery_data import GalleryData
    from generator.figures.lab.prepared import LabData
    from generator.figures.redraw import FigureKind

Data = TypeVar("Data")
GALLERY = "q3"
"""The folder of the gallery's figures below `docs/figures`; no image can have this slug."""
LAB = "lab"
"""Likewise, of the lab's."""


@dataclass(frozen=True)
class FigureSet(Generic[Data]):
    """Figures that are drawn from the same data.

    Attributes:
        name: of the stamp that remembers what was drawn.
        folder: below `docs`, with forward slashes.
        module: which lists the kinds; the code that it reaches counts.
        data_key: names the data.
        kinds, load: the kinds of figures, and their data; called only if one is to be drawn.
        is_shared: whether the folder holds files of others, too.
        suffix: of the site's files.
    """

    name: str
    folder: str
    module: str
    data_key: str
    kinds: Callable[[], Iterable[FigureKind[Data]]]
    load: Callable[[], Data]
    is_shared: bool = False
    suffix: str = ".svg"

    def redrawn(
        self, build: BuildFolder, options: FigureOptions, *, for_print: bool
    ) -> dict[str, FigureFile]:
        """The figures by name, drawn again where anything that they depend on changed."""
        place = FigurePlace(
            build.docs, build.prints, for_print, self.folder, self.suffix, self.is_shared
        )
        values = {"data": self.data_key, "options": asdict(options)}
        key, stamp = fingerprint(self.module, values=values), build.stamp(self.name)
        known = read_stamp(stamp)
        drawn = _drawn_before(known)
        if known.get("key") != key or not _are_whole(drawn, place):
            from generator.figures.redraw import redraw

            stamp.unlink(missing_ok=True)  # of a build that ends here nothing is believed
            drawn = redraw(self.kinds(), self.load(), self.data_key, options, place, drawn)
            figures = {name: one.to_json() for name, one in drawn.items()}
            write_stamp(stamp, {"key": key, "figures": figures})
        return {name: one.file for name, one in drawn.items()}


def gallery_set(
    measured: MeasuredGallery,
    built: Sequence[BuiltEntry | MeasuredEntry],
    titles: Mapping[str, str],
) -> FigureSet[GalleryData]:
    """The figures of what was measured; of each model, that image is shown with most detections.

    Those with a page go before those without.

    Args:
        titles: of the models, by their names.
    """
    examples = {
        model: max(
            (one for one in built if one.located.entry.model == model),
            key=lambda one: (isinstance(one, BuiltEntry), len(one.record.detections)),
        )
        for model in measured.models
    }
    shown = {model: (one.located.entry.title, one.record.key) for model, one in examples.items()}

    def kinds() -> tuple[FigureKind[GalleryData], ...]:
        from generator.figures.gallery.gallery_set import gallery_figures

        return gallery_figures(measured.models) if measured.models else ()

    def load() -> GalleryData:
        from generator.analysis.attention import AttentionMaps
        from generator.figures.gallery.gallery_data import Example, GalleryData
        from generator.inference.cache import load_or_remove

        numbers = measured.numbers.value
        drawn = {
            model: Example(
                one.located.entry.title,
                AttentionMaps(load_or_remove(one.located.forward_pass)),
                one.record.detections,
            )
            for model, one in examples.items()
        }
        return GalleryData(numbers.images, numbers.summaries, titles, drawn)

    return FigureSet(
        GALLERY,
        f"figures/{GALLERY}",
        "generator.figures.gallery.gallery_set",
        digest_of([measured.numbers.key, titles, shown]),
        kinds,
        load,
    )


def training_set(cards: Sequence[ModelCard]) -> FigureSet[Mapping[str, Mapping[str, Any]]]:
    """The figures of how models were trained and where they end, where that is known.

    They are named after the models.
    """
    logs = {card.name: card.training for card in cards if card.training is not None}
    shown = {name: [log["curve"], log["recipe"], log.get("limits")] for name, log in logs.items()}

    def kinds() -> list[FigureKind[Mapping[str, Mapping[str, Any]]]]:
        from generator.figures.training import training_kinds

        return training_kinds(logs)

    return FigureSet(
        "training",
        "models",
        "generator.figures.training",
        digest_of(shown),
        kinds,
        lambda: logs,
        is_shared=True,
    )


def lab_set(
    experiments: Sequence[Experiment], sprites: Mapping[str, Path], short_side: int, site: str
) -> FigureSet[LabData]:
    """The prepared scenes of the lab, with the values of `LabData`."""
    by_name = {one.name: one for one in experiments}

    def kinds() -> list[FigureKind[LabData]]:
        from generator.figures.lab.prepared import prepared_kind

        return [prepared_kind(name) for name in by_name]

    def load() -> LabData:
        from generator.figures.lab.prepared import LabData

        return LabData(by_name, sprites, short_side, site)

    used = {thing.sprite for one in experiments for thing in one.scene.objects}
    return FigureSet(
        LAB,
        f"figures/{LAB}",
        "generator.figures.lab.prepared",
        digest_of(
            {
                "experiments": {name: asdict(one) for name, one in by_name.items()},
                "sprites": {name: sha256_of(sprites[name]) for name in sorted(used)},
                "short_side": short_side,
                "site": site,
            }
        ),
        kinds,
        load,
        suffix=".webp",
    )


def _drawn_before(stamp: Mapping[str, Any]) -> dict[str, DrawnFigure]:
    try:
        return {name: DrawnFigure.from_json(one) for name, one in stamp["figures"].items()}
    except (KeyError, TypeError, ValueError, AttributeError):
        return {}


def _are_whole(drawn: Mapping[str, DrawnFigure], place: FigurePlace) -> bool:
    return all(
        one.is_current(one.depends_on, place.docs, place.printed(name) if place.for_print else None)
        for name, one in drawn.items()
    )
