"""The gallery as a whole: its numbers, the figures of them, and how models were trained.

In: the records of the entries. Out: `MeasuredGallery`, `FigureFile`s. Nothing is loaded and
nothing that draws is imported where the figures of an earlier build still serve.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from generator.build.entry import BuiltEntry, EntryBuilder
from generator.detr.zoo import ModelCard, model_card
from generator.figures.figure_file import DrawnFigure, FigureFile, FigurePlace
from generator.files.fingerprint import digest_of, fingerprint
from generator.files.write import write_json
from generator.measures.cached import BORDER, load_measures, names
from generator.measures.gallery import GalleryMeasures, measure_gallery
from generator.outputs.output import read_stamp
from generator.pages.contents import MeasuredGallery
from generator.pages.reads import Deferred

if TYPE_CHECKING:
    from generator.figures.gallery.gallery_data import GalleryData

GALLERY = "q3"
"""The folder of the figures below `docs/figures`; no image can have this slug."""


def measured_gallery(built: Sequence[BuiltEntry]) -> MeasuredGallery:
    """What was measured on all entries; the numbers are loaded when they are asked for."""
    counts: dict[str, int] = {}
    for one in built:
        counts[one.located.entry.model] = counts.get(one.located.entry.model, 0) + 1
    told = [
        (one.located.entry.slug, one.located.entry.model, one.record.measures.sha256)
        for one in built
    ]
    values = {"images": told, "names": names()}
    key = fingerprint("generator.measures.gallery", border=BORDER, values=values)

    def load() -> GalleryMeasures:
        return measure_gallery(
            [
                load_measures(
                    one.record.measures.path, one.located.entry.slug, one.located.entry.model
                )
                for one in built
            ]
        )

    return MeasuredGallery(counts, Deferred(key, load))


@dataclass(frozen=True)
class GalleryDrawer:
    """Draws what belongs to no single entry, where the builder of entries draws these."""

    builder: EntryBuilder

    def figures(
        self, measured: MeasuredGallery, built: Sequence[BuiltEntry]
    ) -> dict[str, FigureFile]:
        """The figures of what was measured; each model's image with most detections is shown."""
        examples = {
            model: max(
                (one for one in built if one.located.entry.model == model),
                key=lambda one: len(one.record.detections),
            )
            for model in measured.models
        }
        titles = {model: model_card(model).title for model in measured.models}
        data_key = digest_of(
            {
                "numbers": measured.numbers.key,
                "titles": titles,
                "examples": {
                    model: (one.located.entry.title, one.record.key)
                    for model, one in examples.items()
                },
            }
        )

        def load() -> GalleryData:
            from generator.analysis.attention import AttentionMaps
            from generator.figures.gallery.gallery_data import Example, GalleryData
            from generator.inference.forward_pass import load_forward_pass

            numbers = measured.numbers.value
            return GalleryData(
                numbers.images,
                numbers.summaries,
                titles,
                {
                    model: Example(
                        one.located.entry.title,
                        AttentionMaps(load_forward_pass(one.located.forward_pass)),
                        one.record.detections,
                    )
                    for model, one in examples.items()
                },
            )

        def kinds() -> Any:
            from generator.figures.gallery.gallery_set import gallery_figures

            return gallery_figures(measured.models) if measured.models else ()

        module = "generator.figures.gallery.gallery_set"
        printed, place = self.builder.for_print, f"figures/{GALLERY}"
        return self._redrawn(GALLERY, place, module, data_key, kinds, load, for_print=printed)

    def curves(self, cards: Sequence[ModelCard]) -> dict[str, FigureFile]:
        """How models were trained, by their names, where that is known."""
        found = {}
        for card in cards:
            training = card.training
            if training is None:
                continue

            def kinds(name: str = card.name) -> Any:
                from generator.figures.training import training_kind

                return [training_kind(name)]

            def load(training: Mapping[str, Any] = training) -> Mapping[str, Any]:
                return training

            told = digest_of([training["curve"], training["recipe"]])
            module, stamp = "generator.figures.training", f"training-{card.name}"
            drawn = self._redrawn(stamp, "models", module, told, kinds, load, for_print=False)
            found[card.name] = drawn[f"{card.name}-training"]
        return found

    def _redrawn(
        self,
        stamp: str,
        folder: str,
        module: str,
        data_key: str,
        kinds: Callable[[], Any],
        load: Callable[[], Any],
        *,
        for_print: bool,
    ) -> dict[str, FigureFile]:
        """The figures of some data, drawn again if anything that they depend on changed.

        Args:
            stamp: the name under which it is remembered what was drawn.
            folder: below `docs`.
            module: which draws.
            data_key: names the data.
            kinds, load: the kinds of figures and their data, asked for if need be.
        """
        build = self.builder.folder
        place = FigurePlace(build.docs, build.prints, for_print, folder, ".svg")
        options = self.builder.config.figures
        key = fingerprint(module, values={"data": data_key, "options": asdict(options)})
        file = build.stamp(stamp)
        known = read_stamp(file)
        before = _drawn_before(known)
        if known.get("key") == key and _are_whole(before, place):
            return {name: one.file for name, one in before.items()}
        from generator.figures.redraw import redraw

        file.unlink(missing_ok=True)  # of a build that ends here nothing is believed
        drawn = redraw(kinds(), load(), data_key, options, place, before)
        told = {name: one.to_json() for name, one in drawn.items()}
        write_json(file, {"key": key, "figures": told})
        return {name: one.file for name, one in drawn.items()}


def _drawn_before(stamp: Mapping[str, Any]) -> dict[str, DrawnFigure]:
    try:
        return {name: DrawnFigure.from_json(one) for name, one in stamp["figures"].items()}
    except (KeyError, TypeError, ValueError, AttributeError):
        return {}


def _are_whole(drawn: Mapping[str, DrawnFigure], place: FigurePlace) -> bool:
    return all(
        one.is_current(
            one.depends_on, place.site(name), place.printed(name) if place.for_print else None
        )
        for name, one in drawn.items()
    )
