"""The files of `templates/assets`, which are published as they are.

In: the folder of the templates. Out: style sheets, scripts and an author's own pictures.
"""

from __future__ import annotations

from pathlib import Path


def assets_of(templates: Path) -> dict[str, bytes]:
    """Style sheets, scripts and an author's own pictures, by their path in the site.

    MkDocs would make pages of Markdown.
    """
    folder = templates / "assets"
    files = sorted(
        path
        for path in folder.rglob("*")
        if path.is_file() and path.name[0] != "." and path.suffix != ".md"
    )
    return {f"assets/{path.relative_to(folder).as_posix()}": path.read_bytes() for path in files}
