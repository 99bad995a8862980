"""One gallery entry: read, detect and match once; measure; draw.

In: an entry whose forward pass is on the disk. Out: its pictures and measurements on the disk,
and an `EntryRecord` that tells of them. Of an entry in which nothing changed the record alone
is read: no forward pass, and nothing that draws is imported.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image

from generator.analysis.matching_summary import summarise
from generator.build.analysed import analysed, measures_key_of
from generator.build.causal import causal_key
from generator.build.entry_record import Copy, EntryRecord, read_record, record_to_json
from generator.figures.figure_file import FigurePlace
from generator.files.fingerprint import digest_of, fingerprint
from generator.files.folders import ATTENTION, BuildFolder, CacheFolder
from generator.files.sealed import write_sealed_json
from generator.files.write import size_of
from generator.inference.runner import LocatedEntry
from generator.measures.cached import (
    BORDER,
    MeasuresFile,
    keep_measures,
    kept_measures,
)
from generator.outputs.live.explorer_place import ExplorerPlace
from generator.pages.contents import Shapes
from generator.project.config import SiteConfig

if TYPE_CHECKING:
    from generator.analysis.entry_analysis import EntryAnalysis

PUBLISHED_LONG_SIDE = 1600
"""Long side of the published copy of an image, in pixels."""
_BORDER = (*BORDER, "generator.outputs", "generator.pages")
"""What is not followed: words, and what the keys of forward pass, measures and explorer hold."""


@dataclass(frozen=True)
class EntryBuilder:
    """Builds entries of one build, in whichever process.

    Attributes:
        for_print: whether figures are drawn once more for the PDF.
    """

    config: SiteConfig
    folder: BuildFolder
    cache: CacheFolder
    for_print: bool

    def kept(self, located: LocatedEntry) -> EntryRecord | None:
        """What an earlier build left of an entry; None if anything of it has to be made."""
        record = self._before(located)
        if record is None or record.key != self._key(located):
            return None
        copies = (record.image, record.thumbnail)
        if any(size_of(self.folder.docs / one.path) != one.file_bytes for one in copies):
            return None
        place = self._place(located)
        for name, drawn in record.figures.items():
            printed = place.printed(name) if self.for_print else None
            if not drawn.is_current(drawn.depends_on, place.docs, printed):
                return None
        if not self._explorer_place(located).is_current(record.explorer, located.key):
            return None
        measures = record.measures
        return record if size_of(measures.path) == measures.file_bytes else None

    def build(self, located: LocatedEntry) -> EntryRecord:
        """Makes whatever of an entry is not there as it should be.

        Raises:
            ImageError, CacheError, ChangedError, ObjectsError: as `analysed` does.
        """
        analysis = analysed(self.config, self.cache, located)
        measures = self._measure(located, analysis)
        before = self._before(located)
        stamp = self.folder.entry_stamp(located.entry.slug)
        stamp.unlink(missing_ok=True)  # of a build that ends here nothing is believed
        record = self._draw(located, analysis, measures, before)
        write_sealed_json(stamp, record_to_json(record))
        return record

    def _key(self, located: LocatedEntry) -> str:
        """Names what an entry's record depends on, the code included, but for the explorer."""
        values = {
            "data": self._data_key(located),
            "measures": measures_key_of(self.config, located),
            "max_pixels": self.config.max_pixels,
            "options": asdict(self.config.figures),
        }
        return fingerprint(__name__, border=_BORDER, values=values)

    def _data_key(self, located: LocatedEntry) -> str:
        """Names what is measured and drawn, without the code that does it."""
        entry = located.entry
        return digest_of(
            {
                "forward": located.key,
                "causal": causal_key(self.config, located),
                "threshold": entry.threshold,
                "points": entry.points,
                "objects": None
                if entry.objects is None
                else [asdict(one) for one in entry.objects],
            }
        )

    def _before(self, located: LocatedEntry) -> EntryRecord | None:
        return read_record(self.folder.entry_stamp(located.entry.slug), self.cache.measures)

    def _place(self, located: LocatedEntry) -> FigurePlace:
        folder = f"figures/{located.entry.slug}"
        return FigurePlace(self.folder.docs, self.folder.prints, self.for_print, folder, ".webp")

    def _explorer_place(self, located: LocatedEntry) -> ExplorerPlace:
        """No site has an explorer that is not made."""
        layers = self.config.explorer if "site" in self.config.outputs else "none"
        folder = f"{ATTENTION}/{located.entry.slug}"
        return ExplorerPlace(self.folder.docs, folder, layers, self.config.figures.colour_map)

    def _measure(self, located: LocatedEntry, analysis: EntryAnalysis) -> MeasuresFile:
        from generator.measures.image import measure_entry

        entry, key = located.entry, measures_key_of(self.config, located)
        if kept := kept_measures(self.cache.measures, key):
            return kept
        measured = measure_entry(analysis, entry.slug, entry.model)
        return keep_measures(self.cache.measures, key, measured)

    def _draw(
        self,
        located: LocatedEntry,
        analysis: EntryAnalysis,
        measures: MeasuresFile,
        before: EntryRecord | None,
    ) -> EntryRecord:
        from generator.figures.image.detections import detections_alt
        from generator.figures.image.image_set import IMAGE_FIGURES
        from generator.figures.image.thumbnail import thumbnail
        from generator.figures.redraw import redraw
        from generator.files.encode import publish_image
        from generator.outputs.live.explorer_scripts import write_explorer

        slug, matching = located.entry.slug, analysis.matching
        image, small = self.folder.image(slug), self.folder.thumbnail(slug)
        publish_image(analysis.pixels, image, max_side=PUBLISHED_LONG_SIDE)
        publish_image(thumbnail(analysis.pixels, analysis.detections), small)
        figures = redraw(
            IMAGE_FIGURES,
            analysis,
            self._data_key(located),
            self.config.figures,
            self._place(located),
            before.figures if before else {},
        )
        explorer = write_explorer(
            analysis.forward,
            located.key,
            self._explorer_place(located),
            before.explorer if before else None,
        )
        return EntryRecord(
            key=self._key(located),
            shapes=Shapes.of(analysis.forward),
            profile=analysis.forward.profile,
            detections=analysis.detections,
            detections_alt=detections_alt(analysis.detections),
            weights_sha256=analysis.forward.weights_sha256,
            points=analysis.points,
            image=_copy_at(image, self.folder.docs),
            thumbnail=_copy_at(small, self.folder.docs),
            figures=figures,
            matching=None if matching is None else summarise(matching),
            measures=measures,
            explorer=explorer,
        )


@dataclass(frozen=True, eq=False)
class BuiltEntry:
    """An entry with what was made of it."""

    located: LocatedEntry
    record: EntryRecord


def _copy_at(path: Path, docs: Path) -> Copy:
    with Image.open(path) as picture:
        return Copy(path.relative_to(docs).as_posix(), picture.size, size_of(path))
