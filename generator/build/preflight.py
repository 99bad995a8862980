"""Makes a site and a PDF of stand-ins, so that what only they refuse is told by `check` too.

In: settings and gallery. Out: nothing, or the error that a build would end with: a link that
leads nowhere, a picture that is not there, a sign that no font has, a formula that cannot be
printed. Everything is written to a folder of its own, which is removed again.
"""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path

from PIL import Image

from generator.build.editions import editions
from generator.build.stand_ins import PICTURE, stand_ins
from generator.outputs.pdf.book import typeset_handout
from generator.outputs.website import stage_website
from generator.pages.contents import Contents
from generator.pages.render import write_pages
from generator.project.config import SiteConfig
from generator.project.gallery import GalleryImage


def publish_stand_ins(config: SiteConfig, gallery: Sequence[GalleryImage]) -> None:
    """Builds every edition of everything once, with one grey picture for all others.

    Raises:
        PageError: names the file and line of what cannot be rendered or typeset.
        WebsiteError: everything that MkDocs complains of.
    """
    contents = stand_ins(gallery, gallery)
    for edition in editions(config):
        with tempfile.TemporaryDirectory() as folder:
            _build(edition, contents, Path(folder).resolve())


def _build(config: SiteConfig, contents: Contents, folder: Path) -> None:
    picture = folder / "docs" / PICTURE.path
    picture.parent.mkdir(parents=True)
    Image.new("RGB", PICTURE.size_wh, "grey").save(picture)
    write_pages(config, contents, folder)
    if "pdf" in config.outputs:
        typeset_handout(config, contents, folder / "docs", folder / "handout")
    if "site" in config.outputs:
        stage_website(folder)
