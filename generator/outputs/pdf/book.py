"""Rendered pages and pictures -> the bytes of the handout's PDF: title page, chapters, pictures.

In: settings, pages, the results of a build and its pictures. Out: the PDF's bytes, and on disk
the folder that it was typeset from. PDFs of earlier builds are left alone.
"""

from __future__ import annotations

import json
import logging
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

from generator.errors import PageError
from generator.files.folders import BuildFolder
from generator.files.write import write_folder, write_if_different
from generator.outputs.pdf.chapters import Chapter, chapters_of
from generator.outputs.pdf.fonts import FontSet, gather_fonts
from generator.outputs.pdf.hypertext import Hypertext, joined
from generator.outputs.pdf.left_out import ONLY_SITE, LeftOut, is_for_full_print
from generator.outputs.pdf.pictures import PrintPicture, fits_a_page, print_picture
from generator.outputs.pdf.typesetting import Typesetter, typst_of
from generator.outputs.pdf.units import INSTRUCTOR_KINDS, KINDS, as_pages, units_of
from generator.pages.assets import assets_of
from generator.pages.comparisons import gallery_pages
from generator.pages.contents import Contents
from generator.pages.printed import images_for, is_core
from generator.project.config import SiteConfig
from generator.project.overlay import Overlay, templates_of
from generator.project.source_lines import Sources, has_line

logger = logging.getLogger("generator")


def typeset_handout(
    config: SiteConfig,
    contents: Contents,
    rendered: tuple[Mapping[str, str], str],
    pictures: BuildFolder,
    folder: Path,
    listing: Path,
) -> bytes:
    """Typesets the handout of one edition.

    Args:
        contents: of the pages.
        rendered: the pages and settings of `render_pages`, for the PDF.
        pictures: the folder of the build in which the pictures were drawn.
        folder: for the sources that the PDF is typeset from.
        listing: the file with a list of what an earlier build wrote there.

    Returns:
        The PDF, which the caller writes.

    Raises:
        PageError: names the file and line of what cannot be typeset.
    """
    sources = Sources(config)
    pages, settings = rendered
    shown = images_for(config, contents.results, "pdf")
    images = gallery_pages(shown)
    left_out = _left_out(config, contents, pages, images)
    printed = {file: page for file, page in pages.items() if file not in left_out.files}
    chapters = chapters_of(printed, settings, images, sources.place)
    written = {path: page.encode() for path, page in pages.items()}
    front = _front(config, contents)
    return typeset(config, chapters, front, written, pictures, folder, listing, left_out)


def _left_out(
    config: SiteConfig, contents: Contents, pages: Mapping[str, str], images: Sequence[str]
) -> LeftOut:
    """What is left to the site: images, and pages that say `print: full`."""
    files = [file for file in gallery_pages(contents.results) if file not in images]
    if is_core(config, "pdf"):
        files += [file for file, page in pages.items() if is_for_full_print(page)]
    return LeftOut(config.site_url, frozenset(files), runs_on=is_core(config, "pdf"))


def typeset(
    config: SiteConfig,
    chapters: Sequence[Chapter],
    front: Mapping[str, object],
    written: Mapping[str, bytes],
    pictures: BuildFolder,
    folder: Path,
    listing: Path,
    left_out: LeftOut = ONLY_SITE,
) -> bytes:
    """Typesets chapters, whatever they tell of.

    Args:
        front: the content of the title page, as `front_of` has it.
        written: drawings that are on no disk, by their path in `docs`.
        pictures, folder, listing: as for `typeset_handout`.
        left_out: what only the site has.

    Raises:
        PageError: names the file and line of what cannot be typeset.
    """
    sources, templates = Sources(config), templates_of(config)
    hypertext = joined(chapters, sources.place, left_out)
    written = {**written, **assets_of(templates)}
    printed = _pictures(hypertext, written, pictures, folder / "pictures", sources)
    body = typst_of(hypertext.chapters, templates.below("handout"), sources.place_of_formula)
    with tempfile.TemporaryDirectory() as fonts:
        chosen = _fonts(hypertext, front, Path(fonts), templates.below("fonts"), sources)
        described = {path: asdict(picture) for path, picture in printed.items()}
        front = {**front, "fonts": chosen.families, "pictures": described, "print": config.print}
        files = {"handout.json": json.dumps(front, indent=1, ensure_ascii=False).encode()}
        write_folder(folder, files, listing)
        template = templates.file("handout/handout.typ").read_text(encoding="utf-8")
        typesetter = Typesetter(folder, template, Path(fonts), sources.place)
        kinds = INSTRUCTOR_KINDS if config.edition == "instructor" else KINDS
        arranged = as_pages(units_of(body), typesetter.places_of, kinds)
        pdf = typesetter.pdf_of(arranged)
    write_if_different(folder / "handout.typ", typesetter.source_of(arranged).encode())
    _remove_old(folder / "pictures", printed)
    return pdf


def _front(config: SiteConfig, contents: Contents) -> dict[str, object]:
    """The content of the title page and of the PDF's metadata."""
    count = len(contents.images)
    images = "one image" if count == 1 else f"{count or 'no'} images"
    ran = {one.entry.model for one in contents.images}
    titles = [card.title for card in contents.cards if card.name in ran]
    return front_of(
        config,
        subtitle="DETR explained, and measured on " + images,
        description="A course handout about DETR, the detection transformer",
        edition=f"{config.edition.capitalize()} edition",
        facts=[f"Model{'s' if len(titles) > 1 else ''}: {', '.join(titles)}"] if titles else [],
    )


def front_of(
    config: SiteConfig,
    *,
    subtitle: str,
    description: str,
    edition: str,
    facts: Sequence[str],
    has_title_page: bool = True,
) -> dict[str, object]:
    """What `templates/handout/handout.typ` reads of a title page and of the PDF's metadata.

    Args:
        has_title_page: whether there are a title page and a list of contents.
    """
    return {
        "title": config.title,
        "subtitle": subtitle,
        "author": config.author,
        "course": config.course,
        "description": description,
        "language": "en",
        "paper": config.paper,
        "edition": edition,
        "instructor": config.edition == "instructor",
        "facts": list(facts),
        "has_title_page": has_title_page,
    }


def _pictures(
    hypertext: Hypertext,
    written: Mapping[str, bytes],
    drawn: BuildFolder,
    folder: Path,
    sources: Sources,
) -> Mapping[str, PrintPicture]:
    """The printed form of every picture, by its path in `docs`.

    Args:
        written: drawings, and an author's own images, by their path in `docs`; all other
            pictures are on disk.
        drawn: the folder of the build in which those were drawn.
        folder: for the printed forms.

    Raises:
        PageError: one line for each picture that is missing or cannot be read.
    """
    pictures, problems = {}, []
    for path, file in hypertext.pictures.items():
        try:
            source = _best(path, drawn)
            content = written[path] if path in written else source.read_bytes()
            pictures[path] = print_picture(source, content, folder)
        except OSError:
            problems.append(
                f"{sources.place(file, path)}: the picture `{path}` is missing or cannot be read; "
                "pictures of your own go into templates/assets and are named `assets/NAME`"
            )
    if problems:
        raise PageError("\n".join(problems))
    return pictures


def _remove_old(folder: Path, pictures: Mapping[str, PrintPicture]) -> None:
    """Removes printed pictures of earlier builds that this one does not use."""
    kept = {piece.file for picture in pictures.values() for piece in picture.pieces}
    for file in folder.glob("*"):
        if file.name not in kept:
            file.unlink()


def _best(path: str, drawn: BuildFolder) -> Path:
    """The file to print a picture from: its version for print in SVG, if that fits a page.

    A figure that the site shows as tiles lies in pixels next to that version, if anywhere.
    """
    drawing = (drawn.prints / path).with_suffix(".svg")
    pixels = [one for one in (drawn.prints / path, drawn.docs / path) if one.is_file()]
    if drawing.is_file() and (not pixels or fits_a_page(drawing.read_bytes())):
        return drawing
    return pixels[0] if pixels else drawn.docs / path


def _fonts(
    hypertext: Hypertext, front: Mapping[str, object], folder: Path, own: Overlay, sources: Sources
) -> FontSet:
    """The fonts, which have every character of the text.

    Args:
        own: the folder of the author's own fonts.

    Raises:
        PageError: one line for each piece of text with characters that no font has.
    """
    named = [("site_config.yml", str(front[key])) for key in ("title", "author", "course")]
    texts = [*hypertext.texts, *named]
    chosen = gather_fonts(set().union(*(text for _, text in texts)), folder, own)
    if chosen.borrowed:
        logger.info("the PDF borrows fonts of this computer: %s", ", ".join(chosen.borrowed))
    lost = [
        (sources.place(file, text), characters)
        for file, text in texts
        if (characters := set(text) & chosen.missing)
    ]
    # A text with filled-in values has no line; it is reported only if no line has its characters.
    with_line = [(place, characters) for place, characters in lost if has_line(place)]
    reported = set().union(*(characters for _, characters in with_line))
    without_line = [
        (place, characters)
        for place, characters in lost
        if not has_line(place) and characters - reported
    ]
    if problems := [*with_line, *without_line]:
        messages = (
            f"{place}: no font has {' '.join(sorted(characters))}; put one that does, such as "
            "one of the Noto fonts, into templates/fonts"
            for place, characters in problems
        )
        raise PageError("\n".join(dict.fromkeys(messages)))
    return chosen
