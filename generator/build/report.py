"""How a build went, for the command line.

In: how each entry ended, and what was published. Out: a `BuildReport`, as JSON and back.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from generator.pages.contents import EntryStatus
from generator.project.config import Edition, Output


@dataclass(frozen=True)
class Published:
    """One output of one edition: the PDF's file, or the site's folder."""

    output: Output
    edition: Edition
    path: Path


@dataclass(frozen=True)
class BuildReport:
    """How a build went.

    Attributes:
        statuses: of every entry that was to be built, in the gallery's order.
        detections: in all of them.
        seconds: from the first file read to the last one written.
        published: what there is to look at.
        is_unchanged: whether everything was as the build before had left it.
    """

    statuses: tuple[EntryStatus, ...]
    detections: int
    seconds: float
    output: Path
    published: tuple[Published, ...]
    is_unchanged: bool = False

    def count(self, status: str) -> int:
        """How many entries ended so."""
        return sum(one.status == status for one in self.statuses)

    def of(self, output: Output) -> dict[Edition, Path]:
        """Where an output is, by edition."""
        return {one.edition: one.path for one in self.published if one.output == output}

    def to_json(self) -> dict[str, Any]:
        """JSON's own types; paths begin in the folder of the build."""
        return {
            "statuses": [asdict(one) for one in self.statuses],
            "detections": self.detections,
            "published": [
                [one.output, one.edition, one.path.relative_to(self.output).as_posix()]
                for one in self.published
            ],
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any], output: Path, seconds: float) -> BuildReport:
        """The report of a build that found nothing to do, from that of the one before.

        Raises:
            KeyError, TypeError, ValueError: it is something else.
        """
        report = cls(
            statuses=tuple(EntryStatus(**one) for one in value["statuses"]),
            detections=value["detections"],
            seconds=seconds,
            output=output,
            published=tuple(
                Published(name, edition, output / path)
                for name, edition, path in value["published"]
            ),
        )
        return replace(report, is_unchanged=True)
