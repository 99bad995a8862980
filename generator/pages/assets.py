"""The files of `templates/assets`, which are published as they are.

In: the folder of the templates. Out: style sheets, scripts and an author's own pictures.
"""

from __future__ import annotations

from pathlib import Path

from generator.project.overlay import Overlay


def assets_of(templates: Path | Overlay) -> dict[str, bytes]:
    """Style sheets, scripts and an author's own pictures, by their path in the site.

    MkDocs would make pages of Markdown.
    """
    return {
        f"assets/{name}": path.read_bytes()
        for name, path in Overlay.of(templates).below("assets").files().items()
        if path.name[0] != "." and path.suffix != ".md"
    }
