"""What readers can take away from a site, and the picture that stands for it elsewhere.

In: an edition whose site is made and not in its place yet. Out: copies of the PDF and of all
numbers in its `downloads/`, and `assets/social.jpg`. `pages.offered` says what pages link to.
"""

from __future__ import annotations

import io

from PIL import Image

from generator.exercises.fill_in import FOLDER
from generator.files.write import copy_if_different, write_if_different
from generator.outputs.output import EditionBuild
from generator.outputs.pdf.handout import name_of
from generator.pages.built_gallery import BuiltGallery
from generator.pages.contents import Contents
from generator.pages.offered import PDF

SOCIAL = "assets/social.jpg"
"""The picture, in a site."""
_SOCIAL_WH = (1200, 630)
"""In pixels, as networks show it."""


def add_downloads(edition: EditionBuild, contents: Contents) -> None:
    """Copies what is published beside the site into it, and into the pages that it is made of.

    The PDF is copied only where the pages link to it.
    """
    folder = edition.folder
    site = folder.staged_site if folder.staged_site.is_dir() else folder.site
    files = {
        one.name: one for one in (edition.pictures.measures_json, edition.pictures.measures_csv)
    }
    if "pdf" in edition.config.outputs:
        files[PDF] = folder.handout(name_of(edition))
    for place in (site, folder.docs):
        for name, file in files.items():
            if file.is_file():
                copy_if_different(file, place / FOLDER / name)
    if (picture := _social(edition, contents)) is not None:
        write_if_different(site / SOCIAL, picture)


def _social(edition: EditionBuild, contents: Contents) -> bytes | None:
    """The example of the gallery with its detections, on a dark ground; None without an image."""
    example = BuiltGallery(contents.results, contents.statuses).example
    if example is None or not edition.config.site_url:
        return None
    file = edition.pictures.docs / example.thumbnail.path
    if not file.is_file():
        return None
    with Image.open(file) as opened:
        shown = opened.convert("RGB")
    scale = min(_SOCIAL_WH[0] / shown.width, _SOCIAL_WH[1] / shown.height)
    size = (round(shown.width * scale), round(shown.height * scale))
    ground = Image.new("RGB", _SOCIAL_WH, (24, 26, 38))
    place = ((_SOCIAL_WH[0] - size[0]) // 2, (_SOCIAL_WH[1] - size[1]) // 2)
    ground.paste(shown.resize(size, Image.Resampling.LANCZOS), place)
    stream = io.BytesIO()
    ground.save(stream, "JPEG", quality=85)
    return stream.getvalue()
