"""The PDF as an output: typeset again only if something that it shows has changed.

In: an edition, and the contents of its pages. Out: `handout.pdf`, and the folder that it was
typeset from. `book` does the work, and is imported only when necessary.
"""

from __future__ import annotations

import logging
import shutil
from importlib import metadata
from pathlib import Path

from generator.files.fingerprint import (
    digest_of,
    digest_of_files,
    digest_of_folders,
    fingerprint,
    sha256_of,
)
from generator.files.folders import PICTURES, BuildFolder
from generator.files.write import write_if_different
from generator.outputs.output import EditionBuild, Staged, read_stamp, write_stamp
from generator.pages.contents import Contents
from generator.pages.printed import images_for
from generator.pages.render import render_pages
from generator.project.config import Output as OutputName
from generator.project.overlay import templates_of

NAMES = ("handout", "handout-student", "handout-instructor")
"""The names of PDFs without suffix: of a single edition, and of each of two editions."""
_BORDER = ("generator.pages", "generator.project", "generator.measures", "generator.inference")
"""Not followed: their results are in the rendered pages, which count as values."""

logger = logging.getLogger("generator")


class Pdf:
    """The handout for print, an `outputs.output.Output`."""

    name: OutputName = "pdf"
    summary = "The PDF is {path}"

    def stage(self, edition: EditionBuild, contents: Contents) -> Staged:
        """Typesets the handout, unless the existing one is up to date.

        Raises:
            PageError: names the file and line of what cannot be rendered or typeset.
        """
        config, folder, name = edition.config, edition.folder, name_of(edition)
        file, stamp = folder.handout(name), folder.stamp(name)
        store = edition.page_store(self.name)
        rendered = render_pages(config, contents, self.name, store)
        key = _key(edition, contents, rendered)
        if read_stamp(stamp) == _stamp(folder, name, key):
            return Staged(lambda: file, is_new=False)
        from generator.outputs.pdf.book import typeset_handout

        logger.info("PDF: %s edition", config.edition)
        sources, listing = folder.handout_sources(name), folder.handout_listing(name)
        pdf = typeset_handout(config, contents, rendered, edition.pictures, sources, listing)

        def publish() -> Path:
            write_if_different(file, pdf)
            write_stamp(stamp, _stamp(folder, name, key))
            _remove(folder, keep=name)
            return file

        return Staged(publish, is_new=True)

    def remove(self, edition: EditionBuild) -> None:
        """Removes PDFs of all editions, and what they were typeset from."""
        _remove(edition.folder, keep="")


def name_of(edition: EditionBuild) -> str:
    """What the PDF of an edition is called, without its suffix."""
    return f"handout-{edition.name}" if edition.name else "handout"


def _remove(folder: BuildFolder, keep: str) -> None:
    """Removes PDFs of other editions, which may hold answers."""
    for name in NAMES:
        if name != keep:
            folder.handout(name).unlink(missing_ok=True)
            folder.handout_listing(name).unlink(missing_ok=True)
            folder.stamp(name).unlink(missing_ok=True)
            shutil.rmtree(folder.handout_sources(name), ignore_errors=True)


def _stamp(folder: BuildFolder, name: str, key: str) -> dict[str, str]:
    """A PDF as it should be. What it was typeset from counts: it may be of another edition."""
    file, sources = folder.handout(name), folder.handout_sources(name)
    pdf = sha256_of(file) if file.is_file() else ""
    return {"key": key, "pdf": pdf, "sources": digest_of_files(sources)}


def _key(edition: EditionBuild, contents: Contents, rendered: tuple[dict[str, str], str]) -> str:
    """A key of everything that the PDF is made from."""
    config, drawn = edition.config, edition.pictures
    values = {
        "pages": digest_of(rendered),
        "images": [
            one.entry.slug
            for ones in (contents.results, images_for(config, contents.results, Pdf.name))
            for one in ones
        ],
        "front": [config.title, config.author, config.course, config.paper, config.edition],
        "extent": [config.print, config.site_url],
        "pictures": [digest_of_files(drawn.docs / name) for name in PICTURES],
        "prints": digest_of_files(drawn.prints),
        "templates": [
            digest_of_folders(templates_of(config).below(one).folders)
            for one in ("handout", "fonts", "assets")
        ],
        "cards": [card.title for card in contents.cards],
        "versions": {name: metadata.version(name) for name in ("pymdown-extensions", "pygments")},
    }
    return fingerprint("generator.outputs.pdf.book", border=_BORDER, values=values)
