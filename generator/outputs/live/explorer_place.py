"""Where the scripts of one image's explorer lie, and whether they are those of an earlier build.

In: settings, and what an earlier build wrote. Out: yes or no. It opens no forward pass.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from generator.files.fingerprint import fingerprint
from generator.files.write import size_of
from generator.pages.explorer import Explorer
from generator.project.config import ExplorerLayers

_MAKER = "generator.outputs.live.explorer_scripts"
_BORDER = (
    "generator.detr", "generator.errors", "generator.inference", "generator.pages",
    "generator.project",
)  # fmt: skip
"""What is not followed: names and records; what a forward pass depends on is in its key."""


@dataclass(frozen=True)
class ExplorerPlace:
    """Where the scripts of an image go, and which are wanted.

    Attributes:
        docs: the site's source.
        folder: below it, with forward slashes.
        layers: of each attention; "none" writes nothing.
        colour_map: of the figures.
    """

    docs: Path
    folder: str
    layers: ExplorerLayers
    colour_map: str

    def depends_on(self, forward_key: str) -> str:
        """Names all that the scripts are made of, the code included."""
        values = {
            "forward": forward_key,
            "layers": self.layers,
            "folder": self.folder,
            "colour_map": self.colour_map,
        }
        return fingerprint(_MAKER, border=_BORDER, values=values)

    def is_current(self, explorer: Explorer | None, forward_key: str) -> bool:
        """Whether what an earlier build wrote is what this one would write."""
        if explorer is None or self.layers == "none":
            return explorer is None and self.layers == "none"
        is_whole = all(
            size_of(self.docs / one.path) == one.file_bytes
            for one in (explorer.index, *explorer.layers)
        )
        return is_whole and explorer.depends_on == self.depends_on(forward_key)
