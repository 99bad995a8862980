"""Everything that a build knows -> the handout's PDF: title page, chapters, pictures.

In: settings, the results of a build and its `docs` folder. Out: the PDF's bytes, and on the
disk the folder that it was typeset from. PDFs of earlier builds are left alone.
"""

from __future__ import annotations

import json
import logging
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

from generator.errors import PageError
from generator.files.write import write_folder, write_if_different
from generator.outputs.pdf.chapters import chapters_of
from generator.outputs.pdf.fonts import FontSet, gather_fonts
from generator.outputs.pdf.hypertext import Hypertext, joined
from generator.outputs.pdf.pictures import PrintPicture, fits_a_page, print_picture
from generator.outputs.pdf.typesetting import Typesetter, typst_of
from generator.outputs.pdf.units import INSTRUCTOR_KINDS, KINDS, as_pages, units_of
from generator.pages.contents import Contents
from generator.pages.render import assets_of, render_pages
from generator.project.config import SiteConfig
from generator.project.source_lines import Sources, has_line

PRINTS = "print"
"""The folder beside `docs` in which figures lie once more, drawn for print."""

NAMES = ("handout", "handout-student", "handout-instructor")
"""What a PDF is called, without its suffix: alone, or each of both editions."""

logger = logging.getLogger("generator")


def typeset_handout(config: SiteConfig, contents: Contents, docs: Path, folder: Path) -> bytes:
    """Typesets the handout of one edition.

    Args:
        contents: what the pages tell of.
        docs: where its pictures lie; the figures for print lie in `PRINTS` beside it.
        folder: where goes what the PDF is typeset from; the PDF's own name, without its suffix.

    Returns:
        The PDF, which is for the caller to write.

    Raises:
        PageError: names the file and line of what cannot be rendered or set.
    """
    sources = Sources(config)
    templates = config.templates / "handout"
    pages, settings = render_pages(config, contents, target="pdf")
    images = [f"gallery/{result.entry.slug}.md" for result in contents.results]
    whole = joined(chapters_of(pages, settings, images), sources.place)
    pictures = _pictures(whole, pages, config.templates, docs, folder / "pictures", sources)
    body = typst_of(whole.chapters, templates, sources.place_of_formula)
    front = _front(config, contents)
    with tempfile.TemporaryDirectory() as fonts:
        chosen = _fonts(whole, front, Path(fonts), config.templates / "fonts", sources)
        known = {path: asdict(picture) for path, picture in pictures.items()}
        front |= {"fonts": chosen.families, "pictures": known}
        read = {"handout.json": json.dumps(front, indent=1, ensure_ascii=False).encode()}
        write_folder(folder, read, folder.with_name(f"{folder.name}-files.json"))
        template = (templates / "handout.typ").read_text(encoding="utf-8")
        typesetter = Typesetter(folder, template, Path(fonts), sources.place)
        kinds = INSTRUCTOR_KINDS if config.edition == "instructor" else KINDS
        arranged = as_pages(units_of(body), typesetter.places_of, kinds)
        pdf = typesetter.pdf_of(arranged)
    write_if_different(folder / "handout.typ", typesetter.source_of(arranged).encode())
    _remove_old(folder / "pictures", pictures)
    return pdf


def remove_handouts(folder: Path, keep: str) -> None:
    """Removes PDFs of other editions, which may hold answers, and what they were set from.

    Args:
        keep: the name of the one that stays; "" keeps none.
    """
    for name in NAMES:
        if name != keep:
            (folder / f"{name}.pdf").unlink(missing_ok=True)
            (folder / f"{name}-files.json").unlink(missing_ok=True)
            shutil.rmtree(folder / name, ignore_errors=True)


def _front(config: SiteConfig, contents: Contents) -> dict[str, object]:
    """What stands on the title page and in the PDF's own description."""
    count = len(contents.results)
    images = "one image" if count == 1 else f"{count or 'no'} images"
    ran = {result.entry.model for result in contents.results}
    titles = [card.title for card in contents.cards if card.name in ran]
    models = ", ".join(titles)
    return {
        "title": config.title,
        "subtitle": "DETR explained, and measured on " + images,
        "author": config.author,
        "course": config.course,
        "description": "A course handout about DETR, the detection transformer",
        "language": "en",
        "paper": config.paper,
        "edition": f"{config.edition.capitalize()} edition",
        "instructor": config.edition == "instructor",
        "facts": [f"Model{'s' if len(titles) > 1 else ''}: {models}"] if titles else [],
    }


def _pictures(
    whole: Hypertext,
    pages: Mapping[str, str],
    templates: Path,
    docs: Path,
    folder: Path,
    sources: Sources,
) -> Mapping[str, PrintPicture]:
    """The printed form of every picture, by its path in `docs`.

    Args:
        pages: diagrams among them are taken from here, an author's own pictures from
            `templates/assets`, all others from the disk.

    Raises:
        PageError: one line for each that is missing or cannot be read.
    """
    pictures, problems = {}, []
    written = {path: page.encode() for path, page in pages.items()} | assets_of(templates)
    for path, file in whole.pictures.items():
        try:
            source = _best(path, docs)
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
    """Removes what earlier builds printed and this one does not."""
    kept = {piece.file for picture in pictures.values() for piece in picture.pieces}
    for file in folder.glob("*"):
        if file.name not in kept:
            file.unlink()


def _best(path: str, docs: Path) -> Path:
    """The file to print a picture from: a drawing of it that was made for print, if that fits."""
    drawing = (docs.parent / PRINTS / path).with_suffix(".svg")
    is_best = drawing.is_file() and fits_a_page(drawing.read_bytes())
    return drawing if is_best else docs / path


def _fonts(
    whole: Hypertext, front: Mapping[str, object], folder: Path, own: Path, sources: Sources
) -> FontSet:
    """The fonts, which have every sign of the text.

    Args:
        own: where authors put fonts of theirs.

    Raises:
        PageError: one line for each piece of text with signs that no font has.
    """
    named = [("site_config.yml", str(front[key])) for key in ("title", "author", "course")]
    texts = [*whole.texts, *named]
    chosen = gather_fonts(set().union(*(text for _, text in texts)), folder, own)
    if chosen.borrowed:
        logger.info("the PDF borrows fonts of this computer: %s", ", ".join(chosen.borrowed))
    lost = [
        (sources.place(file, text), signs)
        for file, text in texts
        if (signs := set(text) & chosen.missing)
    ]
    # A text that values were filled into has no line; it is told only if no other says the same.
    lines = [one for one in lost if has_line(one[0])]
    known = set().union(*(signs for _, signs in lines))
    if problems := [*lines, *(one for one in lost if not has_line(one[0]) and one[1] - known)]:
        told = (
            f"{place}: no font has {' '.join(sorted(signs))}; put one that does, such as one of "
            "the Noto fonts, into templates/fonts"
            for place, signs in problems
        )
        raise PageError("\n".join(dict.fromkeys(told)))
    return chosen
