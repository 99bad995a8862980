"""A tried picture -> its report: one HTML file, and a PDF as the handout's.

In: a `TriedImage` and templates. Out: `report.html`, which shows the figures in tiles and needs no
other file, and `report.pdf`, which Typst makes. Both are the page that the site has for an image.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from generator.errors import UsageError
from generator.files.folders import BuildFolder
from generator.files.write import write_if_different
from generator.outputs.pdf.book import front_of, typeset
from generator.outputs.pdf.chapters import chapter_of
from generator.outputs.self_contained import one_file
from generator.outputs.tried.draw import draw_for_report
from generator.outputs.tried.tried_image import TriedImage
from generator.pages.report import render_report
from generator.project.config import SiteConfig
from generator.project.source_lines import Sources

STYLES = ("report.css", "assets/handout.css")
"""In `templates`: what the theme brings to the site, and how figures and tables look there."""
_TEMPLATE, _FILE = "report.md.j2", "report.md"


def report_config(templates: Path, image: Path) -> SiteConfig:
    """The settings of a report; a picture is tried without a project.

    Raises:
        UsageError: the folder has no template of a report.
    """
    if not (templates / _TEMPLATE).is_file():
        raise UsageError(
            f"--report: {templates / _TEMPLATE} is missing; run it in a clone of this program, or "
            "put that file back"
        )
    root = templates.parent
    return SiteConfig(
        root=root, title=image.name, content=root / "content", templates=templates, causal=False
    )


def write_report(tried: TriedImage, templates: Path) -> dict[str, Path]:
    """Writes both files into the picture's folder; returns them by their formats.

    Raises:
        UsageError, PageError: a template is missing, or cannot be rendered or typeset.
    """
    config = report_config(templates, tried.image)
    html, pdf = tried.folder / "report.html", tried.folder / "report.pdf"
    with tempfile.TemporaryDirectory() as folder:
        build = BuildFolder(Path(folder))
        result = draw_for_report(tried.image, tried.card, tried.analysis, build)
        wanted = (config, result, tried.card, tried.measurements)
        page, settings = render_report(*wanted, "site")
        place = Sources(config).place
        body = chapter_of(_FILE, page, settings, place).html
        styles = "".join((templates / name).read_text(encoding="utf-8") for name in STYLES)
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
