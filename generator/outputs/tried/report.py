"""A tried picture -> its report: one HTML file, and a PDF as the handout's.

In: a `TriedImage` and templates. Out: `report.html`, which shows the figures in tiles and needs no
other file, and `report.pdf`, which Typst makes. Both are the page that the site has for an image.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from generator.files.folders import BuildFolder
from generator.files.write import write_if_different
from generator.outputs.pdf.book import front_of, typeset
from generator.outputs.pdf.chapters import chapter_of
from generator.outputs.self_contained import one_file
from generator.outputs.tried.draw import STYLES, draw_for_report
from generator.outputs.tried.tried_image import TriedImage
from generator.pages.report import render_report
from generator.project.config import SiteConfig
from generator.project.overlay import templates_of
from generator.project.source_lines import Sources

_FILE = "report.md"


def write_report(tried: TriedImage, templates: Path) -> dict[str, Path]:
    """Writes both files into the picture's folder; returns them by their formats.

    Raises:
        PageError: a template cannot be rendered or typeset.
    """
    root = templates.parent
    config = SiteConfig(
        root=root,
        title=tried.image.name,
        content=root / "content",
        templates=templates,
        standard_texts=True,
        causal=False,
        precision=tried.precision,
    )
    html, pdf = tried.folder / "report.html", tried.folder / "report.pdf"
    with tempfile.TemporaryDirectory() as folder:
        build = BuildFolder(Path(folder))
        result = draw_for_report(tried.image, tried.card, tried.analysis, build)
        wanted = (config, result, tried.card, tried.measurements)
        page, settings = render_report(*wanted, "site")
        place = Sources(config).place
        body = chapter_of(_FILE, page, settings, place).html
        styles = "".join(
            templates_of(config).file(name).read_text(encoding="utf-8") for name in STYLES
        )
        write_if_different(html, one_file(config.title, body, styles, build.docs).encode())
        page, settings = render_report(*wanted, "pdf")
        chapter = chapter_of(_FILE, page, settings, place)
        front = front_of(
            config,
            subtitle="",
            description=f"What {tried.card.title} found in a picture, and where it looked",
            edition="",
            facts=(),
            has_title_page=False,
        )
        listing = build.handout_listing("report")
        content = typeset(
            config, [chapter], front, {}, build, build.handout_sources("report"), listing
        )
        write_if_different(pdf, content)
    return {"html": html, "pdf": pdf}
