"""The files of `templates/assets`, which are published as they are.

In: the folder of the templates. Out: style sheets, scripts and an author's own pictures.
"""

from __future__ import annotations

from pathlib import Path

from generator.errors import PageError
from generator.project.overlay import Overlay

_FOR_AUTHORS = (".md", ".d.ts", ".wat")


def assets_of(templates: Path | Overlay) -> dict[str, bytes]:
    """Style sheets, scripts and an author's own pictures, by their path in the site.

    MkDocs would make pages of Markdown; `.d.ts` and `.wat` are for whoever changes the scripts.

    Raises:
        PageError: one is a link that leads out of the project: what it leads to may be no one's
            business.
    """
    overlay = Overlay.of(templates)
    found = {
        name: path
        for name, path in overlay.below("assets").files().items()
        if path.name[0] != "." and not path.name.endswith(_FOR_AUTHORS)
    }
    roots = [folder.parent.resolve() for folder in overlay.folders]
    for name, path in found.items():
        if not any(path.resolve().is_relative_to(root) for root in roots):
            raise PageError(
                f"templates/assets/{name}: is a link that leads out of the project; put a copy "
                "there"
            )
    return {f"assets/{name}": path.read_bytes() for name, path in found.items()}
