"""What is known of a picture once a model has run over it.

In: an `EntryAnalysis` and measurements. Out: a `TriedImage`, which every format tells of.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from generator.analysis.cells import cell_of_point
from generator.analysis.entry_analysis import EntryAnalysis
from generator.analysis.grid import Cell, Grid
from generator.detr.zoo import ModelCard
from generator.inference.forward_pass import FloatArray
from generator.measures.measurement import Measurement
from generator.pages.contents import Shapes
from generator.project.config import Precision


@dataclass(frozen=True, eq=False)
class Looks:
    """The map of a point, over the cells.

    Attributes:
        weights: (h, w).
    """

    weights: FloatArray

    @property
    def total(self) -> float:
        """The sum: 1 for a row, and 1 on average for a column."""
        return float(self.weights.sum())

    @property
    def most(self) -> float:
        """The largest weight."""
        return float(self.weights.max())

    @property
    def most_at(self) -> Cell:
        """The (row, column) of the cell that has it."""
        row, column = divmod(int(self.weights.argmax()), self.weights.shape[1])
        return row, column


@dataclass(frozen=True, eq=False)
class TriedImage:
    """One picture.

    Attributes:
        image: its file, as it was named.
        card: of the model.
        analysis: detections, attention and points.
        measurements: everything that was measured on it.
        folder: where its figures lie.
        figures: their files by the names of their kinds.
        report: the files of the report by their formats, "html" and "pdf"; none if none was made.
        precision: of the numbers that the model computed with.
    """

    image: Path
    card: ModelCard
    analysis: EntryAnalysis
    measurements: Sequence[Measurement]
    folder: Path
    figures: Mapping[str, Path]
    report: Mapping[str, Path] = field(default_factory=dict)
    precision: Precision = "float32"

    @property
    def shapes(self) -> Shapes:
        """The sizes of its forward pass."""
        return Shapes.of(self.analysis.forward)

    def looks(self) -> list[tuple[Looks, Looks]]:
        """For each point its row, where it looks, and its column, who looks at it.

        Both are of the encoder's last layer, mean of the heads.
        """
        one = self.analysis
        cells = [cell_of_point(point, Grid.of(one.forward)) for point in one.points]
        return [
            (Looks(one.maps.encoder_row(cell)), Looks(one.maps.encoder_column(cell)))
            for cell in cells
        ]
